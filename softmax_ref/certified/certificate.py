"""certify: the correctly rounded value of every component, with its proof on request."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from softmax_ref.certified.definitions import DEFINITIONS, Definition, Logits
from softmax_ref.certified.near import Near
from softmax_ref.certified.rounding import certified_decimal, certified_round
from softmax_ref.certified.slices import Slices, exact_number
from softmax_ref.certified.sparse import ALPHAS
from softmax_ref.certified.tempered import coldness
from softmax_ref.formats import Format, get_format

__all__ = ["Certificate", "certify"]

Value = Callable[[], Near | float]


@dataclass(frozen=True)
class Certificate:
    """Correctly rounded values of one call.

    Attributes
    ----------
    format : Format
        The format rounded to.
    bits : ndarray of unsigned integers, in the result's shape
        The correctly rounded floats.
    precision : int
        Bits of the widest ball that was needed.
    """

    format: Format
    bits: np.ndarray
    precision: int
    _distinct: list[Value]
    _which: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """The same floats as float64, exact for every format."""
        return self.format.decode(self.bits)

    def decimal(self, digits: int) -> np.ndarray:
        """Return the exact values as strings, correctly rounded to so many significant digits."""
        text = np.array([certified_decimal(value, digits) for value in self._distinct], object)
        return text[self._which]


def certify(
    function: str, /, *inputs: ArrayLike, format: str | Format = "binary64", axis=-1, at=None, **parameters
) -> Certificate:
    r"""Return the correctly rounded value of a function of the family, component by component.

    Parameters
    ----------
    function : str
        A name of `DEFINITIONS`, with the calling form of `softmax_ref.functions`: ``"softmax"``,
        ``"logsumexp"``, ``"softmax_vjp"``, ...
    *inputs : array_like of real numbers
        The arguments, taken as exact: floats, integers of any size or Fractions.
    format : str or Format
        The format that the result is rounded into, once; the inputs need not belong to it.
    axis : int, tuple of int or None
        The axes of a slice, for the functions that have one.
    at : sequence of int, optional
        Flat indices of the result; only these components are certified. Default: all.
    **parameters
        ``beta``, ``theta``, ``tau``, ``temperature``, ``where``, ``label_smoothing`` or ``alpha``, where the
        function has them.

    Returns
    -------
    Certificate
        With ``bits``, ``values``, ``decimal(digits)`` and ``precision``.

    Raises
    ------
    CertificationError
        A rounding could not be decided; there is no fallback value.
    ValueError, TypeError
        An argument is out of its domain; the message names it.

    Notes
    -----
    Claims: C01 (notebooks/01_definition.ipynb). Ball arithmetic around exact rationals; the precision
    doubles until both ends of every ball round to the same float, and rational results are recognised
    exactly, so that the loop ends (see `rounding` and `rows`).

    Examples
    --------
    >>> certify("softmax", [1e50, 1e50]).values
    array([0.5, 0.5])
    >>> certify("logsumexp", [0, -740]).decimal(12)
    '4.18873988005e-322'
    """
    fmt, definition = get_format(format), _definition(function, parameters)
    slices = Slices(function, definition, inputs, axis, parameters)
    distinct, which = _distinct(slices, definition, parameters, slices.positions(definition.result, at))
    rounded = [certified_round(value, fmt) for value in distinct]
    kind = np.dtype(f"u{max(fmt.width // 8, 1)}")
    bits = np.array([b for b, _ in rounded], kind)
    return Certificate(fmt, np.asarray(bits[which]), max((p for _, p in rounded), default=0), distinct, which)


def _definition(function: str, parameters: dict) -> Definition:
    if function not in DEFINITIONS:
        raise ValueError(f"certify: function needs to be one of {', '.join(DEFINITIONS)}, got {function!r}")
    for name in parameters:
        if name not in DEFINITIONS[function].parameters:
            known = ", ".join(DEFINITIONS[function].parameters) or "none"
            raise TypeError(f"certify: {function} takes the parameters {known}, got {name!r}")
    coldness(function, parameters, exact_number)
    if not 0 <= parameters.get("label_smoothing", 0) <= 1:
        raise ValueError(f"certify: {function} needs label_smoothing in [0, 1], got {parameters['label_smoothing']}")
    if exact_number(parameters.get("alpha", 1)) not in ALPHAS:
        raise ValueError(f"certify: {function} is certified for alpha 1, 1.5 and 2 alone, got {parameters['alpha']}")
    return DEFINITIONS[function]


def _distinct(slices: Slices, definition: Definition, parameters: dict, where: np.ndarray):
    """Return the values that differ, unrounded, and for each position the index of its value."""
    count = slices.component_count(definition.result)
    flat, distinct, which = where.ravel(), [], np.zeros(where.size, np.int64)
    order = np.argsort(flat // count, kind="stable") if count else flat
    starts = np.flatnonzero(np.diff(flat[order] // count, prepend=-1)) if count else []
    for places in np.split(order, starts)[1:]:
        r, components = int(flat[places[0]] // count), flat[places] % count
        values, inverse = _row_values(slices, definition, parameters, r, components)
        which[places] = inverse + len(distinct)
        distinct += values
    return distinct, which.reshape(where.shape)


def _row_values(slices, definition, parameters, r, components) -> tuple[list, np.ndarray]:
    """Return the distinct values of one row's components and which of them each component has."""
    arguments = slices.row_arguments(r, exact_number(parameters.get("label_smoothing", 0)))
    weights = arguments[0] if definition.logits == "tilted" else None
    z = Logits(slices.rows[r], coldness("", parameters, exact_number), weights)
    special = _special(definition, z)
    if special is not None:
        return [lambda: special], np.zeros(len(components), np.int64)
    _, first, inverse = np.unique(_keys(definition, z, arguments, components), return_index=True, return_inverse=True)
    exact = {name: exact_number(parameters[name]) for name in ("beta", "alpha") if name in parameters}
    values = [partial(definition.formula, z, int(i), *arguments, **exact) for i in components[first]]
    return values, inverse


def _special(definition: Definition, z: Logits) -> float | None:
    if z.has_nan:
        return math.nan
    if definition.special:
        return definition.special(z)
    if z.has_inf:
        return definition.infinite
    return definition.empty if z.row is None else None


def _keys(definition: Definition, z: Logits, arguments: list, components: np.ndarray) -> np.ndarray:
    """Return integers that are equal only for components with the same value."""
    if definition.result in ("scalar", "pair"):
        return components
    if definition.result == "matrix":
        row, column = np.divmod(components, len(z))
        groups = len(z.levels)
        return (z.group[row] * groups + z.group[column]) * 2 + (row == column)
    key = z.group[components]
    for argument in arguments:
        if isinstance(argument, tuple):
            number = {x: n for n, x in enumerate(dict.fromkeys(argument))}
            key = key * len(number) + np.array([number[argument[i]] for i in components], np.int64)
    return key
