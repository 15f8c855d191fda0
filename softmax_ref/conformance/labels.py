"""Promises about labels: any type of integers, and no class that is not there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softmax_ref.conformance.adapters import RAISED, call
from softmax_ref.conformance.bench import Bench
from softmax_ref.conformance.promises import Finding, Problem, promise

__all__ = ["labels"]

MATRIX = (0, 1, 2)
TYPES = ("int8", "uint8", "int16", "int32", "uint64")


def labels(bench: Bench) -> Iterator[Finding]:
    """Check what labels are taken for, where there are some: right, or refused; out of range: refused, or nan."""
    if any(x.dtype.kind == "i" for x in bench.inputs):
        yield promise("labels of other integer types", "label-type", _types(bench), refusable=True)
        yield promise("labels out of range", "label-out-of-range", _out_of_range(bench))


def _types(bench: Bench) -> Iterator[Problem | None]:
    for dtype in TYPES:
        arrays = [x.astype(dtype) if x.dtype.kind == "i" else x for x in bench.arrays(MATRIX)]
        yield bench.judged(arrays, bench.wanted(MATRIX))


def _out_of_range(bench: Bench) -> Iterator[Problem | None]:
    for label in (-1, bench.width, bench.width + 200):
        arrays = bench.arrays(MATRIX)
        for x in arrays:
            x[0] = label if x.dtype.kind == "i" else x[0]
        try:
            result = call(bench.fn, arrays, -1 if bench.slices else None, **bench.case.parameters)
        except RAISED:
            continue
        if result.ndim == 0 or not np.isnan(result[0]).any():
            yield Problem(None, f"label {label} of {bench.width} classes gave {np.atleast_1d(result)[0]}")
