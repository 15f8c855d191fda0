"""The table of faults and cases, as it is published: which cases catch which fault, in which format."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from softmax_ref.corpus import CORPUS_VERSION
from softmax_ref.faults.gates import Catch
from softmax_ref.replacing import replace_file

__all__ = ["TABLE", "alone", "case_id", "distinct_rows", "read_table", "write_table"]

TABLE = Path(__file__).with_name("table.json")


@cache
def read_table(path: Path = TABLE) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return, for each fault by name and each of its formats, the places that catch it on every processor.

    A place is ``family/slug``, ``contract/promise`` or ``policy/question``.
    """
    stored = json.loads(path.read_text(encoding="utf-8"))
    if stored["corpus_version"] != CORPUS_VERSION:
        raise ValueError(
            f"corpus bug: {path} is of corpus {stored['corpus_version']}, this is {CORPUS_VERSION}; "
            "run 'softmax-ref faults --record'"
        )
    return {
        name: {fmt: tuple(places) for formats, places in row["places"] for fmt in formats.split()}
        for name, row in stored["faults"].items()
    }


def write_table(catches: Iterable[Catch], path: Path = TABLE) -> None:
    """Write the table, one fault a line with its flag and text; formats caught at the same places share an entry."""
    rows: dict[str, dict[tuple[str, ...], list[str]]] = {}
    about = {}
    for catch in catches:
        rows.setdefault(catch.fault.name, {}).setdefault(catch.sure, []).append(catch.format)
        about[catch.fault.name] = {"flag": catch.fault.flag, "text": catch.fault.text}
    lines = []
    for name, row in sorted(rows.items()):
        places = {"places": [[" ".join(formats), found] for found, formats in row.items()]}
        lines.append(f"{json.dumps(name)}: {json.dumps(about[name] | places)}")
    text = f'{{"corpus_version": "{CORPUS_VERSION}", "faults": {{\n' + ",\n".join(lines) + "\n}}\n"
    replace_file(path, text)
    read_table.cache_clear()


def case_id(function: str, fmt: str, place: str) -> str:
    """Return the id of a case, or of a promise, from where it stands in the table."""
    if place.startswith("contract/"):
        return f"{function}/{fmt}/{place}"
    return place if place.startswith("policy/") else f"{function}/{fmt}/{place}"


def alone(table: dict[str, dict[str, tuple[str, ...]]]) -> dict[str, list[str]]:
    """Return, for each case by id, the faults that no other case of its format catches."""
    found: dict[str, list[str]] = {}
    for name, row in table.items():
        for fmt, places in row.items():
            if len(places) == 1:
                found.setdefault(case_id(name.partition("/")[0], fmt, places[0]), []).append(name)
    return found


def distinct_rows(table: dict[str, dict[str, tuple[str, ...]]]) -> int:
    """Count the faults that differ in the cases that catch them."""
    return len({(name.partition("/")[0], *sorted(row.items())) for name, row in table.items()})
