"""The bound of each function, from what `bounds` knows of a slice; and the tolerance that follows from it.

Each formula takes the slice, flat indices of components, their exact values and the function's further
arguments, and returns the allowed absolute error before the rounding into the output format.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from softmax_ref.corpus.bounds import Slice
from softmax_ref.corpus.theorems_averages import AVERAGES
from softmax_ref.corpus.theorems_sparse import SPARSE
from softmax_ref.corpus.theorems_tempered import TEMPERED, underflow_of_weights
from softmax_ref.formats import Format

__all__ = ["BOUNDS", "BoundError", "allowed_ulp"]


class BoundError(ValueError):
    """A case whose bound is so wide that it would test nothing."""


def _relative(
    s: Slice, relative: np.ndarray, y: np.ndarray, depth: np.ndarray, formed: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return abs(y) * relative; past 0.1 only for what underflows even when every error pushes it up."""
    log_y = -depth - s.log_s
    gone = log_y * (1 - 4 * s.u) + 4 * s.u * (depth + formed) < math.log(s.tiny) - 2
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(relative), np.abs(y) * relative, np.where(gone, 0.0, np.inf))


def _softmax(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    formed = np.broadcast_to(s.product, s.d.shape)
    return _relative(s, s.P[i], y, s.depth[i], formed[i] + s.p @ formed)


def _tilted(s: Slice, i: np.ndarray, y: np.ndarray, p: np.ndarray) -> np.ndarray:
    bound = _softmax(s, i, y)
    return bound if s.tight else bound + underflow_of_weights(s, p, i, y)


def _log_softmax(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    extra = 0.0 if s.tight else 1 + s.log_s
    # Multiplied by u one by one: the sum of the sizes may leave the range of float64.
    return s.log_s_error + (s.u * s.depth[i] + s.u * np.abs(y) + s.u * extra) * (1 + 4 * s.u)


def _logsumexp(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    extra = 0.0 if s.tight else 1.0
    return s.log_s_error + s.u * (np.abs(y) + extra) * (1 + 4 * s.u)


def _cross_entropy(s: Slice, i: np.ndarray, y: np.ndarray, target: np.ndarray) -> np.ndarray:
    reach = float(np.where(target > 0, target * s.depth, 0.0).sum())
    extra = 0.0 if s.tight else 1 + s.log_s
    soft = np.count_nonzero(target) > 1
    # Soft targets: n products and a sum, of t_j d_j or of t_j log p_j.
    each = s.u * (s.S + 5 if soft else 1)
    return s.log_s_error + (each * reach + each * np.abs(y) + s.u * extra) * (1 + (s.S + 8) * s.u)


# Derivatives.


def _softmax_vjp(s: Slice, i: np.ndarray, y: np.ndarray, g: np.ndarray) -> np.ndarray:
    centred, P = np.abs(g - s.p @ g), s.known
    error = _centred_mean(s, g) if s.tight else s.mean_error(g) + (s.S + 3) * s.u * np.abs(g[i])
    underflow = s.tiny * (1 + centred[i] + s.p[i] * (len(g) + np.abs(g).sum()))
    bound = s.p[i] * (centred[i] * (P[i] + 3 * s.u) + error) * s.orders + 1.5 * underflow
    return bound if abs(s.beta) == 1 else abs(s.beta) * bound + s.u * np.abs(y) * s.orders


def _softmax_temperature_vjp(s: Slice, i: np.ndarray, y: np.ndarray, g: np.ndarray) -> np.ndarray:
    # Divided by T once: *tight*. Multiplied by a rounded 1/T: *standard*.
    return _softmax_vjp(s, i, y, g) + (0.0 if s.tight else s.u * np.abs(y) * s.orders)


def _centred_mean(s: Slice, g: np.ndarray) -> float:
    """Return the absolute bound of the mean of g, a first estimate of which is subtracted before."""
    centred, P, mean_P = np.abs(g - s.p @ g), s.known, s.p @ s.known
    error = s.p @ (centred * (P + mean_P + (2 * s.S + 4) * s.u))
    return error + s.mean_error(g) * (2 * mean_P + (2 * s.S + 4) * s.u)


def _complement(s: Slice, i: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return 1 - p_i and its absolute bound: 1 - p, or for *tight* the sum of the others where p is large."""
    P = s.known
    rest = np.where(i == np.argmax(s.d), s.outside.sum(), 1 - s.p[i])
    if not s.tight:
        return rest, s.p[i] * P[i] + s.u
    others = s.p @ P - s.p[i] * P[i] + rest * (s.S + 2) * s.u
    return rest, np.where(s.p[i] > 0.5, others, np.maximum(others, s.p[i] * P[i] + s.u * rest))


def _softmax_jacobian(s: Slice, k: np.ndarray, y: np.ndarray) -> np.ndarray:
    i, j = np.divmod(k, len(s.d))
    P = s.known
    rest, rest_error = _complement(s, i)
    # p - p^2 and diag(p) - p p^T round p^2 and the difference: two units of p at most.
    diagonal = s.p[i] * (rest * P[i] + rest_error + s.u * (rest if s.tight else 2.0))
    bound = np.where(i == j, diagonal, np.abs(y) * (P[i] + P[j] + s.u))
    return bound * s.orders + 1.5 * s.tiny


def _log_softmax_vjp(s: Slice, i: np.ndarray, y: np.ndarray, g: np.ndarray) -> np.ndarray:
    size = np.abs(g).sum()
    error = s.p[i] * (abs(g.sum()) * (s.known[i] + 2 * s.u) + s.S * s.u * size)
    if s.tight:  # g_i (1 - p_i) - p_i (sum of the other g) where p_i is large
        rest, rest_error = _complement(s, i)
        others = np.abs(g.sum() - g[i]) * (s.known[i] + 2 * s.u) + s.S * s.u * (size - np.abs(g[i]))
        apart = np.abs(g[i]) * (rest_error + s.u * rest) + s.p[i] * others
        error = np.where(s.p[i] > 0.5, apart, np.where(s.d[i] == 0, np.maximum(apart, error), error))
    return (error + s.u * np.abs(y)) * s.orders + 1.5 * s.tiny * (1 + size)


def _logsumexp_vjp(s: Slice, i: np.ndarray, y: np.ndarray, g: float) -> np.ndarray:
    return np.abs(y) * (s.known[i] + 2 * s.u) * s.orders + 1.5 * s.tiny * (1 + abs(g))


def _logsumexp_jvp(s: Slice, i: np.ndarray, y: np.ndarray, *v) -> np.ndarray:
    v = np.atleast_1d(np.array(v).squeeze())  # one tangent for each logit, or two scalars for a pair
    return s.mean_error(v) * s.orders * np.ones_like(y) + 1.5 * s.tiny * (1 + len(v) + np.abs(v).sum())


def _log_softmax_jvp(s: Slice, i: np.ndarray, y: np.ndarray, v: np.ndarray) -> np.ndarray:
    if not s.tight:
        return _logsumexp_jvp(s, i, y, v) + s.u * np.abs(y)
    underflow = 1.5 * s.tiny * (1 + len(v) + np.abs(v).sum())
    return (_centred_mean(s, v) + 2 * s.u * np.abs(y)) * s.orders + underflow


def _cross_entropy_vjp(s: Slice, i: np.ndarray, y: np.ndarray, target: np.ndarray, g: float) -> np.ndarray:
    # 1 - p where the target is 1, else p - t, where t = (1 - e) + e/n is rounded up to four times.
    _, rest_error = _complement(s, i)
    difference = s.p[i] * s.known[i] + 4 * s.u * target[i] * (target[i] < 1)
    error = np.where(target[i] == 1, rest_error, difference)
    return (abs(g) * error + 2 * s.u * np.abs(y)) * s.orders + 1.5 * s.tiny * (1 + abs(g))


def _cross_entropy_jvp(s: Slice, i: np.ndarray, y: np.ndarray, target: np.ndarray, v: np.ndarray) -> np.ndarray:
    picked = float(target @ np.abs(v)) * (s.S + 6) * s.u
    return _logsumexp_jvp(s, i, y, v) + picked + s.u * np.abs(y)


# The elementwise functions are slices of two logits, (x, 0): no difference is rounded.


def _logistic(s: Slice, i: np.ndarray, y: np.ndarray, *g, classes: tuple[int, ...] = (0,)) -> np.ndarray:
    depth = sum(s.depth[n] for n in classes)
    logs = 0.0 if s.tight else (2 + s.E) * (len(classes) * s.log_s + depth)
    factors = 1 + len(g)  # a derivative is a product of at most two such probabilities and g
    relative = s.inflate(s.u * (factors * (2 * s.E + 3) + logs))
    return _relative(s, relative, y, depth) + 1.5 * s.tiny * sum(map(abs, g))


def _softplus(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.abs(y) * s.inflate(s.u * (2 * s.E + (1 if s.tight else 2)))


BOUNDS: dict[str, Callable] = {
    "softmax": _softmax,
    "softmax_beta": _softmax,
    "softmax_temperature": _softmax,
    "softmax_beta_vjp": _softmax_vjp,
    "softmax_temperature_vjp": _softmax_temperature_vjp,
    "masked_softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "cross_entropy": _cross_entropy,
    "softmax_vjp": _softmax_vjp,
    "softmax_jacobian": _softmax_jacobian,
    "log_softmax_vjp": _log_softmax_vjp,
    "log_softmax_jvp": _log_softmax_jvp,
    "logsumexp_vjp": _logsumexp_vjp,
    "logsumexp_jvp": _logsumexp_jvp,
    "cross_entropy_vjp": _cross_entropy_vjp,
    "cross_entropy_jvp": _cross_entropy_jvp,
    "logistic": _logistic,
    "log_logistic": _softplus,
    "softplus": _softplus,
    "logaddexp": _logsumexp,
    "logistic_vjp": partial(_logistic, classes=(0, 1)),
    "log_logistic_vjp": partial(_logistic, classes=(1,)),
    "softplus_vjp": _logistic,
    "logaddexp_vjp": _logsumexp_vjp,
    "logaddexp_jvp": _logsumexp_jvp,
    "boltzmann": _softmax,
    "boltzmann_policy": _softmax,
    "gumbel_softmax": _softmax,
    "exponential_tilting": _tilted,
    **TEMPERED,
    **AVERAGES,
    **SPARSE,
}


def allowed_ulp(
    function: str, s: Slice, components: np.ndarray, y: np.ndarray, fmt: Format, *columns: np.ndarray, scale: int = 0
) -> np.ndarray:
    """Return the allowed error of components of one slice, in ulp of the output format.

    Parameters
    ----------
    function : str
        A key of `BOUNDS`.
    s : Slice
        The slice and the level.
    components : ndarray of int
        Which components; flat indices for the Jacobian.
    y : ndarray of float64
        Their correctly rounded values.
    fmt : Format
        The output format.
    *columns : ndarray
        The function's further arguments for this slice.
    scale : int
        The unit is 2**scale ulp: 1e-15 in units of binary64's smallest subnormal is past float64.

    Raises
    ------
    BoundError
        The first-order bound exceeds 0.1: such a case would test nothing.
    """
    y = np.clip(y, -fmt.max, fmt.max)
    bound = BOUNDS[function](s, components, y, *columns)
    if not s.tight:  # whoever keeps the best algorithm's bound conforms at the default level too
        bound = np.maximum(bound, BOUNDS[function](replace(s, level="tight"), components, y, *columns))
    if not np.isfinite(bound).all():
        raise BoundError(f"corpus bug: the bound of {function} exceeds 0.1 at d = {s.d.tolist()[:4]}")
    unit = np.ldexp(fmt.ulp(y), scale)
    with np.errstate(over="ignore"):
        return bound / unit + fmt.unit_roundoff * (np.abs(y) / unit + bound / unit) + 1.5 * (fmt.tiny / unit)
