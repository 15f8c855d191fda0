"""The Jacobian of softmax, which is the Hessian of logsumexp."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import logsumexp_hessian, softmax, softmax_jacobian

ROWS = arrays(float, st.integers(1, 10), elements=st.floats(-300, 300))


@pytest.mark.parametrize("z", [[0.0, -1.0, 2.5], [0.0, -40.0], [0.0, 30.0, -30.0], [1e4, 1e4 + 1]])
def test_every_entry_keeps_its_digits(z, ulps, exact_softmax):
    """Products of two factors of 4 ulp err by at most 8 ulp and a rounding; p (1 - p) of a confident class too."""
    p = exact_softmax(z)
    exact = [p[i] * (1 - p[i]) if i == j else -p[i] * p[j] for i in range(len(z)) for j in range(len(z))]

    assert ulps(softmax_jacobian(z), exact) <= 9


@given(ROWS)
def test_the_jacobian_is_symmetric(z):
    """J = J^T, bit for bit."""
    assert np.array_equal(softmax_jacobian(z), softmax_jacobian(z).T)


@given(ROWS)
def test_rows_sum_to_zero(z):
    """The exact sum of a row is at most 18 units of roundoff of its absolute values (9 ulp each), and K subnormals."""
    for row in softmax_jacobian(z).tolist():
        terms = list(map(Fraction, row))
        assert abs(sum(terms)) <= 18 * Fraction(2) ** -53 * sum(map(abs, terms)) + len(terms) * Fraction(2) ** -1073


@given(ROWS)
def test_the_diagonal_is_not_negative_and_the_rest_not_positive(z):
    """p_i (1 - p_i) >= 0 and -p_i p_j <= 0, with no negative zero."""
    j = softmax_jacobian(z)

    off = j[~np.eye(len(z), dtype=bool)]
    assert (np.diagonal(j) >= 0).all()
    assert (off <= 0).all()
    assert not np.signbit(j[j == 0]).any()


def test_each_row_of_logits_has_its_own_matrix():
    """Shape (..., K) gives (..., K, K); a batch that is cut into blocks gives the same matrices."""
    z = np.random.default_rng(1).normal(size=(7, 3, 150))

    j = softmax_jacobian(z)

    assert j.shape == (7, 3, 150, 150)
    assert np.array_equal(j[6, 2], softmax_jacobian(z[6, 2]))
    assert softmax_jacobian(1.0).shape == (1, 1)
    assert softmax_jacobian(np.zeros((0, 3))).shape == (0, 3, 3)


def test_half_and_half_has_a_quarter_everywhere():
    """p = (1/2, 1/2), and the class with logit -inf has no derivative."""
    assert np.array_equal(softmax_jacobian([0.0, -np.inf, 0.0]), [[0.25, 0, -0.25], [0, 0, 0], [-0.25, 0, 0.25]])


def test_a_row_without_distribution_gives_a_matrix_of_nan():
    """nan, +inf and only -inf."""
    assert np.isnan(softmax_jacobian([[np.nan, 0.0], [np.inf, 0.0], [-np.inf, -np.inf]])).all()


def test_the_diagonal_of_a_uniform_distribution():
    """K equal logits: 1/K (1 - 1/K) on the diagonal, in floats."""
    p = softmax(np.zeros(8))

    assert np.array_equal(np.diagonal(softmax_jacobian(np.zeros(8))), p * (1 - p))


def test_the_hessian_of_logsumexp_is_the_jacobian_of_softmax():
    """One function with two names."""
    assert logsumexp_hessian is softmax_jacobian
