"""The log-partition function: logarithms of sums of exponentials."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import Axis, quiet


@quiet
def logsumexp(
    z: ArrayLike, /, *, axis: Axis = -1, keepdims: bool = False, where: ArrayLike | None = None
) -> NDArray:
    r"""Return the logarithm of the sum of the exponentials along an axis.

    .. math:: \operatorname{LSE}(z) = m + \log \sum_j e^{z_j - m}, \qquad m = \max_j z_j

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 0
        Logits, dimensionless.
    axis : int, tuple of int or None
        The axis (or axes) summed over; None means all of them.
    keepdims : bool
        Keep the axes summed over, with length 1.
    where : array_like of bool, broadcast to the shape of z, optional
        Only the slots that are True count; the others are not looked at.

    Returns
    -------
    ndarray, the shape of z without the axis, and its floating dtype (float64 for integers and booleans)
        Log-sums in nats; at least the maximum, and at most log K above it.

    Raises
    ------
    ValueError
        The axis is out of range; where does not broadcast.
    TypeError
        z is complex, object or string; where is not boolean.

    Notes
    -----
    The empty sum is 0, and its logarithm -inf: for K = 0, for only -inf, and for a mask without True.

    Claims: C12 (notebooks/01_definition.ipynb), C86, C88 (notebooks/02_derivatives.ipynb), C95, C107
    (notebooks/04_two_classes.ipynb), C19, C87 (notebooks/06_smooth_max.ipynb), C91, C92 (notebooks/07_duality.ipynb).
    Error bound: notebooks/13_rounding.ipynb.
    Possible issues: where m and the log of the sum cancel, the error is small beside them, not beside the result.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Algorithm 3.1.

    Examples
    --------
    >>> float(logsumexp([0.0, -1000.0]))
    0.0
    >>> float(logsumexp([]))
    -inf
    """
    z = slices.real_array("logsumexp", "z", z)
    rows, table, offset = slices.logits("logsumexp", z, axis, where=where, may_be_empty=True)
    if rows.width:
        sums = slices.by_blocks(log_sum, slices.result_dtype(z), table, offset)
    else:
        sums = np.full(rows.height, -np.inf).astype(slices.result_dtype(z))
    return sums.reshape(rows.reduced_shape(keepdims))[()]


def log_sum(x, offset):
    """Return the logarithm of the sum of exp(x + offset) for each row; x is at most 0 where offset is not."""
    m, d, low = shifted.shift(x)
    log_s, log_s_low = shifted.log_total(d, low)
    m = m + offset
    y = m + log_s
    # For an infinite maximum the limit is the maximum itself.
    return np.where(np.isinf(m), m, y + (shifted.sum_error(m, log_s, y) + log_s_low))[:, 0]


@quiet
def logaddexp(x: ArrayLike, y: ArrayLike, /) -> NDArray:
    r"""Return the logarithm of the sum of two exponentials.

    .. math:: \log(e^x + e^y) = \max(x, y) + \log(1 + e^{-|x - y|})

    Parameters
    ----------
    x, y : array_like of real numbers, shapes that broadcast together
        Logits, dimensionless.

    Returns
    -------
    ndarray, the common shape and floating dtype of x and y (float64 for integers and booleans)
        Log-sums in nats.

    Raises
    ------
    ValueError
        The shapes do not broadcast.
    TypeError
        x or y is complex, object or string.

    Notes
    -----
    Claims: C86 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: near log(e^x + e^y) = 0 with x < 0 the two terms cancel, as in logsumexp.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Algorithm 3.1.

    Examples
    --------
    >>> float(logaddexp(1000.0, -1000.0))
    1000.0
    """
    return slices.elementwise("logaddexp", log_add, x=x, y=y)


def log_add(x, y):
    """Return log(e^x + e^y) of two arrays."""
    m = np.maximum(x, y)
    lesser = np.minimum(x, y)
    d = lesser - m
    e = shifted.exponentials(d)
    return np.where(np.isinf(m), m, m + np.log1p(e + e * shifted.low_part(lesser, m, d)))
