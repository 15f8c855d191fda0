"""From logits to distributions that leave classes out: sparsemax and its relatives between softmax and it."""

from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import Axis, quiet
from .thresholds import weights_and_slopes


@quiet
def sparsemax(z: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Project logits onto the probability simplex along an axis.

    .. math:: p_i = (z_i - \tau)_+, \qquad \sum_j (z_j - \tau)_+ = 1

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape and floating dtype of z (float64 for integers and booleans)
        Probabilities in [0, 1], exactly 0 for logits at or below the threshold; each slice sums to 1 up to rounding.

    Raises
    ------
    ValueError
        The axis is empty, or out of range.
    TypeError
        z is complex, object or string.

    Notes
    -----
    The distribution nearest to z in the Euclidean norm; entmax at alpha = 2.

    Claims: C102-C104 (notebooks/07_duality.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: probabilities carry an absolute error of a few units of roundoff, so a logit within that of the
    threshold may land on either side. A slice of only -inf gives nan, and so does a slice with +inf or nan.

    References
    ----------
    .. [1] Martins, Astudillo (2016), Proc. 33rd Int. Conf. Machine Learning (PMLR 48), 1614-1623, Algorithm 1.

    Examples
    --------
    >>> sparsemax([1.0, 1.5, 0.0])
    array([0.25, 0.75, 0.  ])
    """
    return threshold_function("sparsemax", z, 2.0, axis)


@quiet
def entmax(z: ArrayLike, /, *, alpha: float = 1.5, axis: Axis = -1) -> NDArray:
    r"""Map logits to the distribution that maximises the mean logit plus Tsallis's entropy, along an axis.

    .. math:: p_i = \bigl((\alpha - 1) z_i - \tau\bigr)_+^{1/(\alpha - 1)}, \qquad \sum_j p_j = 1

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    alpha : float
        Order of the entropy, dimensionless, in [1, 2]: 1 is softmax (the limit), 2 is sparsemax.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape and floating dtype of z (float64 for integers and booleans)
        Probabilities in [0, 1]; each slice sums to 1 up to rounding.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; alpha is not a finite number in [1, 2].
    TypeError
        z is complex, object or string; alpha is not a real number.

    Notes
    -----
    alpha = 1.5 and 2 are solved by sorting, other alpha above 1 by Newton's method.

    Claims: C102, C103, C104 (notebooks/07_duality.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: for alpha > 1 a logit far enough below the maximum gets exactly 0, and its gradient too.
    A slice of only -inf gives nan, and so does a slice with +inf or nan.

    References
    ----------
    .. [1] Peters, Niculae, Martins (2019), Proc. 57th Annual Meeting of the ACL, 1504-1519.

    Examples
    --------
    >>> entmax([0.0, 0.0, -9.0], alpha=1.25)
    array([0.5, 0.5, 0. ])
    """
    return threshold_function("entmax", z, order("entmax", alpha), axis)


@quiet
def entmax15(z: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Map logits to entmax at alpha = 1.5, halfway from softmax to sparsemax.

    .. math:: p_i = (z_i / 2 - \tau)_+^2, \qquad \sum_j (z_j / 2 - \tau)_+^2 = 1

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape and floating dtype of z (float64 for integers and booleans)
        Probabilities in [0, 1], exactly 0 for logits at or below the threshold; each slice sums to 1 up to rounding.

    Raises
    ------
    ValueError
        The axis is empty, or out of range.
    TypeError
        z is complex, object or string.

    Notes
    -----
    The threshold is a root of a quadratic equation, one for each size of the support.

    Claims: C102, C104 (notebooks/07_duality.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: square roots of probabilities carry an absolute error of a few units of roundoff.
    A slice of only -inf gives nan, and so does a slice with +inf or nan.

    References
    ----------
    .. [1] Peters, Niculae, Martins (2019), Proc. 57th Annual Meeting of the ACL, 1504-1519, Algorithm 2.

    Examples
    --------
    >>> entmax15([0.0, 0.0, -9.0])
    array([0.5, 0.5, 0. ])
    """
    return threshold_function("entmax15", z, 1.5, axis)


def order(function, alpha):
    """Return alpha as a float in [1, 2], or raise."""
    alpha = slices.real_number(function, "alpha", alpha)
    if not 1 <= alpha <= 2:
        raise ValueError(f"{function}: alpha must lie in [1, 2], got {alpha}")
    return alpha


def threshold_function(function, z, alpha, axis):
    """Return entmax of each slice."""
    z = slices.real_array(function, "z", z)
    rows, table, _ = slices.logits(function, z, axis)
    weights = shifted.weights if alpha == 1 else lambda x: weights_and_slopes(x, alpha)[0]
    return rows.restore(slices.by_blocks(weights, slices.result_dtype(z), table))
