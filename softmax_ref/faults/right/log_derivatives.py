"""Derivatives of log_softmax and logsumexp in other styles."""

import numpy as np

from softmax_ref.faults.derived import along, controls_of, total
from softmax_ref.faults.parts import log_textbook, textbook

right = controls_of("log_softmax_vjp")


def _weights(z, axis):
    return np.exp(z - z.max(axis=axis, keepdims=True))


@right("g - p sum g, as in textbooks")
def directly(z, g, axis=-1):
    return g - textbook(z, axis) * total(g, axis)


@right("from saved log-probabilities: g - e^y sum g")
def from_the_result(z, g, axis=-1):
    return g - np.exp(log_textbook(z, axis)) * total(g, axis)


@right("the sum of the cotangents is divided before it is spread")
def divided_first(z, g, axis=-1):
    weight = _weights(z, axis)
    return g - weight * (total(g, axis) / total(weight, axis))


@right("the sum of the cotangents is added from the left")
def added_from_the_left(z, g, axis=-1):
    sums = np.take(np.cumsum(g, axis=axis), [-1], axis=axis) if z.ndim else g
    return g - textbook(z, axis) * sums


@right("the likeliest class from the sums over the others")
def top_from_the_others(z, g, axis=-1):
    if not z.ndim:
        return g - g
    p, g = np.moveaxis(textbook(z, axis), axis, -1), np.moveaxis(g, axis, -1)
    result, top = g - p * total(g, -1), p.argmax(axis=-1)[..., None]
    others = np.arange(p.shape[-1]) != top
    own = np.take_along_axis(g, top, -1) * total(p * others, -1)
    np.put_along_axis(result, top, own - np.take_along_axis(p, top, -1) * total(g * others, -1), -1)
    return np.moveaxis(result, -1, axis)


right = controls_of("log_softmax_jvp")


@right("v - p.v, as in textbooks", name="directly")
def tangent(z, v, axis=-1):
    return v - total(textbook(z, axis) * v, axis)


@right("the quotient is formed after the sum", name="divided-last")
def tangent_divided_last(z, v, axis=-1):
    weight = _weights(z, axis)
    return v - total(weight * v, axis) / total(weight, axis)


@right("the tangent of the likeliest class is subtracted first")
def centred(z, v, axis=-1):
    if not z.ndim:
        return v - v
    top = np.expand_dims(np.where(np.isnan(z), -np.inf, z).argmax(axis=axis), axis)
    v = v - np.take_along_axis(v, top, axis)
    return v - total(textbook(z, axis) * v, axis)


right = controls_of("logsumexp_vjp")


@right("g p, as in textbooks", name="directly")
def spread(z, g, axis=-1):
    return along(g, z, axis) * textbook(z, axis)


@right("g times the exponential of the log-probabilities")
def through_logarithms(z, g, axis=-1):
    return along(g, z, axis) * np.exp(log_textbook(z, axis))


@right("the cotangent is divided before it is spread", name="divided-first")
def spread_divided_first(z, g, axis=-1):
    weight = _weights(z, axis)
    return weight * (along(g, z, axis) / total(weight, axis))


@right("0 for a row of only -inf")
def zero_where_all_are_masked(z, g, axis=-1):
    top = z.max(axis=axis, keepdims=True)
    weight = np.exp(z - np.where(np.isneginf(top), 0, top))
    sums = total(weight, axis)
    return along(g, z, axis) * (weight / np.where(sums == 0, 1, sums))


@right("the limit where a logit is +inf")
def limit_at_infinity(z, g, axis=-1):
    infinite = np.isposinf(z)
    some = infinite.any(axis=axis, keepdims=True) & ~np.isnan(z).any(axis=axis, keepdims=True)
    return along(g, z, axis) * textbook(np.where(some, np.where(infinite, 0, -np.inf), z), axis)


right = controls_of("logsumexp_jvp")


@right("p.v, as in textbooks", name="directly")
def mean(z, v, axis=-1):
    return (textbook(z, axis) * v).sum(axis=axis)


@right("the quotient is formed after the sum", name="divided-last")
def mean_divided_last(z, v, axis=-1):
    weight = _weights(z, axis)
    return (weight * v).sum(axis=axis) / weight.sum(axis=axis)


@right("weights from log-probabilities", name="through-logarithms")
def mean_through_logarithms(z, v, axis=-1):
    return (np.exp(log_textbook(z, axis)) * v).sum(axis=axis)
