"""The arg max as a distribution: what softmax tends to when it gets cold."""

from numpy.typing import ArrayLike, NDArray

from . import slices
from .slices import Axis, quiet


@quiet
def argmax_one_hot(z: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Share the mass among the largest entries along an axis.

    .. math:: p_i = [z_i = m] / \#\{j : z_j = m\}, \qquad m = \max_j z_j

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape and floating dtype of z (float64 for integers and booleans)
        1/m at each of the m largest entries, 0 elsewhere.

    Raises
    ------
    ValueError
        The axis is empty, or out of range.
    TypeError
        z is complex, object or string.

    Notes
    -----
    The limit of softmax(z, beta=beta) for beta to infinity. Nothing is rounded but 1/m.

    Claims: C20-C28, C31, C32 (notebooks/05_smooth_argmax.ipynb), C36 (notebooks/06_smooth_max.ipynb).
    Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: the function jumps where the largest entry changes; entries that differ by rounding are no tie.
    A slice of only -inf gives nan, and so does a slice with +inf or nan.

    References
    ----------
    .. [1] Goodfellow, Bengio, Courville (2016), Deep Learning, MIT Press, section 6.2.2.3.

    Examples
    --------
    >>> argmax_one_hot([1.0, 5.0, 5.0])
    array([0. , 0.5, 0.5])
    """
    z = slices.real_array("argmax_one_hot", "z", z)
    rows, table, _ = slices.logits("argmax_one_hot", z, axis)
    return rows.restore(slices.by_blocks(shares, slices.result_dtype(z), table))


def shares(x):
    """Return 1/m at the m maxima of each row; nan where x - max is nan at every maximum."""
    top = x - x.max(axis=-1, keepdims=True) == 0
    return top / top.sum(axis=-1, keepdims=True, dtype=x.dtype)
