"""entropy, mean_energy, heat_capacity, boltzmann_operator: what holds for every distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import boltzmann_operator, entropy, heat_capacity, log_softmax, mean_energy, softmax

PROMISED = 4  # ulp, the promise of the design
DYADIC = arrays(np.float64, st.integers(1, 20), elements=st.integers(-(2**13), 2**13).map(lambda n: n / 1024))
COLDNESS = st.sampled_from([-2.0, -0.25, 0.0, 0.25, 1.0, 3.0])
INF, NAN = np.inf, np.nan
ROWS = {
    "ordinary": np.random.default_rng(1).normal(size=20),
    "offset-1e4": 1e4 + np.random.default_rng(2).normal(size=20),
    "spread-100": 100 * np.random.default_rng(3).normal(size=20),
    "one-dominant": np.array([0.0, -40.0, -41.0, -30.5]),
    "almost-one-state": np.array([700.0, 1.5]),
    "differences-round": np.array([1 / 3, -80.3, -79.7, -60.1]),
    "nearly-equal": 1 + np.arange(9) / 2**40,
}


def exact_moments(row, beta, balls, exact_softmax):
    """Enclose the mean and the variance of a row under its softmax at a coldness."""
    p, v = exact_softmax(row, beta), [balls(float(x)) for x in row]
    mean = sum((a * b for a, b in zip(p, v, strict=True)), balls(0))
    return mean, sum((a * (b - mean) ** 2 for a, b in zip(p, v, strict=True)), balls(0))


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_entropy_keeps_its_digits(name, dtype, ulps, balls, exact_softmax):
    """All terms of log s + sum p (m - z) are positive: a tiny entropy is as exact as a large one."""
    z = ROWS[name].astype(dtype)

    exact = sum((-p * p.log() for p in exact_softmax(z)), balls(0))
    assert ulps(entropy(z), [exact]) <= PROMISED


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("beta", [1.0, -1.0, 0.375])
def test_heat_capacity_keeps_its_digits(name, beta, ulps, balls, exact_softmax):
    """Deviations come before squares: neither a common offset nor a dominant state costs digits."""
    E = ROWS[name]

    _, variance = exact_moments(E, -beta, balls, exact_softmax)
    assert ulps(heat_capacity(E, beta=beta), [balls(beta) ** 2 * variance]) <= PROMISED


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("beta", [1.0, -1.0, 0.375])
def test_means_keep_their_digits(name, beta, balls, exact_softmax):
    """The error is at most the promised ulp of the largest value: one rounding of it, and some of the differences."""
    z = ROWS[name]
    unit = float(np.spacing(np.abs(z).max()))

    mean, _ = exact_moments(z, beta, balls, exact_softmax)
    for got in (boltzmann_operator(z, beta=beta), mean_energy(z, beta=-beta)):
        assert float(abs(balls(float(got)) - mean)) <= PROMISED * unit


@given(DYADIC)
def test_entropy_lies_between_zero_and_log_k(z):
    """0 <= H <= log K, the bound rounded up four times."""
    limit = np.log(len(z))

    assert 0 <= entropy(z) <= limit + PROMISED * np.spacing(limit)


@given(DYADIC, COLDNESS)
def test_entropy_is_the_mean_surprise(z, beta):
    """H = -sum p log p from softmax and log_softmax, to four roundings for each of K terms."""
    x = beta * z  # exact: dyadic numbers of few bits
    p, log_p = softmax(x), log_softmax(x)

    surprise = -(p * log_p).sum()
    assert abs(entropy(x) - surprise) <= (len(z) + 8) * PROMISED * np.spacing(np.abs(p * log_p).sum())


@given(DYADIC, COLDNESS)
def test_the_mean_energy_is_the_operator_at_negative_coldness(z, beta):
    """Both average with the same weights, so they agree bit for bit."""
    assert mean_energy(z, beta=beta) == boltzmann_operator(z, beta=-beta)


@given(DYADIC, COLDNESS)
def test_averages_lie_within_the_values(z, beta):
    """A weighted mean never leaves the range of what it averages by more than a rounding."""
    unit = np.spacing(np.abs(z).max())

    assert z.min() - unit <= boltzmann_operator(z, beta=beta) <= z.max() + unit


@given(DYADIC, st.sampled_from([0.0, 2.0**20, -(2.0**30)]), COLDNESS)
def test_an_offset_changes_neither_entropy_nor_heat_capacity(z, offset, beta):
    """z + c has the deviations of z, and an exact sum has the same bits."""
    assert entropy(z + offset) == entropy(z)
    assert heat_capacity(z + offset, beta=beta) == heat_capacity(z, beta=beta)


@given(st.floats(-1e300, 1e300), st.integers(1, 9), COLDNESS)
def test_equal_states_have_their_own_value_and_no_fluctuation(value, k, beta):
    """K equal entries: entropy log K, mean exactly the entry, heat capacity exactly 0."""
    z = np.full(k, value)

    assert entropy(z) == np.log1p(k - 1)
    assert boltzmann_operator(z, beta=beta) == value == mean_energy(z, beta=beta)
    assert heat_capacity(z, beta=beta) == 0


def test_entries_of_probability_zero_add_nothing():
    """0 log 0 = 0 and 0 times inf = 0, the limits: the entry may as well be absent."""
    z = np.array([1.0, 2.0, 4.0])
    E = -z

    assert entropy([*z, -INF]) == entropy(z)
    assert boltzmann_operator([*z, -INF]) == boltzmann_operator(z)
    assert boltzmann_operator([*z, INF], beta=-1) == boltzmann_operator(z, beta=-1)
    assert mean_energy([*E, INF]) == mean_energy(E)
    assert heat_capacity([*E, INF]) == heat_capacity(E)
    assert heat_capacity([*E, -INF], beta=-1) == heat_capacity(E, beta=-1)
    assert entropy([0.0, -1e308]) == 0
    assert mean_energy([0.0, 1e308]) == 0


def test_coldness_zero_weighs_what_is_there_equally():
    """The limit of small positive coldness: states of infinite energy stay out."""
    assert mean_energy([1.0, 2.0, INF], beta=0) == 1.5
    assert boltzmann_operator([1.0, 2.0, -INF], beta=0) == 1.5
    assert heat_capacity([1.0, 2.0, INF], beta=0) == 0


@pytest.mark.parametrize("row", [[NAN, 0, 1], [INF, 0, 1], [-INF, -INF, -INF]])
def test_without_a_distribution_every_average_is_nan(row):
    """nan, +inf and only -inf among the logits; the signs turned for energies."""
    z = np.array([row, [0, 1, 2]])

    for y in (entropy(z), boltzmann_operator(z), mean_energy(-z), heat_capacity(-z)):
        assert np.isnan(y[0])
        assert np.isfinite(y[1])


def test_extreme_values_do_not_overflow_on_the_way():
    """The difference of the extreme floats is no float, their mean is."""
    largest = np.finfo(float).max

    assert boltzmann_operator([largest, -largest], beta=0) == 0
    assert mean_energy([largest, -largest, largest, -largest], beta=0) == 0
    assert heat_capacity([largest, -largest], beta=0) == 0
    assert boltzmann_operator([largest, -largest]) == largest
    far = [-(2.0**1022), 1.5 * 2.0**1023]
    assert boltzmann_operator(far, beta=0) == 2.0**1022
    assert heat_capacity(far, beta=2.0**-1023) == heat_capacity([0.0, 2.0])


def test_the_two_level_system_at_its_schottky_peak():
    """C = (x / (2 cosh(x/2)))^2 for an excitation x k_B T, with one maximum near x = 2.4; within 8 roundings."""
    x = np.linspace(0.1, 12, 120)

    got = heat_capacity(np.stack([0 * x, x]), axis=0)
    exact = (x / (2 * np.cosh(x / 2))) ** 2
    assert (np.abs(got - exact) <= 8 * np.spacing(exact)).all()
    assert abs(x[got.argmax()] - 2.4) < 0.1


def test_large_integers_are_averaged_exactly():
    """Neighbouring 64-bit integers: the mean is the float next to them, the heat capacity that of 0 and 1."""
    z = np.array([2**63 - 1, 2**63 - 2])

    assert boltzmann_operator(z) == mean_energy(z) == 2.0**63
    assert heat_capacity(z) == heat_capacity([1, 0])
    assert entropy(z) == entropy([1, 0])
    assert mean_energy([5, 6, 2**62]) == boltzmann_operator([5, 6, 2**62], beta=-1) == mean_energy([5.0, 6.0])
    assert heat_capacity([5, 6, 2**62]) == heat_capacity([-5, -6, -(2**62)], beta=-1) == heat_capacity([0, 1])


def test_the_coldness_must_be_a_finite_number():
    """The message names the function and the parameter."""
    for f in (boltzmann_operator, mean_energy, heat_capacity):
        with pytest.raises(ValueError, match=f"^{f.__name__}: beta must be finite, got nan$"):
            f([1.0], beta=NAN)
        with pytest.raises(TypeError, match=f"^{f.__name__}: beta must be a real number, got 'cold'$"):
            f([1.0], beta="cold")
