"""gumbel_softmax."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import boltzmann_policy, gumbel_softmax, softmax

PROMISED = 4  # ulp, the promise of the design
PAIRS = arrays(np.float64, st.tuples(st.just(2), st.integers(1, 20)), elements=st.integers(-4096, 4096).map(float))


@pytest.mark.parametrize("temperature", [1.0, 3.0, 0.1, 1e-3, 1e-12, 1e5])
@pytest.mark.parametrize("size", [1.0, 1e6, 1e16])
def test_the_sum_and_the_quotient_cost_no_digits(temperature, size, ulps, balls):
    """z + noise is kept as a pair, also where one of them swallows the other or both cancel."""
    rng = np.random.default_rng(1)
    z = size * rng.integers(-2, 3, 40)
    noise = -z * rng.integers(0, 2, 40) + temperature * rng.gumbel(size=40)

    sums = [balls(float(v)) + balls(float(g)) for v, g in zip(z, noise, strict=True)]
    terms = [((t - max(sums)) / balls(temperature)).exp() for t in sums]
    total = sum(terms, balls(0))
    assert ulps(gumbel_softmax(z, noise, temperature=temperature), [t / total for t in terms]) <= PROMISED


def test_what_the_sum_rounds_away_keeps_its_digits(ulps, balls):
    """All sums round to 1e16; the shares range over e^1000 all the same."""
    noise = np.random.default_rng(2).uniform(-0.99, 0.99, 40)

    terms = [(balls(float(g)) * 512).exp() for g in noise]
    total = sum(terms, balls(0))
    y = gumbel_softmax(np.full(40, 1e16), noise, temperature=2.0**-9)
    assert ulps(y, [t / total for t in terms]) <= PROMISED


def test_the_maximum_of_the_sums_is_that_of_the_exact_ones():
    """The largest sum has no rounding error; that of a smaller one, over a small temperature, is out of place."""
    assert np.array_equal(gumbel_softmax([2.0**54, 2.0**53], [0.0, 0.75], temperature=1e-3), [1, 0])


@given(PAIRS, st.sampled_from([0.5, 1.0, 3.0]))
def test_where_the_sum_is_exact_it_is_a_policy(pair, temperature):
    """softmax((z + g)/T), bit for bit; z and the noise may change places."""
    z, noise = pair

    y = gumbel_softmax(z, noise, temperature=temperature)

    assert np.array_equal(y, boltzmann_policy(z + noise, tau=temperature))
    assert np.array_equal(y, gumbel_softmax(noise, z, temperature=temperature))


@given(PAIRS)
def test_the_largest_entry_is_where_the_perturbed_logit_is_largest(pair):
    """The temperature changes the sharpness, not the winner."""
    z, noise = pair

    for temperature in (0.25, 1.0, 4.0):
        y = gumbel_softmax(z, noise, temperature=temperature)
        assert y[(z + noise).argmax()] == y.max()


def test_a_small_temperature_gives_a_one_hot_row():
    """In the limit the row is a sample of one class."""
    assert np.array_equal(gumbel_softmax([1.0, 2.0, 0.0], [0.5, -0.7, 2.0], temperature=1e-300), [0, 0, 1])


def test_extreme_sums_do_not_overflow():
    """Two finite numbers whose sum is not finite."""
    largest = np.finfo(float).max

    assert np.array_equal(gumbel_softmax([largest, 0], [largest, 0]), [1, 0])
    assert np.array_equal(gumbel_softmax([largest, -largest], [0.0, 0.0], temperature=largest), softmax([2.0, 0.0]))
    assert np.array_equal(gumbel_softmax([1.5e-323, 0.0], [0, 1e-323], temperature=1e-323), softmax([0.5, 0.0]))


def test_special_values_are_those_of_softmax():
    """A masked class stays out whatever its noise; nan, +inf and only -inf leave no distribution."""
    inf, nan = np.inf, np.nan

    assert np.array_equal(gumbel_softmax([-inf, 3.0], [9.0, 1.0]), [0, 1])
    assert np.array_equal(gumbel_softmax([0.0, 3.0], [-inf, 1.0]), [0, 1])
    assert np.isnan(gumbel_softmax([[inf, 0], [-inf, -inf], [nan, 0]], np.ones((3, 2)))).all()
    assert np.isnan(gumbel_softmax([0.0, 1.0], [nan, 0.0])).all()


@pytest.mark.parametrize(("temperature", "text"), [(0.0, "positive, got 0.0"), (np.nan, "finite, got nan")])
def test_the_temperature_is_a_positive_number(temperature, text):
    """The message names argument and value."""
    with pytest.raises(ValueError, match=f"^gumbel_softmax: temperature must be {text}$"):
        gumbel_softmax([1.0, 2.0], [0.0, 0.0], temperature=temperature)


def test_noise_has_the_shape_of_the_logits():
    """It is not broadcast: rows would share their noise unseen."""
    message = "gumbel_softmax: noise must have the shape of z, (2, 3), got shape (3,)"

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        gumbel_softmax(np.zeros((2, 3)), np.zeros(3))
