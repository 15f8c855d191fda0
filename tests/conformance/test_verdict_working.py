"""A declared working format: judged by the theorem for that format, on the cases whose numbers it has."""

import json
from dataclasses import replace

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.adapters import Answer, dtype_of
from softmax_ref.conformance.declared import _computed_in, declare
from softmax_ref.conformance.judge import judge, judge_answer
from softmax_ref.corpus import CORPUS_VERSION, CorpusError, load
from softmax_ref.corpus import native as stored
from softmax_ref.corpus.native import NATIVE_FORMATS, native_tolerances
from softmax_ref.corpus.native_build import fits, native_record, write_native
from softmax_ref.formats import get_format

FORMATS = ("binary64", "binary32", "binary16", "bfloat16", "float8_e4m3fn", "float8_e5m2")


def sequential(z, axis=-1):
    """Softmax with a sum that rounds after each term, in the format of its input."""
    rows = np.moveaxis(z, axis, -1)
    weight = np.exp(rows - rows.max(axis=-1, keepdims=True))
    total = weight[..., 0]
    for k in range(1, weight.shape[-1]):
        total = total + weight[..., k]
    return np.moveaxis(weight / total[..., None], -1, axis)


def in_logarithms(z, axis=-1):
    """Softmax as exp(d - log sum exp d), in the format of its input."""
    d = z - z.max(axis=axis, keepdims=True)
    return np.exp(d - np.log(np.exp(d).sum(axis=axis, keepdims=True)))


def within(fmt, fn):
    """Compute all in a format, whatever comes in."""
    dtype = dtype_of(get_format(fmt))

    def narrowed(*arrays, **keywords):
        with np.errstate(all="ignore"):
            return fn(*(x.astype(dtype) for x in arrays), **keywords).astype(arrays[0].dtype)

    return narrowed


@pytest.mark.parametrize("form", [sequential, in_logarithms])
@pytest.mark.parametrize("work", NATIVE_FORMATS)
def test_sound_form_in_few_digits_conforms_to_its_declaration(work, form):
    """In every format of the corpus; the first line tells the declaration, and what is outside is skipped."""
    report = check(within(work, form), working_format=work, select=["softmax/*"])

    assert report.conforms, str(report)
    assert [r.format.name for r in report.results] == list(FORMATS)
    assert f"declared working format {work}: CONFORMS" in str(report).splitlines()[0]
    assert report.skipped > 100


@pytest.mark.parametrize("work", NATIVE_FORMATS)
def test_computation_in_few_digits_fails_without_a_declaration(work):
    """binary16 and bfloat16 are judged as computed in binary32, if nothing is declared."""
    assert not check(within(work, sequential), formats=[work], select=["softmax/*"]).conforms


@pytest.mark.parametrize("work", ["binary64", "binary32", "binary16"])
def test_fewer_digits_than_declared_fail(work):
    """A computation in bfloat16 keeps the bound of no wider format, in any format of inputs."""
    report = check(within("bfloat16", sequential), formats=FORMATS[:3], working_format=work, select=["softmax/*/t*"])

    assert [report.level(r) for r in report.judged] == [None] * 3


@pytest.mark.parametrize("work", NATIVE_FORMATS)
@pytest.mark.parametrize(
    "stub",
    [
        lambda z, axis=-1: np.zeros_like(z),
        lambda z, axis=-1: np.full_like(z, 1 / z.shape[axis]),
        lambda z, axis=-1: (z == z.max(axis=axis, keepdims=True)).astype(z.dtype),
        lambda z, axis=-1: np.full_like(z, np.nan),
    ],
    ids=["zeros", "uniform", "one-hot", "nan"],
)
def test_declaration_lets_no_stub_through(work, stub):
    """The bounds of few digits are wide, and not empty: more than a third of the judged cases fail, in each file."""
    for result in check(stub, working_format=work, select=["softmax/*"]).results:
        failed = sum(not v.passes("standard") for v in result.judged)

        assert 3 * failed > len(result.judged)


@pytest.mark.parametrize("work", NATIVE_FORMATS)
def test_zeros_pass_no_file_of_a_native_bound(work):
    """Of no function do all judged cases allow a result of zeros."""
    cases = [case for case in load(None, work) if case.id in native_tolerances() and len(case.at) < 20]
    passed = {case.function: True for case in cases}
    for case in cases:
        if passed[case.function]:
            bounded = declare(work).of(case)
            passed[case.function] = judge_answer(bounded, Answer(np.zeros(case.shape))).passes("standard")

    assert len(passed) > 30
    assert not any(passed.values()), passed


def test_more_digits_than_usual_narrow_the_bound():
    """Computed in binary64 and rounded once, binary16 has no more room than half an ulp and a little."""
    cases = [case for case in load("softmax", "binary16") if case.policy is None]
    judged = [declare("binary64").of(case) for case in cases]

    assert all(
        (new.tolerances[level] <= old.tolerances[level]).all()
        for new, old in zip(judged, cases, strict=True)
        for level in old.tolerances
    )
    assert (
        sum(new.tolerances["standard"].max() < old.tolerances["standard"].max() for new, old in zip(judged, cases)) > 50
    )


def test_more_digits_than_usual_never_widen_the_bound():
    """Half an ulp above a power of two is more than u of the result; the usual bound holds as well."""
    cases = [case for case in load("softmax_vjp", "binary32") if case.policy is None]

    for case in cases:
        assert (declare("binary64").of(case).tolerances["standard"] <= case.tolerances["standard"]).all(), case.id


def test_usual_working_format_changes_nothing():
    """binary32 is what binary16 is judged as anyway, and binary64 is judged in itself."""
    for work, fmt in (("binary32", "binary16"), ("binary64", "binary64")):
        cases = load("softmax", fmt)

        assert [declare(work).of(case) for case in cases] == cases


def test_bound_is_that_of_the_same_numbers_in_the_working_format():
    """A row of binary64 computed in binary32 has the distance that the case of binary32 allows, in other units."""
    wide, narrow = (
        {c.id.split("/", 2)[2]: c for c in load("softmax", fmt)}["textbook/article-row"]
        for fmt in ("binary64", "binary32")
    )
    found = declare("binary32").of(wide)

    for level in ("tight", "standard"):
        reach = found.tolerances[level] * wide.format.ulp(wide.values)
        allowed = narrow.tolerances[level] * narrow.format.ulp(narrow.values)
        assert (reach >= allowed).all()  # rounded up to four digits
        assert (reach <= 1.001 * allowed).all()


def test_correctly_rounded_result_of_the_working_format_passes():
    """The best that binary16 can give for a row of binary64 is inside of the bound, and the next but 40 is not."""
    case = {c.id.split("/", 2)[2]: c for c in load("softmax", "binary64")}["textbook/article-row"]
    found, half = declare("binary16").of(case), get_format("binary16")
    best = half.cast(case.values)

    def verdict(values):
        return judge(lambda z, axis: values.reshape(case.shape), found, np.dtype(np.float64))

    assert verdict(best).passes("tight")
    assert not verdict(best + 40 * half.ulp(best)).passes("standard")


def test_exact_results_stay_exact():
    """Where nothing rounds nothing is allowed, though bfloat16 would round what binary16 computes."""
    cases = [(case, declare("binary16").of(case)) for case in load("softmax", "bfloat16")]
    exact = [
        (case.tolerances["standard"] == 0, new.tolerances["standard"])
        for case, new in cases
        if case is not new and not isinstance(new, str)
    ]

    assert sum(zero.sum() for zero, _ in exact) > 10
    assert all((allowed[zero] == 0).all() for zero, allowed in exact)


def test_a_third_of_the_working_format_is_an_answer_to_a_policy():
    """Whoever computes in binary16 answers a slice of three -inf with thirds of binary16, in binary64 too."""

    def uniform(z, axis=-1):
        empty = np.isneginf(z).all(axis=axis, keepdims=True)
        return sequential(np.where(empty, z.dtype.type(0), z), axis)

    report = check(within("binary16", uniform), formats=["binary64"], working_format="binary16", select="*masked*")

    assert report.conforms, str(report)
    assert report.policies["all_neg_inf"] == ("uniform",)


def test_numbers_that_the_working_format_lacks_are_outside():
    """Logits beside 1/3 in binary64 are rounded on their way into binary16: such a case is not judged."""
    found = {c.id.split("/", 2)[2]: declare("binary16").of(c) for c in load("softmax", "binary64")}

    assert found["shift/two-largest"] == "not the numbers of a stored case in binary16"
    assert not isinstance(found["textbook/article-row"], str)


def test_parameters_that_the_working_format_lacks_are_outside():
    """A tenth of binary64 is no number of binary32, though the energies are."""
    found = {c.id.split("/", 2)[2]: declare("binary32").of(c) for c in load("boltzmann", "binary64")}

    assert found["coldness/tenth"] == "not the numbers of a stored case in binary32"


def test_results_past_the_range_of_the_working_format_are_outside(monkeypatch):
    """Where the same numbers give infinity there, nothing is judged."""
    case, other = (
        {c.id.split("/", 2)[2]: c for c in load("log_softmax", fmt)}["textbook/article-row"] for fmt in FORMATS[1:3]
    )
    other = replace(other, record=other.record | {"expected": other.record["expected"] | {"bits": ["0xfc00"] * 7}})
    monkeypatch.setattr("softmax_ref.conformance.declared._same_in", lambda work, case: other)

    assert _computed_in(get_format("binary16"), case, case.format) == "past the range of binary16"


def test_bound_that_tests_nothing_is_none():
    """1500 terms add up to more than a tenth in binary16; the case is not judged, and the report says why."""
    found = {c.id.split("/", 2)[2]: declare("binary16").of(c) for c in load("softmax", "binary16")}

    assert found["widths/1500"] == "without a bound in binary16 that tests anything"
    assert not isinstance(found["widths/129"], str)


def test_promises_are_judged_by_the_declaration():
    """Rows alone, in batches and in layouts keep the bounds of the working format."""
    report = check(within("binary16", sequential), formats=["binary32", "binary16"], working_format="binary16")

    assert report.conforms, str(report)
    assert all(len(r.findings) > 20 for r in report.results)


@pytest.mark.parametrize("function", ["sparsemax", "entmax15", "entmax_vjp"])
def test_function_with_a_threshold_has_no_native_bound(function):
    """Their theorems count to first order: all cases are outside, and nothing is judged."""
    report = check(lambda *arrays, **k: arrays[0], function, formats=["binary16"], working_format="binary16")

    assert not report.told
    assert not report.conforms


def test_flushed_results_of_the_working_format_are_allowed():
    """What is below the normal numbers of binary16 may become 0 there."""
    smallest = 2.0**-14

    def flushed(z, axis=-1):
        p = sequential(z, axis)
        return np.where(p < smallest, 0, p).astype(p.dtype)

    assert check(
        within("binary16", flushed), formats=["binary32"], working_format="binary16", select="softmax/*"
    ).conforms


@pytest.mark.parametrize("name", ["float8_e5m2", "binary128", ""])
def test_unknown_working_format_is_refused(name):
    """The message lists those there are; with fewer digits no bound tests anything."""
    with pytest.raises(ValueError, match="check: working_format needs to be one of binary64, binary32, binary16, bfl"):
        check(sequential, working_format=name)


def test_integers_are_not_asked_of_a_declaration():
    """Their cases are those of no working format: not judged, and said so."""
    report = check(sequential, formats=["integer"], working_format="binary16")

    assert not report.conforms
    assert "not asked: a working format or a domain is declared" in str(report)


def _sample():
    cases = [case for fmt in NATIVE_FORMATS for case in load(None, fmt) if len(case.record["expected"]["bits"]) < 20]
    return cases[::40]


def test_native_bounds_are_those_of_the_theorems():
    """A sample of every fortieth case, evaluated again; a case without an entry has no bound."""
    files = {name.rsplit("/", 2)[0] for name in native_tolerances()}
    sample = [case for case in _sample() if case.id.rsplit("/", 2)[0] in files]

    assert len(sample) > 60
    assert [native_record(case) for case in sample] == [native_tolerances().get(case.id) for case in sample]


def test_native_bounds_are_wider_than_those_of_binary32():
    """More rounding is more error, in every component of a sample that has room for any."""
    for case in _sample():
        for level, allowed in (native_tolerances().get(case.id) or {}).items():
            assert (np.array([float(t) for t in allowed]) >= case.tolerances[level]).all(), case.id


def test_products_that_leave_the_range_have_no_bound():
    """beta z of 4000 and 1000 is past 65504, though softmax only needs differences."""
    cases = load("softmax_beta", "binary16")

    assert {fits(case) for case in cases} == {True, False}
    assert all(fits(case) for case in load("softmax", "binary16"))


def test_file_of_native_bounds_is_written_as_it_is(tmp_path, monkeypatch):
    """The builder writes the same bytes for a function; a file of another corpus is refused."""
    monkeypatch.setattr("softmax_ref.corpus.native_build.CORPUS_FUNCTIONS", ("logistic",))
    path = tmp_path / "native.json"
    counts = dict(write_native(path))
    kept = {name: tol for name, tol in native_tolerances().items() if name.startswith("logistic/")}
    lines = stored.NATIVE.read_text().splitlines()

    assert counts.keys() == {"logistic"}
    assert json.loads(path.read_text()) == {"corpus_version": CORPUS_VERSION, "cases": kept}
    assert {line.rstrip(",") for line in path.read_text().splitlines()[1:-1]} <= {line.rstrip(",") for line in lines}
    path.write_text('{"corpus_version": "0.0.1", "cases": {}}')
    monkeypatch.setattr(stored, "NATIVE", path)
    native_tolerances.cache_clear()
    with pytest.raises(CorpusError, match="corpus bug: .* is of corpus 0.0.1"):
        native_tolerances()
    native_tolerances.cache_clear()
