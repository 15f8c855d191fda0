"""A wrong support of sparsemax: sorting, counting, thresholds and sums that are not those of the shares."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.sparse_parts import (
    counted,
    distances,
    on_rows,
    sorted_sparsemax,
    sparsemax_sums,
)

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _threshold(d, sums, size):
    return (np.take_along_axis(sums, size - 1, -1) - 1) / size.astype(d.dtype)


def shifted_by(shift):
    """Return sparsemax with something else than the maximum subtracted."""

    def wrapped(z):
        d = z - shift(z)
        sums, kept = sparsemax_sums(d)
        return np.maximum(d - _threshold(d, sums, counted(kept)), 0)

    return wrapped


def no_guard(z):
    """Let the support be empty where the 1 is rounded away."""
    sums, kept = sparsemax_sums(z)
    size = np.count_nonzero(kept, axis=-1, keepdims=True)
    return np.maximum(z - _threshold(z, sums, size), 0)


def not_sorted(z):
    d = distances(z)
    n, sums = np.arange(1, d.shape[-1] + 1, dtype=d.dtype), np.cumsum(d, axis=-1)
    return np.maximum(d - _threshold(d, sums, counted(1 + n * d > sums)), 0)


def ascending(z):
    d = distances(z)
    r = np.sort(d, axis=-1)
    n, sums = np.arange(1, d.shape[-1] + 1, dtype=d.dtype), np.cumsum(r, axis=-1)
    return np.maximum(d - _threshold(d, sums, counted(1 + n * r > sums)), 0)


def resized(size_of):
    """Return sparsemax with the size of the support changed."""

    def wrapped(z):
        d = distances(z)
        sums, kept = sparsemax_sums(d)
        size = np.clip(size_of(counted(kept)), 1, d.shape[-1])
        return np.maximum(d - _threshold(d, sums, size), 0)

    return wrapped


def sums_of_sums(z):
    d = distances(z)
    sums, kept = sparsemax_sums(d)
    return np.maximum(d - (np.where(kept, sums, 0).sum(axis=-1, keepdims=True) - 1) / counted(kept), 0)


def sums_times_mask(z):
    """Multiply the sorted logits by the mask of the support: 0 times -inf is nan."""
    d = distances(z)
    r, kept = -np.sort(-d, axis=-1), sparsemax_sums(d)[1]
    return np.maximum(d - ((r * kept).sum(axis=-1, keepdims=True) - 1) / counted(kept), 0)


def totalling(total):
    """Return sparsemax whose shares add up to another total."""

    def wrapped(z):
        return total * sorted_sparsemax(z / z.dtype.type(total))

    return wrapped


def ties_dropped(z):
    """Keep one of several equal logits."""
    table = z.reshape(-1, z.shape[-1])
    out = np.zeros_like(table)
    for row, result in zip(table, out, strict=True):
        values, first = np.unique(row, return_index=True)
        if not len(values) or not np.isfinite(values[-1]):
            result[:] = np.nan
        else:
            result[first] = sorted_sparsemax(values[None])[0]
    return out.reshape(z.shape)


def not_clipped(z):
    d, p = distances(z), sorted_sparsemax(z)
    return np.where(np.isneginf(d), 0, d - (d - p).max(axis=-1, keepdims=True))


def clipped_mean(z):
    """Start from the threshold of the full support, drop the negative shares, and normalise."""
    d = np.where(np.isneginf(distances(z)), -2, distances(z))
    p = np.maximum(d - (d.sum(axis=-1, keepdims=True) - 1) / d.dtype.type(d.shape[-1]), 0)
    return p / p.sum(axis=-1, keepdims=True)


def two_rounds(z):
    """Drop what lies below the threshold of the rest, twice only."""
    d = distances(z)
    kept = np.isfinite(d)
    for _ in range(2):
        tau = (np.where(kept, d, 0).sum(axis=-1, keepdims=True) - 1) / counted(kept).astype(d.dtype)
        kept &= d > tau
    return np.where(np.isnan(d.max(axis=-1, keepdims=True)), np.nan, np.maximum(d - tau, 0))


def first_rows_size(z):
    """Take the size of the first row's support for all."""
    d = distances(z)
    sums, kept = sparsemax_sums(d)
    size = counted(kept)
    return np.maximum(d - _threshold(d, sums, np.broadcast_to(size.reshape(-1, 1)[:1], size.shape)), 0)


def _enter(slug, flag, text, fn, formats=ALL, bugs=()):
    fault("sparsemax", flag, text, formats=formats, bugs=bugs, name=slug)(on_rows(fn))


_enter(
    "no-shift",
    "no-shift",
    "sums are formed of the logits themselves",
    shifted_by(lambda z: 0),
    UP_TO_BFLOAT16,
    ["tf-sparsemax-inf"],
)
_enter(
    "no-shift-empty-support",
    "no-shift",
    "where rounding empties the support, its size 0 divides",
    no_guard,
    UP_TO_BFLOAT16,
    ["tfa-sparsemax-1e8"],
)
_enter(
    "shift-by-mean",
    "mask",
    "the mean is subtracted, and is infinite beside a mask",
    shifted_by(lambda z: z.mean(axis=-1, keepdims=True)),
    bugs=["tf-sparsemax-inf"],
)
_enter(
    "shift-by-minimum",
    "no-shift",
    "the minimum is subtracted",
    shifted_by(lambda z: z.min(axis=-1, keepdims=True)),
    UP_TO_BFLOAT16,
)
_enter(
    "global-shift",
    "row-mixing",
    "the maximum of the whole array is subtracted",
    shifted_by(lambda z: z.max() if z.size else 0),
)
_enter("not-sorted", "wrong-support", "the logits are not sorted", not_sorted)
_enter("ascending", "wrong-support", "the logits are sorted upwards", ascending)
_enter("one-too-many", "wrong-support", "the support has a class too many", resized(lambda n: n + 1))
_enter("one-too-few", "wrong-support", "the support has a class too few", resized(lambda n: n - 1))
_enter("half-the-support", "wrong-support", "the support is half as large", resized(lambda n: n // 2))
_enter("at-most-two", "wrong-support", "the support has at most two classes", resized(lambda n: np.minimum(n, 2)))
_enter(
    "sums-of-sums",
    "wrong-support",
    "the running sums are added up over the support",
    sums_of_sums,
    bugs=["keras-sparsemax-cumsum"],
)
_enter("sums-times-mask", "mask", "logits outside the support are multiplied by 0", sums_times_mask)
_enter("total-of-two", "wrong-support", "the shares add up to 2", totalling(2))
_enter("ties-dropped", "ties", "of equal logits one is kept", ties_dropped)
_enter("not-clipped", "wrong-support", "classes outside the support get negative shares", not_clipped)
_enter("clipped-mean", "wrong-support", "the threshold of the full support, and a division by the sum", clipped_mean)
_enter("two-rounds", "wrong-support", "classes are dropped in two rounds, not until none is left to drop", two_rounds)
_enter("first-rows-size", "row-mixing", "the first row has the support of all", first_rows_size)
