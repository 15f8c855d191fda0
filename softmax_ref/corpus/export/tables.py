"""Cases as a table of comma-separated values: one row a number, for spreadsheets and data frames.

Lines that start with ``#`` are the head; ``pandas.read_csv(path, comment="#", dtype=str)`` leaves them out. Every
number of a case has a row: its ``role`` is input, parameter or answer, ``name`` which of them, ``position`` where it
stands in row-major order, ``bits`` and ``value`` what it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np

from softmax_ref.corpus import Case
from softmax_ref.corpus.export.answers import Answer
from softmax_ref.corpus.export.chosen import Chosen
from softmax_ref.corpus.export.numbers import hexadecimal, inputs, parameters

__all__ = ["files"]

COLUMNS = (
    *("id", "function", "format", "flags", "axis", "policy", "role", "name", "shape", "position", "bits", "value"),
    *("exact", "lowest", "highest", "tight", "standard"),
)
MEANING = """one row a number: role is input, parameter or answer; name is the argument, or the outcome of a policy
position counts in row-major order; bits is the pattern, value its exact decimal or shortest one that reads back
exact is the result before rounding; lowest and highest are the ends of what is accepted; tight and standard are in ulp
flags and shape have spaces between; empty cells do not apply"""


def files(chosen: Chosen) -> dict[str, bytes]:
    """Return the table."""
    text = io.StringIO()
    text.writelines(f"# {line}\n" for line in (*chosen.about(), *MEANING.splitlines()))
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for case in chosen.cases:
        axis = "" if case.axis is None else case.axis
        head = (case.id, case.function, case.format.name, " ".join(case.flags), axis, case.policy or "")
        for row in _rows(case, chosen.answers[case.id]):
            writer.writerow((*head, *row, *[""] * (len(COLUMNS) - len(head) - len(row))))
    return {"": text.getvalue().encode()}


def _rows(case: Case, answers: list[Answer]) -> Iterator[tuple]:
    for name, x in inputs(case).items():
        values = case.inputs[name].ravel().tolist()
        for n, (entry, value) in enumerate(zip(x.ravel().tolist(), values, strict=True)):
            bits = hexadecimal(entry, case.format) if x.dtype.kind == "u" else ""
            yield "input", name, _spaced(x.shape), n, bits, _text(value)
    for name, bits in parameters(case).items():
        yield "parameter", name, "", 0, hexadecimal(bits, case.format), _text(case.parameters[name])
    exact, tol = case.record["expected"]["decimal"], case.record["tol"]
    for answer in answers:
        values = case.format.decode(np.array(answer.expected, np.uint64)).tolist()
        for n, at in enumerate(case.at.tolist()):
            ends = [hexadecimal(bits[n], case.format) for bits in (answer.expected, answer.lowest, answer.highest)]
            more = ("" if answer.name else exact[n], *ends[1:], tol["tight"][n], tol["standard"][n])
            yield "answer", answer.name, _spaced(case.shape), at, ends[0], _text(values[n]), *more


def _spaced(shape: tuple[int, ...]) -> str:
    return " ".join(map(str, shape))


def _text(value) -> str:
    return repr(value) if isinstance(value, float) else str(int(value))
