r"""The bounds of Boltzmann sums, policies, perturbed and tilted rows, and of the log semiring.

Notation as in `bounds`; x_j is the exponent of term j before the shift, so that d_j = x_j - max x. Where x_j is formed by
arithmetic, its error f_j u adds to that of the term: abs(log p_i) moves by u (f_i + sum_j p_j f_j). To first order:

=================  ==========================================================================================
boltzmann          x = -beta E: f_j = abs(x_j), nothing for a power of two; after the shift abs(d_j): *tight*
policy             x = q/tau rounds by abs(x_j); 1/tau rounds once for all x_j, which is a factor of the d_j:
                   f_j = abs(x_j) + abs(d_j): *standard*. The quotient of the shifted values: abs(d_j): *tight*
gumbel             the sum z + g rounds by abs(x_j), its quotient by T after the shift by abs(d_j): *tight*. z/T and g/T
                   apart round by (abs(z_j) + abs(g_j))/T more, and 1/T as above: *standard*
tilting            D_j = max theta x - theta x_j: p_j times e^(-D_j) rounds by 1, D_j once for the difference and
                   once for the product: *tight*. theta x_j + log p_j rounds the product, the logarithm by
                   E abs(log p_j) and the sum by abs(x_j): *standard* allows the larger of the two, and what the
                   terms lose below the normal numbers over their sum, which may be small: see below
partition sum      e^(m) s with m = max x: abs(m) f for a product, 2 E for e^(m/2) squared, which does not overflow
                   before its time, A + S for s, 2 for the products: *tight*. Through log Z, rounded by abs(log Z),
                   with E log s: *standard*
free energy        (m + log s)/beta: the bound of log s over abs(beta), the quotient by abs(log s / beta), the sum
                   by abs(y): *tight*. Multiplied first, the sum and m round before the quotient, and 1/beta may
                   be rounded too: *standard*. The sum and the addition of the log semiring are this too
product            x + y rounds once
=================  ==========================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from softmax_ref.certified.definitions import DEFINITIONS
from softmax_ref.certified.slices import Slices
from softmax_ref.corpus.bounds import Slice, is_power_of_two

__all__ = ["FORMED", "TEMPERED", "WITH_PROBABILITIES", "sizes", "underflow_of_weights"]

WITH_PROBABILITIES = (
    *("boltzmann", "boltzmann_policy", "gumbel_softmax", "exponential_tilting"),
    *("softmax_beta", "softmax_temperature", "softmax_beta_vjp", "softmax_temperature_vjp", "masked_softmax"),
)
"""Functions bounded as softmax is, with exponents of their own; an entry that weighs nothing is exactly 0."""

FARTHEST = Fraction(-(10**300))
"""A difference past the range stays finite, for it is no masked entry."""


def _exponents(s: Slice) -> np.ndarray:
    """Return abs(x), 0 where an entry weighs nothing."""
    return np.where(np.isfinite(s.d), np.abs(s.beta * s.given), 0.0)


def _policy(s: Slice, row: np.ndarray, beside: np.ndarray) -> Slice:
    if is_power_of_two(s.beta):
        return s
    return replace(s, formed=lambda s: s.depth if s.tight else _exponents(s) + s.depth)


def _gumbel(s: Slice, row: np.ndarray, beside: np.ndarray) -> Slice:
    """Bound the row of exact sums; beside it stand abs(z) + abs(g)."""
    beta = Fraction(s.beta)
    top = max(x for x in row.tolist() if x != -math.inf)
    exact = [-math.inf if x == -math.inf else float(max((x - top) * beta, FARTHEST)) for x in row.tolist()]
    quotient = 0.0 if is_power_of_two(s.beta) else 1.0

    def formed(s: Slice) -> np.ndarray:
        apart = 0.0 if s.tight else np.where(np.isfinite(s.d), s.beta * beside, 0.0)
        return _exponents(s) + quotient * (s.depth + apart)

    return replace(s, d=np.array(exact), formed=formed)


def _tilting(s: Slice, row: np.ndarray, beside: np.ndarray) -> Slice:
    """Bound theta x + log p; beside the row stand the weights p."""
    reach, inside = s.depth, np.isfinite(s.d)
    log_p = np.log(np.where(inside, beside, 1.0))
    t = np.where(inside, s.d + log_p, -np.inf)
    product = 0.0 if is_power_of_two(s.beta) else 1.0
    x = np.where(inside, s.beta * np.where(inside, s.given, 0.0), 0.0)

    def formed(s: Slice) -> np.ndarray:
        weighed = (1 + product) * reach + 1
        logs = product * np.abs(x) + s.E * np.abs(log_p) + np.abs(x + log_p)
        return weighed if s.tight else np.maximum(weighed, logs)

    return replace(s, d=t - t.max(), formed=formed)


def underflow_of_weights(s: Slice, p: np.ndarray, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Bound what p_j e^(-D_j) loses below the normal numbers: one subnormal for each factor, divided by their sum.

    Nothing keeps that sum above 1, as in softmax: where the largest theta x_j has a small p_j, the loss grows.
    """
    inside = np.isfinite(s.d)
    shifted = np.where(inside, s.d - np.log(np.where(inside, p, 1.0)), -np.inf)
    total = float(p @ np.exp(shifted - shifted.max()))
    return 1.5 * s.tiny * (1 + p[i] + np.abs(y) * (len(p) + p.sum())) / total


FORMED: dict[str, Callable] = {
    "boltzmann_policy": _policy,
    "softmax_temperature": _policy,
    "softmax_temperature_vjp": _policy,
    "gumbel_softmax": _gumbel,
    "exponential_tilting": _tilting,
}
"""How the exponents of a slice are formed, where that is more than a product with beta."""


def sizes(function: str, inputs: tuple, axis) -> np.ndarray | None:
    """Return abs(z) + abs(noise) as rows; None where the rows are not sums."""
    if function != "gumbel_softmax":
        return None
    size = sum(np.abs(np.asarray(x, np.float64)) for x in inputs)
    return Slices("softmax", DEFINITIONS["softmax"], (size,), axis, {}).rows


def _product_of_top(s: Slice) -> float:
    return float(np.broadcast_to(s.product, s.d.shape)[np.argmax(s.d)])


def _partition_function(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    m = float(s.beta * s.given[np.argmax(s.d)])
    factor = 0.0 if is_power_of_two(s.beta) else abs(m)
    more = factor + 2 * s.E + 2
    if not s.tight:
        more += 2 * abs(m) + abs(m + s.log_s) + s.E * s.log_s + 2
    relative = s.inflate(s.u * more + s.sum_error)
    return np.abs(y) * relative + 3 * s.tiny * len(s.d)


def _log_over_beta(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    beta = abs(s.beta)
    logs = s.log_s if s.tight else 2 * s.log_s + _product_of_top(s) + 1
    # Multiplied by u one by one: the sum of the sizes may leave the range of float64.
    rounded = s.u * logs / beta + (1 if s.tight else 3) * (s.u * np.abs(y))
    return s.log_s_error / beta + rounded * (1 + 8 * s.u)


def _sum(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    return s.u * np.abs(y)


TEMPERED: dict[str, Callable] = {
    "partition_function": _partition_function,
    "free_energy": _log_over_beta,
    "log_semiring_sum": _log_over_beta,
    "log_semiring_add": _log_over_beta,
    "log_semiring_multiply": _sum,
}
"""The bounds of functions without probabilities, called as those of `theorems`."""
