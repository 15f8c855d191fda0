"""One failing case, shown whole, and three lines of Python that show it again."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from softmax_ref.conformance.judge import Verdict
from softmax_ref.conformance.report import Report
from softmax_ref.conformance.reports.legible import legible
from softmax_ref.corpus import Case

__all__ = ["Whole", "smallest", "snippet", "whole"]

TYPED = 24
"""Inputs of at most so many entries are written into a snippet; longer ones are loaded."""
MODULES = {"binary64": "np.float64", "binary32": "np.float32", "binary16": "np.float16"}


@dataclass(frozen=True)
class Whole:
    """A case with everything that belongs to it, as text.

    Attributes
    ----------
    id, comment, format, axis : str
        Of the case.
    inputs : list of (name, shape, entries, bits)
        The arguments, in row-major order.
    parameters : dict of str to str
        Further arguments.
    rows : list of (index, got, right, error, allowed, within)
        The stored components of the result.
    """

    id: str
    comment: str
    axis: str
    inputs: list[tuple[str, str, str, str]]
    parameters: dict[str, str]
    rows: list[tuple[str, str, str, str, str, bool]]


def smallest(report: Report) -> Verdict | None:
    """Return the failed case with the fewest numbers in it, which is the easiest to follow by hand."""
    failed = {failure.case for failure in report.failures if failure.component is not None}
    found = [v for r in report.judged for v in r.judged if v.case.id in failed]
    return min(found, key=lambda v: sum(x.size for x in v.case.inputs.values()) + len(v.got), default=None)


def whole(verdict: Verdict, level: str) -> Whole:
    """Return everything about a case."""
    case = verdict.case
    inside = verdict.excess(level) <= 1
    columns = zip(verdict.got, case.values, verdict.error, case.tolerances[level], inside, strict=True)
    indices = zip(*np.unravel_index(case.at, case.shape), strict=True) if case.shape else [()]
    return Whole(
        case.id,
        case.comment,
        "none" if case.axis is None else str(case.axis),
        [_input(name, x, case) for name, x in case.inputs.items()],
        {name: repr(value) for name, value in case.parameters.items()},
        [
            (",".join(map(str, at)) or "()", repr(float(got)), repr(float(right)), f"{error:.4g}", f"{bound:.4g}", ok)
            for at, (got, right, error, bound, ok) in zip(indices, columns, strict=True)
        ],
    )


def _input(name: str, x: np.ndarray, case: Case) -> tuple[str, str, str, str]:
    entries = x.ravel().tolist()
    bits = [f"0x{b:0{case.format.width // 4}x}" for b in case.format.encode(x).ravel().tolist()] if _floats(x) else []
    return name, str(x.shape), ", ".join(map(repr, entries)), ", ".join(bits)


def _floats(x: np.ndarray) -> bool:
    return x.dtype.kind == "f"


def snippet(target: str, case: Case, component: tuple[int, ...]) -> str:
    """Return three lines of Python that print what a target gives for a case, and what is right.

    Parameters
    ----------
    target : str
        ``module:name``; anything else has to be imported by the reader, and the snippet says so.
    case : Case
        Its inputs are written out where they are few.
    component : tuple of int
        Which component to print.
    """
    dtype = MODULES.get(case.format.name, f"ml_dtypes.{case.format.name}")
    module = f"import numpy as np{'' if case.format.name in MODULES else ', ml_dtypes'}"
    right = repr(float(case.values[case.at.tolist().index(int(np.ravel_multi_index(component, case.shape)))]))
    keywords = ({} if case.axis is None else {"axis": case.axis}) | case.parameters
    given = "".join(f", {name}={_number(repr(value))}" for name, value in keywords.items())
    index = ", ".join(map(str, component)) or "()"
    shown = f'print("got", np.asarray(y)[{index}], "right", {_number(right)})'
    if sum(x.size for x in case.inputs.values()) <= TYPED:
        arrays = ", ".join(_typed(x, dtype) for x in case.inputs.values())
        return f"{module}; {_imported(target)}\ny = f({arrays}{given})\n{shown}"
    loaded = f'case = next(c for c in load("{case.function}", "{case.format.name}") if c.id == "{case.id}")'
    arrays = f"*[x.astype({dtype}) if x.dtype.kind == 'f' else x for x in case.inputs.values()]"
    return f"{module}; from softmax_ref import load; {_imported(target)}\n{loaded}; y = f({arrays}{given})\n{shown}"


def _imported(target: str) -> str:
    module, _, path = target.partition(" ")[0].partition(":")
    name, *attributes = path.split(".")
    if not all(part.isidentifier() for part in (*module.split("."), name, *attributes)):
        return f"f = ...  # what was judged: {legible(target)}"
    return f"from {module} import {name} as f" if not attributes else f"import {module}; f = {module}.{path}"


def _typed(x: np.ndarray, dtype: str) -> str:
    kind = {"f": dtype, "b": "bool"}.get(x.dtype.kind, "np.int64")
    return f"np.array({_number(str(x.tolist()))}, {kind})"


def _number(text: str) -> str:
    return re.sub(r"\b(nan|inf)\b", r"np.\1", text)
