"""The Gumbel-softmax: a differentiable stand-in for a sample of one class."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import Axis, quiet

SMALLEST_HALVED = 2.0**-900
"""Above this temperature, halving z and the noise loses nothing that could be seen in the result."""


@quiet
def gumbel_softmax(z: ArrayLike, noise: ArrayLike, /, *, temperature: float = 1.0, axis: Axis = -1) -> NDArray:
    r"""Return the softmax of perturbed logits along an axis.

    .. math:: y = \operatorname{softmax}\Bigl(\frac{z + g}{T}\Bigr)

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    noise : array_like of real numbers, the shape of z
        The perturbation g: independent standard Gumbel numbers, as gumbel_noise draws them.
    temperature : float
        Temperature T above 0, dimensionless; a small one gives almost a one-hot row.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape of z and the common floating dtype of z and noise (float64 for integers and booleans)
        Points of the simplex; each slice sums to 1 within K units of roundoff.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; noise has another shape than z; temperature is not finite, or not positive.
    TypeError
        z or noise is complex, object or string; temperature is not a real number.

    Notes
    -----
    Whatever the temperature, the largest entry is at class i with probability softmax(z)_i. The sum and the quotient
    are carried out with their rounding errors.

    Claims: C105 (notebooks/10_decisions.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a result is no sample of a class, except in the limit T = 0. A slice of only -inf gives nan, and
    so does a slice with +inf or nan.

    References
    ----------
    .. [1] Jang, Gu, Poole (2017), Categorical reparameterization with Gumbel-softmax, ICLR.
    .. [2] Maddison, Mnih, Teh (2017), The Concrete distribution, ICLR.

    Examples
    --------
    >>> gumbel_softmax([1.0, 2.0], [2.0, 1.0], temperature=0.5)
    array([0.5, 0.5])
    """
    z, noise = slices.real_array("gumbel_softmax", "z", z), slices.real_array("gumbel_softmax", "noise", noise)
    temperature = slices.positive_number("gumbel_softmax", "temperature", temperature)
    slices.same_shape("gumbel_softmax", "noise", noise, z.shape, "the shape of z,")
    rows, table, _ = slices.logits("gumbel_softmax", z, axis)
    dtype = slices.result_dtype(z, noise)
    return rows.restore(slices.by_blocks(lambda x, g: relaxed(x, g, temperature), dtype, table, rows.table(noise)))


def relaxed(x, g, temperature):
    """Return the softmax of (x + g) / temperature for each row."""
    if temperature > SMALLEST_HALVED:
        x, g, temperature = x / 2, g / 2, temperature / 2  # the sum of two finite halves cannot overflow
    q, low = shifted.quotient(*shifted_sum(x, g), temperature)
    return shifted.normalized(shifted.exponentials(q), low)


def shifted_sum(x, g):
    """Return x + g minus its maximum for each row, as a number and its low part."""
    s = x + g
    error = shifted.finite(shifted.sum_error(x, g, s))
    m = s.max(axis=-1, keepdims=True)
    # Rounding keeps the order, so the maximum is among the largest rounded sums.
    m_error = np.where(s == m, error, -np.inf).max(axis=-1, keepdims=True)
    d, e = s - m, error - m_error
    total = d + e
    low = shifted.low_part(s, m, d) + shifted.low_part(error, m_error, e)
    return total, shifted.finite(shifted.sum_error(d, e, total) + low)
