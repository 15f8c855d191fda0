"""boltzmann, partition_function and free_energy."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import boltzmann, free_energy, logsumexp, partition_function, softmax

PROMISED = 4  # ulp, the promise of the design
DYADIC = arrays(np.float64, st.integers(1, 20), elements=st.integers(-(2**20), 2**20).map(lambda n: n / 1024))
BETAS = [1.0, -1.0, 0.1, 3.3, -1.7, 1e-3, 25.1]
ROWS = {
    "ordinary": np.random.default_rng(1).normal(size=50),
    "spread-100": 100 * np.random.default_rng(2).normal(size=50),
    "offset-1e4": 1e4 + np.random.default_rng(3).normal(size=50),
    "offset-minus-1e300": np.full(3, -1e300),
}


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("name", ROWS)
def test_boltzmann_keeps_its_digits(name, beta, ulps, exact_softmax):
    """The product of beta and the shifted energy is kept exactly, whatever its sign."""
    assert ulps(boltzmann(ROWS[name], beta=beta), exact_softmax(-ROWS[name], beta)) <= PROMISED


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("name", ["ordinary", "spread-100"])
def test_the_partition_function_keeps_its_digits(name, beta, ulps, balls):
    """From e^-700 to e^700 the common factor costs no digits."""
    exact = sum((-balls(beta) * balls(float(x))).exp() for x in ROWS[name])

    assert ulps(partition_function(ROWS[name], beta=beta), [exact]) <= PROMISED


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("name", ["ordinary", "spread-100", "offset-1e4"])
def test_the_free_energy_keeps_its_digits(name, beta, ulps, balls):
    """The logarithm is divided by beta with its remainder."""
    exact = -sum((-balls(beta) * balls(float(x))).exp() for x in ROWS[name]).log() / balls(beta)

    assert ulps(free_energy(ROWS[name], beta=beta), [exact]) <= PROMISED


@given(DYADIC, st.sampled_from([0.5, 1.0, -2.0, 8.0]))
def test_boltzmann_is_the_softmax_of_minus_beta_times_the_energies(energies, beta):
    """Bit for bit where the product is exact."""
    assert np.array_equal(boltzmann(energies, beta=beta), softmax(-beta * energies))


@given(DYADIC)
def test_the_free_energy_at_unit_coldness_is_minus_logsumexp(energies):
    """F = -log Z where beta is 1."""
    assert free_energy(energies) == -logsumexp(-energies)


@given(DYADIC, st.integers(-(2**20), 2**20))
def test_an_exact_offset_of_the_energies_changes_no_probability(energies, n):
    """Only differences of energies count."""
    assert np.array_equal(boltzmann(energies + n / 1024, beta=0.3), boltzmann(energies, beta=0.3))


def test_the_lowest_energy_is_the_most_probable():
    """The sign convention of physics, and its reversal by negative beta."""
    assert boltzmann([1.0, 2.0, 3.0]).argmax() == 0
    assert boltzmann([1.0, 2.0, 3.0], beta=-1.0).argmax() == 2


def test_beta_0_counts_the_states():
    """All states below +inf are equally probable, and Z is their number."""
    assert np.array_equal(boltzmann([1.0, np.inf, -700.0], beta=0), [0.5, 0, 0.5])
    assert partition_function([1.0, np.inf, -700.0], beta=0) == 2
    assert partition_function([5.0] * 70_000, beta=0.0) == 70_000


def test_infinite_energies_have_their_limits():
    """+inf weighs nothing, -inf everything; with negative beta the roles change."""
    inf, nan = np.inf, np.nan
    assert np.array_equal(boltzmann([[inf, 2.0], [inf, inf], [-inf, 2.0], [nan, 1]])[0], [0, 1])
    assert np.isnan(boltzmann([[inf, inf], [-inf, 2.0], [nan, 1]])).all()
    assert np.array_equal(boltzmann([-inf, 2.0], beta=-1), [0, 1])
    rows = [[inf, 2.0], [inf, inf], [-inf, 2.0], [nan, 1]]
    assert np.array_equal(free_energy(rows), [2, inf, -inf, nan], equal_nan=True)
    assert np.array_equal(partition_function(rows)[1:], [0, inf, nan], equal_nan=True)
    assert np.array_equal(partition_function(rows, beta=0), [1, 0, inf, nan], equal_nan=True)
    assert np.array_equal(partition_function([[-inf, -inf], [inf, 0]], beta=-1), [0, inf])
    assert np.array_equal(free_energy([[-inf, 3], [inf, 0]], beta=-1), [3, inf])


def test_the_partition_function_leaves_the_range_and_the_free_energy_does_not():
    """e^1000 is no float64, 1000 is one."""
    assert partition_function([-1000.0]) == np.inf
    assert partition_function([1000.0]) == 0
    assert partition_function([1e300], beta=-0.7) == np.inf
    assert free_energy([-1000.0]) == -1000
    assert free_energy([1000.0]) == 1000


def test_a_subnormal_factor_is_no_subnormal_sum(ulps, balls):
    """A million states of e^-740 each: the sum is normal and has all its digits."""
    exact = 2**20 * (-balls(740)).exp()

    assert ulps(partition_function(np.full(2**20, 740.0)), [exact]) <= PROMISED


def test_the_extreme_floats_are_energies_too(ulps, exact_softmax):
    """The difference overflows; with a small beta it does not matter, with a large one the state is out of reach."""
    largest = np.finfo(float).max
    pair = np.array([-largest, largest])

    assert ulps(boltzmann(pair, beta=2.0**-1022), exact_softmax(-pair, 2.0**-1022)) <= PROMISED
    assert free_energy([-largest, largest]) == -largest


def test_large_integers_are_shifted_exactly():
    """Neighbouring 64-bit integers keep the ratio e, and the lowest one wins."""
    assert np.array_equal(boltzmann([2**63 - 1, 2**63 - 2]), softmax([0.0, 1.0]))
    assert np.array_equal(boltzmann([2**63 - 1, 2**63 - 2], beta=-1), softmax([1.0, 0.0]))
    assert np.array_equal(boltzmann(np.array([0, 255], np.uint8)), softmax([0.0, -255.0]))


@pytest.mark.parametrize("function", [boltzmann, partition_function, free_energy])
@pytest.mark.parametrize("beta", [np.nan, np.inf])
def test_beta_is_finite(function, beta):
    """The message names function, argument and value."""
    with pytest.raises(ValueError, match=f"^{function.__name__}: beta must be finite, got {beta}$"):
        function([1.0, 2.0], beta=beta)


def test_a_free_energy_at_beta_0_is_refused():
    """-log(K)/beta has no limit."""
    message = "free_energy: beta must not be 0, got 0.0; log K / 0 diverges"

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        free_energy([1.0, 2.0], beta=0.0)
