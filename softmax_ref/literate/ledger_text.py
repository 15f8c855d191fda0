"""The ledger as text for a terminal, a pipe or a log."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from softmax_ref.literate.ledger import LEVELS, SOURCES, Claim, Erratum, claims, errata

__all__ = ["claim_text", "erratum_text", "table_text"]

NARROW = 120  # below this many columns a notebook is shown by its number
PIPE = 10_000  # a claim is one line, however long


def table_text(chosen: Iterable[Claim], width: int | None = None) -> str:
    """Return the table of claims and a line of counts; ``width`` in columns, None for one line a claim."""
    chosen = list(chosen)
    table = _grid("id", "level", "notebook" if _wide(width) else "nb", "verdict", "statement")
    for claim in chosen:
        notebook = claim.notebook if _wide(width) else claim.notebook[:2]
        table.add_row(claim.id, claim.level, notebook, _verdict(claim), claim.statement)
    return f"{_render(table, width)}\n{_counts(chosen)}"


def _verdict(claim):
    return " ".join(("-" if claim.verdict == "not in the article" else claim.verdict, *claim.errata))


def _counts(chosen):
    levels = Counter(claim.level for claim in chosen)
    by_level = ", ".join(f"{levels[level]} {level}" for level in LEVELS if levels[level])
    told = [f"{len(chosen)} claims: {by_level}" if chosen else "0 claims"]
    told += [f"{sum(bool(claim.cell) for claim in chosen)} have a home cell"]
    told += [f"{sum(bool(claim.functions) for claim in chosen)} a function that checks them"]
    told += [f"{sum(bool(claim.families) for claim in chosen)} stored cases"]
    return f"{told[0]}; {', '.join(told[1:-1])} and {told[-1]}"


def claim_text(claim: Claim, cases: Callable[[str], int], width: int | None = None) -> str:
    """Return one claim in full; ``cases`` counts the stored cases of a family."""
    families = ", ".join(f"{name} ({cases(name)} cases)" for name in claim.families)
    source = "; ".join(f"{name} ({SOURCES[name]})" if name != "implied" else SOURCES[name] for name in claim.source)
    rows = {
        "article": f"section {claim.section}; {source}",
        "level": claim.level,
        "human step": claim.human,
        "notebook": f"notebooks/{claim.notebook}.ipynb",
        "cell": claim.cell or "not yet written",
        "functions": ", ".join(claim.functions),
        "cases": families or f"none: {claim.no_family}",
        "verdict": claim.verdict,
    }
    told = _render(_pairs(rows), width)
    known = errata()
    faults = "".join(f"\n\n{_erratum(known[name], width)}" for name in claim.errata)
    return f"{_wrapped(f'{claim.id}  {claim.statement}', width)}\n\n{told}{faults}"


def erratum_text(erratum: Erratum, width: int | None = None) -> str:
    """Return one erratum, and the claims that it is about."""
    about = [claim for claim in claims().values() if erratum.id in claim.errata]
    told = _render(_pairs({claim.id: claim.statement for claim in about}), width)
    return f"{_erratum(erratum, width)}\n\n{told}"


def _erratum(erratum, width):
    told = _render(_pairs({"article": erratum.says, "truth": erratum.truth}), width)
    return f"{erratum.id}  {erratum.kind}\n{told}"


def _wide(width):
    return width is None or width >= NARROW


def _grid(*columns):
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, no_wrap=name != "statement")
    return table


def _pairs(rows):
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, words in rows.items():
        if words:
            table.add_row(name, words)
    return table


def _wrapped(words, width):
    return _render(Text(words), width)


def _render(thing, width):
    console = Console(file=io.StringIO(), width=width or PIPE, color_system=None, highlight=False, markup=False)
    console.print(thing)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())
