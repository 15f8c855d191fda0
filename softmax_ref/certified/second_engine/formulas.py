"""What each function is, as a quotient or a logarithm of sums of exponentials; nothing is shifted.

A formula gets the slice and what belongs to the entry, and answers with a quantity or with "nan", "inf" or "-inf".
Special values are those of the design's table: probability 0 at -inf, nan where no distribution exists.
"""

from fractions import Fraction
from math import inf, isfinite, isnan

from .exponentials import ONE, ExpSum
from .quantities import Logarithm, Quotient, Rational

ZERO = Rational(0)


# One result an entry. All but the first two arguments are numbers of the entry itself.


def softmax(s, z):
    """p_i = exp(beta z_i) / sum_j exp(beta z_j)."""
    if s.special:
        return "nan"
    return Quotient([s.single(z)], [s.total]) if isfinite(z) else ZERO


def log_softmax(s, z):
    """log p_i = z_i - log sum_j exp(z_j)."""
    if s.special:
        return "nan"
    return Logarithm(s.total, -1, s.exponent(z)) if isfinite(z) else "-inf"


def softmax_vjp(s, z, g):
    """beta p_i sum_j p_j (g_i - g_j)."""
    if s.special:
        return "nan"
    if not isfinite(z):
        return ZERO
    return Quotient([s.single(z), s.centred(g)], [s.total, s.total], s.beta * s.unit)


def log_softmax_vjp(s, z, g):
    """g_i - p_i sum_j g_j, the sum over every entry."""
    if s.special:
        return "nan"
    if not isfinite(z):
        return Rational(g)
    return Quotient([s.total * s.integer(g) + s.single(z, -s.tangent_sum)], [s.total], s.unit)


def log_softmax_jvp(s, z, v):
    """sum_j p_j (v_i - v_j), also where p_i = 0."""
    return "nan" if s.special else Quotient([s.centred(v)], [s.total], s.unit)


def logsumexp_vjp(s, z):
    """g p_i, with one cotangent g a slice."""
    if s.special:
        return "nan"
    return Quotient([s.single(z)], [s.total], s.cotangent) if isfinite(z) else ZERO


def cross_entropy_vjp(s, z, is_label):
    """g (p_i - t_i), with the targets t."""
    if s.special:
        return "nan"
    target = _target(s, is_label)
    if not isfinite(z):
        return Rational(-Fraction(s.cotangent) * target)
    numerator = s.single(z, target.denominator) + s.total * -target.numerator
    return Quotient([numerator], [s.total], Fraction(s.cotangent) / target.denominator)


def _target(s, is_label):
    """t_i = (1 - smoothing) [i is the label] + smoothing / K."""
    return (1 - s.smoothing if is_label else 0) + s.smoothing / len(s.z)


# One result a slice.


def logsumexp(s):
    """log sum_j exp(z_j), -inf for the empty sum."""
    if s.special:
        return {"nan": "nan", "inf": "inf", "empty": "-inf"}[s.special]
    return Logarithm(s.total)


def logsumexp_jvp(s):
    """sum_j p_j v_j."""
    return "nan" if s.special else Quotient([ExpSum(s.moments)], [s.total], s.unit)


def cross_entropy(s):
    """LSE(z) - sum_i t_i z_i, for targets that sum to 1."""
    if s.special:
        return "nan"
    if s.label_logit == -inf and s.smoothing != 1 or s.smoothing and not s.finite.all():
        return "inf"
    mean = s.smoothing and sum(x * count for x, count in s.counts.items()) / len(s.z)
    label = (1 - s.smoothing) * Fraction(s.label_logit) if s.smoothing != 1 else 0
    return Logarithm(s.total, 1, label + s.smoothing * mean)


def cross_entropy_jvp(s):
    """sum_i (p_i - t_i) v_i."""
    if s.special:
        return "nan"
    v = s.integer(s.tangent[s.label])
    target = (1 - s.smoothing) * v + s.smoothing * Fraction(s.tangent_sum, len(s.z))
    numerator = ExpSum(s.moments) * target.denominator + s.total * -target.numerator
    return Quotient([numerator], [s.total], s.unit / target.denominator)


# One result a pair of entries.


def softmax_jacobian(s, z, other, same):
    """p_i ([i = j] - p_j)."""
    if s.special:
        return "nan"
    if not (isfinite(z) and isfinite(other)):
        return ZERO
    right = s.total + s.single(z, -1) if same else s.single(other, -1)
    return Quotient([s.single(z), right], [s.total, s.total])


# Elementwise: limits at the infinities, first at -inf, then at +inf.


def logistic(x):
    """exp(x) / (1 + exp(x))."""
    return _elementwise(x, ZERO, Rational(1), lambda e, one: Quotient([e], [one + e]))


def log_logistic(x):
    """-log(1 + exp(-x)), written x - log(1 + exp(x))."""
    return _elementwise(x, "-inf", ZERO, lambda e, one: Logarithm(one + e, -1, x))


def softplus(x):
    """log(1 + exp(x))."""
    return _elementwise(x, ZERO, "inf", lambda e, one: Logarithm(one + e))


def logistic_vjp(x, g):
    """g exp(x) / (1 + exp(x))^2."""
    return _elementwise(x, ZERO, ZERO, lambda e, one: Quotient([e], [one + e, one + e], g))


def log_logistic_vjp(x, g):
    """g / (1 + exp(x)), which is g at -inf."""
    return _elementwise(x, Rational(g), ZERO, lambda e, one: Quotient([ONE], [one + e], g))


def softplus_vjp(x, g):
    """g exp(x) / (1 + exp(x)), which is g at +inf."""
    return _elementwise(x, ZERO, Rational(g), lambda e, one: Quotient([e], [one + e], g))


def _elementwise(x, low, high, inside):
    if isnan(x):
        return "nan"
    return inside(ExpSum({Fraction(x): 1}), ONE) if isfinite(x) else (low if x < 0 else high)
