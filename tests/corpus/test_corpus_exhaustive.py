"""All inputs of the narrow formats: digests, how they are decided, and what a comparison counts."""

import hashlib

import numpy as np
import pytest

from softmax_ref import certify, functions
from softmax_ref.certified.second_engine import rederive
from softmax_ref.corpus import exhaustive
from softmax_ref.corpus.exhaustive import FORMATS, FUNCTIONS, compare, correctly_rounded, digest, digests, published
from softmax_ref.formats import get_format

FILES = [(function, fmt) for function in FUNCTIONS for fmt in FORMATS]
SAMPLE = 500
SEED = 20250


def sample(fmt):
    """All inputs of an 8-bit format, 500 seeded ones of a 16-bit format: their bits and values."""
    form = get_format(fmt)
    bits = np.arange(1 << form.width)
    if form.width == 16:
        bits = np.sort(np.random.default_rng(SEED).choice(bits, SAMPLE, replace=False))
    return bits, form.decode(bits)


def without_sign(bits, fmt):
    """Bits in which a zero has lost its sign."""
    return np.where(bits == get_format(fmt).sign_bit, 0, bits)


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_every_value_is_what_the_certified_layer_gives(function, fmt):
    """Bit for bit: all inputs of the 8-bit formats, a sample of the others."""
    bits, x = sample(fmt)

    certified = np.ravel(certify(function, x, format=fmt).bits)

    assert np.array_equal(correctly_rounded(function, fmt)[bits], without_sign(certified, fmt))


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_every_value_is_what_the_second_engine_gives(function, fmt):
    """The engine that shares no code with the first decides the same."""
    bits, x = sample(fmt)

    derived = np.ravel(rederive(function, x, format=fmt))

    assert np.array_equal(correctly_rounded(function, fmt)[bits], without_sign(derived, fmt))


def test_a_result_near_a_midpoint_is_certified(monkeypatch):
    """With an interval eight million times as wide, hundreds of results are undecided, and the digest stays."""
    form = get_format("binary16")
    narrow = exhaustive._rounded("softplus", form)
    monkeypatch.setattr(exhaustive, "RADIUS", 2.0**-17)
    wide = exhaustive._rounded("softplus", form)

    assert narrow[2] == 0
    assert wide[2] > 200
    assert np.array_equal(narrow[0], wide[0])


def test_a_wrong_evaluation_changes_the_digest(monkeypatch):
    """An error of 2^-14, past the interval, goes into the digest: nothing is compared with itself."""
    right = digest("logistic", "binary16")
    monkeypatch.setitem(exhaustive._FLOAT64, "logistic", lambda x: (1 + 2.0**-14) * np.exp(-np.logaddexp(0, -x)))

    assert digest("logistic", "binary16") != right


def test_the_published_digests_are_those_of_today():
    """All twelve, from all 394752 values."""
    found = {(function, fmt): sha for function, fmt, sha in digests()}

    assert found == {(function, fmt): sha for function, named in published().items() for fmt, sha in named.items()}
    assert len(found) == 12


def test_the_bytes_of_a_digest_are_as_described():
    """Input order, lower byte first, a canonical nan, a zero without its sign."""
    bits = correctly_rounded("log_logistic", "bfloat16")

    assert bits[0x7F80] == 0  # log_logistic(inf) = 0
    assert bits[0x42C8] == 0  # log_logistic(100) = -3.7e-44
    assert bits[0xFFC1] == get_format("bfloat16").nan_bits
    assert hashlib.sha256(bits.astype(">u2").byteswap().tobytes()).hexdigest() == digest("log_logistic", "bfloat16")


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_the_reference_rounds_correctly_everywhere(function, fmt):
    """It computes in binary64 and rounds once: none of all inputs is off."""
    found = compare(getattr(functions, function), function, fmt)

    assert (found.inputs, found.wrong) == (1 << get_format(fmt).width, 0)
    assert found.largest_error <= 0.5


def test_a_comparison_counts_what_is_wrong():
    """One result moved to the next float is one wrong result, about an ulp off, at its input."""

    def moved(x):
        y = functions.logistic(x)
        y[x == 1] = np.nextafter(y[x == 1], np.float16(1))
        return y

    found = compare(moved, "logistic", "binary16")

    assert (found.wrong, found.at) == (1, 1.0)
    assert 0.5 < found.largest_error < 1.5


def test_a_comparison_finds_double_rounding_through_binary32():
    """Computed in binary32 and rounded to binary16, a few of the 65536 results are off by more than half an ulp."""

    def through_binary32(x):
        x = x.astype(np.float32)
        return (1 / (1 + np.exp(-x))).astype(np.float16)

    found = compare(through_binary32, "logistic", "binary16")

    assert 0 < found.wrong < 50
    assert 0.5 < found.largest_error < 0.51


def test_a_lost_nan_is_infinitely_wrong():
    """A nan turned into a number has no finite error."""

    def without_nan(x):
        y = functions.logistic(x)
        y[np.isnan(x)] = 0
        return y

    found = compare(without_nan, "logistic", "float8_e5m2")

    assert found.wrong == 6
    assert found.largest_error == np.inf


def test_an_unknown_function_or_format_is_refused():
    """The message lists those there are."""
    with pytest.raises(ValueError, match="digests: function needs to be one of logistic, log_logistic, softplus, got"):
        list(digests("softmax"))
    with pytest.raises(ValueError, match="digests: format needs to be one of binary16, bfloat16,"):
        list(digests(None, "binary32"))
