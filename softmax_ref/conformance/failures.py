"""What failed: one record for a case or a broken promise, and which flags tell most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from softmax_ref.conformance.contract import Finding
from softmax_ref.conformance.judge import Verdict

__all__ = ["Failure", "broken_promise", "case_failure", "one_of", "policy_failure", "ranked_flags"]

MANY = 0.4
PLAIN = (
    *("raises", "dtype-changed", "shape-changed", "input-overwritten", "result-aliased"),
    *(
        "working-precision",
        "low-precision-sum",
        "gradient-sign",
        "gradient-scale",
        "epsilon",
        "axis",
        "gradient-transposed",
    ),
    *("row-mixing", "clipped-input", "ties"),
)
"""What explains a failure of everything, the plainest first."""


@dataclass(frozen=True)
class Failure:
    """One failed case or broken promise.

    Attributes
    ----------
    case : str
        Id of the case, or ``contract/format/promise``.
    component : tuple of int or None
        Index of the worst component in the result.
    got, expected : float or None
        That component as computed, and correctly rounded.
    error, allowed : float or None
        Its error and its bound, in ulp of the format.
    flags : tuple of str
        What could be wrong; explained in the notes of the corpus.
    reason : str
        What was seen, in words.
    """

    case: str
    flags: tuple[str, ...]
    reason: str = ""
    component: tuple[int, ...] | None = None
    got: float | None = None
    expected: float | None = None
    error: float | None = None
    allowed: float | None = None

    @property
    def excess(self) -> float:
        """error / allowed; infinite where nothing is allowed."""
        if self.error is None or not np.isfinite(self.error):
            return float("inf")
        return self.error / self.allowed if self.allowed else float("inf")


def case_failure(verdict: Verdict, level: str, reason: str = "") -> Failure:
    """Return the failure of a case, with its worst component where there are values."""
    case = verdict.case
    flags = tuple(dict.fromkeys([flag for flag, _ in verdict.problems] + list(case.flags)))
    reason = "; ".join(text for _, text in verdict.problems) or reason
    if verdict.problems and (not len(verdict.error) or (verdict.excess(level) <= 1).all()):
        return Failure(case.id, flags, reason)
    if case.policy and not verdict.outcomes:
        reason = f"agrees with none of {', '.join(case.outcomes)}"
    worst = int(np.argmax(verdict.excess(level)))
    return Failure(
        case.id,
        flags,
        reason,
        component=tuple(int(n) for n in np.unravel_index(int(case.at[worst]), case.shape)),
        got=float(verdict.got[worst]),
        expected=float(case.values[worst]),
        error=float(verdict.error[worst]),
        allowed=float(case.tolerances[level][worst]),
    )


def one_of(outcomes: Iterable[str]) -> str:
    """Return outcomes as a phrase."""
    return " or ".join(sorted(outcomes))


def policy_failure(case: str, reason: str, flags: tuple[str, ...] = ("subnormal-result",)) -> Failure:
    """Return the failure of a policy: contradicted, or answered in two ways."""
    return Failure(case, flags, reason)


def broken_promise(finding: Finding, fmt: str) -> Failure:
    """Return the failure of a promise of the array contract."""
    return Failure(f"contract/{fmt}/{finding.name}", (finding.flag,), finding.text)


def ranked_flags(failures: list[Failure], verdicts: list[Verdict], level: str) -> list[tuple[str, int, int]]:
    """Return (flag, failed cases, all cases) for each flag among the failures, the most telling first.

    A flag tells much when many of its cases fail and few of them pass. Where most cases fail, every flag
    does, and the plainest explanation comes first.
    """
    everywhere = Counter(flag for v in verdicts for flag in v.case.flags)
    failed = Counter(flag for f in failures for flag in f.flags)
    rows = [(flag, count, max(everywhere[flag], count)) for flag, count in failed.items()]
    most_fail = sum(not v.passes(level) for v in verdicts) > MANY * len(verdicts)

    def telling(row):
        flag, count, total = row
        plain = most_fail and count == total and flag in PLAIN
        return (PLAIN.index(flag) if plain else len(PLAIN), -(count**2) / total, flag)

    return sorted(rows, key=telling)
