"""A page in one file: no other file is loaded, no address of the network is in it."""

from __future__ import annotations

from collections.abc import Sequence

from softmax_ref.conformance.failures import Failure
from softmax_ref.conformance.judge import Verdict
from softmax_ref.conformance.report import FormatResult, Report
from softmax_ref.conformance.reports import charts
from softmax_ref.conformance.reports.markdown import verdict
from softmax_ref.conformance.reports.reproduce import snippet
from softmax_ref.conformance.reports.templating import environment
from softmax_ref.conformance.reports.whole import whole
from softmax_ref.conformance.smallest import smallest_failure

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
    verdicts = {v.case.id: v for r in report.judged for v in r.judged}
    smallest = smallest_failure(report)
    measured = [f for f in report.failures if f.component is not None]
    return {
        "verdict": verdict(part),
        "measured": [_measured(f, verdicts[f.case], report) for f in measured[:SHOWN]],
        "count": len(measured),
        "seen": [f for f in part["failures"] if f["component"] is None],
        "smallest": smallest and whole(smallest, report.require),
        "figures": [_figure(r, report.require) for r in report.judged if r.judged],
        "skipped": [case for case in part["cases"] if case["result"] in ("skipped", "expected")],
    }


def _measured(failure: Failure, verdict: Verdict, report: Report) -> dict:
    return {
        "failure": failure,
        "format": verdict.case.format.name,
        "comment": verdict.case.comment,
        "snippet": snippet(report, verdict.case, failure.component),
    }


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
