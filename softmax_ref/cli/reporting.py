"""What the commands that judge have in common: the options of a verdict, its reports, its exit status."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softmax_ref.cli.shared import CallError, columns
from softmax_ref.corpus import CORPUS_FORMATS
from softmax_ref.replacing import replace_file

if TYPE_CHECKING:
    from softmax_ref.conformance.report import Report

__all__ = ["conclude", "declared_policies", "forms", "verdict_options"]

FILE = click.Path(dir_okay=False, path_type=Path)
SUFFIXES = {".xml": "junit", ".md": "markdown", ".html": "html", ".json": "json", ".txt": "terminal"}
OPTIONS = (
    click.option("--require", default="standard", show_default=True, help="The level to reach: standard or tight."),
    click.option(
        "--policy",
        "policies",
        multiple=True,
        metavar="NAME=ANSWER",
        help="A declared policy, or FORMAT/NAME=ANSWER for one format; may be repeated.",
    ),
    click.option("--working-format", help="The float format that the implementation computes in."),
    click.option("--domain", help="The inputs that it is made for, such as 'abs(z) <= 88'."),
    click.option("--xfails", type=FILE, help="A list of expected failures in TOML: id, reason, link."),
    click.option(
        "--output",
        "outputs",
        multiple=True,
        type=FILE,
        help=f"A file to write the report to, in the form of its suffix: {', '.join(SUFFIXES)}; may be repeated. The "
        "terminal still gets its own.",
    ),
)


def verdict_options(command):
    """Add the options that say what is asked for, and where the reports go."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def forms(formats: tuple[str, ...], outputs: tuple[Path, ...]) -> tuple[list[str], str, dict[Path, str]]:
    """Return the float formats, the form of standard output, and that of each file; no word is both.

    What the reports need is asked for here, before anything is judged.
    """
    from softmax_ref.conformance.reports import REPORT_FORMATS

    known = (*CORPUS_FORMATS, "integer", *REPORT_FORMATS)
    for word in formats:
        if word not in known:
            raise CallError(f"--format needs to be one of {', '.join(known)}, got {word!r}")
    told = [word for word in formats if word in REPORT_FORMATS]
    if len(told) > 1 or told and len(outputs) > 1:
        more = f"{', '.join(told)} for {len(outputs)} files" if len(told) == 1 else ", ".join(told)
        raise CallError(f"--format takes one form, of one report, got {more}; the suffix of an --output tells its own")
    for path in outputs:
        if not path.parent.is_dir():
            raise CallError(f"--output needs a folder that exists, got {str(path)!r}")
    files = {path: told[0] if told else _form_of(path) for path in outputs}
    screen = "terminal" if files else (told or ["terminal"])[0]
    if "html" in (screen, *files.values()):
        _need_pages()
    return [word for word in formats if word not in told], screen, files


def _form_of(path: Path) -> str:
    if path.suffix not in SUFFIXES:
        raise CallError(f"--output needs a file that ends in {', '.join(SUFFIXES)}, or a --format, got {str(path)!r}")
    return SUFFIXES[path.suffix]


def _need_pages() -> None:
    from softmax_ref.conformance.reports.templating import environment

    try:
        environment()
    except ModuleNotFoundError as error:
        raise CallError(str(error)) from None


def declared_policies(policies: tuple[str, ...]) -> dict[str, str]:
    """Return policies from their options."""
    for policy in policies:
        if "=" not in policy:
            raise CallError(f"--policy needs NAME=ANSWER, got {policy!r}")
    return {policy.partition("=")[0]: policy.partition("=")[2] for policy in policies}


def conclude(reports: list[Report], screen: str, files: dict[Path, str]) -> None:
    """Write reports as they are asked for, and end with the exit status of the verdict."""
    from softmax_ref.conformance.reports import render
    from softmax_ref.conformance.reports.terminal import colours

    colour = colours(sys.stdout)
    click.echo(render(reports, screen, width=columns() or 120, colour=colour), nl=False, color=colour)
    try:
        for path, form in files.items():
            replace_file(path, render(reports, form))
    except OSError as error:
        raise CallError(f"--output cannot be written: {error}") from None
    failed = any(report.failures or report.incomplete is None and not report.conforms for report in reports)
    sys.exit(1 if failed else 0 if all(report.conforms for report in reports) else 2)
