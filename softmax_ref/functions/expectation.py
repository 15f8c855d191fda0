"""Averages under a softmax distribution, where a common offset must not drown the differences."""

import numpy as np
from numpy.typing import NDArray

from .shifted import low_part


def mean(p: NDArray, v: NDArray) -> NDArray:
    """Return the mean of v under p for each row."""
    return (p * v).sum(axis=-1, keepdims=True) / p.sum(axis=-1, keepdims=True)


def deviations(p: NDArray, v: NDArray) -> NDArray:
    """Return v - mean(p, v) for each row, with an error that goes with the deviations and not with v.

    A constant v gives exactly 0: the value at the top class comes off first, without error. The last subtraction
    takes off what rounding left of the mean.
    """
    pivot = np.take_along_axis(v, p.argmax(axis=-1, keepdims=True), axis=-1)
    c = v - pivot
    low = low_part(v, pivot, c)
    c = (c - mean(p, c)) + low
    return c - mean(p, c)
