"""The command that shows the claims of the article."""

from __future__ import annotations

import sys

import click

from softmax_ref.cli.shared import CallError, columns, stored_cases

__all__ = ["claims"]


@click.command()
@click.argument("name", metavar="[CLAIM]", required=False)
@click.option("--notebook", help="Only claims of this notebook, by name or number.")
@click.option("--level", help="Only claims proved at this level.")
@click.option("--verdict", help="Only claims on which the article is right, imprecise or wrong.")
@click.option("--function", help="Only claims that this function of the reference checks.")
def claims(name, notebook, level, verdict, function) -> None:
    """List the claims of the article; with CLAIM show one (C70), or an erratum (E01)."""
    from softmax_ref.literate import ledger, ledger_text

    width = columns()
    sys.stdout.reconfigure(errors="replace")  # statements hold Greek letters, which not every code page has
    if name is None:
        chosen = _filtered(ledger, {"notebook": notebook, "level": level, "verdict": verdict, "functions": function})
        click.echo(ledger_text.table_text(chosen, width))
    elif name.upper() in ledger.claims():
        click.echo(ledger_text.claim_text(ledger.claims()[name.upper()], _count_of_cases, width))
    elif name.upper() in ledger.errata():
        click.echo(ledger_text.erratum_text(ledger.errata()[name.upper()], width))
    else:
        ends = (next(reversed(table)) for table in (ledger.claims(), ledger.errata()))
        raise CallError("there is no claim or erratum {!r}; claims are C01 to {}, errata E01 to {}".format(name, *ends))


def _filtered(ledger, wanted: dict[str, str | None]):
    """Return the claims with every wanted property; refuse one that no claim has."""
    chosen = list(ledger.claims().values())
    for field, value in wanted.items():
        if value is None:
            continue
        known = {word for claim in ledger.claims().values() for word in _words(claim, field)}
        if value not in known:
            listed = sorted(word for word in known if not word.isdigit())
            raise CallError(f"--{field.removesuffix('s')} needs to be one of {', '.join(listed)}, got {value!r}")
        chosen = [claim for claim in chosen if value in _words(claim, field)]
    return chosen


def _words(claim, field: str) -> tuple[str, ...]:
    value = getattr(claim, field)
    if field == "notebook":
        return value, value.partition("_")[0]
    return (value,) if isinstance(value, str) else value


def _count_of_cases(family: str) -> int:
    function, _, name = family.partition("/")
    return sum(case.id.split("/")[2] == name for case in stored_cases(function, None))
