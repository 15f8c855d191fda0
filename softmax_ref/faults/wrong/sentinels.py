"""A finite number in place of -inf, in the logits or in the results."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, log_textbook, lse_textbook, textbook

ROWS = {"softmax": textbook, "log_softmax": log_textbook, "logsumexp": lse_textbook}
UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def for_masked(fn, number):
    """Return a function that puts a number in place of a logit of -inf."""
    return in_float32(lambda z, axis=-1: fn(np.where(np.isneginf(z), z.dtype.type(number), z), axis))


NUMBERS = {
    "softmax": {"-50": ALL, "-1e4": ALL, "-65504": ALL, "-3e38": UP_TO_BFLOAT16},
    "log_softmax": {"-1e9": UP_TO_BFLOAT16},
    "logsumexp": {"-1e4": ALL, "-3e38": UP_TO_BFLOAT16},
}
for _function, _numbers in NUMBERS.items():
    for _number, _formats in _numbers.items():
        _wrong = for_masked(ROWS[_function], float(_number))
        _text = f"{_number} stands for -inf"
        fault(_function, "finite-sentinel", _text, formats=_formats, name=f"sentinel{_number}")(_wrong)


@fault("log_softmax", "mask", "-inf is written as the most negative number", formats=WIDE)
@in_float32
def finite_results(z, axis=-1):
    """Keep the loss finite."""
    return np.maximum(log_textbook(z, axis), np.finfo(z.dtype).min)


def from_hidden(limit):
    """Return softmax that takes every logit below a limit for a masked one."""
    return in_float32(lambda z, axis=-1: textbook(np.where(z <= limit, -np.inf, z), axis))


for _limit in ("-1e3", "-1e4"):
    fault(
        "softmax",
        "finite-sentinel",
        f"a logit up to {_limit} counts as masked",
        formats=ALL,
        name=f"masked-from{_limit}",
    )(from_hidden(float(_limit)))
