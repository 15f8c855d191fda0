"""Derivatives of logistic, log_logistic and softplus."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import quiet
from .two_classes import probability


@quiet
def logistic_vjp(x: ArrayLike, g: ArrayLike, /) -> NDArray:
    return slices.elementwise("logistic_vjp", lambda x, g: g * slope(x), x=x, g=g)


@quiet
def log_logistic_vjp(x: ArrayLike, g: ArrayLike, /) -> NDArray:
    return slices.elementwise("log_logistic_vjp", lambda x, g: g * probability(-x), x=x, g=g)


@quiet
def softplus_vjp(x: ArrayLike, g: ArrayLike, /) -> NDArray:
    return slices.elementwise("softplus_vjp", lambda x, g: g * probability(x), x=x, g=g)


def slope(x):
    e = shifted.exponentials(-np.abs(x), 0)
    return e / (1 + e) / (1 + e)


logistic_jvp, log_logistic_jvp, softplus_jvp = logistic_vjp, log_logistic_vjp, softplus_vjp
