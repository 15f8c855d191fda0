"""The 8-bit formats: which functions have them, families that these formats hold, overflow where there is no infinity."""

import hashlib
import json
import shutil

import numpy as np
import pytest

import softmax_ref
from softmax_ref import certify, check
from softmax_ref.conformance.adapters import dtype_of
from softmax_ref.corpus import CORPUS_FORMATS, CORPUS_FUNCTIONS, builder, formats_of, load, records
from softmax_ref.corpus.families import EIGHT_BITS as FAMILIES
from softmax_ref.corpus.families import families_of
from softmax_ref.corpus.families.drafts import Draft, Labels, Lattice, Mask, Range, draft
from softmax_ref.corpus.families.eight_bits.parts import exactly, gap, halves, of_tiny, where_infinite
from softmax_ref.corpus.loader import VECTORS
from softmax_ref.corpus.offered import EIGHT_BITS, IN_EIGHT_BITS, NOT_IN_EIGHT_BITS
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.corpus.verify import verify
from softmax_ref.formats import get_format

E4M3, E5M2 = (get_format(name) for name in EIGHT_BITS)
FILES = [(function, fmt) for function in IN_EIGHT_BITS for fmt in EIGHT_BITS]


# Which functions.


def test_every_function_has_all_formats_or_a_reason():
    """A function is in eight bits with families of its own, or a reason says why not."""
    assert set(IN_EIGHT_BITS) == set(FAMILIES)
    assert set(IN_EIGHT_BITS) <= set(CORPUS_FUNCTIONS)
    assert not set(IN_EIGHT_BITS) & set(NOT_IN_EIGHT_BITS)
    assert all(formats_of(function) == CORPUS_FORMATS for function in IN_EIGHT_BITS)
    assert all(formats_of(function) == CORPUS_FORMATS[:4] for function in NOT_IN_EIGHT_BITS)


def test_a_file_that_is_not_there_is_named(monkeypatch):
    """Loading names the formats that the function has."""
    monkeypatch.setattr("softmax_ref.corpus.offered.IN_EIGHT_BITS", ())

    with pytest.raises(
        ValueError, match="load: the corpus has no softmax in float8_e5m2, but in binary64, .*bfloat16$"
    ):
        load("softmax", "float8_e5m2")
    with pytest.raises(ValueError, match="check: formats needs to be one of binary64, .*, got 'float8_e5m2'"):
        check(softmax_ref.softmax, formats=["float8_e5m2"])


# Families.


def test_a_family_of_wider_formats_keeps_the_drafts_that_eight_bits_hold():
    """1000 is no number of either format, 0.1 is rounded in both, -inf is one of e5m2."""

    def family(r):
        yield draft("one", "held", "ties", [1, 2])
        yield draft("two", "too large", "ties", [1000, 2])
        yield draft("three", "rounded", "ties", [0.1, 2])
        yield draft("four", "infinite", "ties", [-np.inf, 2])
        yield draft("five", "a parameter", "ties", [1, 2], parameters={"beta": 0.3})

    kept = {form.name: [d.slug for d in exactly(family)(Range(form))] for form in (E4M3, E5M2)}

    assert kept == {"float8_e4m3fn": ["one"], "float8_e5m2": ["one", "four"]}
    assert exactly(family).__name__ == "family"
    assert list(where_infinite(family)(Range(E4M3))) == []
    assert len(list(where_infinite(family)(Range(E5M2)))) == 5


@pytest.mark.parametrize("form", [E4M3, E5M2])
def test_gaps_are_held_and_close_to_what_is_asked(form):
    """Two numbers of the format bridge a distance better than one."""
    for distance in (3.1, 4.4, 6.2, 9.3):
        high, low = gap(Range(form), distance)

        assert (form.cast([high, low]) == [high, low]).all()
        assert abs(high - low - distance) < 0.1


@pytest.mark.parametrize("form", [E4M3, E5M2])
@pytest.mark.parametrize("count", [1.5, 4, 12])
def test_a_class_gets_so_many_smallest_numbers(form, count):
    """Its probability is within a tenth of what is asked."""
    high, low = of_tiny(Range(form), count)

    share = 1 / (1 + np.exp(high - low))

    assert abs(share / form.tiny / count - 1) < 0.1


@pytest.mark.parametrize("form", [E4M3, E5M2])
def test_recipes_are_held(form):
    """All 17 halves from -4 to 4."""
    assert (form.cast(np.arange(-8, 9) / 2) == np.arange(-8, 9) / 2).all()
    assert halves((3, 2)).recipe["modulus"] == 17


def test_an_input_past_the_range_is_a_fault_of_the_corpus():
    """In e4m3fn it would become nan without a word."""
    far = Draft("far", "a logit past the range", ("ties",), {"z": [1000, 1]})

    with pytest.raises(ValueError, match="corpus bug: an input of 1000.0 is no number of float8_e4m3fn"):
        records.record("softmax", E4M3, "far", far)


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_rounding_to_eight_bits_makes_no_two_inputs_equal(function, fmt):
    """What a comment says of numbers that differ is said of numbers that differ."""
    form = get_format(fmt)
    for family in families_of(function, form):
        for each in family(Range(form)):
            for x in (x for x in each.inputs.values() if not isinstance(x, (Labels, Lattice, Mask))):
                written = np.asarray(x, np.float64)
                assert len(np.unique(form.cast(written))) == len(np.unique(written)), (family.__name__, each.slug)


# What they catch.

CALLED = {
    "softmax_beta": softmax_ref.softmax,
    "softmax_temperature": lambda z, temperature=1.0, axis=-1: softmax_ref.softmax(z, axis=axis, beta=1 / temperature),
    "softmax_beta_vjp": softmax_ref.softmax_vjp,
    "softmax_temperature_vjp": lambda z, g, temperature=1.0, axis=-1: softmax_ref.softmax_vjp(
        z, g, axis=axis, beta=1 / temperature
    ),
    "masked_softmax": lambda z, mask, axis=-1: softmax_ref.softmax(z, where=mask, axis=axis),
}
"""The reference in the calling forms of the corpus, where these are not its own."""


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_the_reference_is_tight(function, fmt):
    """Computed in binary64 and rounded once, every result is the correctly rounded one."""
    report = check(CALLED.get(function) or getattr(softmax_ref, function), function, [fmt], require="tight")

    assert report.conforms, str(report)
    assert report.results[0].label == "exact"


def textbook(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


@pytest.mark.parametrize("fmt", EIGHT_BITS)
def test_binary32_rounded_once_passes_and_eight_bits_in_every_step_fail(fmt):
    """The textbook formula computed in binary32, and in the format of its arrays."""
    once = check(lambda z, axis=-1: textbook(z.astype(np.float32), axis).astype(z.dtype), formats=[fmt])
    native = check(textbook, formats=[fmt])

    assert once.conforms, str(once)
    assert {"low-precision-sum", "working-precision"} <= {flag for f in native.failures for flag in f.flags}


FORMS = {
    "softmax": (textbook, lambda z: np.exp(log_softmax(z))),
    "log_softmax": (lambda z: log_softmax(z),),
    "logsumexp": (lambda z: z.max() + np.log(np.cumsum(np.exp(z - z.max()))[-1]),),
    "softmax_vjp": (lambda z, g: textbook(z) * (g - np.cumsum(textbook(z) * g)[-1]),),
}
"""Textbook formulas with sums one by one."""


def log_softmax(z):
    d = z - z.max()
    return d - np.log(np.cumsum(np.exp(d))[-1])


@pytest.mark.parametrize("form", [E4M3, E5M2])
@pytest.mark.parametrize("function", FORMS)
def test_binary32_rounded_once_stays_within_standard_on_any_row(function, form):
    """Rows of any numbers of the format: one rounding and one and a half smallest numbers are in the theorems."""
    rng, count = np.random.default_rng(20), 2 if function.endswith("vjp") else 1
    for _ in range(60):
        rows = form.cast(rng.normal(size=(count, rng.integers(1, 12))) * rng.choice([0.1, 1, 3, 30]))
        right = certify(function, *rows, format=form)
        exact = np.ravel(right.decimal(20)).astype(np.float64)
        values = np.ravel(right.values)
        allowed = tolerances(function, *rows, values=values, fmt=form, level="standard")
        for formula in FORMS[function]:
            with np.errstate(under="ignore"):
                got = form.cast(np.ravel(formula(*rows.astype(np.float32))).astype(np.float64))

            assert (form.error(got, values, (exact - values) / form.ulp(values)) <= allowed).all()


def test_arrays_of_eight_bits_need_ml_dtypes(monkeypatch):
    """Without the package the format is not offered, and the report says why."""
    monkeypatch.setitem(__import__("sys").modules, "ml_dtypes", None)

    report = check(softmax_ref.softmax, formats=["float8_e5m2"])

    assert report.results[0].not_offered == "needs the package ml_dtypes for arrays of float8_e5m2"


@pytest.mark.parametrize("form", [E4M3, E5M2])
def test_integers_may_come_back_in_eight_bits_where_these_hold_them(form):
    """1 and 2 are numbers of both formats; results for integers that the format does not hold are not judged right."""
    dtype = dtype_of(form)

    report = check(lambda z, axis=-1: softmax_ref.softmax(z, axis=axis).astype(dtype), formats=["integer"])
    given = {state: [f.name for f in report.integers if f.state == state] for state in ("kept", "broken")}
    kept = np.array([x for name in given["kept"] for x in np.ravel(json.loads(name.partition(" ")[2])).tolist()])

    assert any(name.startswith("int8 [1, 2") for name in given["kept"])
    assert (form.cast(kept) == kept).all()
    assert given["broken"]


def test_building_only_some_formats_leaves_the_others_out(tmp_path):
    """Only files that there are."""
    written = [path.name for path, _ in builder.build(tmp_path, functions=("softmax",), formats=("float8_e5m2",))]

    assert written == ["softmax-float8_e5m2.json"]


# Results past the largest number of a format without infinities.


def in_binary32(fn, saturates):
    """Compute in binary64, round once; past the largest number give that, or what the cast gives."""

    def rounded(*arrays, **keywords):
        exact = fn(*(x.astype(np.float64) for x in arrays), **keywords)
        limit = E4M3.max if saturates(exact) else np.inf
        with np.errstate(over="ignore"):
            return np.where(np.isnan(exact), exact, np.clip(exact, -limit, limit)).astype(arrays[0].dtype)

    return rounded


@pytest.mark.parametrize("function", ["log_softmax", "partition_function", "log_semiring_multiply", "sparsemax_vjp"])
@pytest.mark.parametrize(("answer", "other"), [("nan", "saturate"), ("saturate", "nan")])
def test_overflow_without_infinity_is_a_policy(function, answer, other):
    """nan and the largest number are both right, the same one everywhere, and as declared."""
    fn = in_binary32(getattr(softmax_ref, function), lambda exact: answer == "saturate")

    report = check(fn, function, ["float8_e4m3fn"], policies={"overflow": answer})

    assert report.conforms, str(report)
    assert report.policies["overflow"] == (answer,)
    assert not check(fn, function, ["float8_e4m3fn"], policies={"overflow": other}).conforms


def test_both_answers_to_overflow_in_one_implementation_are_wrong():
    """nan for a row alone, the largest number in a batch."""
    fn = in_binary32(softmax_ref.partition_function, lambda exact: exact.size > 1)

    report = check(fn, "partition_function", ["float8_e4m3fn"])

    (reason,) = [f.reason for f in report.failures if f.case == "policy/overflow"]
    assert "saturate for partition_function/float8_e4m3fn/" in reason
    assert "but nan for partition_function/float8_e4m3fn/" in reason


def test_the_number_below_the_largest_is_no_answer_to_overflow():
    """416 is one ulp off, and wrong."""
    fn = in_binary32(softmax_ref.partition_function, lambda exact: True)

    report = check(
        lambda energies, **keywords: np.minimum(fn(energies, **keywords), np.float64(416).astype(energies.dtype)),
        "partition_function",
        ["float8_e4m3fn"],
    )

    assert "partition_function/float8_e4m3fn/leaving/past" in {failure.case for failure in report.failures}


def test_overflow_is_asked_about_only_where_there_is_no_infinity():
    """What is past the range in e4m3fn is a case of the policy; in e5m2 and wider it is infinite."""
    asking = {case.format.name for case in load() if case.policy == "overflow"}
    past = next(case for case in load("log_semiring_multiply", "float8_e5m2") if case.id.endswith("products/past"))

    assert asking == {"float8_e4m3fn"}
    assert past.policy is None
    assert past.values.tolist() == [np.inf, -np.inf, 3]


def test_neighbours_of_an_overflow_are_judged_by_their_exact_values():
    """A component that does not overflow has the tolerance that it has elsewhere, from the exact value on."""
    case = next(case for case in load("log_softmax", "float8_e4m3fn") if case.policy == "overflow")
    kept = ~np.isnan(case.values)

    assert case.tolerances["standard"][~kept].tolist() == [0] * int((~kept).sum())
    assert (case.tolerances["standard"][kept] > 0.4).all()
    assert case.outcomes["saturate"][~kept].tolist() == [-448]
    assert (case.outcomes["saturate"][kept] == case.values[kept]).all()


@pytest.mark.parametrize(("outcome", "wrong"), [("saturate", "0xfd"), ("nan", "0x7e")])
def test_a_wrong_answer_to_overflow_is_found_by_the_second_engine(tmp_path, outcome, wrong):
    """The second engine derives both answers."""
    directory = shutil.copytree(VECTORS, tmp_path / "vectors")
    path = directory / "log_softmax-float8_e4m3fn.json"
    lines = path.read_text(encoding="utf-8").split("\n")
    at = next(n for n, line in enumerate(lines) if '"policy": "overflow"' in line)
    case = json.loads(lines[at].rstrip(","))
    case["accepted"][outcome][1] = wrong
    lines[at] = json.dumps(case, ensure_ascii=False) + lines[at][len(lines[at].rstrip(",")) :]
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][path.name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (directory / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8", newline="\n")

    faults = [fault for _, _, found in verify(directory, ["log_softmax"], ["float8_e4m3fn"]) for fault in found]

    assert len(faults) == 1
    assert f"component 1 of the outcome {outcome} is stored as {wrong}" in faults[0]
