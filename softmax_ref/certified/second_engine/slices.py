"""One slice of logits: which entries count, and its sums of exponentials with equal logits grouped."""

from fractions import Fraction
from functools import cached_property

import numpy as np

from .exponentials import ExpSum


class Slice:
    """A row of logits times beta, with what the formulas need beside it."""

    def __init__(self, z, beta=Fraction(1), **beside):
        self.z, self.beta = z, beta
        self.tangent = beside.get("tangent")  # a row: the tangent, or the cotangent of a row of results
        self.cotangent = beside.get("cotangent")  # a float: the cotangent of one result
        self.label, self.smoothing = beside.get("label"), beside.get("smoothing")
        self.alpha = beside.get("alpha")
        self.finite = np.isfinite(z)

    @cached_property
    def special(self):
        """None for an ordinary slice; otherwise "nan", "inf" (some +inf) or "empty" (only -inf)."""
        if np.isnan(self.z).any():
            return "nan"
        if (self.z == (-np.inf if self.beta < 0 else np.inf)).any():
            return "inf"
        return None if self.finite.any() else "empty"

    @cached_property
    def counts(self):
        """The number of entries for each exponent beta z above -inf."""
        values, counts = np.unique(self.z[self.finite], return_counts=True)
        return self._merge(values, counts)

    def _merge(self, values, amounts):
        # beta = 0 sends every logit to the same exponent
        merged = {}
        for value, amount in zip(values.tolist(), amounts, strict=True):
            x = self.exponent(value)
            merged[x] = merged.get(x, 0) + int(amount)
        return merged

    def exponent(self, value):
        """The exact product beta value."""
        return self.beta * Fraction(value)

    def single(self, value, amount=1):
        """The sum with one term, amount exp(beta value)."""
        return ExpSum({self.exponent(value): amount})

    @cached_property
    def total(self):
        """The sum of exp(beta z_j) over the finite z_j."""
        return ExpSum(self.counts)

    @cached_property
    def _scaled(self):
        """The tangent as integers over a common power of two."""
        mantissas, exponents = np.frexp(self.tangent)
        smallest = int(exponents.min())
        shifts = (exponents - smallest).tolist()
        return [int(m) << s for m, s in zip((mantissas * 2.0**53).tolist(), shifts, strict=True)], smallest - 53

    @property
    def unit(self):
        """The value of 1 in `integer`, `tangent_sum` and `moments`."""
        return Fraction(2) ** self._scaled[1]

    def integer(self, v):
        """A tangent's value in units."""
        return int(Fraction(v) / self.unit)

    @cached_property
    def tangent_sum(self):
        """The sum of the tangent over every entry, in units, also where the probability is 0."""
        return sum(self._scaled[0])

    @cached_property
    def moments(self):
        """The sum of the tangent over the entries of each exponent: the coefficients of sum_j v_j exp(beta z_j)."""
        values, group = np.unique(self.z[self.finite], return_inverse=True)
        amounts = [0] * len(values)
        numbers = self._scaled[0]
        for place, k in zip(np.flatnonzero(self.finite).tolist(), group.ravel().tolist(), strict=True):
            amounts[k] += numbers[place]
        return self._merge(values, amounts)

    def centred(self, v):
        """The sum of (v - v_j) exp(beta z_j) over j, in units."""
        v = self.integer(v)
        return ExpSum({x: v * count - self.moments[x] for x, count in self.counts.items()})

    @property
    def label_logit(self):
        """The logit of the label, not multiplied by beta."""
        return float(self.z[self.label])
