"""The log semiring."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref.functions import (
    free_energy,
    log_semiring_add,
    log_semiring_multiply,
    log_semiring_sum,
    logaddexp,
    logsumexp,
)

PROMISED = 4  # ulp, the promise of the design
BETAS = [1.0, 2.0, 0.1, -1.7, 1e-3, 25.1]
numbers = st.floats(-500, 500)


@pytest.mark.parametrize("beta", BETAS)
def test_addition_keeps_its_digits(beta, ulps, balls):
    """Two numbers of one sign, any distance apart."""
    x = np.linspace(0.1, 700, 60) * np.sign(beta)
    y = x * np.linspace(1, 0, 60)

    b = balls(beta)
    exact = [((b * balls(float(v))).exp() + (b * balls(float(w))).exp()).log() / b for v, w in zip(x, y, strict=True)]
    assert ulps(log_semiring_add(x, y, beta=beta), exact) <= PROMISED


@pytest.mark.parametrize("beta", BETAS)
def test_the_sum_of_a_row_keeps_its_digits(beta, ulps, balls):
    """The logarithm is divided by beta with its remainder."""
    z = 300 + 20 * np.random.default_rng(1).normal(size=50)

    exact = sum((balls(beta) * balls(float(v))).exp() for v in z).log() / balls(beta)
    assert ulps(log_semiring_sum(z, beta=beta), [exact]) <= PROMISED


@given(numbers, numbers)
def test_addition_commutes_and_is_logaddexp_at_unit_coldness(x, y):
    """Commutative to the last bit; logaddexp within the promise for each of the two."""
    assert log_semiring_add(x, y) == log_semiring_add(y, x)
    size = np.spacing(max(abs(x), abs(y), 1.0))
    assert abs(log_semiring_add(x, y) - logaddexp(x, y)) <= 2 * PROMISED * size


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_multiplication_distributes_over_addition(x, y, z):
    """x (y + z) = x y + x z, within one rounding of each side's last sum and the promise for the addition."""
    left = log_semiring_multiply(x, log_semiring_add(y, z))
    right = log_semiring_add(log_semiring_multiply(x, y), log_semiring_multiply(x, z))

    assert abs(left - right) <= (2 * PROMISED + 1) * np.spacing(2001.0)


def test_the_zero_and_the_one():
    """-inf is neutral in a sum and absorbs in a product; 0 is neutral in a product."""
    assert log_semiring_add(-np.inf, 3.5) == 3.5
    assert log_semiring_multiply(-np.inf, 3.5) == -np.inf
    assert log_semiring_multiply(0.0, 3.5) == 3.5
    assert log_semiring_add(-np.inf, -np.inf) == -np.inf
    assert np.array_equal(log_semiring_sum([[-np.inf, 2.0], [-np.inf, -np.inf]], beta=7), [2, -np.inf])


def test_with_negative_beta_plus_infinity_is_the_zero():
    """The minimum takes the place of the maximum."""
    assert log_semiring_add(np.inf, 3.5, beta=-1) == 3.5
    assert log_semiring_add(3.5, 1000.0, beta=-1) == 3.5
    assert log_semiring_sum([np.inf, np.inf], beta=-1) == np.inf


@pytest.mark.parametrize("beta", [0.5, 2, 8])
def test_addition_is_not_idempotent(beta):
    """x + x = x + log 2 / beta, exactly at a power of two."""
    assert log_semiring_add(0.0, 0.0, beta=beta) == np.log(2) / beta
    assert log_semiring_sum(np.zeros(4), beta=beta) == np.log1p(3) / beta


def test_infinities_and_nan():
    """+inf wins the sum, nan spoils it; 0 times infinity of the semiring is nan."""
    assert log_semiring_add(np.inf, 0.0) == np.inf
    assert log_semiring_sum([np.inf, -np.inf]) == np.inf
    assert np.isnan(log_semiring_add(np.nan, np.inf))
    assert np.isnan(log_semiring_multiply(np.inf, -np.inf))


def test_the_extreme_floats_and_extreme_betas():
    """Neither the difference nor the quotient by beta spoils a finite sum."""
    largest = np.finfo(float).max

    assert log_semiring_add(largest, -largest) == largest
    assert log_semiring_add(1.0, 0.0, beta=1e-320) == np.inf
    assert log_semiring_add(1.0, 0.0, beta=1e300) == 1
    assert log_semiring_sum([1.0, 1.0], beta=1e300) == 1


@given(st.lists(numbers, min_size=1, max_size=9), st.sampled_from([0.5, 3.0, -0.3]))
def test_the_sum_is_a_free_energy_with_the_other_sign_of_beta(z, beta):
    """log(sum e^(b z))/b is F of the energies z at -b, bit for bit."""
    assert log_semiring_sum(z, beta=beta) == free_energy(z, beta=-beta)
    assert log_semiring_sum(z) == logsumexp(z)


def test_large_integers_are_added_exactly():
    """Neighbouring 64-bit integers, in either direction."""
    assert log_semiring_sum([2**63 - 1, 2**63 - 2]) == 2.0**63
    assert log_semiring_sum([2**63 - 1, 5], beta=-1) == 5


@pytest.mark.parametrize("function", [lambda **k: log_semiring_add(1, 2, **k), lambda **k: log_semiring_sum([1], **k)])
@pytest.mark.parametrize(
    ("beta", "text"), [(0.0, "must not be 0, got 0.0; the limit"), (np.nan, "must be finite, got")]
)
def test_beta_is_a_number_other_than_0(function, beta, text):
    """The message names argument and value."""
    with pytest.raises(ValueError, match=rf"^log_semiring_(add|sum): beta {text}"):
        function(beta=beta)
