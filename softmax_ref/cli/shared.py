"""What several commands need: one kind of fault, targets, cases, progress."""

from __future__ import annotations

import os
import sys
from shutil import get_terminal_size

import click

from softmax_ref.corpus import CORPUS_FUNCTIONS, formats_of

__all__ = ["CallError", "certifier", "columns", "find_case", "import_target", "progress", "stored_cases", "watched"]


class CallError(click.ClickException):
    """One line on standard error, exit status 2."""

    exit_code = 2

    def show(self, file=None) -> None:
        """Write the line."""
        click.echo(f"softmax-ref: {self.message}", err=True)


def import_target(target: str):
    """Return the callable of module:name or file.py:name; the current folder is searched first, as python -m does."""
    from softmax_ref.conformance.targets.importing import TargetError, find_callable

    try:
        return find_callable(target)[0]
    except TargetError as error:
        raise CallError(str(error)) from None


def stored_cases(function: str | None, fmt: str | None):
    """Return the stored cases; a faulty corpus or an unknown name is a fault of the call."""
    from softmax_ref.corpus import CorpusError, load

    try:
        return load(function, fmt)
    except CorpusError as error:
        raise CallError(f"corpus bug: {error}") from None
    except ValueError as error:
        raise CallError(str(error)) from None


def find_case(case_id: str):
    """Return the case of this id; an id that nothing has is a fault of the call."""
    function, _, rest = case_id.partition("/")
    fmt = rest.partition("/")[0]
    if function not in CORPUS_FUNCTIONS or fmt not in formats_of(function):
        raise CallError(f"a case is named function/format/family/slug, got {case_id!r}; see 'softmax-ref list'")
    found = next((case for case in stored_cases(function, fmt) if case.id == case_id), None)
    if found is None:
        raise CallError(f"there is no case {case_id!r}; see 'softmax-ref list --function {function} --format {fmt}'")
    return found


def certifier():
    """Return `certify`, or say which package it needs."""
    try:
        from softmax_ref.certified import certify
    except ImportError:
        raise CallError("certified values need python-flint: pip install 'softmax_ref[certify]'") from None
    return certify


def columns() -> int | None:
    """Return the width of the terminal, or None where the output goes elsewhere."""
    return get_terminal_size().columns if sys.stdout.isatty() else None


def watched() -> bool:
    """Whether standard error is a terminal that somebody looks at while the work goes on."""
    return sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def progress(steps, label: str, total: int):
    """Yield the steps of long work, and show how far it is on a terminal, and only there."""
    with click.progressbar(steps, length=total, label=label, file=sys.stderr, hidden=not watched()) as bar:
        yield from bar
