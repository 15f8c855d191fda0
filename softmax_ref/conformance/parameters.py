"""Promises about parameters: what they are if not given, that they do not stick, and of which type they may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from softmax_ref.conformance.adapters import RAISED, Answer, arguments, attempt, call
from softmax_ref.conformance.judge import judge_answer
from softmax_ref.conformance.promises import Finding, Problem, promise
from softmax_ref.corpus import Case

__all__ = ["parameters"]

DEFAULTS = {"beta": 1.0, "temperature": 1.0, "tau": 1.0, "theta": 1.0, "alpha": 1.5, "label_smoothing": 0.0}
"""What a parameter is where it is not given."""

TYPES = {"a NumPy float64": np.float64, "an array without axes": np.array}
WHOLE = {"an int": int, "a NumPy integer": np.int64}


class _Calls:
    """Calls of one implementation with the arrays of a case, and whatever parameters."""

    def __init__(self, fn: Callable, dtype: np.dtype, level: str):
        self.fn, self.dtype, self.level = fn, dtype, level

    def problem(self, case: Case, *, any_dtype: bool = False, **changed) -> Problem | None:
        """Judge a case called with changed parameters, which say the same."""
        answer = attempt(self.fn, arguments(case, self.dtype), case.axis, case.parameters | changed, case.shape)
        if any_dtype:
            other = tuple(problem for problem in answer.problems if problem[0] != "dtype-changed")
            answer = Answer(answer.result, other or (answer.problems if answer.result is None else ()), answer.parts)
        if judge_answer(case, answer).passes(self.level):
            return None
        flag, text = (answer.problems or ((None, "the values are wrong"),))[0]
        return Problem(flag, f"{case.id}: {text}")

    def other(self, case: Case, **changed) -> None:
        """Call with parameters that say something else."""
        try:
            call(self.fn, arguments(case, self.dtype), case.axis, **case.parameters | changed)
        except RAISED:
            pass


def parameters(fn: Callable, cases: Sequence[Case], dtype: np.dtype, level: str) -> Iterator[Finding]:
    """Check calls with and without parameters, of a function that has any and is right in some of them."""
    names = sorted({name for case in cases for name in case.parameters})
    if not names:
        return
    cases, calls = [case for case in cases if _plain(case)], _Calls(fn, dtype, level)
    without = next((case for case in cases if not case.parameters), None)
    given = next((case for case in cases if case.parameters and not _default(case)), None)
    usual = next((case for case in cases if case.parameters and _default(case)), None)
    defaults = {name: DEFAULTS[name] for name in names}
    asked = ((without, defaults), (given, {}), (usual, {}))
    if not any(calls.problem(case, **more) is None for case, more in asked if case):
        return  # its numbers are wrong whatever the parameters are
    if without is not None:
        yield from promise("a parameter that is not given", "parameter", _after_others(calls, without, names))
        yield from promise("the default, given", "parameter", (calls.problem(case, **defaults) for case in [without]))
    if given is not None:
        second = next((c for c in cases if c.parameters not in ({}, given.parameters) and not _default(c)), given)
        problems = (problem for case in (given, second) for problem in _after_others(calls, case, names))
        yield from promise("a parameter after another", "parameter", problems)
    if dtype.isbuiltin == 1 and dtype.itemsize >= 4:
        yield from _types(calls, given, TYPES)
        yield from _types(calls, next((case for case in cases if case.parameters and _is_whole(case)), None), WHOLE)


def _plain(case: Case) -> bool:
    numbers = [x for x in case.inputs.values() if x.dtype.kind == "f"]
    finite = all(np.isfinite(x).all() for x in (*numbers, case.values))
    return finite and case.policy is None and numbers[0].size <= 64


def _default(case: Case) -> bool:
    return all(value == DEFAULTS[name] for name, value in case.parameters.items())


def _is_whole(case: Case) -> bool:
    return not _default(case) and all(value == int(value) for value in case.parameters.values())


def _after_others(calls: _Calls, case: Case, names: Sequence[str]) -> Iterator[Problem | None]:
    """Call as the case says after calls with other parameters."""
    for value in (2.0, 0.5):
        calls.other(case, **{name: value if name != "label_smoothing" else 0.5 for name in names})
        yield calls.problem(case)


def _types(calls: _Calls, case: Case | None, types: dict[str, Callable]) -> Iterator[Finding]:
    """NumPy's own promotion may widen the result where a parameter is no Python number: any float dtype will do."""
    for name, as_type in types.items() if case else ():
        changed = [{key: as_type(value) for key, value in case.parameters.items()}]
        problems = (calls.problem(case, any_dtype=True, **values) for values in changed)
        yield from promise(f"a parameter that is {name}", "parameter", problems, refusable=True)
