"""The loss of a classifier, and its derivatives."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import quiet


@quiet
def cross_entropy(z: ArrayLike, labels: ArrayLike, /, *, label_smoothing: float = 0.0) -> NDArray:
    r"""Return the cross-entropy between labels and the softmax of logits, one loss a row.

    .. math::
        \ell = -\sum_k t_k \log p_k, \qquad p = \operatorname{softmax}(z), \quad
        t_k = (1 - e)\, \delta_{k,\mathrm{label}} + e/K

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K), K >= 1
        Logits of K classes, dimensionless.
    labels : array_like of integers, shape (...)
        The class of each row, counted from 0.
    label_smoothing : float
        The share e in [0, 1] of the target that is spread evenly over all K classes.

    Returns
    -------
    ndarray, shape (...), the floating dtype of z (float64 for integers and booleans)
        Losses in nats, not averaged; at least 0.

    Raises
    ------
    ValueError
        The last axis is empty; labels have the wrong shape; a label or label_smoothing is out of range.
    TypeError
        z is complex, object or string; labels are not integers.

    Notes
    -----
    A target of 0 is left out of the sum: without smoothing, -inf at another class does not matter.

    Claims: C86 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: +inf if the label's logit is -inf. A row of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Szegedy, Vanhoucke, Ioffe, Shlens, Wojna (2016), Proc. CVPR, Section 7.

    Examples
    --------
    >>> cross_entropy([[0.0, -1000.0], [0.0, -1000.0]], [0, 1])
    array([   0., 1000.])
    """
    z = slices.real_array("cross_entropy", "z", z)
    rows, table, _ = slices.logits("cross_entropy", z, -1)
    labels, e = targets("cross_entropy", labels, label_smoothing, rows)

    def loss(x, labels):
        return mean_over_targets(-shifted.log_weights(x), labels, e) + 0.0

    return slices.by_blocks(loss, slices.result_dtype(z), table, labels).reshape(rows.reduced_shape())[()]


def targets(function, labels, label_smoothing, rows):
    """Return the labels as a column and the smoothing, both checked."""
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{function}: labels must be integers, got dtype {labels.dtype}")
    slices.same_shape(function, "labels", labels, rows.reduced_shape(), "the shape of z without its last axis,")
    wrong = labels[(labels < 0) | (labels >= rows.width)]
    if wrong.size:
        raise ValueError(f"{function}: labels must lie in [0, {rows.width}), got {wrong.flat[0]}")
    e = slices.real_number(function, "label_smoothing", label_smoothing)
    if not 0 <= e <= 1:
        raise ValueError(f"{function}: label_smoothing must lie in [0, 1], got {label_smoothing}")
    return labels.reshape(-1, 1), e


def mean_over_targets(y, labels, e):
    """Return (1 - e) y_label + e mean(y) for each row; a target of 0 is left out, for 0 * inf is not 0."""
    at_label = np.take_along_axis(y, labels.astype(np.intp), axis=1)[:, 0]
    if e == 0:
        return at_label
    mean = y.mean(axis=1)
    return mean if e == 1 else (1 - e) * at_label + e * mean
