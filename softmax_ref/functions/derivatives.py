"""Derivatives of softmax and log_softmax."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .expectation import mean_and_deviations
from .slices import Axis, quiet


@quiet
def softmax_vjp(z: ArrayLike, g: ArrayLike, /, *, axis: Axis = -1, beta: float = 1.0) -> NDArray:
    z, g = slices.real_array("softmax_vjp", "z", z), slices.real_array("softmax_vjp", "g", g)
    beta = slices.real_number("softmax_vjp", "beta", beta)
    slices.same_shape("softmax_vjp", "g", g, z.shape, "the shape of z,")
    rows, table, _ = slices.logits("softmax_vjp", z, axis, downwards=beta < 0)

    def gradient(x, g):
        p = shifted.weights(x, beta)
        return beta * (p * mean_and_deviations(p, g)[1]) + 0.0

    return rows.restore(slices.by_blocks(gradient, slices.result_dtype(z, g), table, rows.table(g)))


softmax_jvp = softmax_vjp


@quiet
def log_softmax_vjp(z: ArrayLike, g: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    z, g = slices.real_array("log_softmax_vjp", "z", z), slices.real_array("log_softmax_vjp", "g", g)
    slices.same_shape("log_softmax_vjp", "g", g, z.shape, "the shape of z,")
    rows, table, _ = slices.logits("log_softmax_vjp", z, axis)
    return rows.restore(slices.by_blocks(log_gradient, slices.result_dtype(z, g), table, rows.table(g)))


def log_gradient(x, g):
    """Return g_i - p_i sum(g); for the top class as g_i (1 - p_i) - p_i (sum of the other g)."""
    p, q = shifted.weights_and_complements(x)
    y = g - p * g.sum(axis=-1, keepdims=True)
    top = p.argmax(axis=-1, keepdims=True)
    p_top, q_top, g_top = (np.take_along_axis(a, top, axis=-1) for a in (p, q, g))
    others = g.copy()
    np.put_along_axis(others, top, 0, axis=-1)
    np.put_along_axis(y, top, g_top * q_top - p_top * others.sum(axis=-1, keepdims=True), axis=-1)
    return y


@quiet
def log_softmax_jvp(z: ArrayLike, v: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    z, v = slices.real_array("log_softmax_jvp", "z", z), slices.real_array("log_softmax_jvp", "v", v)
    slices.same_shape("log_softmax_jvp", "v", v, z.shape, "the shape of z,")
    rows, table, _ = slices.logits("log_softmax_jvp", z, axis)
    tangents = slices.by_blocks(
        lambda x, v: mean_and_deviations(shifted.weights(x), v)[1], slices.result_dtype(z, v), table, rows.table(v)
    )
    return rows.restore(tangents)


@quiet
def softmax_jacobian(z: ArrayLike, /) -> NDArray:
    z = slices.real_array("softmax_jacobian", "z", z)
    rows, table, _ = slices.logits("softmax_jacobian", z, -1)
    blocks = slices.by_blocks(jacobian, slices.result_dtype(z), table, width=rows.width**2)
    return blocks.reshape(*rows.full, rows.width)


def jacobian(x):
    p, q = shifted.weights_and_complements(x)
    j = -p[:, :, None] * p[:, None, :]
    k = np.arange(p.shape[-1])
    j[:, k, k] = p * q
    return j + 0.0


logsumexp_hessian = softmax_jacobian
