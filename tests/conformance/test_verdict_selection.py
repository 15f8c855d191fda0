"""Globs select cases and promises by id; one that matches nothing is refused."""

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.selection import Scope, matches, select
from softmax_ref.corpus import load
from softmax_ref.corpus.smoke import smoke_set


def textbook(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


@pytest.mark.parametrize(
    ("globs", "selected"),
    [
        ([], True),
        (["softmax/*"], True),
        (["softmax/binary32/shift/near"], True),
        (["softmax/binary??/*/near"], True),
        (["log_softmax/*", "*/near"], True),
        (["softmax"], False),
        (["SOFTMAX/*"], False),
        (["*/[ns]ear"], False),
        (["!*/near"], False),
        (["softmax/*", "!*/near"], False),
        (["!*/far"], True),
    ],
)
def test_glob_matches_a_whole_id(globs, selected):
    """A star crosses slashes, brackets are letters, and what is left out stays out."""
    assert matches("softmax/binary32/shift/near", globs) is selected


def test_selected_cases_keep_their_order():
    """The same function serves whoever asks for cases."""
    cases = load("softmax", "binary32")

    assert select(cases, ["*/shift/*"]) == [case for case in cases if "/shift/" in case.id]
    assert select(cases) == cases


def test_check_judges_what_is_selected_alone():
    """Neither other cases nor promises nor integers; the first line tells the selection."""
    report = check(textbook, formats=["binary32", "integer"], select=["softmax/*/shift/*", "!*/two-largest"])

    assert {v.case.id.split("/")[2] for v in report.results[0].verdicts} == {"shift"}
    assert not any(v.case.id.endswith("two-largest") for v in report.results[0].verdicts)
    assert report.results[0].findings == report.integers == []
    assert "(selected softmax/*/shift/* !*/two-largest) as softmax: CONFORMS" in str(report).splitlines()[0]


def test_promises_are_selected_by_the_ids_they_are_reported_by():
    """No case is judged then, and what is kept is told."""
    report = check(textbook, formats=["binary32"], select="contract/binary32/rows alone")

    assert [f.name for f in report.results[0].findings] == ["rows alone"]
    assert report.results[0].verdicts == []
    assert report.conforms
    assert "contract kept" in str(report)


@pytest.mark.parametrize("glob", ["*/rows alone", "c*/rows ?lone", "?ontract/binary32/rows alone"])
def test_promises_are_selected_by_any_glob_that_matches_their_ids(glob):
    """Also by one that begins with a star."""
    report = check(textbook, formats=["binary32"], select=glob)

    assert [f.name for f in report.results[0].findings] == ["rows alone"]


def test_what_is_left_out_leaves_the_rest():
    """Without the contract every case is judged; without a family all other families and the contract are."""
    cases = check(textbook, formats=["binary32"], select="!contract/*")
    others = check(textbook, formats=["binary32"], select="!*/shift/*")

    assert len(cases.results[0].verdicts) == len(load("softmax", "binary32"))
    assert cases.results[0].findings == []
    assert 0 < len(others.results[0].verdicts) < len(cases.results[0].verdicts)
    assert len(others.results[0].findings) > 20


def test_format_without_a_selected_case_is_not_judged():
    """It is not passed, and the table says why."""
    report = check(textbook, formats=["binary64", "binary32"], select="softmax/binary32/*")

    assert [r.not_offered for r in report.results] == [
        "not judged: selected softmax/binary32/* has nothing in this format",
        None,
    ]


@pytest.mark.parametrize("glob", ["shift", "softmax/binary99/*", "contract/binary32/rows alone?", "!softmax/*/nothing"])
def test_glob_that_matches_nothing_is_refused(glob):
    """A slip of the pen is a fault of the call, and never a run of nothing."""
    with pytest.raises(ValueError, match="check: select needs globs that match an id, got .*, which matches none"):
        check(textbook, formats=["binary32"], select=["softmax/*/shift/*", glob])


def test_glob_of_a_promise_that_is_not_asked_says_why():
    """Of a function whose plain answers are wrong nothing more is asked: the name may be a right one."""
    with pytest.raises(ValueError, match="which matches none that was asked; where the plain answers are wrong, or"):
        check(lambda z, axis=-1: z * 0, formats=["binary32"], select="contract/binary32/rows alone")


def test_smoke_set_and_globs_narrow_each_other():
    """What is in both is judged."""
    scope = Scope(("softmax/binary64/*",), smoke=True)
    chosen = scope.chosen(load("softmax"))

    assert {case.id for case in chosen} == {
        name for name in smoke_set() if name in {c.id for c in load("softmax", "binary64")}
    }
    assert scope.text == "smoke set only, selected softmax/binary64/*"
    assert not scope.may_ask("softmax", "binary64")
