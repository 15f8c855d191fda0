"""Arrays handled in other ways: copies, views, buffers, blocks of rows, refusals."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, control
from softmax_ref.faults.sound import SOUND


@control("softmax", "works in place on a packed copy of its own")
def in_a_packed_copy(z, axis=-1):
    work = np.array(z, SOUND["softmax"](np.zeros(1, z.dtype)).dtype if z.dtype.kind in "iub" else z.dtype, order="C")
    work[...] = SOUND["softmax"](work, axis=axis)
    return work


@control("softmax", "the result lies in Fortran order")
def in_fortran_order(z, axis=-1):
    return np.asfortranarray(SOUND["softmax"](z, axis=axis)).reshape(z.shape, order="F")


@control("softmax", "the result is a view with moved axes")
def as_a_view(z, axis=-1):
    moved = np.ascontiguousarray(np.moveaxis(np.atleast_1d(z), axis, 0))
    return np.moveaxis(SOUND["softmax"](moved, axis=0), 0, axis).reshape(z.shape)


KNOWN: dict[tuple, np.ndarray] = {}


@control("log_softmax", "results are cached under all bytes, and copies of them given out", formats=WIDE)
def cached_whole(z, axis=-1):
    key = z.dtype.str, z.shape, z.tobytes(), axis
    if key not in KNOWN:
        KNOWN[key] = np.asarray(SOUND["log_softmax"](z, axis=axis))
        if len(KNOWN) > 8:
            KNOWN.pop(next(iter(KNOWN)))
    return KNOWN.get(key, SOUND["log_softmax"](z, axis=axis)).copy()


WORK = [np.empty(0)]


@control("logsumexp", "one buffer holds the terms of every call, and no result", formats=("binary64",))
def with_a_buffer(z, axis=-1):
    if WORK[0].size < z.size:
        WORK[0] = np.empty(2 * z.size)
    terms = WORK[0][: z.size].reshape(z.shape)
    top = z.max(axis=axis, keepdims=True)
    safe = np.where(np.isfinite(top), top, 0)
    np.exp(np.subtract(z, safe, out=terms), out=terms)
    return np.squeeze(safe + np.log(terms.sum(axis=axis, keepdims=True)), axis)


@control("softmax", "rows in blocks of 64")
def in_blocks_of_rows(z, axis=-1):
    rows = np.moveaxis(np.atleast_1d(z), axis, -1)
    table = rows.reshape(-1, rows.shape[-1])
    blocks = [SOUND["softmax"](table[n : n + 64]) for n in range(0, len(table) or 1, 64)]
    return np.moveaxis(np.concatenate(blocks).reshape(rows.shape), -1, axis).reshape(z.shape)


@control("entropy", "one row after the other", formats=("binary64", "binary16"))
def row_by_row(z, axis=-1):
    if not z.ndim or not z.size:
        return SOUND["entropy"](z, axis=axis)
    return np.apply_along_axis(lambda row: np.asarray(SOUND["entropy"](row)), axis, z)


@control("softmax_vjp", "refuses every array that does not hold floats")
def floats_only(z, g, axis=-1):
    if z.dtype.kind not in "fV" or g.dtype.kind not in "fV" or not z.dtype.isnative or z.itemsize > 8:
        raise TypeError("floats expected")
    return SOUND["softmax_vjp"](z, g, axis=axis)


@control("logistic", "refuses integers, other byte orders and arrays without rows")
def plain_arrays_only(x):
    if x.dtype.kind not in "fV" or not x.dtype.isnative or not x.size:
        raise TypeError("a plain array of floats expected")
    return SOUND["logistic"](x)


@control("softplus", "through a flat copy")
def flat(x):
    return SOUND["softplus"](np.array(x).ravel()).reshape(x.shape)


@control("sparsemax", "everything in float64, rounded once", formats=ALL)
def through_float64(z, axis=-1):
    result = SOUND["sparsemax"](z.astype(np.float64), axis=axis)
    return result if z.dtype.kind in "iub" else result.astype(z.dtype)


@control("masked_softmax", "the mask becomes -inf in a copy")
def masked_in_a_copy(z, mask, axis=-1):
    kept = z.astype(np.float64) if z.dtype.kind in "iub" else z.copy()
    kept[~np.asarray(mask, bool)] = -np.inf
    return SOUND["softmax"](kept, axis=axis)


@control("cross_entropy", "the labelled logits are picked by flat position")
def picked_flat(z, labels, label_smoothing=0.0):
    if label_smoothing or z.ndim < 2:
        return SOUND["cross_entropy"](z, labels, label_smoothing=label_smoothing)
    flat = np.asarray(labels).astype(np.int64).ravel()
    if flat.size and not 0 <= flat.min() <= flat.max() < z.shape[-1]:
        raise ValueError("a label is no class")
    logs = np.asarray(SOUND["log_softmax"](z)).reshape(-1)
    return -logs[np.arange(flat.size) * z.shape[-1] + flat].reshape(labels.shape)


@control("gumbel_softmax", "the temperature is an array without axes")
def temperature_as_an_array(z, noise, temperature=1.0, axis=-1):
    return SOUND["gumbel_softmax"](z, noise, temperature=float(np.asarray(temperature)), axis=axis)
