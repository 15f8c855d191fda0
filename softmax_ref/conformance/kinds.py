"""Promises about dtypes that no stored case has: integers, and what is no real number."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from softmax_ref.conformance.adapters import RAISED, Answer, arguments, call, describe, format_of
from softmax_ref.conformance.judge import judge_answer
from softmax_ref.conformance.promises import Finding
from softmax_ref.corpus import Case, formats_of, load

__all__ = ["integer_contract"]

INTEGERS = {
    "integers/one-two": ("uint8", "int8", "uint16", "int64"),
    "integers/bytes": ("uint8", "uint16", "uint64", "int32"),
    "integers/signed-bytes": ("int8", "int16", "int64"),
}
"""Stored cases whose logits are integers, and the types that hold them."""


def integer_contract(fn: Callable, function: str) -> Iterator[Finding]:
    """Check what integer arrays give: the right value in any float dtype, or a refusal."""
    cases = {case.id.split("/", 2)[2]: case for case in load(function, "binary64")}
    for slug, dtypes in INTEGERS.items():
        for dtype in dtypes if slug in cases else ():
            yield _integers(fn, function, slug, cases[slug], np.dtype(dtype))


def _short(x: np.ndarray) -> str:
    if x.dtype.kind not in "biuf":
        return f"{x.dtype} {x.tolist()!r}"[:80]
    return "[" + ", ".join(f"{v:.4g}" for v in np.ravel(x).tolist()) + "]"


def _integers(fn, function: str, slug: str, case: Case, dtype: np.dtype) -> Finding:
    arrays = arguments(case, dtype)
    name = f"{dtype} {arrays[0].astype(int).tolist()}"
    before = [x.copy() for x in arrays]
    try:
        result = call(fn, arrays, case.axis, **case.parameters)
    except RAISED as error:
        return Finding(name, "integer-input", "refused", describe(error))
    fmt = next((f for f in formats_of(function) if f == format_of(result.dtype)), None)
    text = f"{name} gave {_short(result)}"
    if fmt is None or result.shape != case.shape or any((x != y).any() for x, y in zip(arrays, before, strict=True)):
        return Finding(name, "integer-input", "broken", text)
    stored = next((c for c in load(function, fmt) if c.id.endswith("/" + slug)), None)
    # A format without such a case does not hold the integers.
    ok = stored is not None and judge_answer(stored, Answer(result)).passes("standard")
    want = _short(case.values)
    return Finding(name, "integer-input", "kept" if ok else "broken", "" if ok else f"{text}, right is {want}")
