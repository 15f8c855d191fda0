"""Slopes of logistic, its logarithm, softplus and logaddexp in other styles."""

import numpy as np

from softmax_ref.faults.derived import controls_of, shares
from softmax_ref.faults.parts import logistic_textbook, softplus_textbook, textbook


def _tail(x):
    return np.exp(-abs(x))


right = controls_of("logistic_vjp")


@right("p(x) p(-x)")
def product(x, g):
    return g * logistic_textbook(x) * logistic_textbook(-x)


@right("e / (1 + e)^2 with e = e^-abs(x)")
def squared(x, g):
    return g * (_tail(x) / (1 + _tail(x)) ** 2)


@right("e / (1 + 2 e + e^2)")
def expanded(x, g):
    return g * (_tail(x) / (1 + 2 * _tail(x) + _tail(x) * _tail(x)))


@right("the exponential of two logarithms")
def through_logarithms(x, g):
    return g * np.exp(-softplus_textbook(-x) - softplus_textbook(x))


right = controls_of("log_logistic_vjp")


@right("p(-x)", name="logistic")
def mirrored(x, g):
    return g * logistic_textbook(-x)


@right("1 or e above 1 + e", name="branches")
def branches(x, g):
    return g * (np.where(x >= 0, _tail(x), np.where(np.isnan(x), x, 1)) / (1 + _tail(x)))


right = controls_of("softplus_vjp")


@right("p(x)", name="logistic")
def logistic(x, g):
    return g * logistic_textbook(x)


@right("e to the minus softplus(-x)", name="through-the-result")
def through_the_result(x, g):
    return g * np.exp(-softplus_textbook(-x))


right = controls_of("logaddexp_vjp")


@right("two logistic functions of the difference")
def two_logistics(x, y, g):
    a, b = shares(x, y)
    return g * a, g * b


@right("one exponential serves both")
def one_exponential(x, y, g):
    d = x - y
    large, small = 1 / (1 + _tail(d)), _tail(d) / (1 + _tail(d))
    return g * np.where(d < 0, small, large), g * np.where(d < 0, large, small)


@right("softmax of the stacked pair, whose infinity takes all")
def stacked(x, y, g):
    z = np.stack([x, y])
    one = (np.isposinf(z).sum(axis=0) == 1) & ~np.isnan(z).any(axis=0)
    return tuple(g * textbook(np.where(one, np.where(np.isposinf(z), 0, -np.inf), z), 0))


@right("0 where both are -inf")
def zero_for_nothing(x, y, g):
    nothing = np.isneginf(x) & np.isneginf(y)
    return tuple(np.where(nothing, 0, g * share) for share in shares(x, y))


right = controls_of("logaddexp_jvp")


@right("the mean of the tangents under the shares")
def weighted(x, y, vx, vy):
    a, b = shares(x, y)
    return a * vx + b * vy


@right("the mean of the tangents, divided last")
def divided_last(x, y, vx, vy):
    d = x - y
    a, b = np.where(d < 0, _tail(d), 1), np.where(d < 0, 1, _tail(d))
    return (a * vx + b * vy) / (1 + _tail(d))
