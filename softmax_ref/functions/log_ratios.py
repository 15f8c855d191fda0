"""From probabilities back to logits: the centred log-ratio."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import slices
from .expectation import deviations
from .probabilities import softmax
from .slices import Axis, quiet


@quiet
def clr(p: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Map positive weights to logits whose mean is 0 along an axis: the centred log-ratio.

    .. math:: z_i = \log p_i - \frac1K \sum_j \log p_j

    Parameters
    ----------
    p : array_like of real numbers > 0, shape (..., K, ...), K >= 1
        Probabilities, or weights: a common factor makes no difference.
    axis : int, tuple of int or None
        The axis (or axes) centred over; None means all of them.

    Returns
    -------
    ndarray, the shape and floating dtype of p (float64 for integers and booleans)
        Logits in nats; each slice adds up to 0 within K units of roundoff of its largest.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; an entry is 0, negative, infinite or nan.
    TypeError
        p is complex, object or string.

    Notes
    -----
    `clr_inv` is `softmax`: it undoes clr up to the common factor, softmax(clr(p)) = p / sum p.

    Claims: C78 (notebooks/03_geometry.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: the error is small beside the largest log-ratio of the slice, not beside an entry near 0.

    References
    ----------
    .. [1] Aitchison (1982), Journal of the Royal Statistical Society B 44(2), Section 4.

    Examples
    --------
    >>> clr([3.0, 3.0, 3.0])
    array([0., 0., 0.])
    >>> (clr([1.0, 4.0]) / np.log(2)).tolist()
    [-1.0, 1.0]
    """
    p = slices.real_array("clr", "p", p)
    bad = ~((p > 0) & (p < np.inf))
    if bad.any():
        raise ValueError(f"clr: p must be positive and finite, got {p[bad].flat[0]}")
    rows = slices.Slices("clr", p.shape, axis, argument="p")
    return rows.restore(slices.by_blocks(centred_logs, slices.result_dtype(p), rows.table(p)))


def centred_logs(p):
    """Return log p - mean(log p) for each row."""
    return deviations(np.ones_like(p), log_ratios(p, p.max(axis=-1, keepdims=True)))


def log_ratios(p, top):
    """Return log(p / top) for 0 < p <= top; where p is close to top, the exact p - top keeps the digits."""
    ratio = p / top
    far = np.where(ratio < np.finfo(p.dtype).tiny, np.log(p) - np.log(top), np.log(ratio))
    return np.where(ratio > 0.5, np.log1p((p - top) / top), far)


clr_inv = softmax
"""The inverse of clr on the open simplex."""
