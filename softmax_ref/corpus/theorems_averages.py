r"""The bounds of averages under softmax, and of log-ratios.

Notation as in `bounds`; P_j is the relative bound of p_j, L_j the absolute one of log p_j, and of what is averaged
c_j is the distance from the value at the top class, v_j that from the mean. To first order:

=================  ==========================================================================================
entropy            -sum_j p_j log p_j: a term is off by abs(log p_j) (P_j + u) + p_j L_j, and S roundings of the
                   sum: *standard*. log s with log1p, plus sum_j p_j abs(d_j), whose d_j rounds once more: no
                   term is negative and none is larger than the result: *tight*
mean               sum_j p_j z_j: a term is off by abs(z_j) (P_j + u), S roundings of the sum, one of the sum of p:
                   *standard*. The same of c_j, and the value at the top class added last: *tight*. This is the
                   mean energy too
heat capacity      beta^2 sum_j p_j (E_j - U)^2 with U off by e: a common shift of all distances counts twice
                   the sum of p_j v_j, which is 0 but for the errors of p, and e^2. A square of a rounded
                   difference has 3 u, its product with p one, beta^2 and its product two: S + 6: *standard*, with
                   e the bound of the mean. With the distances c_j, each rounded once, in place of E, whose
                   mean errs by the smaller e of sum_j p_j c_j: *tight*
clr                log p_i has E u abs(log p_i), the mean of K logarithms their mean times (E + S + 1) u, and
                   their difference rounds: *standard*. Logarithms of p_j / max p instead: a quotient below 1/2
                   rounds by less than 2 u abs(log), one above is exact through log1p of the difference, one that
                   leaves the range is a difference of two logarithms: (2 E + 2) u: *tight*
=================  ==========================================================================================

Where p_j underflows it is off by one and a half smallest subnormals, times what is averaged.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from softmax_ref.corpus.bounds import Slice

__all__ = ["AVERAGES"]


def _underflow(s: Slice, size: np.ndarray) -> float:
    """Return what probabilities lose that underflow, beside abs(values) of this size; past e^-20 of that nothing."""
    reached = (s.depth + s.log_s < 20 - math.log(s.tiny)) & np.isfinite(s.d)
    return 1.5 * s.tiny * (len(s.d) + float(size[reached].sum()))


def _entropy(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    surprise = s.depth + s.log_s
    if s.tight:
        error = s.log_s_error + s.p @ (s.depth * (s.known + (s.S + 3) * s.u))
    else:
        logs = s.log_s_error + s.u * (2 * surprise + 1)
        error = s.p @ (surprise * (s.known + (s.S + 2) * s.u) + logs)
    return error * s.orders + s.u * np.abs(y) + _underflow(s, surprise)


def _distances(s: Slice) -> np.ndarray:
    """Return given - given at the top class, 0 where nothing is weighed."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(s.p > 0, s.given - s.given[np.argmax(s.d)], 0.0)


def _mean(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    if s.tight:
        size = np.abs(_distances(s))
        error = s.p @ (size * (s.known + s.p @ s.known + (2 * s.S + 4) * s.u)) + s.u * np.abs(y)
    else:
        size = np.where(np.isfinite(s.d), np.abs(s.given), 0.0)
        error = s.mean_error(size)
    return error * s.orders + s.u * np.abs(y) + _underflow(s, size)


def _heat_capacity(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    c = s.beta * _distances(s)
    v = np.where(s.p > 0, np.abs(c - s.p @ c), 0.0)
    if s.tight:
        relative = s.known + s.p @ s.known + (2 * s.S + 8) * s.u
        mean, rounded = s.p @ (np.abs(c) * relative), s.u * np.abs(c)
    else:
        relative = s.known + (s.S + 6) * s.u
        mean, rounded = s.mean_error(s.beta * np.where(np.isfinite(s.d), s.given, 0.0)), 0.0
    mean = mean * s.orders
    error = s.p @ (v**2 * relative + 2 * v * (mean * relative + rounded)) + mean**2
    return error * s.orders + np.zeros_like(y) + _underflow(s, v**2 + 1 + s.beta**2)


def _clr(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    logs = np.log(s.given)
    c, each = (logs.max() - logs, 2 * s.E + 2) if s.tight else (np.abs(logs), s.E)
    error = each * c[i] + (each + s.S + 1) * c.mean() + 2 * np.abs(y)
    return s.u * error / (1 - (3 * s.E + s.S + 8) * s.u)


AVERAGES: dict[str, Callable] = {
    "entropy": _entropy,
    "mean_energy": _mean,
    "boltzmann_operator": _mean,
    "heat_capacity": _heat_capacity,
    "clr": _clr,
}
"""The bound of each function, called as those of `theorems`."""
