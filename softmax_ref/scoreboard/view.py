"""What a reader of the scoreboard sees of a row, the same on the page, in Markdown and in the notebook."""

from __future__ import annotations

from softmax_ref.corpus import CORPUS_FORMATS, CORPUS_FUNCTIONS
from softmax_ref.scoreboard.rows import POLICIES

__all__ = ["FORMATS_SHOWN", "cell", "functions_of", "matrix", "row_of", "summary", "ulps"]

FORMATS_SHOWN = (*CORPUS_FORMATS, "integer", POLICIES)
DERIVATIVES = ("_vjp", "_jvp", "_jacobian")
SIGNS = {
    "tight": "T",
    "standard": "S",
    "conforms": "ok",
    "fails": "x",
    "breaks a promise": "p",
    "other dtype": "d",
    "raises": "e",
    "crashed": "!",
    "refuses": "-",
    "not offered": "-",
}
"""One sign for each verdict; a level where there is one."""


def row_of(board: dict, library: str, function: str, fmt: str) -> dict | None:
    """Return a row of the scoreboard, or None where a format was not asked for."""
    named = (library, function, fmt)
    return next((r for r in board["rows"] if (r["library"], r["function"], r["format"]) == named), None)


def functions_of(board: dict) -> list[str]:
    """Return the functions that any library offers: values first, then derivatives, in the order of the corpus."""
    seen = {row["function"] for row in board["rows"]}
    return sorted((name for name in CORPUS_FUNCTIONS if name in seen), key=lambda name: name.endswith(DERIVATIVES))


def cell(row: dict | None) -> str:
    """Return the sign of a row.

    Examples
    --------
    >>> cell({"verdict": "conforms", "level": "tight"}), cell({"verdict": "fails"}), cell(None)
    ('T', 'x', '')
    """
    if row is None:
        return ""
    return SIGNS[row["level"] if row["verdict"] == "conforms" and row.get("level") else row["verdict"]]


def matrix(board: dict) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Return for each library and each function that it offers the sign and the largest error in every format."""
    table: dict[str, dict[str, list[tuple[str, str]]]] = {about["id"]: {} for about in board["libraries"]}
    absent = [(cell({"verdict": "not offered"}) if name in CORPUS_FORMATS else "", "") for name in FORMATS_SHOWN]
    for row in board["rows"]:
        signs = table[row["library"]].setdefault(row["function"], list(absent))
        if row["format"] in FORMATS_SHOWN:
            signs[FORMATS_SHOWN.index(row["format"])] = (cell(row), ulps(row))
    return table


def ulps(row: dict) -> str:
    """Return the largest error of a row in two digits.

    Examples
    --------
    >>> ulps({"worst": {"ulp": 906000000000000.0}}), ulps({"worst": {"ulp": 0.502}}), ulps({})
    ('9.1e14', '0.5', '')
    """
    if "worst" not in row:
        return ""
    return f"{float(row['worst']['ulp']):.2g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")


def summary(board: dict, library: str) -> dict[str, int]:
    """Return how many functions and formats a library offers, and in how many it conforms."""
    rows = [r for r in board["rows"] if r["library"] == library and r["format"] in CORPUS_FORMATS]
    offered = [r for r in rows if r["verdict"] != "not offered"]
    return {
        "functions": len({r["function"] for r in rows}),
        "offered": len(offered),
        "tight": sum(r["verdict"] == "conforms" and r.get("level") == "tight" for r in offered),
        "standard": sum(r["verdict"] == "conforms" and r.get("level") == "standard" for r in offered),
        "fails": sum(r["verdict"] != "conforms" for r in offered),
    }
