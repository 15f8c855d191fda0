"""The commands for programs that run elsewhere: requests into a file, and the judge of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

from softmax_ref.cli.reporting import conclude, declared_policies, forms, verdict_options
from softmax_ref.cli.shared import CallError

__all__ = ["judge", "requests"]

LONGEST = 1 << 26
"""Bytes of a line: more than any answer that is not at fault has."""


def _selecting(command):
    """Add the options that select cases."""
    for option in (
        click.option("--smoke", is_flag=True, help="Only the few cases that catch nearly every known fault."),
        click.option("--select", multiple=True, metavar="GLOB", help="Only cases of such ids; '!' leaves out."),
        click.option("--format", "formats", multiple=True, help="Only this float format; may be repeated."),
        click.option("--function", "functions", multiple=True, help="Only this function; may be repeated."),
    ):
        command = option(command)
    return command


@click.command()
@_selecting
def requests(**selected) -> None:
    """Write the requests of a program that runs elsewhere, one a line: start, every case, some again, stop."""
    from softmax_ref.conformance.programs.offline import Selection
    from softmax_ref.conformance.programs.offline import requests as asked
    from softmax_ref.conformance.programs.protocol import encoded

    try:
        for request in asked(Selection(**selected)):
            click.echo(encoded(request), nl=False)
    except ValueError as error:
        raise CallError(str(error)) from None


@click.command()
@click.argument("answers", type=click.File("rb"))
@click.option("--requests", "asked", type=click.File("rb"), help="The file of the requests; or the options it had.")
@_selecting
@verdict_options
def judge(answers, asked, functions, formats, select, smoke, policies, xfails, outputs, **how) -> None:
    """Judge ANSWERS to the requests that 'softmax-ref requests' wrote, one a line, in any order.

    A case without an answer has failed. --format also takes the form of the one report: terminal, json, junit,
    markdown, html.
    """
    from softmax_ref.conformance.programs.offline import Selection, judge_answers, selection_of
    from softmax_ref.conformance.xfails import read_xfails

    floats, screen, files = forms(formats, outputs)
    try:
        selection = Selection(functions, tuple(floats), select, smoke)
        if asked is not None:
            if selection != Selection():
                raise CallError("judge: --requests says what was selected; give either it or the options")
            selection = selection_of(asked.readline(LONGEST))
        how |= {"policies": declared_policies(policies), "name": Path(answers.name).name}
        expected = read_xfails(xfails) if xfails else ()
        reports = judge_answers(_lines(answers), selection, expected=expected, **how)
    except (ValueError, OSError) as error:
        raise CallError(str(error)) from None
    conclude(reports, screen, files)


def _lines(answers: IO[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(iter(lambda: answers.readline(LONGEST), b""), 1):
        if len(line) == LONGEST:
            raise ValueError(f"judge: line {number} has more than {LONGEST} bytes")
        yield line
