"""The text of a report: the first line says all that limits the verdict, the smallest failing case stands whole."""

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.smallest import smallest_failure
from softmax_ref.corpus import CORPUS_VERSION


def no_shift(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


@pytest.fixture(scope="module")
def wrong():
    """The report of an implementation without shift."""
    return check(no_shift, formats=["binary32"])


def test_smallest_failing_case_stands_whole(wrong):
    """Input, result, right value, error and bound of every component."""
    smallest = smallest_failure(wrong)
    text = str(wrong)
    start = text.index("The smallest failing case: ")
    shown = text[start : text.index("\n\n", start)].splitlines()

    assert shown[0].startswith(f"The smallest failing case: {smallest.case.id}: {smallest.case.comment}")
    assert shown[1].startswith("z = [")
    assert shown[1].endswith("axis = -1")
    assert shown[2].split() == ["at", "got", "right", "error/ulp", "allowed"]
    assert len(shown) == 3 + len(smallest.case.at)


def test_smallest_failing_case_has_the_fewest_entries(wrong):
    """No failed case has fewer."""
    smallest = smallest_failure(wrong)
    failed = {f.case for f in wrong.failures}
    sizes = [v.case.inputs["z"].size for v in wrong.results[0].verdicts if v.case.id in failed]

    assert smallest.case.inputs["z"].size == min(sizes)


def test_failing_case_without_a_result_shows_its_input():
    """And the exception; there is no table of components."""

    def raises(z, axis=-1):
        raise ZeroDivisionError("no")

    text = str(check(raises, formats=["binary32"]))
    shown = text[text.index("The smallest failing case") :].splitlines()

    assert shown[0].endswith("(ZeroDivisionError: no)")
    assert shown[1] == "z = [0], axis = -1"
    assert shown[2] == ""


def test_long_input_is_cut():
    """A recipe of 1500 entries is told by its beginning and its shape."""

    def sums_64(z, axis=-1):
        e = np.exp(z - z.max(axis=axis, keepdims=True))
        return e / (e.sum(axis=axis, keepdims=True) if z.shape[axis] < 1000 else e.dtype.type(1))

    text = str(check(sums_64, formats=["binary64"], select="softmax/*/widths/*"))

    assert ", ...] in shape (2, 1500)" in text


def test_right_implementation_shows_no_failing_case():
    """Nothing failed."""
    report = check(lambda z, axis=-1: no_shift(z - z.max(axis=axis, keepdims=True), axis), formats=["binary32"])

    assert smallest_failure(report) is None
    assert "smallest failing case" not in str(report)


def test_first_line_tells_all_that_limits_the_verdict(tmp_path):
    """Selection, declaration, skipped cases and expected failures."""
    path = tmp_path / "x.toml"
    path.write_text('[[xfail]]\nid = "softmax/*/shift/three-near-*"\nreason = "r"\n')
    report = check(
        no_shift,
        formats=["binary32"],
        name="mine",
        select="softmax/*/shift/t*",
        domain="abs(z) <= 1002",
        working_format="binary32",
        xfails=path,
    )

    assert str(report).splitlines()[0] == (
        "mine (selected softmax/*/shift/t*) as softmax, declared working format binary32, domain abs(z) <= 1002: "
        f"CONFORMS at level standard (corpus {CORPUS_VERSION}, 1 case skipped, 2 expected failures)"
    )


def test_integers_that_are_all_refused_are_not_kept():
    """A refusal is allowed, and no promise is kept by it: the report says why."""

    def floats_only(z, axis=-1):
        if z.dtype.kind != "f":
            raise TypeError("floats only")
        return no_shift(z, axis)

    report = check(floats_only, formats=["binary32", "integer"], select=["contract/*/rows alone", "contract/integer/*"])
    (row,) = (line for line in str(report).splitlines() if line.startswith("integer"))

    assert report.conforms
    assert row.split(maxsplit=3)[1:] == ["refused", "-", "TypeError: floats only"]
