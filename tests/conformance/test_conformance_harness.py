"""The harness: what check accepts, what a report says, and that nothing passes by not being looked at."""

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.adapters import Answer
from softmax_ref.conformance.judge import judge_answer
from softmax_ref.corpus import CORPUS_VERSION, load
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES


def textbook(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


def no_shift(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


def epsilon(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / (weight.sum(axis=axis, keepdims=True) + z.dtype.type(1e-8))


def raises(z, axis=-1):
    raise ZeroDivisionError("first line\nsecond line")


@pytest.fixture
def right(judged):
    """The report of a right implementation."""
    return judged["right"]


@pytest.fixture
def wrong(judged):
    """The report of an implementation without shift."""
    return judged["wrong"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"function": "sotfmax"}, "check: function needs to be one of softmax, .*got 'sotfmax'"),
        ({"formats": ["binary128"]}, "check: formats needs to be one of binary64, .*got 'binary128'"),
        ({"formats": ["binary64", "float8_e3m4"]}, "got 'float8_e3m4'"),
        ({"require": "exact"}, "check: require needs to be one of tight, standard, got 'exact'"),
        ({"policies": {"all_inf": "nan"}}, "check: policies needs names among .*got 'all_inf'"),
        (
            {"policies": {"all_neg_inf": "limit"}},
            "check: policy all_neg_inf needs one of nan, zero, uniform, got 'limit'",
        ),
    ],
)
def test_an_unknown_argument_is_refused_by_name(arguments, message):
    """The message says which argument, what is known, and what came."""
    with pytest.raises(ValueError, match=message):
        check(textbook, **arguments)


@pytest.mark.parametrize("fn", [None, 3, "softmax", np.zeros(3)])
def test_what_cannot_be_called_is_refused(fn):
    """A target has to be callable; the message names the type that came."""
    with pytest.raises(TypeError, match=f"check: fn needs to be callable, got {type(fn).__name__}"):
        check(fn)


def test_an_exception_is_a_verdict_on_its_case():
    """An implementation that raises fails every case; the first line of the message is kept."""
    report = check(raises, formats=["binary64"])

    failed = {failure.case: failure for failure in report.failures}
    assert not report.conforms
    assert all(case.id in failed for case in load("softmax", "binary64"))
    assert failed["softmax/binary64/textbook/article-row"].reason == "ZeroDivisionError: first line"
    assert failed["softmax/binary64/textbook/article-row"].flags[0] == "raises"


@pytest.mark.parametrize(
    "error", [MemoryError, RecursionError, OverflowError, FloatingPointError, AssertionError, StopIteration]
)
def test_no_exception_ends_the_run(error):
    """Whatever is raised on one case, the others are judged."""

    def one_case_raises(z, axis=-1):
        if z.shape == (7,):
            raise error
        return textbook(z, axis)

    report = check(one_case_raises, formats=["binary64"])

    assert report.failures
    assert all("raises" in failure.flags for failure in report.failures)
    assert len(report.judged[0].verdicts) == len(load("softmax", "binary64"))


def test_numpys_error_state_survives():
    """An implementation that makes NumPy raise does not change how NumPy treats its caller."""
    before = np.geterr()

    def sets_errors(z, axis=-1):
        np.seterr(all="raise")
        return np.zeros_like(z)

    check(sets_errors, formats=["binary64"])

    assert np.geterr() == before


def test_a_warning_is_no_failure(recwarn):
    """Warnings of an implementation are neither judged nor shown."""

    def warns(z, axis=-1):
        import warnings

        warnings.warn("overflow", RuntimeWarning, stacklevel=2)
        return textbook(z, axis)

    assert check(warns, formats=["binary64"]).conforms
    assert not recwarn.list


def test_a_report_that_conforms_has_no_failures(right):
    """conforms, no failures and an empty list of flags go together."""
    assert right.conforms
    assert right.failures == []
    assert right.flag_counts() == []


def test_a_report_that_fails_does_not_conform(wrong):
    """Failures and the verdict agree, in the report and in its dictionary."""
    assert not wrong.conforms
    assert wrong.failures
    assert wrong.to_dict()["conforms"] is False


@pytest.mark.parametrize("fn", [no_shift, epsilon, raises])
def test_failures_are_sorted_worst_first(fn):
    """error / allowed does not increase down the list; what has no number comes first."""
    excess = [failure.excess for failure in check(fn, formats=["binary64"]).failures]

    assert excess == sorted(excess, reverse=True)
    assert len(excess) > 5


def test_a_failure_quotes_the_certified_value(wrong):
    """got, expected, error and allowed are those of the worst component of the stored case."""
    case = next(c for c in load("softmax", "binary32") if c.id.endswith("shift/three-near-1000"))

    failure = next(f for f in wrong.failures if f.case == case.id)

    assert failure.expected == case.values[failure.component[0]]
    assert failure.allowed == case.tolerances["standard"][failure.component[0]]
    assert np.isnan(failure.got)
    assert failure.error == np.inf
    assert failure.flags == case.flags


def stored(name):
    return next(case for case in load(name.partition("/")[0], "binary64") if case.id == name)


def answered(case, got):
    return judge_answer(case, Answer(np.reshape(np.asarray(got, np.float64), case.shape)))


def test_a_tolerance_past_float64_is_a_distance():
    """Beside an exact 0 a constant tangent may leave 7e-15, which no float64 counts in ulp; 1e-14 or nan is outside."""
    case = stored("log_softmax_jvp/binary64/centred/constant")
    reach = case.reaches["standard"]

    assert np.isinf(case.tolerances["standard"]).any()
    assert (case.values == 0).all()
    assert answered(case, 0.99 * reach).passes("standard")
    assert not answered(case, 1.01 * reach).passes("standard")
    assert not answered(case, np.full(len(reach), np.nan)).passes("standard")


@pytest.mark.parametrize("wrong", [0.5, np.nan, np.inf, 1e-12])
def test_a_policy_case_judges_the_rows_that_have_an_answer(wrong):
    """A row of -inf is a question; the other row has a value, beside whose 0 no float64 counts the ulps."""
    case = stored("sparsemax/binary64/all-masked/one-row")

    assert np.isinf(case.tolerances["standard"]).any()
    assert answered(case, [np.nan, np.nan, 0, 1]).outcomes == {"nan"}
    assert answered(case, [np.nan, np.nan, wrong, 1]).outcomes == set()


def test_a_failure_measures_its_error_in_ulp():
    """Results 2^-40 too large are 2^12 ulp off near a power of two, whatever their size."""
    report = check(lambda z, axis=-1: textbook(z, axis) * (1 + 2.0**-40), formats=["binary64"])

    failure = next(f for f in report.failures if f.case.endswith("ties/two-equal"))

    assert failure.got == 0.5 * (1 + 2.0**-40)
    assert failure.error == 2.0**12


def test_the_text_says_what_is_wrong(wrong):
    """Verdict, corpus version, the note of the first flag, and the worst case with its numbers."""
    text = " ".join(str(wrong).split())

    flag = wrong.flag_counts()[0][0]
    note = (NOTES | CONTRACT_NOTES)[flag]
    worst = next(f for f in wrong.failures if f.component is not None)
    assert "DOES NOT CONFORM at level standard" in text
    assert f"corpus {CORPUS_VERSION}" in text
    assert note["bug"].split(":")[0] in text
    assert worst.case.split("/", 1)[1] in text
    assert f"{worst.expected:.9g}" in text


def test_the_text_of_a_right_one_says_so(right):
    """The verdict, the level reached and the observed policies."""
    text = str(right)

    assert "CONFORMS at level standard" in text
    assert "NOT" not in text
    assert "conforms: tight" in text
    assert "all_neg_inf = nan" in text


def test_every_flag_of_a_failure_is_explained():
    """Flags of cases and of the contract each have a note."""
    reports = [check(fn) for fn in (no_shift, raises, lambda z, axis=-1: np.zeros(5))]

    flags = {flag for report in reports for failure in report.failures for flag in failure.flags}
    assert flags <= set(NOTES) | set(CONTRACT_NOTES)


def test_nothing_judged_does_not_conform():
    """An implementation that refuses every format has passed nothing."""

    def refuses(z, axis=-1):
        raise TypeError("no")

    report = check(refuses)

    assert not report.conforms
    assert report.judged == []
    assert "NOTHING WAS JUDGED" in str(report)


def test_no_formats_do_not_conform():
    """An empty list of formats judges nothing."""
    assert not check(textbook, formats=[]).conforms


def test_every_stored_case_is_judged():
    """One verdict for each case of the corpus, in each format offered."""
    report = check(textbook, formats=["binary64", "binary32"])

    for result in report.judged:
        assert [v.case.id for v in result.verdicts] == [c.id for c in load("softmax", result.format.name)]


def test_one_wrong_component_is_enough():
    """A single entry of the longest row, off by 1e-9, is seen."""

    def off_at_the_end(z, axis=-1):
        result = textbook(z, axis)
        if z.shape == (65537,):
            result[-1] *= 1 + 1e-9
        return result

    report = check(off_at_the_end, formats=["binary64"])

    assert [failure.case for failure in report.failures] == ["softmax/binary64/long/65537"]
    assert report.failures[0].component == (65536,)


def test_tight_is_stricter_than_standard():
    """A sum from left to right conforms at *standard* and fails at *tight*."""

    def sequential(z, axis=-1):
        weight = np.exp(z - z.max(axis=axis, keepdims=True))
        return weight / np.take(np.cumsum(weight, axis=axis), [-1], axis=axis) if z.ndim else textbook(z)

    assert check(sequential, formats=["binary64"]).conforms
    assert not check(sequential, formats=["binary64"], require="tight").conforms


@pytest.mark.parametrize("result", [None, "abc"], ids=["None", "a string"])
def test_no_result_for_integers_is_a_verdict(result):
    """What is no array of numbers breaks the contract of integer input."""
    assert not check(lambda z, axis=-1: result, formats=["integer"]).conforms


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def test_an_exception_without_text_is_a_verdict():
    """An exception whose message raises is an exception like any other."""

    def unprintable(z, axis=-1):
        raise Unprintable

    assert not check(unprintable, formats=["binary64"]).conforms


def test_integers_alone_say_nothing_of_floats():
    """Where only integers are asked about, the verdict does not claim that float cases were passed."""
    report = check(lambda z, axis=-1: textbook(z.astype(np.float64), axis) + 1, formats=["integer"])

    assert "on every float case" not in str(report)


def test_wrong_values_are_not_blamed_on_the_layout():
    """A mask that leaves nan behind fails the same way in every layout."""

    def nan_at_masked(z, axis=-1):
        return np.where(np.isneginf(z), z.dtype.type(np.nan), textbook(z, axis))

    report = check(nan_at_masked, formats=["binary64"])

    assert not any("memory-layout" in failure.flags for failure in report.failures)
