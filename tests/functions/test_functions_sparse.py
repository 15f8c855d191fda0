"""Sparsemax and entmax: optimal, exact where they stop, equal where they meet."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import entmax, entmax15, softmax, sparsemax

U = 2.0**-53
ROWS = arrays(float, st.integers(1, 9), elements=st.integers(-3072, 3072).map(lambda n: n / 1024))
# Roundings counted: the shift, the two sums of the threshold (pairwise, up to 9 terms: 4 each), quotient, difference.
ROUNDINGS = 12
SPECIAL = [[np.nan, 0, 1], [np.inf, 0, 1], [np.inf, np.inf], [-np.inf, -np.inf]]
FUNCTIONS = {
    "sparsemax": sparsemax,
    "entmax15": entmax15,
    "alpha-1": lambda z: entmax(z, alpha=1),
    "alpha-1.001": lambda z: entmax(z, alpha=1.001),
    "alpha-1.25": lambda z: entmax(z, alpha=1.25),
    "alpha-1.9": lambda z: entmax(z, alpha=1.9),
}
BETWEEN = (1.001, 1.1, 1.25, 1.5, 1.75, 1.9, 1.999)


def nearest_in_simplex(z):
    """Return the nearest point of the simplex by trying every support, in rationals."""
    z = [Fraction(x) for x in z]
    everyone, found = range(len(z)), []
    for size in range(1, len(z) + 1):
        for support in combinations(everyone, size):
            tau = (sum(z[i] for i in support) - 1) / size
            p = [z[i] - tau if i in support else Fraction(0) for i in everyone]
            if min(p) >= 0:
                found.append((sum((a - b) ** 2 for a, b in zip(p, z, strict=True)), p))
    return min(found)[1]


@given(arrays(float, st.integers(1, 6), elements=st.integers(-3072, 3072).map(lambda n: n / 1024)))
def test_sparsemax_is_the_nearest_distribution(z):
    """No other point of the simplex is closer to z, by exhaustion over all supports."""
    p = sparsemax(z)

    for got, exact in zip(p.tolist(), nearest_in_simplex(z.tolist()), strict=True):
        assert abs(Fraction(got) - exact) <= ROUNDINGS * U


def test_sparsemax_of_two_is_a_clipped_line():
    """For K = 2 the first share is (1 + z_1 - z_2)/2, clipped to [0, 1]."""
    gaps = np.arange(-40, 41) / 16

    p = sparsemax(np.stack([gaps, np.zeros_like(gaps)], axis=-1))
    assert (p[:, 0] == np.clip((1 + gaps) / 2, 0, 1)).all()


@pytest.mark.parametrize("alpha", [*BETWEEN, 2.0])
@given(z=ROWS)
def test_one_threshold_explains_every_share(alpha, z):
    """Optimality: (alpha - 1) z_i - p_i^(alpha - 1) is one number on the support, and z lies below it elsewhere."""
    p = entmax(z, alpha=alpha)
    tau = (alpha - 1) * z - p ** (alpha - 1)
    support = p > 0

    threshold = tau[np.argmax(p)]
    # p^(alpha - 1) and (alpha - 1) z are at most 6 and round a few times each; exp and log1p err by E = 4 units.
    slack = 64 * U
    assert (np.abs(tau[support] - threshold) <= slack).all()
    assert ((alpha - 1) * z[~support] <= threshold + slack).all()
    assert abs(p.sum() - 1) <= (len(z) + 8) * U


@given(z=ROWS)
def test_alpha_one_and_two_are_softmax_and_sparsemax(z):
    """The ends of the family are the same functions, bit for bit; so is the middle."""
    assert (entmax(z, alpha=1) == softmax(z)).all()
    assert (entmax(z, alpha=2) == sparsemax(z)).all()
    assert (entmax(z) == entmax15(z)).all()


@given(z=ROWS)
def test_entmax15_satisfies_its_quadratic(z):
    """Newton's method for any alpha finds what sorting finds: roots of p differ by roundings."""
    near = entmax(z, alpha=1.5 + 2.0**-40)

    # d sqrt(p)/d alpha is below 8 for these logits: z and the entropy's derivative are at most 6 and log 9.
    assert (np.abs(np.sqrt(near) - np.sqrt(entmax15(z))) <= 8 * 2.0**-40 + ROUNDINGS * U).all()


@pytest.mark.parametrize("f", FUNCTIONS)
def test_equal_logits_share_evenly(f):
    """K equal entries get 1/K: for powers of two exactly where a threshold is used."""
    for k in (1, 2, 4, 8):
        assert (np.abs(FUNCTIONS[f](np.full(k, 0.1)) - 1 / k) <= ROUNDINGS * U).all()
    assert (sparsemax(np.full(4, 0.1)) == 0.25).all()
    assert (entmax15(np.full(4, 0.1)) == 0.25).all()


@pytest.mark.parametrize("f", FUNCTIONS)
def test_a_common_offset_does_not_count(f):
    """Offsets that change no difference change no bit: 1000, 2^40, -2^40."""
    z = np.array([0.5, 0.25, -0.75, -3])

    for offset in (1000.0, 2.0**40, -(2.0**40)):
        assert (FUNCTIONS[f](z + offset) == FUNCTIONS[f](z)).all()


def test_huge_logits_and_gaps_have_exact_results():
    """Differences past the range leave one class; neighbours near 1e8 keep their exact shares."""
    assert sparsemax([1.7e308, -1.7e308]).tolist() == [1, 0]
    assert entmax15([1.7e308, -1.7e308]).tolist() == [1, 0]
    assert sparsemax([1.37e8, 1.60e8]).tolist() == [0, 1]
    assert sparsemax([1e8 + 0.5, 1e8]).tolist() == [0.75, 0.25]


def test_a_logit_at_the_threshold_gets_exactly_nothing():
    """sparsemax(1, 0) and entmax15(2, 0) put the second class at the threshold: 0, not a speck."""
    assert sparsemax([1.0, 0.0]).tolist() == [1, 0]
    assert entmax15([2.0, 0.0]).tolist() == [1, 0]


def test_integers_beyond_binary64_are_told_apart():
    """2^53 and 2^53 + 1 are the same float64, and one apart."""
    assert sparsemax(np.array([2**53, 2**53 + 1])).tolist() == [0, 1]


@pytest.mark.parametrize("f", FUNCTIONS)
def test_minus_infinity_gets_nothing(f):
    """-inf has share exactly 0 and leaves the others alone."""
    assert (FUNCTIONS[f]([-np.inf, 0.5, 0.25, -np.inf]) == [0, *FUNCTIONS[f]([0.5, 0.25]), 0]).all()


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("z", SPECIAL)
def test_a_slice_without_a_distribution_is_nan(f, z):
    """nan, +inf and only -inf give nan in that slice, and only there."""
    y = FUNCTIONS[f]([z, [0.0] * len(z)])

    assert np.isnan(y[0]).all()
    assert np.isfinite(y[1]).all()


@pytest.mark.parametrize("alpha", [1.0000001, 1.01, 1.3, 1.7, 1.999999])
def test_many_classes_add_up_to_one(alpha):
    """65537 normal logits and as many equal ones: the sum is 1 within the roundings of a pairwise sum."""
    z = np.random.default_rng(5).normal(size=65537)

    # 17 levels of the pairwise sum in two places, and eps of the last step of Newton's method.
    assert abs(entmax(z, alpha=alpha).sum() - 1) <= 40 * U
    assert abs(entmax(np.zeros(65537), alpha=alpha).sum() - 1) <= 65537**0.999999 * 2 * U


@pytest.mark.parametrize(
    ("alpha", "error", "message"),
    [
        (0.99, ValueError, r"^entmax: alpha must lie in \[1, 2\], got 0.99$"),
        (2.01, ValueError, r"^entmax: alpha must lie in \[1, 2\], got 2.01$"),
        (np.nan, ValueError, r"^entmax: alpha must be finite, got nan$"),
        (np.inf, ValueError, r"^entmax: alpha must be finite, got inf$"),
        (1.5j, TypeError, r"^entmax: alpha must be a real number, got 1.5j$"),
        ("1.5", TypeError, r"^entmax: alpha must be a real number, got '1.5'$"),
    ],
)
def test_alpha_outside_one_to_two_is_refused(alpha, error, message):
    """The message names alpha and its value."""
    with pytest.raises(error, match=message):
        entmax([0.0, 1.0], alpha=alpha)
