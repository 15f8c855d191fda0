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


def approximate(relative):
    """Return softmax with an exp of a certain relative error, of either sign."""

    def wrapped(z, axis):
        d = z - z.max(axis=axis, keepdims=True)
        weight = np.exp(d) * (1 + np.where(d == 0, 0, relative * np.cos(d))).astype(z.dtype)
        return weight / weight.sum(axis=axis, keepdims=True)

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


def mask_by_product(z, axis):
    finite = np.isfinite(z)
    d = np.where(finite, z, 0) - z.max(axis=axis, keepdims=True)
    weight = np.exp(d) * np.where(finite, 1, z * 0)
    return weight / weight.sum(axis=axis, keepdims=True)


WRONG = {
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
    "exp off by 1e-6": (approximate(1e-6), ("binary64",), "working-precision"),
    "exp off by 1e-10": (approximate(1e-10), ("binary64",), "working-precision"),
    "exp off by 1e-14": (approximate(1e-14), ("binary64",), "working-precision"),
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
    *("mask by product", "odd widths 513..1023", "stops at 64", "16-bit index"),
    *(f"{what} without K mod {n}" for what in ("sum", "results") for n in (4, 8, 32, 128)),
    *("nan left out", "nan to zero", "ties to the first", "one by one in its own format"),
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


def test_a_16_bit_index_fails_on_65537_logits_in_binary32():
    """A case of 65537 logits sees that the last one is left out of the sum."""
    report = check(in_float32(index_of_16_bits), formats=["binary32"])

    assert any("tail-elements" in failure.flags for failure in report.failures)
