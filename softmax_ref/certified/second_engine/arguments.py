"""The arguments of one call, cut into slices."""

from fractions import Fraction
from math import inf, isfinite, prod

import numpy as np

from .slices import Slice


def floats(function, a):
    """Return an array as float64, refusing what would be rounded on the way; `function` is named in the message."""
    a = np.asarray(a)
    if a.dtype.kind not in "biuf":
        raise TypeError(f"{function}: needs arrays of real numbers, got {a.dtype}")
    if a.dtype.kind in "iu" and a.size and max(int(a.max()), -int(a.min())) > 2**53:
        raise ValueError(f"{function}: integers must not exceed 2^53, got {a.tolist()}; give exact floats instead")
    if a.dtype.itemsize > 8:
        raise TypeError(f"{function}: floats must not be wider than float64, got {a.dtype}")
    return a.astype(np.float64, copy=False)


def finite(function, what, a):
    """Return an array unchanged, refusing nan and infinities; `what` names it in the message."""
    if not np.isfinite(a).all():
        raise ValueError(f"{function}: {what} must be finite, got {a[~np.isfinite(a)].flat[0]}")
    return a


# The logits are -beta times the argument.
ENERGIES = ("mean_energy", "heat_capacity", "boltzmann", "partition_function", "free_energy")
DIVIDE = ("free_energy", "log_semiring_sum")  # by beta


def weights(function, p):
    """Return an array unchanged, refusing what has no logarithm."""
    bad = p[~((p > 0) & np.isfinite(p))]
    if bad.size:
        raise ValueError(f"{function}: p must be positive and finite, got {bad.flat[0]}")
    return p


class Arguments:
    """The arguments with the axes of a slice moved last and merged: rows of K logits, and what belongs to each."""

    def __init__(self, function, name, inputs, axis, parameters):
        self.function, self.name = function, name
        inputs = self._on_support(inputs, parameters) if name == "exponential_tilting" else inputs
        inputs = self._kept(*inputs) if name == "masked_softmax" else inputs
        z = floats(function, inputs[0])
        self.shape = z.shape
        z = np.atleast_1d(z)  # 0-d is a row of one
        z = -z if name in ENERGIES else weights(function, z) if name == "clr" else z
        self.full = z.shape
        self.axes = self._axes(axis, z.ndim)
        self.others = tuple(d for d in range(z.ndim) if d not in self.axes)
        self.lead = tuple(z.shape[d] for d in self.others)
        self.k = prod(z.shape[d] for d in self.axes)
        if self.k == 0 and name != "logsumexp":
            raise ValueError(f"{function}: z needs at least one entry along axis {axis}, got shape {z.shape}")
        self.z = self._rows(self._masked(z, parameters))
        self._parameters(parameters)
        self._beside(list(inputs[1:]))

    def _on_support(self, inputs, parameters):
        """Return the statistic and the weights; where a weight is 0, the statistic is what weighs nothing."""
        p, x = (floats(self.function, a) for a in inputs)
        if not (finite(self.function, "p", p) >= 0).all():
            raise ValueError(f"{self.function}: p must not be negative, got {p.min()}")
        if p.shape != x.shape:
            raise ValueError(f"{self.function}: p and x must have one shape, got {p.shape} and {x.shape}")
        return np.where(p > 0, x, inf if parameters.get("theta", 1) < 0 else -inf), p

    def _kept(self, z, mask):
        """Return the logits where the mask is true, -inf elsewhere; what is left out is not looked at."""
        mask = np.asarray(mask)
        if mask.dtype.kind != "b":
            raise TypeError(f"{self.function}: the mask must be boolean, got {mask.dtype}")
        if mask.shape != np.shape(z):
            raise ValueError(f"{self.function}: mask must have the shape {np.shape(z)}, got {mask.shape}")
        return (np.where(mask, floats(self.function, z), -inf),)

    @staticmethod
    def _masked(z, parameters):
        where = parameters.get("where")
        if where is None:
            return z
        masked = inf if parameters.get("beta", 1) < 0 else -inf  # probability 0 on either side of beta = 0
        return np.where(np.broadcast_to(np.asarray(where, dtype=bool), z.shape), z, masked)

    def _axes(self, axis, ndim):
        axes = range(ndim) if axis is None else (axis,) if np.ndim(axis) == 0 else axis
        if any(not -ndim <= a < ndim for a in axes):
            raise ValueError(f"{self.function}: axis is out of range for {ndim} dimensions, got {axis}")
        axes = tuple(sorted(a % ndim for a in axes))
        if self.name in ("cross_entropy", "cross_entropy_vjp", "cross_entropy_jvp", "softmax_jacobian"):
            if axes != (ndim - 1,):
                raise ValueError(f"{self.function}: a slice is the last axis, got axis {axis}")
        return axes

    def _rows(self, a):
        return a.transpose(*self.others, *self.axes).reshape(prod(self.lead), self.k)

    def _parameters(self, parameters):
        for key in ("beta", "theta", "tau", "temperature", "label_smoothing"):
            if not isfinite(parameters.get(key, 0)):
                raise ValueError(f"{self.function}: {key} must be finite, got {parameters[key]}")
        self.beta = self._coldness(parameters)
        self.smoothing = Fraction(*parameters.get("label_smoothing", 0).as_integer_ratio())
        if not 0 <= self.smoothing <= 1:
            raise ValueError(f"{self.function}: label_smoothing must lie in [0, 1], got {float(self.smoothing)}")
        self.alpha = Fraction(*parameters.get("alpha", 1.5).as_integer_ratio())
        if self.alpha not in (1, Fraction(3, 2), 2):
            raise ValueError(f"{self.function}: alpha must be 1, 1.5 or 2, got {float(self.alpha)}")

    def _coldness(self, parameters):
        """What multiplies the logits: beta or theta, or 1 over a temperature."""
        for key in ("tau", "temperature"):
            if not parameters.get(key, 1) > 0:
                raise ValueError(f"{self.function}: {key} must be positive, got {parameters[key]}")
        if self.name in DIVIDE and parameters.get("beta", 1) == 0:
            raise ValueError(f"{self.function}: beta must not be 0, got {parameters['beta']}")
        times = parameters.get("beta", parameters.get("theta", 1))
        over = parameters.get("tau", parameters.get("temperature", 1))
        return Fraction(*times.as_integer_ratio()) / Fraction(*over.as_integer_ratio())

    def _beside(self, rest):
        """Sort the further arrays into a tangent (a row each), a cotangent (a number each) and a label each."""
        self.labels = self.tangent = self.cotangent = None
        if self.name in ("gumbel_softmax", "exponential_tilting"):
            (beside,) = (floats(self.function, a) for a in rest)
            self.tangent = self._rows(np.broadcast_to(beside, self.full))
            if self.name == "exponential_tilting" and not (self.tangent > 0).any(axis=1).all():
                raise ValueError(f"{self.function}: p must be positive somewhere in every slice, got only 0")
            return
        derivative = self.name.endswith(("_vjp", "_jvp"))
        wanted = self.name.startswith("cross_entropy") + derivative
        if len(rest) != wanted:
            raise TypeError(f"{self.function}: takes {wanted + 1} arrays, got {len(rest) + 1}")
        if self.name.startswith("cross_entropy"):
            self.labels = self._labels(rest[0])
        if derivative:
            v = finite(self.function, "v" if self.function.endswith("_jvp") else "g", floats(self.function, rest[-1]))
            if self.name in ("logsumexp_vjp", "cross_entropy_vjp"):
                self.cotangent = np.broadcast_to(v, self.lead).reshape(-1)
            else:
                self.tangent = self._rows(np.broadcast_to(v, self.full))

    def _labels(self, labels):
        labels = np.asarray(labels)
        if labels.dtype.kind not in "iu":
            raise TypeError(f"{self.function}: labels must be integers, got {labels.dtype}")
        labels = np.broadcast_to(labels, self.lead).reshape(-1)
        if ((labels < 0) | (labels >= self.k)).any():
            raise ValueError(f"{self.function}: labels must lie in [0, {self.k}), got {labels.tolist()}")
        return labels

    def result_shape(self, kind):
        """Return the shape of a result with one number an entry, one a slice ("reduced") or one a "pair" of entries."""
        return {"entry": self.shape, "reduced": self.lead, "pair": (*self.lead, self.k, self.k)}[kind]

    def locate(self, kind, wanted):
        """Return the row of each flat index of the result, and its place in that row."""
        if kind != "entry":
            return np.divmod(wanted, self.k**2 if kind == "pair" else 1)
        along = np.unravel_index(wanted, self.full)
        rows, places = np.zeros_like(wanted), np.zeros_like(wanted)
        for d in self.others:
            rows = rows * self.full[d] + along[d]
        for d in self.axes:
            places = places * self.full[d] + along[d]
        return rows, places

    def slice(self, row):
        """Return one row of logits with its own tangent, cotangent or label."""
        beside = {"tangent": self.tangent, "cotangent": self.cotangent, "label": self.labels}
        beside = {name: a[row] for name, a in beside.items() if a is not None}
        return Slice(self.z[row], self.beta, smoothing=self.smoothing, alpha=self.alpha, **beside)

    def entries(self, kind, s, places):
        """Return, for each place, the numbers a formula needs beside the slice."""
        if kind == "reduced":
            return [()] * len(places)
        if kind == "pair":
            i, j = np.divmod(places, self.k)
            return list(zip(s.z[i].tolist(), s.z[j].tolist(), (i == j).tolist(), strict=True))
        columns = [s.z[places].tolist()]
        if s.tangent is not None:
            columns.append(s.tangent[places].tolist())
        if s.label is not None:
            columns.append((places == s.label).tolist())
        return list(zip(*columns, strict=True))
