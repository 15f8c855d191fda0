"""The command that compares two reports."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from softmax_ref.cli.shared import CallError

__all__ = ["diff"]

SHOWN = 40
FILE = click.Path(path_type=Path)


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option(
    "--slack", default=0.5, show_default=True, type=click.FloatRange(min=0), help="Ulps by which an error may grow."
)
def diff(old, new, slack) -> None:
    """Compare two reports in JSON, OLD and NEW: name what is worse, what is better, and what else has changed.

    A case or a promise that passed in OLD and does not pass in NEW is a regression, also where it is skipped, not
    offered or not judged any more, unless the corpus has left it out; so is an error that grew by more than the
    slack. The exit status is 1 if there is a regression.
    """
    from softmax_ref.conformance.reports.comparing import ReportError, compare, read_report
    from softmax_ref.conformance.reports.legible import legible

    try:
        found = compare(read_report(old), read_report(new), slack)
    except ReportError as error:
        raise CallError(str(error)) from None
    for title, lines in (("worse", found.regressions), ("better", found.fixed), ("changed", found.news)):
        click.echo(f"{title}: {len(lines)}")
        for line in lines[:SHOWN]:
            click.echo(f"  {legible(line)}")
        if len(lines) > SHOWN:
            click.echo(f"  ... and {len(lines) - SHOWN} more")
    sys.exit(1 if found.regressions else 0)
