"""Wrong free energies: factors of -1/beta, sums without a shift, ground states alone."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32
from softmax_ref.faults.thermal_parts import free_energy, heaviest, logsumexp

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _times(factor):
    return lambda energies, axis=-1, beta=1: free_energy(energies, axis, beta) * factor(beta)


def _read(read):
    return lambda energies, axis=-1, beta=1: free_energy(energies, axis, read(beta))


def _of(log_sum):
    """Return -1/beta times another logarithm of the sum."""
    return lambda energies, axis=-1, beta=1: -log_sum(-beta * energies, axis) / beta


def _then(change):
    return lambda energies, axis=-1, beta=1: change(free_energy(energies, axis, beta), energies, axis, beta)


def _no_shift(x, axis):
    return np.log(np.exp(x).sum(axis=axis))


def _distances(x, axis):
    top = x.max(axis=axis, keepdims=True)
    return top.sum(axis=axis), np.exp(x - top)


def _ties_once(x, axis):
    """Take log1p of what lies below the maximum."""
    top, weight = _distances(x, axis)
    return top + np.log1p(np.where(weight == 1, 0, weight).sum(axis=axis))


def _plus(epsilon):
    def wrapped(x, axis):
        top, weight = _distances(x, axis)
        return top + np.log(weight.sum(axis=axis) + x.dtype.type(epsilon))

    return wrapped


def _shifted_downwards(x, axis):
    low = x.min(axis=axis, keepdims=True)
    return low.sum(axis=axis) + np.log(np.exp(x - low).sum(axis=axis))


def _short(x, axis):
    rows = np.moveaxis(np.atleast_1d(x), axis, -1)
    return logsumexp(rows[..., : rows.shape[-1] // 8 * 8 or rows.shape[-1]]).reshape(x.sum(axis=axis).shape)


def _enter(slug, flag, text, fn, formats=ALL):
    fault("free_energy", flag, text, formats=formats, name=slug)(in_float32(fn))


_enter(
    "sign-of-the-energy",
    "energy-sign",
    "the sign of the energy is lost",
    lambda e, axis=-1, beta=1: free_energy(-e, axis, beta),
)
_enter("logsumexp", "energy-sign", "the factor -1/beta is left out", _times(lambda b: -b))
_enter("sign-lost", "energy-sign", "the sign is lost", _times(lambda b: -1))
_enter("not-divided", "coldness", "beta does not divide the logarithm", _times(lambda b: b))
_enter("beta-left-out", "coldness", "beta is left out", _read(lambda b: 1))
_enter("temperature-for-beta", "coldness", "beta divides where it multiplies", _read(lambda b: 1 / b))
_enter("absolute-beta", "coldness", "the sign of beta is lost", _read(abs))
_enter("beta-from-1e-2", "coldness", "a positive beta is at least 0.01", _read(lambda b: max(b, 0.01) if b > 0 else b))
_enter("beta-in-float16", "low-part", "beta is kept in float16", _read(lambda b: float(np.float16(b))), WIDE)
_enter("no-shift", "exp-overflow", "exp is taken of -beta E itself", _of(_no_shift))
_enter("shift-by-the-highest", "wrong-shift", "the exponent that weighs least is subtracted", _of(_shifted_downwards))
_enter("ground-state", "working-precision", "the lowest energy", lambda e, axis=-1, beta=1: e.min(axis=axis))
_enter(
    "ground-state-at-all-signs",
    "mask",
    "the energy that weighs most",
    lambda e, axis=-1, beta=1: (
        -heaviest(-e, beta, axis).sum(axis=axis)
        - np.where(
            np.isinf(e).any(axis=axis), 0, np.log(np.exp(-beta * (e + heaviest(-e, beta, axis))).sum(axis=axis)) / beta
        )
    ),
)
_enter(
    "mean-of-the-weights",
    "working-precision",
    "the mean of the weights stands for their sum",
    lambda e, axis=-1, beta=1: free_energy(e, axis, beta) + np.log(e.dtype.type(e.shape[axis] if e.ndim else 1)) / beta,
)
_enter("ties-once", "ties", "equal ground states count once", _of(_ties_once))
_enter(
    "base-two",
    "working-precision",
    "the logarithm has base 2",
    _of(lambda x, axis: _distances(x, axis)[0] + np.log2(_distances(x, axis)[1].sum(axis=axis))),
)
_enter("log-plus-1e-6", "epsilon", "1e-6 is added in the logarithm", _of(_plus(1e-6)), WIDE)
_enter("log-plus-1e-2", "epsilon", "0.01 is added in the logarithm", _of(_plus(1e-2)))
_enter(
    "sum-plus-1e-30",
    "exp-underflow",
    "1e-30 is added to a sum that is not shifted",
    _of(lambda x, axis: np.log(np.exp(x).sum(axis=axis) + x.dtype.type(1e-30))),
)
_enter(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda e, axis=-1, beta=1: free_energy(e.astype(np.float32), axis, np.float32(beta)),
    ("binary64",),
)
_enter(
    "nan-to-zero",
    "nan-swallowed",
    "nan becomes 0",
    _then(lambda f, e, axis, beta: np.nan_to_num(f, posinf=np.inf, neginf=-np.inf)),
)
_enter(
    "nan-left-out",
    "nan-swallowed",
    "nan has no weight",
    lambda e, axis=-1, beta=1: free_energy(np.where(np.isnan(e), np.inf, e), axis, beta),
)
_enter("without-the-tail-of-8", "tail-elements", "energies after the last full block of 8 are left out", _of(_short))
_enter(
    "single-is-zero",
    "single-class",
    "a single state has free energy 0",
    _then(lambda f, e, axis, beta: f * 0 if e.ndim and e.shape[axis] == 1 else f),
)
