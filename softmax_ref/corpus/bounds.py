r"""Every tolerance is a theorem: the allowed error of each function, evaluated.

Notation: m = max z, d_j = z_j - m, s = sum_j e^(d_j), p_j = e^(d_j)/s, n logits in a slice, unit roundoff u
of the working format, exp and log with a relative error of at most E u, a sum of n terms with S roundings.
A computed quantity is the exact one times a product of factors (1 + delta), abs(delta) <= u; to first
order the deltas add up.

=================  ==========================================================================================
d_j                one rounding: e^(d_j) moves by abs(d_j) u relative, so each term of s by (abs(d_j) + E) u
s                  u (A + S) relative, with A = sum_j p_j (abs(d_j) + E)
e^(d_i)/s          u (abs(d_i) + E + A + S + 1): *tight*
e^(d_i - log s)    log s is off by u (A + S + E log s), d_i by u abs(d_i), their difference rounds once more
                   and exp once: u (2 abs(d_i) + (2 + E) log s + E + A + S + 1) covers both: *standard*
log_softmax        d_i - log s: u (abs(d_i) + (1 + E) log s + A + S + 1 + abs(y)) absolute: *standard*
... with log1p     log s = log1p(t), t = sum without one maximum, known to its last digits: A and S enter only
                   with the mass 1 - p_m outside that maximum: *tight*
logsumexp          the same with m + log s
VJP                gbar = sum_j p_j g_j inherits sum_j p_j abs(g_j) (P_j + (S + 1) u), P_j the bound of p_j:
                   *standard*. Subtracting a first estimate of gbar from g before the sum leaves
                   sum_j p_j abs(g_j - gbar) (...) instead: *tight*
Jacobian           -p_i p_j: P_i + P_j + u relative. p_i (1 - p_i): *standard* subtracts from 1, *tight* adds up
                   the other classes
=================  ==========================================================================================

The notebook 13_rounding derives the first three for a symbolic number of classes. S is n - 1 for
*standard* (any order of summation) and min(n - 1, ceil(log2 n) + 16) for *tight* (pairwise or blocked). A first-order
relative bound b becomes b/(1 - b), so that no term of higher order is dropped, and b > 0.1 is refused. One
rounding into the output format and one and a half of its smallest subnormals come on top.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from softmax_ref.formats import Format, get_format

__all__ = ["EXP_ERROR", "LEVELS", "BoundError", "Slice", "allowed_ulp", "working_format"]

EXP_ERROR = 4
"""E: the error of exp, log and log1p in units of u; good libraries stay below 2."""

LEVELS = ("tight", "standard")


class BoundError(ValueError):
    """A case whose bound is so wide that it would test nothing."""


def working_format(fmt: Format) -> Format:
    """Return the format in which an implementation is taken to compute: binary32 for the narrow ones."""
    return fmt if fmt.precision >= 24 else get_format("binary32")


@dataclass(frozen=True)
class Slice:
    """One slice and what the theorems need to know of it.

    Parameters
    ----------
    d : ndarray of float64, shape (n,)
        Logits minus their maximum; -inf where an entry is masked.
    u : float
        Unit roundoff of the working format.
    tiny : float
        Smallest subnormal of the working format.
    level : {"tight", "standard"}
    E : float
        Error of exp and log in units of u.
    top : float
        The maximum m.
    """

    d: np.ndarray
    u: float
    tiny: float
    level: str
    E: float = EXP_ERROR
    top: float = 0.0

    @property
    def tight(self) -> bool:
        """Whether the bound is that of the best stable algorithm."""
        return self.level == "tight"

    @property
    def S(self) -> int:
        """Roundings in a sum over the slice."""
        n = len(self.d)
        return min(n - 1, math.ceil(math.log2(n)) + 16) if self.tight else n - 1

    @cached_property
    def depth(self) -> np.ndarray:
        """abs(d), 0 where an entry is masked."""
        return np.where(np.isfinite(self.d), -self.d, 0.0)

    @cached_property
    def p(self) -> np.ndarray:
        """The probabilities, to a relative 1e-12: the bound is rounded up by more than that."""
        weight = np.exp(self.d)
        return weight / weight.sum()

    @cached_property
    def outside(self) -> np.ndarray:
        """The probabilities with one maximum left out."""
        p = self.p.copy()
        p[np.argmax(self.d)] = 0.0
        return p

    @cached_property
    def log_s(self) -> float:
        """log s."""
        weight = np.exp(self.d)
        weight[np.argmax(self.d)] = 0.0
        return float(np.log1p(weight.sum()))

    @cached_property
    def A(self) -> float:
        """sum_j p_j (abs(d_j) + E), the error of the terms of s."""
        return float(self.p @ (self.depth + self.E))

    @cached_property
    def P(self) -> np.ndarray:
        """Relative bound of each probability, higher orders included."""
        logs = 0.0 if self.tight else self.depth + (2 + self.E) * self.log_s
        return self.inflate(self.u * (self.depth + logs + self.E + self.A + self.S + 1))

    @cached_property
    def log_s_error(self) -> float:
        """Absolute bound of log s."""
        if self.tight:
            relative = self.outside @ (self.depth + self.E) + self.outside.sum() * self.S
        else:
            relative = self.A + self.S
        return float(self.inflate(self.u * relative) + self.u * self.E * self.log_s)

    @staticmethod
    def inflate(b: np.ndarray | float) -> np.ndarray | float:
        """b/(1 - b); infinite past 0.1, where a bound says nothing."""
        b = np.asarray(b, np.float64)
        return np.where(b <= 0.1, b / (1 - np.minimum(b, 0.1)), np.inf)


def _relative(s: Slice, relative: np.ndarray, y: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return abs(y) * relative; past 0.1 only for what underflows even when every error pushes it up."""
    log_y = -depth - s.log_s
    gone = log_y * (1 - 4 * s.u) + 4 * s.u * depth < math.log(s.tiny) - 2
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(relative), np.abs(y) * relative, np.where(gone, 0.0, np.inf))


def _softmax(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _relative(s, s.P[i], y, s.depth[i])


def _log_softmax(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    extra = 0.0 if s.tight else 1 + s.log_s
    # Multiplied by u one by one: the sum of the sizes may leave the range of float64.
    return s.log_s_error + (s.u * s.depth[i] + s.u * np.abs(y) + s.u * extra) * (1 + 4 * s.u)


def _logsumexp(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    extra = 0.0 if s.tight else 1.0
    return s.log_s_error + s.u * (np.abs(y) + extra) * (1 + 4 * s.u)


def _softmax_vjp(s: Slice, i: np.ndarray, y: np.ndarray, g: np.ndarray) -> np.ndarray:
    gbar = s.p @ g
    centred, P = np.abs(g - gbar), np.where(s.p > 0, s.P, 0.0)
    first = s.p @ (np.abs(g) * (P + (s.S + 1) * s.u))
    if s.tight:
        mean_P = s.p @ P
        error = s.p @ (centred * (P + mean_P + (2 * s.S + 4) * s.u)) + first * (2 * mean_P + (2 * s.S + 4) * s.u)
    else:
        error = first
    underflow = s.tiny * (1 + centred[i] + s.p[i] * (len(g) + np.abs(g).sum()))
    return s.p[i] * (centred[i] * (P[i] + 3 * s.u) + error) + 1.5 * underflow


def _softmax_jacobian(s: Slice, k: np.ndarray, y: np.ndarray) -> np.ndarray:
    i, j = np.divmod(k, len(s.d))
    others = 1 - s.p[i] if not s.tight else np.where(i == np.argmax(s.d), s.outside.sum(), 1 - s.p[i])
    P = np.where(s.p > 0, s.P, 0.0)
    if s.tight:
        rest = (s.p @ P - s.p[i] * P[i]) + s.p[i] * P[i] * others + others * (s.S + 2) * s.u
        diagonal = s.p[i] * (others * P[i] + rest)
    else:
        diagonal = s.p[i] * (P[i] + 2 * s.u)
    return np.where(i == j, diagonal, np.abs(y) * (P[i] + P[j] + s.u)) + 1.5 * s.tiny


def _logistic(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    logs = 0.0 if s.tight else (2 + s.E) * (s.log_s + s.depth[0])
    return _relative(s, s.inflate(s.u * (2 * s.E + 3 + logs)), y, s.depth[0])


def _softplus(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.abs(y) * s.inflate(s.u * (2 * s.E + (1 if s.tight else 2)))


def _cross_entropy(s: Slice, i: np.ndarray, y: np.ndarray, target: np.ndarray) -> np.ndarray:
    hard = np.count_nonzero(target) == 1
    roundings = 1 if hard else s.S + 5
    reach = float(np.where(target > 0, target * s.depth, 0.0).sum())
    extra = 0.0 if s.tight else 1 + s.log_s
    return s.log_s_error + s.u * (reach * roundings + np.abs(y) + extra) * (1 + 4 * s.u)


def _log_softmax_vjp(s: Slice, i: np.ndarray, y: np.ndarray, g: np.ndarray) -> np.ndarray:
    P = np.where(s.p > 0, s.P, 0.0)
    total = abs(g.sum()) * (P[i] + 2 * s.u) + s.S * s.u * np.abs(g).sum()
    return s.p[i] * total * (1 + 4 * s.u) + s.u * np.abs(y) + 1.5 * s.tiny


def _logsumexp_vjp(s: Slice, i: np.ndarray, y: np.ndarray, g: float) -> np.ndarray:
    P = np.where(s.p > 0, s.P, 0.0)
    return np.abs(y) * (P[i] + 2 * s.u) + 1.5 * s.tiny * (1 + abs(g))


def _logsumexp_jvp(s: Slice, i: np.ndarray, y: np.ndarray, v: np.ndarray) -> np.ndarray:
    P = np.where(s.p > 0, s.P, 0.0)
    return (s.p @ (np.abs(v) * (P + (s.S + 2) * s.u))) * np.ones_like(y) + 1.5 * s.tiny * (1 + np.abs(v).sum())


def _log_softmax_jvp(s: Slice, i: np.ndarray, y: np.ndarray, v: np.ndarray) -> np.ndarray:
    return _logsumexp_jvp(s, i, y, v) + s.u * np.abs(y)


BOUNDS: dict[str, Callable] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "softmax_vjp": _softmax_vjp,
    "softmax_jacobian": _softmax_jacobian,
    "logistic": _logistic,
    "softplus": _softplus,
    "log_logistic": _softplus,
    "logaddexp": _logsumexp,
    "cross_entropy": _cross_entropy,
    "log_softmax_vjp": _log_softmax_vjp,
    "log_softmax_jvp": _log_softmax_jvp,
    "logsumexp_vjp": _logsumexp_vjp,
    "logsumexp_jvp": _logsumexp_jvp,
}


def allowed_ulp(
    function: str, s: Slice, components: np.ndarray, y: np.ndarray, fmt: Format, *columns: np.ndarray
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
    unit = fmt.ulp(y)
    # 1e-15 in units of binary64's smallest subnormal is past float64; the cap only makes such a bound stricter.
    with np.errstate(over="ignore"):
        allowed = bound / unit + fmt.unit_roundoff * (np.abs(y) / unit + bound / unit) + 1.5 * (fmt.tiny / unit)
    return np.minimum(allowed, np.finfo(np.float64).max / 2)
