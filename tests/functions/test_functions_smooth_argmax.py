"""The arg max as a distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import argmax_one_hot, softmax

ROWS = arrays(float, st.integers(1, 12), elements=st.integers(-3, 3).map(float))


@pytest.mark.parametrize(("z", "p"), [([1, 5, 10], [0, 0, 1]), ([1, 5, 5], [0, 0.5, 0.5]), ([7, 7, 7], [1 / 3] * 3)])
def test_the_articles_examples(z, p):
    """The largest entry takes all, and ties share."""
    assert argmax_one_hot(z).tolist() == p


@given(ROWS)
def test_the_largest_entries_share_and_the_others_get_nothing(z):
    """Each of the m maxima has the correctly rounded 1/m, every other entry exactly 0."""
    top = z == z.max()

    assert (argmax_one_hot(z) == np.where(top, 1 / top.sum(), 0)).all()


@given(ROWS)
def test_a_cold_softmax_is_the_arg_max(z):
    """At beta = 1000 and gaps of at least 1 the two differ by less than a smallest number."""
    assert (softmax(z, beta=1000.0) == argmax_one_hot(z)).all()


def test_entries_one_ulp_apart_are_no_tie():
    """The comparison is exact, at 1, at 1000 and among subnormal numbers."""
    for a in (1.0, 1000.0, 5e-324, -1.0):
        assert argmax_one_hot([a, np.nextafter(a, np.inf), a]).tolist() == [0, 1, 0]


def test_integers_beyond_binary64_are_told_apart():
    """2^53 and 2^53 + 1 are the same float64, and different integers."""
    assert argmax_one_hot(np.array([2**53, 2**53 + 1])).tolist() == [0, 1]


def test_zeros_of_either_sign_tie():
    """-0 equals +0."""
    assert argmax_one_hot([-0.0, 0.0, -1.0]).tolist() == [0.5, 0.5, 0]


def test_minus_infinity_gets_nothing():
    """An entry of -inf has no mass, and a single finite entry has all."""
    assert argmax_one_hot([-np.inf, 3.0, -np.inf]).tolist() == [0, 1, 0]


@pytest.mark.parametrize("z", [[np.nan, 0, 1], [np.inf, 0, 1], [-np.inf, -np.inf]])
def test_a_slice_without_a_distribution_is_nan(z):
    """As softmax: nan, +inf and only -inf give nan in that slice, and only there."""
    y = argmax_one_hot([z, [0.0] * len(z)])

    assert np.isnan(y[0]).all()
    assert (y[1] == 1 / len(z)).all()
