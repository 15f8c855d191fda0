"""The command that writes cases in forms that other tools read."""

from __future__ import annotations

from pathlib import Path

import click

from softmax_ref.cli.shared import CallError, progress, stored_cases

__all__ = ["export"]


@click.command()
@click.option("--to", "form", required=True, type=click.Choice(["c-header", "npz", "csv", "mem"]), help="The form.")
@click.option("--output", required=True, type=click.Path(path_type=Path), help="The file; for mem a folder.")
@click.option("--function", "functions", multiple=True, help="Only this function; may be repeated.")
@click.option("--format", "formats", multiple=True, help="Only this format; may be repeated.")
@click.option("--flag", "flags", multiple=True, help="Only cases with this flag; may be repeated: with any of them.")
@click.option("--select", "globs", multiple=True, metavar="GLOB", help="Only ids that match; '!GLOB' leaves out.")
@click.option(
    "--level",
    default="standard",
    show_default=True,
    type=click.Choice(["standard", "tight"]),
    help="What the lowest and the highest accepted number are taken from.",
)
@click.option(
    "--max-entries",
    "most",
    default=10_000,
    show_default=True,
    type=click.IntRange(1),
    help="Leave out cases with more numbers, recipes written out.",
)
def export(form, output, functions, formats, flags, globs, level, most) -> None:
    """Write stored cases as a C header, a NumPy archive, a table, or memory images for Verilog.

    Each form explains itself in its first lines; npz in the array 'about'. The same cases give the same bytes.
    """
    from softmax_ref.conformance.selection import matches, refuse_unmatched
    from softmax_ref.corpus.export import choose, write

    pairs = [(function, fmt) for function in functions or [None] for fmt in formats or [None]]
    cases = list({case.id: case for pair in pairs for case in stored_cases(*pair)}.values())
    known = {flag for case in cases for flag in case.flags}
    for flag in flags:
        if flag not in known:
            raise CallError(f"export: --flag needs a flag of these cases, got {flag!r}; see 'softmax-ref list'")
    try:
        refuse_unmatched(globs, [case.id for case in cases], "export")
        wanted = [c for c in cases if matches(c.id, globs) and (not flags or set(flags) & set(c.flags))]
        chosen = choose(wanted, level, most, lambda kept: progress(kept, "exporting", len(kept)))
        written = write(form, chosen, output)
    except (OSError, ValueError) as error:
        raise CallError(str(error)) from None
    for case in chosen.left_out:
        click.echo(f"left out: {case.id} holds more than {most} numbers; see --max-entries", err=True)
    click.echo(f"{len(chosen.cases)} cases in {', '.join(map(str, written))}")
