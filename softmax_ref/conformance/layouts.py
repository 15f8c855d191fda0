"""Promises about memory: the same numbers in any layout have the same result."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softmax_ref.conformance.bench import Bench
from softmax_ref.conformance.promises import Finding, Problem, promise

__all__ = ["layouts"]

MATRIX = (0, 1, 2)
CUBE = ((0, 1), (2, 0))


def _filler(dtype: np.dtype):
    """Return what stands around an array: nan, so that whoever reads it shows it; True beside a mask."""
    return np.nan if dtype.kind in "fV" else 1


def strided(x: np.ndarray) -> np.ndarray:
    """Return x as every other entry, along every axis, of a wider array."""
    wide = np.full([2 * n for n in x.shape], _filler(x.dtype), x.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in x.shape)]
    view[...] = x
    return view


def _flipped(axes):
    def hold(x: np.ndarray) -> np.ndarray:
        where = [slice(None)] * x.ndim
        for axis in range(x.ndim) if axes is None else [axes % x.ndim]:
            where[axis] = slice(None, None, -1)
        return x[tuple(where)].copy()[tuple(where)]

    return hold


def _read_only(x: np.ndarray) -> np.ndarray:
    x.flags.writeable = False
    return x


def _unaligned(x: np.ndarray) -> np.ndarray:
    view = np.zeros(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
    view[...] = x
    return view


def _inside(x: np.ndarray) -> np.ndarray:
    """Return x as the middle of an array that is two entries longer along every axis."""
    large = np.full([n + 2 for n in x.shape], _filler(x.dtype), x.dtype)
    view = large[tuple(slice(1, -1) for _ in x.shape)]
    view[...] = x
    return view


def _first_columns(x: np.ndarray) -> np.ndarray:
    wide = np.full((*x.shape[:-1], x.shape[-1] + 3), _filler(x.dtype), x.dtype)
    wide[..., : x.shape[-1]] = x
    return wide[..., : x.shape[-1]]


def _stored_as(order: tuple[int, ...]):
    """Return the layout in which the axes are stored in another order, the last one innermost."""

    def hold(x: np.ndarray) -> np.ndarray:
        axes = [n for n in order if n < x.ndim]
        return x.transpose(axes).copy().transpose(np.argsort(axes))

    return hold


def byte_swapped(x: np.ndarray) -> np.ndarray:
    """Return x in the byte order that is not the machine's."""
    return x.astype(x.dtype.newbyteorder("S"))


LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "every other entry of a wider array": strided,
    "negative strides": _flipped(None),
    "a negative stride along the last axis": _flipped(-1),
    "a negative stride along the first axis": _flipped(0),
    "read-only": _read_only,
    "unaligned": _unaligned,
    "the middle of a larger array": _inside,
    "the first columns of a wider array": _first_columns,
}


def layouts(bench: Bench, wide: Bench | None) -> Iterator[Finding]:
    """Check every layout, of all arguments and of each one alone: a vector, a matrix, three axes, wide rows."""
    for name, hold in LAYOUTS.items():
        yield from promise(name, "memory-layout", _in_layout(bench, wide, hold))
    yield from promise("axes stored in another order", "memory-layout", _permuted(bench))
    yield from promise("one row, repeated without a copy", "memory-layout", _broadcast(bench))
    if bench.dtype.isbuiltin == 1 and bench.dtype.itemsize >= 4:
        yield from promise("the other byte order", "byte-order", _swapped(bench), refusable=True)


def _in_layout(bench: Bench, wide: Bench | None, hold) -> Iterator[Problem | None]:
    yield bench.problem(MATRIX, hold=hold)
    if wide is not None:
        yield wide.problem((0, 1), hold=hold)
    if not bench.thorough:
        return
    yield bench.problem(1, hold=hold)
    yield from _one_by_one(bench, MATRIX, hold)
    yield bench.problem(CUBE, axis=1, hold=hold)
    if wide is not None:
        yield wide.problem((0, 1), axis=0, hold=hold)


def _one_by_one(bench: Bench, rows, hold, **more) -> Iterator[Problem | None]:
    """One argument in a layout, the others plain."""
    count = len(bench.inputs)
    for n in range(count if count > 1 else 0):
        yield bench.problem(rows, hold=[hold if k == n else None for k in range(count)], **more)


def _permuted(bench: Bench) -> Iterator[Problem | None]:
    for order in ((1, 2, 0), (1, 0, 2), *(((0, 2, 1), (2, 0, 1), (2, 1, 0)) if bench.thorough else ())):
        yield bench.problem(CUBE, hold=_stored_as(order))
        yield bench.problem(CUBE, axis=0, hold=_stored_as(order))
    if bench.thorough:
        yield from _one_by_one(bench, CUBE, _stored_as((1, 2, 0)))


def _broadcast(bench: Bench) -> Iterator[Problem | None]:
    same = (1, 1, 1)

    def hold(x: np.ndarray) -> np.ndarray:
        return np.broadcast_to(x[:1].copy(), x.shape)

    yield bench.problem(same, hold=hold)
    yield from _one_by_one(bench, same, hold)


def _swapped(bench: Bench) -> Iterator[Problem | None]:
    """A dtype in the other byte order equals none of NumPy's names: any float dtype may hold the result."""
    yield bench.problem(MATRIX, hold=byte_swapped, any_dtype=True)
    yield from _one_by_one(bench, MATRIX, byte_swapped, any_dtype=True)
