"""Three lines that reproduce a broken promise about arrays, for the promises that real libraries break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from softmax_ref.corpus import Case, load
from softmax_ref.scoreboard.libraries import Library
from softmax_ref.scoreboard.snippets import snippet
from softmax_ref.scoreboard.stored import stored_case

__all__ = ["empty_snippets", "is_number", "promise_snippets"]

SHORT = 8
"""An input of so many numbers fits on a line."""


def promise_snippets(of: Library, function: str, fmt: str, promise: str, seen: str) -> Iterator[tuple[Case, str, str]]:
    """Yield (case, text, right) of snippets of which one shows the promise broken, the likeliest first."""
    if promise == "labels out of range":
        yield from _labels(of, function, fmt)
    name = seen.partition(": ")[0]
    if promise not in CHANGES or name.count("/") != 3:
        return
    case = stored_case(name)
    for flat in range(min(case.values.size, 8)):
        component = tuple(int(n) for n in np.unravel_index(flat, case.shape)) if case.shape else ()
        text = CHANGES[promise](snippet(of, function, case, component), case)
        yield case, text, case.record["expected"]["decimal"][flat]


def _other_bytes(text: str, case: Case) -> str:
    return re.sub(r"np\.float(\d+)\)", lambda m: f"'>f{int(m[1]) // 8}')", text, count=1)


def _one_row(text: str, case: Case) -> str:
    first, second, third = text.split("\n")
    rows = next(iter(case.inputs.values())).shape
    return "\n".join([first, re.sub(r"\)(;|$)", f")[:1].expand{rows}\\1", second, count=1), third])


CHANGES = {"the other byte order": _other_bytes, "one row, repeated without a copy": _one_row}
"""Promises about the way in which the first array is held."""


def _labels(of: Library, function: str, fmt: str) -> Iterator[tuple[Case, str, str]]:
    """Yield calls with a label that is no class."""
    case = min((c for c in load(function, fmt) if c.policy is None), key=lambda c: max(c.inputs["z"].size, SHORT))
    width = case.inputs["z"].shape[-1]
    for label in (width, width + 200):
        inputs = case.inputs | {"labels": np.full_like(case.inputs["labels"], label)}
        yield case, snippet(of, function, case, (0,) * len(case.shape), inputs), "nan or an error"


def empty_snippets(of: Library, function: str, fmt: str) -> Iterator[str]:
    """Yield calls along an axis without entries that print the shape of the result."""
    case = next(c for c in load(function, fmt) if c.axis == -1)
    for shape, axis in (((3, 0), -1), ((0,), -1), ((2, 3, 0), -1), ((0, 3), 0), ((2, 0, 3), 1)):
        empty = {name: np.zeros(shape, x.dtype) for name, x in case.inputs.items()}
        yield snippet(of, function, replace(case, axis=axis), ".shape", empty)


def is_number(printed: str) -> bool:
    """Whether what was printed is a number, and no nan."""
    try:
        return not np.isnan(float(printed))
    except ValueError:
        return False
