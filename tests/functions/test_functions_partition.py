"""logsumexp and logaddexp."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import log_softmax, logaddexp, logsumexp, softplus

PROMISED = 4  # ulp, the promise of the design
DYADIC = arrays(np.float64, st.integers(1, 20), elements=st.integers(-(2**20), 2**20).map(lambda n: n / 1024))
ROWS = {
    "ordinary": np.random.default_rng(1).normal(size=50),
    "spread-100": 100 * np.random.default_rng(2).normal(size=50),
    "offset-1e4": 1e4 + np.random.default_rng(3).normal(size=50),
    "negative": -50 + np.random.default_rng(7).normal(size=50),
    "near-overflow": np.linspace(708.78, 709.78, 50),
    "two-40-apart": np.array([0.0, -40.0]),
    "deep-underflow": np.r_[0.0, np.linspace(-745, -700, 49)],
    "many-small": np.r_[0.0, np.full(200, -37.0)],
    "tiny": 1e-10 * np.random.default_rng(5).normal(size=50),
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logsumexp_keeps_its_digits(name, dtype, ulps, balls):
    """The logarithm of a sum near 1 is as exact as any other."""
    z = ROWS[name].astype(dtype)

    exact = sum((balls(float(v)).exp() for v in z), balls(0)).log()
    assert ulps(logsumexp(z), [exact]) <= PROMISED


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logaddexp_keeps_its_digits(dtype, ulps, balls):
    """Two logits of one sign, any distance apart."""
    x = np.linspace(0.1, 700, 60).astype(dtype)
    y = (x * np.linspace(1, 0, 60)).astype(dtype)

    exact = [(balls(float(a)).exp() + balls(float(b)).exp()).log() for a, b in zip(x, y, strict=True)]
    assert ulps(logaddexp(x, y), exact) <= PROMISED
    assert np.array_equal(logaddexp(x, y), logaddexp(y, x))


def test_a_maximum_near_zero_leaves_the_small_term_its_digits(ulps, balls):
    """Where max(x, y) is smaller than exp(-abs(x - y)), the rounding of x - y would show."""
    x, y = np.full(60, 1e-10), np.linspace(-20, -19, 60)

    exact = [(balls(float(a)).exp() + balls(float(b)).exp()).log() for a, b in zip(x, y, strict=True)]
    assert ulps(logaddexp(x, y), exact) <= PROMISED
    assert ulps(logsumexp(np.stack([x, y]), axis=0), exact) <= PROMISED


@given(DYADIC)
def test_logsumexp_lies_between_the_maximum_and_log_k_above_it(z):
    """m <= LSE(z) <= m + log K, the sum rounded up."""
    assert z.max() <= logsumexp(z) <= np.nextafter(z.max() + np.nextafter(np.log(len(z)), np.inf), np.inf)


@given(st.floats(-1e300, 1e300))
def test_one_logit_is_its_own_logsumexp(z):
    """log(exp(z)) = z, exactly, and log_softmax of it is exactly 0."""
    assert logsumexp([z]) == z
    assert log_softmax([z]) == 0


@given(st.floats(-700, 700))
def test_softplus_is_logaddexp_with_zero(x):
    """log(exp(x) + exp(0)), by two functions, each within 4 ulp."""
    assert abs(softplus(x) - logaddexp(x, 0.0)) <= 2 * PROMISED * np.spacing(softplus(x))


def test_a_repeated_logit_adds_log_k():
    """K zeros give log K, as log1p(K - 1)."""
    for k in (1, 2, 128, 70_000):
        assert logsumexp(np.zeros(k)) == np.log1p(k - 1)


def test_float16_sums_of_70000_stay_finite():
    """log(70000) = 11.16 is a float16 although 70000 is not."""
    assert logsumexp(np.zeros(70_000, np.float16)) == np.float16(np.log(70_000))


def test_keepdims_keeps_the_axes():
    """The axes summed over have length 1, and the values are the same."""
    z = np.random.default_rng(1).normal(size=(2, 3, 4))

    for axis in (0, -1, (0, 2), None):
        kept = logsumexp(z, axis=axis, keepdims=True)
        assert kept.shape == np.sum(z, axis=axis, keepdims=True).shape
        assert np.array_equal(kept.reshape(np.shape(logsumexp(z, axis=axis))), logsumexp(z, axis=axis))
    assert logsumexp(1.0, keepdims=True).shape == ()


def test_the_empty_sum_is_zero():
    """Its logarithm is -inf: for no entries, for only -inf and for a mask without True."""
    assert np.array_equal(logsumexp(np.zeros((2, 0), np.float32)), np.full(2, -np.inf, np.float32))
    assert logsumexp(np.zeros((2, 0), np.float32)).dtype == np.float32
    assert logsumexp(np.zeros((2, 0), np.int64), axis=None) == -np.inf
    assert logsumexp(np.zeros((0, 0))).shape == (0,)
    assert np.array_equal(logsumexp([[-np.inf, -np.inf]]), [-np.inf])
    assert logsumexp([1.0, np.nan], where=False) == -np.inf
    assert logsumexp([1, 2], where=False) == -np.inf


def test_infinite_logits_have_infinite_sums():
    """+inf wins, -inf is ignored, nan spoils its slice."""
    assert np.array_equal(
        logsumexp([[np.inf, 0.0], [np.inf, np.inf], [np.inf, -np.inf], [3.0, -np.inf], [np.inf, np.nan]]),
        [np.inf, np.inf, np.inf, 3, np.nan],
        equal_nan=True,
    )


def test_masked_slots_are_not_looked_at():
    """nan and inf behind a mask do no harm."""
    assert logsumexp([3.0, np.nan, np.inf], where=[True, False, False]) == 3


def test_large_integers_are_shifted_exactly():
    """The result is the float next to a sum of neighbouring 64-bit integers."""
    assert logsumexp([2**63 - 1, 2**63 - 2]) == 2.0**63
    assert logsumexp([2**62, 5, 3], where=[False, True, True]) == logsumexp([5.0, 3.0])


def test_logaddexp_of_the_special_values():
    """+inf wins, -inf leaves the other, nan spoils."""
    inf, nan = np.inf, np.nan

    got = logaddexp([inf, inf, inf, -inf, -inf, nan, 0.0, inf], [0.0, inf, -inf, 3.0, -inf, 0.0, nan, nan])

    assert np.array_equal(got, [inf, inf, inf, 3, -inf, nan, nan, nan], equal_nan=True)


def test_logaddexp_of_the_extreme_floats():
    """The difference overflows, the result does not."""
    largest = np.finfo(float).max

    assert logaddexp(largest, -largest) == largest
    assert logsumexp([largest, -largest]) == largest


def test_logaddexp_broadcasts_and_promotes():
    """The shapes and the dtypes of the two arguments combine as in NumPy."""
    y = logaddexp(np.zeros((2, 1), np.float32), np.zeros(3, np.float16))

    assert (y.shape, y.dtype) == ((2, 3), np.float32)
    with pytest.raises(ValueError, match=r"^logaddexp: x, y must broadcast together, got shapes \(2,\) and \(3,\)$"):
        logaddexp([1, 2], [1, 2, 3])
