"""Wrong gradients of softmax: a term that is missing or taken elsewhere, a p that is lost or formed badly."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE
from softmax_ref.faults.derived import faults_of, pulled_back, total
from softmax_ref.faults.parts import textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("softmax_vjp")


@wrong("gradient-sign", "the gradient has the other sign")
def negated(z, g, axis=-1):
    return -pulled_back(textbook(z, axis), g, axis)


@wrong("gradient-sign", "the mean of the cotangent is added")
def mean_added(z, g, axis=-1):
    p = textbook(z, axis)
    return p * (g + total(p * g, axis))


@wrong("gradient-sign", "the mean of the cotangent is left out", bugs=["odyssey-jacobian"])
def mean_missing(z, g, axis=-1):
    return textbook(z, axis) * g


@wrong("gradient-scale", "the factor p is left out")
def p_missing(z, g, axis=-1):
    return g - total(textbook(z, axis) * g, axis)


@wrong("gradient-sign", "the diagonal of the Jacobian alone")
def diagonal(z, g, axis=-1):
    p = textbook(z, axis)
    return p * (1 - p) * g


@wrong("gradient-sign", "the plain mean of the cotangent is subtracted")
def plain_mean(z, g, axis=-1):
    return textbook(z, axis) * (g - g.mean(axis=axis, keepdims=True))


@wrong("gradient-transposed", "square cotangents are transposed")
def square_transposed(z, g, axis=-1):
    return pulled_back(textbook(z, axis), g.T if g.ndim == 2 and g.shape[0] == g.shape[1] else g, axis)


@wrong("gradient-transposed", "the cotangent is read in the order of Fortran")
def cotangent_in_fortran_order(z, g, axis=-1):
    return pulled_back(textbook(z, axis), g.ravel(order="F").reshape(g.shape), axis)


@wrong("gradient-scale", "the gradient of log_softmax is taken for that of softmax")
def of_log_softmax(z, g, axis=-1):
    return g - textbook(z, axis) * total(g, axis)


@wrong("gradient-cancellation", "gradients below 1e-7 are flushed", UP_TO_BFLOAT16)
def flushed_below_1e_7(z, g, axis=-1):
    result = pulled_back(textbook(z, axis), g, axis)
    return np.where(abs(result) < 1e-7, 0, result)


@wrong("exp-overflow", "the probabilities are formed without a shift")
def no_shift(z, g, axis=-1):
    return pulled_back(np.exp(z) / total(np.exp(z), axis), g, axis)


@wrong("global-shift", "the maximum of the whole array is subtracted")
def global_shift(z, g, axis=-1):
    weight = np.exp(z - z.max())
    return pulled_back(weight / total(weight, axis), g, axis)


@wrong("tail-elements", "the mean of the cotangent ends at the last full block of four")
def mean_of_full_blocks(z, g, axis=-1):
    p, width = textbook(z, axis), z.shape[axis] if z.ndim else 1
    full = np.arange(width) < (width // 4 * 4 or width)
    kept = np.moveaxis(np.where(full, np.moveaxis(np.atleast_1d(p * g), axis, -1), 0), -1, axis).reshape(z.shape)
    return p * (g - total(kept, axis))


@wrong("gradient-sign", "no gradient flows")
def zeros(z, g, axis=-1):
    return 0 * textbook(z, axis)


@wrong("gradient-scale", "the cotangent is passed through", bugs=["darknet-softmax-bwd"])
def passed_through(z, g, axis=-1):
    return g + 0


@wrong("gradient-scale", "everything is computed in float32", ("binary64",))
def in_single(z, g, axis=-1):
    return pulled_back(textbook(z.astype(np.float32), axis), g.astype(np.float32), axis)


@wrong(
    "gradient-cancellation",
    "g - sum p g is 0 for the top class of a confident row",
    UP_TO_BFLOAT16,
    ["torch-softmax-vjp-tail", "jax-softmax-jvp-tail"],
    level="tight",
)
def top_class_cancels(z, g, axis=-1):
    return pulled_back(textbook(z, axis), g, axis)


@wrong("all-masked", "a row of only -inf makes every gradient nan", bugs=["fa-bwd-fewer-keys"])
def masked_row_spreads(z, g, axis=-1):
    result = pulled_back(textbook(z, axis), g, axis)
    return result * np.nan if np.isneginf(z.max(axis=axis, initial=-np.inf)).any() else result


wrong = faults_of("softmax_jacobian")


def _eye(z):
    return np.eye(z.shape[-1], dtype=z.dtype)


def _matrix(p):
    return p[..., None] * _eye(p) - p[..., :, None] * p[..., None, :]


@wrong("gradient-sign", "the outer product is added")
def outer_product_added(z):
    p = textbook(z)
    return p[..., None] * _eye(z) + p[..., :, None] * p[..., None, :]


@wrong("gradient-sign", "the Jacobian has the other sign", name="negated")
def matrix_negated(z):
    return -_matrix(textbook(z))


@wrong("gradient-sign", "the outer product is left out", name="diagonal")
def outer_product_missing(z):
    return textbook(z)[..., None] * _eye(z)


@wrong("gradient-sign", "the diagonal is p")
def p_on_the_diagonal(z):
    return np.where(_eye(z) > 0, textbook(z)[..., None], _matrix(textbook(z)))


@wrong("gradient-scale", "the Jacobian of log_softmax", name="of-log-softmax")
def matrix_of_log_softmax(z):
    return _eye(z) - textbook(z)[..., None, :] + 0 * z[..., None]


@wrong("exp-overflow", "the probabilities are formed without a shift", name="no-shift")
def matrix_without_shift(z):
    return _matrix(np.exp(z) / total(np.exp(z), -1))


@wrong("global-shift", "the maximum of the whole array is subtracted", name="global-shift")
def matrix_with_a_global_shift(z):
    weight = np.exp(z - z.max())
    return _matrix(weight / total(weight, -1))


@wrong("gradient-cancellation", "1 - p is 0 for the top class", UP_TO_BFLOAT16, level="tight", name="top-cancels")
def one_minus_p(z):
    p = textbook(z)
    return p[..., :, None] * (_eye(z) - p[..., None, :])


@wrong("gradient-sign", "no gradient flows", name="zeros")
def matrix_of_zeros(z):
    return 0 * _matrix(textbook(z))
