"""The stored scoreboard: reading and writing it."""

from __future__ import annotations

import json
from pathlib import Path

from softmax_ref.corpus import Case, load
from softmax_ref.replacing import replace_file

__all__ = ["PAGE", "SCORES", "scores", "stored_case", "write_scores"]

SCORES = Path(__file__).with_name("scores.json")
PAGE = Path(__file__).with_name("README.md")


def scores(path: Path = SCORES) -> dict:
    """Return the scoreboard as stored: corpus version, machine, libraries, rows."""
    return json.loads(path.read_text(encoding="utf-8"))


def stored_case(name: str) -> Case:
    """Return the case of the corpus that has this id; snippets with many entries take them from here.

    Examples
    --------
    >>> stored_case("softmax/binary32/long/70000-equal").inputs["z"].shape
    (70000,)
    """
    function, fmt, _ = name.split("/", 2)
    return next(case for case in load(function, fmt) if case.id == name)


def write_scores(found: dict, path: Path = SCORES) -> None:
    """Write the scoreboard, one row a line, so that a diff shows one row."""
    head = {key: value for key, value in found.items() if key not in ("libraries", "rows")}
    parts = [f' "{key}": {_line(value)}' for key, value in head.items()]
    parts += [
        f' "{key}": [\n' + ",\n".join("  " + _line(row) for row in found[key]) + "\n ]" for key in ("libraries", "rows")
    ]
    replace_file(path, "{\n" + ",\n".join(parts) + "\n}\n")


def _line(value) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
