"""The ledger: every claim of the article, where it is derived, what checks it, and what the article gets wrong.

``claims()`` and ``errata()`` read ``claims.toml``, which is written by hand, except for the ids of the home cells:
``python -m softmax_ref.literate.ledger`` takes those from the notebooks, where a claim's cell is tagged with its id.
Needs the standard library and nothing else.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from softmax_ref.literate.cell_ids import cell_ids
from softmax_ref.replacing import replace_file

__all__ = ["LEVELS", "SECTIONS", "SOURCES", "VERDICTS", "Claim", "Erratum", "claims", "errata", "home_cells", "main"]

LEDGER = Path(__file__).with_name("claims.toml")
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

LEVELS = ("machine", "machine + human step", "exact at fixed size", "certified number", "cited", "numerical")
VERDICTS = ("right", "imprecise", "wrong", "not in the article")
SOURCES = {"a": "snapshot of 14 December 2024", "b": "snapshot with notes", "implied": "implied, not stated"}
SECTIONS = (
    "Definition", "Smooth arg max", "Probability theory", "Statistical mechanics", "Applications", "Neural networks",
    "Reinforcement learning", "Computational complexity and remedies", "Mathematical properties", "History", "Example",
    "Alternatives", "See also", "Notes", "References",
)  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """One claim of the article.

    Attributes
    ----------
    id, statement : str
        ``C01`` to ``C109``; the claim in our words, true as it stands.
    source : tuple of str
        Of `SOURCES`: the snapshots of the article that say it, or ``implied``.
    section : str
        Of `SECTIONS`: where the article says it.
    level : str
        Of `LEVELS`: what "proved" means here.
    human : str
        The step that no machine checks: at the level that names one, or that carries a fixed size to others.
    notebook, cell : str
        Where it is derived and checked: the stem of a notebook, the id of its cell.
    functions : tuple of str
        The functions of the reference that check it there.
    families : tuple of str
        The families of stored cases that check it, as ``function/family``.
    no_family : str
        Why there are none.
    verdict : str
        Of `VERDICTS`: on the article's wording.
    errata : tuple of str
        Their ids.
    """

    id: str
    statement: str
    source: tuple[str, ...]
    section: str
    level: str
    notebook: str
    cell: str
    functions: tuple[str, ...]
    verdict: str
    human: str = ""
    families: tuple[str, ...] = ()
    no_family: str = ""
    errata: tuple[str, ...] = ()


@dataclass(frozen=True)
class Erratum:
    """One statement of the article that is wrong or imprecise: what it says and what is true, in our words."""

    id: str
    kind: str
    says: str
    truth: str


@cache
def claims() -> dict[str, Claim]:
    """Return every claim by its id, in order.

    Examples
    --------
    >>> claims()["C74"].statement
    'Adding one number to every logit changes nothing: σ(z + c) = σ(z).'
    """
    return _read("C", Claim)


@cache
def errata() -> dict[str, Erratum]:
    """Return every erratum by its id, in order.

    Examples
    --------
    >>> errata()["E05"].kind
    'wrong'
    """
    return _read("E", Erratum)


def _read(letter, kind):
    tables = tomllib.loads(LEDGER.read_text("utf-8"))
    return {name: kind(id=name, **_frozen(table)) for name, table in tables.items() if name[0] == letter}


def _frozen(table):
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def home_cells(folder: Path = NOTEBOOKS) -> dict[str, list[tuple[str, str]]]:
    """Return (notebook, cell id) for every cell that carries a claim's tag, by claim.

    Raises
    ------
    ValueError
        A notebook is not in its canonical form: its ids would change when it is stored.
    """
    found = {}
    for path in sorted(folder.glob("*.ipynb")):
        for cell, name in _named(path):
            for tag in cell["metadata"].get("tags", []):
                if re.fullmatch(r"C\d+", tag):
                    found.setdefault(tag, []).append((path.stem, name))
    return found


def _named(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    names = cell_ids([(cell["cell_type"], "".join(cell["source"])) for cell in cells], path.stem)
    for cell, name in zip(cells, names, strict=True):
        if cell["id"] != name:
            raise ValueError(
                f"ledger: {path.name} must name this cell {name}, got {cell['id']}; "
                f"store it with python -m softmax_ref.literate.notebooks {path.stem}"
            )
        yield cell, name


def main(path: Path = LEDGER, folder: Path = NOTEBOOKS) -> None:
    """Write the ids of the home cells into the ledger; a claim without one keeps an empty id."""
    homes = home_cells(folder)
    text = path.read_text("utf-8")
    for name in re.findall(r"^\[(C\d+)\]$", text, re.MULTILINE):
        cell = homes.get(name, [("", "")])[0][1]
        text = re.sub(rf'(?ms)^(\[{name}\]\n.*?^cell = )"[^"]*"', rf'\g<1>"{cell}"', text, count=1)
    replace_file(path, text)


if __name__ == "__main__":
    main()
