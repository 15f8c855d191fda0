"""The array contract: how a function treats arrays, whatever their numbers are.

Values are judged by stored cases only: a layout is another way to hold the array of a case, a row alone
is a part of one, and an integer array holds the numbers of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from softmax_ref.conformance.adapters import RAISED, Answer, arguments, ask, call, describe, format_of
from softmax_ref.conformance.judge import Verdict, judge_answer
from softmax_ref.corpus import Case, load

__all__ = ["Finding", "array_contract", "empty_axis", "integer_contract"]


@dataclass(frozen=True)
class Finding:
    """One promise of the contract: kept, broken, or the call was refused with an exception.

    Attributes
    ----------
    name, flag : str
        Which promise; its key in `softmax_ref.corpus.notes.CONTRACT_NOTES`.
    state : {"kept", "broken", "refused"}
        A refusal is allowed where the contract says so, and is never counted as kept.
    text : str
        What was seen.
    """

    name: str
    flag: str
    state: str
    text: str = ""


def array_contract(fn: Callable, cases: list[Case], dtype: np.dtype, level: str) -> Iterator[Finding]:
    """Check an implementation with arrays of one dtype.

    Parameters
    ----------
    fn : callable
        The implementation.
    cases : list of Case
        The cases of one function and format.
    dtype : dtype
        Of the arrays.
    level : str
        The level that values are judged at.
    """
    matrix = _first(cases, _is_matrix)
    repeatable = _repeatable(fn, matrix, dtype)
    yield repeatable
    if repeatable.state == "kept" and judge_answer(matrix, ask(fn, matrix, arguments(matrix, dtype))).passes(level):
        # Otherwise its numbers are wrong in every layout, and the layouts tell nothing more.
        yield from _layouts(fn, matrix, dtype, level)
        yield _rows_alone(fn, cases, dtype, level)
    yield _results_kept(fn, matrix, dtype)
    yield _no_rows(fn, matrix, dtype)
    yield _no_axes(fn, cases, dtype, level)


def _first(cases: list[Case], wanted: Callable[[Case], bool]) -> Case:
    """Return the first plain case of finite numbers that has the wanted shape."""
    return next(case for case in cases if all(np.isfinite(x).all() for x in case.inputs.values()) and wanted(case))


def _is_matrix(case: Case) -> bool:
    """Whether the first argument has rows; what stands beside it may hold one number or label for each row."""
    x = next(iter(case.inputs.values()))
    return x.ndim == 2 and min(x.shape) > 1


def _strided(x: np.ndarray) -> np.ndarray:
    wide = np.full([2 * n for n in x.shape], 7, x.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in x.shape)]
    view[...] = x
    return view


def _reversed(x: np.ndarray) -> np.ndarray:
    everywhere = tuple(slice(None, None, -1) for _ in x.shape)
    return np.ascontiguousarray(x[everywhere])[everywhere]


def _read_only(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x.flags.writeable = False
    return x


LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "every other entry of a wider array": _strided,
    "negative strides": _reversed,
    "read-only": _read_only,
}


def _layouts(fn, case: Case, dtype, level) -> Iterator[Finding]:
    for name, arrange in LAYOUTS.items():
        answer = ask(fn, case, [arrange(x) for x in arguments(case, dtype)])
        yield _finding(name, "memory-layout", judge_answer(case, answer), level)


def _finding(name: str, flag: str, verdict: Verdict, level: str) -> Finding:
    if verdict.passes(level):
        return Finding(name, flag, "kept")
    if verdict.problems:
        (own_flag, text), *_ = verdict.problems
        return Finding(name, own_flag if own_flag != "raises" else flag, "broken", f"{verdict.case.id}: {text}")
    worst = int(np.argmax(verdict.excess(level)))
    text = f"{verdict.case.id}: component {worst} is {verdict.got[worst]:.9g}, off by {verdict.error[worst]:.3g} ulp"
    return Finding(name, flag, "broken", text)


def _rows_alone(fn, cases: list[Case], dtype, level) -> Finding:
    """Each row of a case in a call of its own."""

    def wanted(case):
        x = next(iter(case.inputs.values()))
        return (
            case.axis in (-1, None)
            and x.ndim == 2
            and len(x) > 1
            and "recipe" not in next(iter(case.record["inputs"].values()))
        )

    case = _first(cases, wanted)
    parts = []
    for n in range(len(next(iter(case.inputs.values())))):
        answer = ask(fn, case, [x[n : n + 1] for x in arguments(case, dtype)], (1, *case.shape[1:]))
        if answer.result is None:
            return _finding("rows alone", "row-mixing", Verdict(case, answer.problems), level)
        parts.append(answer.result)
    return _finding("rows alone", "row-mixing", judge_answer(case, Answer(np.concatenate(parts))), level)


def _repeatable(fn, case: Case, dtype) -> Finding:
    name, flag = "repeated calls", "not-repeatable"
    answers = [ask(fn, case, arguments(case, dtype)).result for _ in range(3)]
    if any(answer is None for answer in answers):
        return Finding(name, flag, "refused", "no result")
    same = len({answer.tobytes() for answer in answers}) == 1
    return Finding(name, flag, "kept" if same else "broken", "" if same else f"{case.id}: three calls differ")


def _results_kept(fn, case: Case, dtype) -> Finding:
    name, flag = "earlier results", "result-aliased"
    first = ask(fn, case, arguments(case, dtype)).result
    if first is None:
        return Finding(name, flag, "refused", "no result")
    kept = first.tobytes()
    # Labels and masks stay, so that the next call has a result of its own.
    ask(fn, case, [np.zeros_like(x) if x.dtype == dtype else x for x in arguments(case, dtype)])
    ok = first.tobytes() == kept
    return Finding(name, flag, "kept" if ok else "broken", "" if ok else f"{case.id}: the next call changed the result")


def _no_rows(fn, case: Case, dtype) -> Finding:
    name, flag = "no rows", "empty-array"
    arrays = [x[:0] for x in arguments(case, dtype)]
    axis = None if case.axis is None else -1
    # The case holds a matrix with the same axes: whatever the function does to it, the rows come first.
    shape = (0, *case.shape[1:])
    try:
        result = call(fn, arrays, axis, **case.parameters)
    except RAISED as error:
        return Finding(name, flag, "refused", describe(error))
    ok = result.shape == shape
    return Finding(
        name,
        flag,
        "kept" if ok else "broken",
        "" if ok else f"shape {arrays[0].shape} gave {result.shape}, not {shape}",
    )


def _no_axes(fn, cases: list[Case], dtype, level) -> Finding:
    """An array without axes is a row of one."""
    name, flag = "no axes", "zero-dimensional"

    def wanted(case):
        return all(x.shape in ((1,), (1, 1)) for x in case.inputs.values()) and case.function != "softmax_jacobian"

    case = next((case for case in cases if case.policy is None and wanted(case)), None)
    if case is None:
        return Finding(name, flag, "refused", "not asked of this function")
    answer = ask(fn, case, [x.reshape(()) for x in arguments(case, dtype)], ())
    if answer.problems and answer.problems[0][0] == "raises":
        return Finding(name, flag, "refused", answer.problems[0][1])
    return _finding(name, flag, judge_answer(case, answer), level)


def empty_axis(fn: Callable, function: str, dtype: np.dtype) -> str | None:
    """Return the observed policy along an axis without entries; None where the function has no such axis."""
    if function not in ("softmax", "log_softmax", "argmax_one_hot", "sparsemax", "entmax15"):
        return None
    try:
        return "empty" if call(fn, [np.zeros((3, 0), dtype)], -1).shape == (3, 0) else "other"
    except RAISED:
        return "error"


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
    fmt = format_of(result.dtype)
    text = f"{name} gave {_short(result)}"
    if fmt is None or result.shape != case.shape or any((x != y).any() for x, y in zip(arrays, before, strict=True)):
        return Finding(name, "integer-input", "broken", text)
    stored = next(c for c in load(function, fmt) if c.id.endswith("/" + slug))
    ok = judge_answer(stored, Answer(result)).passes("standard")
    want = _short(case.values)
    return Finding(name, "integer-input", "kept" if ok else "broken", "" if ok else f"{text}, right is {want}")
