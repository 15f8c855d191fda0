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
VJP                gbar = sum_j p_j g_j inherits sum_j p_j abs(g_j) (P_j + (S + 2) u), P_j the bound of p_j, and
                   p g - p gbar or J g round products of size abs(g_i): *standard*. Subtracting a first
                   estimate of gbar from g before the sum leaves sum_j p_j abs(g_j - gbar) (...) instead: *tight*
log_softmax VJP    g_i - p_i G with G = sum_j g_j: p_i (abs(G) (P_i + 2 u) + S u sum_j abs(g_j)) + u abs(y): *standard*.
                   g_i (1 - p_i) - p_i (sum of the other g) at a class with more than half of the mass: *tight*
log_softmax JVP    v_i - sum_j p_j v_j: the bound of the mean, or with an estimate of it subtracted before: *tight*
Jacobian           -p_i p_j: P_i + P_j + u relative. p_i (1 - p_i): *standard* subtracts from 1, *tight* adds up
                   the other classes
with beta z        a product rounds, by abs(beta z_j) u: log p_i by abs(beta z_i) u + sum_j p_j abs(beta z_j) u, log s by
                   that of the maximum in place of i; shifted before the product, by abs(d_j) u: *tight*
logistic           two logits, x and 0: no difference is rounded. e^-x, 1 + e^-x, the quotient, and for x < 0 the
                   same e^x above and below the line: u (2 E + 3) relative: *tight*. Through its logarithm, as
                   exp(-softplus(-x)), the error of the logarithm counts abs(log y) times: *standard*
softplus           max(x, 0) + log1p(e^-abs(x)): E for exp, E for log1p, both carried by a part that is at most y,
                   and the sum: u (2 E + 1) relative; *standard* allows one rounding more
=================  ==========================================================================================

The notebook 13_rounding derives those up to logsumexp for a symbolic number of classes. S is n - 1 for *standard* (any
order of summation) and min(n - 1, ceil(log2 n) + 16) for *tight* (pairwise or blocked). A first-order relative bound b
becomes b/(1 - b), so that no term of higher order is dropped, and b > 0.1 is refused. One rounding into the output
format and one and a half of its smallest subnormals come on top. `theorems` turns this into tolerances.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softmax_ref.formats import Format, get_format

__all__ = ["EXP_ERROR", "LEVELS", "Slice", "is_power_of_two", "working_format"]

EXP_ERROR = 4
"""E: the error of exp, log and log1p in units of u; good libraries stay below 2."""

LEVELS = ("tight", "standard")


def working_format(fmt: Format) -> Format:
    """Return the format in which an implementation is taken to compute: binary32 for the narrow ones."""
    return fmt if fmt.precision >= 24 else get_format("binary32")


def is_power_of_two(beta: float) -> bool:
    """Whether a product with beta is exact; so it is with 0."""
    return math.frexp(abs(beta))[0] in (0, 0.5)


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
    beta : float
        Coldness; where it is no power of two the product with it rounds.
    given : ndarray of float64, optional
        The slice before the product with beta and the shift, for functions that use the numbers themselves.
    formed : callable, optional
        From the slice to what forming its exponents adds to each term, in units of u, where that is no product.
    """

    d: np.ndarray
    u: float
    tiny: float
    level: str
    E: float = EXP_ERROR
    beta: float = 1.0
    given: np.ndarray | None = None
    formed: Callable[[Slice], np.ndarray] | None = None

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
    def product(self) -> np.ndarray | float:
        """abs of the products with beta, each rounded once: of d for *tight*, of the logits for *standard*."""
        if self.formed:
            return self.formed(self)
        if is_power_of_two(self.beta):
            return 0.0
        return self.depth if self.tight else np.where(np.isfinite(self.d), np.abs(self.beta * self.given), 0.0)

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
        """sum_j p_j (abs(d_j) + E), what exp and the differences do to s, to first order in units of u."""
        return float(self.p @ (self.depth + self.E))

    @cached_property
    def sum_error(self) -> float:
        """Relative bound of s, u (A + S) with every order: the mean of the terms' bounds b_j/(1 - b_j).

        The bound of the mean, b/(1 - b), would be too small: 1/(1 - x) is convex.
        """
        return float(self.p @ self._term_errors)

    @property
    def _term_errors(self) -> np.ndarray:
        # Where p has vanished the bound may be infinite, and has no weight.
        return np.where(self.p > 0, self.inflate(self.u * (self.depth + self.product + self.E + self.S)), 0.0)

    @cached_property
    def P(self) -> np.ndarray:
        """Relative bound of each probability; a masked or vanished one has none."""
        logs = 0.0 if self.tight else self.depth + (2 + self.E) * self.log_s
        return self.inflate(self.u * (self.depth + self.product + logs + self.E + 1) + self.sum_error)

    @cached_property
    def known(self) -> np.ndarray:
        """P, where a probability is not lost."""
        return np.where(self.p > 0, self.P, 0.0)

    @cached_property
    def orders(self) -> float:
        """What products of errors add: (1 + a)(1 + b)(1 + c) - 1 <= (a + b + c)/(1 - a - b - c)."""
        total = 2 * float(self.known.max()) + (2 * self.S + 8) * self.u
        return 1 / (1 - total) if total <= 0.5 else math.inf

    def mean_error(self, v: np.ndarray) -> float:
        """Absolute bound of sum_j p_j v_j."""
        return float(self.p @ (np.abs(v) * (self.known + (self.S + 2) * self.u)))

    @cached_property
    def log_s_error(self) -> float:
        """Absolute bound of log s, the terms that underflow included."""
        if self.tight:
            relative = float(self.outside @ self._term_errors)
        else:
            relative = self.sum_error
        lost = 1.5 * (len(self.d) - 1) * self.tiny
        if not self.tight:
            relative = relative + self.u * float(np.broadcast_to(self.product, self.d.shape)[np.argmax(self.d)])
        return float(self.inflate(relative) + self.u * self.E * self.log_s) + lost

    @staticmethod
    def inflate(b: np.ndarray | float) -> np.ndarray | float:
        """b/(1 - b), which is at least what factors (1 + delta) make of first-order terms b; infinite past 0.1."""
        b = np.asarray(b, np.float64)
        return np.where(b <= 0.1, b / (1 - np.minimum(b, 0.1)), np.inf)
