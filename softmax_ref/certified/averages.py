"""Averages of a row under its own softmax, and the logarithms that softmax undoes.

No value here is a rational but those that are recognised: a mean or a variance with a rational value has terms that
cancel identically (Lindemann and Weierstrass), so that all logits are equal; a centred log-ratio is the logarithm of
an algebraic number, which is rational only for the logarithm of 1. Of an entropy log S + sum p d that is not 0
nothing so strong is known: should one stand on a midpoint, certification ends in an error and not in a value.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import prod

import numpy as np
from flint import arb

from softmax_ref.certified.near import Near, ball
from softmax_ref.certified.rows import per_precision

__all__ = ["boltzmann_operator", "clr", "entropy", "heat_capacity", "mean_energy"]


def entropy(z, i):
    """log S + sum_j p_j (m - z_j), with S the sum of e^(z_j - m); exactly 0 for a single finite logit."""
    return z.row.log_total() + z.mean(_depths(z))


def boltzmann_operator(z, i, *, beta=1):
    """sum_j p_j z_j, p at the coldness beta."""
    return z.mean(z.given)


def mean_energy(z, i, *, beta=1):
    """sum_j p_j E_j, where z holds -E."""
    return -z.mean(z.given)


def heat_capacity(z, i, *, beta=1):
    """beta^2 (sum_j p_j c_j^2 - (sum_j p_j c_j)^2), with c the distances from the top state: 0 there."""
    first, second = map(z.mean, _distances(z))
    return beta * beta * (second - first * first)


def clr(p, i):
    """log p_i - sum_j log p_j / K, where the row p holds positive weights; exactly 0 where p_i^K = prod_j p_j."""
    if _is_geometric_mean(p, p[i]):
        return Near(Fraction(0))
    return Near(Fraction(0), ball(p[i]).log() - _mean_log(p)())


# What belongs to a row is computed once: means are remembered by the identity of their tuple.


@lru_cache(maxsize=8)
def _depths(z) -> tuple[Fraction, ...]:
    top = Fraction(z.row.top)
    return tuple(Fraction(0) if z[i] is None else top - Fraction(z[i]) for i in range(len(z)))


@lru_cache(maxsize=8)
def _distances(z) -> tuple[tuple[Fraction, ...], ...]:
    top = next(v for i, v in enumerate(z.given) if z[i] == z.row.top)
    distances = tuple(v - top for v in z.given)
    return distances, tuple(c * c for c in distances)


@lru_cache(maxsize=8)
def _mean_log(p) -> Callable[[], arb]:
    counts = np.bincount(p.group).tolist()
    return per_precision(lambda: sum((n * ball(x).log() for x, n in zip(p.levels, counts)), arb(0)) / len(p))


@lru_cache(maxsize=8)
def _product(p) -> tuple[int, int]:
    weights = [Fraction(p[i]) for i in range(len(p))]
    return prod(w.numerator for w in weights), prod(w.denominator for w in weights)


def _is_geometric_mean(p, x) -> bool:
    numerator, denominator = _product(p)
    x = Fraction(x)
    return x.numerator ** len(p) * denominator == x.denominator ** len(p) * numerator
