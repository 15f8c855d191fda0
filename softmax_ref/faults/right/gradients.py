"""softmax_vjp and softmax_jacobian in other styles."""

import numpy as np

from softmax_ref.faults.catalogue import control
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.right.styles import in_a_wider_type


def _dot(p, g, axis):
    return (p * g).sum(axis=axis, keepdims=True)


def _vjp(z, g, axis=-1):
    p = textbook(z, axis)
    return p * (g - _dot(p, g, axis))


control("softmax_vjp", "p (g - sum p g)", name="textbook")(in_float32(_vjp))
control("softmax_vjp", "p (g - sum p g) in a wider type", name="wider")(in_a_wider_type(_vjp))


@control("softmax_vjp", "p g - p sum p g")
@in_float32
def expanded(z, g, axis=-1):
    """Round two products."""
    p = textbook(z, axis)
    return p * g - p * _dot(p, g, axis)


def _centred(z, g, axis=-1):
    p = textbook(z, axis)
    g = g - _dot(p, g, axis)
    return p * (g - _dot(p, g, axis))


control("softmax_vjp", "the cotangent is centred twice", name="centred")(in_float32(_centred))
control("softmax_vjp", "centred twice, within the bound of the best algorithm", level="tight", name="centred-tight")(
    in_float32(_centred)
)


def _outer(z):
    p = textbook(z, -1)
    return p[..., None] * np.eye(z.shape[-1], dtype=z.dtype) - p[..., :, None] * p[..., None, :]


@control("softmax_vjp", "the Jacobian times the cotangent")
@in_float32
def from_the_matrix(z, g, axis=-1):
    """Form the matrix where it is small enough."""
    if z.shape[axis] > 600:
        return _vjp(z, g, axis)
    z, g = np.moveaxis(z, axis, -1), np.moveaxis(g, axis, -1)
    return np.moveaxis((_outer(z) @ g[..., None])[..., 0], -1, axis)


control("softmax_jacobian", "diag(p) - p p^T", name="outer")(in_float32(_outer))
control("softmax_jacobian", "diag(p) - p p^T in a wider type", name="wider")(in_a_wider_type(_outer))


@control("softmax_jacobian", "p_i (delta_ij - p_j)")
@in_float32
def one_minus(z):
    """Subtract from the identity."""
    p = textbook(z, -1)
    return p[..., :, None] * (np.eye(z.shape[-1], dtype=z.dtype) - p[..., None, :])


def _of_the_rest(z):
    p = textbook(z, -1)
    eye = np.eye(z.shape[-1], dtype=bool)
    rest = np.where(eye, 0, np.broadcast_to(p[..., None, :], (*p.shape, p.shape[-1]))).sum(axis=-1)
    return np.where(eye, (p * rest)[..., None], -p[..., :, None] * p[..., None, :])


control("softmax_jacobian", "the diagonal from the other classes", name="rest")(in_float32(_of_the_rest))
control(
    "softmax_jacobian", "the diagonal from the other classes, within the best bound", level="tight", name="rest-tight"
)(in_float32(_of_the_rest))
