"""Wrong softmax implementations fail, and the report names what is wrong with them.

Each is the textbook form with one fault. A fault is caught in every format named beside it, by a case that carries
the flag named beside it.
"""

import functools

import numpy as np
import pytest

from softmax_ref import check

WIDE = ("binary64", "binary32")
NARROW = ("binary16", "bfloat16")
ALL = (*WIDE, "bfloat16")


def in_float32(fn):
    """Compute narrow floats in float32 and integers in float64; round once at the end."""

    @functools.wraps(fn)
    def wrapped(z, axis=-1):
        integers = z.dtype.kind in "iub"
        work = np.float64 if integers else z.dtype if z.dtype.itemsize >= 4 else np.float32
        result = fn(z.astype(work), axis)
        return result if integers else result.astype(z.dtype)

    return wrapped


def last_axis(fn):
    """Move the axis to the end and back."""

    def wrapped(z, axis):
        table = np.moveaxis(np.atleast_1d(z), axis, -1)
        return np.moveaxis(fn(table), -1, axis).reshape(z.shape)

    return wrapped


def textbook(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


def shifted_by(shift):
    """Return softmax with something else subtracted."""

    def wrapped(z, axis):
        weight = np.exp(z - shift(z, axis))
        return weight / weight.sum(axis=axis, keepdims=True)

    return wrapped


def with_epsilon(epsilon):
    """Return softmax with a constant added to the sum."""

    def wrapped(z, axis):
        weight = np.exp(z - z.max(axis=axis, keepdims=True))
        return weight / (weight.sum(axis=axis, keepdims=True) + z.dtype.type(epsilon))

    return wrapped


def clipped(limit):
    """Return softmax of clipped logits."""
    return lambda z, axis: textbook(np.clip(z, -limit, limit), axis)


def differences_clipped(limit):
    """Return softmax with the shifted logits clipped from below."""
    return lambda z, axis: textbook(np.maximum(z - z.max(axis=axis, keepdims=True), -limit), axis)


def sentinel(number):
    """Return softmax with -inf replaced by a finite number."""
    return lambda z, axis: textbook(np.where(np.isneginf(z), z.dtype.type(number), z), axis)


def computed_in(dtype):
    """Return softmax computed in a narrower type than its arrays."""
    return lambda z, axis=-1: textbook(z.astype(dtype), axis).astype(z.dtype)


def native(z, axis=-1):
    """Compute in the format of the array, whatever that is."""
    return textbook(z, axis).astype(z.dtype)


def truncated(z, bits):
    """Drop the last bits of float32 significands."""
    return (z.astype(np.float32).view(np.uint32) >> bits << bits).view(np.float32)


def in_sixteen_bits(z, axis=-1):
    """Keep every intermediate result in the upper half of a float32, as bfloat16 does."""
    with np.errstate(invalid="ignore"):
        weight = truncated(np.exp(truncated(z - z.max(axis=axis, keepdims=True), 16)), 16)
        return truncated(weight / truncated(weight.sum(axis=axis, keepdims=True), 16), 16).astype(z.dtype)


def accumulated_in(dtype):
    """Return softmax that adds one by one in a narrow type."""

    @last_axis
    def wrapped(z):
        weight = np.exp(z - z.max(axis=-1, keepdims=True))
        return weight / np.cumsum(weight, axis=-1, dtype=dtype)[..., -1:].astype(z.dtype)

    return wrapped


def added_in_its_own_format(z, axis=-1):
    """Add one by one in the format of the array, computing the rest in float32."""
    wide = np.moveaxis(np.atleast_1d(z), axis, -1).astype(np.float32)
    weight = np.exp(wide - wide.max(axis=-1, keepdims=True))
    total = np.zeros(weight.shape[:-1], z.dtype)
    for k in range(weight.shape[-1]):
        total = (total.astype(np.float32) + weight[..., k]).astype(z.dtype)
    return np.moveaxis((weight / total.astype(np.float32)[..., None]).astype(z.dtype), -1, axis).reshape(z.shape)


def sum_without_the_tail(block):
    """Return softmax whose sum stops at the last full block, if there is one."""

    @last_axis
    def wrapped(z):
        weight = np.exp(z - z.max(axis=-1, keepdims=True))
        full = z.shape[-1] // block * block or z.shape[-1]
        return weight / weight[..., :full].sum(axis=-1, keepdims=True)

    return wrapped


def results_without_the_tail(block):
    """Return softmax that never writes what follows the last full block."""

    @last_axis
    def wrapped(z):
        result = textbook(z)
        result[..., z.shape[-1] // block * block or z.shape[-1] :] = 0
        return result

    return wrapped


def stops_at(width):
    """Return softmax that leaves out what lies beyond a width."""

    @last_axis
    def wrapped(z):
        weight = np.exp(z - z.max(axis=-1, keepdims=True))
        return weight / weight[..., :width].sum(axis=-1, keepdims=True)

    return wrapped


@last_axis
def misaligned_rows_of_odd_width(z):
    """Read every other row one entry early where the width is odd and two full blocks of 256 fit."""
    result, width = textbook(z), z.shape[-1]
    if 513 <= width <= 1023 and width % 2 and z.ndim > 1:
        result[1::2] = np.roll(result[1::2], 1, axis=-1)
    return result


def index_of_16_bits(z, axis):
    """Lose the entry that a 16-bit index does not reach."""
    return stops_at(65536)(z, axis)


def nan_from_max_only(z, axis):
    weight = np.exp(z - np.nanmax(np.where(np.isneginf(z), np.finfo(z.dtype).min, z), axis=axis, keepdims=True))
    return weight / np.nansum(weight, axis=axis, keepdims=True)


def nan_to_zero(z, axis):
    return np.where(np.isnan(z).any(axis=axis, keepdims=True), 0, textbook(z, axis))


def nan_spreads(z, axis):
    return textbook(z, axis) * (1 if not np.isnan(z).any() else np.nan)


def approximate(relative):
    """Return softmax with an exp of a certain relative error, of either sign."""

    def wrapped(z, axis):
        d = z - z.max(axis=axis, keepdims=True)
        weight = np.exp(d) * (1 + np.where(d == 0, 0, relative * np.cos(d))).astype(z.dtype)
        return weight / weight.sum(axis=axis, keepdims=True)

    return wrapped


def flushed_below(smallest, *, one_row=False):
    """Return softmax with small results set to 0."""

    def wrapped(z, axis):
        p = textbook(z, axis)
        least = np.finfo(z.dtype).tiny if smallest is None else smallest
        low = p < least
        if one_row:
            low &= p.shape[axis] < 5
        return np.where(low, 0, p).astype(z.dtype)

    return wrapped


def argmax_at_ties(z, axis):
    p = np.moveaxis(textbook(z, axis), axis, -1)
    top = np.moveaxis(z, axis, -1) == z.max(axis=axis)[..., None]
    first = top & (np.cumsum(top, axis=-1) == 1)
    mass = np.where(top, p, 0).sum(axis=-1, keepdims=True)
    return np.moveaxis(np.where(top, np.where(first, mass, 0), p), -1, axis)


def one_hot(z, axis):
    return (z == z.max(axis=axis, keepdims=True)).astype(z.dtype)


def uniform(z, axis):
    return np.full(z.shape, 1 / z.shape[axis] if z.ndim else 1, z.dtype)


def first_rows_maximum(z, axis):
    d = z - (np.take(z.max(axis=axis, keepdims=True), [0], axis=0) if z.ndim > 1 else z.max(axis=axis, keepdims=True))
    return np.exp(d) / np.exp(d).sum(axis=axis, keepdims=True)


def batch_sum(z, axis):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum()


@last_axis
def running_maximum_over_rows(z):
    top = np.maximum.accumulate(z.max(axis=-1, keepdims=True), axis=0) if z.ndim > 1 else z.max(axis=-1, keepdims=True)
    weight = np.exp(z - top)
    return weight / weight.sum(axis=-1, keepdims=True)


def mask_by_product(z, axis):
    finite = np.isfinite(z)
    d = np.where(finite, z, 0) - z.max(axis=axis, keepdims=True)
    weight = np.exp(d) * np.where(finite, 1, z * 0)
    return weight / weight.sum(axis=axis, keepdims=True)


WRONG = {
    "no shift": (shifted_by(lambda z, axis: 0), ALL, "exp-overflow exp-underflow"),
    "shift by the mean": (shifted_by(lambda z, axis: z.mean(axis=axis, keepdims=True)), ALL, "wrong-shift mask"),
    "shift by the median": (
        shifted_by(lambda z, axis: np.median(z, axis=axis, keepdims=True)),
        ALL,
        "wrong-shift mask",
    ),
    "shift by the first logit": (
        shifted_by(lambda z, axis: np.take(z, [0], axis) if z.ndim else z),
        ALL,
        "wrong-shift mask",
    ),
    "shift by the minimum": (shifted_by(lambda z, axis: z.min(axis=axis, keepdims=True)), ALL, "wrong-shift mask"),
    "shift by the whole array's maximum": (shifted_by(lambda z, axis: z.max()), ALL, "global-shift row-mixing"),
    "shift by the first row's maximum": (first_rows_maximum, ALL, "global-shift row-mixing"),
    "shift by 50": (shifted_by(lambda z, axis: z.dtype.type(50)), ALL, "wrong-shift exp-underflow exp-overflow"),
    "shift by the largest size": (
        shifted_by(lambda z, axis: abs(z).max(axis=axis, keepdims=True)),
        ALL,
        "exp-underflow",
    ),
    "shift in the wrong direction": (shifted_by(lambda z, axis: -z.max(axis=axis, keepdims=True)), ALL, "exp-overflow"),
    "a running maximum over rows": (running_maximum_over_rows, ALL, "global-shift row-mixing"),
    "always the last axis": (lambda z, axis: textbook(z, -1), ALL, "axis"),
    "always the first axis": (lambda z, axis: textbook(z, 0) if z.ndim else z * 0 + 1, ALL, "axis row-mixing"),
    "over the whole array": (lambda z, axis: textbook(z, None), ALL, "axis row-mixing"),
    "the sum over the whole array": (batch_sum, ALL, "axis row-mixing"),
    "epsilon 1e-8 in the sum": (with_epsilon(1e-8), ("binary64",), "epsilon working-precision"),
    "epsilon 1e-12 in the sum": (with_epsilon(1e-12), ("binary64",), "epsilon working-precision"),
    "epsilon 1e-5 in the sum": (with_epsilon(1e-5), WIDE, "epsilon working-precision"),
    "clipped at 30": (clipped(30), ALL, "clipped-input"),
    "clipped at 50": (clipped(50), ALL, "clipped-input"),
    "clipped at 88": (clipped(88), ALL, "clipped-input"),
    "clipped at 500": (clipped(500), ALL, "clipped-input"),
    "differences clipped at 20": (differences_clipped(20), WIDE, "relative-accuracy"),
    "differences clipped at 80": (differences_clipped(80), WIDE, "relative-accuracy subnormal-result"),
    "mask by product": (mask_by_product, ALL, "mask"),
    "float32 inside": (computed_in(np.float32), ("binary64",), "working-precision"),
    "float16 inside": (computed_in(np.float16), WIDE, "working-precision"),
    "16 bits inside": (in_sixteen_bits, WIDE, "working-precision"),
    "float16 sum": (accumulated_in(np.float16), WIDE, "low-precision-sum"),
    "float32 sum": (accumulated_in(np.float32), ("binary64",), "low-precision-sum"),
    **{f"sum without K mod {n}": (sum_without_the_tail(n), ALL, "tail-elements") for n in (4, 8, 32, 128)},
    **{f"results without K mod {n}": (results_without_the_tail(n), ALL, "tail-elements") for n in (4, 8, 32, 128)},
    "stops at 64": (stops_at(64), ALL, "tail-elements"),
    "stops at 1024": (stops_at(1024), ALL, "tail-elements"),
    "16-bit index": (index_of_16_bits, ("binary64",), "tail-elements"),
    "odd widths 513..1023": (misaligned_rows_of_odd_width, ALL, "tail-elements"),
    "nan left out": (nan_from_max_only, ALL, "nan-swallowed"),
    "nan to zero": (nan_to_zero, ALL, "nan-swallowed"),
    "nan spreads over rows": (nan_spreads, ALL, "nan-swallowed row-mixing"),
    "exp off by 1e-6": (approximate(1e-6), ("binary64",), "working-precision"),
    "exp off by 1e-10": (approximate(1e-10), ("binary64",), "working-precision"),
    "exp off by 1e-14": (approximate(1e-14), ("binary64",), "working-precision"),
    "flushed below 1e-7": (flushed_below(1e-7), (*WIDE, "bfloat16"), "relative-accuracy"),
    "flushed below 2^-20": (flushed_below(2.0**-20), WIDE, "relative-accuracy"),
    "flushed below the normal range in short rows": (flushed_below(None, one_row=True), WIDE, "subnormal-result"),
    "ties to the first": (argmax_at_ties, ALL, "ties"),
    "one-hot": (one_hot, ALL, "ties"),
    "uniform": (uniform, ALL, "relative-accuracy"),
    "zeros": (lambda z, axis: np.zeros_like(z), ALL, "single-class ties"),
    "nan": (lambda z, axis: np.full_like(z, np.nan), ALL, "single-class ties"),
}

IN_THEIR_OWN_FORMAT = {
    "one by one in its own format": (added_in_its_own_format, ("binary16",), "low-precision-sum"),
    "native arithmetic": (native, NARROW, "low-precision-sum relative-accuracy"),
}

FAULTS = {name: (in_float32(fn), *rest) for name, (fn, *rest) in WRONG.items()} | IN_THEIR_OWN_FORMAT
PAIRS = [
    pytest.param(fn, fmt, set(flags.split()), id=f"{name}, {fmt}")
    for name, (fn, formats, flags) in FAULTS.items()
    for fmt in formats
]

SPECIFIC = [
    *("no shift", "shift by the whole array's maximum", "a running maximum over rows", "shift in the wrong direction"),
    *("always the last axis", "mask by product", "odd widths 513..1023", "stops at 64", "16-bit index"),
    *(f"{what} without K mod {n}" for what in ("sum", "results") for n in (4, 8, 32, 128)),
    *("nan left out", "nan to zero", "nan spreads over rows", "flushed below 1e-7", "flushed below 2^-20"),
    *("flushed below the normal range in short rows", "ties to the first", "one by one in its own format"),
]
"""Faults that most cases do not see: the first flags of the report name them."""


@pytest.mark.parametrize(("fn", "fmt", "flags"), PAIRS)
def test_a_fault_fails_a_case_that_carries_its_flag(fn, fmt, flags):
    """The fault is caught in the format, and a flag of one failed case names it."""
    report = check(fn, formats=[fmt])

    assert not report.conforms
    assert flags & {flag for failure in report.failures for flag in failure.flags}


@pytest.mark.parametrize("name", SPECIFIC)
def test_the_first_flags_name_a_specific_fault(name):
    """Of a fault that most cases do not see, a fitting flag is among the three most telling."""
    fn, formats, flags = FAULTS[name]

    report = check(fn, formats=[formats[0]])

    assert set(flags.split()) & {flag for flag, _, _ in report.flag_counts()[:3]}


@pytest.mark.parametrize("fmt", (*WIDE, *NARROW))
def test_the_form_with_no_fault_passes(fmt):
    """What the faults are made from conforms: they fail for their fault."""
    assert check(in_float32(textbook), formats=[fmt]).conforms


@pytest.mark.parametrize("fmt", ["binary64", "binary32"])
@pytest.mark.parametrize("number", [-1e4, -1e9, -3e38])
def test_a_finite_number_for_a_masked_logit_fails(number, fmt):
    """A number in place of -inf takes mass from real logits that lie below it."""
    assert not check(in_float32(sentinel(number)), formats=[fmt]).conforms


def test_a_16_bit_index_fails_on_65537_logits_in_binary32():
    """A case of 65537 logits sees that the last one is left out of the sum."""
    report = check(in_float32(index_of_16_bits), formats=["binary32"])

    assert any("tail-elements" in failure.flags for failure in report.failures)
