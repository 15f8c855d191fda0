"""The 8-bit formats: which functions have them, families that these formats hold, overflow where there is no infinity."""

import numpy as np
import pytest

import softmax_ref
from softmax_ref import check
from softmax_ref.corpus import CORPUS_FORMATS, CORPUS_FUNCTIONS, builder, formats_of, load, records
from softmax_ref.corpus.families import EIGHT_BITS as FAMILIES
from softmax_ref.corpus.families import families_of
from softmax_ref.corpus.families.drafts import Draft, Lattice, Range, draft
from softmax_ref.corpus.families.eight_bits.parts import exactly, gap, halves, of_tiny, where_infinite
from softmax_ref.corpus.offered import EIGHT_BITS, IN_EIGHT_BITS, NOT_IN_EIGHT_BITS
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
            for x in (x for x in each.inputs.values() if not isinstance(x, Lattice)):
                written = np.asarray(x, np.float64)
                assert len(np.unique(form.cast(written))) == len(np.unique(written)), (family.__name__, each.slug)


# What they catch.


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_the_reference_is_tight(function, fmt):
    """Computed in binary64 and rounded once, every result is the correctly rounded one."""
    report = check(getattr(softmax_ref, function), function=function, formats=[fmt], require="tight")

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


def test_arrays_of_eight_bits_need_ml_dtypes(monkeypatch):
    """Without the package the format is not offered, and the report says why."""
    monkeypatch.setitem(__import__("sys").modules, "ml_dtypes", None)

    report = check(softmax_ref.softmax, formats=["float8_e5m2"])

    assert report.results[0].not_offered == "needs the package ml_dtypes for arrays of float8_e5m2"


def test_building_only_some_formats_leaves_the_others_out(tmp_path):
    """Only files that there are."""
    written = [path.name for path, _ in builder.build(tmp_path, functions=("softmax",), formats=("float8_e5m2",))]

    assert written == ["softmax-float8_e5m2.json"]
