"""The arg max, sparsemax, entmax: right implementations in other styles pass, wrong ones fail and are named."""

import functools

import numpy as np
import pytest

from softmax_ref import check, functions

WIDE = ("binary64", "binary32")
ALL = (*WIDE, "binary16", "bfloat16")


def in_float32(fn):
    """Compute narrow floats in float32 and integers in float64; round once at the end."""

    @functools.wraps(fn)
    def wrapped(*arrays, **keywords):
        dtype = np.asarray(arrays[0]).dtype
        integers = dtype.kind in "iub"
        work = np.float64 if integers else dtype if dtype.itemsize >= 4 else np.float32
        result = np.asarray(fn(*(np.asarray(x).astype(work) for x in arrays), **keywords))
        return result if integers else result.astype(dtype)

    return wrapped


def by_rows(fn):
    """Lift a function of rows (R, K), gradients included, to any axis."""

    @in_float32
    def wrapped(*arrays, axis=-1, **parameters):
        moved = [np.moveaxis(np.atleast_1d(x), axis, -1) for x in arrays]
        tables = [x.reshape(-1, x.shape[-1]) for x in moved]
        y = np.asarray(fn(*tables, **parameters), arrays[0].dtype)
        return np.moveaxis(y.reshape(moved[0].shape), -1, axis).reshape(np.shape(arrays[0]))

    return wrapped


def one_by_one(fn):
    """Lift a function of one row to a table."""
    return by_rows(lambda *tables, **parameters: [fn(*row, **parameters) for row in zip(*tables, strict=True)])


# Styles of sparsemax: rows to shares.


def shifted(z):
    return z - z.max(axis=-1, keepdims=True)


def counted(kept):
    return np.maximum(np.count_nonzero(kept, axis=-1, keepdims=True), 1)


def sorted_sparsemax(z):
    d = shifted(z)
    r = -np.sort(-d, axis=-1)
    n, sums = np.arange(1, d.shape[-1] + 1, dtype=d.dtype), np.cumsum(r, axis=-1)
    size = counted(1 + n * r > sums)
    tau = (np.take_along_axis(sums, size - 1, -1) - 1) / size.astype(d.dtype)
    return np.maximum(d - tau, 0)


def shrinking_sparsemax(z):
    """Drop what lies below the threshold of the rest, until nothing does (Michelot)."""
    d = z - z.max()
    if not np.isfinite(d.max()):
        return np.full_like(z, np.nan)
    kept = np.isfinite(d)
    while True:
        tau = (d[kept].sum() - 1) / d.dtype.type(kept.sum())
        if (d[kept] > tau).all():
            return np.maximum(d - tau, 0)
        kept &= d > tau


def bisected(power):
    """Move the threshold until the shares add up to 1."""

    def wrapped(z):
        d = shifted(z) / z.dtype.type(power)
        low, high = np.full_like(d[:, :1], -1), np.zeros_like(d[:, :1])
        for _ in range(70):
            middle = (low + high) / 2
            enough = (np.maximum(d - middle, 0) ** power).sum(axis=-1, keepdims=True) >= 1
            low, high = np.where(enough, middle, low), np.where(enough, high, middle)
        return np.where(np.isnan(d.max(axis=-1, keepdims=True)), np.nan, np.maximum(d - low, 0) ** power)

    return wrapped


def sorted_entmax15(z):
    x = shifted(z) / 2
    r = -np.sort(-x, axis=-1)
    n = np.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    mean, squares = np.cumsum(r, axis=-1) / n, np.cumsum(r * r, axis=-1) / n
    taus = mean - np.sqrt(np.maximum((1 - n * (squares - mean * mean)) / n, 0))
    tau = np.take_along_axis(taus, counted(taus <= r) - 1, -1)
    return np.maximum(x - tau, 0) ** 2


def softmax(z):
    e = np.exp(shifted(z))
    return e / e.sum(axis=-1, keepdims=True)


def argmax_by_comparison(z):
    d = shifted(z)
    top = d == 0
    return top / top.sum(axis=-1, keepdims=True, dtype=z.dtype)


def argmax_by_sorting(z):
    """Count the entries equal to the last of the sorted row."""
    if np.isnan(z).any() or np.isinf(z.max()):
        return np.full_like(z, np.nan)
    last = np.sort(z)[-1]
    return np.where(z == last, z.dtype.type(1) / z.dtype.type((z == last).sum()), z.dtype.type(0))


# Gradients, from shares: weights, then g less its weighted mean.


def weights_of(p, order):
    return np.where(p > 0, p ** p.dtype.type(2 - order), p * 0)


def gradient(shares, order):
    def wrapped(z, g):
        s = weights_of(shares(z), order)
        return s * (g - (s * g).sum(axis=-1, keepdims=True) / s.sum(axis=-1, keepdims=True))

    return wrapped


def gradient_as_difference(shares, order):
    def wrapped(z, g):
        s = weights_of(shares(z), order)
        return s * g - s * ((s * g).sum(axis=-1, keepdims=True) / s.sum(axis=-1, keepdims=True))

    return wrapped


def gradient_by_matrix(shares, order):
    def wrapped(z, g):
        s = weights_of(shares(z), order)
        k = np.arange(s.shape[-1])
        matrix = -s[:, :, None] * (s / s.sum(axis=-1, keepdims=True))[:, None, :]
        matrix[:, k, k] += s
        return (matrix * g[:, None, :]).sum(axis=-1)

    return wrapped


def at_alpha(one, middle, two):
    """Return the function that chooses by alpha."""
    return lambda *tables, alpha=1.5: {1.0: one, 1.5: middle, 2.0: two}[float(alpha)](*tables)


RIGHT = {
    "argmax_one_hot": {
        "comparison": by_rows(argmax_by_comparison),
        "sorting": one_by_one(argmax_by_sorting),
    },
    "sparsemax": {
        "sort": by_rows(sorted_sparsemax),
        "shrinking support": one_by_one(shrinking_sparsemax),
        "bisection": by_rows(bisected(1)),
    },
    "entmax15": {"sort": by_rows(sorted_entmax15), "bisection": by_rows(bisected(2))},
    "sparsemax_vjp": {
        "centred": by_rows(gradient(sorted_sparsemax, 2)),
        "difference": by_rows(gradient_as_difference(bisected(1), 2)),
        "matrix": by_rows(gradient_by_matrix(sorted_sparsemax, 2)),
    },
    "entmax15_vjp": {
        "centred": by_rows(gradient(sorted_entmax15, 1.5)),
        "difference": by_rows(gradient_as_difference(bisected(2), 1.5)),
        "matrix": by_rows(gradient_by_matrix(sorted_entmax15, 1.5)),
    },
    "entmax": {"sort": by_rows(at_alpha(softmax, sorted_entmax15, sorted_sparsemax))},
    "entmax_vjp": {
        "centred": by_rows(
            at_alpha(gradient(softmax, 1), gradient(sorted_entmax15, 1.5), gradient(sorted_sparsemax, 2))
        ),
    },
}


@pytest.mark.parametrize(("function", "style"), [(f, style) for f, styles in RIGHT.items() for style in styles])
def test_right_implementations_pass(function, style):
    """Every format, integers and the array contract, at level standard."""
    report = check(RIGHT[function][style], function=function)

    assert report.conforms, str(report)
    assert len(report.judged) == 4


@pytest.mark.parametrize("function", RIGHT)
def test_the_reference_reaches_tight(function):
    """In all formats, integers included."""
    report = check(getattr(functions, function), function=function, require="tight")

    assert report.conforms, str(report)


# Wrong ones.


def no_shift(z):
    """Sort and add up the logits themselves."""
    r = -np.sort(-z, axis=-1)
    n, sums = np.arange(1, z.shape[-1] + 1, dtype=z.dtype), np.cumsum(r, axis=-1)
    size = counted(1 + n * r > sums)
    tau = (np.take_along_axis(sums, size - 1, -1) - 1) / size.astype(z.dtype)
    return np.maximum(z - tau, 0)


def not_sorted(z):
    d = shifted(z)
    n, sums = np.arange(1, d.shape[-1] + 1, dtype=d.dtype), np.cumsum(d, axis=-1)
    size = counted(1 + n * d > sums)
    return np.maximum(d - (np.take_along_axis(sums, size - 1, -1) - 1) / size, 0)


def support_off_by(step):
    def wrapped(z):
        d = shifted(z)
        r = -np.sort(-d, axis=-1)
        n, sums = np.arange(1, d.shape[-1] + 1, dtype=d.dtype), np.cumsum(r, axis=-1)
        size = np.clip(counted(1 + n * r > sums) + step, 1, d.shape[-1])
        return np.maximum(d - (np.take_along_axis(sums, size - 1, -1) - 1) / size, 0)

    return wrapped


def sums_of_sums(z):
    """Add up the cumulative sums over the support, as keras did."""
    d = shifted(z)
    r = -np.sort(-d, axis=-1)
    n, sums = np.arange(1, d.shape[-1] + 1, dtype=d.dtype), np.cumsum(r, axis=-1)
    inside = 1 + n * r > sums
    tau = (np.where(inside, sums, 0).sum(axis=-1, keepdims=True) - 1) / counted(inside)
    return np.maximum(d - tau, 0)


def ties_dropped(z):
    """Keep one of several equal logits."""
    out = np.zeros_like(z)
    for row, result in zip(z, out, strict=True):
        values, first = np.unique(row, return_index=True)
        if np.isfinite(values[-1]):
            result[first] = sorted_sparsemax(values[None])[0]
        else:
            result[:] = np.nan
    return out


def not_clipped(z):
    d, p = shifted(z), sorted_sparsemax(z)
    tau = (d - p).max(axis=-1, keepdims=True)
    return np.where(np.isneginf(d), 0, d - tau)


def shift_of_everything(fn):
    def wrapped(z):
        return fn(z - z.max()) if z.size else z

    return wrapped


def first_of_ties(z):
    top = np.zeros_like(z)
    np.put_along_axis(top, z.argmax(axis=-1, keepdims=True), 1, -1)
    return np.where(np.isnan(shifted(z).max(axis=-1, keepdims=True)), np.nan, top)


def nearly_equal(z):
    d = shifted(z)
    top = d >= -1e-6 * np.abs(z.max(axis=-1, keepdims=True))
    return top / top.sum(axis=-1, keepdims=True, dtype=z.dtype)


def not_shared(z):
    d = shifted(z)
    return np.where(np.isnan(d.max(axis=-1, keepdims=True)), np.nan, d == 0)


def cold_softmax(z):
    return softmax(1000 * z)


def without_the_mask(shares, order):
    """The mean over the support, but taken off everywhere."""

    def wrapped(z, g):
        s = weights_of(shares(z), order)
        return g - (s * g).sum(axis=-1, keepdims=True) / s.sum(axis=-1, keepdims=True)

    return wrapped


def mean_of_all(shares, order):
    def wrapped(z, g):
        s = weights_of(shares(z), order)
        return s * (g - g.mean(axis=-1, keepdims=True))

    return wrapped


def times(factor, fn):
    return lambda *tables: factor * fn(*tables)


def not_centred(shares, order):
    return lambda z, g: weights_of(shares(z), order) * g


def transposed(fn):
    return lambda z, g: fn(z, g[::-1])


def not_halved(z):
    return bisected(2)(2 * z)


def not_squared(z):
    p = np.sqrt(sorted_entmax15(z))
    return p / p.sum(axis=-1, keepdims=True)


def no_shift_entmax15(z):
    x = z / 2
    r = -np.sort(-x, axis=-1)
    n = np.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    mean, squares = np.cumsum(r, axis=-1) / n, np.cumsum(r * r, axis=-1) / n
    taus = mean - np.sqrt(np.maximum((1 - n * (squares - mean * mean)) / n, 0))
    return np.maximum(x - np.take_along_axis(taus, counted(taus <= r) - 1, -1), 0) ** 2


FIXED = {"softmax": softmax, "entmax15": sorted_entmax15, "sparsemax": sorted_sparsemax}

WRONG = {
    "argmax_one_hot": {
        "the first of ties": (first_of_ties, ALL, "ties"),
        "ties not shared": (not_shared, ALL, "ties"),
        "equal within 1e-6": (nearly_equal, ("binary64",), "near-ties"),
        "softmax at beta = 1000": (cold_softmax, ALL, "near-ties infinite-difference"),
    },
    "sparsemax": {
        "no shift": (no_shift, (*WIDE, "bfloat16"), "no-shift"),
        "not sorted": (not_sorted, ALL, "wrong-support"),
        "one class too many": (support_off_by(1), ALL, "wrong-support"),
        "one class too few": (support_off_by(-1), ALL, "wrong-support"),
        "sums of cumulative sums": (sums_of_sums, ALL, "wrong-support"),
        "ties dropped": (ties_dropped, ALL, "ties"),
        "not clipped": (not_clipped, ALL, "wrong-support"),
        "shift of the whole array": (shift_of_everything(no_shift), WIDE, "row-mixing"),
        "softmax": (softmax, ALL, "wrong-support"),
        "entmax15": (sorted_entmax15, ALL, "wrong-support"),
    },
    "entmax15": {
        "no shift": (no_shift_entmax15, WIDE, "no-shift"),
        "logits not halved": (not_halved, ALL, "wrong-support"),
        "roots, normalised": (not_squared, ALL, "wrong-support"),
        "softmax": (softmax, ALL, "wrong-support"),
        "sparsemax": (sorted_sparsemax, ALL, "wrong-support"),
    },
    "sparsemax_vjp": {
        "without the mask": (without_the_mask(sorted_sparsemax, 2), ALL, "gradient-support"),
        "mean over all classes": (mean_of_all(sorted_sparsemax, 2), ALL, "gradient-support"),
        "not centred": (not_centred(sorted_sparsemax, 2), ALL, "gradient-sign"),
        "sign": (times(-1, gradient(sorted_sparsemax, 2)), ALL, "gradient-sign"),
        "halved": (times(0.5, gradient(sorted_sparsemax, 2)), ALL, "gradient-scale"),
        "transposed cotangent": (transposed(gradient(sorted_sparsemax, 2)), ALL, "gradient-transposed"),
        "weights p": (gradient(sorted_sparsemax, 1), ALL, "gradient-scale"),
        "no shift": (gradient(no_shift, 2), (*WIDE, "bfloat16"), "no-shift"),
    },
    "entmax15_vjp": {
        "without the mask": (without_the_mask(sorted_entmax15, 1.5), ALL, "gradient-support"),
        "weights p": (gradient(sorted_entmax15, 1), ALL, "gradient-scale"),
        "weights 1": (gradient(sorted_entmax15, 2), ALL, "gradient-scale"),
        "sign": (times(-1, gradient(sorted_entmax15, 1.5)), ALL, "gradient-sign"),
        "not centred": (not_centred(sorted_entmax15, 1.5), ALL, "gradient-sign"),
        "no shift": (gradient(no_shift_entmax15, 1.5), WIDE, "no-shift"),
    },
    "entmax": {
        f"{name} at every alpha": ((lambda z, alpha=1.5, fn=fn: fn(z)), ALL, "wrong-order")
        for name, fn in FIXED.items()
    }
    | {
        "alpha and 3 - alpha exchanged": (
            at_alpha(sorted_sparsemax, sorted_entmax15, softmax),
            ALL,
            "wrong-order",
        ),
        "no power for alpha = 1.5": (at_alpha(softmax, not_squared, sorted_sparsemax), ALL, "wrong-order"),
    },
    "entmax_vjp": {
        "exponent 1 at every alpha": (
            at_alpha(gradient(softmax, 1), gradient(sorted_entmax15, 1), gradient(sorted_sparsemax, 1)),
            ALL,
            "wrong-order",
        ),
        "exponent alpha - 1": (
            at_alpha(gradient(softmax, 2), gradient(sorted_entmax15, 1.5), gradient(sorted_sparsemax, 1)),
            ALL,
            "wrong-order",
        ),
    },
}


@pytest.mark.parametrize(("function", "fault"), [(f, fault) for f, faults in WRONG.items() for fault in faults])
def test_wrong_implementations_fail_and_are_named(function, fault):
    """In every format beside the fault, by a case that carries one of its flags."""
    fn, formats, flags = WRONG[function][fault]

    report = check(by_rows(fn), function=function, formats=ALL)
    for fmt in formats:
        failed = [f for f in report.failures if f.case.split("/")[1] == fmt]
        assert set(flags.split()) & {flag for f in failed for flag in f.flags}, (fmt, str(report))
