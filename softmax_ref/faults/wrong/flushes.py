"""Small results set to 0, and results of the size of the largest number lost."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, logistic_textbook, lse_textbook, softplus_textbook, textbook

DOUBLE = ("binary64",)
UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
FUNCTIONS = {"softmax": textbook, "logistic": logistic_textbook, "softplus": softplus_textbook}
CUTS = {
    "softmax": {"2^-10": ALL, **dict.fromkeys(("2^-20", "2^-24", "1e-8", "1e-16"), UP_TO_BFLOAT16), "1e-300": DOUBLE},
    "logistic": {"2^-10": ALL, "1e-8": UP_TO_BFLOAT16, "1e-16": UP_TO_BFLOAT16, "1e-300": DOUBLE},
    "softplus": {"2^-20": UP_TO_BFLOAT16, "1e-10": UP_TO_BFLOAT16, "1e-30": UP_TO_BFLOAT16, "1e-37": UP_TO_BFLOAT16},
}


def flushed(fn, cut):
    """Return a function whose results below a cut are 0."""

    @in_float32
    def wrapped(x, **axis):
        y = fn(x, **axis)
        return np.where(y < cut, x.dtype.type(0), y)

    return wrapped


def _number(name):
    base, _, power = name.partition("^")
    return float(base) ** int(power) if power else float(name)


for _function, _cuts in CUTS.items():
    for _name, _formats in _cuts.items():
        _wrong = flushed(FUNCTIONS[_function], _number(_name))
        _text = f"results below {_name} become 0"
        fault(_function, "relative-accuracy", _text, formats=_formats, name=f"flushed-below-{_name}")(_wrong)


def in_part(fn, where):
    """Return a function that flushes subnormal results in some places and not in others."""

    @in_float32
    def wrapped(x, **axis):
        y = fn(x, **axis)
        return np.where((y < np.finfo(x.dtype).tiny) & where(x), x.dtype.type(0), y)

    return wrapped


def _odd(x):
    return np.arange(x.size).reshape(x.shape) % 2 == 1


for _function, _fn in FUNCTIONS.items():
    fault(
        _function,
        "subnormal-result",
        "every other subnormal result becomes 0",
        formats=WIDE,
        name="flushed-every-other",
    )(in_part(_fn, _odd))


@fault("softmax", "subnormal-result", "subnormal results of short rows become 0", formats=WIDE)
@in_float32
def flushed_in_short_rows(z, axis=-1):
    """Flush where a scalar loop runs in place of the vector code."""
    p = textbook(z, axis)
    return np.where((p < np.finfo(z.dtype).tiny) & (p.shape[axis] < 5 if p.ndim else True), z.dtype.type(0), p)


@fault(
    "softmax", "subnormal-result", "subnormal results keep no digits below 2^16 of the smallest number", formats=WIDE
)
@in_float32
def coarse_subnormals(z, axis=-1):
    """Round subnormal results to multiples of 2^16 of the smallest number."""
    p = textbook(z, axis)
    info = np.finfo(z.dtype)
    step = info.smallest_subnormal * 2**16
    return np.where(p < info.tiny, np.round(p / step) * step, p).astype(z.dtype)


@fault("logsumexp", "exp-overflow", "results near the largest number overflow to inf", formats=ALL)
def overflow_near_the_largest(z, axis=-1):
    """Double a result and halve it again."""
    z = np.asarray(z)
    y = in_float32(lse_textbook)(z, axis=axis)
    return (y * y.dtype.type(2)) / y.dtype.type(2)


@fault("softplus", "exp-overflow", "arguments near the largest number overflow to inf", formats=ALL)
def doubled(x):
    """Double and halve what is right."""
    x = np.asarray(x)
    y = in_float32(softplus_textbook)(x)
    return (y * y.dtype.type(2)) / y.dtype.type(2)
