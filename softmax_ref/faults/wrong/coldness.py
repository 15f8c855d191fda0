"""A coldness that is lost, doubled or applied in the wrong place, for softmax_beta and softmax_temperature alike."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE
from softmax_ref.faults.derived import coldly, faults_of, total
from softmax_ref.faults.parts import textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
_beta, _temperature = faults_of("softmax_beta"), faults_of("softmax_temperature")


def both(flag, text, formats=ALL, bugs=(), flag_of_temperature=None, formats_of_temperature=None):
    """Return the decorator that enters a fault under both names; it is written for z, the coldness and the axis."""

    def register(fn):
        def by_beta(z, beta=1.0, axis=-1):
            return fn(z, beta, axis)

        def by_temperature(z, temperature=1.0, axis=-1):
            return fn(z, 1 / temperature, axis)

        slug = fn.__name__.replace("_", "-")
        _beta(flag, text, formats, [bug for bug in bugs if "beta" in bug], name=slug)(by_beta)
        _temperature(
            flag_of_temperature or flag,
            text.replace("beta", "1/T"),
            formats_of_temperature or formats,
            [bug for bug in bugs if "beta" not in bug],
            name=slug,
        )(by_temperature)
        return fn

    return register


@both("coldness", "beta is not passed on", ALL, ["webml-beta-ignored"], "temperature")
def ignored(z, b, axis):
    return textbook(z, axis)


@both("coldness", "beta is applied twice", flag_of_temperature="temperature")
def squared(z, b, axis):
    return coldly(z, b * abs(b), axis)


@both("coldness", "the reciprocal of beta is applied", flag_of_temperature="temperature")
def reciprocal(z, b, axis):
    return coldly(z, 1 / b if b else b, axis)


@both("coldness", "beta multiplies the probabilities", flag_of_temperature="temperature")
def probabilities_multiplied(z, b, axis):
    return b * textbook(z, axis)


@both("coldness", "probabilities to the power beta are not normalised again", flag_of_temperature="temperature")
def power_not_normalised(z, b, axis):
    return textbook(z, axis) ** b


@both("subnormal-result", "probabilities to the power beta, normalised: small ones are lost first", UP_TO_BFLOAT16)
def power(z, b, axis):
    return textbook(z, axis) ** b / total(textbook(z, axis) ** b, axis)


@both("truncated-parameter", "beta is cut to an integer")
def cut_to_an_integer(z, b, axis):
    return coldly(z, float(int(b)), axis)


@both("truncated-parameter", "beta is rounded to an integer")
def rounded_to_an_integer(z, b, axis):
    return coldly(z, float(np.rint(b)), axis)


@both(
    "scaled-overflow",
    "logits are multiplied by beta before the shift",
    UP_TO_BFLOAT16,
    ["vllm-temp-1e-4", "vllm-temp-inf-assert", "trtllm-temp-1e-12", "hf-temp-beam-sample"],
)
def multiplied_before_the_shift(z, b, axis):
    return textbook(np.where(np.isneginf(z), z, (b * z).astype(z.dtype)), axis)


@both("exp-overflow", "exp(beta z) is formed without a shift")
def no_shift(z, b, axis):
    weight = np.exp(b * z)
    return weight / total(weight, axis)


@both("coldness", "the shift is not scaled", flag_of_temperature="temperature")
def shift_not_scaled(z, b, axis):
    weight = np.exp(b * z - z.max(axis=axis, keepdims=True))
    return weight / total(weight, axis)


@both("coldness", "the shift alone is scaled", flag_of_temperature="temperature")
def shift_alone_scaled(z, b, axis):
    weight = np.exp(z - b * z.max(axis=axis, keepdims=True))
    return weight / total(weight, axis)


@both("coldness", "beta is clipped to 1e-3 from below", flag_of_temperature="temperature")
def at_least_a_thousandth(z, b, axis):
    return coldly(z, float(np.copysign(max(abs(b), 1e-3), b)) if b else b, axis)


@both("coldness", "beta is clipped to 100 from above", flag_of_temperature="temperature")
def at_most_100(z, b, axis):
    return coldly(z, float(np.clip(b, -100, 100)), axis)


@both("coldness", "beta is added to the logits", flag_of_temperature="temperature")
def added(z, b, axis):
    return textbook(z + b, axis)


@both("axis", "the last axis is normalised, whatever is asked for")
def on_the_last_axis(z, b, axis):
    return coldly(z, b, -1)


@both("global-shift", "one shift serves the whole array")
def global_shift(z, b, axis):
    d = z - (z.min() if b < 0 else z.max())
    weight = np.exp(np.where(np.isneginf(d), d, b * d))
    return weight / total(weight, axis)


@both("coldness", "the base of the power is 2", flag_of_temperature="temperature")
def base_two(z, b, axis):
    return coldly(z, b * float(np.log(2)), axis)


@both("epsilon", "1e-6 is added to the denominator", WIDE)
def epsilon(z, b, axis):
    return coldly(z, b, axis) / z.dtype.type(1 + 1e-6)
