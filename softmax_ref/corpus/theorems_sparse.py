r"""The bounds of the functions with a threshold: the arg max, sparsemax, entmax at alpha = 1.5, and their gradients.

Nothing is exponentiated, so E has no part here; what moves a bound is u, the depth abs(d) and the number S of roundings
in a sum over the n entries of the support (see `bounds`; n - 1 at most, for zeros add without rounding). With
x = (alpha - 1) d, shares w^(1/(alpha - 1)) of w = x - tau, and D, Q the means of abs(x) and x^2 over the support:

sparsemax    sum w = 1, so abs(tau) = D + 1/n. The sum of the d is off by (S + 1) u n D (each d is rounded), taking 1
             off and dividing by n by u abs(tau) each. Where tau is moved until the sum of the shares is 1, that sum
             counts instead: (S + 1) u/n. u (S + 3) abs(tau) covers both.
...support   "1 + k x_k > sum of the k largest" is off by u k (2 abs(x) + abs(tau) + (S + 1) D + ...), so an entry within
             u (S + 8) abs(tau) of the threshold may be put on either side; each such entry moves tau by its distance
             to tau over the number of entries that are surely inside.
share        x_i is rounded, w_i = x_i - tau too: b_i = u abs(x_i) + error of tau + u w_i. Clipping adds nothing:
             where w_i <= -b_i the computed difference is negative, and the share is 0 exactly.
entmax15     sum w^2 = 1. Square the mean and the entries: q^2 = (mean - tau)^2 = (1 - n (Q - D^2))/n is off by
             u ((S + 4) Q + (2 S + 5) D^2 + 2 (Q - D^2) + 2 q^2), its root by that over 2 q and u q, the mean by
             u (S + 2) D, and the last difference rounds: u ((S + 3) D + 3 q + (3 S + 11) Q/(2 q)).
             Bisection or a step of Newton's method on sum w^2 = 1 leaves u abs(tau) (S + 7)/2: the sum of squares is
             off by u (2 sum w abs(x) + S + 3), over 2 sum w >= 2/abs(tau), and tau rounds: *tight*. The larger of
             the two: *standard*.
             An entry on the wrong side of the threshold adds a square of roundings, which the higher orders hold.
             The share w^2 is off by 2 w b + b^2 + u w^2.
gradients    weights w off by b (+ 3 u w where it is a root taken of the share); 1 and exact for sparsemax, whose
             cases keep every entry 3 times farther from the threshold than an error reaches. The weighted mean of g
             inherits sum b_j abs(g_j - gbar) over W = sum w, and roundings of products and sums in proportion to the
             mean of abs(g): *standard*, or of abs(g - gbar) where a first estimate comes off: *tight*.

The threshold is evaluated in float64 here, with an error inside the bound: an entry counts as surely outside from 3 b
on, and then its share, and its gradient, have to be exactly 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softmax_ref.corpus.bounds import Slice

__all__ = ["EXACT", "SPARSE", "at_alpha"]


def at_alpha(function: str, alpha: float | None) -> str:
    """Return the name of the theorem for a function: that of entmax and its gradient depends on alpha."""
    if not function.startswith("entmax") or alpha is None:
        return function
    return function.replace("entmax", {1.0: "softmax", 1.5: "entmax15", 2.0: "sparsemax"}[float(alpha)])


@dataclass(frozen=True)
class Threshold:
    """The threshold of a slice of x = d/k, where the shares are w^k, and the errors of what is computed from it."""

    s: Slice
    k: int

    @cached_property
    def support(self) -> np.ndarray:
        """The x above the threshold, the largest first."""
        r = -np.sort(-self.s.d[np.isfinite(self.s.d)]) / self.k
        n = np.arange(1, len(r) + 1)
        with np.errstate(over="ignore", invalid="ignore"):
            below = np.cumsum(r) - n * r if self.k == 1 else np.cumsum(r * r) - 2 * r * np.cumsum(r) + n * r * r
        return r[: np.count_nonzero(below < 1)]

    @cached_property
    def tau(self) -> float:
        """The threshold, in [-1, 0)."""
        r, n = self.support, len(self.support)
        mean = math.fsum(r) / n
        return mean - (1 / n if self.k == 1 else math.sqrt((1 - math.fsum((r - mean) ** 2)) / n))

    @property
    def S(self) -> int:
        """Roundings in a sum over the support."""
        return min(len(self.support) - 1, self.s.S)

    @cached_property
    def margin(self) -> np.ndarray:
        """x - tau: the root of the share, negative outside the support, -inf for a masked entry."""
        return self.s.d / self.k - self.tau

    @property
    def w(self) -> np.ndarray:
        """The root of the share, 0 outside the support."""
        return np.maximum(self.margin, 0.0)

    @property
    def tau_error(self) -> float:
        """Bound of the computed threshold; infinite past 0.1."""
        linear = self._linear_error() if self.k == 1 else self._quadratic_error()
        return linear * (1 + float(self.s.inflate((self.S + 8) * self.s.u)))

    def _linear_error(self) -> float:
        reach = self.s.u * (self.S + 8) * abs(self.tau)
        near, inside = np.count_nonzero(np.abs(self.margin) <= 3 * reach), np.count_nonzero(self.margin > 3 * reach)
        return self.s.u * (self.S + 3) * abs(self.tau) + near * reach / inside

    def _quadratic_error(self) -> float:
        newton = abs(self.tau) * (self.S + 7) / 2
        if self.s.tight:
            return self.s.u * newton
        D, Q = np.abs(self.support).mean(), np.square(self.support).mean()
        q = -D - self.tau
        return self.s.u * max(newton, (self.S + 3) * D + 3 * q + (3 * self.S + 11) * Q / (2 * q))

    @cached_property
    def b(self) -> np.ndarray:
        """Bound of each root w of a share."""
        return self.s.u * (self.s.depth / self.k + self.w) + self.tau_error

    @property
    def outside(self) -> np.ndarray:
        """Entries that every computation within the bounds leaves out."""
        return self.margin < -3 * self.b


def _argmax_one_hot(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    return s.u * y  # the quotient 1/m


def _sparsemax(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    return Threshold(s, 1).b[i]


def _entmax15(s: Slice, i: np.ndarray, y: np.ndarray) -> np.ndarray:
    t = Threshold(s, 2)
    b = np.where(t.outside, 0.0, t.b)
    return (2 * t.w * b + b**2 + s.u * t.w**2)[i] * (1 + 4 * s.u)


def _sparsemax_vjp(s: Slice, i: np.ndarray, y: np.ndarray, g: np.ndarray) -> np.ndarray:
    t = Threshold(s, 1)
    sure = (t.margin > 3 * t.b) | t.outside
    weights = (t.margin > 0).astype(np.float64)
    return _weighted_gradient(t, weights, np.where(sure, 0.0, np.inf), i, y, g)


def _entmax15_vjp(s: Slice, i: np.ndarray, y: np.ndarray, g: np.ndarray) -> np.ndarray:
    t = Threshold(s, 2)
    return _weighted_gradient(t, t.w, np.where(t.outside, 0.0, t.b + 3 * s.u * t.w), i, y, g)


def _weighted_gradient(t: Threshold, w, b, i, y, g) -> np.ndarray:
    """Return the bound of w_i (g_i - gbar), gbar = sum w g / sum w, for weights known within b."""
    if not np.isfinite(b).all():
        return np.full(len(i), np.inf)
    u, W = t.s.u, w.sum()
    centred, size, unsure = np.abs(g - w @ g / W), w @ np.abs(g) / W, b.sum() / W
    mean_error = b @ centred / W
    if t.s.tight:
        roundings = unsure + (2 * t.S + 4) * u
        mean_error += (2 * t.S + 4) * u * (w @ centred) / W + size * roundings**2
        apart = 0.0
    else:
        mean_error += (2 * t.S + 4) * u * size
        apart = (t.S + 3) * u * np.abs(g[i])
    bound = b[i] * (centred[i] + mean_error) + w[i] * (mean_error + apart + 3 * u * centred[i]) + u * np.abs(y)
    orders = 1 + float(t.s.inflate(unsure + (2 * t.S + 8) * u))
    return bound * orders + 1.5 * t.s.tiny * (1 + np.abs(g).sum())


SPARSE: dict[str, Callable] = {
    "argmax_one_hot": _argmax_one_hot,
    "sparsemax": _sparsemax,
    "entmax15": _entmax15,
    "sparsemax_vjp": _sparsemax_vjp,
    "entmax15_vjp": _entmax15_vjp,
}
"""The bounds, as in `theorems.BOUNDS`."""


def _shared_exactly(s: Slice, i: np.ndarray) -> np.ndarray:
    """Entries below the maximum have 0, and a power of two of maxima share without rounding."""
    top = s.d == 0
    return ~top[i] | (top.sum() & (top.sum() - 1) == 0)


EXACT: dict[str, Callable] = {
    "argmax_one_hot": _shared_exactly,
    "sparsemax": lambda s, i: Threshold(s, 1).outside[i],
    "sparsemax_vjp": lambda s, i: Threshold(s, 1).outside[i],
    "entmax15": lambda s, i: Threshold(s, 2).outside[i],
    "entmax15_vjp": lambda s, i: Threshold(s, 2).outside[i],
}
"""For a slice and components, which values leave no rounding to forgive."""
