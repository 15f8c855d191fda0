"""entropy, mean energy, heat capacity, Boltzmann operator and log-ratios in other styles."""

import math

import numpy as np
from scipy import special

from softmax_ref.faults.averages_parts import clr, entropy, heat_capacity, mean_energy, operator
from softmax_ref.faults.catalogue import control
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.thermal_parts import weighted


def _enter(function, text, name, fn):
    control(function, text, name=name)(in_float32(fn))


def _row_by_row(fn):
    """Lift a function of a list of Python floats to any axis: a slice of it, one number or as many as it has."""

    def wrapped(x, axis=-1, **parameters):
        if x.ndim == 0:
            return np.asarray(wrapped(x.reshape(1), **parameters)).reshape(())
        parameters = {name: float(value) for name, value in parameters.items()}
        return np.apply_along_axis(lambda row: np.array(fn(row.tolist(), **parameters), x.dtype), axis, x)

    return wrapped


def _entropy_of_distances(z, axis=-1):
    d = z - z.max(axis=axis, keepdims=True)
    e = np.exp(d)
    s = e.sum(axis=axis, keepdims=True)
    return (np.log(s) - weighted(e / s, d).sum(axis=axis, keepdims=True)).sum(axis=axis)


_enter("entropy", "-p log p, with the logarithm from log_softmax", "log-softmax", entropy)
_enter("entropy", "log s minus the mean distance", "distances", _entropy_of_distances)
_enter("entropy", "SciPy's entr of the shares", "entr", lambda z, axis=-1: special.entr(textbook(z, axis)).sum(axis))


def _by_fsum(sign):
    """Return the mean by one exact summation of each product."""

    def row(values, beta=1.0):
        if any(map(math.isnan, values)):
            return math.nan
        x = [sign * beta * v for v in values]
        e = [math.exp(v - max(x)) for v in x]
        return math.fsum(a * v for a, v in zip(e, values, strict=True) if a) / math.fsum(e)

    return _row_by_row(row)


_enter("mean_energy", "the sum of p E", "products", mean_energy)
_enter("mean_energy", "Python floats and fsum", "fsum", _by_fsum(-1))
_enter("boltzmann_operator", "the sum of p z", "products", operator)
_enter("boltzmann_operator", "Python floats and fsum", "fsum", _by_fsum(1))


def _pairs(row, beta=1.0):
    """Return beta^2 sum_{i<j} p_i p_j (E_i - E_j)^2."""
    if any(map(math.isnan, row)):
        return math.nan
    x = [-beta * v for v in row]
    e = [math.exp(v - max(x)) for v in x]
    s = math.fsum(e)
    states = [(a / s, v) for a, v in zip(e, row, strict=True) if a]
    pairs = ((p * q) * (v - w) ** 2 for i, (p, v) in enumerate(states) for q, w in states[:i])
    return beta * beta * math.fsum(pairs)


_enter("heat_capacity", "squares of distances to the mean", "squares", heat_capacity)
_enter("heat_capacity", "squares of the gaps of all pairs", "pairs", _row_by_row(_pairs))


def _clr_by_fsum(row):
    logs = list(map(math.log, row))
    return [y - math.fsum(logs) / len(row) for y in logs]


_enter("clr", "logarithms minus their mean", "centred", clr)
_enter("clr", "Python floats and fsum", "fsum", _row_by_row(_clr_by_fsum))
