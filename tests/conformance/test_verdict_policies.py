"""A policy that changes with K, dtype, axis or batch position is a failure that names two cases that differ."""

import re

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.agreement import empty_axis_failures
from softmax_ref.conformance.axes import empty_axis
from softmax_ref.conformance.judge import telling
from softmax_ref.corpus import CORPUS_FUNCTIONS, load


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


def flushing(*names):
    """Softmax that loses subnormal results in some dtypes."""

    def softmax(z, axis=-1):
        p = textbook(z, axis)
        return np.where((p < np.finfo(p.dtype).tiny) & (p.dtype.name in names), 0, p).astype(z.dtype)

    return softmax


def test_subnormal_results_kept_in_one_dtype_and_lost_in_another_fail():
    """Every case is right by itself; the two formats are named, and how the answer of one is declared."""
    report = check(flushing("float32"), formats=["binary64", "binary32"], select="softmax/*")
    declared = {"subnormal": "gradual", "binary32/subnormal": "flushed"}

    assert [f.case for f in report.failures] == ["policy/subnormal"]
    assert report.failures[0].reason.startswith("flushed in binary32, but gradual in binary64; ")
    assert "binary32/subnormal" in report.failures[0].reason
    assert check(flushing("float32"), formats=["binary64", "binary32"], select="softmax/*", policies=declared).conforms


def test_declaration_for_one_format_speaks_for_that_format_alone():
    """A softmax that flushes everywhere contradicts "gradual" in binary64; the declaration of binary32 holds."""
    declared = {"subnormal": "gradual", "binary32/subnormal": "flushed"}
    flushed = flushing("float32", "float64")
    failures = check(flushed, formats=["binary64", "binary32"], select="softmax/*", policies=declared).failures

    assert failures
    assert all(f.case.startswith("softmax/binary64/") and f.reason == "declared gradual" for f in failures)


def test_gradual_results_contradict_a_declaration_by_format():
    """Nothing fails by its value: the failure has the id of the question in that format."""
    declared = {"subnormal": "flushed", "binary64/subnormal": "gradual"}
    failures = check(textbook, formats=["binary64", "binary32"], select="softmax/*", policies=declared).failures

    assert [(f.case, f.reason) for f in failures] == [
        ("policy/binary32/subnormal", "observed gradual, declared flushed")
    ]


def test_answer_to_another_question_may_be_declared_by_format():
    """Zeros in binary64 and nan in binary32, each declared: no failure; declared for one, the other is still free."""
    fn = zero_where(CHANGES["dtype"])
    both = {"all_neg_inf": "nan", "binary64/all_neg_inf": "zero"}

    for declared in (both, {"binary64/all_neg_inf": "zero"}):
        assert check(fn, formats=["binary64", "binary32"], policies=declared, select="*masked*").conforms


@pytest.mark.parametrize("name", ["subnormals", "binary33/subnormal", "/", 3])
def test_unknown_policy_is_refused(name):
    """The message names it."""
    with pytest.raises(ValueError, match=f"check: policies needs .* got {name!r}"):
        check(textbook, policies={name: "flushed"})


@pytest.mark.parametrize(
    ("answers", "declared", "text"),
    [
        ({"binary64": "error", "binary32": "error"}, {}, None),
        ({"binary64": "error", "binary32": "empty"}, {}, "empty in binary32, but error in binary64; .*binary32/empty"),
        ({"binary64": "other"}, {}, "observed other, none of error, empty"),
        ({"binary64": "error"}, {"empty_axis": "empty"}, "observed error, declared empty"),
        ({"binary64": "error", "binary32": "empty"}, {"binary32/empty_axis": "empty"}, None),
        ({}, {"empty_axis": "empty"}, None),
    ],
)
def test_answers_to_an_empty_axis_are_told_by_format(answers, declared, text):
    """One answer everywhere is kept; an answer of another kind is none."""
    found = empty_axis_failures(answers, declared)

    assert len(found) == (text is not None)
    assert all(re.match(text, f.reason) for f in found)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_empty_axis_is_asked_along_the_first_axis_too(dtype):
    """Who raises along the last axis and returns along the first has no answer; who has no first axis has one."""

    def first_alone(z, axis=-1):
        if axis == -1 and not z.shape[-1]:
            raise ValueError("nothing to divide by")
        return z

    def last_only(z, axis=-1):
        if axis != -1:
            raise ValueError("only along the last axis")
        return z

    assert empty_axis(first_alone, "softmax", np.dtype(dtype)) == "other"
    assert empty_axis(last_only, "softmax", np.dtype(dtype)) == "empty"


MASKED = [f for f in CORPUS_FUNCTIONS if any(c.policy in ("all_neg_inf", "gradient_all_neg_inf") for c in load(f))]
PAIRS_OF_LOGITS = ("logaddexp_vjp", "logaddexp_jvp")


@pytest.mark.parametrize("function", [f for f in MASKED if f not in PAIRS_OF_LOGITS])
def test_corpus_asks_a_policy_at_every_k_axis_and_position(function):
    """Rows of only -inf stand in several widths, along two axes, alone, first and last, in every format with -inf."""
    for fmt in ("binary64", "binary32", "binary16", "bfloat16", "float8_e5m2"):
        cases = [case for case in load(function, fmt) if "all_neg_inf" in (case.policy or "")]
        shapes = [(case.inputs["z"], -1 if case.axis is None else case.axis) for case in cases]
        rows = [np.isneginf(z).all(axis=-1).tolist() for z, axis in shapes if z.ndim == 2 and axis]
        small = function == "softmax_jacobian"

        assert {1, 2, 3} | (set() if small else {17, 64}) <= {z.shape[axis] for z, axis in shapes}
        assert {axis for _, axis in shapes} == ({-1} if small else {-1, 0})
        assert any(row[-1] and not row[0] for row in rows)
        assert any(row[0] and not row[-1] for row in rows) or function == "entropy"


SUBNORMAL = ("softmax", "softmax_beta", "softmax_temperature", "masked_softmax", "boltzmann", "boltzmann_policy")
DERIVED = ("softmax_vjp", "softmax_beta_vjp", "softmax_temperature_vjp", "log_softmax_vjp", "log_softmax_jvp")


@pytest.mark.parametrize("function", [*SUBNORMAL, *DERIVED, "gumbel_softmax", "logsumexp_vjp", "logsumexp_jvp"])
def test_corpus_asks_for_subnormal_results_at_every_k_axis_and_position(function):
    """Results below the smallest normal number stand in rows of 2, 17, 64, along two axes, in every row of three."""
    for fmt in ("binary64", "binary32", "binary16", "bfloat16"):
        cases = [case for case in load(function, fmt) if not case.policy and telling(case).any()]
        shapes = [(next(iter(case.inputs.values())).shape, case.axis) for case in cases]

        assert {2, 17, 64} <= {shape[axis] for shape, axis in shapes}
        assert {-1, 0} <= {axis for _, axis in shapes}
        assert {(0, 1, 2), (2,)} <= {_rows_of(case) for case in cases}


def _rows_of(case):
    """Return the rows in which a result of a case is subnormal."""
    found = np.unravel_index(case.at[telling(case)], case.shape) if case.shape else [[]]
    return tuple(sorted({int(n) for n in found[0]}))
