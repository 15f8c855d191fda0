"""clr and its inverse."""

import re

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import clr, clr_inv, softmax

U = np.finfo(float).eps / 2
WEIGHTS = arrays(np.float64, st.integers(1, 12), elements=st.integers(1, 2**20).map(lambda n: n / 1024))
ROWS = {
    "ordinary": np.array([0.1, 0.2, 0.7]),
    "one-ulp-apart": np.array([1, 1 + 2 * U, 1 - U]),
    "whole-range": np.array([5e-324, 1.7e308, 1.0, 1e-310]),
    "tiny": 1e-300 * np.array([1.0, 3, 9]),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_error_is_small_beside_the_largest_log_ratio(name, balls):
    """At most 4 units of roundoff of the largest result: quotient, logarithm and two centrings."""
    p = ROWS[name]
    logs = [balls(float(x)).log() for x in p]
    exact = [y - sum(logs, balls(0)) / len(p) for y in logs]

    worst = max(float(abs(balls(float(y)) - e)) for y, e in zip(clr(p), exact, strict=True))
    assert worst <= 4 * U * max(float(abs(e)) for e in exact)


@given(WEIGHTS)
def test_log_ratios_add_up_to_zero(p):
    """The mean comes off: what is left is at most K roundings of the largest."""
    y = clr(p)

    assert abs(y.sum()) <= len(p) * U * (len(p) + 1) * np.abs(y).max()


@given(WEIGHTS, st.integers(-900, 900))
def test_a_common_power_of_two_changes_no_bit(p, power):
    """Weights need not be normalised."""
    assert np.array_equal(clr(np.ldexp(p, power)), clr(p))


@given(WEIGHTS)
def test_the_inverse_gives_the_normalised_weights(p):
    """softmax(clr(p)) = p / sum p, up to the rounding of logarithms of size 20 and of a sum of K."""
    want = p / p.sum()

    assert (np.abs(clr_inv(clr(p)) - want) <= (4 * 20 + len(p) + 4) * U * want).all()


def test_the_inverse_is_softmax():
    """One function under two names."""
    assert clr_inv is softmax


@given(st.floats(5e-324, 1.7e308), st.integers(1, 9))
def test_equal_weights_have_log_ratios_of_exactly_zero(value, k):
    """log 1 = 0 and nothing is left of the mean; a single weight is such a row."""
    assert np.array_equal(clr(np.full(k, value)), np.zeros(k))


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf, np.nan])
def test_weights_that_have_no_logarithm_are_refused(bad):
    """The message names the argument and the value."""
    with pytest.raises(ValueError, match=f"^clr: p must be positive and finite, got {re.escape(str(bad))}$"):
        clr([[0.5, 0.5], [bad, 1]])


@pytest.mark.parametrize("p", [np.array([1j, 2]), np.array(["1"]), np.array([1, None])])
def test_what_is_no_real_number_is_refused(p):
    """Complex, string and object arrays are a TypeError."""
    with pytest.raises(TypeError, match="^clr: p must hold real numbers, got dtype "):
        clr(p)


def test_an_empty_axis_or_one_out_of_range_is_refused():
    """The message gives the shape."""
    with pytest.raises(ValueError, match=r"^clr: p needs at least one entry along axis -1, got shape \(3, 0\)$"):
        clr(np.zeros((3, 0)))
    with pytest.raises(ValueError, match=r"^clr: axis is out of range for shape \(2,\), got 1$"):
        clr([1, 2], axis=1)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.longdouble, ml_dtypes.bfloat16])
def test_the_result_has_the_dtype_of_the_input(dtype):
    """Any floating format in, the same format out; integers count as float64."""
    assert clr(np.array([1, 2, 4], dtype)).dtype == np.dtype(dtype)
    assert clr([1, 2, 4]).dtype == np.float64


def test_any_axis_means_the_slices_along_it():
    """Every axis gives what the last axis of the moved array gives; several axes are one long axis."""
    p = np.random.default_rng(2).uniform(0.1, 1, (2, 3, 4))

    for axis in (0, 1, -2):
        assert np.array_equal(clr(p, axis=axis), np.moveaxis(clr(np.moveaxis(p, axis, -1)), -1, axis))
    assert np.array_equal(clr(p, axis=(1, 2)), clr(p.reshape(2, 12)).reshape(p.shape))
    assert np.array_equal(clr(p, axis=None), clr(p.ravel()).reshape(p.shape))
    assert clr(np.float64(3.0)) == 0
