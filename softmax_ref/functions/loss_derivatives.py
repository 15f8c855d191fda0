"""Derivatives of cross_entropy."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .expectation import deviations
from .loss import mean_over_targets, targets
from .slices import quiet


@quiet
def cross_entropy_vjp(
    z: ArrayLike, labels: ArrayLike, g: ArrayLike, /, *, label_smoothing: float = 0.0
) -> NDArray:
    r"""Pull a gradient back through cross_entropy.

    .. math::
        y_k = g (p_k - t_k), \qquad p = \operatorname{softmax}(z), \quad
        t_k = (1 - e)\, \delta_{k,\mathrm{label}} + e/K

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K), K >= 1
        Logits of K classes, dimensionless.
    labels : array_like of integers, shape (...)
        The class of each row, counted from 0.
    g : array_like of real numbers, shape (...)
        Cotangent: the gradient of some number with respect to the result.
    label_smoothing : float
        The share e in [0, 1] of the target that is spread evenly over all K classes.

    Returns
    -------
    ndarray, the shape of z and the common floating dtype of z and g (float64 for integers)
        The gradient with respect to z; each row sums to 0 up to rounding.

    Raises
    ------
    ValueError
        The last axis is empty; labels or g have the wrong shape; a label or label_smoothing is out of range.
    TypeError
        z or g is complex, object or string; labels are not integers.

    Notes
    -----
    At the label, p - 1 is minus the sum of the others over the total: a confident prediction keeps its gradient.

    Claims: C51, C86 (notebooks/02_derivatives.ipynb), C50 (notebooks/09_classification.ipynb).
    Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a row of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Szegedy, Vanhoucke, Ioffe, Shlens, Wojna (2016), Proc. CVPR, Section 7.

    Examples
    --------
    >>> cross_entropy_vjp([0.0, 0.0], 0, 1.0)
    array([-0.5,  0.5])
    """
    z, g = slices.real_array("cross_entropy_vjp", "z", z), slices.real_array("cross_entropy_vjp", "g", g)
    rows, table, _ = slices.logits("cross_entropy_vjp", z, -1)
    labels, e = targets("cross_entropy_vjp", labels, label_smoothing, rows)
    slices.same_shape("cross_entropy_vjp", "g", g, rows.reduced_shape(), "the shape of labels,")

    def gradient(x, labels, g):
        p, q = shifted.weights_and_complements(x)
        y = p - e / rows.width
        at = labels.astype(np.intp)
        p, q = (np.take_along_axis(a, at, axis=-1) for a in (p, q))
        # At a likely label p - 1 cancels: use the complements of both.
        left = e * (1 - 1 / rows.width)
        np.put_along_axis(y, at, np.where(p > 0.5, left - q, p - (1 - left)), axis=-1)
        return y * g

    return rows.restore(slices.by_blocks(gradient, slices.result_dtype(z, g), table, labels, g.reshape(-1, 1)))


@quiet
def cross_entropy_jvp(
    z: ArrayLike, labels: ArrayLike, v: ArrayLike, /, *, label_smoothing: float = 0.0
) -> NDArray:
    r"""Push a tangent forward through cross_entropy.

    .. math::
        y = \sum_k (p_k - t_k) v_k, \qquad p = \operatorname{softmax}(z), \quad
        t_k = (1 - e)\, \delta_{k,\mathrm{label}} + e/K

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K), K >= 1
        Logits of K classes, dimensionless.
    labels : array_like of integers, shape (...)
        The class of each row, counted from 0.
    v : array_like of real numbers, the shape of z
        Tangent: the direction in which z moves.
    label_smoothing : float
        The share e in [0, 1] of the target that is spread evenly over all K classes.

    Returns
    -------
    ndarray, shape (...), the common floating dtype of z and v (float64 for integers and booleans)
        The derivative of the losses in the direction v.

    Raises
    ------
    ValueError
        The last axis is empty; labels or v have the wrong shape; a label or label_smoothing is out of range.
    TypeError
        z or v is complex, object or string; labels are not integers.

    Notes
    -----
    The targets sum to 1, so an offset common to all v has no effect: it is taken off first.

    Claims: C51, C86 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a row of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Szegedy, Vanhoucke, Ioffe, Shlens, Wojna (2016), Proc. CVPR, Section 7.

    Examples
    --------
    >>> float(cross_entropy_jvp([0.0, 0.0], 0, [1.0, 0.0]))
    -0.5
    """
    z, v = slices.real_array("cross_entropy_jvp", "z", z), slices.real_array("cross_entropy_jvp", "v", v)
    rows, table, _ = slices.logits("cross_entropy_jvp", z, -1)
    labels, e = targets("cross_entropy_jvp", labels, label_smoothing, rows)
    slices.same_shape("cross_entropy_jvp", "v", v, z.shape, "the shape of z,")

    def tangent(x, labels, v):
        return -mean_over_targets(deviations(shifted.weights(x), v), labels, e) + 0.0

    tangents = slices.by_blocks(tangent, slices.result_dtype(z, v), table, labels, rows.table(v))
    return tangents.reshape(rows.reduced_shape())[()]
