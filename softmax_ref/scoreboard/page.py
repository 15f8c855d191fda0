"""The scoreboard as a page in one file that loads nothing, and as Markdown."""

from __future__ import annotations

from pathlib import Path

from softmax_ref.conformance.reports.templating import environment
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES
from softmax_ref.scoreboard.findings import findings
from softmax_ref.scoreboard.view import FORMATS_SHOWN, cell, functions_of, matrix, summary

__all__ = ["to_html", "to_markdown"]

FOLDER = Path(__file__).parent
SHORT = {
    "binary64": "f64",
    "binary32": "f32",
    "binary16": "f16",
    "bfloat16": "bf16",
    "float8_e4m3fn": "e4m3",
    "float8_e5m2": "e5m2",
    "integer": "int",
    "policies": "same",
}
MEANINGS = {
    "T": "conforms at level tight",
    "S": "conforms at level standard",
    "ok": "right values",
    "x": "fails",
    "p": "right values, but a promise about arrays is broken, or one question has two answers",
    "d": "the result has another dtype",
    "e": "every call raises",
    "!": "the process ends",
    "-": "not offered, or refused",
}


def to_html(board: dict) -> str:
    """Return the scoreboard as one HTML file."""
    page = environment(FOLDER).get_template("board.html.j2")
    return page.render(
        board=board,
        cell=cell,
        findings=findings(),
        formats=[(name, SHORT[name]) for name in FORMATS_SHOWN],
        functions=functions_of(board),
        matrix=matrix(board),
        meanings=MEANINGS,
        notes=NOTES | CONTRACT_NOTES,
        rows={about["id"]: [r for r in board["rows"] if r["library"] == about["id"]] for about in board["libraries"]},
        summaries={about["id"]: summary(board, about["id"]) for about in board["libraries"]},
    )


def to_markdown(board: dict) -> str:
    """Return the scoreboard as Markdown: a table of libraries, one of functions, the findings."""
    lines = ["# The scoreboard", "", _intro(board), "", *_libraries(board), "", *_functions(board), "", *_findings()]
    return "\n".join(lines) + "\n"


def _intro(board: dict) -> str:
    machines = sorted({"{system}, {processor}, Python {python}".format(**a["machine"]) for a in board["libraries"]})
    return (
        f"{len(board['libraries'])} libraries, judged by corpus {board['corpus_version']} "
        f"on {' and on '.join(machines)}. "
        "`softmax-ref scoreboard` records it, `softmax-ref scoreboard --page FILE.html` shows it with a snippet "
        "beside every failure."
    )


def _libraries(board: dict) -> list[str]:
    lines = ["| library | versions | functions | formats of them | tight | standard | fails |", "|---" * 7 + "|"]
    for about in board["libraries"]:
        told = summary(board, about["id"])
        versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
        numbers = [told[name] for name in ("functions", "offered", "tight", "standard", "fails")]
        lines.append("| " + " | ".join(map(str, (f"{about['id']}: {about['title']}", versions, *numbers))) + " |")
    return lines


def _functions(board: dict) -> list[str]:
    """Return one line for each function and library: a table of all libraries side by side is too wide to be read."""
    shown = [SHORT[name] for name in FORMATS_SHOWN]
    signs = "; ".join(f"{sign}: {meaning}" for sign, meaning in MEANINGS.items())
    lines = [f"{signs}; ·: not asked.", "", "| function | library | " + " | ".join(shown) + " |"]
    lines.append("|---" * (2 + len(shown)) + "|")
    table = matrix(board)
    for function in functions_of(board):
        name = function
        for library in (about["id"] for about in board["libraries"] if function in table[about["id"]]):
            cells = [sign or "·" for sign, _ in table[library][function]]
            lines.append("| " + " | ".join((name, library, *cells)) + " |")
            name = ""
    return lines


def _findings() -> list[str]:
    lines = ["| measured before | now |", "|---|---|"]
    return lines + [f"| {entry.text} | {entry.state}: {entry.now} |".replace("\n", " ") for entry in findings()]
