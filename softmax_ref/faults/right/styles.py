"""Ways to bring an implementation of a row, or of a wide format, into NumPy's calling form."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np

from softmax_ref.faults.parts import in_float32

__all__ = ["SUMS", "by_rows", "in_a_wider_type", "weights"]


def in_a_wider_type(fn: Callable) -> Callable:
    """Compute float64 in long double, everything else in float64."""

    @functools.wraps(fn)
    def wrapped(*arrays, **keywords):
        dtype = np.asarray(arrays[0]).dtype
        wide = np.longdouble if dtype == np.float64 else np.float64
        result = fn(*(np.asarray(x).astype(wide) for x in arrays), **keywords)
        return result if dtype.kind in "iub" else result.astype(dtype)

    return wrapped


def by_rows(fn: Callable, *, reduces: bool = False) -> Callable:
    """Lift a function of one row to any axis; the result keeps the row's length or drops the axis."""

    @in_float32
    @functools.wraps(fn)
    def wrapped(z, axis=-1):
        table = np.moveaxis(np.atleast_1d(z), axis, -1)
        rows = table.reshape(-1, table.shape[-1])
        results = [np.asarray(fn(row), z.dtype) for row in rows]
        if reduces:
            return np.array(results, z.dtype).reshape(table.shape[:-1] if z.ndim else ())
        return np.moveaxis(np.array(results, z.dtype).reshape(table.shape), -1, axis).reshape(z.shape)

    return wrapped


def weights(z, axis=-1):
    """Return the differences to the maximum, and their exponentials."""
    d = z - z.max(axis=axis, keepdims=True)
    return d, np.exp(d)


def sequential(x):
    """From the left, one by one, in the row's own format."""
    return np.cumsum(x)[-1]


def backwards(x):
    """From the right, one by one."""
    return np.cumsum(x[::-1])[-1]


def pairwise(x):
    """Halves of halves, down to single entries."""
    while len(x) > 1:
        x = np.append(x, x.dtype.type(0)) if len(x) % 2 else x
        x = x[::2] + x[1::2]
    return x[0]


def compensated(x):
    """With Kahan's compensation."""
    total, rest = x.dtype.type(0), x.dtype.type(0)
    for value in x:
        y = value - rest
        bigger = total + y
        total, rest = bigger, (bigger - total) - y
    return total


def exactly(x):
    """Without any rounding but the last."""
    return x.dtype.type(math.fsum(x.tolist()))


def ascending(x):
    """The smallest first."""
    return np.cumsum(np.sort(x))[-1]


def descending(x):
    """The largest first."""
    return np.cumsum(np.sort(x)[::-1])[-1]


def strided(x):
    """Four lanes, whose sums are added at the end."""
    lanes = np.append(x, np.zeros(-len(x) % 4, x.dtype)).reshape(-1, 4)
    return pairwise(np.cumsum(lanes, axis=0)[-1])


def as_a_product(x):
    """As a dot product with ones."""
    return np.dot(x, np.ones_like(x))


def in_double(x):
    """In float64, rounded once."""
    return x.dtype.type(x.sum(dtype=np.float64))


SUMS = {
    "sequential": sequential,
    "backwards": backwards,
    "pairwise": pairwise,
    "compensated": compensated,
    "exact": exactly,
    "ascending": ascending,
    "descending": descending,
    "lanes": strided,
    "dot": as_a_product,
    "double": in_double,
}
"""Sums of a row by the order, or the care, in which its terms are added."""
