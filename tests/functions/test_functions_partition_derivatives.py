"""Derivatives of logsumexp and logaddexp."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref.functions import logaddexp_jvp, logaddexp_vjp, logistic, logsumexp_jvp, logsumexp_vjp, softmax

PROMISED = 4  # ulp, the promise of the design for a probability
U = 2.0**-53


def test_the_gradient_of_logsumexp_is_softmax():
    """With a cotangent of 1, bit for bit, along any axis; a power of two comes through."""
    z = np.random.default_rng(1).normal(size=(3, 4, 5))

    assert np.array_equal(logsumexp_vjp(z, np.ones((3, 4))), softmax(z))
    assert np.array_equal(logsumexp_vjp(z, np.full((4, 5), -2.0), axis=0), -2 * softmax(z, axis=0))
    assert np.array_equal(logsumexp_vjp(z, np.full(4, 0.5), axis=(2, 0)), softmax(z, axis=(0, 2)) / 2)
    assert np.array_equal(logsumexp_vjp(z, 1.0, axis=None), softmax(z, axis=None))


def test_each_slice_has_its_own_cotangent():
    """g_r multiplies the softmax of row r."""
    z, g = np.random.default_rng(2).normal(size=(3, 4)), np.array([1.0, -3.0, 0.0])

    assert np.array_equal(logsumexp_vjp(z, g), softmax(z) * g[:, None])


def test_a_cotangent_must_have_the_reduced_shape():
    """Both shapes are in the message."""
    for_g = r"^logsumexp_vjp: g must have the shape of logsumexp\(z\), \(2,\), got shape \(2, 1\)$"

    with pytest.raises(ValueError, match=for_g):
        logsumexp_vjp(np.zeros((2, 3)), np.zeros((2, 1)))
    with pytest.raises(ValueError, match=r"^logsumexp_jvp: v must have the shape of z, \(2, 3\), got shape \(2,\)$"):
        logsumexp_jvp(np.zeros((2, 3)), np.zeros(2))


def test_the_tangent_of_logsumexp_is_a_mean(balls, exact_softmax):
    """sum p v within 16 roundings of sum p abs(v): 8 in a weight of 4 ulp, 8 in two sums and the rest."""
    z, v = np.random.default_rng(3).normal(size=50), np.random.default_rng(4).normal(size=50)
    p = exact_softmax(z)

    exact = sum((a * balls(b) for a, b in zip(p, v.tolist(), strict=True)), balls(0))
    scale = sum((a * balls(abs(b)) for a, b in zip(p, v.tolist(), strict=True)), balls(0))
    assert bool(abs(balls(float(logsumexp_jvp(z, v))) - exact) <= 16 * U * scale)


def test_moving_all_logits_moves_logsumexp_as_much():
    """The mean of a constant is the constant, exactly."""
    assert np.array_equal(logsumexp_jvp(np.zeros((2, 3)), np.full((2, 3), 4.0)), [4, 4])


@given(st.floats(-700, 700), st.floats(-700, 700))
def test_the_gradient_of_logaddexp_is_a_pair_of_probabilities(x, y):
    """softmax of the pair by another route: 4 ulp each."""
    p, q = softmax([x, y])

    gx, gy = logaddexp_vjp(x, y, 1.0)

    assert abs(gx - p) <= 2 * PROMISED * np.spacing(p)
    assert abs(gy - q) <= 2 * PROMISED * np.spacing(q)


def test_logits_of_different_size_keep_their_difference(ulps, balls):
    """x - y is rounded; its low part enters the result."""
    x, y = 1e4 + 0.1, 0.3 + 1e4 - 2**-40 + 9995.7e-4

    exact = 1 / (1 + (balls(y) - balls(x)).exp())
    assert ulps(np.asarray(logaddexp_vjp(x, y, 1.0)[0]), [exact]) <= PROMISED
    x, y = 700.1, 1e-3
    assert ulps(np.asarray(logaddexp_vjp(x, y, 1.0)[1]), [1 / (1 + (balls(x) - balls(y)).exp())]) <= PROMISED


@given(st.floats(-700, 700), st.floats(-10, 10), st.floats(-10, 10))
def test_the_tangent_of_logaddexp_combines_the_gradients(x, vx, vy):
    """p vx + q vy, in floats."""
    gx, gy = logaddexp_vjp(x, 0.0, 1.0)

    assert logaddexp_jvp(x, 0.0, vx, vy) == gx * vx + gy * vy


def test_infinite_logits_take_the_whole_gradient():
    """(inf, 0) gives (1, 0), (-inf, 0) gives (0, 1); two equal infinities have no difference."""
    inf, nan = np.inf, np.nan

    gx, gy = logaddexp_vjp([inf, -inf, 0.0, inf, -inf, nan], [0.0, 0.0, -inf, inf, -inf, 0.0], 1.0)

    assert np.array_equal(gx, [1, 0, 1, nan, nan, nan], equal_nan=True)
    assert np.array_equal(gy, [0, 1, 0, nan, nan, nan], equal_nan=True)


def test_the_extreme_floats_do_not_overflow():
    """x - y = inf is far enough apart."""
    largest = np.finfo(float).max

    assert logaddexp_vjp(largest, -largest, 1.0) == (1, 0)


def test_gradients_have_the_common_shape():
    """x, y and g broadcast; nothing is summed."""
    gx, gy = logaddexp_vjp(np.zeros((2, 1)), np.zeros(3), np.float32(1))

    assert gx.shape == gy.shape == (2, 3)
    assert np.array_equal(gx, np.full((2, 3), logistic(0.0)))
