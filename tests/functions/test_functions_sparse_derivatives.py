"""Derivatives of sparsemax and entmax."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import (
    entmax,
    entmax15_vjp,
    entmax_vjp,
    softmax_vjp,
    sparsemax_vjp,
)

U = 2.0**-53
Z = np.array([0.3, -0.2, 0.9, 0.2, -3.0])
G = np.array([1.0, -2.0, 0.5, 3.0, 7.0])
ALPHAS = (1, 1.001, 1.25, 1.5, 1.75, 2)
LOGIT = st.integers(-3072, 3072).map(lambda n: n / 1024)
PAIRS = st.integers(1, 9).flatmap(
    lambda k: st.tuples(arrays(float, k, elements=LOGIT), arrays(float, k, elements=LOGIT))
)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_gradient_is_that_of_finite_differences(alpha):
    """The slope of g . entmax(z) in each direction, by a central difference."""
    h = 2.0**-17
    steps = h * np.eye(len(Z))
    slopes = ((entmax(Z + steps, alpha=alpha) - entmax(Z - steps, alpha=alpha)) @ G) / (2 * h)

    # Third derivatives are below 1e3 inside the support and h^2 is 6e-11; roundings of p count 1/h times.
    assert (np.abs(entmax_vjp(Z, G, alpha=alpha) - slopes) <= 1e3 * h**2 + 32 * U / h).all()


@given(PAIRS)
def test_the_ends_and_the_middle_are_the_named_functions(pair):
    """alpha = 1 is softmax_vjp, 1.5 is entmax15_vjp, 2 is sparsemax_vjp."""
    z, g = pair

    assert (entmax_vjp(z, g, alpha=2) == sparsemax_vjp(z, g)).all()
    assert (entmax_vjp(z, g) == entmax15_vjp(z, g)).all()
    # Beside softmax_vjp only the factor beta = 1 and one more selection: the same bits.
    assert (entmax_vjp(z, g, alpha=1) == softmax_vjp(z, g)).all()


@given(PAIRS)
def test_sparsemax_vjp_centres_on_the_support(pair):
    """On the support g minus its mean there, elsewhere exactly 0."""
    z, g = pair
    support = entmax(z, alpha=2) > 0

    y = sparsemax_vjp(z, g)
    assert (y[~support] == 0).all()
    # The mean of at most 9 numbers below 3 in size: 12 roundings of at most 6 each.
    assert (np.abs(y[support] - (g[support] - g[support].mean())) <= 12 * 6 * U).all()


@pytest.mark.parametrize("alpha", ALPHAS)
@given(pair=PAIRS)
def test_gradients_add_up_to_zero(alpha, pair):
    """A common offset of the logits has no effect, so the gradient is orthogonal to it."""
    z, g = pair

    # 9 weights of at most 1 and cotangents of at most 6, each rounded some 16 times (exp and log1p count 4).
    assert abs(entmax_vjp(z, g, alpha=alpha).sum()) <= 9 * 6 * 16 * U


@pytest.mark.parametrize("alpha", ALPHAS)
def test_a_constant_cotangent_gives_exactly_nothing(alpha):
    """The pivot comes off first: 0 at any offset, without a sign."""
    y = entmax_vjp(Z, np.full(5, 1e8 / 3), alpha=alpha)

    assert (y == 0).all()
    assert not np.signbit(y).any()


@pytest.mark.parametrize("alpha", [1.25, 1.5, 2])
def test_what_lies_outside_the_support_does_not_count(alpha):
    """The cotangent of a class with share 0 changes no bit, and its gradient is +0."""
    z = np.array([0.0, 0.25, -9.0])

    small, large = (entmax_vjp(z, [1.0, 2.0, g], alpha=alpha) for g in (0.0, 1e300))
    assert small.tobytes() == large.tobytes()
    assert small[2] == 0
    assert not np.signbit(small[2])


def test_a_logit_at_the_threshold_is_left_out():
    """At the jump the support is p > 0: sparsemax(1, 0) has one class and a gradient of 0."""
    assert sparsemax_vjp([1.0, 0.0], [3.0, 5.0]).tolist() == [0, 0]


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("z", [[np.nan, 0, 1], [np.inf, 0, 1], [-np.inf] * 3])
def test_a_slice_without_a_distribution_has_no_gradient(alpha, z):
    """nan in that slice, and only there."""
    y = entmax_vjp([z, [0.0, 1.0, 0.5]], [[1.0, 2.0, 3.0]] * 2, alpha=alpha)

    assert np.isnan(y[0]).all()
    assert np.isfinite(y[1]).all()


def test_bad_arguments_are_named():
    """A cotangent of another shape, an alpha out of range."""
    with pytest.raises(ValueError, match=r"^sparsemax_vjp: g must have the shape of z, \(2,\), got shape \(3,\)$"):
        sparsemax_vjp([0.0, 1.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"^entmax_vjp: alpha must lie in \[1, 2\], got 0.5$"):
        entmax_vjp([0.0, 1.0], [1.0, 2.0], alpha=0.5)
