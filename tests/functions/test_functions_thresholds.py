"""Rows with a threshold: the deformed exponential, its sums, and each way to solve them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import thresholds

U = 2.0**-53
BETWEEN = (1.001, 1.25, 1.5, 1.75, 1.999)
ROWS = arrays(
    float, st.tuples(st.integers(1, 3), st.integers(1, 9)), elements=st.integers(-99, 99).map(lambda n: n / 32)
)


@pytest.mark.parametrize("alpha", BETWEEN)
def test_the_deformed_exponential_is_a_power(alpha):
    """(1 + (alpha - 1) y)_+^(1/(alpha - 1)), and its derivative is its power 2 - alpha."""
    y = -np.arange(0, 40) / 16
    base = np.maximum(1 + (alpha - 1) * y, 0)

    with np.errstate(divide="ignore"):
        p, slopes = thresholds.deformed(y, alpha)
    # log1p, exp and ** err by a few units; the exponent 1/(alpha - 1) <= 1000 multiplies the error of the base.
    slack = 16 * U + 4 * U / (alpha - 1)
    assert (np.abs(p - base ** (1 / (alpha - 1))) <= slack).all()
    assert (np.abs(slopes - p ** (2 - alpha)) <= 2 * slack + 16 * U).all()


@given(x=ROWS)
def test_newtons_method_finds_what_sorting_finds(x):
    """At alpha = 1.5 the solution of the quadratic and the general one differ by roundings, roots of shares too."""
    with np.errstate(all="ignore"):
        p, slopes = thresholds.weights_and_slopes(x, 1.5)
        q, general = thresholds.general(x, 1.5)

    assert (np.abs(p - q) <= 32 * U).all()
    assert (np.abs(slopes - general) <= 32 * U).all()


@given(x=ROWS)
def test_the_slopes_of_sparsemax_are_its_support(x):
    """1 where the share is positive, 0 elsewhere."""
    p, slopes = thresholds.weights_and_slopes(x, 2.0)

    assert (slopes == (p > 0)).all()


@given(x=ROWS)
def test_the_largest_entry_is_1_below_the_threshold_at_most(x):
    """Sorted rows start with 0 and fall; places count from 1."""
    d, r, n = thresholds.shifted_and_sorted(x)

    assert (d == x - x.max(axis=-1, keepdims=True)).all()
    assert (r[:, 0] == 0).all()
    assert (np.diff(r, axis=-1) <= 0).all()
    assert (np.sort(d, axis=-1) == r[:, ::-1]).all()
    assert n.tolist() == list(range(1, x.shape[-1] + 1))


def test_a_step_of_newtons_method_is_the_excess_over_the_slopes():
    """The excess of the sum over 1, divided by the sum of slopes."""
    p, slopes = np.array([[0.75, 0.5]]), np.array([[0.25, 0.25]])

    assert thresholds.excess(p, slopes).tolist() == [[0.5]]


def test_a_row_of_nan_keeps_one_entry():
    """No entry passes a comparison with nan; the place of the first is taken, and it is nan."""
    assert thresholds.at_least_one(np.array([[False, False], [True, True]])).tolist() == [[1], [2]]


@pytest.mark.parametrize("alpha", [1.0000001, 1.01, 1.3, 1.7, 1.999999])
def test_newtons_method_is_done_long_before_its_cap(alpha, monkeypatch):
    """65537 normal, uniform and equal logits take 17 steps at most, a third of the cap."""
    monkeypatch.setattr(thresholds, "STEPS", 18)
    rng = np.random.default_rng(5)

    for x in (rng.normal(size=(1, 65537)), rng.uniform(size=(1, 65537)), np.zeros((1, 65537))):
        with np.errstate(all="ignore"):
            p, _ = thresholds.general(x, alpha)
        # Near alpha = 2 each share is off by an ulp of the base 1, and there are K = 2^16 of them.
        assert abs(p.sum() - 1) <= 2.0**16 * 2 * U


def test_rows_that_are_done_stay_as_they_are():
    """A row of one class beside a row that takes many steps keeps the bits it has alone."""
    x = np.array([[0.0, -50.0, -60.0], [0.0, -0.01, -0.02]])

    with np.errstate(all="ignore"):
        both, _ = thresholds.general(x, 1.3)
        alone = [thresholds.general(row[None], 1.3)[0][0] for row in x]
    assert both.tobytes() == np.array(alone).tobytes()


@pytest.mark.parametrize(("solve", "power", "seed"), [(thresholds.linear, 1, 2), (thresholds.quadratic, 2, 3)])
def test_a_step_of_newtons_method_takes_off_what_sorting_left(solve, power, seed):
    """The cumulative sum of 65537 logits inside loses 33 and more units; the step adds up by halves and leaves few."""
    x = np.random.default_rng(seed).uniform(size=(1, 65537)) / 65537

    p, _ = solve(x ** (1 / power))
    # np.sum adds blocks of 128 in 8 lanes, 19 roundings, and halves 2^9 of them; two more in the step.
    assert abs(math.fsum(p[0]) - 1) <= (19 + 9 + 2) * U
