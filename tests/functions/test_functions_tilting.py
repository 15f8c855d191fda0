"""exponential_tilting."""

import re

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import exponential_tilting, softmax
from softmax_ref.functions.tilting import LN2_HIGH, LN2_LOW

PROMISED = 4  # ulp, the promise of the design
DYADIC = arrays(np.float64, st.integers(1, 20), elements=st.integers(-(2**20), 2**20).map(lambda n: n / 1024))


@pytest.mark.parametrize("theta", [1.0, -1.0, 0.0, 3.3, -1e-3, 25.1])
@pytest.mark.parametrize("spread", [0, 10, 300])
def test_weights_of_any_size_cost_no_digits(theta, spread, ulps, balls):
    """p from 10^-300 to 10^300, with exponentials that make up for it."""
    rng = np.random.default_rng(1)
    p = 10.0 ** rng.uniform(-spread, spread, 40)
    x = -np.log(p) / (theta or 1) + rng.normal(size=40)

    reach = max(balls(theta) * balls(float(v)) for v in x)
    terms = [balls(float(w)) * (balls(theta) * balls(float(v)) - reach).exp() for w, v in zip(p, x, strict=True)]
    total = sum(terms, balls(0))
    assert ulps(exponential_tilting(p, x, theta=theta), [t / total for t in terms]) <= PROMISED


def test_a_tiny_weight_with_a_huge_exponential_wins(ulps, balls):
    """10^-300 e^745 against 1: the second exponential alone would be subnormal."""
    first = balls(1e-300) * balls(745).exp()

    q = exponential_tilting([1e-300, 1.0], [745.0, 0.0])

    assert ulps(q, [first / (first + 1), 1 / (first + 1)]) <= PROMISED


def test_a_share_of_three_smallest_numbers_is_rounded_once():
    """A factor below 1 before the quotient would round it to an even number of them."""
    q = exponential_tilting([1.0, 1.0], [0.0, -743.35])

    assert q[1] == softmax([0.0, -743.35])[1] == 3 * 5e-324


@given(DYADIC, st.sampled_from([0.5, 1.0, -3.0]))
def test_a_uniform_distribution_is_tilted_to_a_softmax(x, theta):
    """p constant: softmax of theta x, bit for bit where p is a power of two."""
    q = exponential_tilting(np.full(len(x), 0.25), x, theta=theta)

    assert np.array_equal(q, softmax(theta * x))


def test_theta_0_normalises_the_weights():
    """Weights that are powers of two, with a sum that is one."""
    assert np.array_equal(exponential_tilting([2.0, 4.0, 2.0], [9.0, -7.0, 1e300], theta=0), [0.25, 0.5, 0.25])


@given(DYADIC)
def test_a_common_factor_of_the_weights_has_no_effect(x):
    """p need not be normalised: powers of two change no bit."""
    p = 1 + np.arange(len(x)) % 3

    assert np.array_equal(exponential_tilting(p, x), exponential_tilting(p * 2.0**-1000, x))


def test_tilting_twice_adds_the_parameters():
    """The exponential family is closed: theta = 1, then 2, is theta = 3; exact at equal x."""
    p = exponential_tilting([1.0, 1.0, 2.0], [0.0, 0.0, 0.0], theta=1)

    assert np.array_equal(exponential_tilting(p, [1.0, 1.0, 1.0], theta=2), [0.25, 0.25, 0.5])


def test_outside_the_support_x_is_not_looked_at():
    """p = 0 stays 0, whatever x is there; the shift is by the maximum inside."""
    inf, nan = np.inf, np.nan

    assert np.array_equal(exponential_tilting([0.0, 1, 1], [nan, 1000.0, 1000.0]), [0, 0.5, 0.5])
    assert np.array_equal(exponential_tilting([0.0, 1, 1], [1e308, -1000.0, -1000.0]), [0, 0.5, 0.5])
    assert np.array_equal(exponential_tilting([0, 1, 1], [inf, 2, 2], theta=-1), [0, 0.5, 0.5])


def test_infinite_statistics_have_their_limits():
    """theta x = -inf weighs nothing; +inf, nan and only -inf leave no distribution."""
    inf, nan = np.inf, np.nan
    one = np.ones((3, 2))

    assert np.array_equal(exponential_tilting([1.0, 1.0], [-inf, 2.0]), [0, 1])
    assert np.array_equal(exponential_tilting([1.0, 1.0], [inf, 2.0], theta=-1), [0, 1])
    assert np.isnan(exponential_tilting(one, [[inf, 0], [-inf, -inf], [nan, 0]])).all()
    assert np.isnan(exponential_tilting(one, [[-inf, 0], [inf, inf], [nan, 0]], theta=-1)).all()


def test_large_integers_are_shifted_exactly():
    """Neighbouring 64-bit integers keep the ratio e, beside an excluded one far away."""
    q = exponential_tilting([1, 1, 0], [2**63 - 1, 2**63 - 2, -(2**63)])

    assert np.array_equal(q[:2], softmax([1.0, 0.0]))


@pytest.mark.parametrize("wrong", [-0.5, np.nan, np.inf, -np.inf])
def test_weights_are_finite_and_not_negative(wrong):
    """The message names the argument and the value."""
    message = f"exponential_tilting: p must be finite and at least 0, got {wrong}"

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        exponential_tilting([0.5, wrong], [0.0, 1.0])


def test_a_slice_without_weight_is_refused():
    """No mass cannot be normalised; the message shows the slice."""
    message = "exponential_tilting: p needs a positive entry in every slice, got [0. 0.]"

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        exponential_tilting([[0.5, 0.0], [0.5, 0.0]], np.zeros((2, 2)), axis=0)


def test_theta_is_finite_and_x_has_the_shape_of_p():
    """Both messages name argument and value."""
    with pytest.raises(ValueError, match="^exponential_tilting: theta must be finite, got nan$"):
        exponential_tilting([1.0], [0.0], theta=np.nan)
    with pytest.raises(
        ValueError, match=r"^exponential_tilting: x must have the shape of p, \(1,\), got shape \(2,\)$"
    ):
        exponential_tilting([1.0], [0.0, 1.0])


def test_the_constants_are_log_2():
    """High and low part add up to log 2 within 2^-80; the high part has 32 digits."""
    with mpmath.workprec(200):
        assert abs(mpmath.mpf(LN2_HIGH) + mpmath.mpf(LN2_LOW) - mpmath.log(2)) < mpmath.mpf(2) ** -80
    assert LN2_HIGH * 2**32 == int(LN2_HIGH * 2**32)
