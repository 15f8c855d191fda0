"""What a piece of a check tells, and into which pieces the array contract is divided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from softmax_ref.conformance.failures import Failure, broken_promise
from softmax_ref.conformance.promises import Finding
from softmax_ref.corpus import load

__all__ = ["Told", "kind_of", "kinds_of", "told_of"]

PLAIN = ("raises", "dtype-changed", "shape-changed", "input-overwritten")
"""What any call may do wrong: where no promise is broken in this way, all is well."""
PROMISES = (
    "not-repeatable",
    "result-aliased",
    "memory-layout",
    "axis",
    "row-mixing",
    "empty-array",
    "zero-dimensional",
)
OTHERS = "other-promises"


@dataclass(frozen=True)
class Told:
    """What a piece of a check tells.

    Attributes
    ----------
    failures : dict of str to Failure or None
        For each case or promise by its id: how it failed, or None.
    skipped : str or None
        Why nothing was judged; never a pass.
    """

    failures: dict[str, Failure | None] = field(default_factory=dict)
    skipped: str | None = None


def kinds_of(function: str, fmt: str) -> tuple[str, ...]:
    """Return the kinds of promises that are asked of a function in a format, whatever the implementation does."""
    cases = load(function, fmt)
    labels = ("label-type", "label-out-of-range") if any("labels" in case.record["inputs"] for case in cases) else ()
    parameters = ("parameter",) if any(case.record["parameters"] for case in cases) else ()
    wide = {"binary64": ("byte-order", "other-dtype"), "binary32": ("byte-order",)}.get(fmt, ())
    return (*PLAIN, *PROMISES, *wide, *labels, *parameters, OTHERS)


def kind_of(finding: Finding, function: str, fmt: str) -> str:
    """Return the kind that a finding is told under."""
    return finding.flag if finding.flag in kinds_of(function, fmt) else OTHERS


def told_of(findings: Iterable[Finding], fmt: str, kind: str) -> Told:
    """Tell of the findings of one kind; where all are refused or none is asked, nothing was judged."""
    findings = list(findings)
    failures = {
        f"contract/{fmt}/{f.name}": broken_promise(f, fmt) if f.state == "broken" else None
        for f in findings
        if f.state != "refused"
    }
    if failures or (not findings and kind in (*PLAIN, OTHERS)):
        return Told(failures)
    return Told(skipped=f"refused: {findings[0].text}" if findings else "not asked of this implementation")
