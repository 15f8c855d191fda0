"""The theorems of `bounds`, applied to every component of a case."""

from __future__ import annotations

import numpy as np

from softmax_ref.certified.definitions import DEFINITIONS
from softmax_ref.certified.slices import Slices, exact_number
from softmax_ref.certified.tempered import coldness
from softmax_ref.corpus.bounds import EXP_ERROR, Slice, working_format
from softmax_ref.corpus.theorems import allowed_ulp
from softmax_ref.corpus.theorems_sparse import EXACT, at_alpha
from softmax_ref.corpus.theorems_tempered import FORMED, WITH_PROBABILITIES, sizes
from softmax_ref.formats import Format

__all__ = ["tolerances"]

COLDEST = 2**1023
"""1/T may leave the range of float64; past this the smaller classes have vanished in every format."""

SLOPES = ("logistic_vjp", "log_logistic_vjp", "softplus_vjp")
OF_A_PROBABILITY = ("softmax", "softmax_vjp", "log_softmax_vjp", "logsumexp_vjp", "logaddexp_vjp", *WITH_PROBABILITIES)
"""Functions in which a probability of exactly 0 leaves nothing to round, or the cotangent alone."""


EXACT_ALONE = (
    *("softmax", "log_softmax", "logsumexp", "softmax_beta", "softmax_temperature", "masked_softmax"),
    *("boltzmann", "boltzmann_policy", "gumbel_softmax"),
)
"""Functions that are exact where one logit is finite and all others are -inf."""


def tolerances(
    function: str,
    *inputs,
    values: np.ndarray,
    fmt: Format,
    level: str,
    E: float = EXP_ERROR,
    axis=-1,
    at=None,
    scale: int = 0,
    work: Format | None = None,
    **parameters,
) -> np.ndarray:
    """Return the allowed error of each component, flat, in ulp of the format.

    Parameters
    ----------
    function, *inputs, axis, at, **parameters
        As for `softmax_ref.certify`.
    values : ndarray of float64
        Correctly rounded values of the components, in the order of `at`.
    fmt : Format
        The format of inputs and results.
    level : {"tight", "standard"}
        Whose bound.
    E : float
        Error of exp and log in units of the unit roundoff.
    scale : int
        The unit is 2**scale ulp; a bound past the range of float64 is inf.
    work : Format, optional
        The working format, of which u is the unit roundoff. Default: that of `working_format`.

    Returns
    -------
    ndarray of float64
        0 where the value is exact by definition: nan, a limit, or the share of an entry of -inf.

    Raises
    ------
    BoundError
        The bound is too wide to test anything.
    """
    definition = DEFINITIONS[function]
    slices = Slices(function, definition, inputs, axis, parameters)
    where = slices.positions(definition.result, at).ravel()
    count = slices.component_count(definition.result)
    values, beside = np.ravel(values), sizes(function, inputs, axis)
    work = work or working_format(fmt)
    result = np.zeros(where.size)
    for r in np.unique(where // count):
        mine = np.flatnonzero(where // count == r)
        size = None if beside is None else beside[r]
        result[mine] = _row(
            function, slices, int(r), size, where[mine] % count, values[mine], fmt, work, level, E, scale, parameters
        )
    return result


def _row(function, slices, r, beside, components, y, fmt, work, level, E, scale, parameters) -> np.ndarray:
    z = slices.rows[r].astype(np.float64)
    beta = float(min(coldness(function, parameters, exact_number), COLDEST))
    upwards = z if beta >= 0 else -z
    if np.isnan(z).any() or not np.isfinite(upwards.max()):
        return np.zeros(len(y))
    s = Slice(_differences(upwards, abs(beta)), work.unit_roundoff, work.tiny, level, E, beta, z)
    columns = [
        np.array([float(x) for x in c]) if isinstance(c, tuple) else float(c)
        for c in slices.row_arguments(r, parameters.get("label_smoothing", 0))
    ]
    if function in FORMED:
        s = FORMED[function](s, slices.rows[r], columns[0] if columns else beside)
    function = at_alpha(function, parameters.get("alpha"))
    allowed = allowed_ulp(function, s, components, y, fmt, *columns, scale=scale)
    exact = EXACT[function](s, components) if function in EXACT else _exact(function, s.d, components, y)
    return np.where(exact, 0.0, allowed)


def _differences(z: np.ndarray, beta: float) -> np.ndarray:
    """Return beta (z - max); a difference past the range stays finite, for it is no masked entry."""
    with np.errstate(over="ignore", invalid="ignore"):
        d = beta * np.maximum(z - z.max(), -np.finfo(np.float64).max)
    return np.where(np.isfinite(z), np.maximum(d, -1e300), -np.inf)


def _exact(function: str, d: np.ndarray, components: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Say which components have no rounding to forgive."""
    limit = np.isneginf(d)
    if function in EXACT_ALONE and np.count_nonzero(~limit) == 1:
        return np.full(len(y), True)  # exp(0) = 1, the sum is 1 and log 1 = 0, all without rounding
    if function == "softmax_jacobian":
        i, j = np.divmod(components, len(d))
        return limit[i] | limit[j]
    if function in SLOPES:
        return np.full(len(y), limit.any())
    if function in OF_A_PROBABILITY:
        return limit[components]
    if function == "cross_entropy":
        return np.isinf(y) & limit.any()
    return np.isinf(y) & limit[components % len(d)]
