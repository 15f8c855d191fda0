"""Wrong gradients of a scaled softmax: the coldness is missing, doubled, or stands at the wrong factor."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE
from softmax_ref.faults.derived import coldly, faults_of, pulled_back, total, warmly

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
_beta, _temperature = faults_of("softmax_beta_vjp"), faults_of("softmax_temperature_vjp")


def both(flag, text, formats=ALL, formats_of_temperature=None):
    """Return the decorator that enters a fault of both gradients; it is written for z, g, the coldness, the axis."""

    def register(fn):
        slug = fn.__name__.replace("_", "-")

        def by_beta(z, g, beta=1.0, axis=-1):
            return fn(z, g, beta, axis)

        def by_temperature(z, g, temperature=1.0, axis=-1):
            return fn(z, g, 1 / temperature, axis)

        _beta(flag, text, formats, name=slug)(by_beta)
        _temperature(flag, text.replace("beta", "1/T"), formats_of_temperature or formats, name=slug)(by_temperature)
        return fn

    return register


@both("gradient-scale", "the factor beta is left out")
def factor_missing(z, g, b, axis):
    return pulled_back(coldly(z, b, axis), g, axis)


@both("gradient-scale", "the factor beta stands twice")
def factor_twice(z, g, b, axis):
    return b * b * pulled_back(coldly(z, b, axis), g, axis)


@both("gradient-scale", "the gradient is divided by beta")
def divided(z, g, b, axis):
    return pulled_back(coldly(z, b, axis), g, axis) / (b or 1.0)


@both("gradient-scale", "the probabilities are those of coldness 1")
def probabilities_not_scaled(z, g, b, axis):
    return b * pulled_back(coldly(z, 1.0, axis), g, axis)


@both("gradient-scale", "beta is not passed on")
def ignored(z, g, b, axis):
    return pulled_back(coldly(z, 1.0, axis), g, axis)


@both("gradient-sign", "the mean of the cotangent is added")
def mean_added(z, g, b, axis):
    p = coldly(z, b, axis)
    return b * p * (g + total(p * g, axis))


@both("gradient-sign", "the mean of the cotangent is left out")
def mean_missing(z, g, b, axis):
    return b * coldly(z, b, axis) * g


@both("gradient-scale", "the factor p is left out")
def p_missing(z, g, b, axis):
    return b * (g - total(coldly(z, b, axis) * g, axis))


@both("gradient-scale", "the plain mean of the cotangent is subtracted")
def plain_mean(z, g, b, axis):
    return b * coldly(z, b, axis) * (g - g.mean(axis=axis, keepdims=True))


@both("axis", "the last axis is taken, whatever is asked for")
def on_the_last_axis(z, g, b, axis):
    return b * pulled_back(coldly(z, b, -1), g, -1)


@both("gradient-transposed", "square cotangents are transposed")
def square_transposed(z, g, b, axis):
    return b * pulled_back(coldly(z, b, axis), g.T if g.ndim == 2 and g.shape[0] == g.shape[1] else g, axis)


@both("gradient-scale", "beta scales the mean alone")
def mean_alone_scaled(z, g, b, axis):
    p = coldly(z, b, axis)
    return p * (g - b * total(p * g, axis))


@both("truncated-parameter", "the factor beta is cut to an integer")
def factor_cut(z, g, b, axis):
    return float(int(b)) * pulled_back(coldly(z, b, axis), g, axis)


@both("exp-overflow", "exp(beta z) is formed without a shift")
def no_shift(z, g, b, axis):
    weight = np.exp(b * z)
    return b * pulled_back(weight / total(weight, axis), g, axis)


@both("relative-accuracy", "probabilities are raised to 1e-7", UP_TO_BFLOAT16)
def raised_to_1e_7(z, g, b, axis):
    return b * pulled_back(np.maximum(coldly(z, b, axis), z.dtype.type(1e-7)), g, axis)


@both("gradient-sign", "the diagonal of the Jacobian alone")
def diagonal(z, g, b, axis):
    p = coldly(z, b, axis)
    return b * p * (1 - p) * g


@_beta("gradient-sign", "the sign of the factor beta is dropped")
def sign_dropped(z, g, beta=1.0, axis=-1):
    return abs(beta) * pulled_back(coldly(z, beta, axis), g, axis)


@_beta("coldness-zero", "a coldness of 0 is taken for none")
def zero_is_none(z, g, beta=1.0, axis=-1):
    return (beta or 1.0) * pulled_back(coldly(z, beta or 1.0, axis), g, axis)


@_temperature("gradient-scale", "the gradient is multiplied by T")
def multiplied(z, g, temperature=1.0, axis=-1):
    return temperature * pulled_back(warmly(z, temperature, axis), g, axis)
