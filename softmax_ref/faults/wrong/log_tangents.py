"""Wrong tangents of log_softmax and logsumexp: another mean, a far class that is dropped, 0 times infinity."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE
from softmax_ref.faults.derived import faults_of, pulled_back, total
from softmax_ref.faults.parts import textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("log_softmax_jvp")


def _of(p, v, axis):
    return v - total(p * v, axis)


def _top_mean(z, v, axis):
    top = z == z.max(axis=axis, keepdims=True)
    return total(np.where(top, v, 0), axis) / total(1.0 * top, axis).astype(z.dtype)


@wrong("gradient-sign", "the gradient is taken for the tangent: v - p sum v")
def transposed(z, v, axis=-1):
    return v - textbook(z, axis) * total(v, axis)


@wrong("gradient-sign", "the plain mean of the tangent is subtracted")
def plain_mean(z, v, axis=-1):
    return v - v.mean(axis=axis, keepdims=True)


@wrong("gradient-scale", "the tangent of softmax is taken for that of its logarithm")
def of_softmax(z, v, axis=-1):
    return pulled_back(textbook(z, axis), v, axis)


@wrong("gradient-sign", "the tangent has the other sign")
def negated(z, v, axis=-1):
    return -_of(textbook(z, axis), v, axis)


@wrong("gradient-sign", "the mean is added")
def plus(z, v, axis=-1):
    return v + total(textbook(z, axis) * v, axis)


@wrong("mask", "classes with logit -inf have no tangent")
def masked_is_zero(z, v, axis=-1):
    return np.where(np.isneginf(z), 0, _of(textbook(z, axis), v, axis))


@wrong("mask", "a tangent of 0 meets a logit of -inf", bugs=["optax-wlogsoftmax-jvp"])
def masked_zero_is_nan(z, v, axis=-1):
    return np.where(np.isneginf(z) & (v == 0), np.nan, _of(textbook(z, axis), v, axis))


@wrong("divided-by-probability", "the tangent is multiplied and divided by a probability")
def times_p_over_p(z, v, axis=-1):
    p = textbook(z, axis)
    return p * _of(p, v, axis) / p


@wrong("gradient-sign", "the tangent of the maximum is subtracted")
def of_the_maximum(z, v, axis=-1):
    return v - _top_mean(z, v, axis)


@wrong("axis", "the mean is taken along the last axis")
def mean_along_the_last_axis(z, v, axis=-1):
    return v - total(textbook(z, axis) * v, -1)


@wrong("exp-overflow", "the probabilities are formed without a shift")
def no_shift(z, v, axis=-1):
    return _of(np.exp(z) / total(np.exp(z), axis), v, axis)


@wrong("gradient-cancellation", "a common offset of the tangents costs digits", UP_TO_BFLOAT16, level="tight")
def offset_cancels(z, v, axis=-1):
    return _of(textbook(z, axis), v, axis)


wrong = faults_of("logsumexp_jvp")


def _mean(p, v, axis):
    return (p * v).sum(axis=axis)


@wrong("gradient-scale", "the plain mean of the tangent", name="plain-mean")
def mean_without_probabilities(z, v, axis=-1):
    return v.mean(axis=axis)


@wrong("gradient-scale", "the plain sum of the tangent")
def plain_sum(z, v, axis=-1):
    return v.sum(axis=axis)


@wrong("gradient-scale", "the tangent of the maximum", name="of-the-maximum")
def top_alone(z, v, axis=-1):
    return _top_mean(z, v, axis).sum(axis=axis)


@wrong("gradient-scale", "the mean is not divided by the sum of the weights")
def not_divided(z, v, axis=-1):
    return _mean(np.exp(z - z.max(axis=axis, keepdims=True)), v, axis)


@wrong("shape-changed", "the axis stays")
def keeps_the_axis(z, v, axis=-1):
    return total(textbook(z, axis) * v, axis)


@wrong("gradient-transposed", "square tangents are transposed")
def square_transposed(z, v, axis=-1):
    return _mean(textbook(z, axis), v.T if v.ndim == 2 and v.shape[0] == v.shape[1] else v, axis)


@wrong("divided-by-probability", "tangents of classes below 1e-8 are dropped", ("binary64",))
def flushed_below_1e_8(z, v, axis=-1):
    p = textbook(z, axis)
    return _mean(np.where(p < 1e-8, 0, p), v, axis)


@wrong("relative-accuracy", "probabilities are raised to 1e-7", UP_TO_BFLOAT16)
def raised_to_1e_7(z, v, axis=-1):
    return _mean(np.maximum(textbook(z, axis), z.dtype.type(1e-7)), v, axis)


@wrong("mask", "the logits are divided by themselves, and -inf/-inf is nan")
def masked_is_nan(z, v, axis=-1):
    return _mean(np.where(np.isneginf(z), np.nan, textbook(z, axis)), v, axis)


@wrong("rounded-logsumexp", "the probabilities are exp(z - logsumexp)", UP_TO_BFLOAT16)
def through_a_rounded_logsumexp(z, v, axis=-1):
    top = z.max(axis=axis, keepdims=True)
    return _mean(np.exp(z - (top + np.log(total(np.exp(z - top), axis)))), v, axis)


@wrong(
    "exp-underflow",
    "tangents of classes whose unshifted exponential underflows are dropped",
    bugs=["torch-logcumsumexp-jvp"],
    name="no-shift",
)
def unshifted(z, v, axis=-1):
    weight = np.exp(z)
    return _mean(weight, v, axis) / weight.sum(axis=axis)
