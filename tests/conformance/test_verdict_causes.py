"""The likely cause: a known fault is named by what fails, and nothing is told where nothing is alike."""

import json
from dataclasses import replace

import ml_dtypes
import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance import causes
from softmax_ref.conformance.causes import LIKELY, likely_causes
from softmax_ref.faults import faults
from softmax_ref.faults.table import read_table


def textbook(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


def no_shift(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


SOME = ("softmax/no-shift", "logsumexp/no-shift", "logistic/naive", "log_softmax/log-of-softmax", "softmax_vjp/sign")
KNOWN = [fault for fault in faults() if fault.name in SOME]


@pytest.mark.parametrize("fault", KNOWN, ids=lambda fault: fault.name)
def test_fault_of_the_catalogue_is_named(fault):
    """Its class comes first, and itself among what is told."""
    report = check(fault.make(), fault.function, list(fault.formats), fault.level)

    assert report.causes[0].flag == fault.flag
    assert fault.name in [cause.name for cause in report.causes]
    assert len(report.causes) <= 3


def test_report_tells_the_likely_cause_in_words():
    """The text of the fault, and how many failures the two have in common."""
    report = check(no_shift, formats=["binary64"])
    cause = next(cause for cause in report.causes if cause.name == "softmax/no-shift")

    assert cause.surely
    assert "This looks like: " in str(report)
    assert f"exp is taken of the logits themselves (softmax/no-shift: {cause.common} of {cause.failed} failures" in str(
        report
    ).replace("\n", " ")


def test_right_implementation_has_no_cause():
    """Nothing fails, so nothing is like it."""
    report = check(textbook, formats=["binary64"])

    assert report.causes == []
    assert "looks like" not in str(report)
    assert "Perhaps" not in str(report)


def test_failures_of_no_known_kind_have_no_cause():
    """Wrong in one place that nothing else tells apart: no fault agrees by half."""
    report = check(textbook, formats=["binary64"], select="softmax/*")
    odd = [
        v.case.id.endswith(("seven-equal", "article-row", "widths/129", "axes/square"))
        for v in report.results[0].verdicts
    ]
    verdicts = [
        replace(v, got=v.got * 1.001, error=v.error + 1e12) if wrong else v
        for v, wrong in zip(report.results[0].verdicts, odd, strict=True)
    ]
    mixed = replace(report, results=[replace(report.results[0], verdicts=verdicts)])

    assert len(mixed.failures) == sum(odd) == 4
    assert all(cause.agreement >= LIKELY for cause in mixed.causes)
    assert "softmax/no-shift" not in [cause.name for cause in mixed.causes]


def test_call_that_always_raises_is_like_no_fault_of_values():
    """What most answers have wrong is the only class that comes into question."""

    def raises(z, axis=-1):
        raise ZeroDivisionError("no")

    assert {cause.flag for cause in check(raises, formats=["binary64"]).causes} <= {"raises"}


def test_places_that_were_not_judged_count_neither_way():
    """With a selection the fault is told all the same."""
    report = check(no_shift, formats=["binary64"], select="softmax/*/shift/*")

    assert report.causes
    assert all(cause.passed == 0 for cause in report.causes if cause.name == "softmax/no-shift")


def test_expected_failures_have_a_cause_too(tmp_path):
    """A list of what is expected takes nothing from the pattern."""
    path = tmp_path / "x.toml"
    path.write_text('[[xfail]]\nid = "softmax/*/shift/*"\nreason = "r"\n')

    plain, excused = (check(no_shift, formats=["binary64"], **more).causes for more in ({}, {"xfails": path}))

    assert excused == plain
    assert plain


def test_table_of_another_corpus_tells_nothing(tmp_path, monkeypatch):
    """An old record is no fault of the implementation that is judged."""
    report = check(no_shift, formats=["binary64"], select="softmax/*/shift/*")
    path = tmp_path / "table.json"
    path.write_text(json.dumps({"corpus_version": "0.0.1", "faults": {}}))
    monkeypatch.setattr(causes, "TABLE", path)
    causes._table.cache_clear()
    try:
        assert likely_causes(report) == []
    finally:
        causes._table.cache_clear()


def test_cause_is_read_from_the_table_of_the_faults():
    """As data: the same places, flags and texts as the catalogue has."""
    table = causes._table()

    assert {name: set(row["places"]) for name, row in table.items()} == {n: set(row) for n, row in read_table().items()}
    assert all((table[f.name]["flag"], table[f.name]["text"]) == (f.flag, f.text) for f in faults())


@pytest.mark.parametrize(
    ("dtype", "fmt", "work"),
    [
        ("float16", "binary16", "binary16"),
        ("bfloat16", "bfloat16", "bfloat16"),
        ("float16", "binary64", "binary16"),
        ("float32", "binary64", "binary32"),
    ],
)
def test_computation_in_fewer_digits_is_told_with_its_declaration(dtype, fmt, work):
    """By the theorem for that format all that it judges passes; with the declaration it conforms."""
    narrow = np.dtype(getattr(ml_dtypes, dtype, dtype))

    def narrowed(z, axis=-1):
        return textbook(z.astype(narrow), axis).astype(z.dtype)

    report = check(narrowed, formats=[fmt], select="softmax/*")
    first = report.causes[0]

    assert not report.conforms
    assert (first.name, first.flag, first.surely) == (f"working format {work}", "working-precision", True)
    assert f"inputs of {fmt} are computed in {work} throughout" in str(report)
    assert f"--working-format {work}" in str(report)
    assert check(narrowed, formats=[fmt], select="softmax/*", working_format=work).conforms


def _of_digits(fn, *formats):
    """Return the formats that a report says are computed in fewer digits."""
    return [
        c.name for c in check(fn, formats=formats, select="softmax/*").causes if c.name.startswith("working format")
    ]


def test_one_more_fault_is_no_matter_of_digits():
    """A single answer that binary16 does not excuse, or another format that fails, leaves the cause open."""

    def one_wrong(z, axis=-1):
        return textbook(z, axis) * z.dtype.type(1 if z.shape != (64,) else 1.25)

    def other_in_double(z, axis=-1):
        return no_shift(z, axis) if z.dtype == np.float64 else textbook(z, axis)

    assert _of_digits(textbook, "binary16") == ["working format binary16"]
    assert _of_digits(one_wrong, "binary16") == []
    assert _of_digits(other_in_double, "binary64", "binary16") == []


def test_formats_of_8_bits_tell_nothing_of_digits():
    """They fail where they are computed in themselves, and no bound says whether that is all."""
    assert _of_digits(textbook, "float8_e5m2") == []
    assert _of_digits(textbook, "binary16", "float8_e5m2") == ["working format binary16"]


@pytest.mark.parametrize("name", ["softmax/no-shift", "softplus/zero-below-10", "logistic/denominator-plus-1e-5"])
def test_other_fault_is_no_matter_of_digits(name):
    """It fails by the bounds of fewer digits too, or gives numbers with all their digits."""
    fault = next(fault for fault in faults() if fault.name == name)

    causes_told = check(fault.make(), fault.function, ["binary64", "binary16"], select=f"{fault.function}/*").causes

    assert not any(cause.name.startswith("working format") for cause in causes_told)


def test_agreement_counts_formats_too():
    """The same places in one format of four are half an agreement; integers count where a fault is about them."""
    here, row = {"binary64": frozenset("ab")}, {"flag": "axis", "text": "t"}

    def agreement(failed, places):
        judged = dict.fromkeys(("binary64", "binary32", "binary16", "bfloat16", "integer"), frozenset("abcd"))
        return causes._compared("f", row | {"places": places}, failed, judged).agreement

    everywhere = dict.fromkeys(("binary64", "binary32", "binary16", "bfloat16"), frozenset("ab"))
    assert agreement(here, here) == 1
    assert agreement(here, everywhere) == agreement(everywhere, here) == 0.5
    assert agreement(here | {"integer": frozenset("a")}, here) == 1
    assert agreement(here, here | {"integer": frozenset("a")}) < 1
    assert agreement(here, {"binary64": frozenset("abcd")}) == 0.5
    assert agreement(here, {"binary64": frozenset("cd")}) == 0
    assert agreement(here, {"binary64": frozenset("abxyz")}) == 1  # what was not judged says nothing
