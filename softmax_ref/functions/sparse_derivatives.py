"""Derivatives of sparsemax and entmax: those of softmax with other weights, on the support."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .expectation import deviations
from .slices import Axis, quiet
from .sparse import order
from .thresholds import weights_and_slopes


@quiet
def sparsemax_vjp(z: ArrayLike, g: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Pull a gradient back through sparsemax.

    .. math:: y_i = g_i - \frac{1}{\# S} \sum_{j \in S} g_j \text{ for } i \in S = \{j : p_j > 0\}, \text{ else } 0

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
        The axis is empty, or out of range; g has another shape than z.
    TypeError
        z or g is complex, object or string.

    Notes
    -----
    The Jacobian is symmetric: the same function pushes a tangent forward.

    Claims: C103 (notebooks/07_duality.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: the gradient jumps where a logit crosses the threshold; at it, the class counts as left out.
    A slice of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Martins, Astudillo (2016), Proc. 33rd Int. Conf. Machine Learning (PMLR 48), 1614-1623, section 2.5.

    Examples
    --------
    >>> sparsemax_vjp([0.0, 0.0, -9.0], [1.0, 0.0, 5.0])
    array([ 0.5, -0.5,  0. ])
    """
    return threshold_gradient("sparsemax_vjp", z, g, 2.0, axis)


@quiet
def entmax_vjp(z: ArrayLike, g: ArrayLike, /, *, alpha: float = 1.5, axis: Axis = -1) -> NDArray:
    r"""Pull a gradient back through entmax.

    .. math:: y_i = s_i \Bigl(g_i - \sum_j s_j g_j \Big/ \sum_j s_j\Bigr), \qquad s_i = p_i^{2 - \alpha} [p_i > 0]

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    g : array_like of real numbers, the shape of z
        Cotangent: the gradient of some number with respect to the result.
    alpha : float
        Order of the entropy, dimensionless, in [1, 2]: 1 is softmax (the limit), 2 is sparsemax.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape of z and the common floating dtype of z and g (float64 for integers)
        The gradient with respect to z; each slice sums to 0 up to rounding.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; g has another shape than z; alpha is not a finite number in [1, 2].
    TypeError
        z or g is complex, object or string; alpha is not a real number.

    Notes
    -----
    For alpha = 1 the weights s are p, and this is softmax_vjp.

    Claims: C103, C104 (notebooks/07_duality.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: for alpha above 1.5 the gradient is steep where a class enters the support, and for 2 it jumps.
    A slice of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Peters, Niculae, Martins (2019), Proc. 57th Annual Meeting of the ACL, 1504-1519, Proposition 2.

    Examples
    --------
    >>> entmax_vjp([0.0, 0.0, -9.0], [1.0, 0.0, 5.0], alpha=2)
    array([ 0.5, -0.5,  0. ])
    """
    return threshold_gradient("entmax_vjp", z, g, order("entmax_vjp", alpha), axis)


@quiet
def entmax15_vjp(z: ArrayLike, g: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Pull a gradient back through entmax15.

    .. math:: y_i = s_i \Bigl(g_i - \sum_j s_j g_j \Big/ \sum_j s_j\Bigr), \qquad s_i = \sqrt{p_i}

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
        The axis is empty, or out of range; g has another shape than z.
    TypeError
        z or g is complex, object or string.

    Notes
    -----
    The roots are z / 2 - tau, so no square root is taken.

    Claims: C104 (notebooks/07_duality.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: the gradient is continuous, with a kink where a class enters the support.
    A slice of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Peters, Niculae, Martins (2019), Proc. 57th Annual Meeting of the ACL, 1504-1519, Proposition 2.

    Examples
    --------
    >>> y = entmax15_vjp([0.0, 0.0, -9.0], [1.0, 0.0, 5.0])
    >>> bool(y[0] == -y[1] > 0 == y[2])
    True
    """
    return threshold_gradient("entmax15_vjp", z, g, 1.5, axis)


def threshold_gradient(function, z, g, alpha, axis):
    """Return the gradient of entmax of each slice; 0 outside the support, whatever g is."""
    z, g = slices.real_array(function, "z", z), slices.real_array(function, "g", g)
    slices.same_shape(function, "g", g, z.shape, "the shape of z,")
    rows, table, _ = slices.logits(function, z, axis)

    def gradient(x, g):
        s = shifted.weights(x) if alpha == 1 else weights_and_slopes(x, alpha)[1]
        return np.where(s > 0, s * deviations(s, g), s * 0) + 0.0

    return rows.restore(slices.by_blocks(gradient, slices.result_dtype(z, g), table, rows.table(g)))
