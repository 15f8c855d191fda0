"""Infinite logits and nan: differences of infinities, maxima and comparisons that drop a nan."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, log_textbook, lse_textbook, textbook


def _top(z, axis):
    return z.max(axis=axis, keepdims=True)


@fault(
    "logsumexp",
    "all-masked",
    "-inf - (-inf) is formed where the maximum is -inf",
    formats=ALL,
    name="unguarded-maximum",
    bugs=(
        *("tf-reduce-logsumexp-neginf", "sse-lse-neginf", "tinygrad-lse-masked", "statsfuns-lse-neginf"),
        "statsfuns-lse-dims",
    ),
)
@in_float32
def lse_unguarded(z, axis=-1):
    top = _top(z, axis)
    top = np.where(top == np.inf, 0, top)
    return np.squeeze(top + np.log(np.exp(z - top).sum(axis=axis, keepdims=True)), axis)


@fault(
    "logsumexp",
    "infinite-logit",
    "inf - inf is formed where the maximum is +inf",
    formats=ALL,
    name="unguarded-infinity",
    bugs=["mlx-lse-posinf", "jax-logaddexp-inf", "scipy-lse-complex-inf", "scipy-lse-sign-nan"],
)
@in_float32
def lse_unguarded_above(z, axis=-1):
    top = _top(z, axis)
    top = np.where(top == -np.inf, 0, top)
    return np.squeeze(top + np.log(np.exp(z - top).sum(axis=axis, keepdims=True)), axis)


@fault(
    "logsumexp",
    "all-masked",
    "a row of one entry is returned as it is, longer rows of only -inf form -inf - (-inf)",
    formats=ALL,
    name="short-cut-of-one",
    bugs=["matrixstats-lse-neginf"],
)
@in_float32
def lse_short_cut(z, axis=-1):
    return z.max(axis=axis) if z.shape[axis : axis + 1 or None] == (1,) else lse_unguarded.__wrapped__(z, axis)


@fault(
    "logsumexp",
    "all-masked",
    "the sum of nothing is said to be +inf",
    formats=ALL,
    name="plus-for-nothing",
    bugs=["fa-lse-plusinf"],
)
@in_float32
def lse_plus_infinity(z, axis=-1):
    result = lse_textbook(z, axis)
    return np.where(np.isneginf(result), np.inf, result)


@fault("logsumexp", "all-masked", "the sum of nothing is said to be 0", formats=ALL, name="zero-for-nothing")
@in_float32
def lse_zero(z, axis=-1):
    result = lse_textbook(z, axis)
    return np.where(np.isneginf(result), 0, result)


@fault(
    "logsumexp",
    "all-masked",
    "the maximum of -inf is kept finite, and the logarithm of 0 is guarded by the smallest normal number",
    formats=WIDE,
    name="finite-for-nothing",
)
@in_float32
def lse_finite(z, axis=-1):
    low = np.finfo(z.dtype).min
    top = np.maximum(_top(z, axis), low)
    total = np.exp(z - top).sum(axis=axis, keepdims=True)
    return np.squeeze(top + np.log(np.maximum(total, np.finfo(z.dtype).tiny)), axis)


def _guarded(z, axis):
    """Return softmax where a row of only -inf is 0."""
    top = _top(z, axis)
    weight = np.exp(z - np.where(np.isneginf(top), 0, top))
    total = weight.sum(axis=axis, keepdims=True)
    return np.where(total == 0, 0, weight / np.where(total == 0, 1, total))


@fault(
    "softmax",
    "all-masked",
    "a row of only -inf gives nan up to 16 columns, and 0 beyond",
    formats=ALL,
    name="masked-row-depends-on-width",
    bugs=["mlx-softmax-127-128"],
)
@in_float32
def masked_row_by_width(z, axis=-1):
    return (_guarded if z.ndim and z.shape[axis] > 16 else textbook)(z, axis)


@fault(
    "softmax",
    "all-masked",
    "a row of only -inf gives nan alone, and 0 beside other rows",
    formats=ALL,
    name="masked-row-depends-on-batch",
    bugs=["torch-softmax-all-neginf", "iree-attn-masked", "onednn-rv64-neginf"],
)
@in_float32
def masked_row_by_batch(z, axis=-1):
    return (_guarded if z.ndim > 1 else textbook)(z, axis)


@fault(
    "softmax", "all-masked", "a row of only -inf gives 1 to its first entry", formats=ALL, name="masked-row-to-first"
)
@in_float32
def masked_row_to_first(z, axis=-1):
    first = np.indices(z.shape)[axis] == 0 if z.ndim else True
    return np.where(np.isneginf(_top(z, axis)), first * 1.0, textbook(z, axis))


@fault(
    "softmax",
    "raises",
    "an assertion says that the sum is positive",
    formats=ALL,
    name="assertion-of-a-sum",
    bugs=["llama-assert-sum"],
)
@in_float32
def asserted(z, axis=-1):
    result = textbook(z, axis)
    if not (result.sum(axis=axis) > 0).all():
        raise AssertionError("sum > 0")
    return result


@fault(
    "softmax",
    "infinite-logit",
    "+inf gives nan in one row, and the limit beside other rows",
    formats=ALL,
    name="infinity-depends-on-batch",
    bugs=["openvino-gpu-mixed-inf", "onednn-rv64-posinf", "torch-softmax-one-posinf", "jax-softmax-inf"],
)
@in_float32
def infinity_by_batch(z, axis=-1):
    many = z.size > z.shape[axis] or np.isposinf(z).sum() > 1 if z.ndim else False
    limit = textbook(np.where(np.isposinf(z), 0, -np.inf), axis) if many else textbook(z, axis)
    return np.where(np.isposinf(_top(z, axis)), limit, textbook(z, axis))


@fault(
    "softmax",
    "infinite-logit",
    "the first of several infinities takes all",
    formats=WIDE,
    name="infinity-to-the-first",
    bugs=["nnlib-softmax-inf"],
)
@in_float32
def infinity_to_first(z, axis=-1):
    """Give all to the first of several infinities."""
    first = np.isposinf(z) & (np.cumsum(np.isposinf(z), axis=axis) == 1) if z.ndim else np.isposinf(z)
    return np.where(np.isposinf(_top(z, axis)), first * 1.0, textbook(z, axis))


@fault(
    "softmax",
    "nan-swallowed",
    "the maximum leaves nan out, and 0 takes its place at the end",
    formats=ALL,
    name="nan-to-zero",
    bugs=["ttnn-nan-swallowed"],
)
@in_float32
def nan_to_zero(z, axis=-1):
    return np.nan_to_num(textbook(z, axis), nan=0.0)


@fault(
    "softmax",
    "nan-swallowed",
    "a row with a nan comes out uniform",
    formats=ALL,
    name="nan-to-uniform",
    bugs=["treetime-three", "cubecl-nan-oracle"],
)
@in_float32
def nan_to_uniform(z, axis=-1):
    share = 1 / z.shape[axis] if z.ndim else 1.0
    return np.where(np.isnan(z).any(axis=axis, keepdims=True), share, textbook(z, axis))


@fault("softmax", "nan-swallowed", "nan is taken for -inf", formats=ALL, name="nan-as-masked")
@in_float32
def nan_as_masked(z, axis=-1):
    return textbook(np.where(np.isnan(z), -np.inf, z), axis)


@fault("softmax", "nan-swallowed", "nan stays where it is, the others are divided by their own sum", formats=ALL)
@in_float32
def nan_in_its_slot(z, axis=-1):
    return np.where(np.isnan(z), np.nan, nan_as_masked.__wrapped__(z, axis))


@fault(
    "log_softmax",
    "nan-swallowed",
    "-inf is passed through beside a nan",
    formats=ALL,
    name="infinity-beside-nan",
    bugs=["mindspore-nan-neginf"],
)
@in_float32
def log_softmax_passes_infinity(z, axis=-1):
    return np.where(np.isneginf(z), -np.inf, log_textbook(z, axis))


@fault("logsumexp", "nan-swallowed", "the maximum and the sum leave nan out", formats=ALL, name="nan-left-out")
@in_float32
def lse_nan_left_out(z, axis=-1):
    return lse_textbook(np.where(np.isnan(z), -np.inf, z), axis)


@fault(
    "softmax",
    "missing-zero",
    "an explicit logit of 0 is taken for a missing one",
    formats=ALL,
    name="zero-is-missing",
    bugs=["tf-sparse-softmax-random"],
)
@in_float32
def zero_is_missing(z, axis=-1):
    known = z != 0
    some = known.any(axis=axis, keepdims=True)
    return textbook(np.where(known | ~some, z, -np.inf), axis)


@fault(
    "softmax",
    "infinite-difference",
    "z - max is formed after the largest negative number was added to what is masked",
    formats=WIDE,
    name="bias-of-the-smallest-number",
    bugs=["torch-sdpa-finfo-min-block"],
)
@in_float32
def biased(z, axis=-1):
    low = np.finfo(z.dtype).min
    overflows = np.isfinite(z) & np.isneginf(np.where(z < low / 2, z + low, z))
    return np.where(overflows, np.nan, textbook(z, axis))


@fault(
    "softmax",
    "mask",
    "0 times the logits is added as a bias, and is nan where they are infinite",
    formats=ALL,
    name="bias-of-zero",
    bugs=["llama-cuda-alibi-nan"],
)
@in_float32
def bias_of_zero(z, axis=-1):
    return textbook(z + 0.0 * z, axis)
