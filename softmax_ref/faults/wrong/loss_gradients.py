"""Wrong derivatives of the cross-entropy: targets that are missing, other labels, a cotangent that is lost."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE
from softmax_ref.faults.derived import faults_of, loss_of, pulled_back, rows_of, targets, total
from softmax_ref.faults.parts import textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("cross_entropy_vjp")


def _both(z, y, smoothing):
    z = rows_of(z)
    return textbook(z), targets(z, y, smoothing)


def _others(z, y, smoothing):
    """Return targets that are smoothed over the other classes alone."""
    hot = targets(rows_of(z), y)
    rest = smoothing / max(hot.shape[-1] - 1, 1)
    return np.where(hot > 0, 1 - smoothing if hot.shape[-1] > 1 else 1.0, rest).astype(z.dtype)


def _of(z, g, difference):
    return (g[..., None] * difference).reshape(z.shape)


@wrong("gradient-scale", "the cotangent is left out")
def cotangent_missing(z, y, g, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return (p - t).reshape(z.shape)


@wrong("gradient-scale", "the gradient is averaged over the batch")
def averaged(z, y, g, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return _of(z, g, p - t) / max(g.size, 1)


@wrong("gradient-scale", "the cotangent of the first row serves all")
def first_cotangent(z, y, g, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return _of(z, np.full_like(g, g.flat[0] if g.size else 0), p - t)


@wrong("gradient-sign", "targets less probabilities")
def negated(z, y, g, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return _of(z, g, t - p)


@wrong("gradient-sign", "the targets are left out")
def targets_missing(z, y, g, label_smoothing=0.0):
    return _of(z, g, _both(z, y, label_smoothing)[0])


@wrong("gradient-sign", "the probabilities are left out")
def probabilities_missing(z, y, g, label_smoothing=0.0):
    return _of(z, g, -_both(z, y, label_smoothing)[1])


@wrong("smoothing", "label smoothing is not looked at")
def smoothing_ignored(z, y, g, label_smoothing=0.0):
    p, t = _both(z, y, 0.0)
    return _of(z, g, p - t)


@wrong("smoothing", "label smoothing is spread over the other classes alone")
def spread_over_the_others(z, y, g, label_smoothing=0.0):
    return _of(z, g, textbook(rows_of(z)) - _others(z, y, label_smoothing))


@wrong("smoothing", "the targets of the other classes are left out")
def label_alone(z, y, g, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return _of(z, g, p - t * (targets(rows_of(z), y) > 0))


@wrong("label-index", "labels are counted from 1")
def labels_counted_from_1(z, y, g, label_smoothing=0.0):
    p, t = _both(z, np.maximum(y.astype(np.int64) - 1, 0), label_smoothing)
    return _of(z, g, p - t)


@wrong("label-index", "labels are cut to eight bits")
def labels_cut_to_8_bits(z, y, g, label_smoothing=0.0):
    p, t = _both(z, y.astype(np.uint8), label_smoothing)
    return _of(z, g, p - t)


@wrong("double-softmax", "softmax is applied before the loss")
def double_softmax(z, y, g, label_smoothing=0.0):
    p = textbook(rows_of(z))
    return pulled_back(p, g[..., None] * (textbook(p) - targets(p, y, label_smoothing)), -1).reshape(z.shape)


@wrong("gradient-cancellation", "probabilities are clipped to 1e-7 from 0 and from 1")
def clipped(z, y, g, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return _of(z, g, np.clip(p, 1e-7, 1 - 1e-7).astype(z.dtype) - t)


@wrong("exp-overflow", "the probabilities are formed without a shift")
def no_shift(z, y, g, label_smoothing=0.0):
    weight = np.exp(rows_of(z))
    return _of(z, g, weight / total(weight, -1) - targets(rows_of(z), y, label_smoothing))


@wrong("mask", "rows with an infinite loss have nan")
def infinite_loss_is_nan(z, y, g, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return np.where(np.isinf(loss_of(z, y))[..., None].reshape((*z.shape[:-1], 1)), np.nan, _of(z, g, p - t))


@wrong("gradient-transposed", "a square matrix is read by columns")
def square_transposed(z, y, g, label_smoothing=0.0):
    square = z.ndim == 2 and z.shape[0] == z.shape[1]
    p, t = _both(z.T if square else z, y, label_smoothing)
    return _of(z, g, p - t).T if square else _of(z, g, p - t)


@wrong("gradient-scale", "the difference is multiplied by the probabilities")
def times_probabilities(z, y, g, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return _of(z, g, p * (p - t))


wrong = faults_of("cross_entropy_jvp")


def _along(v, difference):
    return (difference * rows_of(v)).sum(axis=-1)


@wrong("smoothing", "label smoothing is not looked at", name="smoothing-ignored")
def tangent_without_smoothing(z, y, v, label_smoothing=0.0):
    p, t = _both(z, y, 0.0)
    return _along(v, p - t)


@wrong("smoothing", "label smoothing is spread over the other classes alone", name="spread-over-the-others")
def tangent_spread_over_the_others(z, y, v, label_smoothing=0.0):
    return _along(v, textbook(rows_of(z)) - _others(z, y, label_smoothing))


@wrong("gradient-sign", "the targets are left out", name="targets-missing")
def tangent_without_targets(z, y, v, label_smoothing=0.0):
    return _along(v, _both(z, y, label_smoothing)[0])


@wrong("gradient-sign", "the probabilities are left out", name="probabilities-missing")
def tangent_without_probabilities(z, y, v, label_smoothing=0.0):
    return _along(v, -_both(z, y, label_smoothing)[1])


@wrong("gradient-sign", "targets less probabilities", name="negated")
def tangent_negated(z, y, v, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return _along(v, t - p)


@wrong("gradient-sign", "the tangent is read from the last class up")
def tangent_reversed(z, y, v, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return _along(rows_of(v)[..., ::-1], p - t)


@wrong("loss-reduced", "the tangents of the batch are added up")
def added_up(z, y, v, label_smoothing=0.0):
    p, t = _both(z, y, label_smoothing)
    return _along(v, p - t).sum()


@wrong("label-index", "labels are cut to eight bits", name="labels-cut-to-8-bits")
def tangent_of_cut_labels(z, y, v, label_smoothing=0.0):
    p, t = _both(z, y.astype(np.uint8), label_smoothing)
    return _along(v, p - t)


@wrong("exp-overflow", "the probabilities are formed without a shift", name="no-shift")
def tangent_without_shift(z, y, v, label_smoothing=0.0):
    weight = np.exp(rows_of(z))
    return _along(v, weight / total(weight, -1) - targets(rows_of(z), y, label_smoothing))
