"""Functions with a threshold, from their optimality conditions; nothing is sorted or shifted.

With k = 1/(alpha - 1) and r = k^k, the shares are p_i = (z_i - t)_+^k / r. The excess sum_j (z_j - x)_+^k falls as x
grows, and is r at x = t. So z_i is in the support exactly when its own excess is below r. With the differences
d_j = z_i - z_j to the n entries there, the distance y = z_i - t solves sum_j (y - d_j)^k = r:

    alpha = 2    k = 1, r = 1    n y = 1 + A                              A = sum_j d_j
    alpha = 3/2  k = 2, r = 4    n y = A + R,  R^2 = A^2 - n (B - 4)      B = sum_j d_j^2
"""

from fractions import Fraction
from functools import lru_cache
from math import isfinite

from . import formulas
from .quantities import Rational
from .surds import Surd

ZERO = Rational(0)


def argmax_one_hot(s, z):
    """1/m where no entry is larger and m entries are equal, else 0."""
    if s.special:
        return "nan"
    return ZERO if (s.z > z).any() else Rational(Fraction(1, int((s.z == z).sum())))


def sparsemax(s, z):
    """y = (1 + A)/n."""
    if s.special:
        return "nan"
    if not _inside(s, z, 1):
        return ZERO
    n, a, _ = _differences(s, z, 1)
    return Rational((1 + a) / n)


def sparsemax_vjp(s, z, g):
    """sum_j (g_i - g_j)/n over the support."""
    if s.special:
        return "nan"
    if not _inside(s, z, 1):
        return ZERO
    n, _, _ = _differences(s, z, 1)
    return Rational(_cotangents(s, z, g, 1)[0] / n)


def entmax15(s, z):
    """y^2/4 with n y = A + R."""
    if s.special:
        return "nan"
    if not _inside(s, z, 2):
        return ZERO
    n, a, b = _differences(s, z, 2)
    c = a * a - n * (b - 4)
    return Surd((a * a + c) / (4 * n * n), a / (2 * n * n), c)


def entmax15_vjp(s, z, g):
    """y/2 sum_j (y - d_j)(g_i - g_j) / sum_j (y - d_j), where the last sum is R."""
    if s.special:
        return "nan"
    if not _inside(s, z, 2):
        return ZERO
    n, a, b = _differences(s, z, 2)
    c = a * a - n * (b - 4)
    plain, weighted = _cotangents(s, z, g, 2)
    # (A + R) ((A + R) plain - n weighted) / (2 n^2 R), with 1/R = R/R^2
    root = ((a * a + c) * plain - n * weighted * a) / c
    return Surd((2 * a * plain - n * weighted) / (2 * n * n), root / (2 * n * n), c)


def entmax(s, z):
    """The function that alpha selects."""
    return {1: formulas.softmax, Fraction(3, 2): entmax15, 2: sparsemax}[s.alpha](s, z)


def entmax_vjp(s, z, g):
    """The gradient that alpha selects."""
    return {1: formulas.softmax_vjp, Fraction(3, 2): entmax15_vjp, 2: sparsemax_vjp}[s.alpha](s, z, g)


def _inside(s, z, k):
    return isfinite(z) and Fraction(z) in _support(s, k)


@lru_cache(maxsize=2)
def _support(s, k):
    """Return the logits whose excess is below k^k, with their counts."""
    return {
        x: count
        for x, count in s.counts.items()
        if sum(c * (other - x) ** k for other, c in s.counts.items() if other > x) < k**k
    }


def _differences(s, z, k):
    """Return n, the sum of d and the sum of d^2."""
    z, support = Fraction(z), _support(s, k)
    return (
        sum(support.values()),
        sum((z - x) * count for x, count in support.items()),
        sum((z - x) ** 2 * count for x, count in support.items()),
    )


def _cotangents(s, z, g, k):
    """Return the sums of g_i - g_j and of d_j (g_i - g_j) over the support."""
    z, g = Fraction(z), s.integer(g)
    parts = [(z - x, g * count - s.moments[x]) for x, count in _support(s, k).items()]
    return sum(v for _, v in parts) * s.unit, sum(d * v for d, v in parts) * s.unit
