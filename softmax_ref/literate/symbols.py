"""Standard symbols, and builders for the expressions of the softmax family with K symbolic.

A family of logits is an indexed symbol (`z`) or a function of the index (``lambda n: beta * z[n]``).
The builders choose a letter for the bound index that occurs nowhere in the summand, so that nothing is captured.
"""

from __future__ import annotations

from sympy import Dummy, Expr, IndexedBase, KroneckerDelta, Sum, Symbol, UnevaluatedExpr, exp, log, symbols, sympify

__all__ = [
    "K", "M", "T", "beta", "c", "covariance", "d", "delta", "entropy_of", "expectation", "i", "j", "k", "l", "lse",
    "m", "n", "p", "partition", "q", "ratio", "sigma", "t", "tempered", "total", "v", "variance", "x", "y", "z",
]  # fmt: skip

K = Symbol("K", integer=True, positive=True)  # the number of classes
M = Symbol("M", integer=True, positive=True)  # K - 1, where K >= 2 is needed
i, j, k, l, m, n = symbols("i j k l m n", integer=True)  # noqa: E741  indices in 1..K
z, y, v = (IndexedBase(name, real=True) for name in "zyv")  # logits, other logits, a direction
p, q = (IndexedBase(name, positive=True) for name in "pq")  # distributions
d = IndexedBase("d", nonnegative=True)  # distance below the maximum: z[j] = c - d[j]
beta, T = symbols("beta T", positive=True)  # coldness and temperature
c, t, x = symbols("c t x", real=True)
delta = KroneckerDelta


def total(f, upper=K) -> Expr:
    """Return the sum of f over 1..upper."""
    probe = Dummy(integer=True)
    body = sympify(_entry(f, probe))
    used = {s.name for s in body.atoms(Symbol)} | {str(s) for s in sympify(upper).free_symbols}
    name = next(s for s in "jklmnabcdefgh" if s not in used)
    index = Symbol(name, integer=True)
    return Sum(body.xreplace({probe: index}), (index, 1, upper))


def tempered(n) -> Expr:
    """Return the logit n times beta."""
    return beta * z[n]


def partition(f=z) -> Expr:
    """Return the partition function, the sum of exp(f)."""
    return total(lambda n: exp(_entry(f, n)))


def sigma(n, f=z) -> Expr:
    """Return component n of the softmax of the logits f."""
    return exp(_entry(f, n)) / partition(f)


class Whole(UnevaluatedExpr):
    """An expression that is kept as it is written; it commutes, so that a quotient is printed as a fraction."""

    is_commutative = True


def ratio(a, b) -> Expr:
    """Return a/b as written; SymPy alone would cancel what is to be shown.

    Examples
    --------
    >>> ratio(exp(z[i]), exp(z[k]))
    exp(z[i])/exp(z[k])
    """
    return Whole(a) / Whole(b)


def lse(f=z) -> Expr:
    """Return the log of the partition function (LogSumExp)."""
    return log(partition(f))


def expectation(g, f=z) -> Expr:
    """Return the mean of g under the softmax of f."""
    return total(lambda n: sigma(n, f) * _entry(g, n))


def variance(g, f=z) -> Expr:
    """Return the variance of g under the softmax of f."""
    return covariance(g, g, f)


def covariance(g, h, f=z) -> Expr:
    """Return the covariance of g and h under the softmax of f."""
    both = expectation(lambda n: _entry(g, n) * _entry(h, n), f)
    return both - expectation(g, f) * expectation(h, f)


def entropy_of(f=z) -> Expr:
    """Return the Shannon entropy of the softmax of f, in nats."""
    return -total(lambda n: sigma(n, f) * log(sigma(n, f)))


def _entry(f, n):
    return f[n] if isinstance(f, IndexedBase) else f(n)
