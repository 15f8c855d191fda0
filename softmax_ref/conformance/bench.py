"""A bench: the rows of a stored case in any number, order, shape and layout, judged by their stored values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from softmax_ref.conformance.adapters import Answer, Ledger, arguments, attempt
from softmax_ref.conformance.judge import excess, telling
from softmax_ref.conformance.promises import Problem
from softmax_ref.corpus import PAIRS, Case

__all__ = ["Bench", "row_case", "wide_case"]

Hold = Callable[[np.ndarray], np.ndarray]


class Bench:
    """One case, one implementation.

    Parameters
    ----------
    fn : callable
        The implementation.
    case : Case
        With slices along the last axis; or elementwise, and its entries are folded into rows.
    dtype : dtype
        Of the arrays.
    level : str
        The level that values are judged at.
    ledger : Ledger
        Where every call is written down.
    """

    def __init__(self, fn: Callable, case: Case, dtype: np.dtype, level: str, ledger: Ledger):
        self.fn, self.case, self.dtype, self.ledger = fn, case, dtype, ledger
        self.inputs = arguments(case, dtype)
        self.index = np.full(case.shape, -1)
        self.index.ravel()[case.at] = np.arange(len(case.at))
        if elementwise(case):
            width = 2 if _short(case) else self.inputs[0].size // 2
            self.inputs = [_folded(x, width) for x in self.inputs]
            halves = self.index if self.pair else [self.index]
            self.index = np.stack([_folded(half, width) for half in halves], axis=-1)
            self.index = self.index if self.pair else self.index[..., 0]
        self.level = level
        self.known = np.full(len(case.at), np.nan)
        self.flushable = telling(case)

    @property
    def slices(self) -> bool:
        """Whether the implementation takes an axis."""
        return self.case.axis is not None

    @property
    def pair(self) -> bool:
        """Whether the result is two arrays, one after the other."""
        return self.case.function in PAIRS

    @property
    def thorough(self) -> bool:
        """Whether to ask in every way: in narrow formats, computed in a wider one, a few calls stand for many."""
        return self.dtype.itemsize >= 4

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.inputs[0])

    @property
    def width(self) -> int:
        """Entries in a row."""
        return self.inputs[0].shape[1]

    def arrays(self, rows, axis: int = -1) -> list[np.ndarray]:
        """Return fresh arguments that hold the rows of an index array, the slices along an axis."""
        rows = np.asarray(rows, int)
        picked = [np.asarray(x[rows]) for x in self.inputs]
        if axis == -1:
            return picked
        full = picked[0].ndim
        return [np.ascontiguousarray(np.moveaxis(x, -1, axis)) if x.ndim == full else x for x in picked]

    def wanted(self, rows, axis: int = -1) -> np.ndarray:
        """Return, in the shape of the result, which stored component each of its entries is; -1 for none."""
        picked = self.index[np.asarray(rows, int)]
        if self.pair:
            return np.moveaxis(picked, -1, 0)
        return np.moveaxis(picked, -1, axis) if self._keeps_axis and axis != -1 else picked

    @property
    def _keeps_axis(self) -> bool:
        return self.index.shape == self.inputs[0].shape

    def problem(self, rows, axis: int = -1, hold: Hold | Sequence[Hold | None] | None = None, **more) -> Problem | None:
        """Call with some rows in some layout, and judge every component; None if all is well.

        Parameters
        ----------
        rows : array_like of int
            Which rows of the case, in the shape of the batch.
        axis : int
            Where the slices lie; where the implementation takes no axis, only the last is asked about.
        hold : callable, or sequence of callable or None
            What puts an array into a layout: for all arguments, or for each.
        **more
            For `judged`.
        """
        if axis != -1 and not self.slices:
            return None
        arrays = self.arrays(rows, axis)
        if hold is not None:
            holds = [hold] * len(arrays) if callable(hold) else hold
            arrays = [x if h is None or not x.ndim else h(x) for h, x in zip(holds, arrays, strict=True)]
        return self.judged(arrays, self.wanted(rows, axis), axis, **more)

    def judged(
        self, arrays: list[np.ndarray], wanted: np.ndarray, axis: int = -1, any_dtype: bool = False, **parameters
    ) -> Problem | None:
        """Call with arrays as they are, and judge every component of the result that is stored."""
        answer = self.call(arrays, wanted.shape, axis, **parameters)
        problems = [p for p in answer.problems if not (any_dtype and p[0] == "dtype-changed")]
        if problems or answer.result is None:
            flag, text = (problems or answer.problems)[0]
            return Problem(flag, f"{self.case.id}: {text}")
        return self.values(answer.result.astype(np.float64).ravel(), wanted.ravel())

    def call(self, arrays: list[np.ndarray], shape: tuple[int, ...], axis: int = -1, **parameters) -> Answer:
        """Call with arrays as they are."""
        parameters = self.case.parameters | parameters
        return attempt(self.fn, arrays, axis if self.slices else None, parameters, shape, self.ledger)

    def values(self, got: np.ndarray, at: np.ndarray) -> Problem | None:
        """Judge numbers against the stored components that they stand for; a component of -1 is not judged."""
        bad = got != self.known[at]
        bad &= at >= 0
        if not bad.any():
            return None
        got, at = got[bad], at[bad]
        error = self.case.format.error(got, self.case.values[at], self.case.offsets[at])
        right = (excess(self.case, self.level, got, error, at) <= 1) | (self.flushable[at] & (got == 0))
        self.known[at[right]] = got[right]
        if right.all():
            return None
        worst = int(np.argmin(right))
        want = self.case.values[at[worst]]
        return Problem(None, f"{self.case.id}: got {got[worst]:.9g} for {want:.9g}, off by {error[worst]:.3g} ulp")


def elementwise(case: Case) -> bool:
    """Whether every entry of the result, or of each of two results, belongs to one entry of each argument."""
    shape = case.shape[1:] if case.function in PAIRS else case.shape
    return case.axis is None and all(other == shape for other in case.shapes)


def _folded(x: np.ndarray, width: int) -> np.ndarray:
    flat = x.ravel()
    return flat[: len(flat) // width * width].reshape(-1, width)


def _plain(case: Case) -> bool:
    """Whether a case has finite arguments and results and no policy, and slices along the last axis."""
    numbers = (*case.inputs.values(), case.values)
    return case.policy is None and case.axis in (-1, None) and all(np.isfinite(x).all() for x in numbers)


def _in_rows(case: Case, rows: int, width: int) -> bool:
    """Whether a case has so many rows of so many entries, and beside them rows or one entry for each."""
    first, *others = case.shapes
    if elementwise(case):
        return math.prod(first) >= rows * width and len(first) < 3
    return (
        len(first) == 2
        and first[0] >= rows
        and first[1] >= width
        and all(shape in (first, first[:-1]) for shape in others)
    )


def row_case(cases: Sequence[Case]) -> Case | None:
    """Return the first plain case with three short rows."""
    return next((c for c in cases if _in_rows(c, 3, 2) and _short(c) and len(c.at) <= 64 and _plain(c)), None)


def _short(case: Case) -> bool:
    return math.prod(case.shapes[0]) <= 64


def wide_case(cases: Sequence[Case]) -> Case | None:
    """Return the first plain case with two rows of more than 128 entries."""
    return next((c for c in cases if _in_rows(c, 2, 129) and _plain(c)), None)
