"""One failure told in full: the input, what came back, what is right, and what the flags warn of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from softmax_ref.conformance.adapters import dtype_of
from softmax_ref.conformance.failures import Failure, case_failure
from softmax_ref.conformance.judge import Verdict, judge
from softmax_ref.corpus import Case
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES

__all__ = ["explain_case", "explain_flags", "explain_promises", "failure_of"]

ENTRIES = 12
"""Numbers shown of an array."""
COMPONENTS = 6
"""Components shown of a result, the worst first."""
DIGITS = {53: 17, 24: 9}
"""Enough to tell any two numbers of a format apart, by precision; 6 in all others."""


def explain_case(verdict: Verdict, failure: Failure, level: str) -> str:
    """Return the text of a failed case."""
    case = verdict.case
    lines = [f"{_summary(failure)}: {case.comment}", *_inputs(case)]
    if len(verdict.error):
        lines += _outcomes(case, verdict) if case.policy else _components(verdict, level)
    return "\n".join([*lines, *explain_flags(failure.flags)])


def explain_promises(failures: Iterable[Failure]) -> str:
    """Return the text of broken promises."""
    failures = list(failures)
    flags = dict.fromkeys(flag for failure in failures for flag in failure.flags)
    return "\n".join([*(f"{failure.case}: {failure.reason}" for failure in failures), *explain_flags(flags)])


def explain_flags(flags: Iterable[str]) -> list[str]:
    """Return a line for each flag: the kind of bug, its effect, and how to mend it."""
    notes = NOTES | CONTRACT_NOTES
    return [
        f"  {flag}: {notes[flag]['bug']}; {notes[flag]['effect']}. To mend it: {notes[flag]['fix']}"
        for flag in flags
        if flag in notes
    ]


def _summary(failure: Failure) -> str:
    if failure.reason or failure.error is None:
        return failure.reason
    return f"off by {failure.error:.3g} ulp, allowed {failure.allowed:.3g}"


def _inputs(case: Case) -> Iterator[str]:
    for name, x in case.inputs.items():
        yield f"  {name} = {_array(x, case)}"
    along = {} if case.axis is None else {"axis": case.axis}
    for name, value in (along | case.parameters).items():
        yield f"  {name} = {value:g}"


def _array(x: np.ndarray, case: Case) -> str:
    flat = x.ravel()
    texts = [_number(v, case) if x.dtype.kind == "f" else str(v) for v in flat[:ENTRIES].tolist()]
    more = ["..."] if flat.size > ENTRIES else []
    shape = "" if x.ndim == 1 and not more else f" in shape {x.shape}"
    return f"[{', '.join(texts + more)}]{shape}"


def _number(value: float, case: Case) -> str:
    return f"{value:.{DIGITS.get(case.format.precision, 6)}g}"


def _components(verdict: Verdict, level: str) -> Iterator[str]:
    case, excess = verdict.case, verdict.excess(level)
    wrong = np.flatnonzero(excess > 1) if (excess > 1).any() else np.arange(len(excess))
    worst = sorted(wrong.tolist(), key=lambda n: (-excess[n], n))
    for n in worst[:COMPONENTS]:
        place = ", ".join(str(int(i)) for i in np.unravel_index(int(case.at[n]), case.shape))
        got, right = _number(verdict.got[n], case), case.record["expected"]["decimal"][n]
        allowed = case.record["tol"][level][n]
        yield f"  at ({place}): got {got}, right {right}, off by {verdict.error[n]:.4g} ulp, allowed {allowed} ({level})"
    if len(worst) > COMPONENTS:
        yield f"  ... and {len(worst) - COMPONENTS} more of {len(excess)} components"


def _outcomes(case: Case, verdict: Verdict) -> Iterator[str]:
    yield f"  got {_array(verdict.got, case)}"
    for name, values in case.outcomes.items():
        yield f"  {case.policy} = {name}: {_array(values, case)}"


def failure_of(result, case: Case, level: str) -> str | None:
    """Return why a result fails a case, or None."""
    verdict = judge(lambda *arrays, **keywords: result, case, dtype_of(case.format))
    return None if verdict.passes(level) else explain_case(verdict, case_failure(verdict, level), level)
