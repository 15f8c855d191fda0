"""Wrong heat capacities and log-ratios: factors of beta, differences of squares, means of the wrong quantity."""

import numpy as np

from softmax_ref.faults.averages_parts import clr, heat_capacity, mean_energy
from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.thermal_parts import weighted

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _enter(slug, flag, text, fn, formats=ALL):
    fault("heat_capacity", flag, text, formats=formats, name=slug)(in_float32(fn))


def _by_beta(power):
    return lambda energies, axis=-1, beta=1: heat_capacity(energies, axis, beta) * beta**power


def _around(mean):
    """Return beta^2 times the mean square of the distance to something else."""

    def wrapped(energies, axis=-1, beta=1):
        p = textbook(-beta * energies, axis)
        return beta**2 * weighted(p, (energies - mean(energies, p, axis)) ** 2).sum(axis=axis)

    return wrapped


def _of_squares(energies, axis=-1, beta=1):
    p = textbook(-beta * energies, axis)
    return beta**2 * (weighted(p, energies * energies).sum(axis=axis) - weighted(p, energies).sum(axis=axis) ** 2)


def _unguarded(energies, axis=-1, beta=1):
    p = textbook(-beta * energies, axis)
    return beta**2 * (p * (energies - (p * energies).sum(axis=axis, keepdims=True)) ** 2).sum(axis=axis)


def _by_difference(energies, axis=-1, beta=1):
    """Return -beta^2 dU/dbeta by a difference quotient."""
    step = energies.dtype.type(2.0**-10)
    return (
        -(beta**2) * (mean_energy(energies, axis, beta + step) - mean_energy(energies, axis, beta - step)) / (2 * step)
    )


_enter(
    "difference-of-squares",
    "variance-cancellation",
    "the square of the mean is subtracted from the mean square",
    _of_squares,
    WIDE,
)
_enter("beta-squared-left-out", "coldness", "beta^2 is left out", _by_beta(-2))
_enter("beta-once", "coldness", "beta multiplies once", _by_beta(-1))
_enter("beta-cubed", "coldness", "beta multiplies three times", _by_beta(1))
_enter("beta-left-out", "coldness", "beta is left out", lambda e, axis=-1, beta=1: heat_capacity(e, axis))
_enter("beta-negated", "coldness", "beta has the wrong sign", lambda e, axis=-1, beta=1: heat_capacity(e, axis, -beta))
_enter("plain-variance", "weights-missing", "the plain variance", lambda e, axis=-1, beta=1: beta**2 * e.var(axis=axis))
_enter(
    "around-the-plain-mean",
    "weights-missing",
    "the distance to the plain mean is squared",
    _around(lambda e, p, axis: e.mean(axis=axis, keepdims=True)),
)
_enter(
    "around-the-ground-state",
    "weights-missing",
    "the distance to the lowest energy is squared",
    _around(lambda e, p, axis: e.min(axis=axis, keepdims=True)),
)
_enter(
    "not-squared",
    "weights-missing",
    "the mean absolute distance",
    lambda e, axis=-1, beta=1: np.sqrt(heat_capacity(e, axis, beta)),
)
_enter("nan-at-weight-zero", "zero-times-infinity", "0 times an infinite distance is formed", _unguarded)
_enter("by-difference", "variance-cancellation", "a difference quotient of the mean energy", _by_difference)
_enter(
    "sample-variance",
    "weights-missing",
    "the variance is multiplied by K/(K - 1)",
    lambda e, axis=-1, beta=1: (
        heat_capacity(e, axis, beta) * (e.shape[axis] / max(e.shape[axis] - 1, 1) if e.ndim else 1)
    ),
)
_enter(
    "below-1e-7-is-zero",
    "relative-accuracy",
    "results below 1e-7 become 0",
    lambda e, axis=-1, beta=1: np.where(heat_capacity(e, axis, beta) < 1e-7, 0, heat_capacity(e, axis, beta)),
    WIDE,
)


def _enter_ratio(slug, flag, text, fn, formats=ALL):
    fault("clr", flag, text, formats=formats, name=slug)(in_float32(fn))


def _less(centre):
    """Return log p less another centre."""
    return lambda p, axis=-1: np.log(p) - centre(np.log(p), axis)


def _over(centre):
    """Return the logarithm of p over a centre."""
    return lambda p, axis=-1: np.log(p / centre(p, axis))


def _root_of_the_product(p, axis):
    return p.prod(axis=axis, keepdims=True) ** p.dtype.type(1 / (p.shape[axis] if p.ndim else 1))


def _without_the_tail(logs, axis):
    rows = np.moveaxis(np.atleast_1d(logs), axis, -1)
    mean = rows[..., : rows.shape[-1] // 8 * 8 or rows.shape[-1]].mean(axis=-1, keepdims=True)
    return np.moveaxis(mean, -1, axis) if logs.ndim else mean.reshape(())


def _kept(statistic):
    return lambda x, axis: statistic(x, axis=axis, keepdims=True)


_enter_ratio("log-of-the-mean", "mean-of-logs", "the logarithm of the plain mean is subtracted", _over(_kept(np.mean)))
_enter_ratio("normalised-only", "mean-of-logs", "the logarithm of the shares", _over(_kept(np.sum)))
_enter_ratio("not-centred", "mean-of-logs", "no mean is subtracted", lambda p, axis=-1: np.log(p))
_enter_ratio("median-of-logs", "mean-of-logs", "the median of the logarithms is subtracted", _less(_kept(np.median)))
_enter_ratio("largest-log", "mean-of-logs", "the largest logarithm is subtracted", _less(_kept(np.max)))
_enter_ratio(
    "last-log",
    "mean-of-logs",
    "the last logarithm is subtracted",
    _less(lambda x, axis: x.take([-1], axis) if x.ndim else x),
)
_enter_ratio(
    "mean-of-all-rows",
    "row-mixing",
    "the mean of the whole array is subtracted",
    _less(lambda x, axis: x.mean() if x.size else 0),
)
_enter_ratio(
    "mean-without-the-tail",
    "tail-elements",
    "the mean leaves out what follows the last full block of 8",
    _less(_without_the_tail),
)
_enter_ratio(
    "sample-mean",
    "mean-of-logs",
    "the sum of the logarithms is divided by K - 1",
    _less(lambda x, axis: x.sum(axis=axis, keepdims=True) / max((x.shape[axis] if x.ndim else 1) - 1, 1)),
)
_enter_ratio(
    "in-bits", "log-base", "the logarithm has base 2", lambda p, axis=-1: clr(p, axis) / np.log(p.dtype.type(2))
)
_enter_ratio(
    "over-the-geometric-mean",
    "subnormal-input",
    "p over the geometric mean leaves the range",
    _over(lambda p, axis: np.exp(np.log(p).mean(axis=axis, keepdims=True))),
    WIDE,
)
_enter_ratio(
    "root-of-the-product",
    "exp-underflow",
    "the product of the weights leaves the range",
    _over(_root_of_the_product),
    WIDE,
)
_enter_ratio(
    "shares-first",
    "sum-overflow",
    "the weights are divided by their sum first",
    lambda p, axis=-1: clr(p / p.sum(axis=axis, keepdims=True), axis),
    UP_TO_BFLOAT16,
)
_enter_ratio(
    "plus-1e-6", "subnormal-input", "1e-6 is added to the weights", lambda p, axis=-1: clr(p + p.dtype.type(1e-6), axis)
)
_enter_ratio(
    "floor-1e-30",
    "subnormal-input",
    "weights below 1e-30 become 1e-30",
    lambda p, axis=-1: clr(np.maximum(p, p.dtype.type(1e-30)), axis),
    UP_TO_BFLOAT16,
)
_enter_ratio("sign", "mean-of-logs", "the sign is lost", lambda p, axis=-1: -clr(p, axis))
_enter_ratio(
    "log1p",
    "mean-of-logs",
    "log(1 + p) is taken",
    lambda p, axis=-1: np.log1p(p) - np.log1p(p).mean(axis=axis, keepdims=True),
)
_enter_ratio(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda p, axis=-1: clr(p.astype(np.float32), axis),
    ("binary64",),
)
_enter_ratio(
    "float16-logs",
    "working-precision",
    "logarithms are kept in float16",
    lambda p, axis=-1: _less(_kept(np.mean))(p, axis).astype(np.float16).astype(p.dtype),
    WIDE,
)
