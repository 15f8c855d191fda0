"""Promises about rows: each is by itself, however many there are and whatever its neighbours hold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softmax_ref.conformance.bench import Bench
from softmax_ref.conformance.promises import Finding, Problem, promise

__all__ = ["rows"]

BATCHES = (2, 5, 9, 17, 33, 65, 129, 257, 513, 1025)
"""One more than a block: the rows follow one another with period 3, which no block has."""

MOST = 65537
"""One more than 16 bits can count."""


def rows(bench: Bench, wide: Bench | None) -> Iterator[Finding]:
    """Check rows alone, in batches of any size, beside what is no number or very large."""
    yield from promise("rows alone", "row-mixing", _alone(bench))
    for count in BATCHES if bench.thorough else BATCHES[::3]:
        yield from promise(f"{count} rows", "row-mixing", _batches(bench, [(count,)]))
    yield from promise("batches of two axes", "row-mixing", _batches(bench, [(7, 19), (33, 2)]))
    if bench.slices:
        columns = (bench.problem(np.arange(count) % 3, axis=0) for count in (17, 257, 1025))
        yield from promise("many columns", "row-mixing", columns)
    if wide is not None:
        yield from promise("130 wide rows", "row-mixing", _batches(wide, [(130,)], period=2))
    if bench.dtype == np.float32:
        yield from promise(f"{MOST} rows", "row-mixing", _batches(bench, [(MOST,)]))
    for name, value in _neighbours(bench).items():
        yield from promise(f"beside {name}", "row-mixing", _beside(bench, value), refusable=True)


def _alone(bench: Bench) -> Iterator[Problem | None]:
    for n in range(bench.count):
        yield bench.problem([n])
        yield bench.problem(n)


def _batches(bench: Bench, shapes: list[tuple[int, ...]], period: int = 3) -> Iterator[Problem | None]:
    for shape in shapes:
        yield bench.problem((np.arange(np.prod(shape)) % period).reshape(shape))


def _neighbours(bench: Bench) -> dict[str, float]:
    """Return what may stand in another row, as far as the format has it."""
    largest = bench.case.format.max
    infinite = {"+inf": np.inf, "-inf": -np.inf} if bench.case.format.infinity else {}
    return {"nan": np.nan, **infinite, "the largest number": largest, "the smallest number": -largest}


def _beside(bench: Bench, value: float) -> Iterator[Problem | None]:
    """Put a value all over the first or the last of three rows, or into the middle one, and judge the two others."""
    places = ((0, True, -1), (2, True, 0), (1, False, -1))[: None if bench.thorough else 2]
    for n, x in enumerate(bench.inputs):
        for row, whole, axis in places if x.dtype == bench.dtype else ():
            axis = axis if bench.slices else -1
            arrays, wanted = bench.arrays(range(3), axis), bench.wanted(range(3), axis)
            moved = np.moveaxis(arrays[n], axis, -1) if x.ndim == 2 else arrays[n]
            moved[row if whole else (row, *[0] * (x.ndim - 1))] = value
            rows_first = np.moveaxis(wanted, axis, -1) if wanted.ndim == 2 else wanted
            rows_first[(slice(None), row) if bench.pair else row] = -1
            yield bench.judged(arrays, wanted, axis)
