"""Shares of sparsemax that are too coarse, cut short, or another function's."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import textbook
from softmax_ref.faults.sparse_parts import (
    counted,
    distances,
    on_rows,
    sorted_entmax15,
    sorted_sparsemax,
    sparsemax_sums,
)

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _threshold(d, sums, size):
    return (np.take_along_axis(sums, size - 1, -1) - 1) / size.astype(d.dtype)


def bisected(steps):
    """Return sparsemax by a few steps of bisection."""

    def wrapped(z):
        d = distances(z)
        low, high = np.full_like(d[..., :1], -1), np.zeros_like(d[..., :1])
        for _ in range(steps):
            middle = (low + high) / 2
            enough = np.maximum(d - middle, 0).sum(axis=-1, keepdims=True) >= 1
            low, high = np.where(enough, middle, low), np.where(enough, high, middle)
        return np.where(np.isnan(d.max(axis=-1, keepdims=True)), np.nan, np.maximum(d - low, 0))

    return wrapped


def largest(count):
    """Return sparsemax of the largest entries only, as a sort of a few gives them."""

    def wrapped(z):
        d = distances(z)
        sums, kept = sparsemax_sums(d)
        return np.maximum(d - _threshold(d, sums, counted(kept[..., :count])), 0)

    return wrapped


def without_the_tail(block):
    """Return sparsemax whose threshold leaves out what follows the last full block."""

    def wrapped(z):
        d = distances(z)
        full = d[..., : d.shape[-1] // block * block or d.shape[-1]]
        sums, kept = sparsemax_sums(full)
        return np.maximum(d - _threshold(full, sums, counted(kept)), 0)

    return wrapped


def sums_kept_in(dtype):
    """Return sparsemax with running sums in a narrow type."""

    def wrapped(z):
        d = distances(z)
        r = -np.sort(-d, axis=-1)
        n, sums = np.arange(1, d.shape[-1] + 1, dtype=d.dtype), np.cumsum(r, axis=-1, dtype=dtype).astype(d.dtype)
        return np.maximum(d - _threshold(d, sums, counted(1 + n * r > sums)), 0)

    return wrapped


def then(change):
    """Return sparsemax with its shares changed."""
    return lambda z: change(sorted_sparsemax(z), z)


def _enter(slug, flag, text, fn, formats=ALL, bugs=()):
    fault("sparsemax", flag, text, formats=formats, bugs=bugs, name=slug)(on_rows(fn))


_enter("largest-64", "tail-elements", "only the 64 largest may belong to the support", largest(64))
_enter("largest-1024", "low-precision-sum", "only the 1024 largest may belong to the support", largest(1024))
_enter(
    "without-the-tail-of-8",
    "tail-elements",
    "the threshold leaves out what follows the last full block of 8",
    without_the_tail(8),
)
_enter(
    "without-the-tail-of-128",
    "tail-elements",
    "the threshold leaves out what follows the last full block of 128",
    without_the_tail(128),
)
_enter("bisected-8-times", "wrong-support", "the threshold has 8 bits", bisected(8))
_enter("bisected-12-times", "working-precision", "the threshold has 12 bits", bisected(12), WIDE)
_enter("bisected-30-times", "working-precision", "the threshold has 30 bits", bisected(30), ("binary64",))
_enter("float16-sums", "working-precision", "running sums are kept in float16", sums_kept_in(np.float16), WIDE)
_enter("float32-sums", "working-precision", "running sums are kept in float32", sums_kept_in(np.float32), ("binary64",))
_enter(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda z: sorted_sparsemax(z.astype(np.float32)),
    ("binary64",),
)
_enter(
    "below-1e-3-is-zero",
    "relative-accuracy",
    "shares below 1e-3 become 0",
    then(lambda p, z: np.where(p < 1e-3, 0, p)),
    UP_TO_BFLOAT16,
)
_enter(
    "below-1e-6-is-zero",
    "relative-accuracy",
    "shares below 1e-6 become 0",
    then(lambda p, z: np.where(p < 1e-6, 0, p)),
    UP_TO_BFLOAT16,
)
_enter("plus-1e-6", "wrong-support", "1e-6 is added to every share", then(lambda p, z: p + p.dtype.type(1e-6)))
_enter("nan-to-zero", "nan-swallowed", "nan becomes 0", then(lambda p, z: np.nan_to_num(p)))
_enter(
    "nan-as-masked",
    "nan-swallowed",
    "nan is taken for -inf",
    lambda z: sorted_sparsemax(np.where(np.isnan(z), -np.inf, z)),
)
_enter(
    "sentinel-1e4",
    "finite-sentinel",
    "-1e4 stands for -inf",
    lambda z: sorted_sparsemax(np.where(np.isneginf(z), z.dtype.type(-1e4), z)),
)
_enter("single-is-itself", "single-class", "a single logit comes back", then(lambda p, z: z if z.shape[-1] == 1 else p))
_enter(
    "bits-in-order",
    "signed-zero",
    "logits are equal if their bits are",
    then(lambda p, z: np.where(np.signbit(z) & (z == 0), 0, p)),
)
_enter(
    "differences-clipped",
    "infinite-difference",
    "differences of -inf become nan",
    then(lambda p, z: np.where(np.isneginf(distances(z)) & np.isfinite(z), np.nan, p)),
    UP_TO_BFLOAT16,
)
_enter("shares-of-softmax", "wrong-support", "softmax", textbook)
_enter("entmax15", "wrong-support", "entmax with alpha = 1.5", sorted_entmax15)
