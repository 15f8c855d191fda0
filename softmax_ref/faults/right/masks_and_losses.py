"""Masked softmax, the cross-entropy and its derivatives in other styles."""

import numpy as np

from softmax_ref.faults.derived import controls_of, loss_of, masked, mixed, own, rows_of, targets, total
from softmax_ref.faults.parts import last_axis, log_textbook, textbook

right = controls_of("masked_softmax")

right("-inf where nothing is kept, as in textbooks", name="where")(masked)


def _any(mask, axis):
    return mask.any(axis=axis, keepdims=True)


@right("maximum and sum over what is kept alone")
def reductions(z, mask, axis=-1):
    mask = mask.astype(bool)
    top = np.max(z, axis=axis, keepdims=True, where=mask, initial=-np.inf)
    weight = np.where(mask, np.exp(np.where(mask, z, top) - top), 0)
    return np.where(_any(mask, axis), weight / total(weight, axis), np.nan)


@right("0 where nothing is kept")
def zero_for_nothing(z, mask, axis=-1):
    return np.where(_any(mask, axis), masked(z, mask, axis), 0)


@right("uniform where nothing is kept")
def uniform_for_nothing(z, mask, axis=-1):
    some = _any(mask, axis)
    return masked(np.where(some, z, 0), mask.astype(bool) | ~some, axis)


@right("what is kept is gathered, row by row")
@last_axis
def gathered(z, mask):
    result = np.zeros_like(z)
    for row in np.ndindex(z.shape[:-1]):
        kept = mask[row].astype(bool)
        result[row][kept] = textbook(z[row][kept]) if kept.any() else 0
        result[row] = result[row] if kept.any() else np.nan
    return result


right = controls_of("cross_entropy")


@right("minus log_softmax at the label, mixed with the mean")
def log_softmax_at_the_label(z, y, label_smoothing=0.0):
    return loss_of(z, y, label_smoothing)


@right("log1p of the sum without one maximum")
def log1p(z, y, label_smoothing=0.0):
    d = rows_of(z) - rows_of(z).max(axis=-1, keepdims=True)
    weight = np.exp(d)
    np.put_along_axis(weight, d.argmax(axis=-1)[..., None], 0, -1)
    return mixed(d - np.log1p(total(weight, -1)), y, label_smoothing)


@right("the logarithm of the sum less the mean difference under the targets")
def differences(z, y, label_smoothing=0.0):
    d = rows_of(z) - rows_of(z).max(axis=-1, keepdims=True)
    t = targets(d, y, label_smoothing)
    return np.log(np.exp(d).sum(axis=-1)) - np.where(t > 0, t * np.where(t > 0, d, 0), 0).sum(axis=-1)


@right("a fold of logaddexp")
def folded(z, y, label_smoothing=0.0):
    d = rows_of(z) - rows_of(z).max(axis=-1, keepdims=True)
    return mixed(d - np.logaddexp.reduce(d, axis=-1)[..., None], y, label_smoothing)


right = controls_of("cross_entropy_vjp")


@right("g (p - t), as in textbooks")
def less_targets(z, y, g, label_smoothing=0.0):
    difference = textbook(rows_of(z)) - targets(rows_of(z), y, label_smoothing)
    return (g[..., None] * difference).reshape(z.shape)


@right("1 - e is subtracted at the label, p from logarithms")
def at_the_label(z, y, g, label_smoothing=0.0):
    p = np.exp(log_textbook(rows_of(z)))
    result = p - z.dtype.type(label_smoothing) / p.shape[-1]
    at = np.asarray(y).astype(np.int64)[..., None]
    np.put_along_axis(result, at, own(result, y)[..., None] - (1 - z.dtype.type(label_smoothing)), -1)
    return (g[..., None] * result).reshape(z.shape)


right = controls_of("cross_entropy_jvp")


@right("the sum of (p - t) v, as in textbooks", name="less-targets")
def tangent_less_targets(z, y, v, label_smoothing=0.0):
    difference = textbook(rows_of(z)) - targets(rows_of(z), y, label_smoothing)
    return (difference * rows_of(v)).sum(axis=-1)


@right("the mean under p less the mean under the targets")
def means(z, y, v, label_smoothing=0.0):
    z, v = rows_of(z), rows_of(v)
    at_label = (1 - label_smoothing) * own(v, y) + label_smoothing * v.mean(axis=-1)
    return (textbook(z) * v).sum(axis=-1) - at_label


@right("tangents less that of the label")
def centred(z, y, v, label_smoothing=0.0):
    v = rows_of(v) - own(rows_of(v), y)[..., None]
    return (textbook(rows_of(z)) * v).sum(axis=-1) - label_smoothing * v.mean(axis=-1)
