"""softmax and log_softmax."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import log_softmax, softmax

# Errors are measured against 4 ulp, which the design promises for float64; an ulp is at most two units of roundoff.
PROMISED = 4
U = Fraction(1, 2**53)
DYADIC = arrays(np.float64, st.integers(1, 20), elements=st.integers(-(2**20), 2**20).map(lambda n: n / 1024))
ROWS = {
    "ordinary": np.random.default_rng(1).normal(size=50),
    "spread-100": 100 * np.random.default_rng(2).normal(size=50),
    "offset-1e4": 1e4 + np.random.default_rng(3).normal(size=50),
    "near-overflow": np.linspace(708.78, 709.78, 50),
    "deep-underflow": np.r_[0.0, np.linspace(-745, -700, 49)],
    "one-dominant": np.r_[30.0, np.random.default_rng(4).normal(size=49)],
    "many-small": np.r_[0.0, np.full(200, -37.0)],
    "tiny": 1e-10 * np.random.default_rng(5).normal(size=50),
    "half-masked": np.where(np.arange(50) % 2, np.random.default_rng(6).normal(size=50), -np.inf),
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_softmax_keeps_its_digits(name, dtype, ulps, exact_softmax):
    """Every probability is within the promised error, however far its logit lies below the maximum."""
    z = ROWS[name].astype(dtype)

    assert ulps(softmax(z), exact_softmax(z.astype(float))) <= PROMISED


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_log_softmax_keeps_its_digits(name, dtype, ulps, exact_softmax):
    """Every log-probability is within the promised error, that of a confident top class included."""
    z = ROWS[name].astype(dtype)
    finite = np.isfinite(z)

    exact = [p.log() for p, kept in zip(exact_softmax(z.astype(float)), finite, strict=True) if kept]
    assert ulps(log_softmax(z)[finite], exact) <= PROMISED
    assert (log_softmax(z)[~finite] == -np.inf).all()


@pytest.mark.parametrize("beta", [0.1, 3.3, -1.7, 1e-3, 25.1, -0.01])
@pytest.mark.parametrize("name", ["ordinary", "spread-100", "offset-1e4"])
def test_beta_costs_no_digits(beta, name, ulps, exact_softmax):
    """The product of beta and the shifted logit is kept exactly, so the promise holds for every beta."""
    assert ulps(softmax(ROWS[name], beta=beta), exact_softmax(ROWS[name], beta)) <= PROMISED


@given(DYADIC)
def test_probabilities_sum_to_one(z):
    """The exact sum of K probabilities, each within 4 ulp, differs from 1 by at most 8 units of roundoff."""
    assert abs(sum(map(Fraction, softmax(z).tolist())) - 1) <= 2 * PROMISED * U


@given(DYADIC, st.integers(-(2**20), 2**20))
def test_an_exact_shift_changes_no_bit(z, n):
    """softmax(z + c) = softmax(z), bit for bit where z + c is exact."""
    assert np.array_equal(softmax(z + n / 1024), softmax(z))
    assert np.array_equal(log_softmax(z + n / 1024), log_softmax(z))


@given(DYADIC)
def test_negative_beta_is_the_softmax_of_minus_z(z):
    """softmax(z, beta = -1) = softmax(-z) and softmax(z, beta = 2) = softmax(2 z), bit for bit."""
    assert np.array_equal(softmax(z, beta=-1), softmax(-z))
    assert np.array_equal(softmax(z, beta=2), softmax(2 * z))


@given(DYADIC)
def test_a_mask_is_the_removal_of_entries(z):
    """The slots kept have the probabilities of the shorter row, the others exactly 0."""
    kept = np.arange(len(z)) % 3 != 1

    assert np.array_equal(softmax(z, where=kept)[kept], softmax(z[kept]))
    assert np.array_equal(softmax(z, where=kept)[~kept], np.zeros((~kept).sum()))
    assert np.array_equal(log_softmax(z, where=kept)[~kept], np.full((~kept).sum(), -np.inf))


@pytest.mark.parametrize("k", [1, 2, 3, 10, 127, 128, 129, 1000, 100_000])
def test_equal_logits_share_evenly(k):
    """K equal logits get the float nearest to 1/K each, and -log K within 1 ulp of NumPy's logarithm."""
    assert np.array_equal(softmax(np.full(k, 0.3)), np.full(k, 1 / k))
    assert (np.abs(log_softmax(np.full(k, 0.3)) + np.log(k)) <= np.spacing(np.log(k)) * (k > 1)).all()


def test_float16_does_not_overflow_with_70000_classes():
    """The sum exceeds the largest float16, the probabilities are 240 times its smallest subnormal."""
    p = softmax(np.full(70_000, 1, np.float16))

    assert p.dtype == np.float16
    assert np.array_equal(p.astype(float), np.full(70_000, 240 * 2.0**-24))


def test_bfloat16_does_not_stop_summing_at_256():
    """A sum in bfloat16 stagnates at 256; the probabilities of 1000 equal logits are 1/1000 all the same."""
    p = softmax(np.zeros(1000, ml_dtypes.bfloat16))

    assert np.array_equal(p, np.full(1000, 1 / 1000).astype(ml_dtypes.bfloat16))


@pytest.mark.parametrize(("small", "integer"), [("u1", [1, 2]), ("i1", [-100, 100]), ("u2", [0, 65535, 3])])
def test_small_integers_do_not_wrap_around(small, integer):
    """z - max is formed in float64, where it cannot wrap as it does in unsigned or narrow integers."""
    assert np.array_equal(softmax(np.array(integer, small)), softmax(np.array(integer, float)))


@pytest.mark.parametrize("largest", [2**63 - 1, 2**53 + 1, -(2**63) + 7, 2**64 - 1])
def test_neighbouring_large_integers_stay_apart(largest):
    """Integers that float64 cannot tell apart keep the ratio e."""
    pair = [largest, largest - 1]
    masked = np.array([*pair, 0], np.uint64 if largest > 2**63 else np.int64)

    assert np.array_equal(softmax(pair), softmax([0.0, -1.0]))
    assert np.array_equal(softmax(pair, beta=-1), softmax([-1.0, 0.0]))
    assert np.array_equal(log_softmax(pair), log_softmax([0.0, -1.0]))
    assert np.array_equal(softmax(masked, where=[True, True, False]), softmax([0, -1, -np.inf]))


def test_subnormal_probabilities_survive(ulps, exact_softmax):
    """exp(-720) and exp(-745) are subnormal and not 0."""
    for low in (-720.0, -745.0):
        assert softmax([0.0, low])[1] > 0
        assert ulps(softmax([0.0, low]), exact_softmax([0.0, low])) <= 1


def test_logits_as_far_apart_as_floats_get():
    """The difference of the extreme floats overflows; the probability is 0, its logarithm -inf, and nothing is nan."""
    largest = np.finfo(float).max

    assert np.array_equal(softmax([largest, -largest]), [1, 0])
    assert np.array_equal(log_softmax([largest, -largest]), [0, -np.inf])


def test_a_small_beta_brings_the_extreme_floats_together(ulps, exact_softmax):
    """The difference overflows before beta makes it small: it is halved first."""
    z = [1e308, -1e308]

    assert ulps(softmax(z, beta=1e-308), exact_softmax(z, 1e-308)) <= PROMISED


def test_nan_spoils_its_slice_and_no_other():
    """A slice with nan is nan; its neighbour is not."""
    for f in (softmax, log_softmax):
        y = f([[1.0, np.nan, -np.inf], [0.0, -np.inf, -np.inf]])

        assert np.isnan(y[0]).all()
        assert not np.isnan(y[1]).any()


def test_plus_infinity_spoils_its_slice():
    """inf - inf is nan, and so is the slice."""
    for f in (softmax, log_softmax):
        assert np.isnan(f([[np.inf, 0.0, 1.0], [np.inf, -np.inf, np.inf]])).all()


def test_minus_infinity_has_no_probability():
    """exp(-inf) is exactly 0, and its logarithm -inf."""
    assert np.array_equal(softmax([0.0, -np.inf, 0.0]), [0.5, 0, 0.5])
    assert np.array_equal(log_softmax([-np.inf, 0.0]), [-np.inf, 0])


def test_a_slice_without_finite_logit_has_no_distribution():
    """Only -inf, and a mask without True, give nan, as 0/0 does."""
    for f in (softmax, log_softmax):
        assert np.isnan(f(np.full((2, 3), -np.inf))).all()
        assert np.isnan(f([1.0, 2.0], where=False)).all()
        assert np.isnan(f(np.array([1, 2]), where=[False, False])).all()


def test_masked_slots_are_not_looked_at():
    """nan and inf behind a mask do no harm."""
    kept = [True, False, False]

    assert np.array_equal(softmax([3.0, np.nan, np.inf], where=kept), [1, 0, 0])
    assert np.array_equal(log_softmax([3.0, np.nan, np.inf], where=kept), [0, -np.inf, -np.inf])
    assert np.array_equal(softmax([3.0, np.nan, -np.inf], where=kept, beta=-2), [1, 0, 0])
    assert np.array_equal(softmax([3.0, np.nan, -np.inf], where=kept, beta=0), [1, 0, 0])


def test_a_mask_broadcasts():
    """One mask serves all rows, or all columns."""
    assert np.array_equal(softmax(np.zeros((2, 2)), where=[True, False]), [[1, 0], [1, 0]])
    assert np.array_equal(softmax(np.zeros((2, 2)), axis=0, where=[[True], [False]]), [[1, 1], [0, 0]])


def test_beta_zero_is_uniform_over_what_is_above_minus_infinity():
    """The limit, not 0 * inf; the extreme floats are above -inf."""
    assert np.array_equal(softmax([1.0, -np.inf, 3.0], beta=0), [0.5, 0, 0.5])
    assert np.array_equal(softmax([1.7e308, -1.7e308], beta=0), [0.5, 0.5])
    assert np.isnan(softmax([[1.0, np.inf], [1.0, np.nan], [-np.inf, -np.inf]], beta=0)).all()


def test_negative_beta_exchanges_the_infinities():
    """+inf has no probability then, and -inf spoils the slice."""
    assert np.array_equal(softmax([np.inf, 5.0], beta=-1), [0, 1])
    assert np.isnan(softmax([-np.inf, 5.0], beta=-1)).all()


def test_longdouble_is_computed_as_longdouble(ulps, exact_softmax):
    """The sum of the weights of a longdouble row is 1 to within its own roundoff, not that of float64."""
    p = softmax(np.array([0, -1, -2, -3.5], np.longdouble))

    assert p.dtype == np.longdouble
    assert abs(p.sum() - 1) <= 2 * PROMISED * np.finfo(np.longdouble).epsneg
