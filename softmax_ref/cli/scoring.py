"""The command that judges real libraries and shows the scoreboard."""

from __future__ import annotations

from pathlib import Path

import click

from softmax_ref.cli.shared import CallError

__all__ = ["scoreboard"]


@click.command()
@click.option("--library", "names", multiple=True, help="Judge only this one; may be repeated. Default: all.")
@click.option("--scores", "path", type=click.Path(dir_okay=False, path_type=Path), help="Where the data is stored.")
def scoreboard(names, path) -> None:
    """Judge the libraries that are installed, and store what was found."""
    from softmax_ref.scoreboard.libraries import libraries, library
    from softmax_ref.scoreboard.recording import missing, record
    from softmax_ref.scoreboard.stored import SCORES

    try:
        chosen = [library(name) for name in names] or list(libraries())
    except ValueError as error:
        raise CallError(str(error)) from None
    told = {of.id: missing(of) for of in chosen}
    for text in filter(None, told.values()):
        click.echo(text, err=True)
    installed = [of for of in chosen if told[of.id] is None]
    if not installed:
        raise CallError("none of these libraries is installed")
    record(installed, path or SCORES, lambda text: click.echo(text, err=True))
