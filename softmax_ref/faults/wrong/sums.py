"""Sums that lose their small terms, stagnate, overflow, or are taken in another order than they bear."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, NARROW, WIDE, fault
from softmax_ref.faults.parts import in_float32, last_axis


def _softmax_with(total):
    """Return softmax with another sum over the last axis."""

    @in_float32
    @last_axis
    def wrapped(z):
        weight = np.exp(z - z.max(axis=-1, keepdims=True))
        return weight / total(weight)

    return wrapped


def _one_by_one(dtype):
    return lambda w: np.cumsum(w, axis=-1, dtype=dtype)[..., -1:].astype(w.dtype)


def _in_blocks(dtype, block):
    """Add blocks exactly, and the sums of the blocks one by one in a narrow type."""

    def total(w):
        sums = [w[..., k : k + block].sum(axis=-1, keepdims=True) for k in range(0, w.shape[-1], block)]
        return np.cumsum(np.concatenate(sums, axis=-1), axis=-1, dtype=dtype)[..., -1:].astype(w.dtype)

    return total


def _dropping(limit):
    """Leave out terms below a limit."""
    return lambda w: np.where(w < limit, 0, w).sum(axis=-1, keepdims=True)


for _slug, _total, _text, _formats, _flag in (
    ("float16-one-by-one", _one_by_one(np.float16), "the sum is kept in float16", WIDE, "low-precision-sum"),
    ("float32-one-by-one", _one_by_one(np.float32), "the sum is kept in float32", ("binary64",), "low-precision-sum"),
    ("float16-over-blocks", _in_blocks(np.float16, 32), "sums of 32 are added in float16", WIDE, "low-precision-sum"),
    ("drops-below-1e-4", _dropping(1e-4), "terms below 1e-4 are left out of the sum", WIDE, "dropped-terms"),
    ("drops-below-1e-6", _dropping(1e-6), "terms below 1e-6 are left out of the sum", WIDE, "dropped-terms"),
    (
        "counts-the-top-alone",
        lambda w: np.where(w < 1, 0, w).sum(axis=-1, keepdims=True),
        "only the largest logits are summed",
        ALL,
        "working-precision",
    ),
    (
        "sum-without-the-maximum",
        lambda w: w.sum(axis=-1, keepdims=True) - 1,
        "the largest term is left out of the sum",
        ALL,
        "ties",
    ),
    (
        "one-term-too-many",
        lambda w: w.sum(axis=-1, keepdims=True) + 1,
        "the largest term is counted twice",
        ALL,
        "ties",
    ),
    ("mean-for-sum", lambda w: w.mean(axis=-1, keepdims=True), "the mean stands for the sum", ALL, "ties"),
    (
        "norm-for-sum",
        lambda w: np.sqrt((w * w).sum(axis=-1, keepdims=True)),
        "the Euclidean norm stands for the sum",
        ALL,
        "ties",
    ),
    ("largest-for-sum", lambda w: w.max(axis=-1, keepdims=True), "the largest term stands for the sum", ALL, "ties"),
    (
        "every-other-term",
        lambda w: 2 * w[..., ::2].sum(axis=-1, keepdims=True),
        "every other term is summed, and doubled",
        ALL,
        "ties",
    ),
):
    fault("softmax", _flag, _text, formats=_formats, name=_slug)(_softmax_with(_total))


def _rounded_sum(weight, step):
    """Add one by one, rounding the running sum to a narrow format after each step."""
    total = np.zeros(weight.shape[:-1], np.float32)
    for k in range(weight.shape[-1]):
        total = step(total + weight[..., k])
    return total[..., None]


@fault(
    "softmax",
    "low-precision-sum",
    "the running sum is rounded to binary16 after each term",
    formats=["binary16"],
    bugs=["mxnet-fp16-accum", "candle-f16-2048", "tract-f16-sum", "trt-fp16-acc"],
)
@in_float32
@last_axis
def stagnates_at_2048(z):
    weight = np.exp(z - z.max(axis=-1, keepdims=True))
    return weight / _rounded_sum(weight, lambda x: x.astype(np.float16).astype(np.float32))


@fault(
    "softmax",
    "sum-overflow",
    "the sum of a long row leaves the range of binary16",
    formats=["binary16"],
    bugs=["ort-webgpu-f16-sum"],
)
@in_float32
@last_axis
def sum_beyond_65504(z):
    weight = np.exp(z - z.max(axis=-1, keepdims=True))
    total = weight.sum(axis=-1, keepdims=True)
    return weight / np.where(total > 65504, np.inf, total)


@fault(
    "softmax", "low-precision-sum", "the running sum is cut to the 8 bits of bfloat16 after each term", formats=NARROW
)
@in_float32
@last_axis
def stagnates_at_256(z):
    weight = np.exp(z - z.max(axis=-1, keepdims=True))
    return weight / _rounded_sum(weight, lambda x: (x.view(np.uint32) >> 16 << 16).view(np.float32))
