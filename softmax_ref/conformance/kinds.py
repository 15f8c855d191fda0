"""Promises about what is no stored format: the right value, a refusal, but nothing wrong without a word."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import numpy as np

from softmax_ref.conformance.adapters import RAISED, call, describe
from softmax_ref.conformance.bench import Bench
from softmax_ref.conformance.promises import Finding, Problem, promise

__all__ = ["kinds"]

MATRIX = (0, 1, 2)


def _seconds(kind: str) -> Callable:
    return lambda x: x.astype(np.int64).astype(f"{kind}8[s]")


NUMBERS = {
    "long double": lambda x: x.astype(np.longdouble),
    "Python floats in an array of objects": lambda x: x.astype(object),
    "text": lambda x: x.astype(str),
    "bytes": lambda x: x.astype(str).astype(bytes),
}
WHOLE = {"dates": _seconds("M"), "durations": _seconds("m")}


def kinds(bench: Bench) -> Iterator[Finding]:
    """Check numbers in other dtypes, judged as the numbers they stand for; and complex ones."""
    for name, hold in (NUMBERS | (WHOLE if _whole(bench) else {})).items():
        yield from promise(name, "other-dtype", _each(bench, hold), refusable=True)
    if bench.slices:  # elementwise, abs(x) makes a real number of a complex one in many a sound formula
        yield from promise("complex numbers", "other-dtype", _each(bench, _complex, judged=False), refusable=True)
    if any(x.dtype == bool for x in bench.inputs):
        yield from promise("a mask of bytes", "other-dtype", _marks(bench, ("uint8", "int64")), refusable=True)


def _whole(bench: Bench) -> bool:
    return all((x == np.rint(x)).all() for x in bench.inputs if x.dtype == bench.dtype)


def _complex(x: np.ndarray) -> np.ndarray:
    return x + 0.5j * (x + 1)


def _each(bench: Bench, hold, judged: bool = True) -> Iterator[Problem | None]:
    """Put each argument that holds numbers into another dtype."""
    for n, x in enumerate(bench.inputs):
        if x.dtype == bench.dtype:
            arrays = bench.arrays(MATRIX)
            arrays[n] = hold(arrays[n])
            yield _told(bench, arrays) if judged else _not_dropped(bench, arrays)


def _marks(bench: Bench, dtypes) -> Iterator[Problem | None]:
    for dtype in dtypes:
        yield _told(bench, [x.astype(dtype) if x.dtype == bool else x for x in bench.arrays(MATRIX)])


def _told(bench: Bench, arrays: list[np.ndarray]) -> Problem | None:
    """Judge floats that come back; what comes back as dates or text says itself that it is no number."""
    wanted = bench.wanted(MATRIX)
    try:
        result = call(bench.fn, arrays, -1 if bench.slices else None, **bench.case.parameters)
        numbers = result.astype(np.float64) if result.dtype.kind in "fO" else None
    except RAISED as error:
        return Problem("raises", describe(error))
    if result.shape != wanted.shape:
        return Problem("shape-changed", f"{bench.case.id}: got shape {result.shape}")
    return None if numbers is None else bench.values(numbers.ravel(), wanted.ravel())


def _not_dropped(bench: Bench, arrays: list[np.ndarray]) -> Problem | None:
    """A complex result is not judged; a real one is wrong, unless NumPy's warning says that a part is dropped."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            keywords = bench.case.parameters | ({"axis": -1} if bench.slices else {})
            result = bench.fn(*arrays, **keywords)
        except RAISED as error:
            return Problem("raises", describe(error))
    return None if np.iscomplexobj(result) else Problem(None, f"{bench.case.id}: a real result for complex numbers")
