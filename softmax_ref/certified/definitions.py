"""The functions of the family, each as its textbook formula over one row.

A formula receives the row, the index of the component and the other arguments of that row, and returns
rational + ball, or a float where the value is a limit: inf, -inf or nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np

from softmax_ref.certified import averages, sparse, tempered
from softmax_ref.certified.near import Near
from softmax_ref.certified.rows import Row

__all__ = ["DEFINITIONS", "Definition", "Logits"]


class Logits:
    """One row of logits as given: infinities and nan included, scaled by beta.

    Parameters
    ----------
    z : ndarray of float64, or of Fraction and float
        One row.
    beta : Fraction
        Coldness; beta = 0 keeps the entries above -inf and forgets their size.
    weights : sequence of Fraction, optional
        What each entry counts; an entry of -inf counts nothing.
    """

    def __init__(self, z: np.ndarray, beta: Fraction = Fraction(1), weights: Sequence[Fraction] | None = None):
        self.beta = beta
        self.has_nan = bool((z != z).any())
        values, self.group, counts = np.unique(z, return_inverse=True, return_counts=True)
        self._values = values
        self.levels = [] if self.has_nan else [_scaled(value, beta) for value in values.tolist()]
        self.has_inf = math.inf in self.levels
        finite: dict[Fraction | float, int | Fraction] = {}
        counts = counts.tolist() if weights is None else self._weighed(weights)
        for level, count in zip(self.levels, counts):
            if level != -math.inf:
                finite[level] = finite.get(level, 0) + count
        self.row = Row(finite) if finite and not self.has_inf else None
        self._known: dict[tuple, tuple] = {}

    def _weighed(self, weights: Sequence[Fraction]) -> list[Fraction]:
        """The weights of equal entries, added up."""
        sums = [Fraction(0)] * len(self._values)
        for k, weight in zip(self.group.tolist(), weights, strict=True):
            sums[k] += weight
        return sums

    def __getitem__(self, i: int) -> Fraction | float | None:
        """The finite logit at i, exact; None for -inf."""
        level = self.levels[self.group[i]]
        return None if level == -math.inf else level

    def __len__(self) -> int:
        return len(self.group)

    @cached_property
    def given(self) -> tuple[Fraction, ...]:
        """The entries before they were multiplied by beta, 0 in the place of what has no weight."""
        values = [Fraction(0) if v in (math.inf, -math.inf) else Fraction(v) for v in self._values.tolist()]
        return tuple(values[k] for k in self.group.tolist())

    def p(self, i: int) -> Near:
        """The probability of entry i."""
        return self.row.probability(self[i])

    def mean(self, v: Sequence[Fraction]) -> Near:
        """The mean of v under p."""
        return self._once("mean", v, lambda: self.row.mean([self[i] for i in range(len(self))], v))()

    def total(self, v: Sequence[Fraction]) -> Fraction:
        """The exact sum of v."""
        return self._once("total", v, lambda: sum(v))

    def _once(self, name: str, v: Sequence[Fraction], compute: Callable):
        # Keyed by identity: v is kept beside the result, so its id is not given to another list.
        key = (name, id(v))
        if key not in self._known:
            self._known[key] = (v, compute())
        return self._known[key][1]


def _scaled(value: float | Fraction, beta: Fraction) -> float | Fraction:
    if value in (math.inf, -math.inf):
        if beta == 0:
            return value  # an entry of -inf stays out of the limit beta -> 0
        return value if beta > 0 else -value
    return value if beta == 1 else Fraction(value) * beta


def softmax(z, i, *, beta=1):
    """e^(beta z_i) / sum_j e^(beta z_j)."""
    return z.p(i)


def log_softmax(z, i):
    """log p_i."""
    return -math.inf if z[i] is None else z.row.log_probability(z[i])


def logsumexp(z, i):
    """log sum_j e^(z_j)."""
    return z.row.logsumexp()


def softmax_vjp(z, i, g, *, beta=1):
    """beta p_i (g_i - sum_j p_j g_j)."""
    # Where the terms of first order in e^-d cancel identically and g stands on a midpoint (z = 0, 0, -1e38),
    # no precision suffices: a CertificationError, never a wrong value.
    return beta * (z.p(i) * (g[i] - z.mean(g)))


def softmax_temperature_vjp(z, i, g):
    """p_i (g_i - sum_j p_j g_j) / T; the row has been scaled by 1/T."""
    return softmax_vjp(z, i, g, beta=z.beta)


def softmax_jacobian(z, i):
    """p_i (delta_ij - p_j), with i counting the entries of the matrix."""
    row, column = divmod(i, len(z))
    return z.p(row) * (int(row == column) - z.p(column))


def log_softmax_vjp(z, i, g):
    """g_i - p_i sum_j g_j."""
    return g[i] - z.p(i) * z.total(g)


def log_softmax_jvp(z, i, v):
    """v_i - sum_j p_j v_j."""
    return v[i] - z.mean(v)


def logsumexp_vjp(z, i, g):
    """g p_i."""
    return g * z.p(i)


def logsumexp_jvp(z, i, v):
    """sum_j p_j v_j."""
    return z.mean(v)


def cross_entropy(z, i, target):
    """log sum_j e^(z_j) - sum_j t_j z_j."""
    if any(t and z[j] is None for j, t in enumerate(target)):
        return math.inf
    return z.row.logsumexp() - sum(t * Fraction(z[j]) for j, t in enumerate(target) if t)


def cross_entropy_vjp(z, i, target, g):
    """g (p_i - t_i)."""
    return g * (z.p(i) - target[i])


def cross_entropy_jvp(z, i, target, v):
    """sum_j (p_j - t_j) v_j."""
    return z.mean(v) - sum(t * x for t, x in zip(target, v, strict=True))


# The elementwise functions are rows of two: (x, 0) for the logistic family, (x, y) for logaddexp.


def logistic(z, i):
    """1/(1 + e^-x) = p at the logits (x, 0)."""
    return z.p(0)


def log_logistic(z, i):
    """log of logistic."""
    return log_softmax(z, 0)


def logistic_vjp(z, i, g):
    """g p (1 - p)."""
    return g * (z.p(0) * z.p(1))


def log_logistic_vjp(z, i, g):
    """g (1 - p)."""
    return g * z.p(1)


def softplus_vjp(z, i, g):
    """g p."""
    return g * z.p(0)


def logaddexp_vjp(z, i, g):
    """g p_i at the logits (x, y)."""
    return g * z.p(i)


@lru_cache  # one tuple for a pair of tangents: the mean is remembered by identity
def _pair(vx: Fraction, vy: Fraction) -> tuple[Fraction, Fraction]:
    return vx, vy


def logaddexp_jvp(z, i, vx, vy):
    """p_x v_x + p_y v_y."""
    return z.mean(_pair(vx, vy))


@dataclass(frozen=True)
class Definition:
    """How a function maps a row: its formula, its arguments beside the logits and its result's shape.

    Attributes
    ----------
    formula : callable
        ``formula(z, i, *columns, **parameters)``.
    columns : tuple of str
        What each further argument holds for a row: "row" (one number for each logit), "scalar" (one
        number) or "label" (the index of the target class).
    result : str
        "row", "scalar", "matrix" or "pair".
    logits : str
        "row" (along an axis), "energies" (along an axis, the logits are -beta times them), "weights" (along an
        axis, positive numbers and no logits), "sum" (along an axis, the sums of two arrays), "masked" (along an axis,
        where the second array is True), "tilted" (along an axis, the second argument; the first are weights), "x0"
        (elementwise, the pair x, 0) or "xy" (elementwise, the pair x, y).
    parameters : tuple of str
        Names of the further keyword arguments.
    infinite, empty : float
        The value of a row that holds +inf; the value of a row without a finite logit.
    special : callable, optional
        Where these depend on the row: its value, or None for an ordinary row.
    """

    formula: Callable
    columns: tuple[str, ...] = ()
    result: str = "row"
    logits: str = "row"
    parameters: tuple[str, ...] = ("where",)
    infinite: float = math.nan
    empty: float = math.nan
    special: Callable[[Logits], float | None] | None = None


def _two(formula: Callable, columns: tuple[str, ...] = (), **more) -> Definition:
    return Definition(formula, columns, **{"result": "scalar", "logits": "x0", "parameters": ()} | more)


DEFINITIONS = {
    "softmax": Definition(softmax, parameters=("beta", "where")),
    "softmax_beta": Definition(softmax, parameters=("beta",)),
    "softmax_temperature": Definition(softmax, parameters=("temperature",)),
    "softmax_beta_vjp": Definition(softmax_vjp, ("row",), parameters=("beta",)),
    "softmax_temperature_vjp": Definition(softmax_temperature_vjp, ("row",), parameters=("temperature",)),
    "masked_softmax": Definition(softmax, logits="masked", parameters=()),
    "log_softmax": Definition(log_softmax),
    "logsumexp": Definition(logsumexp, result="scalar", infinite=math.inf, empty=-math.inf),
    "softmax_vjp": Definition(softmax_vjp, ("row",), parameters=("beta",)),
    "softmax_jvp": Definition(softmax_vjp, ("row",), parameters=("beta",)),
    "softmax_jacobian": Definition(softmax_jacobian, result="matrix", parameters=()),
    "logsumexp_hessian": Definition(softmax_jacobian, result="matrix", parameters=()),
    "log_softmax_vjp": Definition(log_softmax_vjp, ("row",), parameters=()),
    "log_softmax_jvp": Definition(log_softmax_jvp, ("row",), parameters=()),
    "logsumexp_vjp": Definition(logsumexp_vjp, ("scalar",), parameters=()),
    "logsumexp_jvp": Definition(logsumexp_jvp, ("row",), result="scalar", parameters=()),
    "cross_entropy": Definition(cross_entropy, ("label",), result="scalar", parameters=("label_smoothing",)),
    "cross_entropy_vjp": Definition(cross_entropy_vjp, ("label", "scalar"), parameters=("label_smoothing",)),
    "cross_entropy_jvp": Definition(
        cross_entropy_jvp, ("label", "row"), result="scalar", parameters=("label_smoothing",)
    ),
    "entropy": Definition(averages.entropy, result="scalar", parameters=()),
    "mean_energy": Definition(averages.mean_energy, result="scalar", logits="energies", parameters=("beta",)),
    "heat_capacity": Definition(averages.heat_capacity, result="scalar", logits="energies", parameters=("beta",)),
    "boltzmann_operator": Definition(averages.boltzmann_operator, result="scalar", parameters=("beta",)),
    "clr": Definition(averages.clr, logits="weights", parameters=()),
    "clr_inv": Definition(softmax, parameters=("beta", "where")),
    "boltzmann": Definition(softmax, logits="energies", parameters=("beta",)),
    "partition_function": Definition(
        tempered.partition_function, (), "scalar", "energies", ("beta",), special=tempered.sum_at_infinity
    ),
    "free_energy": Definition(
        tempered.scaled_logsumexp(-1), (), "scalar", "energies", ("beta",), special=tempered.over_beta(-1)
    ),
    "boltzmann_policy": Definition(softmax, parameters=("tau",)),
    "gumbel_softmax": Definition(softmax, logits="sum", parameters=("temperature",)),
    "exponential_tilting": Definition(tempered.tilted, ("row",), logits="tilted", parameters=("theta",)),
    "log_semiring_sum": Definition(
        tempered.scaled_logsumexp(1), (), "scalar", parameters=("beta",), special=tempered.over_beta(1)
    ),
    "log_semiring_add": _two(
        tempered.scaled_logsumexp(1),
        logits="xy",
        parameters=("beta",),
        infinite=math.inf,
        special=tempered.over_beta(1),
    ),
    "log_semiring_multiply": _two(
        tempered.product, logits="xy", infinite=math.inf, special=tempered.opposite_infinities
    ),
    "logistic": _two(logistic),
    "log_logistic": _two(log_logistic),
    "softplus": _two(logsumexp, infinite=math.inf),
    "logaddexp": _two(logsumexp, logits="xy", infinite=math.inf, empty=-math.inf),
    "logistic_vjp": _two(logistic_vjp, ("scalar",)),
    "logistic_jvp": _two(logistic_vjp, ("scalar",)),
    "log_logistic_vjp": _two(log_logistic_vjp, ("scalar",)),
    "log_logistic_jvp": _two(log_logistic_vjp, ("scalar",)),
    "softplus_vjp": _two(softplus_vjp, ("scalar",)),
    "softplus_jvp": _two(softplus_vjp, ("scalar",)),
    "logaddexp_vjp": _two(logaddexp_vjp, ("scalar",), logits="xy", result="pair"),
    "logaddexp_jvp": _two(logaddexp_jvp, ("scalar", "scalar"), logits="xy"),
    "argmax_one_hot": Definition(sparse.argmax_one_hot, parameters=()),
    "sparsemax": Definition(sparse.sparsemax, parameters=()),
    "sparsemax_vjp": Definition(sparse.sparsemax_vjp, ("row",), parameters=()),
    "entmax": Definition(sparse.entmax, parameters=("alpha",)),
    "entmax_vjp": Definition(sparse.entmax_vjp, ("row",), parameters=("alpha",)),
    "entmax15": Definition(sparse.entmax15, parameters=()),
    "entmax15_vjp": Definition(sparse.entmax15_vjp, ("row",), parameters=()),
}
