"""The pytest plugin: every case is a test, what is wrong fails by its name, what is skipped says why."""

import subprocess
import sys

import numpy as np
import pytest

from softmax_ref import check, cross_entropy, load, softmax
from softmax_ref.conformance.declared import declare
from softmax_ref.conformance.explained import failure_of
from softmax_ref.conformance.pieces import Pieces
from softmax_ref.conformance.selection import Scope
from softmax_ref.conformance.told import kinds_of
from softmax_ref.pytest_plugin import arguments, assert_conforms, cases

pytest_plugins = ["pytester"]

REFUSES = """
def refuses(z, axis=-1):
    raise TypeError("tensors only")
"""
NEAR = "softmax/binary32/shift/three-near-1000"
SHIFTS = ["--softmax-ref-formats", "binary32", "--softmax-ref-select", "*/shift/*"]
COUNT = sum("/shift/" in case.id for case in load("softmax", "binary32"))


@pytest.fixture
def folder(pytester, mine, monkeypatch):
    """A folder of its own that holds mine.py, whatever other tests have imported under that name."""
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    pytester.makepyfile(mine=mine + REFUSES)
    monkeypatch.syspath_prepend(str(pytester.path))
    return pytester


@pytest.fixture
def run(folder, monkeypatch):
    """Run pytest in this process with the plugins that a test is about; others take seconds to start in workers."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return lambda *options: folder.runpytest_inprocess("-p", "xdist", "-p", "softmax_ref.pytest_plugin", *options)


def test_a_right_softmax_passes_every_case(folder):
    """A folder without a test file has one test for each case, for each kind of promise, and two for all of them."""
    result = folder.runpytest_inprocess("--softmax-ref", "mine:softmax", "--softmax-ref-formats", "binary32")

    result.assert_outcomes(passed=len(load("softmax", "binary32")) + len(kinds_of("softmax", "binary32")) + 2)
    assert result.ret == 0


def test_what_is_wrong_fails_with_the_case_named(run):
    """Input, result, right value, bound and the likely bug; and no traceback."""
    result = run("--softmax-ref", "mine:naive", *SHIFTS, "-k", "near-1000")

    assert result.ret == 1
    result.assert_outcomes(failed=1, deselected=COUNT - 1)
    result.stdout.fnmatch_lines(
        [
            "*off by inf ulp, allowed 13.6: a common offset of 1000 does not change the distribution",
            "*z = [[]1000, 1001, 1002[]], axis = -1",
            "*at (0): got nan, right 0.09003057317038, off by inf ulp, allowed 13.6 (standard)",
            "*exp-overflow: exp is taken without subtracting the maximum*To mend it: subtract the maximum*",
            f"FAILED mine:naive::{NEAR}*",
        ]
    )
    assert "Traceback" not in result.stdout.str() and "runtest" not in result.stdout.str()


def naive(z, axis=-1):
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


def native(z, axis=-1):
    if not z.dtype.isnative:
        raise TypeError("native bytes only")
    return softmax(z, axis=axis)


def flushes_rows(z, axis=-1):
    p = softmax(z, axis=axis)
    return np.where((p < 2.0**-126) & (p.ndim == 1) & (p.dtype == np.float32), np.zeros_like(p), p)


def halves(z, axis=-1):
    with np.errstate(all="ignore"):
        return softmax(z.astype(np.float16), axis=axis).astype(z.dtype)


NARROW = {"working_format": "binary16", "domain": "abs(z) <= 8"}


@pytest.mark.parametrize(
    ("fn", "function", "policies", "declared"),
    [
        (naive, "softmax", {}, {}),
        (native, "softmax", {"all_neg_inf": "nan"}, {}),
        (softmax, "softmax", {"all_neg_inf": "zero", "subnormal": "flushed"}, {}),
        (flushes_rows, "softmax", {}, {}),
        (flushes_rows, "softmax", {"subnormal": "gradual"}, {}),
        (softmax, "softmax", {"binary32/subnormal": "flushed", "float8_e5m2/empty_axis": "empty"}, {}),
        (halves, "softmax", {}, NARROW),
        (cross_entropy, "cross_entropy", {}, {}),
    ],
)
def test_every_verdict_is_that_of_a_check(fn, function, policies, declared):
    """Asked piece by piece, an implementation is asked and fails what the whole check asks, no more and no less."""
    formats = ("binary32", "float8_e5m2", "integer")
    pieces = Pieces(fn, function, formats, declared=policies, scope=Scope(declaration=declare(**declared)))
    told = [pieces.policies(), pieces.integer()]
    for fmt in pieces.asked:
        told += [pieces.case(case) for case in load(function, fmt)]
        told += [pieces.contract(fmt, kind) for kind in kinds_of(function, fmt)]

    report = check(fn, function, formats, policies=policies, **declared)

    names = {*report.names, *(f.case for f in report.failures)}
    assert {id for one in told for id in one.failures} == names
    assert {id for one in told for id, f in one.failures.items() if f} == {f.case for f in report.failures}


def test_a_promise_that_is_not_asked_is_not_kept():
    """Where every call fails, the contract is hardly asked: no kind of promise passes for want of a question."""

    def fails(z, axis=-1):
        raise ValueError("no kernel")

    pieces = Pieces(fails, "softmax", ("binary32",))
    told = {kind: pieces.contract("binary32", kind) for kind in kinds_of("softmax", "binary32")}

    assert told["shape-changed"].skipped == told["row-mixing"].skipped == "not asked of this implementation"
    assert {kind for kind, one in told.items() if any(one.failures.values())} == {"axis"}


def test_right_answers_for_integers_alone_are_something_judged():
    """A function that refuses every float is asked for integers before all is called skipped."""

    def whole(z, axis=-1):
        if z.dtype.kind not in "biu":
            raise TypeError("integers only")
        return softmax(z.astype(float), axis=axis)

    assert Pieces(whole, "softmax").judged().failures == {"judged": None}


def test_of_a_right_value_only_what_else_was_wrong_is_told():
    """The flags of a case warn of wrong values: an argument that was changed is not for want of a shift."""
    (parameter,) = cases("softmax", "binary32", select="*/shift/three-near-1000")
    case = parameter.values[0]

    right, wrong = (failure_of(values, case, "standard") for values in (case.values, 2 * case.values))

    assert right.startswith("got float64 for float32: ")
    assert "dtype-changed: " in right and "dtype-changed: " in wrong
    assert "exp-overflow: " not in right and "exp-overflow: " in wrong


def test_of_many_wrong_components_the_worst_are_shown():
    """And the others are counted; where there are no others, nothing is said of them."""
    (parameter,) = cases("softmax", "binary32", select="*/textbook/article-row")
    case, right = parameter.values[0], parameter.values[0].values.astype(np.float32)

    for wrong in (7, 6):
        text = failure_of(np.where(np.arange(7) < wrong, 2 * right, right), case, "standard")
        assert text.count("\n  at (") == 6
        assert ("more of 7 components" in text) == (wrong == 7)


def test_of_a_target_that_is_given_copies_no_promise_about_memory_is_kept():
    """All other promises are asked of it."""
    pieces = Pieces(softmax, "softmax", ("binary32",), seen=False)

    told = {kind: pieces.contract("binary32", kind) for kind in kinds_of("softmax", "binary32")}

    copies = "refused: it is given copies, and what it does to memory is not seen"
    assert told["memory-layout"].skipped == told["byte-order"].skipped == copies
    assert told["row-mixing"].failures and not told["row-mixing"].skipped


def test_the_same_tests_run_beside_others_and_in_workers(run, pytester):
    """Two processes run what one would, and a test file beside it runs too."""
    pytester.makepyfile(test_mine="def test_mine(): pass")

    alone, divided = run("--softmax-ref", "mine:naive", *SHIFTS), run("--softmax-ref", "mine:naive", *SHIFTS, "-n", "2")

    wrong = alone.parseoutcomes()["failed"]
    alone.assert_outcomes(failed=wrong, passed=COUNT - wrong + 1)
    divided.assert_outcomes(failed=wrong, passed=COUNT - wrong + 1)


def test_the_last_failures_are_run_again(run):
    """--lf runs what failed; a marker tells the cases from other tests, and a flag is a keyword."""
    first = run("--softmax-ref", "mine:naive", *SHIFTS, "-k", "exp-overflow")
    again = run("--softmax-ref", "mine:naive", *SHIFTS, "--lf")
    others = run("--softmax-ref", "mine:naive", *SHIFTS, "-m", "not softmax_ref")

    failed = first.parseoutcomes()["failed"]
    assert 0 < failed == again.parseoutcomes()["failed"] < COUNT
    others.assert_outcomes(deselected=COUNT)


def test_what_is_expected_to_fail_is_no_failure_until_it_passes(run, pytester):
    """The reason is shown; an entry that passes or matches nothing fails, in one test of its own."""
    pytester.path.joinpath("known.toml").write_text(
        f'[[xfail]]\nid = "{NEAR}"\nreason = "no shift yet"\n'
        '[[xfail]]\nid = "contract/binary32/slices of one entry in a row"\nreason = "no shift yet"\n'
    )
    chosen = ["--softmax-ref-formats", "binary32", "--softmax-ref-xfails", "known.toml", "-rx"]
    chosen += ["--softmax-ref-select", NEAR, "--softmax-ref-select", "contract/*/axis"]

    known = run("--softmax-ref", "mine:naive", *chosen)
    stale = run("--softmax-ref", "mine:softmax", *chosen)

    known.assert_outcomes(xfailed=2, passed=1)
    known.stdout.fnmatch_lines([f"XFAIL mine:naive::{NEAR} - no shift yet"])
    stale.assert_outcomes(passed=2, failed=1)
    stale.stdout.fnmatch_lines(
        [
            f"xfails/{NEAR}: is expected to fail (no shift yet), and passes",
            "xfails/contract/binary32/slices of one entry in a row: is expected to fail (no shift yet), and passes",
        ]
    )


def test_what_is_not_offered_is_skipped_with_the_reason(run):
    """A refusal of every format is no pass: one test fails for want of anything to judge."""
    result = run("--softmax-ref", "mine:refuses", "--softmax-ref-select", "*/textbook/*", "-rs")
    alone = run("--softmax-ref", "mine:refuses", "--softmax-ref-select", "judged")

    skipped = sum("/textbook/" in case.id for case in load("softmax"))
    result.assert_outcomes(skipped=skipped)
    result.stdout.fnmatch_lines(["*not offered in binary64: TypeError: tensors only"])
    alone.assert_outcomes(failed=1)
    alone.stdout.fnmatch_lines(["judged: nothing was judged; not offered in binary64: TypeError: tensors only*"])


def test_two_answers_to_one_question_fail_in_a_test_of_their_own(run):
    """A policy needs all its cases: the one test judges them by itself, wherever the others run."""
    result = run("--softmax-ref", "mine:naive", "--softmax-ref-formats", "binary32", "--softmax-ref-select", "policies")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["policy/pos_inf: slot for *, but nan for *"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["mine"], "softmax-ref: a target needs the form module:name, got 'mine'"),
        (["mine:naif"], "softmax-ref: 'mine:naif' needs a name of mine, which has no 'naif'"),
        (["mine:naive", "--softmax-ref-formats=binary31"], "softmax-ref: formats needs to be one of binary64*"),
        (
            ["mine:naive", "--softmax-ref-select=x*"],
            "softmax-ref: --softmax-ref-select: *got 'x[*]', which matches none",
        ),
        (["mine:naive", "--softmax-ref-xfails=none.toml"], "softmax-ref: *No such file or directory: 'none.toml'"),
    ],
)
def test_a_wrong_call_is_said_in_one_line(run, options, message):
    """Collection fails, exit status 2."""
    result = run("--softmax-ref", *options)

    assert result.ret == 2
    result.stdout.fnmatch_lines([message])


def test_an_option_without_a_target_is_refused(run):
    """Else a run without a single case would pass."""
    result = run("--softmax-ref-formats", "binary32")

    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: softmax-ref: --softmax-ref-formats needs a --softmax-ref to speak of"])


def test_a_file_declares_what_it_is(run, folder):
    """Working format, domain and arrays as in the file; what is not offered there is skipped."""
    (folder.path / "own.py").write_text(
        "import mine\nworking_format, domain = 'binary32', 'abs(z) <= 88'\n"
        "def softmax(z, axis=-1):\n    return mine.softmax(z, axis)\n"
    )
    chosen = ["--softmax-ref-formats", "binary64", "--softmax-ref-select", "*/shift/*"]
    chosen += ["--softmax-ref-select", "*/textbook/*"]

    result = run("--softmax-ref", "own.py:softmax", *chosen, "-rs")

    assert result.ret == 0
    assert set(result.parseoutcomes()) == {"passed", "skipped"}
    result.stdout.fnmatch_lines(["*: outside the declared domain"])


def test_cases_are_parameters_of_tests_of_ones_own(run, pytester):
    """Ids name the tests; a result outside of the bound fails with the case shown."""
    pytester.makepyfile(
        """
        import mine, pytest
        from softmax_ref.pytest_plugin import arguments, assert_conforms, cases

        @pytest.mark.parametrize("case", cases("softmax", "binary32", flags=["exp-overflow"], select="*/shift/*"))
        @pytest.mark.parametrize("name", ["softmax", "naive"])
        def test_large(case, name):
            assert_conforms(getattr(mine, name)(*arguments(case), axis=case.axis), case)
        """
    )
    stored = [case for case in load("softmax", "binary32") if "exp-overflow" in case.flags and "/shift/" in case.id]

    with np.errstate(all="ignore"):
        result = run("-W", "ignore::RuntimeWarning")

    result.assert_outcomes(passed=len(stored), failed=len(stored))
    result.stdout.fnmatch_lines([f"*test_large[[]naive-{NEAR}[]]*", "*AssertionError: off by inf ulp, allowed 13.6: *"])


def test_a_result_is_judged_in_its_shape_and_dtype():
    """A right value in another dtype or shape is no conforming result; tight is stricter than standard."""
    (parameter,) = cases("softmax", "binary32", select="*/textbook/article-row")
    case = parameter.values[0]
    right = case.values.astype(np.float32)
    off = right * np.float32(1 + 18 * 2.0**-24)

    assert_conforms(right, case, "tight")
    assert_conforms(off, case)
    for result, message in (
        (off, "off by 17.4 ulp, allowed 16"),
        (right[None], "got shape"),
        (case.values, "got float64 for float32"),
    ):
        with pytest.raises(AssertionError, match=message):
            assert_conforms(result, case, "tight")


def test_no_case_is_an_error():
    """A test without parameters would be skipped without a word."""
    with pytest.raises(ValueError, match="cases: nothing matches"):
        cases("softmax", "binary32", flags=["exp-overflow"], select="*/nothing/*")
    assert [x.dtype for x in arguments(cases("masked_softmax", "bfloat16")[0].values[0])] == ["bfloat16", "bool"]


def test_the_plugin_of_every_run_loads_nothing():
    """Whoever has this package installed pays for neither NumPy nor click in a pytest of something else."""
    code = "import sys, pytest; had = {*sys.modules}; import softmax_ref.pytest_plugin as p; print(*({*sys.modules} - had))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) <= {"softmax_ref", "softmax_ref.pytest_plugin"}
