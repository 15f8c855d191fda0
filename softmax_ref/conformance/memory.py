"""Promises about state: what was called before makes no difference, and what was given back stays as it is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

import numpy as np

from softmax_ref.conformance.adapters import RAISED, Ledger, arguments, ask, attempt, call, describe
from softmax_ref.conformance.bench import Bench
from softmax_ref.conformance.judge import Verdict, judge, judge_answer
from softmax_ref.conformance.promises import Finding, Problem, promise
from softmax_ref.corpus import Case

__all__ = ["earlier", "first_call", "fresh_memory", "memory", "repeatable"]

MATRIX = (0, 1, 2)
MANY = 64
"""Calls in a row, to meet what happens every so often."""


def first_call(fn: Callable, first: Verdict, dtype: np.dtype) -> Finding:
    """Check that the case judged first of all, before anything was called, has the same answer later."""
    again = judge(fn, first.case, dtype)
    same = [flag for flag, _ in first.problems] == [flag for flag, _ in again.problems]
    same = same and np.array_equal(first.got, again.got, equal_nan=True)
    text = "" if same else f"{first.case.id}: the first call of all gave another answer than a later one"
    return Finding("the first call", "not-repeatable", "kept" if same else "broken", text)


def repeatable(benches: Sequence[Bench]) -> Finding:
    """Check that a call gives the same bits again, on a row, on a matrix and on wide rows; a matrix many times."""
    for bench in benches:
        many = bench is benches[0] and bench.dtype == np.float64
        for rows, times in ((0, 3), (range(min(3, bench.count)), MANY if many else 3)):
            arrays = bench.arrays(rows)
            answers = [bench.call(arrays, bench.wanted(rows).shape).result for _ in range(times)]
            if any(answer is None for answer in answers):
                return Finding("repeated calls", "not-repeatable", "refused", "no result")
            if len({answer.tobytes() for answer in answers}) > 1:
                text = f"{bench.case.id}: {times} calls differ"
                return Finding("repeated calls", "not-repeatable", "broken", text)
    return Finding("repeated calls", "not-repeatable", "kept")


def memory(bench: Bench, wide: Bench | None) -> Iterator[Finding]:
    """Check calls after other calls."""
    yield from promise("the same rows in another order", "not-repeatable", _reordered(bench, wide))
    yield from promise("an array that changes between calls", "not-repeatable", _same_array(bench))
    yield from promise("after a call in another dtype", "not-repeatable", _after_another_dtype(bench))
    yield from promise("after a call that fails", "not-repeatable", _after_a_failure(bench))
    yield from promise("after writing into a result", "result-aliased", _written(bench))
    yield from promise("settings and random numbers of NumPy", "not-repeatable", _settings(bench))
    yield from promise("a result after the next call", "result-aliased", _kept(bench, (2, 0, 1)))
    yield from promise("a result after a call of another shape", "result-aliased", _kept(bench, (2, 1)))
    yield from promise("a result after a larger call", "result-aliased", _kept(bench, np.arange(40) % 3))


def _reordered(bench: Bench, wide: Bench | None) -> Iterator[Problem | None]:
    """Arrays of one shape, with the same entries, with the same ends, with a long common beginning."""
    for rows in (*permutations(range(3)), (0, 1, 2, 0), (0, 2, 1, 0)):
        yield bench.problem(rows)
    for rows in ((0, 1), (0, 0), (1, 0), (1, 1)) if wide else ():
        yield wide.problem(rows)


def _same_array(bench: Bench) -> Iterator[Problem | None]:
    """The caller's array holds other rows in the next call; outside the ledger, as it is meant to change."""
    arrays = bench.arrays(MATRIX)
    for rows in ((2, 0, 1), (0, 2, 1), MATRIX):
        for x, fresh in zip(arrays, bench.arrays(rows), strict=True):
            x[...] = fresh
        wanted = bench.wanted(rows)
        answer = attempt(bench.fn, arrays, -1 if bench.slices else None, bench.case.parameters, wanted.shape)
        if answer.result is None:
            yield Problem(*answer.problems[0])
        else:
            yield bench.values(answer.result.astype(np.float64).ravel(), wanted.ravel())


def _quietly(bench: Bench, arrays: list[np.ndarray], axis: int | None, **parameters) -> None:
    """Call for what the call may leave behind."""
    try:
        call(bench.fn, arrays, axis, **parameters)
    except RAISED:
        pass


def _after_another_dtype(bench: Bench) -> Iterator[Problem | None]:
    other = np.float32 if bench.dtype == np.float64 else np.float64
    arrays = [x.astype(other) if x.dtype == bench.dtype else x for x in bench.arrays((2, 0, 1))]
    _quietly(bench, arrays, -1 if bench.slices else None, **bench.case.parameters)
    yield bench.problem(MATRIX)


def _after_a_failure(bench: Bench) -> Iterator[Problem | None]:
    """Arguments that do not fit one another, an axis that is not there, and no array at all."""
    first, *others = bench.arrays(MATRIX)
    _quietly(bench, [first, *(x[:2] for x in others)], 5 if bench.slices else None, **bench.case.parameters)
    yield bench.problem(MATRIX)
    _quietly(bench, [None] * len(bench.inputs), None)
    yield bench.problem(MATRIX)


def _settings(bench: Bench) -> Iterator[Problem | None]:
    """What NumPy does at an overflow, and its next random number, are the caller's."""
    kept = np.random.get_state()
    np.random.seed(len(bench.case.id))
    random = np.random.get_state()[1].tobytes()
    keywords = bench.case.parameters | ({"axis": -1} if bench.slices else {})
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        before = np.geterr()
        try:
            bench.fn(*bench.arrays(MATRIX), **keywords)
        except RAISED as error:
            yield Problem("raises", describe(error))
        after = np.geterr()
    drawn = np.random.get_state()[1].tobytes() != random
    np.random.set_state(kept)
    if after != before or drawn:
        yield Problem(None, f"{bench.case.id}: a call leaves other settings behind")


def _written(bench: Bench) -> Iterator[Problem | None]:
    """The caller owns a result: what is written into it does not come back from the next call."""
    wanted = bench.wanted(MATRIX)
    first = attempt(bench.fn, bench.arrays(MATRIX), -1 if bench.slices else None, bench.case.parameters, wanted.shape)
    for part in first.parts:
        if part.flags.writeable:
            part[...] = 0
    yield bench.problem(MATRIX)
    second = bench.call(bench.arrays(MATRIX), wanted.shape)
    if any(np.shares_memory(a, b) for a in first.parts for b in second.parts):
        yield Problem(None, f"{bench.case.id}: two results share memory")


def _kept(bench: Bench, rows) -> Iterator[Problem | None]:
    """Call once, then with other rows, and look at the first result again."""
    first = bench.call(bench.arrays(MATRIX), bench.wanted(MATRIX).shape).parts
    kept = [part.tobytes() for part in first]
    yield bench.problem(rows)
    if [part.tobytes() for part in first] != kept:
        yield Problem(None, f"{bench.case.id}: the next call changed the result")


def earlier(ledger: Ledger) -> Iterator[Finding]:
    """Check that no call has changed what an earlier call was given or gave."""
    arguments, results = ledger.changed()
    text = "a later call changed it"
    yield Finding("earlier results", "result-aliased", "broken" if results else "kept", text if results else "")
    state = "broken" if arguments else "kept"
    yield Finding("earlier arguments", "input-overwritten", state, text if arguments else "")


def fresh_memory(fn: Callable, bench: Bench, cases: Sequence[Case], level: str) -> Iterator[Finding]:
    """Check a matrix, and a slice with results of 0, in memory that held nan just before."""
    yield from promise("memory that held nan", "not-repeatable", _poisoned(fn, bench, cases, level))


def _poisoned(fn: Callable, bench: Bench, cases: Sequence[Case], level: str) -> Iterator[Problem | None]:
    _poison(bench.dtype, bench.wanted(MATRIX).size)
    yield bench.problem(MATRIX)
    case = next((case for case in cases if _has_zeros(case)), None)
    if case is not None:
        arrays = arguments(case, bench.dtype)
        _poison(bench.dtype, len(case.at))
        verdict = judge_answer(case, ask(fn, case, arrays))
        if not verdict.passes(level):
            flag, text = (verdict.problems or ((None, "the values are wrong"),))[0]
            yield Problem(flag, f"{case.id}: {text}")


def _has_zeros(case: Case) -> bool:
    masked = any(np.isneginf(x).any() for x in case.inputs.values())
    return case.policy is None and masked and (case.values == 0).any() and len(case.at) <= 64


def _poison(dtype: np.dtype, size: int) -> None:
    """Leave nan in the small blocks that NumPy keeps and hands out next."""
    for _ in [np.full(size, np.nan, dtype) for _ in range(8)]:
        pass
