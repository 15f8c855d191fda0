"""Promises about integers: the right value in any float dtype, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from softmax_ref.conformance.adapters import RAISED, Answer, arguments, call, describe, format_of
from softmax_ref.conformance.judge import judge_answer
from softmax_ref.conformance.promises import Finding, asked
from softmax_ref.corpus import Case, formats_of, load

__all__ = ["integer_contract"]

TYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
RESULTS = ("binary64", "binary32", "binary16")
"""Formats that a result for integers may have."""


def integer_contract(fn: Callable, function: str) -> Iterator[Finding]:
    """Check what integers give in place of the first argument: in each type the first stored case of whole
    numbers that fits, the one with the largest difference, which wraps if it is formed in that type, and
    the columns of a matrix.
    """
    cases = _of_whole_numbers(function)
    for name in TYPES:
        fitting = [case for case in cases if _fits(_first(case), np.dtype(name))]
        widest = max(fitting, key=lambda case: np.ptp(_first(case)), default=None)
        matrix = next((case for case in fitting if case.axis == 0 and _first(case).ndim == 2), None)
        for case in dict.fromkeys(case.id for case in (*fitting[:1], widest, matrix) if case):
            case = next(c for c in fitting if c.id == case)
            label = f"{name} {_first(case).astype(int).tolist()}"
            if asked(label):
                yield _integers(fn, function, case, np.dtype(name), label)


def _first(case: Case) -> np.ndarray:
    return next(iter(case.inputs.values()))


def _of_whole_numbers(function: str) -> list[Case]:
    """Return the cases whose first argument is whole, as in every format that a result may have."""
    others = [{_slug(case): case for case in load(function, fmt)} for fmt in RESULTS[1:]]
    return [case for case in load(function, "binary64") if _whole(case) and all(_same(case, o) for o in others)]


def _slug(case: Case) -> str:
    return case.id.split("/", 2)[2]


def _whole(case: Case) -> bool:
    numbers = [x for x in case.inputs.values() if x.dtype.kind == "f"]
    plain = case.policy is None and all(np.isfinite(x).all() for x in numbers) and numbers[0].size <= 64
    return plain and (np.signbit(numbers[0]) == (numbers[0] < 0)).all() and (numbers[0] == np.rint(numbers[0])).all()


def _same(case: Case, others: dict[str, Case]) -> bool:
    other = others.get(_slug(case))
    if other is None or other.parameters != case.parameters:
        return False
    return all(np.array_equal(x, y) for x, y in zip(case.inputs.values(), other.inputs.values(), strict=True))


def _fits(x: np.ndarray, dtype: np.dtype) -> bool:
    if dtype.kind == "b":
        return bool(((x == 0) | (x == 1)).all())
    info = np.iinfo(dtype)
    return info.min <= x.min() and x.max() <= min(info.max, 2**53)


def _short(x: np.ndarray) -> str:
    if x.dtype.kind not in "biuf":
        return f"{x.dtype} {x.tolist()!r}"[:80]
    return "[" + ", ".join(f"{v:.4g}" for v in np.ravel(x).tolist()[:9]) + "]"


def _integers(fn, function: str, case: Case, dtype: np.dtype, name: str) -> Finding:
    first, *others = arguments(case, np.dtype(np.float64))
    arrays = [first.astype(dtype), *others]
    before = [x.copy() for x in arrays]
    try:
        result = call(fn, arrays, case.axis, **case.parameters)
    except RAISED as error:
        return Finding(name, "integer-input", "refused", describe(error))
    fmt = next((f for f in formats_of(function) if f == format_of(result.dtype)), None)
    text = f"{name} gave {_short(result)}"
    if fmt is None or result.shape != case.shape or any((x != y).any() for x, y in zip(arrays, before, strict=True)):
        return Finding(name, "integer-input", "broken", text)
    # A format in which no case has these numbers does not hold them.
    stored = next((c for c in load(function, fmt) if _same(case, {_slug(c): c})), None)
    ok = stored is not None and judge_answer(stored, Answer(result)).passes("standard")
    want = _short(case.values)
    return Finding(name, "integer-input", "kept" if ok else "broken", "" if ok else f"{text}, right is {want}")
