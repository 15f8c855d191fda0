"""The ledger is whole, speaks one language, and agrees with the functions, their docstrings and the corpus."""

import inspect
import json
import re
from dataclasses import replace
from functools import cache

import pytest

from softmax_ref import functions
from softmax_ref.corpus import load
from softmax_ref.literate import ledger, ledger_text
from softmax_ref.literate.ledger import LEVELS, SECTIONS, SOURCES, VERDICTS, claims, errata

WITH_STEP = "machine + human step"
FIXED = "exact at fixed size"  # words may carry it to other sizes
HOMES = {
    *("00_proofs", "01_definition", "02_derivatives", "03_geometry", "04_two_classes", "05_smooth_argmax"),
    *("06_smooth_max", "07_duality", "08_statistical_mechanics", "09_classification", "10_decisions", "11_large_k"),
    *("12_numbers", "13_rounding"),
}


def faults(claim, known=None):
    """List what is wrong with one claim."""
    return [*_word_faults(claim), *_verdict_faults(claim, known or errata()), *_check_faults(claim)]


def _word_faults(claim):
    if not 20 <= len(claim.statement) <= 250 or claim.statement[-1] != ".":
        yield "the statement is one or two sentences"
    if not claim.source or not set(claim.source) <= set(SOURCES) or claim.section not in SECTIONS:
        yield "the source is a section of a snapshot, or implied"
    if claim.level not in LEVELS or claim.verdict not in VERDICTS:
        yield "level and verdict are words of the ledger"
    if not claim.human and claim.level == WITH_STEP or claim.human and claim.level not in (WITH_STEP, FIXED):
        yield "a human step is named exactly where there is one"
    if claim.notebook not in HOMES:
        yield "the notebook is one of those with claims"


def _verdict_faults(claim, known):
    kinds = {known[name].kind for name in claim.errata if name in known}
    if not set(claim.errata) <= set(known):
        yield "every erratum exists"
    if claim.verdict in ("right", "not in the article") and claim.errata:
        yield "what is right has no erratum"
    if claim.verdict == "wrong" and "wrong" not in kinds or claim.verdict == "imprecise" and kinds != {"imprecise"}:
        yield "the errata bear out the verdict"
    if (claim.source == ("implied",)) != (claim.verdict == "not in the article"):
        yield "what is only implied is not in the article"


def _check_faults(claim):
    if not claim.functions or not set(claim.functions) <= set(functions.__all__):
        yield "at least one function of the reference checks it"
    if bool(claim.families) == bool(claim.no_family):
        yield "there are families of cases, or a reason why not"
    if not set(claim.families) <= stored_families():
        yield "the corpus has these families"


@cache
def stored_families():
    return {"{0}/{2}".format(*case.id.split("/")) for case in load()}


def named_claims(text):
    """Return the claims that a docstring names, by notebook: C01, C06-C17 (notebooks/01_definition.ipynb), ..."""
    found = {}
    line = re.search(r"Claims: (.+?)\. ", " ".join(text.split()) + " ")
    for ids, notebook in re.findall(r"([C\d, -]+) \(notebooks/(\w+)\.ipynb\)", line[1] if line else ""):
        for first, last in re.findall(r"C(\d+)(?:-C(\d+))?", ids):
            for number in range(int(first), int(last or first) + 1):
                found[f"C{number:02}"] = notebook
    return found


def docstring_faults(name, text, known=None):
    """List where a docstring and the ledger disagree."""
    known, named = known or claims(), named_claims(text)
    if not named:
        yield f"{name} names no claim"
    for claim, notebook in named.items():
        if claim not in known or known[claim].notebook != notebook:
            yield f"{name}: {claim} is not in {notebook}"
    for claim in known.values():
        if name in claim.functions and claim.id not in named:
            yield f"{name} does not name {claim.id} ({claim.notebook}), which it checks"


def test_the_ids_are_complete_and_in_order():
    """C01 to C109 and E01 to E25, none missing, none more."""
    assert list(claims()) == [f"C{n:02}" for n in range(1, 110)]
    assert list(errata()) == [f"E{n:02}" for n in range(1, 26)]


@pytest.mark.parametrize("name", claims())
def test_a_claim_has_no_faults(name):
    """Its words are the ledger's; its functions, cases and errata exist."""
    assert faults(claims()[name]) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"statement": "Softmax is smooth"}, "one or two sentences"),
        ({"source": ()}, "section of a snapshot"),
        ({"section": "Numerical algorithms"}, "section of a snapshot"),
        ({"level": "proved"}, "words of the ledger"),
        ({"verdict": "fine"}, "words of the ledger"),
        ({"human": ""}, "a human step is named"),
        ({"level": "machine"}, "a human step is named"),
        ({"notebook": "15_errata"}, "the notebook is one"),
        ({"errata": ("E99",)}, "every erratum exists"),
        ({"verdict": "right"}, "has no erratum"),
        ({"errata": ()}, "bear out the verdict"),
        ({"errata": ("E12",)}, "bear out the verdict"),
        ({"verdict": "imprecise"}, "bear out the verdict"),
        ({"source": ("implied",)}, "only implied"),
        ({"functions": ()}, "function of the reference"),
        ({"functions": ("hardmax",)}, "function of the reference"),
        ({"families": ()}, "or a reason"),
        ({"no_family": "none"}, "or a reason"),
        ({"families": ("softmax/nowhere",)}, "the corpus has"),
    ],
)
def test_a_spoiled_claim_is_noticed(change, fault):
    """Each rule, broken once in C70."""
    assert any(fault in found for found in faults(replace(claims()["C70"], **change)))


def test_every_statement_is_its_own():
    """No two claims say the same."""
    assert len({claim.statement for claim in claims().values()}) == len(claims())


def test_every_erratum_belongs_to_a_claim():
    """And says in one or two sentences what the article says and what is true."""
    assert {name for claim in claims().values() for name in claim.errata} == set(errata())
    for erratum in errata().values():
        assert erratum.kind in ("wrong", "imprecise")
        assert erratum.says[-1] == erratum.truth[-1] == "."


@pytest.mark.parametrize("name", functions.__all__)
def test_a_docstring_and_the_ledger_agree(name):
    """A function names every claim that it checks, each with its notebook."""
    assert list(docstring_faults(name, inspect.getdoc(getattr(functions, name)))) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Error bound: none.", "f names no claim"),
        ("Claims: C03 (notebooks/01_definition.ipynb). Error", "f: C03 is not in 01_definition"),
        ("Claims: C03, C110 (notebooks/00_proofs.ipynb). Error", "f: C110 is not in 00_proofs"),
        ("Claims: C01-C05 (notebooks/00_proofs.ipynb). Error", "f: C05 is not in 00_proofs"),
        ("Claims: C01 (notebooks/00_proofs.ipynb). Error", "f does not name C70 (03_geometry), which it checks"),
    ],
)
def test_a_docstring_that_disagrees_is_noticed(text, fault):
    """No claim, the wrong notebook, no such claim, a range that goes too far, a claim left out."""
    known = {**claims(), "C70": replace(claims()["C70"], functions=("f",))}

    assert fault in list(docstring_faults("f", text, known))


def test_a_range_of_claims_is_read_in_full():
    """C01-C03 means three claims; a line may be broken anywhere."""
    text = "Claims: C01-C03,\n  C74 (notebooks/03_geometry.ipynb), C05 (notebooks/12_numbers.ipynb). Error bound: here."

    assert named_claims(text) == {**dict.fromkeys(["C01", "C02", "C03", "C74"], "03_geometry"), "C05": "12_numbers"}


def notebook(folder, name):
    """Store a notebook whose second cell, named so, is the home of C02."""
    cells = [
        {"cell_type": "code", "id": "one", "metadata": {}, "source": ["1 + 1"]},
        {"cell_type": "markdown", "id": name, "metadata": {"tags": ["C02", "kept"]}, "source": ["# New\n", "text"]},
    ]
    (folder / "00_one.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")


def test_the_cells_are_filled_in_from_the_notebooks(tmp_path):
    """The id of the tagged cell is written where the claim is, and nothing else changes."""
    before = '[C01]\nstatement = "a"\ncell = "old"\n\n[C02]\nstatement = "b"\ncell = "old"\n\n[E01]\nsays = "c"\n'
    (tmp_path / "ledger.toml").write_text(before, "utf-8")
    notebook(tmp_path, "one-new")

    ledger.main(tmp_path / "ledger.toml", tmp_path)

    after = before.replace('"a"\ncell = "old"', '"a"\ncell = ""').replace('"b"\ncell = "old"', '"b"\ncell = "one-new"')
    assert (tmp_path / "ledger.toml").read_text("utf-8") == after


@pytest.mark.parametrize("name", ["5f0c1a2b", "one-old", "one-new-2"])
def test_a_cell_that_will_be_renamed_is_refused(tmp_path, name):
    """Jupyter's own ids, and those of another heading, change when the notebook is stored; nothing is written."""
    (tmp_path / "ledger.toml").write_text('[C02]\nstatement = "b"\ncell = "old"\n', "utf-8")
    notebook(tmp_path, name)

    with pytest.raises(ValueError, match=f"^ledger: 00_one.ipynb must name this cell one-new, got {name}; store it"):
        ledger.main(tmp_path / "ledger.toml", tmp_path)
    assert 'cell = "old"' in (tmp_path / "ledger.toml").read_text("utf-8")


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_table_fits_the_screen(width):
    """No line of the table is wider than the terminal, and every id and verdict stands whole."""
    *lines, _ = ledger_text.table_text(claims().values(), width).splitlines()

    assert max(map(len, lines)) <= width
    starts = [line for line in lines if re.match(r"C\d+ ", line)]
    assert len(starts) == 109
    assert "  imprecise E19" in next(line for line in starts if line.startswith("C37"))


def test_in_a_pipe_a_claim_is_one_line():
    """Without a terminal nothing is broken or cut."""
    lines = ledger_text.table_text(claims().values()).splitlines()

    assert len(lines) == 111
    assert all(line.endswith(claim.statement) for line, claim in zip(lines[1:-1], claims().values(), strict=True))
