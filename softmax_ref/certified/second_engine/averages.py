"""Averages and log-ratios as comparisons of sums of exponentials.

    sum p_j z_j > q      exactly when  sum_j (z_j - q) exp(z_j) > 0
    Var > q              exactly when  sum_{j<k} (z_j - z_k)^2 exp(z_j + z_k) - q (sum_j exp(z_j))^2 > 0
    log(r)/K > q         exactly when  r - exp(K q) > 0
    H > q                exactly when  S > exp(q - M/S),  where S = sum_j exp(d_j), M = -sum_j d_j exp(d_j)

with d_j = z_j - max z. The first three are signs of such sums and decidable. In the last the exponent is no rational:
it is enclosed, ever more narrowly, until the answer is the same at both ends. A tie would never be decided, and is
refused at the cap.
"""

from fractions import Fraction
from itertools import combinations
from math import lcm, log, prod

import numpy as np

from .exponentials import MOST_BITS, ExpSum, exp_enclosure
from .quantities import BITS, Logarithm, Quotient, Rational, compare_scaled, sign_of

NEGLIGIBLE = -1300  # exponents below this are far below half of every subnormal


def _exp_sum(terms):
    """Return the sum of a exp(x) for rationals a, in units of the second result."""
    unit = lcm(*(Fraction(a).denominator for a in terms.values()))
    return ExpSum({x: int(a * unit) for x, a in terms.items()}), Fraction(1, unit)


def entropy(s):
    """log sum_j exp(z_j) - sum_j p_j z_j."""
    if s.special:
        return "nan"
    top = max(s.counts)
    return Entropy({x - top: n for x, n in s.counts.items()})


def boltzmann_operator(s):
    """sum_j p_j z_j, with p the softmax of beta z."""
    return "nan" if s.special else _mean(s, 1)


def mean_energy(s):
    """sum_j p_j E_j, where the slice holds -E."""
    return "nan" if s.special else _mean(s, -1)


def _mean(s, factor):
    terms = {}
    for value, count in zip(*np.unique(s.z[s.finite], return_counts=True), strict=True):
        x = s.exponent(float(value))
        terms[x] = terms.get(x, 0) + factor * int(count) * Fraction(float(value))
    numerator, unit = _exp_sum(terms)
    return Quotient([numerator], [s.total], unit)


def heat_capacity(s):
    """The variance of beta z under p, from the squared differences of pairs: beta^2 is inside."""
    if s.special:
        return "nan"
    terms = {}
    for (x, n), (y, m) in combinations(s.counts.items(), 2):
        terms[x + y] = terms.get(x + y, 0) + n * m * (x - y) ** 2
    numerator, unit = _exp_sum(terms)
    return Quotient([numerator], [s.total, s.total], unit)


def clr(s, p):
    """log(p^K / prod_j p_j) / K; the slice holds weights and no logits."""
    weights = [Fraction(w) for w in s.z.tolist()]
    product = Fraction(prod(w.numerator for w in weights), prod(w.denominator for w in weights))
    return LogRatio(Fraction(p) ** len(weights) / product, len(weights))


class LogRatio:
    """The number log(r) / k of a positive rational r and a positive integer k."""

    def __init__(self, r, k):
        self.r, self.k = r, k

    def sign(self):
        """Return the side of 1 on which r lies."""
        return sign_of(self.r - 1)

    def compare(self, q):
        """Return the sign of abs(v) - q: with r or 1/r above 1, that of r - exp(k q)."""
        high, low = self._ends()
        return ExpSum({Fraction(0): high, self.k * q: -low}).sign() if q else 1

    def _ends(self):
        return max(self.r.numerator, self.r.denominator), min(self.r.numerator, self.r.denominator)

    def hint(self):
        """Approximate by a float logarithm, near 1 by its series."""
        high, low = self._ends()
        t = Fraction(high - low, low)
        if t < Fraction(1, 2**16):
            return Rational((t - t**2 / 2 + t**3 / 3 - t**4 / 4) / self.k).hint()
        size = high.bit_length() - low.bit_length()
        return Rational(Fraction(log(Fraction(high, low << size)) + size * log(2)) / self.k).hint()


class Entropy:
    """The number log S + M/S of exponents at most 0 and their counts; both parts are positive or 0."""

    def __init__(self, counts):
        self.total = ExpSum(counts)
        self.moment, self.unit = _exp_sum({x: -x * n for x, n in counts.items()})

    def sign(self):
        """Return 0 for a single class of all the mass, else 1."""
        return int(self.total.terms != {0: 1})

    def compare(self, q):
        """Return the sign of H - q."""
        bits = BITS
        while bits <= MOST_BITS:
            lo, hi, e = self.total.tight(bits)
            low, high = self._share(bits)
            below, above = exp_enclosure(q - high, bits), exp_enclosure(q - low, bits)
            if compare_scaled(lo, e, above[1], above[2]) > 0:
                return 1
            if compare_scaled(hi, e, below[0], below[2]) < 0:
                return -1
            bits *= 2
        raise ArithmeticError(f"second engine: an entropy has no side of {q} within the cap, got {MOST_BITS} bits")

    def _share(self, bits):
        """Enclose M/S between two rationals."""
        if not self.moment.terms:
            return Fraction(0), Fraction(0)
        (m, n, e), (s, t, f) = self.moment.tight(bits), self.total.tight(bits)
        if n.bit_length() + e - s.bit_length() - f < 4 * NEGLIGIBLE:
            return Fraction(0), self.unit * Fraction(2) ** (4 * NEGLIGIBLE + 1)
        scale = self.unit * Fraction(2) ** (e - f)
        return Fraction(m, t) * scale, Fraction(n, s) * scale

    def hint(self):
        """Add up the approximations of both parts."""
        parts = [Logarithm(self.total).hint()]
        if self.moment.terms:
            parts.append(Quotient([self.moment], [self.total], self.unit).hint())
        size = sum(n * Fraction(2) ** e for n, e in parts if n.bit_length() + e > NEGLIGIBLE)
        return Rational(size or Fraction(2) ** NEGLIGIBLE).hint()
