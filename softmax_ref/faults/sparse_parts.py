"""Sparse shares by sorting, and their gradients: sound pieces for rows along the last axis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softmax_ref.faults.parts import in_float32, last_axis

__all__ = [
    "at_alpha",
    "counted",
    "distances",
    "entmax15_taus",
    "entmax_sorted",
    "gradient",
    "on_rows",
    "sorted_entmax15",
    "sorted_sparsemax",
    "sparsemax_sums",
    "weights_of",
]


def on_rows(fn: Callable) -> Callable:
    """Bring a function of rows along the last axis into NumPy's calling form."""
    return in_float32(last_axis(fn))


def distances(z):
    """Return z - max."""
    return z - z.max(axis=-1, keepdims=True)


def counted(kept):
    """Return how many entries are kept, at least one."""
    return np.maximum(np.count_nonzero(kept, axis=-1, keepdims=True), 1)


def sparsemax_sums(d):
    """Return the running sums of the sorted entries, and which of these belong to the support."""
    r = -np.sort(-d, axis=-1)
    n, sums = np.arange(1, d.shape[-1] + 1, dtype=d.dtype), np.cumsum(r, axis=-1)
    return sums, 1 + n * r > sums


def sorted_sparsemax(z):
    """Return max(d - tau, 0), where tau makes the shares of the support add up to 1."""
    d = distances(z)
    sums, kept = sparsemax_sums(d)
    size = counted(kept)
    tau = (np.take_along_axis(sums, size - 1, -1) - 1) / size.astype(d.dtype)
    return np.maximum(d - tau, 0)


def entmax15_taus(x):
    """Return the threshold of each possible size of the support, and which of the sorted entries it keeps."""
    r = -np.sort(-x, axis=-1)
    n = np.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    mean, squares = np.cumsum(r, axis=-1) / n, np.cumsum(r * r, axis=-1) / n
    taus = mean - np.sqrt(np.maximum((1 - n * (squares - mean * mean)) / n, 0))
    return taus, taus <= r


def sorted_entmax15(z):
    """Return max(d/2 - tau, 0)^2."""
    x = distances(z) / 2
    taus, kept = entmax15_taus(x)
    return np.maximum(x - np.take_along_axis(taus, counted(kept) - 1, -1), 0) ** 2


def at_alpha(one: Callable, middle: Callable, two: Callable) -> Callable:
    """Return the function that chooses by alpha."""
    return lambda *tables, alpha=1.5: {1.0: one, 1.5: middle, 2.0: two}[float(alpha)](*tables)


def entmax_sorted(softmax: Callable) -> Callable:
    """Return entmax from a softmax and the two sorted forms."""
    return at_alpha(softmax, sorted_entmax15, sorted_sparsemax)


def weights_of(p, order):
    """Return p^(2 - order) inside the support, and 0 outside."""
    return np.where(p > 0, p ** p.dtype.type(2 - order), p * 0)


def gradient(shares: Callable, order: float) -> Callable:
    """Return s (g - mean of g with weights s)."""

    def wrapped(z, g):
        s = weights_of(shares(z), order)
        return s * (g - (s * g).sum(axis=-1, keepdims=True) / s.sum(axis=-1, keepdims=True))

    return wrapped
