"""From logits to probabilities, and to their logarithms."""

from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import Axis, quiet


@quiet
def softmax(z: ArrayLike, /, *, axis: Axis = -1, beta: float = 1.0, where: ArrayLike | None = None) -> NDArray:
    r"""Map logits to a probability distribution along an axis.

    .. math:: p_i = e^{\beta(z_i - m)} / \sum_j e^{\beta(z_j - m)}, \qquad m = \max_j z_j

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.
    beta : float
        Coldness 1/T, dimensionless; negative beta favours the smallest logit.
    where : array_like of bool, broadcast to the shape of z, optional
        Only the slots that are True count; the others are not looked at and get probability 0.

    Returns
    -------
    ndarray, the shape and floating dtype of z (float64 for integers and booleans)
        Probabilities in [0, 1]; each slice sums to 1 within K units of roundoff.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; beta is not finite; where does not broadcast.
    TypeError
        z is complex, object or string; beta is not a real number; where is not boolean.

    Notes
    -----
    Claims: C01-C04 (notebooks/00_proofs.ipynb), C06-C17, C40, C94, C96, C100 (notebooks/01_definition.ipynb), C70,
    C73-C81 (notebooks/03_geometry.ipynb), C82, C84, C95 (notebooks/04_two_classes.ipynb), C20-C22, C25-C32, C37-C39
    (notebooks/05_smooth_argmax.ipynb), C19, C36 (notebooks/06_smooth_max.ipynb), C89-C92, C102, C104
    (notebooks/07_duality.ipynb), C41 (notebooks/08_statistical_mechanics.ipynb), C58, C93
    (notebooks/10_decisions.ipynb), C63 (notebooks/11_large_k.ipynb), C05, C98, C99, C101 (notebooks/12_numbers.ipynb),
    C54, C56 (notebooks/13_rounding.ipynb). Error bound: notebooks/13_rounding.ipynb.
    Possible issues: a slice of only -inf has no distribution and gives nan, and so does a slice with +inf or nan.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Algorithm 3.2.

    Examples
    --------
    >>> softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    >>> softmax([1.0, 2.0, 3.0], where=[True, False, False])
    array([1., 0., 0.])
    """
    z = slices.real_array("softmax", "z", z)
    beta = slices.real_number("softmax", "beta", beta)
    rows, table, _ = slices.logits("softmax", z, axis, where=where, downwards=beta < 0)
    return rows.restore(slices.by_blocks(lambda x: shifted.weights(x, beta), slices.result_dtype(z), table))


@quiet
def log_softmax(z: ArrayLike, /, *, axis: Axis = -1, where: ArrayLike | None = None) -> NDArray:
    r"""Map logits to the logarithms of their probabilities along an axis.

    .. math:: \log p_i = (z_i - m) - \log \sum_j e^{z_j - m}, \qquad m = \max_j z_j

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.
    where : array_like of bool, broadcast to the shape of z, optional
        Only the slots that are True count; the others are not looked at and get -inf.

    Returns
    -------
    ndarray, the shape and floating dtype of z (float64 for integers and booleans)
        Log-probabilities in nats, at most 0.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; where does not broadcast.
    TypeError
        z is complex, object or string; where is not boolean.

    Notes
    -----
    The sum leaves out one maximum and goes through log1p: a confident top class keeps all its digits.

    Claims: C06 (notebooks/01_definition.ipynb), C78 (notebooks/03_geometry.ipynb), C56 (notebooks/13_rounding.ipynb).
    Error bound: notebooks/13_rounding.ipynb.
    Possible issues: a slice of only -inf has no distribution and gives nan, and so does a slice with +inf or nan.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Section 4.

    Examples
    --------
    >>> log_softmax([0.0, -1000.0])
    array([    0., -1000.])
    """
    z = slices.real_array("log_softmax", "z", z)
    rows, table, _ = slices.logits("log_softmax", z, axis, where=where)
    return rows.restore(slices.by_blocks(shifted.log_weights, slices.result_dtype(z), table))
