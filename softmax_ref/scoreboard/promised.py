"""Three lines that reproduce a broken promise of the array contract, for the promises that real libraries break."""

from __future__ import annotations

import re

import numpy as np

from softmax_ref.corpus import Case
from softmax_ref.scoreboard.libraries import Library
from softmax_ref.scoreboard.snippets import snippet
from softmax_ref.scoreboard.stored import stored_case

__all__ = ["promise_snippets"]

PROMISES = ("the other byte order", "one row, repeated without a copy")


def promise_snippets(of: Library, function: str, promise: str, seen: str):
    """Yield (case, flat component, text) of snippets of which one shows the promise broken, the likeliest first."""
    name = seen.partition(": ")[0]
    if promise not in PROMISES or name.count("/") != 3:
        return
    case = stored_case(name)
    for flat in range(min(case.values.size, 8)):
        component = tuple(int(n) for n in np.unravel_index(flat, case.shape)) if case.shape else ()
        yield case, flat, _changed(promise, snippet(of, function, case, component), case)


def _changed(promise: str, text: str, case: Case) -> str:
    """Return a snippet in which the first array is held in another way."""
    if promise == "the other byte order":
        return re.sub(r"np\.float(\d+)\)", lambda m: f"'>f{int(m[1]) // 8}')", text, count=1)
    first, second, third = text.split("\n")
    rows = next(iter(case.inputs.values())).shape
    return "\n".join([first, re.sub(r"\)(;|$)", f")[:1].expand{rows}\\1", second, count=1), third])
