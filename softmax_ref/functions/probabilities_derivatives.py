"""Derivatives of softmax and log_softmax."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .expectation import deviations
from .slices import Axis, quiet


@quiet
def softmax_vjp(z: ArrayLike, g: ArrayLike, /, *, axis: Axis = -1, beta: float = 1.0) -> NDArray:
    r"""Pull a gradient back through softmax.

    .. math:: y_i = \beta p_i \Bigl(g_i - \sum_j p_j g_j\Bigr), \qquad p = \operatorname{softmax}(\beta z)

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    g : array_like of real numbers, the shape of z
        Cotangent: the gradient of some number with respect to the result.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.
    beta : float
        Coldness 1/T, dimensionless.

    Returns
    -------
    ndarray, the shape of z and the common floating dtype of z and g (float64 for integers)
        The gradient with respect to z; each slice sums to 0 up to rounding.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; g has another shape than z; beta is not finite.
    TypeError
        z or g is complex, object or string; beta is not a real number.

    Notes
    -----
    The Jacobian is symmetric, so softmax_jvp, which pushes a tangent forward, is this same function.
    An offset common to all g has no effect, and costs no digits: it comes off before the mean is formed.

    Claims: C51, C52, C57, C72 (notebooks/02_derivatives.ipynb), C97 (notebooks/05_smooth_argmax.ipynb), C55
    (notebooks/13_rounding.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a constant g gives 0 whatever the sign of the formula. Where p underflows to 0, so does the
    gradient, even for a huge g. A slice of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Martins, Astudillo (2016), Proc. 33rd Int. Conf. Machine Learning (PMLR 48), 1614-1623.

    Examples
    --------
    >>> softmax_vjp([0.0, 0.0], [1.0, 0.0])
    array([ 0.25, -0.25])
    """
    z, g = slices.real_array("softmax_vjp", "z", z), slices.real_array("softmax_vjp", "g", g)
    beta = slices.real_number("softmax_vjp", "beta", beta)
    slices.same_shape("softmax_vjp", "g", g, z.shape, "the shape of z,")
    rows, table, _ = slices.logits("softmax_vjp", z, axis, downwards=beta < 0)

    def gradient(x, g):
        p = shifted.weights(x, beta)
        return beta * (p * deviations(p, g)) + 0.0

    return rows.restore(slices.by_blocks(gradient, slices.result_dtype(z, g), table, rows.table(g)))


softmax_jvp = softmax_vjp


@quiet
def log_softmax_vjp(z: ArrayLike, g: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Pull a gradient back through log_softmax.

    .. math:: y_i = g_i - p_i \sum_j g_j, \qquad p = \operatorname{softmax}(z)

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    g : array_like of real numbers, the shape of z
        Cotangent: the gradient of some number with respect to the result.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape of z and the common floating dtype of z and g (float64 for integers)
        The gradient with respect to z; each slice sums to 0 up to rounding.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; g has another shape.
    TypeError
        z or g is complex, object or string.

    Notes
    -----
    For the top class the formula is g_i (1 - p_i) - p_i (sum of the other g), where 1 - p_i does not cancel.

    Claims: C51, C86 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a slice of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Martins, Astudillo (2016), Proc. 33rd Int. Conf. Machine Learning (PMLR 48), 1614-1623.

    Examples
    --------
    >>> log_softmax_vjp([0.0, 0.0], [1.0, 0.0])
    array([ 0.5, -0.5])
    """
    z, g = slices.real_array("log_softmax_vjp", "z", z), slices.real_array("log_softmax_vjp", "g", g)
    slices.same_shape("log_softmax_vjp", "g", g, z.shape, "the shape of z,")
    rows, table, _ = slices.logits("log_softmax_vjp", z, axis)
    return rows.restore(slices.by_blocks(log_gradient, slices.result_dtype(z, g), table, rows.table(g)))


def log_gradient(x, g):
    """Return g_i - p_i sum(g); for the top class as g_i (1 - p_i) - p_i (sum of the other g)."""
    p, q = shifted.weights_and_complements(x)
    y = g - p * g.sum(axis=1, keepdims=True)
    top = p.argmax(axis=1, keepdims=True)
    p_top, q_top, g_top = (np.take_along_axis(a, top, axis=1) for a in (p, q, g))
    others = g.copy()
    np.put_along_axis(others, top, 0, axis=1)
    np.put_along_axis(y, top, g_top * q_top - p_top * others.sum(axis=1, keepdims=True), axis=1)
    return y


@quiet
def log_softmax_jvp(z: ArrayLike, v: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Push a tangent forward through log_softmax.

    .. math:: y_i = v_i - \sum_j p_j v_j, \qquad p = \operatorname{softmax}(z)

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    v : array_like of real numbers, the shape of z
        Tangent: the direction in which z moves.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape of z and the common floating dtype of z and v (float64 for integers)
        The derivative of log_softmax(z) in the direction v; its mean under p is 0 up to rounding.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; v has another shape.
    TypeError
        z or v is complex, object or string.

    Notes
    -----
    Claims: C51, C86 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a slice of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Martins, Astudillo (2016), Proc. 33rd Int. Conf. Machine Learning (PMLR 48), 1614-1623.

    Examples
    --------
    >>> log_softmax_jvp([0.0, 0.0], [1.0, 0.0])
    array([ 0.5, -0.5])
    """
    z, v = slices.real_array("log_softmax_jvp", "z", z), slices.real_array("log_softmax_jvp", "v", v)
    slices.same_shape("log_softmax_jvp", "v", v, z.shape, "the shape of z,")
    rows, table, _ = slices.logits("log_softmax_jvp", z, axis)
    tangents = slices.by_blocks(
        lambda x, v: deviations(shifted.weights(x), v), slices.result_dtype(z, v), table, rows.table(v)
    )
    return rows.restore(tangents)
