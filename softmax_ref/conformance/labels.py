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
        yield from promise("labels of other integer types", "label-type", _types(bench), refusable=True)
        yield from promise("labels out of range", "label-out-of-range", _out_of_range(bench))


def _types(bench: Bench) -> Iterator[Problem | None]:
    for dtype in TYPES:
        arrays = [x.astype(dtype) if x.dtype.kind == "i" else x for x in bench.arrays(MATRIX)]
        yield bench.judged(arrays, bench.wanted(MATRIX))


def _out_of_range(bench: Bench) -> Iterator[Problem | None]:
    """Ask with labels that are no class; that -1 counts from the end, as indices of Python do, is nobody's fault."""
    last = _with_label(bench, bench.width - 1)
    for label in (-1, bench.width, bench.width + 200):
        result = _with_label(bench, label)
        if result is None or np.isnan(result).any() or (label < 0 and np.array_equal(result, last)):
            continue
        yield Problem(None, f"label {label} of {bench.width} classes gave {np.ravel(result)[0]}")


def _with_label(bench: Bench, label: int) -> np.ndarray | None:
    """Return what the first row gives with a label; None for a refusal."""
    arrays = bench.arrays(MATRIX)
    for x in arrays:
        x[0] = label if x.dtype.kind == "i" else x[0]
    try:
        result = call(bench.fn, arrays, -1 if bench.slices else None, **bench.case.parameters)
    except RAISED:
        return None
    return result[0] if result.ndim else result
