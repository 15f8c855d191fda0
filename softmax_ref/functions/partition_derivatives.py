"""Derivatives of logsumexp and logaddexp."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .expectation import mean_and_deviations
from .slices import Axis, quiet
from .two_classes import probability


@quiet
def logsumexp_vjp(z: ArrayLike, g: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    z, g = slices.real_array("logsumexp_vjp", "z", z), slices.real_array("logsumexp_vjp", "g", g)
    rows, table, _ = slices.logits("logsumexp_vjp", z, axis)
    slices.same_shape("logsumexp_vjp", "g", g, rows.reduced_shape(), "the shape of logsumexp(z),")
    gradients = slices.by_blocks(
        lambda x, g: shifted.weights(x) * g, slices.result_dtype(z, g), table, g.reshape(-1, 1)
    )
    return rows.restore(gradients)


@quiet
def logsumexp_jvp(z: ArrayLike, v: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    z, v = slices.real_array("logsumexp_jvp", "z", z), slices.real_array("logsumexp_jvp", "v", v)
    slices.same_shape("logsumexp_jvp", "v", v, z.shape, "the shape of z,")
    rows, table, _ = slices.logits("logsumexp_jvp", z, axis)
    tangents = slices.by_blocks(
        lambda x, v: mean_and_deviations(shifted.weights(x), v)[0][:, 0],
        slices.result_dtype(z, v), table, rows.table(v),
    )
    return tangents.reshape(rows.reduced_shape())[()]


@quiet
def logaddexp_vjp(x: ArrayLike, y: ArrayLike, g: ArrayLike, /) -> tuple[NDArray, NDArray]:
    return (
        slices.elementwise("logaddexp_vjp", lambda x, y, g: shares(x, y)[0] * g, x=x, y=y, g=g),
        slices.elementwise("logaddexp_vjp", lambda x, y, g: shares(x, y)[1] * g, x=x, y=y, g=g),
    )


@quiet
def logaddexp_jvp(x: ArrayLike, y: ArrayLike, vx: ArrayLike, vy: ArrayLike, /) -> NDArray:
    return slices.elementwise("logaddexp_jvp", tangent, x=x, y=y, vx=vx, vy=vy)


def shares(x, y):
    """Return the shares of exp(x) and exp(y) in their sum."""
    d = x - y
    low = shifted.difference_error(x, y, d)
    p, q = probability(d), probability(-d)
    change = np.where(np.isfinite(low), p * q * low, 0)
    return p + change, q - change


def tangent(x, y, vx, vy):
    p, q = shares(x, y)
    return p * vx + q * vy
