"""softmax in other styles."""

import math

import numpy as np

from softmax_ref.faults.catalogue import WIDE, control
from softmax_ref.faults.parts import in_float32, last_axis, textbook
from softmax_ref.faults.right.styles import SUMS, by_rows, in_a_wider_type, weights

LOG2_E = np.longdouble("1.44269504088896340735992468100189214")


def _over(weight, axis):
    return weight / weight.sum(axis=axis, keepdims=True)


def _summed_by(add):
    def row(z):
        weight = np.exp(z - z.max())
        return weight / add(weight)

    return by_rows(row)


for _name, _add in SUMS.items():
    control("softmax", f"rows added up: {_add.__doc__.rstrip('.').lower()}", name=f"sum-{_name}")(_summed_by(_add))

control("softmax", "exp(d) / sum, as in textbooks")(in_float32(textbook))
control("softmax", "in float64, or long double for float64", name="wider")(in_a_wider_type(textbook))


@control("softmax", "exp(d - log s)")
@in_float32
def log_domain(z, axis=-1):
    """Subtract the logarithm of the sum before the second exp."""
    d, weight = weights(z, axis)
    return np.exp(d - np.log(weight.sum(axis=axis, keepdims=True)))


@control("softmax", "exp(d) times the reciprocal of the sum")
@in_float32
def reciprocal(z, axis=-1):
    """Divide once a slice."""
    _, weight = weights(z, axis)
    return weight * (1 / weight.sum(axis=axis, keepdims=True))


@control("softmax", "exp2 of scaled differences", formats=WIDE)
@in_float32
def base_two(z, axis=-1):
    """Scale after the shift, in the format of the row."""
    d = z - z.max(axis=axis, keepdims=True)
    return _over(np.exp2(d * LOG2_E.astype(z.dtype)), axis)


control("softmax", "exp2 of differences scaled in a wider type", name="base-two-wider")(
    in_a_wider_type(
        lambda z, axis=-1: _over(np.exp2((z - z.max(axis=axis, keepdims=True)) * LOG2_E.astype(z.dtype)), axis)
    )
)


@control("softmax", "exp2 with log2(e) split in a high and a low part")
@in_float32
def base_two_split(z, axis=-1):
    """Keep the rounding of log2(e) out of the differences."""
    d = z - z.max(axis=axis, keepdims=True)
    high = LOG2_E.astype(np.float32 if z.dtype == np.float64 else np.float16).astype(z.dtype)
    low = (LOG2_E - np.longdouble(high)).astype(z.dtype)
    whole = np.where(np.isfinite(d), np.rint(d * LOG2_E.astype(z.dtype)), 0)
    part = np.where(np.isfinite(d), (d * high - whole) + d * low, d)
    return _over(np.exp2(np.clip(whole, -9999, 0)) * np.exp2(np.where(whole < -9999, -np.inf, part)), axis)


@control("softmax", "results in Fortran order")
@in_float32
def fortran_order(z, axis=-1):
    """Answer in another layout."""
    return np.asfortranarray(textbook(z, axis)).reshape(z.shape, order="F")


@control("softmax", "a view of moved axes")
@in_float32
def moved_axes(z, axis=-1):
    """Answer with a view."""
    return np.moveaxis(textbook(np.moveaxis(np.atleast_1d(z), axis, 0).copy(), 0), 0, axis).reshape(z.shape)


@control("softmax", "in place on a copy")
@in_float32
def in_place(z, axis=-1):
    """Overwrite a copy three times."""
    y = np.array(z)
    y -= y.max(axis=axis, keepdims=True)
    np.exp(y, out=y)
    y /= y.sum(axis=axis, keepdims=True)
    return y


@control("softmax", "sums by einsum")
@in_float32
@last_axis
def einsum(z):
    """Let einsum add and divide."""
    _, weight = weights(z)
    return np.einsum("...i,...->...i", weight, 1 / np.einsum("...i->...", weight))


@control("softmax", "only finite entries are exponentiated, in place of zeros")
@in_float32
def masked_writes(z, axis=-1):
    """Leave the zeros of masked entries alone."""
    d = z - z.max(axis=axis, keepdims=True)
    weight = np.zeros_like(d)
    np.exp(d, out=weight, where=~np.isneginf(d))
    return _over(weight, axis)


@control("softmax", "an infinite maximum is replaced before the subtraction")
@in_float32
def guarded(z, axis=-1):
    """Divide 0 by 0 only on purpose."""
    top = z.max(axis=axis, keepdims=True)
    weight = np.exp(z - np.where(np.isneginf(top), 0, top))
    return np.where(np.isneginf(top), np.nan, _over(weight, axis)).astype(z.dtype)


@control("softmax", "the maximum, clipped to the finite numbers")
@in_float32
def finite_maximum(z, axis=-1):
    """Keep the maximum in range."""
    top = np.clip(z.max(axis=axis, keepdims=True), np.finfo(z.dtype).min, np.finfo(z.dtype).max)
    return _over(np.exp(z - top), axis)


@control("softmax", "zero for a slice of only -inf")
def zero_if_all_masked(z, axis=-1):
    """Give no entry a share."""
    result = in_float32(textbook)(z, axis=axis)
    return np.where(np.isneginf(z).all(axis=axis, keepdims=True), result.dtype.type(0), result)


@control("softmax", "the uniform distribution for a slice of only -inf")
def uniform_if_all_masked(z, axis=-1):
    """Give every entry the same share."""
    result = in_float32(textbook)(z, axis=axis)
    share = np.asarray(1 / z.shape[axis] if z.ndim else 1).astype(result.dtype)
    return np.where(np.isneginf(z).all(axis=axis, keepdims=True), share, result)


@control("softmax", "the limit at +inf")
def limit_at_infinity(z, axis=-1):
    """Share the mass among infinite logits."""
    result, top = in_float32(textbook)(z, axis=axis), np.isposinf(z) & ~np.isnan(z).any(axis=axis, keepdims=True)
    count = np.maximum(top.sum(axis=axis, keepdims=True), 1)
    return np.where(top.any(axis=axis, keepdims=True), (top / count).astype(result.dtype), result)


@control("softmax", "Python floats, row by row", formats=("binary32", "binary16", "bfloat16"))
@by_rows
def python_floats(row):
    """Work in float64, by the math module."""
    values = [float(x) for x in row]
    top = max(values) if not any(map(math.isnan, values)) else math.nan
    if not math.isfinite(top):
        return [math.nan] * len(values)
    weight = [math.exp(x - top) for x in values]
    total = math.fsum(weight)
    return [w / total for w in weight]


@control("softmax", "32 rows at a time")
@in_float32
@last_axis
def chunked_rows(z):
    """Cut the batch."""
    rows = z.reshape(-1, z.shape[-1])
    parts = [textbook(rows[k : k + 32]) for k in range(0, len(rows), 32)]
    return np.concatenate(parts).reshape(z.shape) if parts else z.copy()


@control("softmax", "each slice is sorted, and put back in place")
@in_float32
@last_axis
def sorted_slices(z):
    """Work on ascending logits."""
    order = np.argsort(z, axis=-1)
    p = textbook(np.take_along_axis(z, order, -1))
    result = np.empty_like(p)
    np.put_along_axis(result, order, p, -1)
    return result
