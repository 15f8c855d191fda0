"""Float formats: bits and values, ulp, rounding, the error metric."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref.formats import FORMATS, Format, get_format

NARROW = ["binary16", "bfloat16", "float8_e4m3fn", "float8_e5m2"]
ALL = list(FORMATS)


def _codes(fmt):
    return np.arange(1 << fmt.width, dtype=np.uint64)


@pytest.mark.parametrize("name", NARROW)
def test_decoding_agrees_with_an_independent_implementation(name):
    """Every code of the narrow formats has the value that NumPy or ml_dtypes gives it."""
    ml_dtypes = pytest.importorskip("ml_dtypes")
    fmt = get_format(name)
    dtype = np.float16 if name == "binary16" else getattr(ml_dtypes, name)
    codes = _codes(fmt)

    with np.errstate(invalid="ignore"):
        theirs = codes.astype(f"u{fmt.width // 8}").view(dtype).astype(np.float64)

    assert np.array_equal(fmt.decode(codes), theirs, equal_nan=True)


@pytest.mark.parametrize(
    ("name", "dtype", "word"), [("binary64", np.float64, np.uint64), ("binary32", np.float32, np.uint32)]
)
def test_wide_formats_decode_as_the_processor_does(name, dtype, word):
    """Ten thousand random patterns of binary64 and binary32 have the hardware's value."""
    bits = np.random.default_rng(0).integers(0, 2 ** get_format(name).width - 1, 10_000, np.uint64).astype(word)

    with np.errstate(invalid="ignore"):
        theirs = bits.view(dtype).astype(np.float64)

    assert np.array_equal(get_format(name).decode(bits), theirs, equal_nan=True)


@pytest.mark.parametrize("name", NARROW)
def test_encoding_inverts_decoding(name):
    """Every number has one code, the sign of zero included; every nan becomes the canonical one."""
    fmt = get_format(name)
    codes = _codes(fmt)
    values = fmt.decode(codes)

    encoded = fmt.encode(values)

    assert (encoded == np.where(np.isnan(values), fmt.nan_bits, codes)).all()


def test_encoding_refuses_a_number_of_another_format():
    """0.1 is no number of binary16, and nothing is rounded silently."""
    with pytest.raises(ValueError, match=r"encode: values needs numbers of binary16, got 0\.1"):
        get_format("binary16").encode(0.1)


def test_decoding_refuses_bits_beyond_the_width():
    """A 17-bit pattern is no binary16."""
    with pytest.raises(ValueError, match="decode: bits needs at most 16 bits for binary16, got 0x10000"):
        get_format("binary16").decode(0x10000)


@pytest.mark.parametrize("name", ALL)
def test_every_number_rounds_to_itself(name):
    """Rounding leaves the numbers of a format alone."""
    fmt = get_format(name)
    codes = _codes(fmt) if name in NARROW else np.random.default_rng(1).integers(0, fmt.max_bits, 500, np.uint64)
    values = fmt.decode(codes)

    for code, value in zip(codes.tolist(), values.tolist(), strict=True):
        if np.isfinite(value) and value != 0:
            assert fmt.round(Fraction(value)) == code


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "binary16"])
def test_midpoints_go_to_the_even_neighbour_unless_something_sticks_out(name):
    """A tie goes to the even code; infinitely little above or below it decides otherwise."""
    fmt = get_format(name)

    for low in range(0, fmt.max_bits, 1 if fmt.width == 8 else 97):
        middle = (Fraction(float(fmt.decode(low))) + Fraction(float(fmt.decode(low + 1)))) / 2
        assert fmt.round(middle) == low + (low & 1)
        assert (fmt.round(middle, -1), fmt.round(middle, +1)) == (low, low + 1)
        assert (fmt.round(-middle, +1), fmt.round(-middle, -1)) == (low | fmt.sign_bit, (low + 1) | fmt.sign_bit)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(ALL))
def test_the_vectorised_cast_is_the_exact_rounding(x, name):
    """cast on float64 and round on the exact rational agree, overflow and signed zeros included."""
    fmt = get_format(name)

    cast = fmt.encode(fmt.cast(x))

    assert cast == (fmt.round(Fraction(x)) if x else fmt.encode(x))


def test_rounding_happens_once():
    """1 + 2^-8 + 2^-40 lies above the midpoint in bfloat16; through binary32 it would fall to 1."""
    bfloat16 = get_format("bfloat16")
    x = 1 + Fraction(1, 2**8) + Fraction(1, 2**40)

    once = bfloat16.decode(bfloat16.round(x))

    assert once == 1.0078125
    assert bfloat16.cast(np.float64(np.float32(x.numerator / x.denominator))) == 1


def test_overflow_begins_half_an_ulp_past_the_largest_number():
    """65520 ties to infinity in binary16; anything below it rounds to 65504."""
    half = get_format("binary16")

    assert half.decode(half.round(Fraction(65520))) == np.inf
    assert half.decode(half.round(Fraction(65520), -1)) == 65504


def test_a_format_without_infinity_overflows_by_policy():
    """float8_e4m3fn gives nan, or its largest number when asked to saturate."""
    fmt = get_format("float8_e4m3fn")

    assert fmt.round(Fraction(1000)) == fmt.nan_bits
    assert fmt.decode(fmt.round(Fraction(-1000), overflow="saturate")) == -448
    with pytest.raises(ValueError, match="round: overflow needs to be 'nan' or 'saturate', got 'wrap'"):
        fmt.round(Fraction(1000), overflow="wrap")


def test_a_negative_speck_rounds_to_negative_zero():
    """The sign survives underflow; an exact zero is positive."""
    fmt = get_format("binary64")

    assert [fmt.round(Fraction(-1, 10**400)), fmt.round(Fraction(0)), fmt.round(Fraction(0), -1)] == [
        1 << 63,
        0,
        1 << 63,
    ]


def test_an_interval_rounds_only_where_both_ends_agree():
    """Around 1/3 a narrow interval is decided, one that holds a midpoint is not."""
    fmt = get_format("binary32")
    third, speck = Fraction(1, 3), Fraction(1, 10**20)

    assert fmt.round_interval(third - speck, third + speck) == fmt.round(third)
    assert fmt.round_interval(1 + Fraction(1, 2**24) - speck, 1 + Fraction(1, 2**24) + speck) is None


@pytest.mark.parametrize("name", ALL)
def test_ulp_is_the_gap_to_the_next_number(name):
    """At zero, in the subnormal range, at powers of two: the spacing towards larger magnitudes."""
    fmt = get_format(name)
    code = np.array([0, 1, 2, (1 << (fmt.precision - 1)) - 1, 1 << (fmt.precision - 1), fmt.max_bits - 1], np.uint64)

    gap = fmt.decode(code + np.uint64(1)) - fmt.decode(code)

    assert (fmt.ulp(fmt.decode(code)) == gap).all()
    assert fmt.ulp([np.inf, fmt.max]).tolist() == [fmt.ulp(fmt.max)] * 2
    assert np.isnan(fmt.ulp(np.nan))


def test_the_error_metric_is_total():
    """Every pair of floats has a distance: no nan comes out, whatever goes in."""
    values = [0.0, -0.0, 5e-324, 1.0, -1.0, 1.7976931348623157e308, np.inf, -np.inf, np.nan]

    for name, (got, want) in itertools.product(ALL, itertools.product(values, values)):
        fmt = get_format(name)
        got, want = fmt.cast(got), fmt.cast(want)
        error = fmt.error(got, want)
        assert error >= 0
        assert (error == 0) == (got == want or (np.isnan(got) and np.isnan(want)))


def test_infinity_is_one_step_past_the_largest_number():
    """An overflow by rounding is off by one ulp, not by infinity."""
    fmt = get_format("binary64")

    assert fmt.error([np.inf, -np.inf], [fmt.max, -fmt.max]).tolist() == [1, 1]


def test_the_offset_measures_from_the_exact_value():
    """A correctly rounded result is off by what rounding took, not by 0."""
    fmt = get_format("binary64")

    assert fmt.error([1.0, 1 + 2**-52], 1.0, 0.25).tolist() == [0.25, 0.75]


def test_an_unknown_format_is_named_with_the_known_ones():
    """The message gives the value received and the values possible."""
    with pytest.raises(ValueError, match=r"get_format: format needs to be one of binary64, .*, got 'float32'"):
        get_format("float32")
    assert get_format(FORMATS["binary32"]) is FORMATS["binary32"]
    assert isinstance(FORMATS["binary32"], Format)


def test_bits_on_both_sides_of_the_sign_lose_none():
    """A list of integers below and above 2**63 is decoded as each of them is."""
    bits = [2**63 + 1, 1, 0x3FF0000000000001]

    assert get_format("binary64").decode(bits).tolist() == [get_format("binary64").decode(b).item() for b in bits]
    assert get_format("binary64").decode(bits)[2] == 1 + 2.0**-52
