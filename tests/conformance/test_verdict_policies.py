"""A policy that changes with K, dtype, axis or batch position is a failure that names two cases that differ."""

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.agreement import empty_axis_failures
from softmax_ref.corpus import load


def textbook(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


def zero_where(condition):
    """Softmax that answers a slice of only -inf with zeros where a condition holds, else with nan."""

    def softmax(z, axis=-1):
        empty = np.isneginf(z.astype(np.float64)).all(axis=axis, keepdims=True)
        return np.where(empty & condition(z, axis), 0, textbook(z, axis)).astype(z.dtype)

    return softmax


def _second_row(z, axis):
    return np.arange(len(z)).reshape(-1, *[1] * (z.ndim - 1)) > 0 if z.ndim > 1 else False


CHANGES = {
    "K": lambda z, axis: z.shape[axis] > 16,
    "dtype": lambda z, axis: z.dtype == np.float64,
    "axis": lambda z, axis: axis == 0,
    "batch position": _second_row,
}


@pytest.mark.parametrize("what", CHANGES)
def test_policy_that_changes_fails(what):
    """Two cases that no one answer agrees with are named."""
    report = check(zero_where(CHANGES[what]), formats=["binary64", "binary32"], select="*masked*")
    failures = [f for f in report.failures if "all-masked" in f.flags]
    told = [f.reason for f in failures if f.case == "policy/all_neg_inf"]

    assert failures
    assert not report.conforms
    assert told or what == "batch position"  # within one case there is no answer at all
    for reason in told:
        first, second = reason.split(", but ")
        assert {first.split(" for ")[0], second.split(" for ")[0]} == {"nan", "zero"}
        ids = {half.split(" for ")[1] for half in (first, second)}
        assert ids <= {case.id for case in load("softmax")}
        assert len({name.split("/")[1] for name in ids}) == (2 if what == "dtype" else 1)


def test_policy_that_is_always_the_same_is_kept():
    """Zeros for every slice of only -inf are one answer."""
    report = check(zero_where(lambda z, axis: True), formats=["binary64", "binary32"], select="*masked*")

    assert report.conforms
    assert report.policies["all_neg_inf"] == ("zero",)


def test_answer_against_a_declaration_names_its_case():
    """What was declared and what was observed are told for each case."""
    report = check(textbook, formats=["binary64"], policies={"all_neg_inf": "zero"}, select="softmax/*")

    assert len(report.failures) == 9
    assert {f.reason for f in report.failures} == {"declared zero, observed nan"}
    assert all(f.case.startswith("softmax/binary64/") for f in report.failures)


def test_subnormal_results_kept_in_one_case_and_lost_in_another_are_named():
    """A result that became 0 names a case of the same format in which such a result was kept."""

    def flushed(z, axis=-1):
        p = textbook(z, axis)
        return np.where((p < np.finfo(p.dtype).tiny) & (z.shape[axis] > 2), 0, p).astype(z.dtype)

    reasons = [f.reason for f in check(flushed, formats=["binary32"], select="softmax/*").failures]

    assert reasons
    assert all("0 here, but subnormal results are kept in softmax/binary32/" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("answers", "declared", "text"),
    [
        ({"binary64": "error", "binary32": "error"}, None, None),
        ({"binary64": "error", "binary32": "empty"}, None, "empty in binary32, but error in binary64"),
        ({"binary64": "other"}, None, "other in binary64"),
        ({"binary64": "error"}, "empty", "declared empty, observed error in binary64"),
        ({}, "empty", None),
    ],
)
def test_answers_to_an_empty_axis_are_told_by_format(answers, declared, text):
    """One answer everywhere is kept; an answer of another kind is none."""
    found = empty_axis_failures(answers, declared)

    assert [f.reason for f in found] == ([] if text is None else [text])


@pytest.mark.parametrize("function", ["softmax", "log_softmax"])
def test_corpus_asks_a_policy_at_every_k_axis_and_position(function):
    """Rows of only -inf stand in several widths, along two axes, alone, first and last, in every format with -inf."""
    for fmt in ("binary64", "binary32", "binary16", "bfloat16"):
        cases = [case for case in load(function, fmt) if case.policy == "all_neg_inf"]
        widths = {case.inputs["z"].shape[case.axis] for case in cases}
        rows = [np.isneginf(c.inputs["z"]).all(axis=-1).tolist() for c in cases if c.inputs["z"].ndim == 2 and c.axis]

        assert {1, 2, 3, 17, 64} <= widths
        assert {case.axis for case in cases} == {-1, 0}
        assert any(row[0] and not row[-1] for row in rows)
        assert any(row[-1] and not row[0] for row in rows)
