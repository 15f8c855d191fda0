"""From the arrays of a call to rows of exact numbers, and back to the shape of the result."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from softmax_ref.certified.definitions import Definition
from softmax_ref.certified.tempered import perturbed

__all__ = ["Slices", "exact_array", "exact_number"]


def exact_number(x) -> Fraction | float:
    """Return a real number as a Fraction; infinities and nan stay floats."""
    if isinstance(x, np.generic):
        x = x if isinstance(x, np.longdouble) else x.item()
    if x != x or x in (math.inf, -math.inf):
        return float(x)
    return Fraction(*x.as_integer_ratio())


def exact_array(x: ArrayLike, name: str) -> np.ndarray:
    """Return an array of reals without rounding: float64 where that is exact, else of Fractions and floats."""
    array = np.asarray(x)
    if array.dtype.kind == "b" or (array.dtype.kind in "iu" and array.dtype.itemsize <= 4):
        return array.astype(np.float64)
    if array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        return array.astype(np.float64)
    if array.dtype.kind == "V" and array.dtype.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        return array.astype(np.float64)
    try:
        exact = [exact_number(item) for item in array.ravel()]
    except (TypeError, AttributeError, ValueError):
        raise TypeError(f"certify: {name} needs real numbers, got {x!r}") from None
    result = np.empty(array.size, object)
    result[:] = exact
    return result.reshape(array.shape)


class Slices:
    """The rows of a call and where their components stand in the result.

    Attributes
    ----------
    rows : ndarray, shape (R, K)
        Logits, one row for each slice; energies with their sign turned.
    columns : list of (kind, ndarray)
        The other arguments: shape (R, K) for the kind "row", (R,) for "scalar" and "label".
    shape : tuple of int
        Shape of the result.
    """

    def __init__(self, function: str, definition: Definition, inputs: tuple, axis, parameters: dict):
        wanted = len(definition.columns) + (2 if definition.logits in ("xy", "sum", "masked") else 1)
        if len(inputs) != wanted:
            raise TypeError(f"certify: {function} takes {wanted} arrays, got {len(inputs)}")
        arrays = [exact_array(x, f"argument {n + 1} of {function}") for n, x in enumerate(inputs)]
        if definition.logits == "sum":
            arrays = [_sum(function, *arrays)]
        if definition.logits == "masked":
            arrays = _kept(function, arrays[0], np.asarray(inputs[1]))
        if definition.logits == "tilted":
            arrays = _on_support(function, *arrays, parameters.get("theta", 1) < 0)
        if definition.logits in ("x0", "xy"):
            self._elementwise(definition, arrays)
        else:
            self._along_axes(function, definition, _masked(function, arrays, parameters), axis)
        self._refuse_infinite(function)

    def _along_axes(self, function, definition, arrays, axis) -> None:
        z = arrays[0]
        wide = z.reshape(1) if z.ndim == 0 else z
        last = (definition.result == "matrix") or "label" in definition.columns
        axes = _axes(function, wide, -1 if last else axis)
        kept = [n for n in range(wide.ndim) if n not in axes]
        length = math.prod(wide.shape[n] for n in axes)
        if length == 0 and math.isnan(definition.empty):
            raise ValueError(f"certify: {function} needs at least one entry along axis {axis}, got shape {z.shape}")
        outer = tuple(wide.shape[n] for n in kept)
        self.rows = wide.transpose(kept + axes).reshape(math.prod(outer), length)
        if definition.logits == "energies":
            self.rows = -self.rows
        if definition.logits == "weights":
            _refuse_weights(function, self.rows)
        if definition.logits == "tilted":
            _refuse_empty(function, arrays[1].reshape(wide.shape).transpose(kept + axes).reshape(self.rows.shape))
        self._order, self._wide, self._length = kept + axes, wide.shape, length
        self.shape = {"row": z.shape, "scalar": outer, "matrix": (*outer, length, length)}[definition.result]
        self.columns = [
            (kind, self._column(function, kind, array, z.shape, outer))
            for kind, array in zip(definition.columns, arrays[1:], strict=True)
        ]

    def _column(self, function, kind, array, full, outer) -> np.ndarray:
        expected = full if kind == "row" else outer
        if array.shape != expected:
            raise ValueError(f"certify: {function} needs a further argument of shape {expected}, got {array.shape}")
        if kind == "row":
            return array.reshape(self._wide).transpose(self._order).reshape(self.rows.shape)
        flat = array.reshape(-1)
        bad = [x for x in flat if not (0 <= x < self._length and x == int(x))] if kind == "label" else []
        if bad:
            raise ValueError(
                f"certify: {function} needs integer labels in 0..{self._length - 1}, got {float(bad[0]):g}"
            )
        return flat

    def _elementwise(self, definition, arrays) -> None:
        pair = [arrays[0], np.zeros(()) if definition.logits == "x0" else arrays[1]]
        x, y, *columns = np.broadcast_arrays(*pair, *arrays[len(arrays) - len(definition.columns) :])
        rows = np.stack([x.ravel(), y.ravel()], axis=1)
        # p at (+inf, y) is the limit (1, 0): the same as at (0, -inf). The values themselves keep +inf.
        if not math.isinf(definition.infinite):
            known = ~(rows != rows).any(axis=1)
            limit = (known & ((rows == np.inf).sum(axis=1) == 1))[:, None]
            rows = np.where(limit, np.where(rows == np.inf, 0.0, -np.inf), rows)
        self.rows, self._length = rows, 2
        self.shape = (2, *x.shape) if definition.result == "pair" else x.shape
        self.columns = [(kind, column.ravel()) for kind, column in zip(definition.columns, columns, strict=True)]

    def _refuse_infinite(self, function: str) -> None:
        for _, column in self.columns:
            bad = [x for x in column.ravel().tolist() if x != x or x in (math.inf, -math.inf)]
            if bad:
                raise ValueError(f"certify: {function} needs finite cotangents and tangents, got {bad[0]!r}")

    def component_count(self, result: str) -> int:
        """Return how many components of the result one row has."""
        return {"row": self._length, "scalar": 1, "matrix": self._length**2, "pair": 2}[result]

    def positions(self, result: str, at=None) -> np.ndarray:
        """Return, in the shape of the result (or of `at`), the flat index (row, component) of each entry."""
        count = self.component_count(result)
        index = np.arange(len(self.rows) * count).reshape(len(self.rows), count)
        if result == "row":
            moved = index.reshape([self._wide[n] for n in self._order])
            index = moved.transpose(np.argsort(self._order))
        elif result == "pair":
            index = index.T
        index = index.reshape(self.shape)
        if at is None:
            return index
        chosen = np.asarray(at, np.int64)
        if chosen.size and not (chosen.min() >= 0 and chosen.max() < index.size):
            raise ValueError(f"certify: at needs flat indices in 0..{index.size - 1}, got {chosen.tolist()}")
        return index.ravel()[chosen]

    def row_arguments(self, r: int, smoothing: Fraction = Fraction(0)) -> list:
        """Return the further arguments of row r, exact: tuples for rows and targets, numbers for scalars."""
        arguments = []
        for kind, column in self.columns:
            if kind == "row":
                arguments.append(tuple(Fraction(x) for x in column[r].tolist()))
            elif kind == "scalar":
                arguments.append(Fraction(column[r]))
            else:
                share = smoothing / self._length
                target = [share] * self._length
                target[int(column[r])] += 1 - smoothing
                arguments.append(tuple(target))
        return arguments


def _refuse_weights(function: str, weights: np.ndarray) -> None:
    bad = [x for x in weights.ravel().tolist() if not 0 < x < math.inf]
    if bad:
        raise ValueError(f"certify: {function} needs positive finite weights, got {bad[0]!r}")


def _sum(function: str, z: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return z + noise without a rounding."""
    if z.shape != noise.shape:
        raise ValueError(f"certify: {function} needs a further argument of shape {z.shape}, got {noise.shape}")
    sums = np.empty(z.size, object)
    sums[:] = perturbed(z, noise)
    return sums.reshape(z.shape)


def _on_support(function: str, p: np.ndarray, x: np.ndarray, downwards: bool) -> list[np.ndarray]:
    """Return x and p; where p is 0, x is what weighs nothing."""
    if p.shape != x.shape:
        raise ValueError(f"certify: {function} needs a further argument of shape {p.shape}, got {x.shape}")
    bad = [w for w in p.ravel().tolist() if not 0 <= w < math.inf]
    if bad:
        raise ValueError(f"certify: {function} needs finite weights of at least 0, got {bad[0]!r}")
    return [np.where(p > 0, x, np.inf if downwards else -np.inf), p]


def _refuse_empty(function: str, weights: np.ndarray) -> None:
    if not (weights > 0).any(axis=1).all():
        raise ValueError(f"certify: {function} needs a positive weight in every slice, got only 0")


def _masked(function: str, arrays: list[np.ndarray], parameters: dict) -> list[np.ndarray]:
    where = parameters.get("where")
    if where is None:
        return arrays
    if np.asarray(where).dtype.kind != "b":
        raise TypeError(f"certify: {function} needs a boolean mask, got {np.asarray(where).dtype}")
    # Multiplied by a negative beta, it is +inf that has no weight.
    nothing = np.inf if parameters.get("beta", 1) < 0 else -np.inf
    return [np.where(where, arrays[0], nothing), *arrays[1:]]


def _kept(function: str, z: np.ndarray, mask: np.ndarray) -> list[np.ndarray]:
    """Return the logits as the only array, -inf where the mask leaves one out."""
    if mask.shape != z.shape:
        raise ValueError(f"certify: {function} needs a mask of shape {z.shape}, got {mask.shape}")
    return _masked(function, [z], {"where": mask})


def _axes(function: str, z: np.ndarray, axis) -> list[int]:
    axes = range(z.ndim) if axis is None else (axis,) if isinstance(axis, (int, np.integer)) else tuple(axis)
    for n in axes:
        if not -z.ndim <= n < z.ndim:
            raise ValueError(f"certify: {function} needs an axis of an array of {z.ndim} dimensions, got axis {axis}")
    return [n % z.ndim for n in axes]
