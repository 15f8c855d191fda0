"""Wrong slopes of softplus: thresholds, quotients of infinities, 1 - p that cancels."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE
from softmax_ref.faults.derived import faults_of
from softmax_ref.faults.parts import logistic_textbook as p
from softmax_ref.faults.parts import softplus_textbook

DOUBLE = ("binary64",)
UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("softplus_vjp")


@wrong("threshold", "the slope is 0 from where exp overflows up to the threshold", bugs=["ttnn-softplus-bw-zero"])
def zero_from_88_to_100(x, g):
    return np.where((x > 88) & (x <= 100), 0, g * p(x))


@wrong("exp-overflow", "e^x / (1 + e^x) is inf/inf on the right")
def quotient(x, g):
    return g * np.exp(x) / (1 + np.exp(x))


@wrong("relative-accuracy", "1 - e^-y of the saved result cancels on the left", UP_TO_BFLOAT16)
def of_the_result(x, g):
    return g * (1 - np.exp(-softplus_textbook(x)))


@wrong("relative-accuracy", "1 - p(-x) cancels on the left", UP_TO_BFLOAT16)
def complement(x, g):
    return g * (1 - p(-x))


@wrong("threshold", "the slope of max(x, 0)")
def relu(x, g):
    return g * (x > 0)


@wrong("threshold", "the cotangent is forgotten above 30")
def cotangent_forgotten(x, g):
    return np.where(x > 30, 1, g * p(x))


@wrong("threshold", "1/2 + x / (2 + 2 abs(x))")
def rational(x, g):
    return g * (0.5 + x / (2 * (1 + abs(x))))


@wrong("gradient-sign", "negative cotangents are dropped")
def positive_cotangents(x, g):
    return np.maximum(g, 0) * p(x)


@wrong("clipped-input", "arguments are clipped to +-30", UP_TO_BFLOAT16)
def clipped(x, g):
    return g * p(np.clip(x, -30, 30))


@wrong(
    "gradient-sign",
    "the result is compared with the threshold where the argument is meant",
    bugs=["torch-softplus-bwd-threshold"],
)
def result_above_1(x, g):
    return np.where((softplus_textbook(x) > 1) & (x <= 1), g, g * p(x))


for _at, _formats in {4: WIDE, 10: WIDE, 20: DOUBLE}.items():
    wrong("threshold", f"the slope is 1 above {_at}", _formats, name=f"one-above-{_at}")(
        lambda x, g, at=_at: np.where(x > at, g, g * p(x))
    )
