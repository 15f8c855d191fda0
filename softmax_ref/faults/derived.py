"""Sound pieces of derivatives, masks and losses, and the decorators that enter what is made of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softmax_ref.faults.catalogue import ALL, control, fault
from softmax_ref.faults.parts import in_float32, log_textbook, logistic_textbook, textbook

__all__ = [
    "along",
    "coldly",
    "controls_of",
    "faults_of",
    "loss_of",
    "masked",
    "mixed",
    "own",
    "pulled_back",
    "rows_of",
    "shares",
    "targets",
    "total",
    "warmly",
]


def faults_of(function: str) -> Callable:
    """Return the decorator of the faults of one function; narrow floats are computed in float32."""

    def enter(flag, text, formats=ALL, bugs=(), **more):
        def register(fn):
            fault(function, flag, text, formats=formats, bugs=bugs, **more)(in_float32(fn))
            return fn

        return register

    return enter


def controls_of(function: str) -> Callable:
    """Return the decorator of the right implementations of one function, as for its faults."""

    def enter(text, **more):
        def register(fn):
            control(function, text, **more)(in_float32(fn))
            return fn

        return register

    return enter


def total(x, axis):
    """Return the sum of each slice, with its axis kept."""
    return x.sum(axis=axis, keepdims=True)


def along(g, z, axis):
    """Return one cotangent a slice, with the axis of the slice put back."""
    return np.expand_dims(g, axis) if z.ndim else g


def pulled_back(p, g, axis):
    """Return p (g - sum p g)."""
    return p * (g - total(p * g, axis))


def shares(x, y):
    """Return the probabilities of x and of y against each other."""
    return logistic_textbook(x - y), logistic_textbook(y - x)


def coldly(z, beta=1.0, axis=-1):
    """Return the softmax of beta z, shifted before it is scaled."""
    d = z - (z.min if beta < 0 else z.max)(axis=axis, keepdims=True)
    largest = np.finfo(z.dtype).max
    finite = beta * np.clip(d, -largest, largest)
    gone = np.isinf(d) & (np.isneginf(z) if beta >= 0 else np.isposinf(z))
    weight = np.exp(np.where(gone, -np.inf, finite))
    return weight / total(weight, axis)


def warmly(z, temperature=1.0, axis=-1):
    """Return the softmax of z / temperature, shifted before it is scaled."""
    weight = np.exp((z - z.max(axis=axis, keepdims=True)) / temperature)
    return weight / total(weight, axis)


def masked(z, mask, axis=-1):
    """Return the softmax of what the mask keeps."""
    return textbook(np.where(mask, z, -np.inf), axis)


def rows_of(z):
    """Return the logits with at least one axis."""
    return np.atleast_1d(z)


def _labels(y, classes):
    y = np.asarray(y).astype(np.int64)
    if y.size and not 0 <= y.min() <= y.max() < classes:
        raise IndexError("a label is no class")
    return y


def own(table, y):
    """Return the entry of each row at its label."""
    return np.take_along_axis(table, _labels(y, table.shape[-1])[..., None], -1)[..., 0]


def targets(z, y, smoothing=0.0):
    """Return the smoothed one-hot rows of the labels."""
    classes = z.shape[-1]
    hot = np.arange(classes) == _labels(y, classes)[..., None]
    return ((1 - smoothing) * hot + smoothing / classes).astype(z.dtype)


def loss_of(z, y, smoothing=0.0):
    """Return the cross-entropy of each row."""
    return mixed(log_textbook(rows_of(z)), y, smoothing)


def mixed(logs, y, smoothing):
    """Return minus the mean of log-probabilities under the targets, where what has weight 0 does not count."""
    if smoothing == 0:
        return -own(logs, y)
    mean = logs.mean(axis=-1)
    return -mean if smoothing == 1 else -((1 - smoothing) * own(logs, y) + smoothing * mean)
