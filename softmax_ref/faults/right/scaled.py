"""Softmax at a coldness or a temperature, and its gradient, in other styles."""

import numpy as np
from scipy import special

from softmax_ref.faults.derived import coldly, controls_of, pulled_back, total, warmly

right = controls_of("softmax_beta")


def _exponents(z, beta, axis):
    """Return beta (z - max), -inf where a logit has no share."""
    d = z - (z.min if beta < 0 else z.max)(axis=axis, keepdims=True)
    largest = np.finfo(z.dtype).max
    gone = np.isinf(d) & (np.isneginf(z) if beta >= 0 else np.isposinf(z))
    return np.where(gone, -np.inf, beta * np.clip(d, -largest, largest))


right("shifted, then multiplied", name="shifted")(coldly)


@right("shifted, multiplied, and divided as logarithms")
def as_logarithms(z, beta=1.0, axis=-1):
    d = _exponents(z, beta, axis)
    return np.exp(d - np.log(total(np.exp(d), axis)))


@right("times the reciprocal of a sum from the left")
def times_reciprocal(z, beta=1.0, axis=-1):
    weight = np.exp(_exponents(z, beta, axis))
    sums = np.take(np.cumsum(weight, axis=axis), [-1], axis=axis) if z.ndim else weight
    return weight * (1 / sums)


@right("minus the logits where beta is negative, and halves against overflow")
def signed(z, beta=1.0, axis=-1):
    half = (-z if beta < 0 else z) / 2
    d = half - half.max(axis=axis, keepdims=True)
    d = np.where(np.isneginf(d), d, 2 * (abs(beta) * np.where(np.isneginf(d), 0, d)))
    weight = np.exp(d)
    return weight / total(weight, axis)


right = controls_of("softmax_temperature")


def _quotients(z, temperature, axis):
    return (z - z.max(axis=axis, keepdims=True)) / temperature


right("shifted, then divided", name="shifted")(warmly)


@right("shifted, divided, and normalised as logarithms", name="as-logarithms")
def warm_as_logarithms(z, temperature=1.0, axis=-1):
    d = _quotients(z, temperature, axis)
    return np.exp(d - np.log(total(np.exp(d), axis)))


@right("SciPy's softmax of the quotients")
def scipys(z, temperature=1.0, axis=-1):
    return special.softmax(_quotients(z, temperature, axis), axis=axis)


right = controls_of("softmax_beta_vjp")


@right("beta p (g - sum p g)")
def scaled(z, g, beta=1.0, axis=-1):
    return beta * pulled_back(coldly(z, beta, axis), g, axis)


@right("the cotangent is scaled first")
def cotangent_scaled(z, g, beta=1.0, axis=-1):
    return pulled_back(coldly(z, beta, axis), beta * g, axis)


@right("beta (p g - p sum p g), with p from logarithms")
def expanded(z, g, beta=1.0, axis=-1):
    p = as_logarithms(z, beta, axis)
    return beta * (p * g - p * total(p * g, axis))


right = controls_of("softmax_temperature_vjp")


@right("p (g - sum p g) / T")
def over_temperature(z, g, temperature=1.0, axis=-1):
    return pulled_back(warmly(z, temperature, axis), g, axis) / temperature


@right("the Jacobian times the cotangent")
def from_the_matrix(z, g, temperature=1.0, axis=-1):
    p, g = np.moveaxis(warmly(z, temperature, axis), axis, -1), np.moveaxis(g, axis, -1)
    matrix = p[..., None] * np.eye(p.shape[-1], dtype=p.dtype) - p[..., :, None] * p[..., None, :]
    return np.moveaxis((matrix @ g[..., None])[..., 0], -1, axis) / temperature
