"""log_softmax and logsumexp in other styles."""

import math

import numpy as np

from softmax_ref.faults.catalogue import control
from softmax_ref.faults.parts import in_float32, log_textbook, lse_textbook
from softmax_ref.faults.right.styles import SUMS, by_rows, in_a_wider_type, weights

control("log_softmax", "d - log sum exp(d), as in textbooks")(in_float32(log_textbook))
control("log_softmax", "in float64, or long double for float64", name="wider")(in_a_wider_type(log_textbook))
control("logsumexp", "max + log sum exp(z - max), as in textbooks")(in_float32(lse_textbook))
control("logsumexp", "in float64, or long double for float64", name="wider")(in_a_wider_type(lse_textbook))


def _log_summed_by(add):
    def row(z):
        d, weight = weights(z)
        return d - np.log(add(weight))

    return by_rows(row)


def _lse_summed_by(add):
    def row(z):
        top = z.max()
        return top + np.log(add(np.exp(z - top))) if np.isfinite(top) else top

    return by_rows(row, reduces=True)


for _name in ("backwards", "pairwise", "compensated", "exact"):
    _text = f"rows added up: {SUMS[_name].__doc__.rstrip('.').lower()}"
    control("log_softmax", _text, name=f"sum-{_name}")(_log_summed_by(SUMS[_name]))
    control("logsumexp", _text, name=f"sum-{_name}")(_lse_summed_by(SUMS[_name]))


def _log1p(z, axis=-1):
    table = np.moveaxis(np.atleast_1d(z), axis, -1)
    d = table - table.max(axis=-1, keepdims=True)
    rest = np.exp(d)
    top = d.argmax(axis=-1)[..., None]
    np.put_along_axis(rest, top, np.take_along_axis(rest, top, -1) - 1, axis=-1)
    return np.moveaxis(d - np.log1p(rest.sum(axis=-1, keepdims=True)), -1, axis).reshape(z.shape)


control("log_softmax", "log1p of the sum without one maximum", name="log1p")(in_float32(_log1p))
control("log_softmax", "log1p, in a wider type", name="log1p-wider")(in_a_wider_type(_log1p))
control("log_softmax", "log1p, within the bound of the best algorithm", level="tight", name="log1p-tight")(
    in_float32(_log1p)
)


def _lse_log1p(z, axis=-1):
    z = np.moveaxis(np.atleast_1d(z), axis, -1) if z.ndim else z[None]
    top, where = z.max(axis=-1), z.argmax(axis=-1)[..., None]
    weight = np.exp(z - np.where(np.isinf(top), 0, top)[..., None])
    np.put_along_axis(weight, where, 0, axis=-1)
    y = np.where(np.isinf(top), top, top + np.log1p(weight.sum(axis=-1)))
    return y


control("logsumexp", "log1p of the sum without one maximum", name="log1p")(in_float32(_lse_log1p))
control("logsumexp", "log1p, in a wider type", name="log1p-wider")(in_a_wider_type(_lse_log1p))
control("logsumexp", "log1p, within the bound of the best algorithm", level="tight", name="log1p-tight")(
    in_float32(_lse_log1p)
)

control("logsumexp", "a fold of logaddexp", name="logaddexp-reduce")(
    by_rows(lambda z: np.logaddexp.reduce(z), reduces=True)
)


@control("log_softmax", "d - log of the sum, in place on a copy")
@in_float32
def in_place(z, axis=-1):
    """Overwrite a copy twice."""
    y = np.array(z)
    y -= y.max(axis=axis, keepdims=True)
    y -= np.log(np.exp(y).sum(axis=axis, keepdims=True))
    return y


@control("log_softmax", "base two, converted at the end")
@in_a_wider_type
def base_two(z, axis=-1):
    """Use exp2 and log2."""
    d = (z - z.max(axis=axis, keepdims=True)) / np.log(z.dtype.type(2))
    return (d - np.log2(np.exp2(d).sum(axis=axis, keepdims=True))) * np.log(z.dtype.type(2))


@control("log_softmax", "Python floats, row by row", formats=("binary32", "binary16", "bfloat16"))
@by_rows
def python_floats(row):
    """Work in float64, by the math module."""
    values = [float(x) for x in row]
    top = max(values) if not any(map(math.isnan, values)) else math.nan
    if not math.isfinite(top):
        return [math.nan] * len(values)
    log_sum = math.log(math.fsum(math.exp(x - top) for x in values))
    return [x - top - log_sum for x in values]


def _lse_online(row):
    top, total = row.dtype.type(-np.inf), row.dtype.type(0)
    for value in row:
        new = np.maximum(top, value)
        if np.isfinite(new):
            total = total * np.exp(top - new) + np.exp(value - new)
        top = new
    return top + np.log(total) if np.isfinite(top) else top


control("logsumexp", "a running maximum and a rescaled sum", formats=("binary32",), name="online")(
    by_rows(_lse_online, reduces=True)
)


@control("logsumexp", "minus the log_softmax of the maximum, and the maximum")
@in_float32
def from_log_softmax(z, axis=-1):
    """Read the logsumexp off the largest log-probability."""
    top = z.max(axis=axis)
    y = log_textbook(np.where(np.isinf(z) & ~np.isneginf(z), 0, z), axis)
    return np.where(np.isfinite(top), top - y.max(axis=axis), top)
