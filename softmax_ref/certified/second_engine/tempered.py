"""Boltzmann sums, free energies, perturbed and tilted distributions; nothing is shifted.

Z > q                         exactly when  sum_j exp(-beta E_j) - q > 0
log(sum exp(x_j)) / beta > q  exactly when  sum_j exp(x_j) - exp(beta q) > 0, for beta > 0
tilted p_i > q                exactly when  p_i exp(theta x_i) - q sum_j p_j exp(theta x_j) > 0
"""

from fractions import Fraction
from math import inf, isfinite, isnan

from .exponentials import ONE, ExpSum
from .formulas import ZERO
from .quantities import BITS, Logarithm, Quotient, Rational, sign_of


class Scaled:
    """A rational multiple, not 0, of a quantity."""

    def __init__(self, quantity, factor):
        self.quantity, self.factor = quantity, Fraction(factor)

    def sign(self):
        """Return the sign of the quantity, turned by that of the factor."""
        return self.quantity.sign() * sign_of(self.factor)

    def compare(self, q):
        """Return the sign of abs(v) - q."""
        return self.quantity.compare(q / abs(self.factor))

    def hint(self):
        """Approximate abs(v) by the quantity's own hint."""
        n, e = self.quantity.hint()
        n, d = n * abs(self.factor).numerator, self.factor.denominator
        up = max(0, BITS + d.bit_length() - n.bit_length())
        return (n << up) // d, e - up


def partition_function(s):
    """sum_j exp(-beta E_j), where the slice holds -E."""
    if s.special:
        return {"nan": "nan", "inf": "inf", "empty": ZERO}[s.special]
    return Quotient([s.total], [ONE])


def log_semiring_sum(s):
    """log(sum_j exp(beta z_j)) / beta."""
    if s.special == "nan":
        return "nan"
    if s.special:
        return "inf" if (s.special == "inf") == (s.beta > 0) else "-inf"
    return Scaled(Logarithm(s.total), 1 / s.beta)


def free_energy(s):
    """-log(sum_j exp(-beta E_j)) / beta, where the slice holds -E."""
    value = log_semiring_sum(s)
    if isinstance(value, str):
        return {"nan": "nan", "inf": "-inf", "-inf": "inf"}[value]
    return Scaled(value.quantity, -value.factor)


def exponential_tilting(s, x, p):
    """p_i exp(theta x_i) / sum_j p_j exp(theta x_j); the weights are the tangent of the slice."""
    if s.special:
        return "nan"
    if not isfinite(x):
        return ZERO
    return Quotient([s.single(x, s.integer(p))], [ExpSum(s.moments)])


def gumbel_softmax(s, z, noise):
    """exp((z_i + g_i)/T) / sum_j exp((z_j + g_j)/T); the noise is the tangent of the slice."""
    sums = [_sum(x, g) for x, g in zip(s.z.tolist(), s.tangent.tolist(), strict=True)]
    if any(isinstance(x, float) and (isnan(x) or x == inf) for x in sums):
        return "nan"
    terms = {}
    for x in sums:
        if x != -inf:
            terms[s.beta * x] = terms.get(s.beta * x, 0) + 1
    if not terms:
        return "nan"
    own = _sum(z, noise)
    return ZERO if own == -inf else Quotient([ExpSum({s.beta * own: 1})], [ExpSum(terms)])


def log_semiring_multiply(x, y):
    """x + y."""
    total = _sum(x, y)
    if isinstance(total, Fraction):
        return Rational(total)
    return "nan" if isnan(total) else "inf" if total > 0 else "-inf"


def _sum(x, y):
    """Return x + y exactly, as a Fraction, or as a float where it is not finite."""
    return Fraction(x) + Fraction(y) if isfinite(x) and isfinite(y) else x + y
