"""Wrong slopes of logistic and its logarithm: 1 - p that cancels, exponentials that overflow, thresholds."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE
from softmax_ref.faults.derived import faults_of
from softmax_ref.faults.parts import logistic_textbook as p

DOUBLE = ("binary64",)
UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _slope(x):
    return p(x) * p(-x)


wrong = faults_of("logistic_vjp")


@wrong("gradient-cancellation", "p (1 - p) cancels on the right", UP_TO_BFLOAT16)
def p_one_minus_p(x, g):
    return g * p(x) * (1 - p(x))


@wrong("gradient-cancellation", "p - p^2 cancels on the right", UP_TO_BFLOAT16)
def p_minus_square(x, g):
    return g * (p(x) - p(x) * p(x))


@wrong("gradient-scale", "the factor 1 - p is left out")
def complement_missing(x, g):
    return g * p(x)


@wrong("gradient-scale", "the factor p is left out")
def p_missing(x, g):
    return g * p(-x)


@wrong("gradient-scale", "the cotangent is left out")
def cotangent_missing(x, g):
    return _slope(x) + 0 * g


@wrong("gradient-sign", "the slope is negative on the left")
def odd(x, g):
    return np.where(x < 0, -g, g) * _slope(x)


@wrong("gradient-scale", "the slope of the piecewise linear function")
def hard(x, g):
    return g * np.where(abs(x) < 2, 0.25, 0)


@wrong("exp-overflow", "e^x / (1 + e^x)^2 overflows", bugs=["torch-logaddexp-2nd"])
def quotient_on_the_right(x, g):
    return g * np.exp(x) / (1 + np.exp(x)) ** 2


@wrong("exp-overflow", "e^-x / (1 + e^-x)^2 overflows")
def quotient_on_the_left(x, g):
    return g * np.exp(-x) / (1 + np.exp(-x)) ** 2


@wrong("gradient-cancellation", "(1 - tanh^2) / 4 cancels on both sides", UP_TO_BFLOAT16)
def through_tanh(x, g):
    return g * (1 - np.tanh(x / 2) ** 2) / 4


@wrong("exp-overflow", "1 / (4 cosh^2(x/2)), whose square overflows where the slope is subnormal", UP_TO_BFLOAT16)
def through_cosh(x, g):
    return g / (4 * np.cosh(x / 2) ** 2)


@wrong("gradient-scale", "the argument is taken for the saved result: g x (1 - x)")
def of_the_saved_result(x, g):
    return g * x * (1 - x)


@wrong("infinite-logit", "0 times x is added, and x is infinite")
def infinity_times_zero(x, g):
    return g * _slope(x) + 0 * x


def zero_beyond(limit):
    """Return the slope, cut off on both sides."""
    return lambda x, g: g * np.where(abs(x) > limit, 0, _slope(x))


for _at, _formats in {12: ALL, 20: UP_TO_BFLOAT16, 37: UP_TO_BFLOAT16, 88: UP_TO_BFLOAT16}.items():
    wrong("threshold", f"the slope is 0 beyond {_at}", _formats, name=f"zero-beyond-{_at}")(zero_beyond(_at))

wrong = faults_of("log_logistic_vjp")


@wrong("gradient-cancellation", "1 - p cancels on the right", UP_TO_BFLOAT16)
def one_minus_p(x, g):
    return g * (1 - p(x))


@wrong("gradient-scale", "the slope of softplus: g p")
def mirrored(x, g):
    return g * p(x)


@wrong("gradient-sign", "the slope is negative")
def negative(x, g):
    return -g * p(-x)


@wrong("gradient-cancellation", "p (1 - p) / p", UP_TO_BFLOAT16)
def slope_over_p(x, g):
    return g * (p(x) * (1 - p(x))) / p(x)


@wrong("exp-underflow", "p(x) p(-x) / p(x) is 0/0 on the left")
def zero_over_zero(x, g):
    return g * _slope(x) / p(x)


@wrong("exp-overflow", "1 / (1 + e^x) is 0 where it is subnormal", UP_TO_BFLOAT16)
def reciprocal(x, g):
    return g / (1 + np.exp(x))


@wrong("gradient-scale", "the slope of logistic", name="of-logistic")
def of_the_argument(x, g):
    return g * _slope(x)


for _at, _formats in {15: ALL, 33: UP_TO_BFLOAT16, 88: UP_TO_BFLOAT16}.items():
    wrong("threshold", f"the slope is 0 above {_at}", _formats, name=f"zero-above-{_at}")(
        lambda x, g, at=_at: np.where(x > at, 0, g * p(-x))
    )
for _at, _formats in {4: WIDE, 8: WIDE, 15: DOUBLE, 30: DOUBLE}.items():
    wrong("threshold", f"the slope is 1 below -{_at}", _formats, name=f"one-below-{_at}")(
        lambda x, g, at=_at: np.where(x < -at, g, g * p(-x))
    )
