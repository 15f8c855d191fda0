"""One library is judged, in a process of its own: ``python -m softmax_ref.scoreboard.judging LIBRARY [FUNCTION ...]``.

Writes one line of JSON for each function: its rows, with a snippet beside each failure that was run here.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from softmax_ref.conformance import Report, check
from softmax_ref.conformance.programs.checking import check_program
from softmax_ref.corpus import Case, load
from softmax_ref.scoreboard.calling import callable_of
from softmax_ref.scoreboard.foreign import foreign_snippet, run_foreign
from softmax_ref.scoreboard.languages import PROGRAMS, command_of
from softmax_ref.scoreboard.libraries import Library, library
from softmax_ref.scoreboard.promised import promise_snippets
from softmax_ref.scoreboard.rows import failing_cases, rows_of, without_refusals
from softmax_ref.scoreboard.snippets import agrees, integer_snippet, run, snippet

__all__ = ["judged", "main"]

NOT_A_FORMAT = "not among the formats of the program"
TRIES = 6
"""Failing cases that are tried until a snippet reproduces one."""


def judged(of: Library, function: str, formats=None) -> list[dict]:
    """Return the rows of one function of a library, each with a failure that its snippet reproduces."""
    report = without_refusals((_program if of.kind in PROGRAMS else _callable)(of, function, formats))
    return [row | _reproduced(of, report, row) for row in rows_of(report) if row.get("why") != NOT_A_FORMAT]


def _callable(of: Library, function: str, formats) -> Report:
    return check(callable_of(of, function), function, formats, name=of.title)


def _program(of: Library, function: str, formats) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        command = command_of(of, function, Path(folder))
        return check_program(command, function, formats, name=of.title, show=lambda text: None)[0]


def _reproduced(of: Library, report: Report, row: dict) -> dict:
    if row["verdict"] in ("conforms", "not offered", "refuses"):
        return {}
    if row["format"] == "integer":
        tries = _integers(of, row)
    else:
        tries = _promises(of, row) if row["verdict"] == "breaks a promise" else _floats(of, report, row)
    return {"failure": next((found for found in tries if found), None)}


def _promises(of: Library, row: dict) -> Iterator[dict | None]:
    """Yield what reproduces a broken promise of the array contract, where nothing else fails."""
    for promise in row["broken"]["promises"]:
        for case, flat, text in promise_snippets(of, row["function"], promise, row["broken"]["seen"]):
            printed = run(text)
            told = {"case": case.id, "promise": promise, "flags": list(row["flags"])}
            yield told | _told(text, printed, _decimal(case, flat)) if _far(printed, case.values[flat]) else None


def _floats(of: Library, report: Report, row: dict) -> Iterator[dict | None]:
    """Yield what reproduces a failing case of a format, the smallest first."""
    foreign = of.kind in PROGRAMS
    for case, failure in failing_cases(report, row["format"])[:TRIES]:
        told = {"case": case.id, "flags": list(failure.flags)}
        if failure.component is not None and failure.got is not None:
            text = (foreign_snippet if foreign else snippet)(of, row["function"], case, failure.component)
            printed = run_foreign(of, text) if foreign and text else run(text or "")
            right = _right(case, failure.component)
            yield told | _told(text, printed, right) if agrees(printed, failure.got, case.format) else None
        elif {"dtype-changed", "raises"} & set(failure.flags) and not foreign:
            text = snippet(of, row["function"], case, None)
            printed = run(text)
            same = printed.rpartition(".")[2].strip("'>") == (DTYPES.get(case.format.name) or case.format.name)
            yield None if same else told | _told(text, printed, f"an array of {case.format.name}")


DTYPES = {"binary64": "float64", "binary32": "float32", "binary16": "float16"}


def _told(text: str, printed: str, right: str) -> dict:
    return {"snippet": text, "prints": printed, "right": right}


def _right(case: Case, component: tuple[int, ...]) -> str:
    """Return the certified value of a component in decimals; of a policy, each accepted one."""
    import numpy as np

    flat = int(np.ravel_multi_index(component, case.shape)) if case.shape else 0
    at = case.at.tolist().index(flat)
    if not case.policy:
        return _decimal(case, at)
    accepted = {name: f"{values[at]:.10g}" for name, values in case.outcomes.items()}
    return " or ".join(dict.fromkeys(accepted.values()))


def _decimal(case: Case, at: int) -> str:
    return case.record["expected"]["decimal"][at]


def _integers(of: Library, row: dict) -> Iterator[dict | None]:
    """Yield what reproduces a broken promise about integers."""
    for promise in row["broken"]["promises"][:TRIES]:
        dtype, _, numbers = promise.partition(" ")
        case = _whole(row["function"], numbers)
        for flat in range(case.values.size):
            component = tuple(int(n) for n in _unravelled(flat, case.shape))
            text = integer_snippet(of, row["function"], case, dtype, component)
            printed = run(text)
            if _far(printed, case.values[flat]):
                yield {"case": case.id, "flags": ["integer-input"]} | _told(text, printed, _decimal(case, flat))
                break
        else:
            yield None


def _unravelled(flat: int, shape: tuple[int, ...]):
    import numpy as np

    return np.unravel_index(flat, shape) if shape else ()


def _whole(function: str, numbers: str) -> Case:
    """Return the case whose first argument has these whole numbers."""
    firsts = ((case, next(iter(case.inputs.values()))) for case in load(function, "binary64") if case.policy is None)
    return next(case for case, x in firsts if x.size <= 64 and _text(x) == numbers)


def _text(x) -> str | None:
    return str(x.astype(int).tolist()) if (x == x.round()).all() and abs(x).max(initial=0) < 2**63 else None


def _far(printed: str, right: float) -> bool:
    """Whether a number is wrong in the second digit: no rounding of any float format explains it."""
    try:
        return not abs(float(printed) - right) <= 0.02 * abs(right)
    except ValueError:
        return True


def main(arguments: list[str]) -> int:
    """Judge the functions of a library that are named, or all."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    of = library(arguments[0])
    for function in arguments[1:] or of.calls:
        print(json.dumps({"function": function, "rows": judged(of, function)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
