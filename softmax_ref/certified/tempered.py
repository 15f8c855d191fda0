"""Boltzmann sums, free energies and tilted distributions over one row; and the coldness that a row is scaled by.

A sum of exponentials with rational coefficients is rational only where every exponent is 0 (Lindemann and
Weierstrass), so that the terms with exponent 0 are all that has to be kept exact.
"""

from __future__ import annotations

import math
from fractions import Fraction

from flint import arb

from softmax_ref.certified.near import Near, ball

__all__ = [
    "coldness",
    "opposite_infinities",
    "over_beta",
    "partition_function",
    "perturbed",
    "product",
    "scaled_logsumexp",
    "sum_at_infinity",
    "tilted",
]

PAST_EVERY_FORMAT = 1 << 16
"""exp of this exceeds the largest number of each format: written out it would fill the memory."""


NEEDS_BETA = ("free_energy", "log_semiring_add", "log_semiring_sum")
"""Functions that divide by beta."""


def coldness(function: str, parameters: dict, exact) -> Fraction:
    """Return what the logits are multiplied by: beta or theta, or 1 over a temperature; refuse what has no value."""
    for name in ("beta", "theta", "tau", "temperature"):
        if name not in parameters:
            continue
        value = parameters[name]
        if not math.isfinite(value):
            raise ValueError(f"certify: {function} needs a finite {name}, got {value}")
        if name == "beta" and value == 0 and function in NEEDS_BETA:
            raise ValueError(f"certify: {function} needs a beta other than 0, got {value}")
        if name in ("beta", "theta"):
            return exact(value)
        if not value > 0:
            raise ValueError(f"certify: {function} needs a positive {name}, got {value}")
        return 1 / exact(value)
    return Fraction(1)


def partition_function(z, i, *, beta=1):
    """sum_j e^(x_j), with x_j = -beta E_j the logits of the row."""
    if z.row.top > PAST_EVERY_FORMAT:
        return math.inf
    counts = z.row.counts
    others = (n * ball(x).exp() for x, n in counts.items() if x != 0)
    return Near(Fraction(counts.get(0, 0)), sum(others, arb(0)))


def sum_at_infinity(z):
    """inf, or 0 without a state; None for an ordinary row."""
    if z.has_inf:
        return math.inf
    return 0.0 if z.row is None else None


def scaled_logsumexp(sign: int):
    """Return the formula of log(sum_j e^(x_j)) / (sign beta), with x_j the logits of the row."""

    def formula(z, i, *, beta=1):
        return z.row.logsumexp() * (sign / Fraction(beta))

    return formula


def over_beta(sign: int):
    """Return the value of a row without a distribution: log(inf) or log(0) over sign beta."""

    def special(z):
        if z.has_inf:
            return math.inf if sign * z.beta > 0 else -math.inf
        return None if z.row is not None else -math.inf if sign * z.beta > 0 else math.inf

    return special


def product(z, i):
    """x + y."""
    x, y = z[0], z[1]
    return -math.inf if x is None or y is None else Near(Fraction(x) + Fraction(y))


def opposite_infinities(z):
    """+inf, or nan beside -inf; None for a pair without +inf."""
    if z.has_inf:
        return math.nan if -math.inf in z.levels else math.inf
    return -math.inf if z.row is None else None


def tilted(z, i, p):
    """p_i e^(x_i) / sum_j p_j e^(x_j), with the weights p as coefficients of the row."""
    return p[i] * z.p(i)


def perturbed(z, noise):
    """Return z + noise without a rounding."""

    def total(x, g):
        s = x + g
        return s if s != s or x in (math.inf, -math.inf) or g in (math.inf, -math.inf) else Fraction(x) + Fraction(g)

    return [total(x, g) for x, g in zip(z.ravel().tolist(), noise.ravel().tolist(), strict=True)]
