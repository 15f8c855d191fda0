"""Promises about parameters: what they are if not given, that they do not stick, and of which type they may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from softmax_ref.conformance.adapters import RAISED, Ledger, call
from softmax_ref.conformance.bench import Bench, row_case
from softmax_ref.conformance.promises import Finding, Problem, promise
from softmax_ref.corpus import Case

__all__ = ["parameters"]

DEFAULTS = {"beta": 1.0, "temperature": 1.0, "tau": 1.0, "theta": 1.0, "alpha": 1.5, "label_smoothing": 0.0}
"""What a parameter is where it is not given."""

TYPES = {"a NumPy float64": np.float64, "an array without axes": np.array}
WHOLE = {"an int": int, "a NumPy integer": np.int64}
MATRIX = (0, 1, 2)


def parameters(fn: Callable, cases: Sequence[Case], dtype: np.dtype, level: str, ledger: Ledger) -> Iterator[Finding]:
    """Check calls with and without parameters, of a function that has any."""
    names = sorted({name for case in cases for name in case.parameters})
    if not names:
        return
    others = {name: 0.5 if name == "label_smoothing" else 2.0 for name in names}
    plain = row_case([case for case in cases if not case.parameters])
    given = row_case([case for case in cases if case.parameters])
    if plain is not None:
        bench = Bench(fn, plain, dtype, level, ledger)
        yield promise("a parameter that is not given", "parameter", _not_given(bench, others))
        defaults = {name: DEFAULTS[name] for name in names}
        yield promise("the default, given", "parameter", [bench.problem(MATRIX, **defaults)])
    if given is not None:
        bench = Bench(fn, given, dtype, level, ledger)
        yield promise("a parameter after another", "parameter", _after(bench, others))
        if dtype.isbuiltin == 1 and dtype.itemsize >= 4:
            yield from _types(bench)


def _not_given(bench: Bench, others: dict[str, float]) -> Iterator[Problem | None]:
    yield bench.problem(MATRIX)
    yield from _after(bench, others)


def _after(bench: Bench, others: dict[str, float]) -> Iterator[Problem | None]:
    """Call with other parameters, then as the case says."""
    for scale in (1.0, 0.5):
        try:
            changed = {name: scale * value for name, value in others.items()}
            call(bench.fn, bench.arrays(MATRIX), -1 if bench.slices else None, **changed)
        except RAISED:
            pass
        yield bench.problem(MATRIX)


def _types(bench: Bench) -> Iterator[Finding]:
    """NumPy's own promotion may widen the result where a parameter is no Python number: any float dtype will do."""
    given = bench.case.parameters
    types = TYPES | (WHOLE if all(value == int(value) for value in given.values()) else {})
    for name, as_type in types.items():
        changed = {key: as_type(value) for key, value in given.items()}
        problem = bench.problem(MATRIX, any_dtype=True, **changed)
        yield promise(f"a parameter that is {name}", "parameter", [problem], refusable=True)
