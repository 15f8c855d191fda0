"""The commands that build and verify the stored cases."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from softmax_ref.cli.shared import certifier, progress
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
