"""Wrong Boltzmann weights and sums: signs, coldness, shifts and zero points of the energy."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.thermal_parts import boltzmann, heaviest, logsumexp, partition_function, scaled

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _read(fn, read):
    """Return fn at another coldness, a function of the right one."""
    return lambda energies, axis=-1, beta=1: fn(energies, axis=axis, beta=read(beta))


def _over(weight, axis):
    return weight / weight.sum(axis=axis, keepdims=True)


def _weights(shift):
    """Return weights with a shift of the energies, normalised."""
    return lambda energies, axis=-1, beta=1: _over(np.exp(-beta * (energies - shift(energies, beta, axis))), axis)


def coarse(x):
    """Let subnormal numbers keep no digits below 2^16 of the smallest."""
    step = np.finfo(x.dtype).smallest_subnormal * 2**16
    return np.where(x < np.finfo(x.dtype).tiny, np.floor(x / step) * step, x)


def _least(energies, beta, axis):
    return energies.min(axis=axis, keepdims=True)


def _without_the_tail(fn, block):
    """Let energies after the last full block have no weight."""

    def wrapped(energies, axis=-1, beta=1):
        rows = np.moveaxis(np.atleast_1d(energies), axis, -1).copy()
        rows[..., rows.shape[-1] // block * block or rows.shape[-1] :] = -np.inf if beta < 0 else np.inf
        return fn(np.moveaxis(rows, -1, axis).reshape(energies.shape), axis=axis, beta=beta)

    return wrapped


READINGS = {
    "sign-of-the-energy": ("energy-sign", "the sign of the energy is lost", lambda b: -b),
    "beta-left-out": ("coldness", "beta is left out", lambda b: 1),
    "temperature-for-beta": ("coldness", "beta divides where it multiplies", lambda b: 1 / b if b else 0),
    "absolute-beta": ("coldness", "the sign of beta is lost", abs),
    "beta-squared": ("coldness", "beta is squared", lambda b: b * b),
    "beta-cut": ("coldness", "beta is cut to an integer", np.trunc),
    "beta-not-negative": ("coldness", "a negative beta becomes 0", lambda b: max(b, 0)),
    "zero-is-none": ("coldness", "a beta of 0 is taken for none given", lambda b: b or 1),
    "beta-up-to-5": ("coldness", "beta is at most 5", lambda b: min(b, 5)),
    "beta-from-1e-1": ("coldness", "a positive beta is at least 0.1", lambda b: max(b, 0.1) if b > 0 else b),
    "beta-in-float16": ("low-part", "beta is kept in float16", lambda b: float(np.float16(b))),
}
for _slug, (_flag, _text, _reading) in READINGS.items():
    for _function, _fn in (("boltzmann", boltzmann), ("partition_function", partition_function)):
        _formats = WIDE if _slug == "beta-in-float16" else ALL
        fault(_function, _flag, _text, formats=_formats, name=_slug)(in_float32(_read(_fn, _reading)))


def _enter(slug, flag, text, fn, formats=ALL):
    fault("boltzmann", flag, text, formats=formats, name=slug)(in_float32(fn))


def _masked_by_product(energies, axis=-1, beta=1):
    """Multiply the weights by the energies' own zeros: 0 inf is nan."""
    return boltzmann(energies, axis, beta) + 0 * energies


def _unguarded(energies, axis=-1, beta=1):
    """Form 0 inf at coldness 0."""
    return textbook(-beta * energies, axis)


_enter(
    "no-shift",
    "exp-overflow",
    "exp is taken of -beta E itself",
    lambda e, axis=-1, beta=1: _over(np.exp(scaled(e, beta)), axis),
)
_enter(
    "shift-by-the-highest",
    "wrong-shift",
    "the energy that weighs least is subtracted",
    _weights(lambda e, beta, axis: heaviest(e, beta, axis)),
)
_enter(
    "shift-by-the-lowest", "coldness", "the lowest energy is subtracted, whatever the sign of beta", _weights(_least)
)
_enter(
    "shift-by-the-mean",
    "mask",
    "the mean energy is subtracted",
    _weights(lambda e, beta, axis: e.mean(axis=axis, keepdims=True)),
)
_enter(
    "shift-by-the-first",
    "wrong-shift",
    "the first energy is subtracted",
    _weights(lambda e, beta, axis: e.take([0], axis) if e.ndim else e),
)
_enter("zero-times-infinity", "coldness", "at coldness 0 an infinite energy gives nan", _unguarded)
_enter("masked-by-product", "mask", "shares of infinite energies are nan", _masked_by_product)
_enter(
    "powers-of-two",
    "working-precision",
    "weights are powers of 2, not of e",
    lambda e, axis=-1, beta=1: boltzmann(e, axis, beta * np.log(2)),
)
_enter(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda e, axis=-1, beta=1: boltzmann(e.astype(np.float32), axis, np.float32(beta)),
    ("binary64",),
)
_enter(
    "sum-plus-1e-6",
    "epsilon",
    "1e-6 is added to the sum of the weights",
    lambda e, axis=-1, beta=1: (
        np.exp(
            scaled(e, beta)
            - scaled(e, beta).max(axis=axis, keepdims=True)
            - np.log1p(boltzmann(e, axis, beta) * 0 + e.dtype.type(1e-6))
        )
        / np.exp(scaled(e, beta) - scaled(e, beta).max(axis=axis, keepdims=True)).sum(axis=axis, keepdims=True)
    ),
    WIDE,
)
_enter(
    "below-1e-8-is-zero",
    "relative-accuracy",
    "shares below 1e-8 become 0",
    lambda e, axis=-1, beta=1: np.where(boltzmann(e, axis, beta) < 1e-8, 0, boltzmann(e, axis, beta)),
    UP_TO_BFLOAT16,
)
_enter(
    "nan-to-zero", "nan-swallowed", "nan becomes 0", lambda e, axis=-1, beta=1: np.nan_to_num(boltzmann(e, axis, beta))
)
_enter(
    "without-the-tail-of-8",
    "tail-elements",
    "energies after the last full block of 8 have no weight",
    _without_the_tail(boltzmann, 8),
)
_enter(
    "levels-once",
    "ties",
    "equal energies count once",
    lambda e, axis=-1, beta=1: (
        np.where(
            boltzmann(e, axis, beta) == boltzmann(e, axis, beta).max(axis=axis, keepdims=True),
            boltzmann(e, axis, beta).max(axis=axis, keepdims=True),
            boltzmann(e, axis, beta),
        )
        / np.maximum(1, (e == e.min(axis=axis, keepdims=True)).sum(axis=axis, keepdims=True))
    ),
)


def _enter_sum(slug, flag, text, fn, formats=ALL):
    fault("partition_function", flag, text, formats=formats, name=slug)(in_float32(fn))


def _levels(energies, axis=-1, beta=1):
    """Add up every level once, however degenerate."""
    rows = np.sort(np.moveaxis(np.atleast_1d(energies), axis, -1), axis=-1)
    again = np.concatenate([rows[..., :1] != rows[..., :1], rows[..., 1:] == rows[..., :-1]], axis=-1)
    total = np.where(again, 0, np.exp(scaled(rows, beta))).sum(axis=-1)
    return total.reshape(energies.sum(axis=axis).shape)


def _lowest_not_shifted_back(energies, axis=-1, beta=1):
    return np.exp(-beta * (energies - -heaviest(-energies, beta, axis))).sum(axis=axis)


_enter_sum(
    "mean",
    "working-precision",
    "the mean of the weights",
    lambda e, axis=-1, beta=1: np.exp(scaled(e, beta)).mean(axis=axis),
)
_enter_sum(
    "logarithm",
    "working-precision",
    "the logarithm of the sum",
    lambda e, axis=-1, beta=1: logsumexp(scaled(e, beta), axis),
)
_enter_sum(
    "not-shifted-back",
    "energy-sign",
    "the sum is shifted by the ground state, and not shifted back",
    _lowest_not_shifted_back,
)
_enter_sum(
    "largest-term",
    "working-precision",
    "the largest weight stands for the sum",
    lambda e, axis=-1, beta=1: np.exp(scaled(e, beta)).max(axis=axis),
)
_enter_sum("levels-once", "ties", "equal energies count once", _levels)
_enter_sum(
    "without-the-one",
    "working-precision",
    "expm1 is taken for exp",
    lambda e, axis=-1, beta=1: np.expm1(scaled(e, beta)).sum(axis=axis),
)
_enter_sum(
    "zero-times-infinity",
    "coldness",
    "at coldness 0 an infinite energy gives nan",
    lambda e, axis=-1, beta=1: np.exp(-beta * e).sum(axis=axis),
)
_enter_sum(
    "exponents-to-50",
    "exp-overflow",
    "exponents are at most 50",
    lambda e, axis=-1, beta=1: np.exp(np.minimum(scaled(e, beta), 50)).sum(axis=axis),
    UP_TO_BFLOAT16,
)
_enter_sum(
    "exponents-from-minus-50",
    "relative-accuracy",
    "exponents are at least -50",
    lambda e, axis=-1, beta=1: np.exp(np.maximum(scaled(e, beta), -50)).sum(axis=axis),
    UP_TO_BFLOAT16,
)
_enter_sum(
    "coarse-subnormals",
    "subnormal-result",
    "a subnormal sum keeps its leading digits",
    lambda e, axis=-1, beta=1: coarse(partition_function(e, axis, beta)),
    WIDE,
)
_enter_sum(
    "float16-sum",
    "working-precision",
    "the sum is kept in float16",
    lambda e, axis=-1, beta=1: np.exp(scaled(e, beta)).sum(axis=axis, dtype=np.float16).astype(e.dtype),
    WIDE,
)
_enter_sum(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda e, axis=-1, beta=1: partition_function(e.astype(np.float32), axis, np.float32(beta)),
    ("binary64",),
)
_enter_sum(
    "nan-left-out",
    "nan-swallowed",
    "nan adds nothing",
    lambda e, axis=-1, beta=1: np.nansum(np.exp(scaled(e, beta)), axis=axis),
)
_enter_sum(
    "without-the-tail-of-8",
    "tail-elements",
    "energies after the last full block of 8 add nothing",
    _without_the_tail(partition_function, 8),
)
