"""A wrong shift before exp: none, another statistic of the slice, or a maximum that starts at a number."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def shifted_by(shift):
    """Return softmax with something else than the maximum subtracted."""

    @in_float32
    def wrapped(z, axis=-1):
        weight = np.exp(z - shift(z, axis))
        return weight / weight.sum(axis=axis, keepdims=True)

    return wrapped


def top(z, axis):
    """Return the maximum of each slice, with its axis kept."""
    return z.max(axis=axis, keepdims=True)


def constant(number):
    """Return a shift by the same number everywhere."""
    return lambda z, axis: z.dtype.type(number)


def starting_at(number):
    """Return the maximum of a slice and a number."""
    return lambda z, axis: np.maximum(top(z, axis), z.dtype.type(number))


def above(limit):
    """Return the maximum where it exceeds a limit, and 0 elsewhere."""
    return lambda z, axis: np.where(top(z, axis) > limit, top(z, axis), 0)


def at(index):
    """Return the entry at an index of each slice."""
    return lambda z, axis: np.take(z, [index], axis) if z.ndim else z


def kept_in(dtype):
    """Return the maximum, rounded to another type."""
    return lambda z, axis: top(z, axis).astype(dtype).astype(z.dtype)


def _second(z, axis):
    return np.take(np.sort(z, axis), [-2 if z.shape[axis] > 1 else -1], axis) if z.ndim else z


def _in_bfloat16(z, axis):
    wide = top(z, axis).astype(np.float32)
    return (wide.view(np.uint32) >> 16 << 16).view(np.float32).astype(z.dtype)


def _norm(z, axis):
    return np.sqrt((z * z).sum(axis=axis, keepdims=True))


def _smallest_normal(z, axis):
    return np.maximum(top(z, axis), np.finfo(z.dtype).tiny)


def _over(statistic):
    return lambda z, axis: statistic(z, axis=axis, keepdims=True)


NONE = (
    *("mlnet-ova-90", "ncnn-softmax-90", "sklego-gmm-overflow", "frugally-softmax", "utensor-378"),
    *("brms-softmax-nan", "dwave-softmax-710"),
)
SHIFTS = {
    "no-shift": ("exp-overflow", "exp is taken of the logits themselves", constant(0), ALL, NONE),
    "shift-by-mean": ("wrong-shift", "the mean of the slice is subtracted", _over(np.mean), ALL),
    "shift-by-median": ("wrong-shift", "the median of the slice is subtracted", _over(np.median), ALL),
    "shift-by-minimum": ("wrong-shift", "the minimum is subtracted", _over(np.min), ALL),
    "shift-by-sum": ("wrong-shift", "the sum of the logits is subtracted", _over(np.sum), ALL),
    "shift-by-first": ("wrong-shift", "the first logit is subtracted", at(0), ALL, ["migraphx-first-element"]),
    "shift-by-last": ("wrong-shift", "the last logit is subtracted", at(-1), ALL),
    "shift-by-second": ("wrong-shift", "the second largest logit is subtracted", _second, ALL),
    "shift-by-half": ("wrong-shift", "half the maximum is subtracted", lambda z, a: top(z, a) / 2, ALL),
    "shift-by-midpoint": (
        "wrong-shift",
        "the mean of maximum and minimum is subtracted",
        lambda z, a: top(z, a) / 2 + z.min(axis=a, keepdims=True) / 2,
        ALL,
    ),
    "shift-by-norm": ("exp-underflow", "the Euclidean norm of the slice is subtracted", _norm, ALL),
    "shift-by-size": ("exp-underflow", "the largest absolute value is subtracted", lambda z, a: top(abs(z), a), ALL),
    "shift-upwards": ("exp-overflow", "the maximum is added", lambda z, a: -top(z, a), ALL),
    "shift-twice": ("exp-underflow", "the maximum is subtracted twice", lambda z, a: 2 * top(z, a), ALL),
    "shift-by-50": ("wrong-shift", "50 is subtracted", constant(50), ALL),
    "shift-by-700": ("wrong-shift", "700 is subtracted", constant(700), ALL),
    "shift-beyond-by-30": ("subnormal-result", "max + 30 is subtracted", lambda z, a: top(z, a) + 30, UP_TO_BFLOAT16),
    "shift-beyond-by-85": ("subnormal-result", "max + 85 is subtracted", lambda z, a: top(z, a) + 85, UP_TO_BFLOAT16),
    "shift-if-positive": ("exp-underflow", "a maximum below 0 is not subtracted", above(0), ALL),
    "shift-above-80": (
        "exp-underflow",
        "a maximum up to 80 is not subtracted",
        above(80),
        ALL,
        ["sklearn-ovr-proba-nan"],
    ),
    "shift-above-700": ("exp-underflow", "a maximum up to 700 is not subtracted", above(700), ALL),
    "max-from-0": (
        "exp-underflow",
        "the search for the maximum starts at 0",
        starting_at(0),
        ALL,
        ["nnlib-max-with-zero", "tfjs-webgpu-underflow"],
    ),
    "max-from-smallest-normal": (
        "exp-underflow",
        "the search for the maximum starts at the smallest positive normal number",
        _smallest_normal,
        ALL,
        ["nvfuser-flt-min"],
    ),
    "max-from-minus-100": ("exp-underflow", "the search for the maximum starts at -100", starting_at(-100), ALL),
    "max-from-minus-1e4": (
        "exp-underflow",
        "the search for the maximum starts at -1e4",
        starting_at(-1e4),
        ALL,
        ["burn-attn-masked"],
    ),
    "max-from-minus-1e30": (
        "exp-underflow",
        "the search for the maximum starts at -1e30",
        starting_at(-1e30),
        UP_TO_BFLOAT16,
        ["mxnet-mkldnn-negative"],
    ),
    "max-in-float16": ("exp-overflow", "the maximum is kept in float16", kept_in(np.float16), UP_TO_BFLOAT16),
    "max-in-bfloat16": ("exp-overflow", "the upper half of a float32 keeps the maximum", _in_bfloat16, WIDE),
    "max-in-float32": ("exp-overflow", "the maximum is kept in float32", kept_in(np.float32), ("binary64",)),
    "max-in-int32": ("exp-overflow", "the maximum is kept as a 32-bit integer", kept_in(np.int32), UP_TO_BFLOAT16),
    "max-in-int8": ("exp-overflow", "the maximum is kept as an 8-bit integer", kept_in(np.int8), ALL),
}
for _slug, (_flag, _text, _shift, _formats, *_bugs) in SHIFTS.items():
    fault("softmax", _flag, _text, formats=_formats, bugs=_bugs[0] if _bugs else (), name=_slug)(shifted_by(_shift))
