"""The record of the searches: which there are, how far they came, what they kept."""

from __future__ import annotations

import json
from pathlib import Path

from softmax_ref.replacing import replace_file

__all__ = ["RECORD", "TASKS", "fresh", "read", "write"]

RECORD = Path(__file__).with_name("record.json")
TASKS = tuple(
    (function, fmt, classes)
    for fmt in ("binary32", "binary64")
    for function, classes in (
        *(("logistic", 1), ("softplus", 1)),
        *((name, k) for name in ("softmax", "log_softmax", "logsumexp") for k in (2, 3)),
    )
)
"""(function, format, classes); 1 class stands for a single argument. log_logistic(x) = -softplus(-x) needs no search."""


def fresh(function: str, fmt: str, classes: int) -> dict:
    """Return a search that has seen nothing; every task has a seed of its own."""
    seed = TASKS.index((function, fmt, classes)) + 1
    return {"function": function, "format": fmt, "classes": classes, "seed": seed, "done": 0, "results": 0, "kept": []}


def read(path: Path = RECORD) -> list[dict]:
    """Return the recorded searches, one for each of `TASKS`."""
    states = json.loads(path.read_text(encoding="utf-8"))["searches"] if path.exists() else []
    recorded = {(state["function"], state["format"], state["classes"]): state for state in states}
    return [recorded.get(task) or fresh(*task) for task in TASKS]


def write(states: list[dict], path: Path = RECORD) -> None:
    """Write the record, a kept input a line; it appears whole or not at all."""
    text = ",\n".join(_state_text(state) for state in states)
    replace_file(path, '{"searches": [\n' + text + "\n]}\n")


def _state_text(state: dict) -> str:
    head = json.dumps({name: value for name, value in state.items() if name != "kept"})
    return head[:-1] + ', "kept": [' + ",".join("\n  " + json.dumps(kept) for kept in state["kept"]) + "]}"
