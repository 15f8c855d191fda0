"""The command that judges an implementation."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softmax_ref.cli.shared import CallError, columns, progress
from softmax_ref.corpus import CORPUS_FORMATS

if TYPE_CHECKING:
    from softmax_ref.conformance.programs.processes import Limits
    from softmax_ref.conformance.report import Report

__all__ = ["FILE", "check", "conclude", "declared_policies", "kinds"]

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("target", required=False)
@click.option("--command", help="A program in any language that speaks the protocol, instead of TARGET.")
@click.option("--function", help="What is computed; default: the target's own name, or all that a program offers.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    help="A float format or 'integer'; may be repeated. Default: all. Or the form of the report: terminal, json, "
    "junit, markdown, html.",
)
@click.option("--output", type=FILE, help="Write the report here; the terminal still gets its own.")
@click.option("--require", default="standard", show_default=True, help="The level to reach: standard or tight.")
@click.option("--smoke", is_flag=True, help="Only the few cases that catch nearly every known fault.")
@click.option("--select", multiple=True, metavar="GLOB", help="Only cases and promises of such ids; '!' leaves out.")
@click.option("--policy", "policies", multiple=True, metavar="NAME=ANSWER", help="A declared policy; may be repeated.")
@click.option("--working-format", help="The float format that the target computes in.")
@click.option("--domain", help="The inputs that it is made for, such as 'abs(z) <= 88'.")
@click.option("--xfails", type=FILE, help="A list of expected failures in TOML: id, reason, link.")
@click.option("--array", default="auto", help="The arrays that TARGET takes: numpy, torch, jax, cupy, or a module.")
@click.option("--vjp", type=click.Choice(["auto"]), help="TARGET is a function whose gradient torch or JAX takes.")
@click.option("--timeout", default=10.0, show_default=True, help="Seconds for one answer.")
@click.option("--run-timeout", default=600.0, show_default=True, help="Seconds for all answers of a function.")
@click.option("--memory", default=4.0, show_default=True, help="GiB of data of each process; 0 for no limit.")
@click.option("--json", "json_file", type=FILE, help="Also write the report here, as JSON.")
def check(target, command, formats, output, json_file, policies, array, vjp, timeout, run_timeout, memory, **asked):
    """Judge TARGET, a Python callable given as module:name or file.py:name, or an ONNX model, or a program.

    Whatever is judged runs in a process of its own. Exit status: 0 conforms, 1 does not, 2 nothing can be said:
    the call is at fault, or the run was interrupted before anything failed.
    """
    from softmax_ref.conformance.programs.processes import Limits

    words, form = kinds(formats)
    if (target is None) == (command is None):
        raise CallError("check needs either TARGET or --command")
    if command is None:
        from softmax_ref.conformance.targets import command_of

        arguments = command_of(target, asked["function"], vjp=vjp, array=array)
    else:
        arguments = _split(command)
    limits = Limits(case=timeout, promise=6 * timeout, run=run_timeout, memory=int(memory * 2**30) or None)
    asked |= {"formats": words or None, "policies": declared_policies(policies), "name": target}
    reports = _judged(arguments, target or command, limits, asked)
    conclude(reports, form, output, json_file)


def _judged(arguments: list[str], what: str, limits: Limits, asked: dict) -> list[Report]:
    from softmax_ref.conformance.programs.checking import StartError, check_program

    try:
        with _stoppable():
            return check_program(arguments, limits=limits, progress=progress, **asked)
    except StartError as error:
        raise CallError(str(error) if error.told else f"{what!r}: {error}") from None
    except (ValueError, OSError) as error:
        raise CallError(str(error)) from None
    except KeyboardInterrupt:
        raise CallError("interrupted before anything was judged") from None


@contextmanager
def _stoppable() -> Iterator[None]:
    """Whoever ends the run, or closes the terminal, ends the program that is judged, as Ctrl-C does."""
    before = [(number, signal.signal(number, signal.default_int_handler)) for number in (signal.SIGTERM, signal.SIGHUP)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def kinds(formats: tuple[str, ...]) -> tuple[list[str], str]:
    """Return the float formats, and the form of the report: no word is both."""
    from softmax_ref.conformance.reports import REPORT_FORMATS

    known = (*CORPUS_FORMATS, "integer", *REPORT_FORMATS)
    for word in formats:
        if word not in known:
            raise CallError(f"check: formats needs to be one of {', '.join(known)}, got {word!r}")
    forms = [word for word in formats if word in REPORT_FORMATS] or ["terminal"]
    if len(forms) > 1:
        raise CallError(f"check: a report has one form, got {', '.join(forms)}")
    return [word for word in formats if word not in REPORT_FORMATS], forms[0]


def _split(command: str) -> list[str]:
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise CallError(f"--command needs words as in a shell ({error}), got {command!r}") from None
    if not arguments:
        raise CallError("--command needs a program, got nothing")
    return arguments


def conclude(reports: list[Report], form: str, output: Path | None, json_file: Path | None = None) -> None:
    """Write reports as they are asked for, and end with the exit status of the verdict."""
    from softmax_ref.conformance.reports import render
    from softmax_ref.conformance.reports.terminal import colours

    colour = colours(sys.stdout)
    try:
        text = render(reports, form, width=columns() or 120, colour=colour and output is None)
        if output:
            _replace(output, text)
            text = render(reports, "terminal", width=columns() or 120, colour=colour)
        if json_file:
            _replace(json_file, render(reports, "json"))
    except (OSError, ModuleNotFoundError) as error:
        raise CallError(str(error)) from None
    click.echo(text, nl=False, color=colour)
    failed = any(report.failures or report.incomplete is None and not report.conforms for report in reports)
    sys.exit(1 if failed else 0 if all(report.conforms for report in reports) else 2)


def _replace(path: Path, text: str) -> None:
    """Write beside a file, then in its place: whoever reads it sees one report or the other, never a half."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def declared_policies(policies: tuple[str, ...]) -> dict[str, str]:
    """Return policies from their options."""
    for policy in policies:
        if "=" not in policy:
            raise CallError(f"--policy needs NAME=ANSWER, got {policy!r}")
    return {policy.partition("=")[0]: policy.partition("=")[2] for policy in policies}
