"""The public function: arguments, axes and shapes; one slice at a time."""

from math import inf, prod

import numpy as np

from . import averages, formulas, tempered, thresholds
from .arguments import Arguments, finite, floats
from .rounding import FORMATS, round_to_format

ENTRY = {
    "softmax": (formulas.softmax, ("beta", "where")),
    "softmax_beta": (formulas.softmax, ("beta",)),
    "softmax_temperature": (formulas.softmax, ("temperature",)),
    "softmax_beta_vjp": (formulas.softmax_vjp, ("beta",)),
    "softmax_temperature_vjp": (formulas.softmax_vjp, ("temperature",)),
    "masked_softmax": (formulas.softmax, ()),
    "log_softmax": (formulas.log_softmax, ("where",)),
    "softmax_vjp": (formulas.softmax_vjp, ("beta",)),
    "log_softmax_vjp": (formulas.log_softmax_vjp, ()),
    "log_softmax_jvp": (formulas.log_softmax_jvp, ()),
    "logsumexp_vjp": (formulas.logsumexp_vjp, ()),
    "cross_entropy_vjp": (formulas.cross_entropy_vjp, ("label_smoothing",)),
    "clr": (averages.clr, ()),
    "boltzmann": (formulas.softmax, ("beta",)),
    "boltzmann_policy": (formulas.softmax, ("tau",)),
    "gumbel_softmax": (tempered.gumbel_softmax, ("temperature",)),
    "exponential_tilting": (tempered.exponential_tilting, ("theta",)),
    "argmax_one_hot": (thresholds.argmax_one_hot, ()),
    "sparsemax": (thresholds.sparsemax, ()),
    "sparsemax_vjp": (thresholds.sparsemax_vjp, ()),
    "entmax": (thresholds.entmax, ("alpha",)),
    "entmax_vjp": (thresholds.entmax_vjp, ("alpha",)),
    "entmax15": (thresholds.entmax15, ()),
    "entmax15_vjp": (thresholds.entmax15_vjp, ()),
}
REDUCED = {
    "logsumexp": (formulas.logsumexp, ("where",)),
    "logsumexp_jvp": (formulas.logsumexp_jvp, ()),
    "cross_entropy": (formulas.cross_entropy, ("label_smoothing",)),
    "cross_entropy_jvp": (formulas.cross_entropy_jvp, ("label_smoothing",)),
    "entropy": (averages.entropy, ()),
    "partition_function": (tempered.partition_function, ("beta",)),
    "free_energy": (tempered.free_energy, ("beta",)),
    "log_semiring_sum": (tempered.log_semiring_sum, ("beta",)),
    "mean_energy": (averages.mean_energy, ("beta",)),
    "heat_capacity": (averages.heat_capacity, ("beta",)),
    "boltzmann_operator": (averages.boltzmann_operator, ("beta",)),
}
PAIR = {"softmax_jacobian": (formulas.softmax_jacobian, ())}
ELEMENTWISE = ("logistic", "log_logistic", "softplus", "logistic_vjp", "log_logistic_vjp", "softplus_vjp")
# Symmetric Jacobians: the map of tangents is the map of cotangents. The inverse of clr is softmax.
ALIASES = {
    "clr_inv": "softmax",
    "softmax_jvp": "softmax_vjp",
    "logsumexp_hessian": "softmax_jacobian",
    "logistic_jvp": "logistic_vjp",
    "log_logistic_jvp": "log_logistic_vjp",
    "softplus_jvp": "softplus_vjp",
}
# The two arguments of logaddexp are a slice of two.
STACKED = {
    "logaddexp": "logsumexp",
    "logaddexp_vjp": "logsumexp_vjp",
    "logaddexp_jvp": "logsumexp_jvp",
    "log_semiring_add": "log_semiring_sum",
}


def rederive(function, /, *inputs, format, axis=-1, at=None, **parameters):
    r"""Return the correctly rounded values of a function as bit patterns, re-derived from its definition.

    Parameters
    ----------
    function : str
        A name of the softmax family, such as "softmax" or "logsumexp_vjp".
    *inputs : array_like
        Exact values: logits (..., K, ...) or elements, then cotangents, tangents (finite) or integer labels (...).
    format : str
        The format rounded to, once: binary64, binary32, binary16, bfloat16, float8_e4m3fn or float8_e5m2.
    axis : int, tuple of int or None
        The axis (or axes, None for all) of a slice; elementwise functions ignore it.
    at : array_like of int, optional
        Flat indices (row-major) into the result; only these are derived.
    **parameters
        `beta`, `theta`, `tau`, `temperature`, `label_smoothing`, `alpha` (the exact rationals of these floats),
        `where` (boolean, False counts as -inf).

    Returns
    -------
    ndarray of uint64
        Patterns in the result's shape, or in the shape of `at`. nan is the positive quiet one, a negative
        value that rounds to zero is -0.0, an exact zero is +0.0.

    Raises
    ------
    ValueError
        The function, format, an axis or a label is unknown or out of range; a cotangent or parameter is not finite.
    TypeError
        A parameter that the function does not take, or labels that are no integers.
    ArithmeticError
        A sign stays undecided at 131072 bits. No value is guessed.

    Notes
    -----
    Why every sign is decidable: see the package's docstring. Special values: the table of the design.

    Examples
    --------
    >>> [hex(bits) for bits in rederive("softmax", [1e50, 1e50], format="binary64")]
    ['0x3fe0000000000000', '0x3fe0000000000000']
    """
    if format not in FORMATS:
        raise ValueError(f"{function}: format must be one of {', '.join(FORMATS)}, got {format!r}")
    if not inputs:
        raise TypeError(f"{function}: takes at least one array, got none")
    name = ALIASES.get(function, function)
    if name in ELEMENTWISE:
        _take(function, parameters, ())
        return _elementwise(function, name, inputs, format, at)
    if name == "log_semiring_multiply":
        _take(function, parameters, ())
        return _pairs(function, inputs, format, at)
    if name in STACKED:
        _take(function, parameters, ("beta",) if name == "log_semiring_add" else ())
        name, axis, inputs = STACKED[name], 0, _stack(function, name, inputs)
    return _by_slices(function, name, inputs, format, axis, at, parameters)


def _take(function, parameters, allowed):
    for key in parameters:
        if key not in allowed:
            raise TypeError(f"{function}: takes no parameter of this name, got {key!r}")


def _stack(function, name, inputs):
    """Return the slice of two along a new first axis, and the tangents likewise."""
    expected = {"logaddexp_vjp": 1, "logaddexp_jvp": 2}.get(name, 0)
    if len(inputs) != expected + 2:
        raise TypeError(f"{function}: takes {expected + 2} arrays, got {len(inputs)}")
    x, y, *rest = np.broadcast_arrays(*(floats(function, a) for a in inputs))
    z = np.stack([x, y])
    z = _limit(z) if expected else z
    return (z, *([np.stack(rest)] if expected == 2 else rest))


def _limit(z):
    """Let one +inf beside a number take all the mass, as at (0, -inf): the limit of the derivatives."""
    single = ((z == inf).sum(axis=0) == 1) & ~np.isnan(z).any(axis=0)
    return np.where(single, np.where(z == inf, 0.0, -inf), z)


def _elementwise(function, name, inputs, format, at):
    expected = 2 if name.endswith("_vjp") else 1
    if len(inputs) != expected:
        raise TypeError(f"{function}: takes {expected} arrays, got {len(inputs)}")
    arrays = np.broadcast_arrays(*(floats(function, a) for a in inputs))
    for a in arrays[1:]:
        finite(function, "v" if function.endswith("_jvp") else "g", a)
    wanted, shape = _wanted(function, at, arrays[0].shape)
    entries = list(zip(*(a.reshape(-1)[wanted].tolist() for a in arrays), strict=True))
    return np.array(_derive(getattr(formulas, name), format, entries), dtype=np.uint64).reshape(shape)


def _pairs(function, inputs, format, at):
    """Multiply in the semiring: the one function of two arrays that has no exponential."""
    if len(inputs) != 2:
        raise TypeError(f"{function}: takes 2 arrays, got {len(inputs)}")
    arrays = np.broadcast_arrays(*(floats(function, a) for a in inputs))
    wanted, shape = _wanted(function, at, arrays[0].shape)
    entries = list(zip(*(a.reshape(-1)[wanted].tolist() for a in arrays), strict=True))
    bits = _derive(tempered.log_semiring_multiply, format, entries)
    return np.array(bits, dtype=np.uint64).reshape(shape)


def _wanted(function, at, shape):
    """Return the flat indices to derive, and the shape that they are returned in: the result's, or that of `at`."""
    size = prod(shape)
    if at is None:
        return np.arange(size), shape
    wanted = np.asarray(at, dtype=np.int64)
    if ((wanted < 0) | (wanted >= size)).any():
        raise ValueError(f"{function}: at must lie in [0, {size}), got {at}")
    return wanted.reshape(-1), wanted.shape


def _by_slices(function, name, inputs, format, axis, at, parameters):
    formula, allowed, kind = _lookup(function, name)
    _take(function, parameters, allowed)
    arguments = Arguments(function, name, inputs, axis, parameters)
    wanted, shape = _wanted(function, at, arguments.result_shape(kind))
    rows, places = arguments.locate(kind, wanted)
    bits = np.empty(len(wanted), dtype=np.uint64)
    order = np.argsort(rows, kind="stable")
    starts = np.flatnonzero(np.diff(rows[order], prepend=-1))
    for chunk in np.split(order, starts[1:]) if len(order) else ():
        slice_ = arguments.slice(int(rows[chunk[0]]))
        bits[chunk] = _derive(formula, format, arguments.entries(kind, slice_, places[chunk]), slice_)
    return bits.reshape(shape)


def _lookup(function, name):
    for kind, table in (("entry", ENTRY), ("reduced", REDUCED), ("pair", PAIR)):
        if name in table:
            return *table[name], kind
    raise ValueError(f"{function}: is no function of the family, got {function!r}")


def _derive(formula, format, entries, *slice_):
    """Round each entry once, however often it is repeated."""
    known = {key: round_to_format(format, formula(*slice_, *key)) for key in dict.fromkeys(entries)}
    return [known[key] for key in entries]
