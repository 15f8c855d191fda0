"""Two classes, one of them with logit 0: the logistic function and its logarithms."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import quiet


@quiet
def logistic(x: ArrayLike, /) -> NDArray:
    r"""Map the logit of one of two classes to its probability.

    .. math:: \sigma(x) = 1/(1 + e^{-x}) = e^x/(1 + e^x)

    Parameters
    ----------
    x : array_like of real numbers, any shape
        Logit of the class, the other one's being 0; dimensionless.

    Returns
    -------
    ndarray, the shape and floating dtype of x (float64 for integers and booleans)
        Probabilities in [0, 1].

    Raises
    ------
    TypeError
        x is complex, object or string.

    Notes
    -----
    Of the two forms, the one whose exponent is negative is used: the results below -709.78, which are
    subnormal, survive.

    Claims: C53 (notebooks/02_derivatives.ipynb), C82, C83, C85, C95, C107 (notebooks/04_two_classes.ipynb).
    Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: 1 - logistic(x) cancels for large x; logistic(-x) is the same number without loss.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Section 2.

    Examples
    --------
    >>> logistic([-np.inf, 0.0, np.inf])
    array([0. , 0.5, 1. ])
    """
    return slices.elementwise("logistic", probability, x=x)


def probability(x):
    """Return 1/(1 + e^-x) from the exponential that cannot overflow."""
    e = shifted.exponentials(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


@quiet
def log_logistic(x: ArrayLike, /) -> NDArray:
    r"""Map the logit of one of two classes to the logarithm of its probability.

    .. math:: \log\sigma(x) = \min(x, 0) - \log(1 + e^{-|x|})

    Parameters
    ----------
    x : array_like of real numbers, any shape
        Logit of the class, the other one's being 0; dimensionless.

    Returns
    -------
    ndarray, the shape and floating dtype of x (float64 for integers and booleans)
        Log-probabilities in nats, at most 0.

    Raises
    ------
    TypeError
        x is complex, object or string.

    Notes
    -----
    Claims: C53 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: none known; both terms have the same sign.

    References
    ----------
    .. [1] Maechler (2012), Accurately computing log(1 - exp(-abs(a))), vignette of the R package Rmpfr.

    Examples
    --------
    >>> log_logistic([-1000.0, np.inf])
    array([-1000.,     0.])
    """
    return slices.elementwise("log_logistic", lambda x: np.minimum(x, 0) - log1p_exp(-np.abs(x)), x=x)


@quiet
def softplus(x: ArrayLike, /) -> NDArray:
    r"""Return the smooth positive part of x.

    .. math:: \operatorname{softplus}(x) = \log(1 + e^x) = \max(x, 0) + \log(1 + e^{-|x|})

    Parameters
    ----------
    x : array_like of real numbers, any shape
        Logit, dimensionless.

    Returns
    -------
    ndarray, the shape and floating dtype of x (float64 for integers and booleans)
        Non-negative numbers, in nats.

    Raises
    ------
    TypeError
        x is complex, object or string.

    Notes
    -----
    Claims: C86 (notebooks/02_derivatives.ipynb), C107 (notebooks/04_two_classes.ipynb).
    Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: none known; both terms have the same sign.

    References
    ----------
    .. [1] Maechler (2012), Accurately computing log(1 - exp(-abs(a))), vignette of the R package Rmpfr.

    Examples
    --------
    >>> softplus([-1000.0, 1000.0])
    array([   0., 1000.])
    """
    return slices.elementwise("softplus", lambda x: np.maximum(x, 0) + log1p_exp(-np.abs(x)), x=x)


def log1p_exp(d):
    """Return log(1 + e^d) for d <= 0."""
    return np.log1p(shifted.exponentials(d))
