"""Logits, differences, logarithms or arguments clipped to a range."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import (
    in_float32,
    log_textbook,
    logistic_textbook,
    lse_textbook,
    softplus_textbook,
    textbook,
)
from softmax_ref.faults.wrong.shift import top

DOUBLE = ("binary64",)
UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
ROWS = {"softmax": textbook, "log_softmax": log_textbook, "logsumexp": lse_textbook}
ELEMENTWISE = {"logistic": logistic_textbook, "softplus": softplus_textbook}


def within(fn, limit):
    """Clip the input on both sides."""
    return lambda x, **axis: fn(np.clip(x, -x.dtype.type(limit), x.dtype.type(limit)), **axis)


def up_to(fn, limit):
    """Clip the input from above."""
    return lambda x, **axis: fn(np.minimum(x, x.dtype.type(limit)), **axis)


def down_to(fn, limit):
    """Clip what is finite from below."""
    return lambda x, **axis: fn(np.where(np.isneginf(x), x, np.maximum(x, -x.dtype.type(limit))), **axis)


def _differences(fn, limit):
    def wrapped(z, axis=-1):
        d = z - top(z, axis)
        return fn(np.where(np.isneginf(z), z, np.maximum(d, -z.dtype.type(limit))), axis)

    return wrapped


def _results(fn, limit):
    return lambda z, axis=-1: np.maximum(fn(z, axis), -z.dtype.type(limit))


def enter(function, clip, limit, text, formats=ALL, flag="clipped-input", bugs=()):
    """Register a function with a clip; its name says which clip and where."""
    base = (ROWS | ELEMENTWISE)[function]
    name = f"{clip.__name__.strip('_').replace('_', '-')}-{limit}"
    fault(function, flag, text.format(limit), formats=formats, bugs=bugs, name=name)(
        in_float32(clip(base, float(limit)))
    )


for _limit in ("15", "30", "50", "88", "100", "500", "700", "1e3", "1e4"):
    enter("softmax", within, _limit, "logits are clipped to +-{}")
for _limit in ("50", "88", "709", "1e4"):
    enter("softmax", up_to, _limit, "logits are clipped to at most {}")
for _limit in ("50", "104", "745", "1e4"):
    enter("softmax", down_to, _limit, "logits are clipped to at least -{}, except -inf")
for _limit in ("65504", "1e9", "1e30"):
    enter("softmax", within, _limit, "logits are clipped to +-{}", UP_TO_BFLOAT16)
for _function in ("log_softmax", "logsumexp"):
    for _limit in ("20", "80", "708", "1e4"):
        enter(_function, within, _limit, "logits are clipped to +-{}")

for _limit, _formats in {"10": ALL, "20": UP_TO_BFLOAT16, "64": UP_TO_BFLOAT16, "80": UP_TO_BFLOAT16}.items():
    enter("softmax", _differences, _limit, "differences to the maximum are clipped at -{}", _formats)
for _limit, _formats in {"88": WIDE, "100": WIDE, "500": DOUBLE, "700": DOUBLE}.items():
    enter("softmax", _differences, _limit, "differences to the maximum are clipped at -{}", _formats)
for _limit in ("20", "50", "87", "104", "700"):
    enter("log_softmax", _differences, _limit, "differences to the maximum are clipped at -{}")
for _limit, _formats in {"10": ALL, "30": ALL, "100": ALL, "745": UP_TO_BFLOAT16}.items():
    enter("log_softmax", _results, _limit, "results are clipped at -{}", _formats)
enter("log_softmax", _results, "64", "results are clipped at -{}", bugs=["paddle-logsoftmax-minus64"])

for _limit, _formats in {"15": ALL, "30": UP_TO_BFLOAT16, "50": UP_TO_BFLOAT16, "80": UP_TO_BFLOAT16}.items():
    enter("logistic", within, _limit, "arguments are clipped to +-{}", _formats)
for _limit, _formats in {"88": WIDE, "100": WIDE, "500": DOUBLE, "700": DOUBLE}.items():
    enter("logistic", within, _limit, "arguments are clipped to +-{}", _formats)
for _limit in ("20", "50", "88", "100", "709", "745"):
    enter("softplus", up_to, _limit, "arguments are clipped to at most {}")
for _limit, _formats in {"20": UP_TO_BFLOAT16, "50": UP_TO_BFLOAT16, "80": UP_TO_BFLOAT16, "700": DOUBLE}.items():
    enter("softplus", down_to, _limit, "arguments are clipped to at least -{}", _formats)
