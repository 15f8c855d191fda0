"""The command that judges real libraries and shows the scoreboard."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from softmax_ref.cli.shared import CallError
from softmax_ref.replacing import replace_file

__all__ = ["scoreboard"]

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--library", "names", multiple=True, help="Judge only this one; may be repeated. Default: all.")
@click.option("--page", type=FILE, help="Judge nothing: write the stored scoreboard as a page, .html or .md.")
@click.option("--scores", "path", type=FILE, help="Where the data is stored. Default: in the package.")
def scoreboard(names, page, path) -> None:
    """Judge the libraries that are installed, and store what was found.

    A library that is not installed keeps the rows that are stored; how to get it is told.
    """
    from softmax_ref.scoreboard.stored import SCORES

    if page:
        _show(page, path or SCORES)
    else:
        _record(names, path or SCORES)


def _show(page: Path, path: Path) -> None:
    from softmax_ref.scoreboard.page import to_html, to_markdown
    from softmax_ref.scoreboard.stored import scores

    writers = {".html": to_html, ".md": to_markdown}
    if page.suffix not in writers:
        raise CallError(f"scoreboard: --page needs a file that ends in .html or .md, got {str(page)!r}")
    try:
        replace_file(page, writers[page.suffix](scores(path)))
    except (OSError, ModuleNotFoundError) as error:
        raise CallError(str(error)) from None


def _record(names, path: Path) -> None:
    from softmax_ref.scoreboard.libraries import libraries, library
    from softmax_ref.scoreboard.page import to_markdown
    from softmax_ref.scoreboard.recording import JudgingError, missing, record
    from softmax_ref.scoreboard.stored import PAGE, SCORES

    try:
        chosen = [library(name) for name in names] or list(libraries())
    except ValueError as error:
        raise CallError(str(error)) from None
    told = {of.id: missing(of) for of in chosen}
    for text in filter(None, told.values()):
        click.echo(text, err=True)
    installed = [of for of in chosen if told[of.id] is None]
    if not installed:
        raise CallError("scoreboard: none of these libraries is installed")
    try:
        board = record(installed, path, _say)
    except JudgingError as error:
        raise CallError(str(error)) from None
    if path == SCORES:
        replace_file(PAGE, to_markdown(board))


def _say(text: str) -> None:
    """Show how far it is on a terminal, and only there."""
    if sys.stderr.isatty():
        click.echo(text, err=True)
