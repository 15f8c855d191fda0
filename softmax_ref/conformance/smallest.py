"""The smallest failing case, shown whole: what went in, what came out, what is right and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from softmax_ref.conformance.judge import Verdict
from softmax_ref.corpus import Case

if TYPE_CHECKING:
    from softmax_ref.conformance.report import Report

__all__ = ["arguments_of", "component_rows", "smallest_failure"]

DIGITS = {53: 17, 24: 9, 11: 5, 8: 4}
"""Enough to tell any two numbers of a format apart, by precision; 3 in all others."""
MOST = 64
"""Longer inputs are stored as recipes, and their beginning is shown."""


def smallest_failure(report: Report) -> Verdict | None:
    """Return the failed case with the fewest numbers, one with a result before one without."""
    failed = {failure.case for failure in report.failures}
    verdicts = [v for r in report.judged for v in r.judged if v.case.id in failed]
    return min(verdicts, key=_size, default=None)


def _size(verdict: Verdict) -> tuple[bool, int, int, int]:
    entries = sum(x.size for x in verdict.case.inputs.values())
    return not len(verdict.got), entries, len(verdict.case.at), len(arguments_of(verdict.case))


def arguments_of(case: Case) -> str:
    """Return the arguments of a case as text."""
    along = {} if case.axis is None else {"axis": case.axis}
    further = [f"{name} = {value:g}" for name, value in (along | case.parameters).items()]
    return ", ".join([*(f"{name} = {_array(x, case)}" for name, x in case.inputs.items()), *further])


def _array(x: np.ndarray, case: Case) -> str:
    if x.size > MOST:
        beginning = ", ".join(_number(v, case) for v in x.ravel()[:MOST].tolist())
        return f"[{beginning}, ...] in shape {x.shape}"
    return _nested(x.tolist(), case)


def _nested(x, case: Case) -> str:
    return f"[{', '.join(_nested(one, case) for one in x)}]" if isinstance(x, list) else _number(x, case)


def _number(x, case: Case) -> str:
    return f"{x:.{DIGITS.get(case.format.precision, 3)}g}" if isinstance(x, float) else str(x)


def component_rows(verdict: Verdict, level: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield place, result, right value, error and allowed error in ulp of each component."""
    case = verdict.case
    for n, flat in enumerate(case.at.tolist() if len(verdict.got) else []):
        place = ",".join(str(int(i)) for i in np.unravel_index(flat, case.shape))
        right = " or ".join(dict.fromkeys(_number(float(x[n]), case) for x in case.outcomes.values()))
        right = right or case.record["expected"]["decimal"][n]
        error, allowed = float(verdict.error[n]), float(case.tolerances[level][n])
        yield place, _number(float(verdict.got[n]), case), right, f"{error:.3g}", f"{allowed:.3g}"
