"""Wrong gradients of log_softmax: a sum that is left out or taken elsewhere, a p that is lost or formed badly."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE
from softmax_ref.faults.derived import faults_of, pulled_back, total
from softmax_ref.faults.parts import log_textbook, textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("log_softmax_vjp")


def _of(p, g, axis):
    return g - p * total(g, axis)


def _half_error(g, axis):
    """Return what half precision adds to the sum of the cotangents."""
    return np.add.reduce(g.astype(np.float16), axis, np.float16, keepdims=True).astype(g.dtype) - total(g, axis)


@wrong("gradient-scale", "the sum of the cotangents is left out: g - p")
def sum_missing(z, g, axis=-1):
    return g - textbook(z, axis)


@wrong("gradient-scale", "the probabilities are left out: g - sum g")
def probabilities_missing(z, g, axis=-1):
    return g - total(g, axis)


@wrong("gradient-scale", "the mean of the cotangents stands for their sum")
def mean_for_sum(z, g, axis=-1):
    return g - textbook(z, axis) * g.mean(axis=axis, keepdims=True)


@wrong("gradient-sign", "p sum g is added")
def plus(z, g, axis=-1):
    return g + textbook(z, axis) * total(g, axis)


@wrong("gradient-sign", "the gradient has the other sign")
def negated(z, g, axis=-1):
    return -_of(textbook(z, axis), g, axis)


@wrong("gradient-sign", "the gradient of softmax is taken for that of its logarithm", bugs=["ort-logsoftmax-bwd"])
def of_softmax(z, g, axis=-1):
    return pulled_back(textbook(z, axis), g, axis)


@wrong("gradient-sign", "the transposed Jacobian, which is the tangent: g - p.g")
def tangent(z, g, axis=-1):
    return g - total(textbook(z, axis) * g, axis)


@wrong("gradient-sign", "the cotangent is passed through")
def passed_through(z, g, axis=-1):
    return g + 0


@wrong("gradient-scale", "the cotangents are taken for one-hot rows")
def one_hot_assumed(z, g, axis=-1):
    return g - textbook(z, axis) * np.sign(total(g, axis))


@wrong("gradient-sign", "the absolute cotangents are added up")
def absolute_sum(z, g, axis=-1):
    return g - textbook(z, axis) * total(abs(g), axis)


@wrong("row-mixing", "the cotangents of all rows are added up")
def sum_of_everything(z, g, axis=-1):
    return g - textbook(z, axis) * g.sum()


@wrong(
    "sum-overflow",
    "the cotangents are added up in half precision",
    ("binary16",),
    bugs=["jax-logsoftmax-f16-grad"],
)
def sum_in_half(z, g, axis=-1):
    return _of(textbook(z, axis), g, axis) - textbook(z, axis) * _half_error(g, axis)


@wrong("axis", "the cotangents are added up along the last axis")
def sum_along_the_last_axis(z, g, axis=-1):
    return g - textbook(z, axis) * total(g, -1)


@wrong("axis", "the probabilities are taken along the last axis")
def softmax_along_the_last_axis(z, g, axis=-1):
    return g - textbook(z, -1) * total(g, axis)


@wrong("gradient-transposed", "square cotangents are transposed")
def square_transposed(z, g, axis=-1):
    return _of(textbook(z, axis), g.T if g.ndim == 2 and g.shape[0] == g.shape[1] else g, axis)


@wrong("exp-overflow", "the probabilities are formed without a shift")
def no_shift(z, g, axis=-1):
    return _of(np.exp(z) / total(np.exp(z), axis), g, axis)


@wrong("global-shift", "the maximum of the whole array is subtracted")
def global_shift(z, g, axis=-1):
    weight = np.exp(z - z.max())
    return _of(weight / total(weight, axis), g, axis)


@wrong(
    "divided-by-probability",
    "the gradient is multiplied and divided by a probability",
    bugs=["dynet-logsoftmax-bwd"],
)
def times_p_over_p(z, g, axis=-1):
    p = textbook(z, axis)
    return p * _of(p, g, axis) / p


@wrong("mask", "classes with logit -inf get no gradient", bugs=["jax-lse-b-zero-jac"])
def masked_is_zero(z, g, axis=-1):
    return np.where(np.isneginf(z), 0, _of(textbook(z, axis), g, axis))


@wrong("mask", "cotangents of classes with logit -inf do not count")
def masked_cotangent_dropped(z, g, axis=-1):
    return g - textbook(z, axis) * total(np.where(np.isneginf(z), 0, g), axis)


@wrong("mask", "classes with logit -inf get nan")
def masked_is_nan(z, g, axis=-1):
    return np.where(np.isneginf(z), np.nan, _of(textbook(z, axis), g, axis))


@wrong("relative-accuracy", "probabilities are raised to 1e-7")
def raised_to_1e_7(z, g, axis=-1):
    return _of(np.maximum(textbook(z, axis), z.dtype.type(1e-7)), g, axis)


@wrong("relative-accuracy", "probabilities below 1e-6 are flushed")
def flushed_below_1e_6(z, g, axis=-1):
    p = textbook(z, axis)
    return _of(np.where(p < 1e-6, 0, p), g, axis)


@wrong("rounded-logsumexp", "the probabilities are exp(z - logsumexp)", UP_TO_BFLOAT16)
def through_a_rounded_logsumexp(z, g, axis=-1):
    top = z.max(axis=axis, keepdims=True)
    return _of(np.exp(z - (top + np.log(total(np.exp(z - top), axis)))), g, axis)


@wrong("gradient-cancellation", "a probability above 1 - 1e-6 counts as 1", ("binary64",))
def saturated(z, g, axis=-1):
    p = textbook(z, axis)
    return _of(np.where(p > 1 - 1e-6, 1, p).astype(z.dtype), g, axis)


@wrong(
    "gradient-cancellation",
    "1 - p is formed from a p that has rounded to 1",
    UP_TO_BFLOAT16,
    level="tight",
    bugs=["torch-logsoftmax-vjp-tail"],
)
def top_class_cancels(z, g, axis=-1):
    return _of(np.exp(log_textbook(z, axis)), g, axis)


@wrong("nan-swallowed", "rows with a nan get no gradient")
def nan_row_is_zero(z, g, axis=-1):
    result = _of(textbook(z, axis), g, axis)
    return np.where(np.isnan(z).any(axis=axis, keepdims=True), 0, result)


@wrong("tail-elements", "cotangents after the last full block of 32 are left out")
def last_block_dropped(z, g, axis=-1):
    width = z.shape[axis] if z.ndim else 1
    full = width if width < 32 else width // 32 * 32
    return g - textbook(z, axis) * total(np.take(np.atleast_1d(g), range(full), axis), axis).reshape(
        total(g, axis).shape
    )


@wrong("gradient-scale", "the gradient is averaged over the rows")
def averaged_over_rows(z, g, axis=-1):
    return _of(textbook(z, axis), g, axis) / (max(z.size, 1) // max(z.shape[axis], 1) if z.ndim else 1)
