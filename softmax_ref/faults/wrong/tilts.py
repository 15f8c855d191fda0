"""Wrong exponential tilting: weights that are lost or changed, and shifts outside the support."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.thermal_parts import heaviest, tilted
from softmax_ref.faults.wrong.energies import coarse

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _over(weight, axis):
    return weight / weight.sum(axis=axis, keepdims=True)


def _weighing(change):
    """Return the tilted row of other base weights."""
    return lambda p, x, axis=-1, theta=1: tilted(change(p, axis), x, axis, theta)


def _read(read):
    return lambda p, x, axis=-1, theta=1: tilted(p, x, axis, read(theta))


def _then(change):
    return lambda p, x, axis=-1, theta=1: change(tilted(p, x, axis, theta))


def _shifted(shift):
    """Return p e^(theta x - shift), normalised."""
    return lambda p, x, axis=-1, theta=1: _over(p * np.exp(theta * x - shift(theta * x, axis)), axis)


def _top(x, axis):
    return x.max(axis=axis, keepdims=True)


def _in_logs(log):
    """Return the softmax of theta x + log p, with another logarithm."""
    return lambda p, x, axis=-1, theta=1: textbook(theta * x + log(p), axis)


def _unnormalised(p, x, axis=-1, theta=1):
    return p * np.exp(theta * (x - heaviest(np.where(p > 0, x, -np.inf if theta >= 0 else np.inf), theta, axis)))


def _weights_last(p, x, axis=-1, theta=1):
    """Multiply the softmax of theta x by the weights, and do not normalise again."""
    return p * textbook(theta * x, axis)


def _without_the_tail(p, axis):
    rows = np.moveaxis(np.atleast_1d(p), axis, -1).copy()
    rows[..., rows.shape[-1] // 8 * 8 or rows.shape[-1] :] = 0
    return np.moveaxis(rows, -1, axis).reshape(p.shape)


def _first_row(p, axis):
    return np.broadcast_to(p[:1], p.shape) if p.ndim > 1 else p


def _enter(slug, flag, text, fn, formats=ALL):
    fault("exponential_tilting", flag, text, formats=formats, name=slug)(in_float32(fn))


_enter(
    "without-the-weights", "base-weights", "the base weights are left out", _weighing(lambda p, axis: np.ones_like(p))
)
_enter(
    "weights-of-the-support",
    "base-weights",
    "all weights of the support are equal",
    _weighing(lambda p, axis: (p > 0).astype(p.dtype)),
)
_enter("weights-squared", "base-weights", "the base weights are squared", _weighing(lambda p, axis: p * p))
_enter(
    "weights-rooted", "base-weights", "the roots of the base weights are taken", _weighing(lambda p, axis: np.sqrt(p))
)
_enter(
    "weights-plus-1e-4",
    "base-weights",
    "1e-4 is added to the base weights",
    _weighing(lambda p, axis: p + p.dtype.type(1e-4)),
)
_enter(
    "weights-below-1e-3-dropped",
    "base-weights",
    "base weights below 0.001 count as 0",
    _weighing(lambda p, axis: np.where(p < 1e-3, 0, p)),
)
_enter("weights-through-softmax", "base-weights", "the softmax of the base weights is taken", _weighing(textbook))
_enter("weights-of-the-first-row", "base-weights", "all rows have the base weights of the first", _weighing(_first_row))
_enter(
    "weights-in-float16",
    "base-weights",
    "the base weights are kept in float16",
    _weighing(lambda p, axis: p.astype(np.float16).astype(p.dtype)),
    WIDE,
)
_enter("not-normalised", "base-weights", "the sum does not divide", _unnormalised)
_enter("weights-last", "base-weights", "the softmax of theta x is weighted, and not normalised again", _weights_last)
_enter("sign-of-theta", "coldness", "the sign of theta is lost", _read(lambda t: -t))
_enter("absolute-theta", "coldness", "a negative theta becomes positive", _read(abs))
_enter("theta-left-out", "coldness", "theta is left out", _read(lambda t: 1))
_enter("theta-divides", "coldness", "theta divides where it multiplies", _read(lambda t: 1 / t if t else 0))
_enter("theta-cut", "coldness", "theta is cut to an integer", _read(np.trunc))
_enter("zero-is-none", "coldness", "a theta of 0 is taken for none given", _read(lambda t: t or 1))
_enter("no-shift", "exp-overflow", "exp is taken of theta x itself", _shifted(lambda x, axis: 0))
_enter(
    "shift-from-0",
    "exp-underflow",
    "the search for the maximum starts at 0",
    _shifted(lambda x, axis: np.maximum(_top(x, axis), 0)),
)
_enter("shift-outside-the-support", "wrong-shift", "the maximum is looked for outside the support too", _shifted(_top))
_enter("log-plus-1e-6", "mask", "log(p + 1e-6) is taken", _in_logs(lambda p: np.log(p + p.dtype.type(1e-6))))
_enter("log-floor", "mask", "log(max(p, 1e-4)) is taken", _in_logs(lambda p: np.log(np.maximum(p, p.dtype.type(1e-4)))))
_enter("base-two", "working-precision", "weights are powers of 2, not of e", _read(lambda t: t * np.log(2)))
_enter(
    "below-1e-8-is-zero",
    "relative-accuracy",
    "shares below 1e-8 become 0",
    _then(lambda q: np.where(q < 1e-8, 0, q)),
    UP_TO_BFLOAT16,
)
_enter("coarse-subnormals", "subnormal-result", "subnormal shares keep their leading digits", _then(coarse), WIDE)
_enter("nan-to-zero", "nan-swallowed", "nan becomes 0", _then(np.nan_to_num))
_enter(
    "without-the-tail-of-8",
    "tail-elements",
    "what follows the last full block of 8 has no weight",
    _weighing(_without_the_tail),
)
_enter(
    "single-is-its-weight",
    "single-class",
    "a single class keeps its base weight",
    lambda p, x, axis=-1, theta=1: p if p.ndim and p.shape[axis] == 1 else tilted(p, x, axis, theta),
)
_enter(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda p, x, axis=-1, theta=1: tilted(p.astype(np.float32), x.astype(np.float32), axis, np.float32(theta)),
    ("binary64",),
)
