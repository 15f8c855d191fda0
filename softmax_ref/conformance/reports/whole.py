"""One failing case, shown whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from softmax_ref.conformance.judge import Verdict
from softmax_ref.conformance.reports.legible import legible
from softmax_ref.conformance.smallest import component_rows
from softmax_ref.corpus import Case

__all__ = ["Whole", "whole"]


@dataclass(frozen=True)
class Whole:
    """A case with everything that belongs to it, as text.

    Attributes
    ----------
    id, comment, axis : str
        Of the case.
    inputs : list of (name, shape, entries, bits)
        The arguments, in row-major order.
    parameters : dict of str to str
        Further arguments.
    problems : str
        What was wrong apart from the values.
    rows : list of (index, got, right, error, allowed, within)
        The stored components of the result.
    """

    id: str
    comment: str
    axis: str
    inputs: list[tuple[str, str, str, str]]
    parameters: dict[str, str]
    problems: str
    rows: list[tuple[str, str, str, str, str, bool]]


def whole(verdict: Verdict, level: str) -> Whole:
    """Return everything about a case."""
    case = verdict.case
    inside = [bool(verdict.outcomes)] * len(verdict.got) if case.policy else verdict.excess(level) <= 1
    return Whole(
        case.id,
        case.comment,
        "none" if case.axis is None else str(case.axis),
        [_input(name, x, case) for name, x in case.inputs.items()],
        {name: repr(value) for name, value in case.parameters.items()},
        "; ".join(legible(text) for _, text in verdict.problems),
        [(*row, bool(ok)) for row, ok in zip(component_rows(verdict, level), inside, strict=True)],
    )


def _input(name: str, x: np.ndarray, case: Case) -> tuple[str, str, str, str]:
    entries = x.ravel().tolist()
    bits = [f"0x{b:0{case.format.width // 4}x}" for b in case.format.encode(x).ravel().tolist()] if _floats(x) else []
    return name, str(x.shape), ", ".join(map(repr, entries)), ", ".join(bits)


def _floats(x: np.ndarray) -> bool:
    return x.dtype.kind == "f"
