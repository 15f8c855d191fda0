"""What was measured of these libraries before there was a corpus: each reappears in the rows, or is explained."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from softmax_ref.scoreboard.view import row_of

__all__ = ["Finding", "disagreements", "findings"]

TABLE = Path(__file__).with_name("findings.toml")


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes
    ----------
    id, text : str
        A short name; what was measured.
    state : {"reappears", "explained", "in part"}
        Whether the rows show it.
    now : str
        What the rows show, or why they show nothing.
    seen : tuple of dict
        Which rows show it: ``row`` ("library function format") and what the row has.
    """

    id: str
    text: str
    state: str
    now: str
    seen: tuple[dict, ...] = ()


@cache
def findings() -> tuple[Finding, ...]:
    """Return the findings in the order in which they were written down."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))["finding"]
    return tuple(Finding(**entry | {"seen": tuple(entry.get("seen", ()))}) for entry in table)


def disagreements(board: dict) -> Iterator[str]:
    """Yield what a finding says of a row that the row does not say."""
    for entry in findings():
        for seen in entry.seen:
            row = row_of(board, *seen["row"].split())
            for key, want in seen.items():
                if key != "row" and (row is None or not _says(row, key, want)):
                    yield f"{entry.id}: {seen['row']}: {key} needs {want!r}, got {row and row.get(key)!r}"


def _says(row: dict, key: str, want) -> bool:
    if key == "flag":
        return want in row.get("flags", {})
    if key == "policy":
        name, _, answer = want.partition("=")
        return answer in row.get("policies", {}).get(name, ())
    if key == "promise":
        return any(name.startswith(want) for name in row.get("broken", {}).get("promises", ()))
    if key == "ulp_above":
        return float(row.get("worst", {}).get("ulp", 0)) > want
    if key == "prints":
        return row.get("failure", {}).get("prints") == want
    return row.get(key) == want
