"""The text of a report on a terminal, with its verdicts in colour where that is wanted."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.text import Text

from softmax_ref.conformance.reports.legible import seen

if TYPE_CHECKING:
    from softmax_ref.conformance.report import Report

__all__ = ["colours", "to_terminal"]

RIGHT = r"\bCONFORMS at level \w+|\bconforms: \w+|\bkept\b"
WRONG = r"\b(DOES NOT CONFORM at level \w+|NOTHING WAS JUDGED|NOT JUDGED TO THE END|INCOMPLETE|FAILS|BROKEN CONTRACT)\b"


def to_terminal(reports: Sequence[Report], width: int, colour: bool) -> str:
    """Return the text of reports."""
    from softmax_ref.conformance.text import render

    lines = "\n\n".join(render(report, width) for report in reports).split("\n")
    text = "\n".join(map(seen, lines)) + "\n"
    return _painted(text) if colour else text


def colours(stream: TextIO) -> bool:
    """Whether a stream wants colours: a terminal, unless NO_COLOR is set or it is dumb; anything with FORCE_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    return Console(file=stream).color_system is not None


def _painted(text: str) -> str:
    shown = Text(text, end="")
    shown.highlight_regex(RIGHT, "green")
    shown.highlight_regex(WRONG, "bold red")
    console = Console(
        file=io.StringIO(), force_terminal=True, color_system="standard", no_color=False, legacy_windows=False
    )
    console.print(shown, soft_wrap=True, end="")
    return console.file.getvalue()
