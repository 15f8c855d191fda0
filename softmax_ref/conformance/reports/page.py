"""A page in one file: no other file is loaded, no address of the network is in it."""

from __future__ import annotations

from collections.abc import Sequence

from softmax_ref.conformance.failures import Failure
from softmax_ref.conformance.report import FormatResult, Report
from softmax_ref.conformance.reports import charts
from softmax_ref.conformance.reports.legible import legible
from softmax_ref.conformance.reports.markdown import verdict
from softmax_ref.conformance.reports.reproduce import promise_snippet, snippet
from softmax_ref.conformance.reports.templating import environment
from softmax_ref.conformance.reports.whole import whole
from softmax_ref.conformance.smallest import smallest_failure
from softmax_ref.corpus import Case

__all__ = ["to_html"]

SHOWN = 100
"""Failures with numbers and failures without that are listed for a function; all are in the JSON."""


def to_html(plain: dict, reports: Sequence[Report]) -> str:
    """Return a document of `reports.document` and the reports it was made of as one HTML file."""
    filled = environment()
    filled.filters |= {"short": _short, "size": _size, "at": _at}
    sections = [_section(part, report) for part, report in zip(plain["reports"], reports, strict=True)]
    return filled.get_template("page.html.j2").render(
        plain=plain,
        sections=sections,
        shown=SHOWN,
        charts=charts,
        infinity=float("inf"),
    )


def _section(part: dict, report: Report) -> dict:
    smallest = smallest_failure(report)
    cases = {v.case.id: v.case for r in report.judged for v in r.judged}
    measured = [f for f in report.failures if f.component is not None]
    seen = [f for f in report.failures if f.component is None]
    rows = [_row(n, f, cases, report) for n, f in enumerate(measured[:SHOWN] + seen[:SHOWN])]
    return {
        "verdict": verdict(part),
        "measured": rows[: len(measured[:SHOWN])],
        "seen": rows[len(measured[:SHOWN]) :],
        "counts": {"measured": len(measured), "seen": len(seen)},
        "again": [row for row in rows if row["snippet"]],
        "smallest": smallest and whole(smallest, report.require),
        "figures": [_figure(r, report.require) for r in report.judged if r.judged],
        "skipped": [case for case in part["cases"] if case["result"] in ("skipped", "expected")],
    }


def _row(place: int, failure: Failure, cases: dict[str, Case], report: Report) -> dict:
    case = cases.get(failure.case)
    return {
        "place": place,
        "failure": failure,
        "reason": legible(failure.reason),
        "format": case and case.format.name,
        "comment": case and case.comment,
        "snippet": _snippet(failure, case, report),
    }


def _snippet(failure: Failure, case: Case | None, report: Report) -> str | None:
    if case is not None:
        return snippet(report, case, failure.component)
    return promise_snippet(report, failure.case) if failure.case.startswith("contract/") else None


def _figure(result: FormatResult, level: str) -> dict:
    return {
        "format": result.format.name,
        "bins": charts.histogram(result, level),
        "cloud": charts.cloud(result, level),
    }


def _short(x: float | str | None) -> str:
    return "" if x is None else f"{float(x):.9g}"


def _size(x: float | str | None) -> str:
    return "" if x is None else f"{float(x):.4g}"


def _at(component: Sequence[int]) -> str:
    return ", ".join(map(str, component)) or "()"
