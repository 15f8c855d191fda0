"""The array contract: how a function treats arrays, whatever their numbers are.

Values are judged by stored cases only: a layout is another way to hold the array of a case, a row alone
is a part of one, and an integer array holds the numbers of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from softmax_ref.conformance.adapters import Ledger
from softmax_ref.conformance.axes import axes, empty_axis, empty_sum, no_axes, no_rows, single_entries
from softmax_ref.conformance.bench import Bench, row_case, wide_case
from softmax_ref.conformance.integers import integer_contract
from softmax_ref.conformance.kinds import kinds
from softmax_ref.conformance.labels import labels
from softmax_ref.conformance.layouts import layouts
from softmax_ref.conformance.memory import earlier, fresh_memory, memory, repeatable
from softmax_ref.conformance.parameters import parameters
from softmax_ref.conformance.promises import Finding
from softmax_ref.conformance.rows import rows
from softmax_ref.corpus import Case

__all__ = ["Finding", "array_contract", "empty_axis", "integer_contract"]


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
    ledger = Ledger()
    bench, wide = (case and Bench(fn, case, dtype, level, ledger) for case in (row_case(cases), wide_case(cases)))
    if bench is not None:
        repeated = repeatable([bench, *([wide] if wide else [])])
        yield repeated
        if repeated.state == "kept" and bench.problem((0, 1, 2)) is None:
            # Otherwise its numbers are wrong in every layout, and the layouts tell nothing more.
            yield from layouts(bench, wide)
            yield from axes(bench)
            yield from rows(bench, wide)
            yield from labels(bench)
            yield from memory(bench, wide)
            yield from fresh_memory(fn, bench, cases, level)
            if dtype == np.float64:
                yield from kinds(bench)
        yield from no_rows(bench)
    yield from parameters(fn, cases, dtype, level)
    yield from single_entries(fn, cases, dtype, level)
    yield from no_axes(fn, cases, dtype, level)
    yield from empty_sum(fn, cases[0].function, dtype)
    yield from earlier(ledger)
