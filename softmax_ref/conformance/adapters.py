"""Calling an implementation in NumPy's form, and looking at how it behaved."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from softmax_ref.corpus import Case
from softmax_ref.formats import FORMATS, Format

__all__ = ["RAISED", "Answer", "Ledger", "arguments", "ask", "attempt", "call", "describe", "dtype_of", "format_of"]

_NUMPY = {"binary64": np.float64, "binary32": np.float32, "binary16": np.float16}


def dtype_of(fmt: Format) -> np.dtype | None:
    """Return the NumPy dtype of a format, or None where the package that has it is not installed."""
    if fmt.name in _NUMPY:
        return np.dtype(_NUMPY[fmt.name])
    try:
        import ml_dtypes
    except ImportError:
        return None
    return np.dtype(getattr(ml_dtypes, fmt.name))


def format_of(dtype: np.dtype) -> str | None:
    """Return the name of the format of a float dtype; ml_dtypes names its own as `FORMATS` does."""
    named = dtype.name if dtype.name in FORMATS else None
    return next((name for name, known in _NUMPY.items() if np.dtype(known) == dtype), named)


def arguments(case: Case, dtype: np.dtype) -> list[np.ndarray]:
    """Return fresh arrays to call an implementation with: numbers in a dtype, labels and masks as they are."""
    return [x.astype(dtype if x.dtype.kind == "f" else x.dtype) for x in case.inputs.values()]


@dataclass(frozen=True)
class Answer:
    """What one call gave.

    Attributes
    ----------
    result : ndarray or None
        The result; None if the call raised an exception.
    problems : tuple of (flag, text)
        What was wrong with the call, its values aside.
    parts : tuple of ndarray
        The arrays that were returned: the result, or the two that it is stacked from.
    """

    result: np.ndarray | None
    problems: tuple[tuple[str, str], ...] = ()
    parts: tuple[np.ndarray, ...] = ()

    def values(self, at: np.ndarray) -> np.ndarray:
        """Return components of the result as exact float64 values."""
        return self.result.ravel()[at].astype(np.float64)


RAISED = (Exception, SystemExit)
"""What an implementation may raise: a verdict on its case, not the end of the run."""


def describe(error: BaseException) -> str:
    """Return one line that says what was raised; even an exception that cannot be printed gets one."""
    try:
        text = str(error)
    except Exception:
        text = "an exception without a message"
    first = (text.splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:200]


def call(fn: Callable, arrays: Sequence[np.ndarray], axis: int | None, **parameters: float) -> np.ndarray:
    """Call an implementation quietly; exceptions pass, and two results become one array."""
    return np.asarray(_returned(fn, arrays, axis, parameters))


def _returned(fn: Callable, arrays: Sequence[np.ndarray], axis: int | None, parameters: dict[str, float]):
    keywords = parameters if axis is None else {"axis": axis} | parameters
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return fn(*arrays, **keywords)


@dataclass
class Ledger:
    """Every argument and result of a run, to see at its end whether later calls have changed them."""

    arguments: list[tuple[np.ndarray, bytes]] = field(default_factory=list)
    results: list[tuple[np.ndarray, bytes]] = field(default_factory=list)

    def changed(self) -> tuple[bool, bool]:
        """Return whether any argument, and whether any result, is not what it was after its call."""
        return tuple(any(x.tobytes() != then for x, then in kept) for kept in (self.arguments, self.results))


def ask(fn: Callable, case: Case, arrays: Sequence[np.ndarray], shape: tuple[int, ...] | None = None) -> Answer:
    """Call an implementation with a case's arrays and check all but the values.

    Parameters
    ----------
    fn : callable
        The implementation.
    case : Case
        Which axis and which parameters, and which shape the result has.
    arrays : sequence of ndarray
        The inputs; they are compared afterwards, bit for bit.
    shape : tuple of int, optional
        The shape of the result, where it is not the case's.
    """
    return attempt(fn, arrays, case.axis, case.parameters, case.shape if shape is None else shape)


def attempt(
    fn: Callable,
    arrays: Sequence[np.ndarray],
    axis: int | None,
    parameters: dict[str, float],
    shape: tuple[int, ...],
    ledger: Ledger | None = None,
) -> Answer:
    """Call an implementation and check all but the values; an array is compared with all of the array it is part of."""
    roots = [_root(array) for array in arrays]
    before = [root.tobytes() for root in roots]
    try:
        returned = _returned(fn, arrays, axis, parameters)
        result = np.asarray(returned)
    except RAISED as error:
        return Answer(None, (("raises", describe(error)),))
    parts = tuple(map(np.asarray, returned)) if isinstance(returned, (tuple, list)) else (result,)
    problems = []
    if [root.tobytes() for root in roots] != before:
        problems.append(("input-overwritten", "the input is not what it was before the call"))
    if any(np.may_share_memory(part, x) and np.shares_memory(part, x) for part in parts for x in arrays):
        problems.append(("result-aliased", "the result shares memory with an input"))
    if result.shape != shape:
        return Answer(None, (*problems, ("shape-changed", f"got shape {result.shape}, the case has {shape}")))
    if not _same(result.dtype, arrays[0].dtype):
        problems.append(("dtype-changed", f"got {result.dtype} for {arrays[0].dtype}"))
    if result.dtype.kind not in "fV":
        return Answer(None, tuple(problems))
    if ledger is not None:
        ledger.arguments += zip(roots, before, strict=True)
        ledger.results += [(part, part.tobytes()) for part in parts]
    return Answer(result, tuple(problems), parts)


def _same(dtype: np.dtype, other: np.dtype) -> bool:
    """Whether two dtypes are one, in whatever byte order."""
    return dtype == other or dtype.newbyteorder("=") == other.newbyteorder("=")


def _root(array: np.ndarray) -> np.ndarray:
    """Return the array that a view belongs to."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
