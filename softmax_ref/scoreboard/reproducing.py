"""What reproduces a failure: three lines that were run here, what they printed, and the certified value."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from softmax_ref.conformance import Report
from softmax_ref.corpus import Case, load
from softmax_ref.scoreboard.differing import Answer, differing, empty_axes
from softmax_ref.scoreboard.foreign import foreign_snippet, run_foreign
from softmax_ref.scoreboard.languages import PROGRAMS
from softmax_ref.scoreboard.libraries import Library
from softmax_ref.scoreboard.promised import empty_snippets, is_number, promise_snippets
from softmax_ref.scoreboard.rows import POLICIES, alone, failing_cases
from softmax_ref.scoreboard.snippets import DTYPES, agrees, integer_snippet, run, snippet

__all__ = ["reproduced"]

TRIES = 6
"""Failing cases that are tried until a snippet reproduces one."""


def reproduced(of: Library, report: Report, row: dict) -> dict:
    """Return the failure of a row as its snippet shows it, or None where no snippet does; nothing for no failure."""
    if row["verdict"] in ("conforms", "not offered", "refuses"):
        return {}
    ways = {"integer": [_integers], POLICIES: [partial(_policies, report)]}
    usual = [partial(_floats, report), partial(_contradictions, report), _promises]
    tries = (found for way in ways.get(row["format"], usual) for found in way(of, row))
    return {"failure": next((found for found in tries if found), None)}


def _promises(of: Library, row: dict) -> Iterator[dict | None]:
    """Yield what reproduces a broken promise of the array contract, where nothing else fails."""
    broken = {} if of.kind in PROGRAMS else row.get("broken", {})
    for promise in broken.get("promises", ()):
        for case, text, right in promise_snippets(of, row["function"], row["format"], promise, broken["seen"]):
            printed = run(text)
            told = {"case": case.id, "promise": promise, "flags": list(row["flags"])}
            wrong = is_number(printed) if right == "nan or an error" else _far(printed, float(right))
            yield told | _told(text, printed, right) if wrong else None


def _floats(report: Report, of: Library, row: dict) -> Iterator[dict | None]:
    """Yield what reproduces a failing case of a format, the smallest first."""
    for case, failure in failing_cases(report, row["format"])[:TRIES]:
        told = {"case": case.id, "flags": list(failure.flags)}
        if failure.component is not None and failure.got is not None:
            shown = _shown(of, case, failure.component, failure.got)
            yield shown and told | shown
        elif {"dtype-changed", "raises"} & set(failure.flags) and of.kind not in PROGRAMS:
            text = snippet(of, row["function"], case, ".dtype")
            printed = run(text)
            same = printed.rpartition(".")[2].strip("'>") == (DTYPES.get(case.format.name) or case.format.name)
            yield None if same else told | _told(text, printed, f"an array of {case.format.name}")


def _shown(of: Library, case: Case, component: tuple[int, ...], got: float) -> dict | None:
    """Return three lines that print a component as it was judged, or None where they do not."""
    if of.kind in PROGRAMS:
        text = foreign_snippet(of, case.function, case, component)
        printed = text and run_foreign(of, text)
    else:
        text = snippet(of, case.function, case, component)
        printed = run(text)
    return _told(text, printed, _right(case, component)) if text and agrees(printed, got, case.format) else None


def _contradictions(report: Report, of: Library, row: dict) -> Iterator[dict | None]:
    """Yield two cases of one format that contradict one another."""
    here = alone(report, row["format"])
    yield from (_both(of, pair) for pairs in differing(here, apart=False).values() for pair in pairs)
    if empty_axes(here):
        texts = empty_snippets(of, row["function"], row["format"])
        yield _apart([(text, run(text)) for text in texts])


def _policies(report: Report, of: Library, row: dict) -> Iterator[dict | None]:
    """Yield two cases of two formats that contradict one another."""
    yield from (_both(of, pair) for pairs in differing(report, apart=True).values() for pair in pairs)
    seen = empty_axes(report)
    texts = [next(empty_snippets(of, row["function"], fmt)) for fmt in seen]
    yield _apart([(text, run(text)) for text in texts])


def _both(of: Library, pair: tuple[Answer, Answer]) -> dict | None:
    first, second = (_shown(of, answer.case, answer.component, answer.got) for answer in pair)
    if first is None or second is None:
        return None
    told = {"case": pair[0].case.id, "flags": list(pair[0].case.flags)}
    return told | first | {"against": {"case": pair[1].case.id} | second}


def _apart(shown: list[tuple[str, str]]) -> dict | None:
    """Return two snippets of which one ends in an error and the other prints a shape."""
    error = next((pair for pair in shown if ": " in pair[1]), None)
    empty = next((pair for pair in shown if ": " not in pair[1]), None)
    if error is None or empty is None:
        return None
    first, second = ({"case": "policy/empty_axis"} | _told(*pair, EMPTY) for pair in (error, empty))
    return first | {"flags": ["empty-array"], "against": second}


EMPTY = "a result of the same shape, or an error: one of them everywhere"


def _told(text: str, printed: str, right: str) -> dict:
    return {"snippet": text, "prints": printed, "right": right}


def _right(case: Case, component: tuple[int, ...]) -> str:
    """Return the certified value of a component in decimals; of a policy, each accepted one."""
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
            component = tuple(int(n) for n in np.unravel_index(flat, case.shape)) if case.shape else ()
            text = integer_snippet(of, row["function"], case, dtype, component)
            printed = run(text)
            if _far(printed, case.values[flat]):
                told = {"case": case.id, "flags": ["integer-input"]}
                yield told | _told(text, printed, _decimal(case, flat))


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
