"""The arg max, sparsemax and entmax over one row: rationals, and rationals plus one square root.

With x = (alpha - 1)(z - max) the shares are (x_i - tau)_+^(1/(alpha - 1)). The threshold follows from the support,
n entries with the mean M and the sum of squares V = sum (x - M)^2 about it:

    alpha = 2     sum (x - tau) = 1     gives  M - tau = 1/n
    alpha = 3/2   sum (x - tau)^2 = 1   gives  (M - tau)^2 = (1 - V)/n

so (M - tau)^2 is rational, and x_i > tau is decided without a root: (M - x_i)^2 < (M - tau)^2. A square root of a
rational is rational or is no midpoint; which of the two is seen from the integers in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isqrt

from softmax_ref.certified.near import Near, ball

__all__ = ["ALPHAS", "argmax_one_hot", "entmax", "entmax15", "entmax15_vjp", "entmax_vjp", "sparsemax", "sparsemax_vjp"]

ALPHAS = (Fraction(1), Fraction(3, 2), Fraction(2))
"""Where entmax is certified: the value is transcendental, quadratic or rational. Elsewhere nothing is known of ties."""


@dataclass(frozen=True)
class Support:
    """The entries above the threshold, x = scale (z - top): how many, their mean, and (mean - tau)^2."""

    top: Fraction
    scale: Fraction
    n: int
    mean: Fraction
    square: Fraction

    def depth(self, logit) -> Fraction | None:
        """Return x - mean at a logit; None where the share is 0, as it is for a logit of None."""
        if logit is None:
            return None
        a = self.scale * (Fraction(logit) - self.top) - self.mean
        return a if a >= 0 or a * a < self.square else None


@lru_cache(maxsize=2)
def support(z, alpha: Fraction) -> Support:
    """Return the support of a row: logits join from the largest on, as long as the next lies above the threshold."""
    top, scale = Fraction(z.row.top), alpha - 1
    n, total, squares, found = 0, Fraction(0), Fraction(0), None
    for logit in sorted(z.row.counts, reverse=True):
        x, count = scale * (Fraction(logit) - top), z.row.counts[logit]
        n, total, squares = n + count, total + count * x, squares + count * x * x
        mean = total / n
        square = Fraction(1, n * n) if alpha == 2 else (1 - squares + n * mean * mean) / n
        if square <= 0 or (mean - x) ** 2 >= square:
            break
        found = Support(top, scale, n, mean, square)
    return found


def surd(a: Fraction, b: Fraction, square: Fraction) -> Near:
    """Return a + b sqrt(square), a rational where it is one."""
    root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if b == 0 or root * root == square:
        return Near(a + b * root if b else a)
    return Near(a, ball(b) * ball(square).sqrt())


def argmax_one_hot(z, i) -> Near:
    """1/m at the m largest logits, else 0."""
    top = z.row.top
    return Near(Fraction(1, z.row.counts[top]) if z[i] == top else Fraction(0))


def sparsemax(z, i) -> Near:
    """(z_i - tau)_+."""
    return entmax(z, i, alpha=Fraction(2))


def entmax15(z, i) -> Near:
    """(z_i/2 - tau)_+^2."""
    return entmax(z, i, alpha=Fraction(3, 2))


def entmax(z, i, *, alpha=Fraction(3, 2)) -> Near:
    """((alpha - 1) z_i - tau)_+^(1/(alpha - 1)), the softmax for alpha = 1."""
    if alpha == 1:
        return z.p(i)
    s = support(z, alpha)
    a = s.depth(z[i])
    if a is None:
        return Near(Fraction(0))
    return surd(a, Fraction(1), s.square) if alpha == 2 else surd(a * a + s.square, 2 * a, s.square)


def sparsemax_vjp(z, i, g) -> Near:
    """g_i less its mean over the support; 0 outside."""
    return entmax_vjp(z, i, g, alpha=Fraction(2))


def entmax15_vjp(z, i, g) -> Near:
    """s_i (g_i - sum_j s_j g_j / sum_j s_j) with s = z/2 - tau on the support."""
    return entmax_vjp(z, i, g, alpha=Fraction(3, 2))


def entmax_vjp(z, i, g, *, alpha=Fraction(3, 2)) -> Near:
    """s_i (g_i - sum_j s_j g_j / sum_j s_j) with s = p^(2 - alpha) on the support."""
    if alpha == 1:
        return z.p(i) * (g[i] - z.mean(g))
    s = support(z, alpha)
    a = s.depth(z[i])
    if a is None:
        return Near(Fraction(0))
    mean, slope = moments(z, alpha, g)
    if alpha == 2:
        return Near(g[i] - mean)
    # With q = mean - tau, s_j = a_j + q sums to n q, and the weighted mean of g is mean + slope/q.
    v = g[i] - mean
    return surd(a * v - slope, v - a * slope / s.square, s.square)


@lru_cache(maxsize=2)
def moments(z, alpha: Fraction, g: tuple) -> tuple[Fraction, Fraction]:
    """Return the means of g and of a g over the support, where a = x - mean sums to 0."""
    s = support(z, alpha)
    members = [(a, v) for i, v in enumerate(g) if (a := s.depth(z[i])) is not None]
    return sum(v for _, v in members) / s.n, sum(a * v for a, v in members) / s.n
