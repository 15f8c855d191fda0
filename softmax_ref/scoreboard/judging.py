"""One library is judged, in a process of its own: ``python -m softmax_ref.scoreboard.judging LIBRARY [FUNCTION ...]``.

Writes one line of JSON for each function: its rows, with a snippet beside each failure that was run here.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from softmax_ref.conformance import Report, check
from softmax_ref.conformance.programs.checking import check_program
from softmax_ref.scoreboard.calling import callable_of
from softmax_ref.scoreboard.languages import PROGRAMS, command_of
from softmax_ref.scoreboard.libraries import Library, library
from softmax_ref.scoreboard.reproducing import reproduced
from softmax_ref.scoreboard.rows import rows_of, without_refusals

__all__ = ["judged", "main"]

NOT_A_FORMAT = "not among the formats of the program"


def judged(of: Library, function: str, formats=None) -> list[dict]:
    """Return the rows of one function of a library, each with a failure that its snippet reproduces."""
    report = without_refusals((_program if of.kind in PROGRAMS else _callable)(of, function, formats))
    return [row | reproduced(of, report, row) for row in rows_of(report) if row.get("why") != NOT_A_FORMAT]


def _callable(of: Library, function: str, formats) -> Report:
    return check(callable_of(of, function), function, formats, name=of.title)


def _program(of: Library, function: str, formats) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        command = command_of(of, function, Path(folder))
        return check_program(command, function, formats, name=of.title, show=lambda text: None)[0]


def main(arguments: list[str]) -> int:
    """Judge the functions of a library that are named, or all."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    of = library(arguments[0])
    for function in arguments[1:] or of.calls:
        print(json.dumps({"function": function, "rows": judged(of, function)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
