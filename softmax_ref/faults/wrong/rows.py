"""Rows that see one another, their number, or their place."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.sound import SOUND


def _on_rows(fn, change):
    """Return fn with a change of the result, told the arguments; both with the slices along the last axis."""

    def wrapped(*arrays, axis=-1, **more):
        moved = [np.moveaxis(np.atleast_1d(x), axis, -1) if x.ndim else np.atleast_1d(x) for x in arrays]
        result = np.array(np.atleast_1d(fn(*moved, axis=-1, **more)))
        keeps = result.shape == moved[0].shape
        result = change(result, moved[0])
        return (
            np.moveaxis(result, -1, axis if arrays[0].ndim else -1).reshape(arrays[0].shape)
            if keeps
            else result.reshape(np.delete(arrays[0].shape, axis) if arrays[0].ndim else ())
        )

    return wrapped


def _count(z):
    return int(np.prod(z.shape[:-1])) if z.ndim > 1 else 1


def _from_row_on(limit, value=0):
    """Leave out the rows beyond a number of them."""

    def change(result, z):
        table = result.reshape(_count(z), -1) if z.size else result
        table[limit:] = value
        return table.reshape(result.shape)

    return change


def _row_repeated(modulus):
    """Count rows modulo a number."""

    def change(result, z):
        if not z.size or _count(z) <= modulus:
            return result
        table = result.reshape(_count(z), -1)
        return table[np.arange(len(table)) % modulus].reshape(result.shape)

    return change


def _last_odd_row(result, z):
    """Take the last row of an odd number for a copy of the one before."""
    if _count(z) % 2 and _count(z) > 1 and z.size:
        table = result.reshape(_count(z), -1)
        table[-1] = table[-2]
    return result


def _scaled_where(condition):
    def change(result, z):
        return (result.astype(np.float64) * 1.001).astype(result.dtype) if condition(z) else result

    return change


def _second_row_is_first(result, z):
    if _count(z) > 1 and z.size:
        table = result.reshape(_count(z), -1)
        table[1:] = table[0]
    return result


def _second_batch_biased(result, z):
    if z.ndim == 4 and z.shape[0] > 1:
        result[1:] = result[1:] * result.dtype.type(2)
    return result


def _all_nan(result, z):
    return np.full_like(result, np.nan) if np.isnan(z.astype(np.float64)).any() else result


def _next_row_nan(result, z):
    if z.ndim > 1 and z.size:
        spoiled = np.isnan(z.astype(np.float64)).reshape(_count(z), -1).any(axis=-1)
        result.reshape(_count(z), -1)[1:][spoiled[:-1]] = np.nan
    return result


def _coarse_beside(what):
    """Fall back to half precision for the whole batch where one entry is special."""

    def change(result, z):
        if result.dtype.kind == "f" and z.ndim > 1 and what(z.astype(np.float64)).any():
            return result.astype(np.float16).astype(result.dtype)
        return result

    return change


CHANGES = {
    "65535-rows": ("rows beyond 65535 stay 0", _from_row_on(65535), ("binary32",)),
    "32767-rows": ("rows beyond 32767 are nan", _from_row_on(32767, np.nan), ("binary32",)),
    "1024-rows": ("rows beyond 1024 stay 0", _from_row_on(1024), ALL),
    "256-rows": ("rows are counted by one byte", _row_repeated(256), ALL),
    "64-rows": ("rows are counted modulo 64", _row_repeated(64), WIDE),
    "32-rows": ("rows beyond 32 stay 0", _from_row_on(32), WIDE),
    "16-rows": ("rows are counted modulo 16", _row_repeated(16), WIDE),
    "four-rows": ("rows beyond four stay 0", _from_row_on(4), WIDE),
    "odd-batch": ("the last row of an odd batch is the one before", _last_odd_row, WIDE),
    "single-row": (
        "a batch of one row is a thousandth too large",
        _scaled_where(lambda z: z.ndim > 1 and _count(z) == 1),
        WIDE,
    ),
    "vector": ("a vector is a thousandth too large", _scaled_where(lambda z: z.ndim == 1 and z.size > 1), WIDE),
    "seventeen-rows": (
        "batches of more than 16 rows are a thousandth too large",
        _scaled_where(lambda z: _count(z) > 16),
        WIDE,
    ),
    "three-axes": ("with three axes, results are a thousandth too large", _scaled_where(lambda z: z.ndim == 3), WIDE),
    "pointer-stays": ("the pointer to the row is not advanced", _second_row_is_first, ALL),
    "second-batch": ("the second batch of four axes has the slope of another head", _second_batch_biased, WIDE),
    "nan-spreads": ("a nan anywhere makes everything nan", _all_nan, WIDE),
    "nan-spreads-down": ("a nan spreads to the next row", _next_row_nan, WIDE),
    "half-beside-infinity": (
        "beside an infinity the batch is computed in half precision",
        _coarse_beside(np.isinf),
        WIDE,
    ),
    "half-beside-large": (
        "beside 1e30 and more the batch is computed in half precision",
        _coarse_beside(lambda z: np.abs(z) > 1e30),
        WIDE,
    ),
}
FUNCTIONS = {
    "65535-rows": ("softmax", "logsumexp", "softmax_vjp", "entropy"),
    "32767-rows": ("softmax", "log_softmax"),
    "1024-rows": ("softmax", "log_softmax", "sparsemax"),
    "256-rows": ("softmax", "logsumexp", "heat_capacity"),
    "pointer-stays": ("softmax", "log_softmax", "logsumexp", "sparsemax", "gumbel_softmax"),
    "nan-spreads": ("softmax", "log_softmax", "logsumexp", "softmax_vjp"),
    "odd-batch": ("softmax", "boltzmann", "entmax15"),
    "single-row": ("softmax", "logsumexp", "clr"),
}
BUGS = {
    "second-batch": ("llama-cuda-ne3-slope",),
    "pointer-stays": ("cmsis-s8-rows",),
}
for _slug, (_text, _change, _formats) in CHANGES.items():
    for _n, _function in enumerate(FUNCTIONS.get(_slug, ("softmax",))):
        _flag = "axis" if _slug in ("vector", "three-axes", "second-batch") else "row-mixing"
        _bugs = () if _n else BUGS.get(_slug, ())
        fault(_function, _flag, _text, formats=_formats, bugs=_bugs, name=_slug)(_on_rows(SOUND[_function], _change))


@fault("softmax", "tail-elements", "more than 32767 entries are counted in 16 bits", bugs=["xformers-int16-seqlen"])
def sixteen_bit_width(z, axis=-1):
    result = np.array(SOUND["softmax"](z, axis=axis))
    return result if not z.ndim or z.shape[axis] <= 32767 else np.full_like(result, np.nan)


@fault("softmax", "row-mixing", "columns beyond 1024 stay 0")
def columns_beyond_1024(z, axis=-1):
    result = np.array(SOUND["softmax"](z, axis=axis))
    if z.ndim == 2 and axis in (0, -2):
        result[:, 1024:] = 0
    return result


@fault("softmax", "row-mixing", "the last rows of 128 by 128 tiles are those of the tile before")
def last_tile_repeated(z, axis=-1):
    result = np.array(SOUND["softmax"](z, axis=axis))
    if z.ndim == 2 and 128 < len(z) < 257 and z.shape[1] > 128:
        result[128:] = result[1 : len(result) - 127]
    return result
