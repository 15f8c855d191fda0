"""Special values of a coldness or a temperature: a sign, 0, and what stands for 0."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.derived import coldly, faults_of, total, warmly
from softmax_ref.faults.parts import in_float32, textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("softmax_beta")


@wrong("coldness", "the sign of beta is exchanged")
def sign_exchanged(z, beta=1.0, axis=-1):
    return coldly(z, -beta, axis)


@wrong("coldness", "the sign of beta is dropped")
def sign_dropped(z, beta=1.0, axis=-1):
    return coldly(z, abs(beta), axis)


@wrong("wrong-shift", "the maximum is subtracted where beta is negative")
def maximum_for_a_negative_beta(z, beta=1.0, axis=-1):
    d = z - z.max(axis=axis, keepdims=True)
    weight = np.exp(np.where(np.isneginf(d), d, beta * d))
    return weight / total(weight, axis)


@wrong("coldness-zero", "a coldness of 0 is taken for none")
def zero_is_none(z, beta=1.0, axis=-1):
    return coldly(z, beta or 1.0, axis)


@wrong("coldness-zero", "at coldness 0 classes with logit -inf get a share, and nan is lost")
def uniform_at_zero(z, beta=1.0, axis=-1):
    return coldly(z, beta, axis) if beta else coldly(np.zeros_like(z), 1.0, axis)


@wrong("coldness-zero", "0 times a difference that overflows", UP_TO_BFLOAT16)
def zero_times_overflow(z, beta=1.0, axis=-1):
    d = z - z.max(axis=axis, keepdims=True)
    weight = np.exp(np.where(np.isneginf(z), z, beta * d))
    return coldly(z, beta, axis) if beta else weight / total(weight, axis)


@wrong("working-precision", "where beta is not given it is 1/2")
def default_of_one_half(z, beta=0.5, axis=-1):
    return coldly(z, beta, axis)


@wrong("working-precision", "everything is computed in float32", ("binary64",))
def in_single(z, beta=1.0, axis=-1):
    return coldly(z.astype(np.float32), beta, axis).astype(z.dtype)


wrong = faults_of("softmax_temperature")


@wrong("temperature", "1e-6 is added against a division by 0")
def plus_epsilon(z, temperature=1.0, axis=-1):
    return warmly(z, temperature + 1e-6, axis)


def _greedy(z, axis):
    """Return 1 at the first maximum of each slice."""
    if not z.ndim:
        return np.ones_like(z)
    rank = np.indices(z.shape)[axis]
    return (rank == np.expand_dims(z.argmax(axis=axis), axis)).astype(z.dtype)


@wrong("temperature", "up to 1e-3 the first maximum takes all")
def greedy_up_to_a_thousandth(z, temperature=1.0, axis=-1):
    return warmly(z, temperature, axis) if temperature > 1e-3 else _greedy(z, axis)


@wrong("scaled-overflow", "the reciprocal of T is formed, and overflows", UP_TO_BFLOAT16)
def reciprocal_overflows(z, temperature=1.0, axis=-1):
    one = z.dtype.type(1)
    return textbook((z - z.max(axis=axis, keepdims=True)) * (one / z.dtype.type(temperature)), axis)


@wrong("temperature", "the division is cut to an integer")
def floor_division(z, temperature=1.0, axis=-1):
    return textbook((z - z.max(axis=axis, keepdims=True)) // temperature, axis)


@wrong("temperature", "T multiplies where it divides")
def multiplied(z, temperature=1.0, axis=-1):
    return coldly(z, temperature, axis)


@wrong(
    "scaled-overflow",
    "z/T is formed twice, once rounded, so that the maximum is not the maximum",
    UP_TO_BFLOAT16,
    bugs=["xla-fma-temperature"],
)
def quotient_formed_twice(z, temperature=1.0, axis=-1):
    rounded = (z / z.dtype.type(temperature)).max(axis=axis, keepdims=True)
    exact = z.astype(np.longdouble if z.dtype == np.float64 else np.float64) / temperature
    weight = np.exp((exact - rounded).astype(z.dtype))
    return weight / total(weight, axis)


@wrong("working-precision", "where T is not given it is 2")
def default_of_two(z, temperature=2.0, axis=-1):
    return warmly(z, temperature, axis)


@wrong("working-precision", "everything is computed in float32", ("binary64",), name="in-single")
def warm_in_single(z, temperature=1.0, axis=-1):
    return warmly(z.astype(np.float32), np.float32(temperature), axis).astype(z.dtype)


@fault("softmax_temperature", "sticky-default", "T stays what it was where it is not given", formats=ALL, stateful=True)
def sticks():
    kept = [1.0]

    @in_float32
    def wrapped(z, temperature=None, axis=-1):
        kept[0] = kept[0] if temperature is None else temperature
        return warmly(z, kept[0], axis)

    return wrapped
