"""The commands that build and verify the stored cases."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from softmax_ref.cli.shared import CallError, certifier, import_target, progress
from softmax_ref.corpus import CORPUS_FUNCTIONS, formats_of

__all__ = ["corpus"]

FILES = sum(len(formats_of(function)) for function in CORPUS_FUNCTIONS)


@click.group()
def corpus() -> None:
    """Build and verify the stored cases."""


@corpus.command()
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), help="Write here, not into the package.")
def build(directory) -> None:
    """Certify every case and write the files; a second run changes nothing."""
    certifier()
    from softmax_ref.corpus.builder import build as build_files
    from softmax_ref.corpus.loader import VECTORS

    target = directory or VECTORS
    target.mkdir(parents=True, exist_ok=True)
    counts = [count for _, count in progress(build_files(target), "building", FILES)]
    click.echo(f"{sum(counts)} cases in {len(counts)} files, {target}")
    if directory is None:
        from softmax_ref.corpus.native_build import write_native

        for _ in progress(write_native(), "bounding native computation", len(CORPUS_FUNCTIONS)):
            pass


@corpus.command()
def verify() -> None:
    """Derive every stored value again with the second engine, which shares no code with the first."""
    certifier()
    from softmax_ref.corpus.verify import verify as verify_files

    values, faults = 0, []
    for _, checked, found in progress(verify_files(), "verifying", FILES):
        values += checked
        faults += found
    for fault in faults:
        click.echo(fault)
    click.echo(f"{values} values derived again, {len(faults)} differ")
    sys.exit(1 if faults else 0)


@corpus.command()
@click.argument("target", required=False)
@click.option("--function", help="Only this function of one argument.")
@click.option("--format", "fmt", help="Only this narrow format.")
def digest(target, function, fmt) -> None:
    """Recompute the digests of every result in the narrow formats; with TARGET, compare all its results."""
    certifier()
    from softmax_ref.corpus import exhaustive

    fn = None if target is None else import_target(target)
    try:
        computed = list(exhaustive.digests(function, fmt))
    except ValueError as error:
        raise CallError(str(error)) from None
    bad = 0
    for name, form, sha in computed:
        same, text = _digest(name, form, sha) if fn is None else _compared(fn, name, form)
        bad += not same
        click.echo(f"{name:12} {form:13} {text}")
    sys.exit(1 if bad else 0)


def _digest(name: str, fmt: str, sha: str) -> tuple[bool, str]:
    from softmax_ref.corpus.exhaustive import published

    stored = published()[name][fmt]
    return sha == stored, sha if sha == stored else f"{sha} is not {stored}"


def _compared(fn, name: str, fmt: str) -> tuple[bool, str]:
    from softmax_ref.corpus.exhaustive import compare

    found = compare(fn, name, fmt)
    worst = f", largest error {found.largest_error:.4f} ulp at {found.at:g}" if found.wrong else ""
    return not found.wrong, f"{found.wrong} of {found.inputs} results are not correctly rounded{worst}"


@corpus.command()
@click.argument("count", type=click.IntRange(1))
@click.option("--function", help="Only for this function.")
@click.option("--format", "fmt", help="Only in this format.")
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Not the package's record.")
def search(count, function, fmt, record) -> None:
    """Go on looking for hard-to-round inputs: COUNT more rows in binary32, lines of floats in binary64."""
    certifier()
    from softmax_ref.corpus.hard.record import RECORD
    from softmax_ref.corpus.hard.searching import search as go_on

    for state, left in go_on(count, record or RECORD, function, fmt):
        if left <= 0:
            nearest = f"{state['kept'][0]['distance']} ulp" if state["kept"] else "none"
            where = f"{state['function']:12} {state['format']:9} {state['classes']} classes"
            click.echo(f"{where}: {state['results']} results, nearest {nearest}")


@corpus.command()
@click.option("--directory", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Not the package's.")
def validate(directory) -> None:
    """Check the files beyond what loading checks: schema, canonical form, decimals, comments, notes, digests."""
    from softmax_ref.corpus.loader import VECTORS, CorpusError
    from softmax_ref.corpus.validation import validate as validate_files

    total, faults = 0, []
    try:
        for _, cases, found in progress(validate_files(directory or VECTORS), "validating", FILES):
            total += cases
            faults += found
    except CorpusError as error:
        raise CallError(str(error)) from None
    click.echo("\n".join([*faults, f"{total} cases, {len(faults)} faults"]))
    sys.exit(1 if faults else 0)


@corpus.command()
@click.argument("version", required=False)
def changes(version) -> None:
    """List the versions of the corpus; with VERSION the ids that it added, changed, revised and removed."""
    from softmax_ref.corpus.changes import listing

    try:
        click.echo("\n".join(listing(version)))
    except ValueError as error:
        raise CallError(str(error)) from None
