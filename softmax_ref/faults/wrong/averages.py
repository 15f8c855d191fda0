"""Wrong entropies and means: logarithms of 0 and of another base, weights and coldness left out, cancellation."""

import numpy as np

from softmax_ref.faults.averages_parts import entropy, heat_capacity, mean_energy, operator
from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.thermal_parts import weighted

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _times(fn, factor):
    return lambda x, axis=-1, **k: fn(x, axis=axis, **k) * x.dtype.type(factor)


def _then(fn, change):
    return lambda x, axis=-1, **k: change(fn(x, axis=axis, **k), x, axis)


def _short(fn):
    """Leave out what follows the last full block of 8."""

    def wrapped(x, axis=-1, **k):
        rows = np.moveaxis(np.atleast_1d(x), axis, -1)
        result = fn(rows[..., : rows.shape[-1] // 8 * 8 or rows.shape[-1]], axis=-1, **k)
        return result.reshape(x.sum(axis=axis).shape)

    return wrapped


def _narrow(fn):
    return lambda x, axis=-1, **k: fn(x.astype(np.float32), axis=axis, **k)


FUNCTIONS = {
    "entropy": entropy,
    "mean_energy": mean_energy,
    "boltzmann_operator": operator,
    "heat_capacity": heat_capacity,
}
for _function, _fn in FUNCTIONS.items():
    for _slug, _flag, _text, _wrong, _formats in (
        ("sign", "working-precision", "the sign is lost", _times(_fn, -1), ALL),
        ("zero", "working-precision", "0", _times(_fn, 0), ALL),
        ("float32-inside", "working-precision", "everything is computed in float32", _narrow(_fn), ("binary64",)),
        ("nan-to-zero", "nan-swallowed", "nan becomes 0", _then(_fn, lambda y, x, axis: np.nan_to_num(y)), ALL),
        (
            "nan-as-zero",
            "nan-swallowed",
            "nan counts as 0",
            lambda x, axis=-1, fn=_fn, **k: fn(np.where(np.isnan(x), 0, x), axis=axis, **k),
            ALL,
        ),
        (
            "without-the-tail-of-8",
            "tail-elements",
            "what follows the last full block of 8 is left out",
            _short(_fn),
            ALL,
        ),
    ):
        fault(_function, _flag, _text, formats=_formats, name=_slug)(in_float32(_wrong))


def _enter(slug, flag, text, fn, formats=ALL, bugs=()):
    fault("entropy", flag, text, formats=formats, bugs=bugs, name=slug)(in_float32(fn))


def _of_shares(log):
    """Return -sum p log p with another logarithm, and without care where p is 0."""

    def wrapped(z, axis=-1):
        p = textbook(z, axis)
        return -(p * log(p)).sum(axis=axis)

    return wrapped


def _unshifted(z, axis=-1):
    return np.log(np.exp(z).sum(axis=axis)) - weighted(textbook(z, axis), z).sum(axis=axis)


def _of_finite_differences(z, axis=-1):
    """Subtract the mean logit from the logsumexp: both carry the common offset."""
    top = z.max(axis=axis, keepdims=True)
    lse = top + np.log(np.exp(z - top).sum(axis=axis, keepdims=True))
    return (lse - weighted(textbook(z, axis), z).sum(axis=axis, keepdims=True)).sum(axis=axis)


def _size(z, axis):
    return z.dtype.type(max(z.shape[axis] if z.ndim else 1, 2))


_enter("in-bits", "log-base", "the logarithm has base 2", _times(entropy, 1 / np.log(2)))
_enter(
    "over-log-k",
    "log-base",
    "the entropy is divided by log K",
    _then(entropy, lambda h, z, axis: h / np.log(_size(z, axis))),
)
_enter("perplexity", "log-base", "the exponential of the entropy", _then(entropy, lambda h, z, axis: np.exp(h)))
_enter(
    "nan-at-zero",
    "zero-log-zero",
    "0 log 0 is formed",
    _of_shares(np.log),
    ALL,
    ["torch-categorical-entropy", "trl-entropy-f16"],
)
_enter(
    "log-plus-1e-6",
    "working-precision",
    "log(p + 1e-6) is taken",
    _of_shares(lambda p: np.log(p + p.dtype.type(1e-6))),
    WIDE,
)
_enter(
    "log-plus-1e-3",
    "working-precision",
    "log(p + 1e-3) is taken",
    _of_shares(lambda p: np.log(p + p.dtype.type(1e-3))),
    UP_TO_BFLOAT16,
)
_enter(
    "log-floor",
    "log-of-one",
    "log(max(p, 1e-4)) is taken",
    _of_shares(lambda p: np.log(np.maximum(p, p.dtype.type(1e-4)))),
)
_enter(
    "below-1e-7-is-zero",
    "log-of-one",
    "entropies below 1e-7 become 0",
    _then(entropy, lambda h, z, axis: np.where(h < 1e-7, 0, h)),
    ("binary64",),
)
_enter("no-shift", "exp-overflow", "exp is taken of the logits themselves", _unshifted)
_enter(
    "minus-the-mean-logit",
    "cancellation-in-logsumexp",
    "the mean logit is subtracted from the logsumexp",
    _of_finite_differences,
    WIDE,
)
_enter(
    "log-k",
    "log-base",
    "log K, whatever the shares are",
    _then(entropy, lambda h, z, axis: h * 0 + np.log(_size(z, axis))),
)
_enter(
    "surprise-of-the-largest",
    "log-base",
    "-log of the largest share",
    lambda z, axis=-1: -np.log(textbook(z, axis).max(axis=axis)),
)
_enter("gini", "log-base", "1 - sum p^2", lambda z, axis=-1: 1 - (textbook(z, axis) ** 2).sum(axis=axis))
_enter(
    "order-two",
    "working-precision",
    "the entropy of order 2",
    lambda z, axis=-1: -np.log((textbook(z, axis) ** 2).sum(axis=axis)),
)
_enter(
    "float16-sum",
    "low-precision-sum",
    "the sum is kept in float16",
    lambda z, axis=-1: (
        -np.cumsum(
            np.moveaxis(np.atleast_1d(weighted(textbook(z, axis), np.log(textbook(z, axis)))), axis, -1),
            axis=-1,
            dtype=np.float16,
        )[..., -1]
        .astype(z.dtype)
        .reshape(z.sum(axis=axis).shape)
    ),
    WIDE,
)
_enter(
    "single-has-one-nat",
    "single-class",
    "a single class has an entropy of 1",
    _then(entropy, lambda h, z, axis: h + 1 if z.ndim and z.shape[axis] == 1 else h),
)
_enter(
    "mean-over-rows",
    "row-mixing",
    "all rows have the mean entropy of all",
    _then(entropy, lambda h, z, axis: h * 0 + h.mean() if h.size else h),
)


def _weighs(sign):
    """Return the mean without care where a weight is 0."""
    return lambda x, axis=-1, beta=1: (textbook(sign * beta * x, axis) * x).sum(axis=axis)


def _read(fn, read):
    return lambda x, axis=-1, beta=1: fn(x, axis=axis, beta=read(beta))


def _by_beta(fn, power):
    return lambda x, axis=-1, beta=1: fn(x, axis=axis, beta=beta) * (beta**power if beta else 1)


def _unshifted_mean(sign):
    def wrapped(x, axis=-1, beta=1):
        weight = np.exp(sign * beta * x)
        return weighted(weight, x).sum(axis=axis) / weight.sum(axis=axis)

    return wrapped


for _function, _fn, _sign in (("mean_energy", mean_energy, -1), ("boltzmann_operator", operator, 1)):
    for _slug, _flag, _text, _wrong in (
        ("beta-left-out", "coldness", "beta is left out", _read(_fn, lambda b: 1)),
        ("beta-negated", "coldness", "beta has the wrong sign", _read(_fn, lambda b: -b)),
        ("absolute-beta", "coldness", "the sign of beta is lost", _read(_fn, abs)),
        (
            "temperature-for-beta",
            "coldness",
            "beta divides where it multiplies",
            _read(_fn, lambda b: 1 / b if b else 0),
        ),
        ("beta-cut", "coldness", "beta is cut to an integer", _read(_fn, np.trunc)),
        ("zero-is-none", "coldness", "a beta of 0 is taken for none given", _read(_fn, lambda b: b or 1)),
        ("in-units-of-temperature", "coldness", "the result is multiplied by beta", _by_beta(_fn, 1)),
        ("nan-at-weight-zero", "zero-times-infinity", "0 times an infinite value is formed", _weighs(_sign)),
        ("no-weights", "weights-missing", "the plain mean", lambda x, axis=-1, beta=1: x.mean(axis=axis)),
        (
            "extreme",
            "weights-missing",
            "the value that weighs most",
            lambda x, axis=-1, beta=1, s=_sign: s * (s * x).max(axis=axis),
        ),
        ("no-shift", "exp-overflow", "exp is taken of the exponents themselves", _unshifted_mean(_sign)),
        (
            "not-normalised",
            "weights-missing",
            "the sum of the weights does not divide",
            lambda x, axis=-1, beta=1, s=_sign: weighted(np.exp(s * beta * x), x).sum(axis=axis),
        ),
    ):
        fault(_function, _flag, _text, formats=ALL, name=_slug)(in_float32(_wrong))
