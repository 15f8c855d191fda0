"""Gradients with sums along another axis, or with rows exchanged."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.sound import SOUND


def _mean_along(choose):
    @in_float32
    def wrapped(z, g, axis=-1):
        p = textbook(z, axis)
        return p * (g - (p * g).sum(axis=choose(axis), keepdims=True))

    return wrapped


fault(
    "softmax_vjp",
    "axis",
    "the mean of the cotangent is taken along the last axis",
    formats=ALL,
    name="mean-along-the-last-axis",
)(_mean_along(lambda axis: -1))
fault(
    "softmax_vjp",
    "row-mixing",
    "the mean of the cotangent is taken over the whole array",
    formats=ALL,
    name="mean-over-everything",
)(_mean_along(lambda axis: None))


@fault("softmax_jacobian", "row-mixing", "the rows and columns of a square batch are exchanged", formats=ALL)
def square_batch_transposed(z):
    return SOUND["softmax_jacobian"](np.swapaxes(z, 0, -1) if z.ndim > 1 and z.shape[0] == z.shape[-1] else z)


@fault("softmax_jacobian", "row-mixing", "the axes of the batch are exchanged")
def batch_axes_exchanged(z):
    j = SOUND["softmax_jacobian"](z)
    return j.swapaxes(0, 1).reshape(j.shape) if z.ndim > 2 else j


@fault("softmax", "axis", "a vector is taken for a column", formats=WIDE, bugs=["ttxla-1d"])
def vector_as_column(z, axis=-1):
    return SOUND["softmax"](z, axis=axis) if z.ndim != 1 else np.ones_like(z)
