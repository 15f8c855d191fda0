"""A finite number stands for what a mask leaves out, and rows of which nothing is kept."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE
from softmax_ref.faults.derived import faults_of, masked
from softmax_ref.faults.parts import textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("masked_softmax")


def filled(value):
    """Return softmax where a number stands for what is masked."""
    return lambda z, mask, axis=-1: textbook(np.where(mask, z, z.dtype.type(value)), axis)


def added(value):
    """Return softmax where a number is added to what is masked."""
    return lambda z, mask, axis=-1: textbook(z + np.where(mask, 0, z.dtype.type(value)), axis)


FILLED = {
    "-100": (ALL, []),
    "-1e4": (ALL, ["apex-all-masked-uniform"]),
    "-5e4": (ALL, ["flashinfer-sentinel"]),
    "-1e9": (UP_TO_BFLOAT16, []),
    "-1e30": (UP_TO_BFLOAT16, []),
}
for _value, (_formats, _bugs) in FILLED.items():
    _text = f"what is masked becomes {_value}"
    wrong("finite-sentinel", _text, _formats, _bugs, name=f"filled-with{_value}")(filled(float(_value)))
ADDED = {"-20": ALL, "-100": ALL, "-1e4": ALL, "-5e4": ALL, "-1e9": UP_TO_BFLOAT16, "-1e30": UP_TO_BFLOAT16}
for _value, _formats in ADDED.items():
    _text = f"{_value} is added to what is masked"
    wrong("finite-sentinel", _text, _formats, name=f"added{_value}")(added(float(_value)))


@wrong("finite-sentinel", "what is masked becomes the smallest number of its format", WIDE)
def filled_with_the_smallest(z, mask, axis=-1):
    return textbook(np.where(mask, z, np.finfo(z.dtype).min), axis)


@wrong(
    "finite-sentinel",
    "the smallest number of its format is added to what is masked",
    UP_TO_BFLOAT16,
    bugs=["hf-bloom-unhide", "hf-finfo-min-plus"],
)
def smallest_added(z, mask, axis=-1):
    return textbook(z + np.where(mask, 0, np.finfo(z.dtype).min).astype(z.dtype), axis)


@wrong("finite-sentinel", "-65504, the smallest of binary16, is added to what is masked", bugs=["keras-mask-fp16"])
def smallest_of_half_added(z, mask, axis=-1):
    return textbook(z + np.where(mask, 0, np.finfo(np.float16).min).astype(z.dtype), axis)


@wrong("finite-sentinel", "the logarithm of mask + 1e-45 is added", bugs=["allennlp-eps-1e45"])
def log_of_a_small_mask(z, mask, axis=-1):
    return textbook(z + np.log(mask + np.float32(1e-45)).astype(z.dtype), axis)


def _any(mask, axis):
    return mask.any(axis=axis, keepdims=True)


@wrong("nothing-kept", "rows of which nothing is kept get 1/2 in each place")
def one_half(z, mask, axis=-1):
    return np.where(_any(mask, axis), masked(z, mask, axis), z.dtype.type(0.5))


@wrong(
    "nothing-kept", "rows of which nothing is kept are 0 alone and nan beside others", bugs=["keras-mask-all-uniform"]
)
def zero_alone_nan_beside(z, mask, axis=-1):
    return np.where(_any(mask, axis), masked(z, mask, axis), 0 if z.ndim < 2 else np.nan)


@wrong("nothing-kept", "rows of which nothing is kept give all to their first class")
def first_takes_all(z, mask, axis=-1):
    first = np.indices(z.shape)[axis] == 0 if z.ndim else True
    return np.where(_any(mask, axis), masked(z, mask, axis), 1.0 * np.asarray(first))


@wrong("row-mixing", "a row of which nothing is kept makes every row nan")
def nan_spreads(z, mask, axis=-1):
    p = masked(z, mask, axis)
    return p if mask.any(axis=axis).all() else np.full_like(p, np.nan)
