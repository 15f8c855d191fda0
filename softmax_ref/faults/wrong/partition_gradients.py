"""Wrong gradients of logsumexp: a cotangent that is lost or read along another axis, a mass that goes elsewhere."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE
from softmax_ref.faults.derived import along, faults_of, total
from softmax_ref.faults.parts import textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("logsumexp_vjp")


def _weights(z, axis):
    return np.exp(z - z.max(axis=axis, keepdims=True))


def _top(z, axis):
    return (z == z.max(axis=axis, keepdims=True)).astype(z.dtype)


@wrong("gradient-scale", "the cotangent is left out")
def cotangent_missing(z, g, axis=-1):
    return textbook(z, axis)


@wrong("axis", "the cotangent is spread along the first axis where it fits")
def spread_along_the_first_axis(z, g, axis=-1):
    return (g if z.ndim > 1 and g.shape == z.shape[-1:] else along(g, z, axis)) * textbook(z, axis)


@wrong("axis", "the cotangent is spread along the last axis where it fits")
def spread_along_the_last_axis(z, g, axis=-1):
    fits = z.ndim and np.broadcast_shapes(g.shape[-1:], z.shape[-2:-1] or (1,)) == (z.shape[-2:-1] or (1,))
    fits = fits and g.shape == z.shape[:-1]
    return (g[..., None] if fits else along(g, z, axis)) * textbook(z, axis)


@wrong("row-mixing", "the cotangents of all rows are added up")
def sum_of_everything(z, g, axis=-1):
    return g.sum() * textbook(z, axis)


@wrong("gradient-scale", "the gradient of a mean of exponentials is divided by the number of classes")
def divided_by_the_width(z, g, axis=-1):
    return along(g, z, axis) * textbook(z, axis) / (z.shape[axis] if z.ndim else 1)


@wrong("gradient-scale", "the gradient of the maximum")
def of_the_maximum(z, g, axis=-1):
    return along(g, z, axis) * _top(z, axis) / total(_top(z, axis), axis)


@wrong(
    "rounded-logsumexp",
    "the probabilities are exp(z - logsumexp), where log K is lost beside a large logit",
    UP_TO_BFLOAT16,
    bugs=["stan-lse-grad-1e50"],
)
def through_a_rounded_logsumexp(z, g, axis=-1):
    top = z.max(axis=axis, keepdims=True)
    return along(g, z, axis) * np.exp(z - (top + np.log(total(np.exp(z - top), axis))))


@wrong("gradient-scale", "a thousandth of the gradient of the maximum is left in", WIDE)
def maximum_left_in(z, g, axis=-1):
    return along(g, z, axis) * (textbook(z, axis) + z.dtype.type(1e-3) * _top(z, axis))


@wrong("gradient-scale", "the weights are not divided by their sum")
def not_divided(z, g, axis=-1):
    return along(g, z, axis) * _weights(z, axis)


@wrong("exp-overflow", "the probabilities are formed without a shift")
def no_shift(z, g, axis=-1):
    return along(g, z, axis) * np.exp(z) / total(np.exp(z), axis)


@wrong("gradient-sign", "the sign of the cotangent is lost", bugs=["autograd-lse-sign"])
def sign_lost(z, g, axis=-1):
    return abs(along(g, z, axis)) * textbook(z, axis)


@wrong("ties", "the mass of a tie goes to its first class")
def tie_to_the_first(z, g, axis=-1):
    p = np.moveaxis(np.atleast_1d(textbook(z, axis)), axis, -1).copy()
    top = p == p.max(axis=-1, keepdims=True)
    mass = (p * top).sum(axis=-1, keepdims=True)
    q = np.where(top, 0, p)
    np.put_along_axis(q, top.argmax(axis=-1)[..., None], mass, axis=-1)
    return along(g, z, axis) * np.moveaxis(q, -1, axis).reshape(z.shape)


@wrong(
    "mask",
    "classes with logit -inf get nan",
    bugs=["torch-logaddexp-grad-neginf", "jax-lse-where-grad"],
)
def masked_is_nan(z, g, axis=-1):
    return np.where(np.isneginf(z), np.nan, along(g, z, axis) * textbook(z, axis))


@wrong("finite-sentinel", "-inf and all below -1e4 become -1e4")
def raised_to_minus_10000(z, g, axis=-1):
    return along(g, z, axis) * textbook(np.maximum(z, z.dtype.type(-1e4)), axis)


@wrong("gradient-scale", "the cotangent is added where it multiplies")
def added(z, g, axis=-1):
    return along(g, z, axis) + textbook(z, axis) - 1


@wrong(
    "all-masked",
    "a row of only -inf makes every gradient nan",
    bugs=["torch-lse-grad-neginf", "jax-lse-grad-neginf"],
)
def masked_row_spreads(z, g, axis=-1):
    result = along(g, z, axis) * textbook(z, axis)
    return result * np.nan if np.isneginf(z.max(axis=axis, initial=-np.inf)).any() else result


@wrong("axis", "the probabilities are taken along the last axis")
def softmax_along_the_last_axis(z, g, axis=-1):
    return along(g, z, axis) * textbook(z, -1)


@wrong("global-shift", "the maximum of the whole array is subtracted")
def global_shift(z, g, axis=-1):
    weight = np.exp(z - z.max())
    return along(g, z, axis) * weight / total(weight, axis)


@wrong("relative-accuracy", "probabilities below 1e-8 are flushed", UP_TO_BFLOAT16)
def flushed_below_1e_8(z, g, axis=-1):
    p = textbook(z, axis)
    return along(g, z, axis) * np.where(p < 1e-8, 0, p)
