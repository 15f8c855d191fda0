"""The verdict on one case: every component against its bound, or the outcome of a policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from softmax_ref.conformance.adapters import Answer, arguments, ask
from softmax_ref.corpus import Case

__all__ = ["LEVELS", "Verdict", "excess", "judge", "judge_answer", "telling"]

LEVELS = ("tight", "standard")
"""Pass marks, the strict one first."""


@dataclass(frozen=True)
class Verdict:
    """What a case says of an implementation.

    Attributes
    ----------
    case : Case
        The case.
    problems : tuple of (flag, text)
        What was wrong apart from the values.
    got, error : ndarray
        The stored components as computed, and their errors in ulp.
    outcomes : frozenset of str
        For a policy case, the accepted outcomes that the result agrees with.
    flushed, gradual : ndarray of bool
        Components where a subnormal result became 0; where it was kept and 0 would have failed.
    skipped : str or None
        Why the case was not judged: it is neither passed nor failed.
    """

    case: Case
    problems: tuple[tuple[str, str], ...] = ()
    got: np.ndarray = field(default_factory=lambda: np.zeros(0))
    error: np.ndarray = field(default_factory=lambda: np.zeros(0))
    outcomes: frozenset[str] = frozenset()
    flushed: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    gradual: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    skipped: str | None = None

    def excess(self, level: str) -> np.ndarray:
        """Return error / allowed error of each component; more than 1 fails, the correctly rounded value never does."""
        return excess(self.case, level, self.got, self.error)

    def passes(self, level: str) -> bool:
        """Whether the case is judged and passed at a level, flushed subnormal results aside."""
        if self.problems or self.skipped is not None:
            return False
        if self.case.policy:
            return bool(self.outcomes)
        return bool((self.excess(level) <= 1)[~self.flushed].all())


def judge(fn: Callable, case: Case, dtype: np.dtype) -> Verdict:
    """Run one case and judge it."""
    return judge_answer(case, ask(fn, case, arguments(case, dtype)))


def judge_answer(case: Case, answer: Answer) -> Verdict:
    """Judge what an implementation answered to a case."""
    if answer.result is None:
        return Verdict(case, answer.problems)
    got = answer.values(case.at)
    if case.policy:
        named = {name: _errors(case, got, values, case.offsets) for name, values in case.outcomes.items()}
        agreeing = frozenset(
            name
            for name, error in named.items()
            if (excess(case, "standard", got, error, want=case.outcomes[name]) <= 1).all()
        )
        nearest = min(named.values(), key=lambda error: np.max(error))
        return Verdict(case, answer.problems, got, nearest, agreeing)
    error = _errors(case, got, case.values, case.offsets)
    tells = telling(case)
    flushed = tells & (got == 0) & (error > case.tolerances["standard"])
    return Verdict(case, answer.problems, got, error, frozenset(), flushed, tells & (got != 0))


def excess(case: Case, level: str, got: np.ndarray, error: np.ndarray, at=slice(None), want=None) -> np.ndarray:
    """Return error / allowed error of results that stand for the stored components `at`, or for the outcome `want`."""
    allowed, want = case.tolerances[level][at], case.values[at] if want is None else want
    far = np.isinf(allowed)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = error / allowed
        if far.any():
            ratio = np.where(far, np.abs(got - want) / case.reaches[level][at], ratio)
    ratio = np.where(np.isnan(ratio) | np.isinf(error) & ~far, np.inf, ratio)
    return np.where((got == want) | (error == 0), 0.0, ratio)


def _errors(case: Case, got: np.ndarray, want: np.ndarray, offsets) -> np.ndarray:
    return case.format.error(got, want, offsets)


def telling(case: Case) -> np.ndarray:
    """Say where a result is subnormal and 0 in its place would be out of bounds."""
    size = np.abs(case.values)
    subnormal = (size > 0) & (size < 2.0**case.format.emin)
    if not subnormal.any():
        return subnormal
    return subnormal & (_errors(case, np.zeros(len(size)), case.values, case.offsets) > case.tolerances["standard"])
