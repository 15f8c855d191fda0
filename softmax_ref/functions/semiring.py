"""The log semiring: addition and multiplication of numbers that are held as logarithms, divided by beta."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import Axis, quiet


@quiet
def log_semiring_add(x: ArrayLike, y: ArrayLike, /, *, beta: float = 1.0) -> NDArray:
    r"""Add two numbers of the log semiring.

    .. math:: x \oplus y = \frac{1}{\beta} \log(e^{\beta x} + e^{\beta y}) = m + \frac{1}{\beta} \log(1 + e^{-|\beta (x - y)|})

    Parameters
    ----------
    x, y : array_like of real numbers, shapes that broadcast together
        Numbers of the semiring; -inf is its zero (+inf for negative beta).
    beta : float
        Coldness, other than 0. Large beta comes close to the maximum m; with negative beta m is the minimum.

    Returns
    -------
    ndarray, the common shape and floating dtype of x and y (float64 for integers and booleans)
        Sums, at least the maximum (at most the minimum for negative beta).

    Raises
    ------
    ValueError
        The shapes do not broadcast; beta is 0 or not finite.
    TypeError
        x or y is complex, object or string; beta is not a real number.

    Notes
    -----
    The addition is not idempotent: a number added to itself grows by log 2 / beta.

    Claims: C33 (notebooks/06_smooth_max.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: where m and the logarithm cancel, the error is small beside them, not beside the result.

    References
    ----------
    .. [1] Mohri (2002), Journal of Automata, Languages and Combinatorics 7(3), Section 2.

    Examples
    --------
    >>> float(log_semiring_add(1000.0, -np.inf))
    1000.0
    >>> float(log_semiring_add(0.0, 0.0, beta=0.5) / np.log(2.0))
    2.0
    """
    beta = slices.nonzero_number("log_semiring_add", "beta", beta, NO_SEMIRING)

    def add(x, y):
        return scaled_log_sum(np.stack([x, y], axis=-1), 0.0, beta)

    return slices.elementwise("log_semiring_add", add, x=x, y=y)


NO_SEMIRING = "the limit of small beta is no semiring"


@quiet
def log_semiring_multiply(x: ArrayLike, y: ArrayLike, /) -> NDArray:
    r"""Multiply two numbers of the log semiring.

    .. math:: x \otimes y = x + y

    Parameters
    ----------
    x, y : array_like of real numbers, shapes that broadcast together
        Numbers of the semiring; 0 is its one.

    Returns
    -------
    ndarray, the common shape and floating dtype of x and y (float64 for integers and booleans)
        Products: the sums of the numbers, whatever beta is.

    Raises
    ------
    ValueError
        The shapes do not broadcast.
    TypeError
        x or y is complex, object or string.

    Notes
    -----
    Claims: C33 (notebooks/06_smooth_max.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: +inf is no number of the semiring; its product with the zero, -inf, is nan.

    References
    ----------
    .. [1] Mohri (2002), Journal of Automata, Languages and Combinatorics 7(3), Section 2.

    Examples
    --------
    >>> log_semiring_multiply([1.0, -np.inf], 2.0)
    array([  3., -inf])
    """
    return slices.elementwise("log_semiring_multiply", np.add, x=x, y=y)


@quiet
def log_semiring_sum(z: ArrayLike, /, *, beta: float = 1.0, axis: Axis = -1) -> NDArray:
    r"""Add numbers of the log semiring along an axis.

    .. math:: \bigoplus_j z_j = \frac{1}{\beta} \log \sum_j e^{\beta z_j} = m + \frac{1}{\beta} \log \sum_j e^{\beta(z_j - m)}

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Numbers of the semiring; -inf is its zero (+inf for negative beta).
    beta : float
        Coldness, other than 0. Large beta comes close to the maximum m; with negative beta m is the minimum.
    axis : int, tuple of int or None
        The axis (or axes) summed over; None means all of them.

    Returns
    -------
    ndarray, the shape of z without the axis, and its floating dtype (float64 for integers and booleans)
        Sums; within log K / beta of m.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; beta is 0 or not finite.
    TypeError
        z is complex, object or string; beta is not a real number.

    Notes
    -----
    At beta = 1 this is logsumexp; log_semiring_sum(E, beta=-b) is free_energy(E, beta=b).

    Claims: C33-C35 (notebooks/06_smooth_max.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: where m and the logarithm cancel, the error is small beside them, not beside the result.

    References
    ----------
    .. [1] Mohri (2002), Journal of Automata, Languages and Combinatorics 7(3), Section 2.

    Examples
    --------
    >>> float(log_semiring_sum([0.0, 0.0, 0.0, 0.0], beta=0.5) / np.log(2.0))
    4.0
    >>> float(log_semiring_sum([2.0, 1000.0], beta=-1.0))
    2.0
    """
    z = slices.real_array("log_semiring_sum", "z", z)
    beta = slices.nonzero_number("log_semiring_sum", "beta", beta, NO_SEMIRING)
    rows, table, offset = slices.logits("log_semiring_sum", z, axis, downwards=beta < 0)
    sums = slices.by_blocks(lambda x, o: scaled_log_sum(x, o, beta), slices.result_dtype(z), table, offset)
    return sums.reshape(rows.reduced_shape())[()]


def scaled_log_sum(x, offset, beta):
    """Return log(sum exp(beta (x + offset))) / beta for each row."""
    _, d, low = shifted.shift(x, beta)
    log_s, log_s_low = shifted.quotient(*shifted.log_total(d, low), beta)
    m = (x.min if beta < 0 else x.max)(axis=-1, keepdims=True) + offset
    y = m + log_s
    # For an infinite extreme the limit is the extreme itself.
    return np.where(np.isinf(m), m, y + shifted.finite(shifted.sum_error(m, log_s, y) + log_s_low))[:, 0]
