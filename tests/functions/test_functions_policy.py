"""boltzmann_policy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import boltzmann_policy, softmax

PROMISED = 4  # ulp, the promise of the design
DYADIC = arrays(np.float64, st.integers(1, 20), elements=st.integers(-(2**20), 2**20).map(lambda n: n / 1024))


@pytest.mark.parametrize("tau", [1.0, 3.0, 0.1, 0.07, 1e-3, 49.0, 1e5])
@pytest.mark.parametrize("offset", [0.0, 1e6, -1e10])
def test_the_quotient_costs_no_digits(tau, offset, ulps, balls):
    """q/tau is kept with its remainder, so that neither a rounded 1/tau nor a large offset shows."""
    q = offset + 30 * tau * np.random.default_rng(1).normal(size=50)

    terms = [((balls(float(v)) - balls(float(q.max()))) / balls(tau)).exp() for v in q]
    total = sum(terms, balls(0))
    assert ulps(boltzmann_policy(q, tau=tau), [t / total for t in terms]) <= PROMISED


@given(DYADIC, st.sampled_from([0.25, 1.0, 8.0]))
def test_a_power_of_two_divides_exactly(q, tau):
    """softmax(q / tau), bit for bit."""
    assert np.array_equal(boltzmann_policy(q, tau=tau), softmax(q / tau))


def test_a_hot_policy_explores_and_a_cold_one_exploits():
    """The limits of large and small tau; two best actions share evenly."""
    q = [1.0, 5.0, 2.0, 5.0]

    assert np.array_equal(boltzmann_policy(q, tau=1e300), np.full(4, 0.25))
    assert np.array_equal(boltzmann_policy(q, tau=1e-300), [0, 0.5, 0, 0.5])


def test_extreme_values_and_temperatures_meet():
    """The difference of two extreme floats overflows, its quotient by an extreme temperature does not."""
    largest = np.finfo(float).max

    assert np.array_equal(boltzmann_policy([largest, -largest], tau=largest), softmax([2.0, 0.0]))
    assert np.array_equal(boltzmann_policy([2e-323, 1e-323], tau=1e-323), softmax([1.0, 0.0]))


def test_special_values_are_those_of_softmax():
    """-inf is never chosen; nan, +inf and only -inf leave no distribution."""
    inf, nan = np.inf, np.nan

    assert np.array_equal(boltzmann_policy([-inf, 3.0], tau=0.3), [0, 1])
    assert np.isnan(boltzmann_policy([[inf, 0], [-inf, -inf], [nan, 0]], tau=0.3)).all()


@pytest.mark.parametrize(
    ("tau", "text"), [(0.0, "positive, got 0.0"), (-2, "positive, got -2"), (np.nan, "finite, got nan")]
)
def test_tau_is_a_positive_number(tau, text):
    """The message names argument and value."""
    with pytest.raises(ValueError, match=f"^boltzmann_policy: tau must be {text}$"):
        boltzmann_policy([1.0, 2.0], tau=tau)
