"""The museum as one page: every bug, its kind, the faults that re-create it, or the reason why none can."""

from __future__ import annotations

from pathlib import Path

from softmax_ref.faults.catalogue import faults
from softmax_ref.faults.museum import ROOMS, Bug, bugs
from softmax_ref.replacing import replace_file

__all__ = ["PAGE", "museum_page", "write_page"]

PAGE = ROOMS / "README.md"
HEAD = """# The museum

Real bugs of the softmax family, {count} of them. `softmax-ref bug ID` tells the whole story of one: the input, what came out, what is
right, how the project answered, how to mend yours. A thread is verified where it was read again on the day that its entry names.
This page is written by `softmax-ref faults --record`.

| bug | what goes wrong | kind | re-created by | thread |
|---|---|---|---|---|
"""


def museum_page() -> str:
    """Return the page as Markdown."""
    recreated: dict[str, list[str]] = {}
    for fault in faults():
        for bug in fault.bugs:
            recreated.setdefault(bug, []).append(fault.name)
    rows = [_row(bug, recreated.get(bug.id, [])) for bug in bugs().values()]
    return HEAD.format(count=len(rows)) + "\n".join(rows) + "\n"


def write_page(path: Path = PAGE) -> None:
    """Write the page beside its rooms."""
    replace_file(path, museum_page())


def _row(bug: Bug, names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    cells = (f"[{bug.id}]({bug.link})", bug.what, f"`{bug.flag}`", shown or f"none: {bug.why_not}", bug.thread)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
