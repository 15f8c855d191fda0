"""A skipped case is neither passed nor failed, and a run that ended early never conforms."""

from dataclasses import replace

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.judge import Verdict
from softmax_ref.conformance.promises import Finding
from softmax_ref.conformance.report import FormatResult, Report
from softmax_ref.corpus import load
from softmax_ref.formats import get_format


def textbook(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


@pytest.fixture(scope="module")
def right():
    """The report of a right implementation in one format."""
    return check(textbook, formats=["binary32"], name="mine")


def _with(report, verdicts, **changes):
    return replace(report, results=[replace(report.results[0], verdicts=verdicts)], **changes)


def _skipping(report, where):
    """Return a report in which the cases where a condition holds are skipped."""
    verdicts = report.results[0].verdicts
    return _with(report, [Verdict(v.case, skipped="too long") if where(v) else v for v in verdicts])


def test_skipped_case_is_neither_passed_nor_failed(right):
    """It counts in no column but its own, and the first line tells how many there are."""
    half = _skipping(right, lambda v: len(v.case.at) > 4)
    count = sum(len(v.case.at) > 4 for v in right.results[0].verdicts)

    assert 0 < count == half.skipped
    assert not any(v.passes("standard") for v in half.results[0].verdicts if v.skipped)
    assert half.conforms
    assert f"{count} cases skipped)" in str(half).splitlines()[0]
    judged = len(right.results[0].verdicts) - count
    assert f"  {judged}/{judged}  " in str(half)
    assert f"too long ({count} cases)" in str(half)


def test_skipping_every_case_is_no_pass(right):
    """Where nothing is judged there is no level, no label, and nothing conforms."""
    nothing = replace(_skipping(right, lambda v: True), integers=[])
    nothing = replace(nothing, results=[replace(nothing.results[0], findings=[], empty_axis=None)])

    assert not nothing.conforms
    assert nothing.level(nothing.results[0]) is None
    assert nothing.results[0].label is None
    assert "NOTHING WAS JUDGED" in str(nothing).splitlines()[0]


def test_skipped_answer_to_a_policy_is_no_answer(right):
    """A program that skips the rows of only -inf has no policy for them."""
    silent = _skipping(right, lambda v: v.case.policy == "all_neg_inf")

    assert "all_neg_inf" in right.policies
    assert "all_neg_inf" not in silent.policies


def test_skipped_case_hides_no_failure(right):
    """A failure beside skipped cases fails the report."""
    wrong = replace(right.results[0].verdicts[0], problems=(("raises", "no"),))
    mixed = _skipping(_with(right, [wrong, *right.results[0].verdicts[1:]]), lambda v: len(v.case.at) > 60)

    assert [f.case for f in mixed.failures] == [wrong.case.id]
    assert not mixed.conforms


def test_incomplete_report_never_conforms(right):
    """Its first line says that it is incomplete, and why, whether or not something failed before."""
    early = _with(right, right.results[0].verdicts[:5], incomplete="interrupted after 5 cases")
    failed = replace(early.results[0].verdicts[0], problems=(("raises", "no"),))
    worse = _with(early, [failed])

    assert not early.conforms
    assert not worse.conforms
    assert "NOT JUDGED TO THE END; INCOMPLETE: interrupted after 5" in str(early).splitlines()[0]
    assert "DOES NOT CONFORM at level standard; INCOMPLETE: interrupted" in str(worse).splitlines()[0]


def test_report_needs_no_callable():
    """Verdicts from another process make the same report: answers are judged, not functions."""
    fmt = get_format("binary32")
    verdicts = [Verdict(case, skipped="only the last axis") for case in load("softmax", "binary32")[:3]]
    report = Report("a device", "softmax", "standard", [FormatResult(fmt, verdicts)], [], {})

    assert report.skipped == 3
    assert "NOTHING WAS JUDGED" in str(report)


def test_promises_alone_are_something_judged():
    """A report of the array contract alone conforms where a promise is kept, not where all are refused."""
    fmt = get_format("binary32")

    def report(state):
        return Report("m", "softmax", "standard", [FormatResult(fmt, [], [Finding("a", "axis", state)])], [], {})

    assert report("kept").conforms
    assert not report("refused").conforms
    assert not report("broken").conforms


def test_what_is_not_offered_is_never_passed():
    """A format that is refused has no level and no cases in the table."""

    def only_double(z, axis=-1):
        if z.dtype != np.float64:
            raise TypeError("only float64")
        return textbook(z, axis)

    report = check(only_double, select=["softmax/*"])
    line = next(line for line in str(report).splitlines() if line.startswith("binary16"))

    assert line.split() == ["binary16", "not", "offered", "-", "TypeError:", "only", "float64"]
    assert {r.format.name for r in report.judged} == {"binary64"}
