"""Wrong log semirings: additions without a shift or a coldness, multiplications that are another operation."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32
from softmax_ref.faults.thermal_parts import add, logsumexp, semiring_sum

READINGS = {
    "beta-left-out": ("beta is left out", lambda b: 1),
    "temperature-for-beta": ("beta divides where it multiplies", lambda b: 1 / b),
    "absolute-beta": ("the sign of beta is lost", abs),
    "beta-cut": ("beta is cut to an integer, 1 at least", lambda b: np.trunc(b) or 1),
    "beta-up-to-2": ("beta is at most 2", lambda b: min(b, 2)),
    "beta-squared": ("beta is squared", lambda b: b * b),
}
for _slug, (_text, _read) in READINGS.items():
    fault("log_semiring_add", "coldness", _text, formats=ALL, name=_slug)(
        in_float32(lambda x, y, beta=1, read=_read: add(x, y, read(beta)))
    )
    fault("log_semiring_sum", "coldness", _text, formats=ALL, name=_slug)(
        in_float32(lambda z, axis=-1, beta=1, read=_read: semiring_sum(z, axis, read(beta)))
    )


def _enter(slug, flag, text, fn, formats=ALL):
    fault("log_semiring_add", flag, text, formats=formats, name=slug)(in_float32(fn))


def _by_gap(tail):
    """Return the larger term and a function of the gap below it."""

    def wrapped(x, y, beta=1):
        top = np.minimum(x, y) if beta < 0 else np.maximum(x, y)
        gap = np.where(x == y, 0, np.abs(x - y))
        return top + tail(np.abs(beta) * gap) / beta

    return wrapped


def _unguarded(x, y, beta=1):
    """Form inf - inf where both terms are zeros of the semiring."""
    top = np.minimum(x, y) if beta < 0 else np.maximum(x, y)
    return top + np.log1p(np.exp(-np.abs(beta * (x - y)))) / beta


def _always_the_larger(x, y, beta=1):
    gap = np.where(x == y, 0, np.abs(x - y))
    return np.maximum(x, y) + np.log1p(np.exp(-beta * gap)) / beta


_enter("not-divided", "coldness", "beta does not divide the logarithm", lambda x, y, beta=1: add(x, y, beta) * beta)
_enter(
    "no-shift",
    "exp-overflow",
    "exp is taken of the terms themselves",
    lambda x, y, beta=1: np.log(np.exp(beta * x) + np.exp(beta * y)) / beta,
)
_enter("maximum", "ties", "the larger term stands for the sum", lambda x, y, beta=1: np.maximum(x, y))
_enter("extreme", "ties", "the term that weighs most stands for the sum", _by_gap(lambda gap: 0 * gap))
_enter(
    "ties-left-out",
    "ties",
    "equal terms give themselves",
    _by_gap(lambda gap: np.where(gap == 0, 0, np.log1p(np.exp(-gap)))),
)
_enter("always-the-larger", "coldness", "the larger term comes first, whatever the sign of beta", _always_the_larger)
_enter(
    "base-two",
    "working-precision",
    "powers and logarithms of base 2",
    lambda x, y, beta=1: np.logaddexp2(beta * x, beta * y) / beta,
)
_enter("sum", "working-precision", "the plain sum", lambda x, y, beta=1: x + y)
_enter(
    "log-of-the-mean",
    "ties",
    "the logarithm of the mean of the exponentials",
    lambda x, y, beta=1: add(x, y, beta) - np.log(x.dtype.type(2)) / beta,
)
_enter(
    "exp-of-the-gap-upwards",
    "exp-overflow",
    "the smaller term comes first",
    lambda x, y, beta=1: np.where(beta * x > beta * y, y, x) + np.log1p(np.exp(np.abs(beta * (x - y)))) / beta,
)
_enter("no-guard", "all-masked", "the difference of two infinities is formed", _unguarded)
_enter(
    "tail-without-log1p", "working-precision", "e^-gap is taken for log1p(e^-gap)", _by_gap(lambda gap: np.exp(-gap))
)
_enter(
    "nothing-beyond-a-gap-of-4",
    "dropped-terms",
    "a term further than 4 below adds nothing",
    _by_gap(lambda gap: np.where(gap > 4, 0, np.log1p(np.exp(-gap)))),
)
_enter(
    "nan-left-out",
    "nan-swallowed",
    "nan is left out",
    lambda x, y, beta=1: add(np.where(np.isnan(x), y, x), np.where(np.isnan(y), x, y), beta),
)
_enter(
    "zero-is-minus-1e4",
    "all-masked",
    "+-1e4 stands for an infinite term",
    lambda x, y, beta=1: add(np.clip(x, -1e4, 1e4), np.clip(y, -1e4, 1e4), beta),
)
_enter(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda x, y, beta=1: add(x.astype(np.float32), y.astype(np.float32), np.float32(beta)),
    ("binary64",),
)


def _enter_product(slug, flag, text, fn, formats=ALL):
    fault("log_semiring_multiply", flag, text, formats=formats, name=slug)(in_float32(fn))


_enter_product("product", "working-precision", "the terms are multiplied", lambda x, y: x * y)
_enter_product("difference", "working-precision", "the terms are subtracted", lambda x, y: x - y)
_enter_product("addition", "working-precision", "the terms are added in the semiring", np.logaddexp)
_enter_product(
    "in-float16",
    "low-part",
    "the terms are kept in float16",
    lambda x, y: (x.astype(np.float16) + y.astype(np.float16)).astype(x.dtype),
    WIDE,
)
_enter_product(
    "float32-inside",
    "low-part",
    "the terms are kept in float32",
    lambda x, y: (x.astype(np.float32) + y.astype(np.float32)).astype(x.dtype),
    ("binary64",),
)
_enter_product("through-exp", "exp-overflow", "log(e^x e^y)", lambda x, y: np.log(np.exp(x) * np.exp(y)))
_enter_product(
    "nan-left-out",
    "nan-swallowed",
    "nan counts as 0",
    lambda x, y: np.where(np.isnan(x), 0, x) + np.where(np.isnan(y), 0, y),
)
_enter_product("finite-zero", "mask", "-1e4 stands for -inf", lambda x, y: np.maximum(x, -1e4) + np.maximum(y, -1e4))


def _enter_sum(slug, flag, text, fn, formats=ALL):
    fault("log_semiring_sum", flag, text, formats=formats, name=slug)(in_float32(fn))


def _shifted(shift):
    """Return log sum exp(beta z) over beta with another shift."""

    def wrapped(z, axis=-1, beta=1):
        by = shift(beta * z, axis)
        return (by + np.log(np.exp(beta * z - by).sum(axis=axis, keepdims=True))).sum(axis=axis) / beta

    return wrapped


def _top(x, axis):
    return x.max(axis=axis, keepdims=True)


def _short(x, axis):
    rows = np.moveaxis(np.atleast_1d(x), axis, -1)
    return logsumexp(rows[..., : rows.shape[-1] // 8 * 8 or rows.shape[-1]]).reshape(x.sum(axis=axis).shape)


_enter_sum(
    "not-divided",
    "coldness",
    "beta does not divide the logarithm",
    lambda z, axis=-1, beta=1: semiring_sum(z, axis, beta) * beta,
)
_enter_sum(
    "no-shift",
    "exp-overflow",
    "exp is taken of the numbers themselves",
    lambda z, axis=-1, beta=1: np.log(np.exp(beta * z).sum(axis=axis)) / beta,
)
_enter_sum(
    "shift-from-0",
    "exp-underflow",
    "the search for the maximum starts at 0",
    _shifted(lambda x, axis: np.maximum(_top(x, axis), 0)),
)
_enter_sum(
    "shift-by-the-first",
    "wrong-shift",
    "the first number is subtracted",
    _shifted(lambda x, axis: x.take([0], axis) if x.ndim else x),
)
_enter_sum(
    "shift-by-the-minimum",
    "wrong-shift",
    "the minimum is subtracted",
    _shifted(lambda x, axis: x.min(axis=axis, keepdims=True)),
)
_enter_sum(
    "shift-not-scaled",
    "coldness",
    "the maximum is subtracted from beta z without beta",
    lambda z, axis=-1, beta=1: (
        _top(z, axis) + np.log(np.exp(beta * z - _top(z, axis)).sum(axis=axis, keepdims=True)) / beta
    ).sum(axis=axis),
)
_enter_sum("maximum", "ties", "the maximum stands for the sum", lambda z, axis=-1, beta=1: z.max(axis=axis))
_enter_sum(
    "log-of-the-mean",
    "working-precision",
    "the logarithm of the mean of the exponentials",
    lambda z, axis=-1, beta=1: (
        semiring_sum(z, axis, beta) - np.log(z.dtype.type(z.shape[axis] if z.ndim else 1)) / beta
    ),
)
_enter_sum(
    "base-two",
    "working-precision",
    "the logarithm has base 2",
    lambda z, axis=-1, beta=1: semiring_sum(z, axis, beta) / np.log(2),
)
_enter_sum(
    "first-two",
    "working-precision",
    "the first two numbers are added",
    lambda z, axis=-1, beta=1: (
        semiring_sum(np.take(z, [0, 1], axis), axis, beta)
        if z.ndim and z.shape[axis] > 1
        else semiring_sum(z, axis, beta)
    ),
)
_enter_sum(
    "nan-left-out",
    "nan-swallowed",
    "nan has no weight",
    lambda z, axis=-1, beta=1: semiring_sum(np.where(np.isnan(z), -np.inf if beta > 0 else np.inf, z), axis, beta),
)
_enter_sum(
    "mask-at-one-end",
    "mask",
    "-inf is taken out, whatever the sign of beta",
    lambda z, axis=-1, beta=1: (
        semiring_sum(np.where(np.isposinf(z), np.finfo(z.dtype).max, z), axis, beta)
        if beta > 0
        else -semiring_sum(-z, axis, -beta) + np.where(np.isposinf(z), 1, 0).sum(axis=axis)
    ),
)
_enter_sum(
    "without-the-tail-of-8",
    "tail-elements",
    "numbers after the last full block of 8 are left out",
    lambda z, axis=-1, beta=1: _short(beta * z, axis) / beta,
)
_enter_sum(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda z, axis=-1, beta=1: semiring_sum(z.astype(np.float32), axis, np.float32(beta)),
    ("binary64",),
)
