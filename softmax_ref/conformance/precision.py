"""Is everything computed in fewer digits? The same answers, judged by the bound of a narrower working format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from softmax_ref.conformance.adapters import Answer
from softmax_ref.conformance.declared import WORKING_FORMATS, Declaration
from softmax_ref.conformance.judge import Verdict, judge_answer
from softmax_ref.formats import Format, get_format

if TYPE_CHECKING:
    from softmax_ref.conformance.report import FormatResult, Report

__all__ = ["computed_in"]

SHARE = 5
"""One in so many failures has to pass: the rest may lie outside of what a narrow format can bound."""

FEWEST = min(get_format(name).precision for name in WORKING_FORMATS)
"""In formats of 8 bits there is no bound for a computation in themselves, and failures tell nothing here."""


def computed_in(report: Report) -> dict[str, list[tuple[str, int, int]]]:
    """Return the working formats whose bounds a report keeps wherever it fails the usual ones.

    Returns
    -------
    dict of str to list of (format, failures that pass, failures)
        By working format: the format of the inputs itself or else the widest one by which at least a fifth of what
        fails passes, and none fails. Empty if any format fails in another way.
    """
    found: dict[str, list[tuple[str, int, int]]] = {}
    for result in report.judged if report.declaration is None else ():
        failed = [v for v in result.judged if not v.passes(report.require)]
        if failed and result.format.precision >= FEWEST:
            told = ((work, _excused(result, failed, work, report.require)) for work in _narrower(result.format))
            work, excused = next(((w, n) for w, n in told if SHARE * n >= len(failed)), (None, 0))
            if work is None:
                return {}
            found.setdefault(work.name, []).append((result.format.name, excused, len(failed)))
    return found


def _narrower(fmt: Format) -> list[Format]:
    """Return the working formats with fewer digits than the usual one, that of the inputs first."""
    usual = max(fmt.precision, get_format("binary32").precision)
    narrower = [w for w in map(get_format, WORKING_FORMATS) if w.precision < usual]
    return sorted(narrower, key=lambda w: w != fmt)


def _excused(result: FormatResult, failed: list[Verdict], work: Format, level: str) -> int:
    """Return how many failures pass by the bounds of a working format; 0 if any fails by them too.

    What is computed in fewer digits gives numbers of fewer digits: a mild fault of another kind does not.
    """
    wider = result.format.precision > work.precision
    if wider and not all(np.array_equal(work.cast(v.got), v.got, equal_nan=True) for v in result.judged):
        return 0
    declaration = Declaration(work)
    passed = [_passes(declaration, verdict, level) for verdict in _until_false(declaration, failed, level)]
    return passed.count(True) if len(passed) == len(failed) else 0


def _until_false(declaration: Declaration, verdicts: list[Verdict], level: str) -> Iterator[Verdict]:
    """Yield verdicts until one fails: most failures are of another kind, and the first tells so."""
    for verdict in verdicts:
        if _passes(declaration, verdict, level) is False:
            return
        yield verdict


def _passes(declaration: Declaration, verdict: Verdict, level: str) -> bool | None:
    """Whether an answer passes by the bound of a declaration; None where that does not judge it."""
    case = declaration.of(verdict.case)
    if isinstance(case, str):
        return None
    if verdict.problems or not len(verdict.got):
        return False
    result = np.zeros(case.shape)
    result.ravel()[case.at] = verdict.got
    return judge_answer(case, Answer(result)).passes(level)
