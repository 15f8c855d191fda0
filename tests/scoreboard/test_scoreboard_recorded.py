"""Recording: the SciPy row is computed again, a wrong call gets a snippet, a process that ends is a row."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from softmax_ref import load
from softmax_ref.cli import main
from softmax_ref.scoreboard import library, recording, scores
from softmax_ref.scoreboard.judging import judged
from softmax_ref.scoreboard.snippets import run

BOARD = scores()
SCIPY = library("scipy")


def stored(of, function):
    return {row["format"]: row for row in BOARD["rows"] if (row["library"], row["function"]) == (of, function)}


def ulp(row):
    return float(row.get("worst", {}).get("ulp", 0))


@pytest.mark.parametrize("function", SCIPY.calls)
def test_the_scipy_row_is_what_is_stored(function):
    """Verdicts, levels, policies and failing flags; errors within what another processor's exp changes."""
    recorded = next(about for about in BOARD["libraries"] if about["id"] == "scipy")["versions"]
    if recorded != SCIPY.versions():
        pytest.skip(f"stored for {recorded}, here is {SCIPY.versions()}")
    told = ("verdict", "level", "policies", "why")
    fresh = {row["format"]: row for row in judged(SCIPY, function)}
    was = stored("scipy", function)

    assert list(fresh) == list(was)
    assert {f: [row.get(key) for key in told] for f, row in fresh.items()} == {
        f: [row.get(key) for key in told] for f, row in was.items()
    }
    assert {f: set(row.get("flags", ())) for f, row in fresh.items()} == {
        f: set(row.get("flags", ())) for f, row in was.items()
    }
    assert all(ulp(row) == ulp(was[f]) or 0.5 < (ulp(row) + 1) / (ulp(was[f]) + 1) < 2 for f, row in fresh.items())


def test_a_wrong_call_gets_three_lines_that_show_it():
    """Run again, they print the same, and the certified value is another."""
    row = judged(library("numpy-naive"), "softmax", formats=["binary32"])[0]
    failure = row["failure"]

    assert row["verdict"] == "fails"
    assert failure["snippet"].startswith("import numpy as np")
    assert run(failure["snippet"]) == failure["prints"] != failure["right"]


def test_a_right_call_gets_none():
    """SciPy's softplus is faithful, and nothing is said against it; one format has no other to agree with."""
    [row] = judged(SCIPY, "softplus", formats=["binary32"])

    assert (row["verdict"], row["level"]) == ("conforms", "tight")
    assert "failure" not in row


def test_two_formats_that_contradict_one_another_are_a_row_with_a_snippet_for_each():
    """Each format keeps its own row; binary32 gives nan for a slice of only -inf, and binary64 zeros."""
    of = replace(
        SCIPY, calls={"softmax": "np.nan_to_num(y) if (y := special.softmax(z, axis=axis)).dtype == 'd' else y"}
    )
    *alone, both = judged(of, "softmax", formats=["binary32", "binary64"])
    failure = both["failure"]

    assert {row["format"]: row["policies"]["all_neg_inf"] for row in alone if row["format"] != "integer"} == {
        "binary32": ["nan"],
        "binary64": ["zero"],
    }
    assert (both["format"], both["verdict"]) == ("policies", "fails")
    assert "all_neg_inf" in both["broken"]["promises"]
    assert {(f["prints"], "np.float32" in f["snippet"]) for f in (failure, failure["against"])} == {
        ("nan", True),
        ("0.0", False),
    }
    assert all(run(f["snippet"]) == f["prints"] and "nan or 0" in f["right"] for f in (failure, failure["against"]))


def test_a_format_that_flushes_where_another_keeps_is_shown_by_both():
    """As hardware may: a subnormal result is 0 in binary32, and its own value in binary64."""
    flushed = "np.where((y := special.softmax(z, axis=axis)) < np.finfo(y.dtype).tiny * (y.dtype == 'f'), 0 * y, y)"
    *alone, both = judged(replace(SCIPY, calls={"softmax": flushed}), "softmax", formats=["binary32", "binary64"])
    failure = both["failure"]

    assert [row["verdict"] for row in alone if row["format"] != "integer"] == ["conforms", "conforms"]
    assert both["broken"]["promises"] == ["subnormal"]
    assert float(failure["prints"]) == 0 < float(failure["right"]) < np.finfo(np.float32).tiny
    assert 0 < float(failure["against"]["prints"]) < np.finfo(np.float64).tiny


def test_one_format_that_contradicts_itself_has_a_snippet_for_both_answers():
    """A slice of two -inf is uniform, and one of three is nan: right by some policy each, and wrong together."""
    call = "np.full_like(z, 0.5) if z.shape == (2,) and (z == -np.inf).all() else special.softmax(z, axis=axis)"
    row = judged(replace(SCIPY, calls={"softmax": call}), "softmax", formats=["binary32"])[0]

    assert row["policies"]["all_neg_inf"] == ["nan", "uniform"]
    assert (row["verdict"], row["level"]) == ("breaks a promise", "tight")
    assert {row["failure"]["prints"], row["failure"]["against"]["prints"]} == {"0.5", "nan"}


def test_an_axis_without_entries_is_shown_by_an_error_and_a_shape():
    """In binary32 such an axis raises, in binary64 it gives nothing; within one format it depends on the rank."""
    empty = "special.softmax(z, axis=axis) if z.size or {} else z"
    formats = replace(SCIPY, calls={"softmax": empty.format("z.dtype == 'f'")})
    ranks = replace(SCIPY, calls={"softmax": empty.format("z.ndim == 1")})

    both = judged(formats, "softmax", formats=["binary32", "binary64"])[-1]["failure"]
    alone = judged(ranks, "softmax", formats=["binary32"])[0]

    assert both["prints"].startswith("ValueError: ")
    assert both["against"]["prints"] == "(3, 0)"
    assert "np.float64" in both["against"]["snippet"]
    assert (alone["verdict"], alone["failure"]["case"]) == ("breaks a promise", "policy/empty_axis")


def test_a_call_that_has_no_axis_is_skipped_along_the_others():
    """scikit-learn's softmax is one of rows: columns are neither passed nor failed."""
    row = judged(library("scikit-learn"), "softmax", formats=["binary64"])[0]
    columns = [c for c in load("softmax", "binary64") if c.axis not in (-1, c.inputs["z"].ndim - 1)]

    assert row["cases"]["skipped"] == len(columns) > 10
    assert "other" not in row["axes"]
    assert row["skipped"] == "only along the last axis"


def test_a_process_that_ends_is_a_row_and_the_next_function_is_judged(monkeypatch):
    """The first child answers one function and dies in the second; another child has the third."""
    asked = []

    def child(of, functions):
        asked.append(list(functions))
        says = [f'print(\'{{"function": "{f}", "rows": []}}\', flush=True)' for f in functions if f != "log_softmax"]
        dies = "log_softmax" in functions
        ends = ["import os", "os.kill(os.getpid(), 9)"] if dies else []
        code = "; ".join([*(says[:1] if dies else says), *ends])
        return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)

    monkeypatch.setattr(recording, "_child", child)
    of = replace(SCIPY, calls={name: "" for name in ("softmax", "log_softmax", "logsumexp")})
    found = recording.recorded(of)["rows"]

    assert [(row["function"], row["verdict"]) for row in found] == [("log_softmax", "crashed")]
    assert found[0]["why"] == "the process was ended by signal 9"
    assert asked == [["softmax", "log_softmax", "logsumexp"], ["logsumexp"]]


def test_a_judge_that_fails_says_nothing_of_the_library(monkeypatch):
    """A slip of ours ends the command with status 2, and no row is written."""
    command = [sys.executable, "-c", "raise SystemExit(1)"]
    monkeypatch.setattr(recording, "_child", lambda *_: subprocess.Popen(command, stdout=subprocess.PIPE, text=True))

    done = CliRunner().invoke(main, ["scoreboard", "--library", "scipy", "--scores", "never.json"])

    assert done.exit_code == 2
    assert "SciPy, softmax: the judge ended with status 1" in done.stderr


def test_a_library_that_is_missing_is_told_with_its_command(monkeypatch):
    """It is no failure of the others; where none is there, the call is at fault."""
    monkeypatch.setattr(recording, "_versions", lambda of: None)

    done = CliRunner().invoke(main, ["scoreboard", "--library", "torch"])

    assert done.exit_code == 2
    assert "PyTorch, CPU: not installed: pip install torch" in done.stderr
    assert "none of these libraries is installed" in done.stderr


def test_an_unknown_library_or_page_is_a_fault_of_the_call(tmp_path):
    """The message names what is known."""
    unknown = CliRunner().invoke(main, ["scoreboard", "--library", "matlab"])
    page = CliRunner().invoke(main, ["scoreboard", "--page", str(tmp_path / "board.pdf")])

    assert (unknown.exit_code, page.exit_code) == (2, 2)
    assert "library needs to be one of numpy-naive, numpy, scipy" in unknown.stderr
    assert "ends in .html or .md" in page.stderr


def test_the_page_is_written_by_one_command(tmp_path):
    """Both kinds, from the stored data."""
    for name in ("board.html", "board.md"):
        done = CliRunner().invoke(main, ["scoreboard", "--page", str(tmp_path / name)])

        assert done.exit_code == 0
        assert "SciPy" in (tmp_path / name).read_text(encoding="utf-8")


def test_one_library_is_judged_again_without_touching_the_others(tmp_path):
    """Its rows take the place of the stored ones."""
    path = tmp_path / "scores.json"
    of = replace(SCIPY, calls={"softplus": SCIPY.calls["softplus"]})
    recording.record([replace(library("numpy"), calls={})], path)

    board = recording.record([of], path)

    assert [about["id"] for about in board["libraries"]] == ["numpy", "scipy"]
    assert {row["library"] for row in board["rows"]} == {"scipy"}
    assert scores(path) == board


@pytest.mark.parametrize(("name", "program"), [("r", "Rscript"), ("octave", "octave-cli")])
def test_another_language_is_judged_through_its_program(tool, name, program):
    """The logistic function of R and the formula in Octave lose the same tail; their own lines show it."""
    tool(program)
    of = replace(library(name), imports="")

    row = judged(of, "logistic", formats=["binary64"])[0]

    assert (row["verdict"], row["cases"]["judged"]) == ("fails", 80)
    assert float(row["failure"]["prints"]) == 0 < float(row["failure"]["right"])
