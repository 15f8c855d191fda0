"""Derivatives of logsumexp and logaddexp."""

from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .expectation import mean
from .slices import Axis, quiet
from .two_classes import probability


@quiet
def logsumexp_vjp(z: ArrayLike, g: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Pull a gradient back through logsumexp.

    .. math:: y_i = g p_i, \qquad p = \operatorname{softmax}(z)

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    g : array_like of real numbers, the shape of z without the axis
        Cotangent: the gradient of some number with respect to the result.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape of z and the common floating dtype of z and g (float64 for integers)
        The gradient with respect to z; each slice sums to g up to rounding.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; g has another shape.
    TypeError
        z or g is complex, object or string.

    Notes
    -----
    Claims: C86 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a slice of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Section 2.

    Examples
    --------
    >>> logsumexp_vjp([0.0, 0.0], 3.0)
    array([1.5, 1.5])
    """
    z, g = slices.real_array("logsumexp_vjp", "z", z), slices.real_array("logsumexp_vjp", "g", g)
    rows, table, _ = slices.logits("logsumexp_vjp", z, axis)
    slices.same_shape("logsumexp_vjp", "g", g, rows.reduced_shape(), "the shape of logsumexp(z),")
    gradients = slices.by_blocks(
        lambda x, g: shifted.weights(x) * g, slices.result_dtype(z, g), table, g.reshape(-1, 1)
    )
    return rows.restore(gradients)


@quiet
def logsumexp_jvp(z: ArrayLike, v: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Push a tangent forward through logsumexp.

    .. math:: y = \sum_j p_j v_j, \qquad p = \operatorname{softmax}(z)

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
    ndarray, the shape of z without the axis, the common floating dtype of z and v
        The derivative of logsumexp(z) in the direction v: the mean of v under p.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; v has another shape.
    TypeError
        z or v is complex, object or string.

    Notes
    -----
    Claims: C86 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a slice of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Section 2.

    Examples
    --------
    >>> float(logsumexp_jvp([0.0, 0.0], [1.0, 2.0]))
    1.5
    """
    z, v = slices.real_array("logsumexp_jvp", "z", z), slices.real_array("logsumexp_jvp", "v", v)
    slices.same_shape("logsumexp_jvp", "v", v, z.shape, "the shape of z,")
    rows, table, _ = slices.logits("logsumexp_jvp", z, axis)
    tangents = slices.by_blocks(
        lambda x, v: mean(shifted.weights(x), v)[:, 0],
        slices.result_dtype(z, v), table, rows.table(v),
    )
    return tangents.reshape(rows.reduced_shape())[()]


@quiet
def logaddexp_vjp(x: ArrayLike, y: ArrayLike, g: ArrayLike, /) -> tuple[NDArray, NDArray]:
    r"""Pull a gradient back through logaddexp.

    .. math:: y_x = g\, \sigma(x - y), \qquad y_y = g\, \sigma(y - x), \qquad \sigma(t) = 1/(1 + e^{-t})

    Parameters
    ----------
    x, y : array_like of real numbers, shapes that broadcast together
        Logits, dimensionless.
    g : array_like of real numbers, a shape that broadcasts with those of x and y
        Cotangent: the gradient of some number with respect to the result.

    Returns
    -------
    gx, gy : ndarray, the common shape and floating dtype of x, y and g (float64 for integers and booleans)
        The gradients with respect to x and y, not summed over broadcast axes.

    Raises
    ------
    ValueError
        The shapes do not broadcast.
    TypeError
        x, y or g is complex, object or string.

    Notes
    -----
    Claims: C86 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: two equal infinities have no difference and give nan.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Section 2.

    Examples
    --------
    >>> gx, gy = logaddexp_vjp(0.0, 0.0, 3.0)
    >>> float(gx), float(gy)
    (1.5, 1.5)
    """
    return (
        slices.elementwise("logaddexp_vjp", lambda x, y, g: shares(x, y)[0] * g, x=x, y=y, g=g),
        slices.elementwise("logaddexp_vjp", lambda x, y, g: shares(x, y)[1] * g, x=x, y=y, g=g),
    )


@quiet
def logaddexp_jvp(x: ArrayLike, y: ArrayLike, vx: ArrayLike, vy: ArrayLike, /) -> NDArray:
    r"""Push a pair of tangents forward through logaddexp.

    .. math:: y = v_x \sigma(x - y) + v_y \sigma(y - x), \qquad \sigma(t) = 1/(1 + e^{-t})

    Parameters
    ----------
    x, y : array_like of real numbers, shapes that broadcast together
        Logits, dimensionless.
    vx, vy : array_like of real numbers, shapes that broadcast with those of x and y
        Tangents: the directions in which x and y move.

    Returns
    -------
    ndarray, the common shape and floating dtype of the four (float64 for integers and booleans)
        The derivative of logaddexp(x, y) in the direction (vx, vy).

    Raises
    ------
    ValueError
        The shapes do not broadcast.
    TypeError
        An argument is complex, object or string.

    Notes
    -----
    Claims: C86 (notebooks/02_derivatives.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: two equal infinities have no difference and give nan.

    References
    ----------
    .. [1] Blanchard, Higham, Higham (2021), IMA J. Numer. Anal. 41(4), Section 2.

    Examples
    --------
    >>> float(logaddexp_jvp(0.0, 0.0, 1.0, 2.0))
    1.5
    """
    return slices.elementwise("logaddexp_jvp", tangent, x=x, y=y, vx=vx, vy=vy)


def shares(x, y):
    """Return the shares of exp(x) and exp(y) in their sum."""
    d = x - y
    p, q = probability(d), probability(-d)
    change = p * q * shifted.low_part(x, y, d)
    return p + change, q - change


def tangent(x, y, vx, vy):
    """Return the mean of two tangents under the shares of x and y."""
    p, q = shares(x, y)
    return p * vx + q * vy
