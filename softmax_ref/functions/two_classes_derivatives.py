"""Derivatives of logistic, log_logistic and softplus."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import quiet
from .two_classes import probability


@quiet
def logistic_vjp(x: ArrayLike, g: ArrayLike, /) -> NDArray:
    r"""Multiply by the derivative of logistic.

    .. math:: y = g\, \sigma(x) \sigma(-x) = g\, e^{-|x|} / (1 + e^{-|x|})^2

    Parameters
    ----------
    x : array_like of real numbers, any shape that broadcasts with that of g
        Logit, dimensionless.
    g : array_like of real numbers
        Cotangent of the result (or tangent of x: the derivative is a number, and the two products are one).

    Returns
    -------
    ndarray, the common shape and floating dtype of x and g (float64 for integers and booleans)
        The products, element by element.

    Raises
    ------
    ValueError
        The shapes do not broadcast.
    TypeError
        x or g is complex, object or string.

    Notes
    -----
    logistic_jvp is this same function.

    Claims: C53 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: where the derivative underflows to 0, so does the product, even for a huge g.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Section 2.

    Examples
    --------
    >>> float(logistic_vjp(0.0, 4.0))
    1.0
    """
    return slices.elementwise("logistic_vjp", lambda x, g: g * slope(x), x=x, g=g)


@quiet
def log_logistic_vjp(x: ArrayLike, g: ArrayLike, /) -> NDArray:
    r"""Multiply by the derivative of log_logistic.

    .. math:: y = g\, \sigma(-x)

    Parameters
    ----------
    x : array_like of real numbers, any shape that broadcasts with that of g
        Logit, dimensionless.
    g : array_like of real numbers
        Cotangent of the result (or tangent of x: the derivative is a number, and the two products are one).

    Returns
    -------
    ndarray, the common shape and floating dtype of x and g (float64 for integers and booleans)
        The products, element by element.

    Raises
    ------
    ValueError
        The shapes do not broadcast.
    TypeError
        x or g is complex, object or string.

    Notes
    -----
    log_logistic_jvp is this same function.

    Claims: C53 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: where the derivative underflows to 0, so does the product, even for a huge g.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Section 2.

    Examples
    --------
    >>> float(log_logistic_vjp(0.0, 4.0))
    2.0
    """
    return slices.elementwise("log_logistic_vjp", lambda x, g: g * probability(-x), x=x, g=g)


@quiet
def softplus_vjp(x: ArrayLike, g: ArrayLike, /) -> NDArray:
    r"""Multiply by the derivative of softplus.

    .. math:: y = g\, \sigma(x)

    Parameters
    ----------
    x : array_like of real numbers, any shape that broadcasts with that of g
        Logit, dimensionless.
    g : array_like of real numbers
        Cotangent of the result (or tangent of x: the derivative is a number, and the two products are one).

    Returns
    -------
    ndarray, the common shape and floating dtype of x and g (float64 for integers and booleans)
        The products, element by element.

    Raises
    ------
    ValueError
        The shapes do not broadcast.
    TypeError
        x or g is complex, object or string.

    Notes
    -----
    softplus_jvp is this same function.

    Claims: C53, C86 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: where the derivative underflows to 0, so does the product, even for a huge g.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Section 2.

    Examples
    --------
    >>> float(softplus_vjp(0.0, 4.0))
    2.0
    """
    return slices.elementwise("softplus_vjp", lambda x, g: g * probability(x), x=x, g=g)


def slope(x):
    """Return p (1 - p), the slope of the logistic function; it is even."""
    e = shifted.exponentials(-np.abs(x))
    return e / (1 + e) / (1 + e)


logistic_jvp, log_logistic_jvp, softplus_jvp = logistic_vjp, log_logistic_vjp, softplus_vjp
