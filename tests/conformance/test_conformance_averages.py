"""entropy, mean energy, heat capacity, Boltzmann operator, log-ratios: right styles pass, wrong ones fail.

All are written out here in NumPy. A fault is caught in every format named beside it, by a case that carries one of
the flags named beside it.
"""

import functools
import math

import numpy as np
import pytest
from scipy import special

from softmax_ref import check, functions

WIDE = ("binary64", "binary32")
ALL = (*WIDE, "binary16", "bfloat16")
FUNCTIONS = ("entropy", "mean_energy", "heat_capacity", "boltzmann_operator", "clr")


def in_float32(fn):
    """Compute narrow floats in float32 and integers in float64; round once at the end."""

    @functools.wraps(fn)
    def wrapped(x, axis=-1, **parameters):
        x = np.asarray(x)
        integers = x.dtype.kind in "iub"
        work = np.float64 if integers else x.dtype if x.dtype.itemsize >= 4 else np.float32
        parameters = {
            name: work(value) if integers else np.dtype(work).type(value) for name, value in parameters.items()
        }
        y = np.asarray(fn(x.astype(work), axis=axis, **parameters))
        return y if integers else y.astype(x.dtype)

    return wrapped


def row_by_row(fn):
    """Lift a function of a list of Python floats to any axis: a slice of it, one number or as many as it has."""

    def wrapped(x, axis=-1, **parameters):
        if x.ndim == 0:
            return np.asarray(wrapped(x.reshape(1), **parameters)).reshape(())
        return np.apply_along_axis(lambda row: np.array(fn(row.tolist(), **parameters), x.dtype), axis, x)

    return wrapped


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(x, axis=-1):
    d = x - x.max(axis=axis, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=axis, keepdims=True))


def weighted(p, v):
    """p v, and 0 where p is 0 whatever v is."""
    return np.where(p == 0, 0, p * v)


# Right, in other styles


def entropy(z, axis=-1):
    return -weighted(softmax(z, axis), log_softmax(z, axis)).sum(axis=axis)


def entropy_of_distances(z, axis=-1):
    d = z - z.max(axis=axis, keepdims=True)
    e = np.exp(d)
    s = e.sum(axis=axis, keepdims=True)
    return (np.log(s) - weighted(e / s, d).sum(axis=axis, keepdims=True)).sum(axis=axis)


def entropy_of_p_log_p(z, axis=-1):
    return special.entr(softmax(z, axis)).sum(axis=axis)


def mean_energy(E, axis=-1, beta=1):
    return weighted(softmax(-beta * E, axis), E).sum(axis=axis)


def operator(z, axis=-1, beta=1):
    return weighted(softmax(beta * z, axis), z).sum(axis=axis)


def by_fsum(row, beta=1.0, sign=1):
    """The mean by one exact summation of each product."""
    if any(map(math.isnan, row)):
        return math.nan
    x = [sign * beta * v for v in row]
    e = [math.exp(v - max(x)) for v in x]
    return math.fsum(a * v for a, v in zip(e, row, strict=True) if a) / math.fsum(e)


def heat_capacity(E, axis=-1, beta=1):
    p = softmax(-beta * E, axis)
    U = weighted(p, E).sum(axis=axis, keepdims=True)
    return beta**2 * weighted(p, (E - U) ** 2).sum(axis=axis)


def heat_capacity_of_pairs(row, beta=1.0):
    """beta^2 sum_{i<j} p_i p_j (E_i - E_j)^2."""
    if any(map(math.isnan, row)):
        return math.nan
    x = [-beta * v for v in row]
    e = [math.exp(v - max(x)) for v in x]
    s = math.fsum(e)
    states = [(a / s, v) for a, v in zip(e, row, strict=True) if a]
    pairs = ((p * q) * (v - w) ** 2 for i, (p, v) in enumerate(states) for q, w in states[:i])
    return beta * beta * math.fsum(pairs)


def clr(p, axis=-1):
    logs = np.log(p)
    return logs - logs.mean(axis=axis, keepdims=True)


def clr_by_fsum(row):
    logs = list(map(math.log, row))
    return [y - math.fsum(logs) / len(row) for y in logs]


RIGHT = {
    "entropy": {
        "p log p of log_softmax": entropy,
        "log s and distances": entropy_of_distances,
        "entr of SciPy": entropy_of_p_log_p,
    },
    "mean_energy": {
        "sum of p E": mean_energy,
        "Python floats and fsum": row_by_row(lambda row, **k: by_fsum(row, sign=-1, **k)),
    },
    "boltzmann_operator": {"sum of p z": operator, "Python floats and fsum": row_by_row(by_fsum)},
    "heat_capacity": {"squares of distances": heat_capacity, "pairs": row_by_row(heat_capacity_of_pairs)},
    "clr": {"logs minus their mean": clr, "Python floats and fsum": row_by_row(clr_by_fsum)},
}


# Wrong


def scaled(fn, factor):
    return lambda x, axis=-1, **k: fn(x, axis=axis, **k) * x.dtype.type(factor)


def without_beta(fn):
    return lambda x, axis=-1, beta=1: fn(x, axis=axis)


def times_beta(fn, power):
    return lambda x, axis=-1, beta=1: fn(x, axis=axis, beta=beta) * x.dtype.type(beta) ** power


def entropy_with_nan(z, axis=-1):
    p = softmax(z, axis)
    return -(p * np.log(p)).sum(axis=axis)


def entropy_plus_epsilon(z, axis=-1):
    p = softmax(z, axis)
    return -(p * np.log(p + z.dtype.type(1e-6))).sum(axis=axis)


def entropy_by_logsumexp(z, axis=-1):
    lse = np.log(np.exp(z).sum(axis=axis))
    return lse - weighted(softmax(z, axis), z).sum(axis=axis)


def entropy_of_finite_difference(z, axis=-1):
    d = z - z.max(axis=axis, keepdims=True)
    lse = np.log(np.exp(d).sum(axis=axis, keepdims=True)) + z.max(axis=axis, keepdims=True)
    return (lse - weighted(softmax(z, axis), z).sum(axis=axis, keepdims=True)).sum(axis=axis)


def mean_with_nan(sign):
    return lambda x, axis=-1, beta=1: (softmax(sign * beta * x, axis) * x).sum(axis=axis)


def variance_of_squares(E, axis=-1, beta=1):
    p = softmax(-beta * E, axis)
    return beta**2 * (weighted(p, E * E).sum(axis=axis) - weighted(p, E).sum(axis=axis) ** 2)


def variance_around_the_plain_mean(E, axis=-1, beta=1):
    p = softmax(-beta * E, axis)
    return beta**2 * weighted(p, (E - E.mean(axis=axis, keepdims=True)) ** 2).sum(axis=axis)


def log_of_the_mean(p, axis=-1):
    return np.log(p / p.mean(axis=axis, keepdims=True))


def geometric_mean_of_the_product(p, axis=-1):
    root = p.prod(axis=axis, keepdims=True) ** p.dtype.type(1 / (p.shape[axis] if p.ndim else 1))
    return np.log(p / root)


def clr_by_geometric_mean(p, axis=-1):
    return np.log(p / np.exp(np.log(p).mean(axis=axis, keepdims=True)))


def on_the_last_axis(fn):
    def wrapped(x, axis=-1, **k):
        y = fn(x, axis=-1, **k)
        return y if y.ndim == x.ndim or axis == -1 else np.resize(y, x.max(axis=axis).shape)

    return wrapped


def constant(fn, value):
    return lambda x, axis=-1, **k: np.full_like(fn(x, axis=axis, **k), value)


def in_half_precision(fn):
    return lambda x, axis=-1, **k: fn(x.astype(np.float32), axis=axis, **k).astype(x.dtype)


def common(fn):
    return {
        "wrong sign": (scaled(fn, -1), ALL, "log-base working-precision mean-of-logs ties"),
        "always the last axis": (on_the_last_axis(fn), ALL, "axis"),
        "zeros": (constant(fn, 0), ALL, "log-base working-precision mean-of-logs"),
        "nan": (constant(fn, np.nan), ALL, "log-base working-precision mean-of-logs"),
        "float32 inside": (in_half_precision(fn), ("binary64",), "working-precision log-base mean-of-logs"),
    }


def cold(fn, sign):
    """Faults of a function that has a coldness."""
    return common(fn) | {
        "beta left out": (without_beta(fn), ALL, "coldness"),
        "beta of the wrong sign": (
            lambda x, axis=-1, beta=1: fn(x, axis=axis, beta=-beta),
            ALL,
            "coldness weights-missing",
        ),
        "nan where a weight is 0": (mean_with_nan(sign), ALL, "zero-times-infinity"),
        "no weights": (lambda x, axis=-1, beta=1: x.mean(axis=axis), ALL, "weights-missing"),
        "the extreme value": (lambda x, axis=-1, beta=1: sign * (sign * x).max(axis=axis), ALL, "weights-missing"),
        "in units of 1/beta": (times_beta(fn, 1), ALL, "coldness"),
    }


WRONG = {
    "entropy": common(entropy)
    | {
        "in bits": (scaled(entropy, 1 / np.log(2)), ALL, "log-base"),
        "over log K": (lambda z, axis=-1: entropy(z, axis) / np.log(z.dtype.type(7)), ALL, "log-base"),
        "nan at 0 log 0": (entropy_with_nan, ALL, "zero-log-zero mask"),
        "epsilon in the logarithm": (entropy_plus_epsilon, WIDE, "log-base working-precision"),
        "no shift": (entropy_by_logsumexp, ALL, "exp-overflow exp-underflow"),
        "logsumexp minus the mean": (entropy_of_finite_difference, WIDE, "cancellation-in-logsumexp exp-overflow"),
        "log K": (lambda z, axis=-1: np.full_like(entropy(z, axis), np.log(7)), ALL, "log-base"),
    },
    "mean_energy": cold(mean_energy, -1),
    "boltzmann_operator": cold(operator, 1),
    "heat_capacity": common(heat_capacity)
    | {
        "mean of squares minus square of the mean": (variance_of_squares, WIDE, "variance-cancellation"),
        "beta squared left out": (times_beta(heat_capacity, -2), ALL, "coldness"),
        "beta left out": (without_beta(heat_capacity), ALL, "coldness"),
        "beta once": (times_beta(heat_capacity, -1), ALL, "coldness"),
        "the plain variance": (lambda E, axis=-1, beta=1: beta**2 * E.var(axis=axis), ALL, "weights-missing"),
        "around the plain mean": (variance_around_the_plain_mean, ALL, "weights-missing"),
    },
    "clr": common(clr)
    | {
        "log of the mean": (log_of_the_mean, ALL, "mean-of-logs"),
        "in bits": (scaled(clr, 1 / np.log(2)), ALL, "log-base"),
        "not centred": (lambda p, axis=-1: np.log(p), ALL, "mean-of-logs log-base"),
        "normalised only": (lambda p, axis=-1: np.log(p / p.sum(axis=axis, keepdims=True)), ALL, "mean-of-logs"),
        "log of a quotient that leaves the range": (clr_by_geometric_mean, WIDE, "subnormal-input"),
        "root of the product": (geometric_mean_of_the_product, WIDE, "exp-underflow subnormal-input sum-overflow"),
        "epsilon in the logarithm": (
            lambda p, axis=-1: clr(p + p.dtype.type(1e-6), axis),
            WIDE,
            "subnormal-input mean-of-logs",
        ),
    },
}
STYLES = [(function, name) for function, group in RIGHT.items() for name in group]
PAIRS = [
    pytest.param(function, in_float32(fn), fmt, set(flags.split()), id=f"{function}: {name}, {fmt}")
    for function, group in WRONG.items()
    for name, (fn, formats, flags) in group.items()
    for fmt in formats
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_reference_reaches_tight(function):
    """In all formats, integers included."""
    report = check(getattr(functions, function), function, require="tight")

    assert report.conforms, str(report)


@pytest.mark.parametrize(("function", "name"), STYLES)
def test_another_right_style_conforms(function, name):
    """Every case of every format, and the contract."""
    report = check(in_float32(RIGHT[function][name]), function)

    assert report.conforms, str(report)


@pytest.mark.parametrize(("function", "fn", "fmt", "flags"), PAIRS)
def test_a_fault_fails_a_case_that_carries_its_flag(function, fn, fmt, flags):
    """The fault is caught in the format, and a flag of one failed case names it."""
    report = check(fn, function=function, formats=[fmt])

    assert not report.conforms
    assert flags & {flag for failure in report.failures for flag in failure.flags}


def test_log_s_without_log1p_is_standard_and_not_tight():
    """The textbook entropy loses what lies below a unit roundoff of 1; the level tight asks for it."""
    for fmt in WIDE:
        assert check(in_float32(entropy), "entropy", formats=[fmt]).conforms
        assert not check(in_float32(entropy), "entropy", formats=[fmt], require="tight").conforms
