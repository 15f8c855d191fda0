"""One failure told in full: the input, what came back, what is right, and what the flags warn of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from softmax_ref.conformance.adapters import dtype_of
from softmax_ref.conformance.failures import Failure, case_failure
from softmax_ref.conformance.judge import Verdict, judge
from softmax_ref.conformance.smallest import arguments_of, component_rows
from softmax_ref.corpus import Case
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES

__all__ = ["explain_case", "explain_flags", "explain_promises", "failure_of"]

COMPONENTS = 6
"""Components shown of a result, the worst first."""


def explain_case(verdict: Verdict, failure: Failure, level: str) -> str:
    """Return the text of a failed case; where its values are right, of what was wrong with the call alone."""
    components = list(_components(verdict, level))
    flags = failure.flags if components or not verdict.problems else [flag for flag, _ in verdict.problems]
    lines = [f"{_summary(failure)}: {verdict.case.comment}", f"  {arguments_of(verdict.case)}", *components]
    return "\n".join([*lines, *explain_flags(flags)])


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


def _components(verdict: Verdict, level: str) -> Iterator[str]:
    excess = verdict.excess(level) if len(verdict.error) else verdict.error
    worst, rows = (
        sorted(np.flatnonzero(excess > 1).tolist(), key=lambda n: (-excess[n], n)),
        list(component_rows(verdict, level)),
    )
    for place, got, right, error, allowed in (rows[n] for n in worst[:COMPONENTS]):
        yield f"  at ({place}): got {got}, right {right}, off by {error} ulp, allowed {allowed} ({level})"
    if len(worst) > COMPONENTS:
        yield f"  ... and {len(worst) - COMPONENTS} more of {len(excess)} components"


def failure_of(result, case: Case, level: str) -> str | None:
    """Return why a result fails a case, or None."""
    verdict = judge(lambda *arrays, **keywords: result, case, dtype_of(case.format))
    return None if verdict.passes(level) else explain_case(verdict, case_failure(verdict, level), level)
