"""Averages that a common offset does not drown."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref.functions.expectation import deviations, mean

P = np.array([[0.5, 0.25, 0.25]])
U = Fraction(1, 2**53)


@given(st.floats(-1e300, 1e300))
def test_a_constant_deviates_by_exactly_nothing(v):
    """Whatever the constant is, and whatever rounding does to its mean."""
    assert np.array_equal(deviations(np.array([[0.1, 0.2, 0.7]]), np.full((1, 3), v)), np.zeros((1, 3)))


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=3), st.sampled_from([0, 2**30, -(2**52)]))
def test_an_offset_changes_no_deviation(values, offset):
    """Integers a few units apart have the same deviations however far from 0 they lie."""
    v = np.array([values], float)

    assert np.array_equal(deviations(P, v + offset), deviations(P, v))


@given(st.lists(st.floats(-1e10, 1e10), min_size=3, max_size=3))
def test_deviations_err_by_roundings_of_deviations(values):
    """8 units of roundoff of abs(dev_i) + mean abs(dev): one for the result, few for each of two sums of three."""
    p = list(map(Fraction, P[0].tolist()))
    average = sum(a * Fraction(b) for a, b in zip(p, values, strict=True))
    exact = [Fraction(v) - average for v in values]
    spread = sum(a * abs(b) for a, b in zip(p, exact, strict=True))

    got = deviations(P, np.array([values]))[0].tolist()

    for a, b in zip(got, exact, strict=True):
        assert abs(Fraction(a) - b) <= 8 * U * (abs(b) + spread) + Fraction(2) ** -1070


def test_an_outlier_at_the_top_class_does_not_drown_the_others():
    """With K = 1000 nearly equal weights the top one is 500 times the mean deviation; 16 roundings of that suffice."""
    rng = np.random.default_rng(1)
    p, v = rng.uniform(0.9, 1, (1, 1000)) / 950, 1e-3 * rng.normal(size=(1, 1000))
    v[0, p.argmax()] = 0.7
    weights, values = list(map(Fraction, p[0].tolist())), list(map(Fraction, v[0].tolist()))
    average = sum(a * b for a, b in zip(weights, values, strict=True)) / sum(weights)
    spread = sum(a * abs(b - average) for a, b in zip(weights, values, strict=True)) / sum(weights)

    got = deviations(p, v)[0].tolist()

    for a, b in zip(got, values, strict=True):
        assert abs(Fraction(a) - (b - average)) <= 16 * U * (abs(b - average) + spread)


def test_the_mean_of_a_constant_under_weights_that_miss_1_is_the_constant():
    """The weights are normalised by their own sum."""
    assert mean(P * (1 + 2.0**-50), np.full((1, 3), 3.0)) == 3
