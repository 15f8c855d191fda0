"""What a check found, in the form that somebody reads: a person, a program, a service that runs tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from softmax_ref.conformance.reports.document import document, to_json

if TYPE_CHECKING:
    from softmax_ref.conformance.report import Report

__all__ = ["REPORT_FORMATS", "document", "render", "to_json"]

REPORT_FORMATS = ("terminal", "json", "junit", "markdown", "html")
"""No float format has one of these names."""


def render(
    reports: Sequence[Report],
    format: str = "terminal",
    *,
    width: int = 120,
    colour: bool = False,
    date: str | None = None,
) -> str:
    """Return reports as text, which ends with a newline.

    Parameters
    ----------
    reports : sequence of Report
        One for each function of one implementation.
    format : {"terminal", "json", "junit", "markdown", "html"}
        The form; `html` needs the package jinja2.
    width : int
        Columns of a terminal.
    colour : bool
        Whether the verdicts are in colour on a terminal; `reports.terminal.colours` says whether one wants that.
    date : str, optional
        When it was judged, for JSON and HTML. Without it the same run gives the same bytes.

    Raises
    ------
    ValueError
        There is no such form.
    ModuleNotFoundError
        The page needs jinja2.
    """
    if format not in REPORT_FORMATS:
        raise ValueError(f"render: format needs to be one of {', '.join(REPORT_FORMATS)}, got {format!r}")
    if format == "terminal":
        from softmax_ref.conformance.reports.terminal import to_terminal

        return to_terminal(reports, width, colour)
    plain = document(reports, date)
    if format == "json":
        return to_json(plain)
    if format == "junit":
        from softmax_ref.conformance.reports.junit import to_junit

        return to_junit(plain)
    if format == "markdown":
        from softmax_ref.conformance.reports.markdown import to_markdown

        return to_markdown(plain)
    from softmax_ref.conformance.reports.page import to_html

    return to_html(plain, reports)
