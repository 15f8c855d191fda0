"""The array contract, the policies and integers: a softmax with right numbers and wrong manners fails by name."""

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.adapters import format_of
from softmax_ref.formats import get_format


def textbook(z, axis=-1):
    """Compute narrow floats in float32, integers in float64."""
    work = np.float64 if z.dtype.kind in "iub" else z.dtype if z.dtype.itemsize >= 4 else np.float32
    weight = np.exp(z.astype(work) - z.astype(work).max(axis=axis, keepdims=True))
    result = weight / weight.sum(axis=axis, keepdims=True)
    return result if z.dtype.kind in "iub" else result.astype(z.dtype)


def all_masked(z, axis):
    return np.isneginf(z).all(axis=axis, keepdims=True)


def answering(value):
    """Return softmax with another answer for an all-masked slice, chosen by a fact of the array."""

    def wrapped(z, axis=-1):
        result = textbook(z, axis)
        if z.dtype.kind in "iub":
            return result
        answer = np.asarray(value(z, axis))
        return np.where(all_masked(z, axis), answer.astype(result.dtype), result)

    return wrapped


def subtracts_integers(z, axis=-1):
    if z.dtype.kind not in "iub":
        return textbook(z, axis)
    weight = np.exp((z - z.max(axis=axis, keepdims=True)).astype(np.float64))
    return weight / weight.sum(axis=axis, keepdims=True)


def refuses_float16(z, axis=-1):
    if z.dtype == np.float16:
        raise NotImplementedError("not implemented for 'Half'")
    return textbook(z, axis)


def has_no_float16(z, axis=-1):
    if z.dtype.itemsize < 4:
        raise TypeError("float32 or float64 expected")
    return textbook(z, axis)


def not_for_integers(z, axis=-1):
    if z.dtype.kind in "iub":
        raise TypeError("a float array expected")
    return textbook(z, axis)


def test_right_manners_pass():
    """Narrow floats in float32, integers in float64: every format and every promise."""
    assert check(textbook).conforms


def test_integers_subtracted_as_integers_break_the_contract():
    """uint8 differences wrap: every float case is passed, the integer contract is broken."""
    report = check(subtracts_integers)

    assert not report.conforms
    assert {failure.flags for failure in report.failures} == {("integer-input",)}
    assert "CONFORMS at level standard on every float case, BREAKS THE CONTRACT of integer input" in " ".join(
        str(report).split()
    )


def test_a_probability_cut_to_an_integer_breaks_the_contract():
    """Probabilities in the integer type of the input are all 0."""
    report = check(lambda z, axis=-1: textbook(z, axis).astype(z.dtype))

    assert {failure.flags for failure in report.failures} == {("integer-input",)}


def test_a_refusal_of_integers_keeps_the_contract():
    """Integers may be refused; a refusal is not counted as kept."""
    report = check(not_for_integers)

    assert report.conforms
    assert {finding.state for finding in report.integers} == {"refused"}


def test_a_format_refused_with_a_type_error_is_not_offered():
    """A TypeError for float16 is an honest refusal: it is neither passed nor failed."""
    report = check(has_no_float16)

    offered = {r.format.name for r in report.judged}
    assert report.conforms
    assert offered == {"binary64", "binary32"}
    [told] = [f for f in report.to_dict()["reports"][0]["formats"] if f["format"] == "binary16"]
    assert told["verdict"] == "not offered"
    assert "cases" not in told
    assert "not offered" in str(report)


def test_a_format_asked_for_and_refused_fails():
    """Whoever asks for binary16 gets a verdict on it, a refusal included."""
    report = check(has_no_float16, formats=["binary16"])

    assert not report.conforms
    assert report.flag_counts()[0][0] == "raises"


def test_another_exception_is_a_failure_of_every_case():
    """NotImplementedError for float16 is no refusal: every binary16 case fails, the others pass."""
    report = check(refuses_float16)

    assert {failure.case.split("/")[1] for failure in report.failures} == {"binary16"}
    assert report.flag_counts()[0][0] == "raises"


# policies

ZERO = answering(lambda z, axis: 0)
UNIFORM = answering(lambda z, axis: 1 / z.shape[axis] if z.ndim else 1)
BY_WIDTH = answering(lambda z, axis: 0 if z.ndim and z.shape[axis] > 2 else np.nan)
BY_DTYPE = answering(lambda z, axis: 0 if z.dtype == np.float64 else np.nan)
BY_BATCH = answering(lambda z, axis: 0 if z.ndim > 1 else np.nan)


def limit(z, axis=-1):
    result, top = textbook(z, axis), np.isposinf(z)
    share = (top / np.maximum(top.sum(axis=axis, keepdims=True), 1)).astype(result.dtype)
    limits = top.any(axis=axis, keepdims=True) & ~np.isnan(z).any(axis=axis, keepdims=True)
    return np.where(limits, share, result)


def flushed(z, axis=-1):
    result = textbook(z, axis)
    if z.dtype.kind in "iub":
        return result
    least = 2.0 ** get_format(format_of(z.dtype.newbyteorder("="))).emin
    return np.where(result.astype(np.float64) < least, result.dtype.type(0), result)


def empty_for_empty(z, axis=-1):
    return textbook(z, axis) if z.shape == () or z.shape[axis] else np.zeros_like(z)


ANSWERS = {
    "nan": (textbook, "all_neg_inf", "nan"),
    "zero": (ZERO, "all_neg_inf", "zero"),
    "uniform": (UNIFORM, "all_neg_inf", "uniform"),
    "+inf is nan": (textbook, "pos_inf", "nan"),
    "+inf is the limit": (limit, "pos_inf", "limit"),
    "an empty axis is an error": (textbook, "empty_axis", "error"),
    "an empty axis is empty": (empty_for_empty, "empty_axis", "empty"),
    "subnormal results are kept": (textbook, "subnormal", "gradual"),
    "subnormal results are flushed": (flushed, "subnormal", "flushed"),
}
OTHERS = {
    "all_neg_inf": {"nan", "zero", "uniform"},
    "pos_inf": {"nan", "limit", "slot"},
    "empty_axis": {"error", "empty"},
    "subnormal": {"gradual", "flushed"},
}


@pytest.mark.parametrize(("fn", "question", "answer"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_passes_undeclared_and_declared(fn, question, answer):
    """Every listed answer is accepted; the report names the one that was observed."""
    report = check(fn, policies={question: answer})

    assert report.conforms, str(report)
    assert check(fn).policies[question] == (answer,)


@pytest.mark.parametrize(("fn", "question", "answer"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_fails_where_another_is_declared(fn, question, answer):
    """What is declared is held against what is observed."""
    for other in sorted(OTHERS[question] - {answer}):
        report = check(fn, formats=["binary32"], policies={question: other})

        assert not report.conforms, other
        assert all("declared" in failure.reason or "answered" in failure.reason for failure in report.failures)


@pytest.mark.parametrize("fn", [BY_WIDTH, BY_DTYPE, BY_BATCH], ids=["width", "dtype", "batch"])
def test_an_answer_that_depends_on_the_array_fails(fn):
    """zero here and nan there is no answer: width, format and batch make no difference."""
    report = check(fn)

    assert [failure.case for failure in report.failures] == ["policy/all_neg_inf"]
    assert set(report.policies["all_neg_inf"]) == {"nan", "zero"}
    assert "all-masked" in report.failures[0].flags


def test_no_listed_answer_is_a_failure():
    """One half for each of three masked logits is no answer of the list."""
    report = check(answering(lambda z, axis: 0.5), formats=["binary32"])

    assert not report.conforms
    assert any("agrees with none of nan, zero, uniform" in failure.reason for failure in report.failures)
