"""The names of the cells of a notebook: a cell is named after its section. Needs the standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["cell_ids"]


def cell_ids(cells: Iterable[tuple[str, str]], stem: str) -> Iterator[str]:
    """Yield the id of each cell, given as type and source; a new section leaves the ids of the others alone.

    Examples
    --------
    >>> list(cell_ids([("markdown", "# One"), ("code", "1"), ("markdown", "## Two: 2")], "03_geometry"))
    ['geometry-one', 'geometry-one-2', 'geometry-two-2']
    """
    prefix, seen = _slug(stem.lstrip("0123456789_")), {}
    section = prefix
    for kind, source in cells:
        heading = re.match(r"#+\s+(.+)", source) if kind == "markdown" else None
        if heading:
            section = f"{prefix}-{_slug(heading[1])}"[:56].rstrip("-")
        seen[section] = seen.get(section, 0) + 1
        yield section if seen[section] == 1 else f"{section}-{seen[section]}"


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "cell"
