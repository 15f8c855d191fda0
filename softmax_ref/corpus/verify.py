"""Derive every stored value again, with the engine that shares no code with the first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from softmax_ref.certified.second_engine import rederive
from softmax_ref.corpus.loader import CORPUS_FORMATS, CORPUS_FUNCTIONS, VECTORS, Case, load

__all__ = ["verify"]


def verify(directory: Path = VECTORS) -> Iterator[tuple[str, int, list[str]]]:
    """Yield, for each file, its name, how many values were derived again and which of them differ.

    Parameters
    ----------
    directory : Path
        Where the files are.
    """
    for function in CORPUS_FUNCTIONS:
        for fmt in CORPUS_FORMATS:
            cases = load(function, fmt, directory=directory)
            faults = [fault for case in cases for fault in _differences(case)]
            yield f"{function}-{fmt}", sum(len(case.at) for case in cases), faults


def _differences(case: Case) -> list[str]:
    along = {} if case.axis is None else {"axis": case.axis}
    derived = rederive(case.function, *case.inputs.values(), format=case.format.name, at=case.at, **along)
    stored = case.record["expected"]["bits"]
    width = case.format.width // 4
    return [
        f"corpus bug: {case.id}: component {n} is stored as {old}, the second engine gives 0x{int(new):0{width}x}"
        for n, old, new in zip(case.at.tolist(), stored, np.ravel(derived), strict=True)
        if int(old, 16) != int(new)
    ]
