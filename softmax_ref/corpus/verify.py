"""Derive every stored value again, with the engine that shares no code with the first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from softmax_ref.certified.second_engine import rederive
from softmax_ref.corpus.loader import CORPUS_FUNCTIONS, VECTORS, Case, load
from softmax_ref.corpus.offered import CORPUS_FORMATS, formats_of
from softmax_ref.formats import Format, get_format

__all__ = ["verify"]


def verify(
    directory: Path = VECTORS, functions=CORPUS_FUNCTIONS, formats=CORPUS_FORMATS
) -> Iterator[tuple[str, int, list[str]]]:
    """Yield, for each file, its name, how many values were derived again and which of them differ.

    Parameters
    ----------
    directory : Path
        Where the files are.
    functions, formats : sequence of str
        Which files, of those there are.
    """
    for function in functions:
        for fmt in (f for f in formats_of(function) if f in formats):
            cases = load(function, fmt, directory=directory)
            faults = [fault for case in cases for fault in _differences(case)]
            yield f"{function}-{fmt}", sum(_count(case) for case in cases), faults


def _count(case: Case) -> int:
    return len(case.at) * (1 + len(case.outcomes))


def _differences(case: Case) -> list[str]:
    derived = _derived(case)
    faults = _compare(case, "", case.record["expected"]["bits"], derived)
    for outcome, bits in case.record.get("accepted", {}).items():
        faults += _compare(case, f" of the outcome {outcome}", bits, _outcome(case, outcome, derived))
    return faults


def _derived(case: Case, z: np.ndarray | None = None, fmt: Format | None = None) -> np.ndarray:
    """Return the bits of the stored components, with other logits, all of them kept, or in another format."""
    keywords = case.parameters | ({} if case.axis is None else {"axis": case.axis})
    inputs = case.inputs
    if z is not None:
        inputs = {name: np.ones_like(x) if name == "mask" else x for name, x in inputs.items()} | {"z": z}
    bits = rederive(case.function, *inputs.values(), format=(fmt or case.format).name, at=case.at, **keywords)
    return np.ravel(bits).astype(np.uint64)


def _logits(case: Case) -> np.ndarray:
    """Return the first argument, -inf where the mask leaves a logit out."""
    z = next(iter(case.inputs.values()))
    return np.where(case.inputs["mask"], z, -np.inf) if "mask" in case.inputs else z


def _outcome(case: Case, outcome: str, usual: np.ndarray) -> np.ndarray:
    """Return the bits of an accepted outcome: the usual ones, except in slices that have no distribution."""
    if outcome == "nan":
        return usual
    if outcome == "saturate":
        return _saturated(case, usual)
    z, axis = _logits(case), -1 if case.axis is None else case.axis
    infinite = (z == np.inf).any(axis=axis, keepdims=True)
    if outcome == "uniform":
        return _derived(case, np.where((z == -np.inf).all(axis=axis, keepdims=True), 1.0, z))
    if outcome == "limit":
        return _derived(case, np.where(infinite, np.where(z == np.inf, 1.0, -np.inf), z))
    nothing = -np.inf if case.function == "log_softmax" else 0.0
    keeps_nan = (z == np.inf).ravel() if outcome == "slot" else np.zeros(len(usual), bool)
    empty = np.isnan(case.format.decode(usual)) & ~keeps_nan
    return np.where(empty, case.format.encode(nothing), usual)


def _saturated(case: Case, usual: np.ndarray) -> np.ndarray:
    """Return the bits with the largest number of either sign in the place of what overflows."""
    wide = get_format("binary64")
    exact = wide.decode(_derived(case, fmt=wide))
    lost = np.isnan(case.format.decode(usual)) & ~np.isnan(exact)
    return np.where(lost, case.format.encode(np.copysign(case.format.max, exact)), usual)


def _compare(case: Case, what: str, stored: list[str], derived: np.ndarray) -> list[str]:
    width = case.format.width // 4
    return [
        f"corpus bug: {case.id}: component {n}{what} is stored as {old}, the second engine gives 0x{new:0{width}x}"
        for n, old, new in zip(case.at.tolist(), stored, derived.tolist(), strict=True)
        if int(old, 16) != new
    ]
