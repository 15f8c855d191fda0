"""What plants a fault of arrays into a sound function: misread arguments, changed results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["fits", "from_the_start", "in_storage_order", "returns", "root", "takes"]


def returns(fn: Callable, change: Callable) -> Callable:
    """Return fn with a change of its result, told the arguments."""
    return lambda *arrays, **keywords: change(np.asarray(fn(*arrays, **keywords)), arrays)


def takes(fn: Callable, change: Callable) -> Callable:
    """Return fn with a change of its arguments."""
    return lambda *arrays, **keywords: fn(*(change(np.asarray(x)) for x in arrays), **keywords)


def fits(x: np.ndarray) -> bool:
    """Whether a result can be written over an argument."""
    return x.flags.writeable and x.dtype.kind in "fV"


def root(x: np.ndarray) -> np.ndarray:
    """Return the array that a view belongs to."""
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def in_storage_order(x: np.ndarray) -> np.ndarray:
    """Read entries as they lie in memory."""
    return x.ravel(order="K").reshape(x.shape)


def from_the_start(x: np.ndarray) -> np.ndarray:
    """Read as many entries as there are from where the memory starts."""
    whole = root(x)
    other = whole.dtype != x.dtype and not whole.nbytes % x.itemsize
    flat = (whole.view(x.dtype) if other else whole).ravel("K")
    return x if flat.dtype != x.dtype or flat.size < x.size else flat[: x.size].reshape(x.shape)
