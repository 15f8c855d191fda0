"""Promises about shapes: any axis of any array, however many axes it has, and arrays without entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from softmax_ref.conformance.adapters import RAISED, Answer, arguments, ask, attempt, call, describe, format_of
from softmax_ref.conformance.bench import Bench
from softmax_ref.conformance.judge import judge_answer
from softmax_ref.conformance.promises import Finding, Problem, promise
from softmax_ref.corpus import PAIRS, Case
from softmax_ref.formats import get_format

__all__ = ["axes", "empty_axis", "empty_sum", "no_axes", "no_rows", "single_entries"]

BATCHES = {
    "one axis": 1,
    "one row": (1,),
    "a matrix": (0, 1, 2),
    "three axes": ((0, 1, 2), (2, 0, 1)),
    "four axes": (((0,), (1,)), ((2,), (1,))),
    "five axes": ((((0, 2), (1, 0)),),),
}
"""Rows in shapes: what stands before or behind an axis is more than one entry somewhere."""


def axes(bench: Bench) -> Iterator[Finding]:
    """Check every axis, counted from either end."""
    for name, rows in BATCHES.items():
        yield from promise(f"every axis of {name}", "axis", _every_axis(bench, rows))
    if bench.thorough:
        yield from promise("every axis of a cube", "axis", _every_axis(bench, _cube(bench)))
    if bench.slices:
        yield from promise("an axis out of range", "axis", _out_of_range(bench))
        yield from promise("no axis given for one axis", "axis", _no_axis_given(bench), refusable=True)
        numpy = (bench.problem((0, 1, 2), axis=np.int64(axis)) for axis in (-1, 0))
        yield from promise("an axis that is a NumPy integer", "axis", numpy, refusable=True)


def _every_axis(bench: Bench, rows) -> Iterator[Problem | None]:
    """Count from the end, and for few axes from the start too."""
    count = np.ndim(rows) + 1
    for axis in range(count if bench.slices else 1):
        yield bench.problem(rows, axis=axis - count)
        if bench.slices and count < (4 if bench.thorough else 3):
            yield bench.problem(rows, axis=axis)


def _cube(bench: Bench) -> np.ndarray:
    """Return rows in a square as large as they are wide: a wrong axis does not show in the shape."""
    width = min(bench.width, 3)
    return (np.arange(bench.width**2).reshape(bench.width, -1) * 2 + np.arange(bench.width)[:, None]) % width


def _out_of_range(bench: Bench) -> Iterator[Problem | None]:
    for axis in (2, -3, 1000):
        try:
            call(bench.fn, bench.arrays((0, 1, 2)), axis, **bench.case.parameters)
        except RAISED:
            continue
        yield Problem(None, f"{bench.case.id}: axis {axis} of a matrix is taken")


def _no_axis_given(bench: Bench) -> Iterator[Problem | None]:
    try:
        result = call(bench.fn, bench.arrays(1), None, **bench.case.parameters)
    except RAISED as error:
        yield Problem("raises", describe(error))
        return
    wanted = bench.wanted(1)
    if result.shape != wanted.shape:
        yield Problem("shape-changed", f"{bench.case.id}: got shape {result.shape} for a single row")
    else:
        yield bench.values(result.astype(np.float64).ravel(), wanted.ravel())


def no_rows(bench: Bench) -> Iterator[Finding]:
    """Check that an array without rows has a result without rows."""
    for name, shape in {"no rows": (0,), "no rows in two axes": (2, 0), "no rows in three axes": (0, 3, 2)}.items():
        yield from promise(name, "empty-array", _without_rows(bench, shape, (-1,)), refusable=True)
    if bench.slices:
        behind = _without_rows(bench, (0, 2), (0, 1))
        yield from promise("no rows behind the axis", "empty-array", behind, refusable=True)


def _without_rows(bench: Bench, shape: tuple[int, ...], axes: Sequence[int]) -> Iterator[Problem | None]:
    """A wrong shape is what goes wrong without rows, and has no flag of its own here."""
    for axis in axes:
        problem = bench.problem(np.zeros(shape, int), axis=axis)
        yield Problem(None, problem.text) if problem and problem.flag == "shape-changed" else problem


def no_axes(fn: Callable, cases: Sequence[Case], dtype: np.dtype, level: str) -> Iterator[Finding]:
    """Check that an array without axes is a row of one."""
    case = next((case for case in cases if case.policy is None and _is_single(case)), None)
    if case is not None:
        yield from promise("no axes", "zero-dimensional", _without_axes(fn, case, dtype, level), refusable=True)


def _is_single(case: Case) -> bool:
    z, *others = case.inputs.values()
    alone = z.shape in ((1,), (1, 1)) and all(x.size == 1 for x in others)
    return alone and case.function != "softmax_jacobian"


def _without_axes(fn: Callable, case: Case, dtype: np.dtype, level: str) -> Iterator[Problem | None]:
    shape = case.shape[:1] if case.function in PAIRS else ()
    answer = ask(fn, case, [x.reshape(()) for x in arguments(case, dtype)], shape)
    passes = judge_answer(case, answer).passes(level)
    yield None if passes else Problem(*(answer.problems or ((None, "the value is wrong"),))[0])


def single_entries(fn: Callable, cases: Sequence[Case], dtype: np.dtype, level: str) -> Iterator[Finding]:
    """Check a row along its first axis: slices of one entry each."""
    case = next((c for c in cases if c.axis == -1 and c.policy is None and _is_column(c)), None)
    if case is not None:
        yield from promise("slices of one entry in a row", "axis", _as_row(fn, case, dtype, level))


def _as_row(fn: Callable, case: Case, dtype: np.dtype, level: str) -> Iterator[Problem | None]:
    arrays = [np.ascontiguousarray(x.T) for x in arguments(case, dtype)]
    answer = attempt(fn, arrays, 0, case.parameters, case.shape[::-1])
    if answer.result is not None:
        answer = Answer(answer.result.T, answer.problems)
    wrong = None if judge_answer(case, answer).passes(level) else (answer.problems or ((None, "wrong values"),))[0]
    yield wrong and Problem(wrong[0], f"{case.id}, as a row along its first axis: {wrong[1]}")


def _is_column(case: Case) -> bool:
    """Whether the arguments are columns of more than one finite number."""
    shape = next(iter(case.inputs.values())).shape
    plain = all(np.isfinite(x).all() and x.shape in (shape, shape[:1]) for x in case.inputs.values())
    return plain and len(shape) == 2 and shape[1] == 1 < shape[0]


EMPTY = {
    **dict.fromkeys(("softmax", "log_softmax", "argmax_one_hot", "sparsemax", "entmax15", "entmax"), 1),
    **dict.fromkeys(("softmax_beta", "softmax_temperature", "boltzmann", "boltzmann_policy"), 1),
    **dict.fromkeys(("masked_softmax", "gumbel_softmax"), 2),
}
"""Functions that give slices as long as those they are given, and how many arrays they take."""
SUMS = {"logsumexp": -np.inf, "log_semiring_sum": -np.inf, "partition_function": 0.0, "free_energy": np.inf}
"""What a sum without terms is."""


def empty_axis(fn: Callable, function: str, dtype: np.dtype) -> str | None:
    """Return the observed policy along an axis without entries; None where the function has no such axis."""
    if function not in EMPTY:
        return None
    dtypes = (dtype, bool if function == "masked_softmax" else dtype)[: EMPTY[function]]
    asked = [((3, 0), -1), ((0,), -1), ((2, 3, 0), -1)]
    if _empty(fn, (2, 3), 0, dtypes) == "empty":  # it takes the first axis at all
        asked += [((0, 3), 0), ((2, 0, 3), 1)]
    answers = {_empty(fn, shape, axis, dtypes) for shape, axis in asked}
    return answers.pop() if len(answers) == 1 else "other"


def _empty(fn: Callable, shape: tuple[int, ...], axis: int, dtypes: Sequence) -> str:
    """Return what comes back for arrays of zeros: an array of their shape, something else, an error."""
    try:
        return "empty" if call(fn, [np.zeros(shape, t) for t in dtypes], axis).shape == shape else "other"
    except RAISED:
        return "error"


def empty_sum(fn: Callable, function: str, dtype: np.dtype) -> Iterator[Finding]:
    """Check that a sum without terms is that of its definition, or is refused."""
    if function in SUMS:
        problems = (_empty_sum(fn, shape, dtype, SUMS[function]) for shape in ((0,), (3, 0), (2, 3, 0)))
        yield from promise("an empty sum", "empty-array", problems, refusable=True)


def _empty_sum(fn: Callable, shape: tuple[int, ...], dtype: np.dtype, want: float) -> Problem | None:
    try:
        result = call(fn, [np.zeros(shape, dtype)], -1)
    except RAISED as error:
        return Problem("raises", describe(error))
    if result.shape != shape[:-1]:
        return Problem(None, f"shape {shape} gave {result.shape}, not {shape[:-1]}")
    right = _is(result.astype(np.float64), want, dtype).all()
    return None if right else Problem(None, f"shape {shape} gave {result.ravel().tolist()}, not {want}")


def _is(got: np.ndarray, want: float, dtype: np.dtype) -> np.ndarray:
    """Say where a result is what is wanted; nan or the largest number where that is infinite and has no number."""
    fmt = get_format(format_of(dtype))
    if np.isfinite(want) or fmt.infinity:
        return got == want
    return np.isnan(got) | (got == np.copysign(fmt.max, want))
