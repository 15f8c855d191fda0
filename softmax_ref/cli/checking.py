"""The command that judges an implementation."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from softmax_ref.cli.reporting import conclude, declared_policies, forms, verdict_options
from softmax_ref.cli.shared import CallError, progress

if TYPE_CHECKING:
    from softmax_ref.conformance.programs.processes import Limits
    from softmax_ref.conformance.report import Report

__all__ = ["check"]


@click.command()
@click.argument("target", required=False)
@click.option("--command", help="A program in any language that speaks the protocol, instead of TARGET.")
@click.option("--function", help="What is computed; default: the target's own name, or all that a program offers.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    help="A float format or 'integer'; may be repeated. Default: all. Or the form of the one report: terminal, json, "
    "junit, markdown, html.",
)
@click.option("--smoke", is_flag=True, help="Only the few cases that catch nearly every known fault.")
@click.option("--select", multiple=True, metavar="GLOB", help="Only cases and promises of such ids; '!' leaves out.")
@click.option("--array", default="auto", help="The arrays that TARGET takes: numpy, torch, jax, cupy, or a module.")
@click.option("--vjp", type=click.Choice(["auto"]), help="TARGET is a function whose gradient torch or JAX takes.")
@click.option("--timeout", default=10.0, show_default=True, help="Seconds for one answer.")
@click.option("--run-timeout", default=600.0, show_default=True, help="Seconds for all answers of a function.")
@click.option("--memory", default=4.0, show_default=True, help="GiB of data of each process; 0 for no limit.")
@verdict_options
def check(target, command, formats, outputs, policies, array, vjp, timeout, run_timeout, memory, **asked):
    """Judge TARGET, a Python callable given as module:name or file.py:name, or an ONNX model, or a program.

    Whatever is judged runs in a process of its own. Exit status: 0 conforms, 1 does not, 2 nothing can be said:
    the call is at fault, or the run was interrupted before anything failed.
    """
    from softmax_ref.conformance.programs.processes import Limits

    floats, screen, files = forms(formats, outputs)
    if (target is None) == (command is None):
        raise CallError("check needs either TARGET or --command")
    if command is None:
        from softmax_ref.conformance.targets import command_of

        arguments = command_of(target, asked["function"], vjp=vjp, array=array)
    else:
        arguments = _split(command)
    limits = Limits(case=timeout, promise=6 * timeout, run=run_timeout, memory=int(memory * 2**30) or None)
    asked |= {"formats": floats or None, "policies": declared_policies(policies), "name": target}
    reports = _judged(arguments, target or command, limits, asked)
    conclude(reports, screen, files)


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


def _split(command: str) -> list[str]:
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise CallError(f"--command needs words as in a shell ({error}), got {command!r}") from None
    if not arguments:
        raise CallError("--command needs a program, got nothing")
    return arguments
