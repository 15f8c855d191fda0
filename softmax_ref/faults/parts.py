"""Sound pieces from which the catalogue is built, so that each entry shows one fault or one style."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

__all__ = [
    "in_float32",
    "last_axis",
    "log_textbook",
    "logistic_textbook",
    "lse_textbook",
    "softplus_textbook",
    "textbook",
]


def in_float32(fn: Callable) -> Callable:
    """Compute narrow floats in float32 and integers in float64; round once at the end."""

    @functools.wraps(fn)
    def wrapped(*arrays, **keywords):
        arrays = [np.asarray(x) for x in arrays]
        dtype = arrays[0].dtype
        integers = dtype.kind in "iub"
        work = np.float64 if integers else dtype if dtype.itemsize >= 4 else np.dtype(np.float32)
        floats = [x if x.dtype.kind in "iub" and n else x.astype(work) for n, x in enumerate(arrays)]
        result = fn(*floats, **keywords)
        return result if integers else np.asarray(result).astype(dtype)

    return wrapped


def last_axis(fn: Callable) -> Callable:
    """Move the axis to the end and back: fn sees arrays with slices along the last axis."""

    @functools.wraps(fn)
    def wrapped(*arrays, axis=-1, **keywords):
        shape = np.shape(arrays[0])
        moved = [np.moveaxis(np.atleast_1d(x), axis, -1) for x in arrays]
        return np.moveaxis(fn(*moved, **keywords), -1, axis).reshape(shape)

    return wrapped


def textbook(z, axis=-1):
    """Return exp(z - max) / sum."""
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


def lse_textbook(z, axis=-1):
    """Return max + log sum exp(z - max)."""
    top = z.max(axis=axis, keepdims=True)
    safe = np.where(np.isfinite(top), top, 0)
    return np.squeeze(safe + np.log(np.exp(z - safe).sum(axis=axis, keepdims=True)), axis)


def log_textbook(z, axis=-1):
    """Return (z - max) - log sum exp(z - max)."""
    d = z - z.max(axis=axis, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=axis, keepdims=True))


def logistic_textbook(x):
    """Return 1 / (1 + e^-x), with e^x on the left."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), np.where(np.isnan(x), x, small / (1 + small)))


def softplus_textbook(x):
    """Return max(x, 0) + log1p(e^-abs(x))."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
