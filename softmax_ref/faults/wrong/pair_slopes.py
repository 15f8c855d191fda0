"""Wrong logaddexp of special pairs, and wrong shares of a pair: swapped, lost, or formed badly."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE
from softmax_ref.faults.derived import faults_of, shares

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("logaddexp")


def _corrected(x, y, correction):
    """Return the maximum and a correction of the gap, where the maximum is finite."""
    top = np.maximum(x, y)
    with np.errstate(invalid="ignore"):
        gap = np.where(x == y, 0, abs(x - y))
    return np.where(np.isinf(top), top, top + correction(gap))


@wrong("log-base", "the logarithm and the power have base 2", bugs=["sglang-base2-lse"])
def base_two(x, y):
    return np.logaddexp2(x, y)


@wrong("nan-swallowed", "a maximum drops the nan")
def nan_dropped(x, y):
    return np.where(np.isnan(x), y, np.where(np.isnan(y), x, np.logaddexp(x, y)))


@wrong("equal-infinities", "two -inf give +inf")
def plus_for_nothing(x, y):
    return np.where(np.isneginf(x) & np.isneginf(y), np.inf, np.logaddexp(x, y))


@wrong("equal-infinities", "two -inf give the smallest number", WIDE)
def smallest_for_nothing(x, y):
    return np.where(np.isneginf(x) & np.isneginf(y), np.finfo(x.dtype).min, np.logaddexp(x, y))


@wrong("working-precision", "the correction is log1p(-e^-gap), that of a difference")
def log_of_difference(x, y):
    return _corrected(x, y, lambda gap: np.where(gap == 0, 0, np.log1p(-np.exp(-gap))))


@wrong("exp-overflow", "log(2 cosh) of half the gap, and the mean")
def through_cosh(x, y):
    return (x + y) / 2 + np.log(2 * np.cosh((x - y) / 2))


@wrong("equal-infinities", "-inf and all below -1e9 become -1e9", UP_TO_BFLOAT16)
def raised_to_minus_1e9(x, y):
    return np.logaddexp(np.maximum(x, x.dtype.type(-1e9)), np.maximum(y, y.dtype.type(-1e9)))


@wrong("working-precision", "the correction is read from a table with a step of 1/64", (*WIDE, "binary16"))
def table_of_64ths(x, y):
    return _corrected(x, y, lambda gap: np.log1p(np.exp(-np.round(gap * 64) / 64)))


@wrong("near-ties", "arguments closer than 2^-10 count as equal", WIDE)
def close_is_equal(x, y):
    return _corrected(x, y, lambda gap: np.log1p(np.exp(-np.where(gap < 2.0**-10, 0, gap).astype(x.dtype))))


@wrong("log-of-one", "log(1 + e^-gap) lacks log1p", UP_TO_BFLOAT16, level="tight")
def log_for_log1p(x, y):
    return _corrected(x, y, lambda gap: np.log(1 + np.exp(-gap)))


wrong = faults_of("logaddexp_vjp")


@wrong("swapped-pair", "each argument gets the gradient of the other")
def swapped(x, y, g):
    a, b = shares(x, y)
    return g * b, g * a


@wrong("swapped-pair", "both arguments get the gradient of the first")
def first_twice(x, y, g):
    a, _ = shares(x, y)
    return g * a, g * a


@wrong("gradient-scale", "the second gradient lacks the cotangent")
def cotangent_of_the_first_alone(x, y, g):
    a, b = shares(x, y)
    return g * a, b


@wrong("relative-accuracy", "the second gradient is the rest of the first", UP_TO_BFLOAT16)
def rest_of_the_first(x, y, g):
    a, _ = shares(x, y)
    return g * a, g - g * a


@wrong("rounded-logsumexp", "the shares are exp(x - logaddexp(x, y))", UP_TO_BFLOAT16)
def through_a_rounded_logaddexp(x, y, g):
    z = np.logaddexp(x, y)
    return g * np.exp(x - z), g * np.exp(y - z)


@wrong("gradient-scale", "the gradient of the maximum")
def of_the_maximum(x, y, g):
    return g * np.where(x == y, 0.5, x > y), g * np.where(x == y, 0.5, y > x)


@wrong("ties", "the first of two equal arguments gets all")
def tie_to_the_first(x, y, g):
    a, b = shares(x, y)
    return g * np.where(x == y, 1, a), g * np.where(x == y, 0, b)


@wrong("gradient-sign", "the second gradient has the sign of a difference")
def of_a_difference(x, y, g):
    a, b = shares(x, y)
    return g * a, -g * b


@wrong("mask", "0/0 is formed where one argument is -inf", bugs=["torch-logaddexp-grad-neginf"])
def nan_beside_infinity(x, y, g):
    lost = np.isneginf(x) | np.isneginf(y)
    return tuple(np.where(lost, np.nan, g * share) for share in shares(x, y))


@wrong("shape-changed", "the second gradient is left out")
def first_alone(x, y, g):
    return g * shares(x, y)[0]


@wrong("exp-overflow", "e^x / (e^x + e^y)")
def no_shift(x, y, g):
    both = np.exp(x) + np.exp(y)
    return g * np.exp(x) / both, g * np.exp(y) / both


@wrong("gradient-scale", "each argument gets half")
def half_each(x, y, g):
    return g / 2, g / 2


wrong = faults_of("logaddexp_jvp")


@wrong("swapped-pair", "the tangents are exchanged", name="swapped")
def tangents_swapped(x, y, vx, vy):
    a, b = shares(x, y)
    return a * vy + b * vx


@wrong("relative-accuracy", "the second share is 1 - p", UP_TO_BFLOAT16)
def one_minus_share(x, y, vx, vy):
    a, _ = shares(x, y)
    return a * vx + (1 - a) * vy


@wrong("gradient-scale", "the tangent of the maximum", name="of-the-maximum")
def tangent_of_the_maximum(x, y, vx, vy):
    return np.where(np.isnan(x - y), x - y, np.where(x >= y, vx, vy))


@wrong("gradient-scale", "the plain mean of the tangents")
def plain_mean(x, y, vx, vy):
    return (vx + vy) / 2


@wrong("swapped-pair", "the second tangent is left out", name="first-alone")
def first_tangent(x, y, vx, vy):
    return shares(x, y)[0] * vx


@wrong("working-precision", "the second tangent is subtracted", name="of-a-difference")
def tangent_of_a_difference(x, y, vx, vy):
    a, b = shares(x, y)
    return a * vx - b * vy


@wrong("relative-accuracy", "vx + p (vy - vx) cancels", UP_TO_BFLOAT16)
def interpolated(x, y, vx, vy):
    return vx + shares(x, y)[1] * (vy - vx)


@wrong(
    "rounded-logsumexp", "the shares are exp(x - logaddexp(x, y))", UP_TO_BFLOAT16, name="through-a-rounded-logaddexp"
)
def rounded_shares(x, y, vx, vy):
    z = np.logaddexp(x, y)
    return vx * np.exp(x - z) + vy * np.exp(y - z)
