"""What a piece of a check tells, and into which pieces the array contract is divided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from softmax_ref.conformance.failures import Failure, broken_promise
from softmax_ref.conformance.promises import Finding
from softmax_ref.corpus import load

__all__ = ["Told", "kinds_of", "told_of", "told_of_all"]

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
BROAD = ("memory-layout", "row-mixing")
"""Where these are asked, so is the whole contract."""
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


def told_of(findings: Iterable[Finding], function: str, fmt: str, kind: str) -> Told:
    """Tell of the findings of one kind; where all are refused or nothing is asked, nothing was judged."""
    findings, kinds = list(findings), kinds_of(function, fmt)
    mine = [f for f in findings if kind == (f.flag if f.flag in kinds else OTHERS)]
    told = told_of_all(mine, fmt)
    if told.skipped and not mine and kind in (*PLAIN, OTHERS) and any(f.flag in BROAD for f in findings):
        return Told()
    return told


def told_of_all(findings: Iterable[Finding], fmt: str) -> Told:
    """Tell of findings; where all are refused, nothing was judged."""
    findings = list(findings)
    failures = {
        f"contract/{fmt}/{f.name}": broken_promise(f, fmt) if f.state == "broken" else None
        for f in findings
        if f.state != "refused"
    }
    if failures:
        return Told(failures)
    return Told(skipped=f"refused: {findings[0].text}" if findings else "not asked of this implementation")
