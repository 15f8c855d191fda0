"""The command line: verdicts, exit statuses, one-line faults."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from softmax_ref.cli import main
from softmax_ref.corpus import CORPUS_VERSION, load

NAIVE = """
import numpy as np

def softmax(z, axis=-1):
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)

class Library:
    @staticmethod
    def stable(z, axis=-1):
        e = np.exp(z - z.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run softmax-ref in a folder of its own that holds mine.py."""
    (tmp_path / "mine.py").write_text(NAIVE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_a_naive_softmax_in_a_file_of_your_own_is_caught(run):
    """Exit status 1, and the report names the missing shift and the worst case."""
    result = run("check", "mine:softmax", "--format", "binary64")

    assert result.exit_code == 1
    assert "mine:softmax as softmax: DOES NOT CONFORM at level standard" in result.output
    assert "exp is taken without subtracting the maximum" in result.output
    assert "binary64/shift/three-near-1000" in result.output


def test_a_stable_softmax_conforms(run):
    """Exit status 0; the target may be an attribute of a class."""
    result = run("check", "mine:Library.stable", "--format", "binary64", "--format", "binary32")

    assert result.exit_code == 0, result.output
    assert "CONFORMS at level standard" in result.output


def test_our_own_functions_conform_at_the_strict_level(run):
    """The function is known by its name; tight is required."""
    for name in ("softmax", "logsumexp", "softmax_vjp"):
        result = run("check", f"softmax_ref:{name}", "--require", "tight", "--format", "binary32")
        assert result.exit_code == 0, result.output
        assert f"as {name}: CONFORMS at level tight" in result.output


def test_the_report_is_written_as_json_with_header_and_footer(run, tmp_path):
    """The footer tells that the file is complete."""
    result = run("check", "mine:softmax", "--format", "binary32", "--output", "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert result.exit_code == 1
    assert report["header"]["corpus_version"] == CORPUS_VERSION
    assert report["conforms"] is False
    failures = report["reports"][0]["failures"]
    assert report["footer"]["failures"] == len(failures) > 0
    assert {"case", "component", "got", "expected", "error", "allowed", "flags"} <= set(failures[0])


def test_a_declared_policy_that_is_not_kept_fails(run):
    """NumPy gives nan for a row of -inf, not zeros."""
    kept = run("check", "mine:Library.stable", "--format", "binary64", "--policy", "all_neg_inf=nan")
    broken = run("check", "mine:Library.stable", "--format", "binary64", "--policy", "all_neg_inf=zero")

    assert (kept.exit_code, broken.exit_code) == (0, 1)
    assert "declared zero" in broken.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mine",), "a target needs the form module:name, got 'mine'"),
        (("nowhere:softmax",), "'nowhere:softmax' cannot be imported: ModuleNotFoundError"),
        (("mine:hardmax",), "'mine:hardmax' needs a name of mine, which has no 'hardmax'"),
        (("math:pi",), "'math:pi' needs to be callable, got float"),
        (("mine:softmax", "--function", "hardmax"), "function needs to be one of softmax, "),
        (("mine:softmax", "--format", "float32"), "--format needs to be one of binary64, "),
        (("mine:softmax", "--require", "exact"), "require needs to be one of tight, standard, got 'exact'"),
        (("mine:softmax", "--policy", "pos_inf"), "--policy needs NAME=ANSWER, got 'pos_inf'"),
        (("mine:softmax", "--policy", "pos_inf=maybe"), "policy pos_inf needs one of nan, limit, slot, got 'maybe'"),
    ],
)
def test_a_faulty_call_is_one_line_and_status_2(run, arguments, message):
    """What was found and what was expected."""
    result = run("check", *arguments)

    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert message in result.output


def test_a_fault_of_ours_is_no_verdict(run, monkeypatch):
    """Status 2, with all that is needed to find it; 1 would say that the implementation does not conform."""
    monkeypatch.setattr("softmax_ref.conformance.reports.render", lambda *what, **how: 1 / 0)

    result = run("check", "mine:softmax", "--format", "binary64", "--select", "*/textbook/*")

    assert result.exit_code == 2
    assert "ZeroDivisionError" in result.stderr
    assert result.stderr.endswith("softmax-ref: this is a fault of softmax-ref, not of what was judged\n")


def test_a_module_that_raises_on_import_is_the_call_s_fault(run, tmp_path):
    """Status 2, one line, the exception's name."""
    (tmp_path / "broken.py").write_text("1 / 0\n")

    result = run("check", "broken:softmax")

    assert result.exit_code == 2
    assert result.output == "softmax-ref: 'broken:softmax' cannot be imported: ZeroDivisionError: division by zero\n"


def test_list_shows_ids_and_comments(run):
    """One line for each case, filtered by function, format and flag."""
    everything = run("list", "--function", "softmax", "--format", "binary32")
    some = run("list", "--function", "softmax", "--format", "binary32", "--flag", "nan-swallowed")

    assert everything.output.count("\n") == len(load("softmax", "binary32"))
    assert 0 < some.output.count("\n") < 20
    assert "a nan in front makes the slice nan" in some.output


def test_show_gives_the_case_and_explains_its_flags(run):
    """Bits, decimals, tolerances, source, and what each flag warns of with links."""
    result = run("show", "softmax/binary32/shift/three-near-1000")

    assert result.exit_code == 0
    for text in ("0x447a0000", "0.09003057317038", '"tight"', "exp overflows to inf", "https://github.com/"):
        assert text in result.output


def test_show_gives_the_parameters(run):
    """Of a case at some coldness, as bits and decimal."""
    result = run("show", "boltzmann/binary32/coldness/hot")

    assert '"beta": {"bits": "0x3e400000", "decimal": "0.1875"}' in result.output


@pytest.mark.parametrize("case", ["softmax", "softmax/binary32/shift/none", "softmax/half/shift/three"])
def test_show_of_an_unknown_case_is_status_2(run, case):
    """The message says how cases are named, or where they are listed."""
    result = run("show", case)

    assert result.exit_code == 2
    assert "softmax-ref list" in result.output


def test_eval_gives_certified_digits(run):
    """Fifty digits of softmax(1000, 1001, 1002)."""
    result = run("eval", "softmax", "1000", "1001", "1002", "--digits", "50")

    assert result.output.split() == [
        "0.090030573170380457998022101484491797867930864911467",
        "0.24472847105479765247295961834076279719930007483797",
        "0.66524095577482188952901828017474540493276906025056",
    ]


def test_eval_takes_decimals_exactly_as_given(run):
    """0.1 is a tenth and no binary64; with a format the bits stand beside."""
    result = run("eval", "logsumexp", "0.1", "--digits", "30", "--format", "binary32")

    assert result.output == "0.1  0x3dcccccd\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("hardmax", "1"), "function needs to be one of softmax"),
        (("softmax", "one"), "a number is needed, got 'one'"),
        (("softmax", "1e99999999"), "at most 10000 digits"),
        (("softmax", "1", "--format", "half"), "format needs to be one of"),
        (("softmax_vjp", "1"), "softmax_vjp takes 2 arrays, got 1"),
    ],
)
def test_a_faulty_eval_is_status_2(run, arguments, message):
    """One line that names the value."""
    result = run("eval", *arguments)

    assert result.exit_code == 2
    assert message in result.output


def test_corpus_build_writes_where_it_is_told(run, tmp_path, monkeypatch):
    """The package's own files are left alone; the count is printed."""
    from softmax_ref.corpus import builder

    monkeypatch.setattr(builder.build, "__defaults__", (builder.VECTORS, ("softplus",), ("bfloat16",)))

    result = run("corpus", "build", "--directory", "out")

    assert result.exit_code == 0
    assert [path.name for path in (tmp_path / "out").glob("*-*.json")] == ["softplus-bfloat16.json"]
    assert {"manifest.json", "notes.json", "ids.json"} < {path.name for path in (tmp_path / "out").iterdir()}


def test_explain_tells_the_story_of_a_case(run):
    """What goes wrong, on which input, the faults it catches, who hit it, how to mend it."""
    result = run("explain", "softmax/binary32/shift/three-near-1000")

    assert result.exit_code == 0
    for part in (
        "z = [1e+3, 1001, 1002]",
        "exp-overflow: ",
        "to mend: subtract the maximum",
        "softmax/no-shift",
        "https://",
    ):
        assert part in result.output


def test_bug_tells_the_story_of_a_bug_and_lists_the_museum(run):
    """The input, what came out, what is right, the answer, the fault that re-creates it and the cases that catch it."""
    result = run("bug", "keras-sparsemax-cumsum")

    assert result.exit_code == 0
    for part in ("(keras)", "[0, 0.1, 0.2, 0.3, 0.4]", "to mend: ", "fault sparsemax/", "caught in binary64 by "):
        assert part in result.output
    assert run("bug").output.count("\n") == 222


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explain", "softmax/binary32/shift/none"], "there is no case 'softmax/binary32/shift/none'"),
        (["bug", "nobody-1"], "the museum has no bug 'nobody-1'"),
        (["faults", "softmax/none"], "no entry named 'softmax/none'"),
        (["faults", "--function", "hardmax"], "no entry of 'hardmax'"),
    ],
)
def test_a_story_that_does_not_exist_is_status_2(run, arguments, message):
    """One line that names what was asked for."""
    result = run(*arguments)

    assert result.exit_code == 2
    assert message in result.output


def test_faults_prints_the_score_and_one_fault(run):
    """The gates of one function in one process; the museum is accounted for as a whole."""
    result = run("faults", "--function", "log_semiring_multiply", "--jobs", "1")
    first = run("faults", "softmax/no-shift")

    assert result.exit_code == 0, result.output
    assert "0/" in result.output and "222/222 museum entries accounted for" in result.output
    assert "caught in binary64 by " in first.output


def test_digests_are_recomputed_and_compared_with_an_implementation(run):
    """The reference is correctly rounded everywhere in a narrow format; a tenth of it is not."""
    options = ["--function", "logistic", "--format", "float8_e5m2"]

    assert run("corpus", "digest", *options).exit_code == 0
    assert "0 of 256 results are not" in run("corpus", "digest", "softmax_ref:logistic", *options).output
    assert run("corpus", "digest", "softmax_ref:softplus", *options).exit_code == 1


def test_corpus_changes_lists_versions(run):
    """Each version with its counts; an unknown one is refused by name."""
    assert "0.2.0: " in run("corpus", "changes").output
    assert "version needs to be one of 0.1.0, 0.2.0, got '9'" in run("corpus", "changes", "9").output


def test_corpus_verify_counts_what_it_derived(run):
    """Every stored value, none differs."""
    result = run("corpus", "verify")

    assert result.exit_code == 0
    stored = sum(len(case.at) * (1 + len(case.outcomes)) for case in load())
    assert result.output.endswith(f"{stored} values derived again, 0 differ\n")


def test_claims_are_counted_and_one_line_each_in_a_pipe(run):
    """109 lines between the heading and the counts."""
    result = run("claims")

    lines = result.output.splitlines()
    assert (result.exit_code, len(lines)) == (0, 111)
    assert all(line.startswith(f"C{n:02} ") for n, line in enumerate(lines[1:-1], start=1))
    assert lines[-1].startswith("109 claims: 4")
    assert " machine + human step, " in lines[-1]


def test_claims_fit_a_terminal(run, monkeypatch):
    """On a screen of 80 columns no line is wider."""
    monkeypatch.setattr("softmax_ref.cli.ledger.columns", lambda: 80)

    *lines, _ = run("claims").output.splitlines()

    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", ["C70", "c70"])
def test_a_claim_is_shown_with_home_checks_and_errata(run, name):
    """Statement, level, human step, notebook, cell, functions, families with their cases, the erratum in words."""
    output = " ".join(run("claims", name).output.split())

    assert output.startswith("C70 The image of softmax is the interior of the simplex")
    for told in (
        "level machine + human step human step A point of the boundary",
        "notebook notebooks/03_geometry.ipynb cell geometry-the-image-is-the-inside-of-the-simplex-not-its",
        "functions softmax",
        f"softmax/subnormal ({sum('/subnormal/' in case.id for case in load('softmax'))} cases)",
        "verdict wrong",
        "E01 wrong article Softmax maps the space of all logits to the boundary",
    ):
        assert told in output


def test_a_claim_without_stored_cases_says_why(run):
    """No family makes sense for a convention."""
    assert "none: a convention about one scalar" in " ".join(run("claims", "C17").output.split())


def test_an_erratum_is_shown_with_its_claims(run):
    """What the article says, what is true, and the claims that this is about."""
    output = run("claims", "E06").output

    assert output.startswith("E06  wrong\narticle  At low temperature one value dominates")
    assert [line[:3] for line in output.splitlines()[-2:]] == ["C14", "C61"]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (("--notebook", "04"), "C82 C83 C84 C85 C95 C107"),
        (("--notebook", "04_two_classes", "--verdict", "not in the article"), "C85"),
        (("--level", "cited"), "C28"),
        (("--verdict", "wrong", "--level", "certified number"), "C98"),
        (("--function", "softplus"), "C107"),
        (("--notebook", "00", "--verdict", "wrong"), ""),
    ],
)
def test_claims_are_filtered(run, filters, ids):
    """By notebook, name or number; by level; by verdict; by function; all filters together."""
    *lines, counts = run("claims", *filters).output.splitlines()

    assert [line.split()[0] for line in lines[1:]] == ids.split()
    assert counts.startswith(f"{len(ids.split())} claims")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("C110",), "there is no claim or erratum 'C110'; claims are C01 to C109, errata E01 to E25"),
        (("--notebook", "18"), "--notebook needs to be one of 00_proofs, "),
        (("--level", "proved"), "--level needs to be one of certified number, cited, "),
        (("--verdict", "fine"), "--verdict needs to be one of imprecise, not in the article, right, wrong, got 'fine'"),
        (("--function", "hardmax"), "--function needs to be one of "),
    ],
)
def test_an_unknown_claim_or_filter_is_status_2(run, arguments, message):
    """One line that names what there is."""
    result = run("claims", *arguments)

    assert result.exit_code == 2
    assert message in result.output


def test_a_code_page_without_greek_is_no_obstacle():
    """What it cannot write becomes a question mark, and the command succeeds."""
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    command = [sys.executable, "-c", "from softmax_ref.cli import main; main(['claims', 'C74'])"]

    done = subprocess.run(command, env=environment, capture_output=True, check=True)

    assert b"?(z + c) = ?(z)" in done.stdout
