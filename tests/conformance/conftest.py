"""Reports of every kind, judged once for all tests that look at what is made of them."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.judge import Verdict
from softmax_ref.conformance.report import FormatResult
from softmax_ref.conformance.reports import render
from softmax_ref.conformance.xfails import ExpectedFailure
from softmax_ref.corpus import load
from softmax_ref.formats import get_format

HOSTILE = "</script><script>alert(1)</script> ]]> | `x` **b** \x1b[31m \x00 \ud800 \ufffe \u202e & é\nnext"


def textbook(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


def no_shift(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


def hostile(z, axis=-1):
    raise ValueError(HOSTILE.replace("\n", " "))


@pytest.fixture(scope="session")
def judged():
    """Reports by what is told in them: right, wrong, skipped, expected, incomplete, nothing, hostile."""
    right = check(textbook, formats=["binary32"], name="mine:textbook")
    wrong = check(no_shift, formats=["binary32", "integer"], name="mine:no_shift")
    [result] = right.results
    skipped = [Verdict(v.case, skipped=HOSTILE) for v in result.verdicts[:5]]
    offered = replace(result, verdicts=skipped + result.verdicts[5:])
    refused = FormatResult(get_format("binary16"), not_offered="only in binary32")
    entry = ExpectedFailure("softmax/binary32/shift/*", "no shift yet", "https://example.org/1")
    return {
        "right": right,
        "wrong": wrong,
        "skipped": replace(right, results=[offered, refused], declaration="abs(z) <= 88", selection="smoke set only"),
        "expected": replace(wrong, xfails=(entry,)),
        "incomplete": replace(right, results=[replace(result, verdicts=result.verdicts[:9])], incomplete="interrupted"),
        "nothing": replace(right, results=[refused]),
        "hostile": check(hostile, formats=["binary32"], name=HOSTILE),
        "no picture": check(lambda z, axis=-1: np.log(np.exp(z).sum(axis=axis)), "logsumexp", ["binary32"], name="l"),
    }


@pytest.fixture(scope="session")
def rendered(judged):
    """Return one of the reports in one of the forms, made once."""
    return cache(lambda kind, form: render([judged[kind]], form))


@pytest.fixture(scope="session")
def stored():
    """Return a stored case of softmax in binary32 by the end of its id."""
    return lambda name: next(case for case in load("softmax", "binary32") if case.id.endswith(name))
