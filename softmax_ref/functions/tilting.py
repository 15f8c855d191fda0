"""Exponential tilting: a distribution reweighed by exponentials of a statistic."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import Axis, quiet

# mpmath.workprec(200): n = floor(log(2) * 2**32) is LN2_HIGH * 2**32, and log(2) - n / 2**32 is LN2_LOW.
# An exponent of binary64 or longdouble times 32 digits is exact.
LN2_HIGH = 2977044471 / 2**32
LN2_LOW = 1.9082149292705877e-10


@quiet
def exponential_tilting(p: ArrayLike, x: ArrayLike, /, *, theta: float = 1.0, axis: Axis = -1) -> NDArray:
    r"""Reweigh a distribution by the exponentials of a statistic along an axis.

    .. math:: q_i = p_i e^{\theta x_i} / \sum_j p_j e^{\theta x_j}

    Parameters
    ----------
    p : array_like of real numbers, shape (..., K, ...), K >= 1
        Probabilities or weights: finite, at least 0, not all 0 in a slice. They need not sum to 1.
    x : array_like of real numbers, the shape of p
        The statistic.
    theta : float
        Natural parameter, in units of 1/x; at 0 the weights are only normalised, negative theta favours small x.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape of p and the common floating dtype of p and x (float64 for integers and booleans)
        Probabilities in [0, 1]; each slice sums to 1 within K units of roundoff.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; x has another shape than p; an entry of p is negative or not finite, or a
        slice of it is 0 everywhere; theta is not finite.
    TypeError
        p or x is complex, object or string; theta is not a real number.

    Notes
    -----
    This is softmax of theta x + log p, with p split into a power of two and a factor in [1, 2): the logarithm of a
    power of two is known to any number of digits, and no weight underflows before the result does.

    Claims: C109 (notebooks/08_statistical_mechanics.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: where p is 0, x is not looked at. A slice of x, those aside, with nan, +inf or only -inf gives nan
    (with nan, -inf or only +inf for negative theta).

    References
    ----------
    .. [1] Siegmund (1976), Annals of Statistics 4(4), 673-684.

    Examples
    --------
    >>> exponential_tilting([3, 1, 0], [0.0, 0.0, np.nan])
    array([0.75, 0.25, 0.  ])
    >>> exponential_tilting([1.0, 1.0], [0.0, 1000.0], theta=-1.0)
    array([1., 0.])
    """
    p, x = slices.real_array("exponential_tilting", "p", p), slices.real_array("exponential_tilting", "x", x)
    theta = slices.real_number("exponential_tilting", "theta", theta)
    slices.same_shape("exponential_tilting", "x", x, p.shape, "the shape of p,")
    rows = slices.Slices("exponential_tilting", p.shape, axis, argument="p")
    weights = rows.table(measure(p, rows))
    _, table, _ = slices.logits("exponential_tilting", x, axis, where=p > 0, downwards=theta < 0)
    dtype = slices.result_dtype(p, x)
    return rows.restore(slices.by_blocks(lambda x, p: tilted(p, x, theta), dtype, table, weights))


def measure(p, rows):
    """Return p if its slices can be normalised, or raise."""
    wrong = p[~(np.isfinite(p) & (p >= 0))]
    if wrong.size:
        raise ValueError(f"exponential_tilting: p must be finite and at least 0, got {wrong.flat[0]}")
    empty = ~(rows.table(p) > 0).any(axis=-1)
    if empty.any():
        raise ValueError(f"exponential_tilting: p needs a positive entry in every slice, got {rows.table(p)[empty][0]}")
    return p


def tilted(p, x, theta):
    """Return p exp(theta x) over its sum for each row; where p is 0, x holds what weighs nothing."""
    factor, power = np.frexp(p)
    factor, power = 2 * factor, power - np.where(p > 0, power, np.iinfo(power.dtype).min).max(axis=-1, keepdims=True)
    _, d, low = shifted.shift(x, theta)
    for term in (power * p.dtype.type(LN2_HIGH), power * p.dtype.type(LN2_LOW)):
        t = d + term
        d, low = t, low + shifted.finite(shifted.sum_error(d, term, t))
    m = d.max(axis=-1, keepdims=True)
    t = d - m
    return shifted.normalized(shifted.exponentials(t) * factor, low + shifted.low_part(d, m, t))
