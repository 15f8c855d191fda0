"""The gates: every fault is caught and named, every control passes, every bug of the museum is accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache

from softmax_ref.conformance.adapters import dtype_of
from softmax_ref.conformance.failures import case_failure
from softmax_ref.conformance.judge import Verdict, judge
from softmax_ref.corpus import load
from softmax_ref.faults.catalogue import Control, Fault, controls, faults
from softmax_ref.formats import get_format

__all__ = ["Catch", "alarms", "catch", "in_parallel", "place", "witnessed"]

SURE = 1.5
"""A case is recorded where the error is this many times the bound: another processor's exp moves it a little."""
CLEAR = 3.0
"""What fails by this much, and is not recorded, shows that the record is old."""


@dataclass(frozen=True)
class Catch:
    """What the corpus says of a fault in one format.

    Attributes
    ----------
    fault : Fault
        Which fault.
    format : str
        Which format, or "integer".
    excess : dict of str to float
        Where it fails (``family/slug``, ``contract/promise`` or ``policy/question``), and by which multiple
        of the bound.
    named : bool
        Whether a failure carries the flag of the fault.
    """

    fault: Fault
    format: str
    excess: dict[str, float]
    named: bool

    def beyond(self, multiple: float) -> tuple[str, ...]:
        """Return the places where it fails by this multiple of the bound."""
        return tuple(sorted(name for name, excess in self.excess.items() if excess >= multiple))

    @property
    def sure(self) -> tuple[str, ...]:
        """Where it fails on every processor."""
        return self.beyond(SURE)

    def agrees(self, recorded: tuple[str, ...]) -> bool:
        """Whether a record of this catch is up to date, whatever processor it was made on."""
        return set(self.beyond(CLEAR)) <= set(recorded) <= set(self.excess)


def place(case: str) -> str:
    """Return where a failure is, without function and format."""
    first, *rest = case.split("/")
    return {"contract": "/".join([first, *rest[1:]]), "policy": case}.get(first, "/".join(rest[1:]))


def catch(fault: Fault, fmt: str) -> Catch:
    """Judge a fault in one format."""
    failures = fault.check(fmt).failures
    excess: dict[str, float] = {}
    for failure in failures:
        where = place(failure.case)
        excess[where] = max(excess.get(where, 0.0), failure.excess)
    return Catch(fault, fmt, excess, any(fault.flag in failure.flags for failure in failures))


def witnessed(fault: Fault, fmt: str, recorded: tuple[str, ...]) -> bool:
    """Whether a recorded case still catches a fault and names it, which is cheaper to see than a whole check.

    Parameters
    ----------
    fault, fmt
        Which fault, in which format.
    recorded : tuple of str
        The places that the table has for them.
    """
    dtype = None if fmt == "integer" else dtype_of(get_format(fmt))
    if dtype is None:
        return False
    cases = [case for case in load(fault.function, fmt) if place(case.id) in recorded and fault.flag in case.flags]
    return any(_surely_fails(judge(fault.make(), case, dtype), fault.level) for case in cases[:3])


def _surely_fails(verdict: Verdict, level: str) -> bool:
    return not verdict.passes(level) and case_failure(verdict, level).excess >= SURE


def alarms(control: Control) -> list[str]:
    """Return the failures of a control, which should have none, and the formats where nothing was judged."""
    found = []
    for fmt in control.formats:
        report = control.check(fmt)
        found += [f"{fmt}: {failure.case}" for failure in report.failures]
        found += [] if report.told else [f"{fmt}: nothing was judged"]
    return found


def in_parallel(entries: Iterable[Fault | Control], jobs: int | None = None) -> Iterator[list]:
    """Yield what the gate says of each entry: the catches of a fault, the alarms of a control.

    Parameters
    ----------
    entries : iterable of Fault or Control
        What to judge; the results come in this order.
    jobs : int, optional
        Number of processes. Default: one for each processor.
    """
    entries = list(entries)
    with ProcessPoolExecutor(jobs) as pool:
        for entry, found in zip(entries, pool.map(_gate, [e.name for e in entries], chunksize=4), strict=True):
            yield found if isinstance(entry, Control) else [Catch(entry, *fields) for fields in found]


def _gate(name: str) -> list:
    """Judge an entry by its name: implementations cannot travel between processes, names and numbers can."""
    entry = _by_name()[name]
    if isinstance(entry, Control):
        return alarms(entry)
    return [(c.format, c.excess, c.named) for c in (catch(entry, fmt) for fmt in entry.formats)]


@cache
def _by_name() -> dict[str, Fault | Control]:
    return {entry.name: entry for entry in (*faults(), *controls())}
