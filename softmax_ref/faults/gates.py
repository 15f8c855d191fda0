"""Three gates: every fault is caught, every control passes, and the catches differ enough to tell faults apart."""

from __future__ import annotations

from dataclasses import dataclass

from softmax_ref.conformance import Failure
from softmax_ref.faults.catalogue import Control, Fault

__all__ = ["Catch", "alarms", "catch"]

SURE = 1.5
"""A case is recorded where the error is this many times the bound: another processor's exp moves it a little."""


@dataclass(frozen=True)
class Catch:
    """What the corpus says of a fault in one format.

    Attributes
    ----------
    fault : Fault
        Which fault.
    format : str
        Which format, or "integer".
    failures : list of Failure
        The failed cases and broken promises.
    """

    fault: Fault
    format: str
    failures: list[Failure]

    @property
    def named(self) -> bool:
        """Whether a failure carries the flag of the fault."""
        return any(self.fault.flag in failure.flags for failure in self.failures)

    @property
    def cases(self) -> tuple[str, ...]:
        """Where it fails: ``family/slug``, ``contract/promise`` or ``policy/question``."""
        return tuple(sorted(place(f.case) for f in self.failures))

    @property
    def sure(self) -> tuple[str, ...]:
        """Where it fails on every processor."""
        return tuple(sorted(place(f.case) for f in self.failures if f.excess >= SURE))


def place(case: str) -> str:
    """Return where a failure is, without function and format."""
    parts = case.split("/")
    return "/".join([parts[0], *parts[2:]] if parts[0] == "contract" else parts if parts[0] == "policy" else parts[2:])


def catch(fault: Fault, fmt: str) -> Catch:
    """Judge a fault in one format."""
    return Catch(fault, fmt, fault.check(fmt).failures)


def alarms(control: Control) -> list[str]:
    """Return the failures of a control that should have none; also a format where nothing was judged."""
    found = []
    for fmt in control.formats:
        report = control.check(fmt)
        found += [f"{fmt}: {failure.case}" for failure in report.failures]
        found += [] if report.told else [f"{fmt}: nothing was judged"]
    return found
