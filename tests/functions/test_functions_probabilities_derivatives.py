"""Derivatives of softmax and log_softmax."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softmax_ref.functions import (
    log_softmax_jvp,
    log_softmax_vjp,
    softmax,
    softmax_jacobian,
    softmax_jvp,
    softmax_vjp,
)

U = 2.0**-53
# Roundings counted: 8 in a weight of 4 ulp, and 8 in two sums and two subtractions.
ROUNDINGS = 16
LOGIT = st.floats(-50, 50)
# Multiples of 1/1024: no product with a probability is subnormal, where powers of two stop being exact.
COTANGENT = st.integers(-50 * 1024, 50 * 1024).map(lambda n: n / 1024)
PAIRS = st.integers(1, 12).flatmap(
    lambda k: st.tuples(arrays(float, k, elements=LOGIT), arrays(float, k, elements=COTANGENT))
)
OFFSETS = [0.0, 1e8, -1e16]
COTANGENTS = {
    "normal": np.random.default_rng(1).normal(size=40),
    "small": 1e-8 * np.random.default_rng(2).normal(size=40),
    "one-hot": np.eye(40)[7],
}
LOGITS = {
    "ordinary": np.random.default_rng(3).normal(size=40),
    "confident": np.r_[np.zeros(7), 40.0, np.zeros(32)],
    "spread-100": 100 * np.random.default_rng(4).normal(size=40),
}


def spread(balls, p, v):
    """Return the deviations of v from its mean under p, and their mean absolute value, exactly."""
    v = [balls(float(a)) for a in v]
    average = sum((a * b for a, b in zip(p, v, strict=True)), balls(0))
    deviations = [a - average for a in v]
    return deviations, sum((a * abs(b) for a, b in zip(p, deviations, strict=True)), balls(0))


def assert_within(balls, computed, exact, scale):
    """Each component errs by at most ROUNDINGS units of its scale, and a smallest subnormal or two."""
    for c, e, s in zip(computed.tolist(), exact, scale, strict=True):
        assert bool(abs(balls(c) - e) <= ROUNDINGS * U * s + 1e-323)


@pytest.mark.parametrize("logits", LOGITS)
@pytest.mark.parametrize("cotangent", COTANGENTS)
@pytest.mark.parametrize("offset", OFFSETS)
def test_softmax_vjp_errs_by_roundings_of_deviations(logits, cotangent, offset, balls, exact_softmax):
    """The error of p_i (g_i - gbar) is in proportion to p_i (abs(g_i - gbar) + sum p_j abs(g_j - gbar))."""
    z, g = LOGITS[logits], COTANGENTS[cotangent] + offset
    p = exact_softmax(z)
    dev, mean = spread(balls, p, g)

    exact = [a * b for a, b in zip(p, dev, strict=True)]
    assert_within(balls, softmax_vjp(z, g), exact, [a * (abs(b) + mean) for a, b in zip(p, dev, strict=True)])


@pytest.mark.parametrize("logits", LOGITS)
@pytest.mark.parametrize("cotangent", COTANGENTS)
@pytest.mark.parametrize("offset", OFFSETS)
def test_log_softmax_jvp_errs_by_roundings_of_deviations(logits, cotangent, offset, balls, exact_softmax):
    """The error of v_i - vbar is in proportion to abs(v_i - vbar) + sum p_j abs(v_j - vbar)."""
    z, v = LOGITS[logits], COTANGENTS[cotangent] + offset
    dev, mean = spread(balls, exact_softmax(z), v)

    assert_within(balls, log_softmax_jvp(z, v), dev, [abs(b) + mean for b in dev])


@pytest.mark.parametrize("logits", LOGITS)
@pytest.mark.parametrize("cotangent", COTANGENTS)
def test_log_softmax_vjp_keeps_the_gradient_of_a_confident_class(logits, cotangent, balls, exact_softmax):
    """The error of g_i (1 - p_i) - p_i (sum of the other g) is in proportion to its two terms."""
    z, g = LOGITS[logits], COTANGENTS[cotangent]
    p = exact_softmax(z)
    exact_g = [balls(float(a)) for a in g]
    total, sizes = sum(exact_g, balls(0)), sum((abs(a) for a in exact_g), balls(0))

    exact = [a - b * total for a, b in zip(exact_g, p, strict=True)]
    scale = [abs(a) * (1 - b) + b * (sizes - abs(a)) for a, b in zip(exact_g, p, strict=True)]
    assert_within(balls, log_softmax_vjp(z, g), exact, scale)


@given(PAIRS)
def test_softmax_vjp_is_homogeneous(pair):
    """Doubling or negating g does so to the result, bit for bit."""
    z, g = pair

    assert np.array_equal(softmax_vjp(z, 2 * g), 2 * softmax_vjp(z, g))
    assert np.array_equal(softmax_vjp(z, -g), -softmax_vjp(z, g))


@given(PAIRS)
def test_softmax_vjp_is_additive(pair):
    """vjp(g) + vjp(h) = vjp(g + h) within the bounds of the three; h reverses g, and all are at most 50."""
    z, g = pair
    h = g[::-1].copy()

    difference = softmax_vjp(z, g) + softmax_vjp(z, h) - softmax_vjp(z, g + h)

    assert (np.abs(difference) <= 3 * ROUNDINGS * U * softmax(z) * 400 + 1e-320).all()


@given(PAIRS)
def test_softmax_vjp_is_the_product_with_the_jacobian(pair):
    """sum_j J_ij g_j, whose error is at most that of its K terms, each of 16 roundings and K in their sum."""
    z, g = pair
    jacobian = softmax_jacobian(z)

    bound = (ROUNDINGS + len(z)) * U * (np.abs(jacobian) @ np.abs(g) + softmax(z) * 200)
    assert (np.abs(jacobian @ g - softmax_vjp(z, g)) <= bound + 1e-320).all()


@given(PAIRS, st.sampled_from([0.25, 2.0, -1.0, -8.0]))
def test_beta_multiplies_the_derivative(pair, beta):
    """The chain rule: beta times the derivative at beta z, bit for bit for powers of two."""
    z, g = pair

    assert np.array_equal(softmax_vjp(z, g, beta=beta), beta * softmax_vjp(beta * z, g))


@given(PAIRS, st.integers(-1000, 1000))
def test_a_constant_cotangent_has_no_effect(pair, n):
    """J 1 = 0, exactly: for a constant g, and for an integer offset of integer g."""
    z, g = pair

    assert np.array_equal(softmax_vjp(z, np.full_like(g, g[0])), np.zeros_like(g))
    assert np.array_equal(softmax_vjp(z, np.rint(g) + n), softmax_vjp(z, np.rint(g)))


def test_the_derivative_vanishes_at_beta_zero():
    """softmax(0 z) is uniform whatever z is."""
    assert np.array_equal(softmax_vjp([1.0, 2.0, -np.inf], [1.0, 5.0, 3.0], beta=0), [0, 0, 0])


def test_the_jacobian_is_symmetric_so_one_function_does_for_both():
    """softmax_jvp is softmax_vjp."""
    assert softmax_jvp is softmax_vjp


def test_classes_without_probability_have_no_gradient():
    """Where z is -inf, or p underflows to 0, the gradient is exactly +0."""
    y = softmax_vjp([0.0, -np.inf, 0.0, -800.0], [1.0, -5.0, 2.0, -7.0])

    assert np.array_equal(y, [-0.25, 0, 0.25, 0])
    assert not np.signbit(y[[1, 3]]).any()


def test_slices_without_distribution_have_no_gradient():
    """nan, +inf and only -inf give nan in their slice, and nowhere else."""
    z = np.array([[np.nan, 1, 2], [np.inf, 0, 1], [-np.inf, -np.inf, -np.inf], [0, 0, -np.inf]])
    g = np.array([[1.0, 2.0, 3.0]] * 4)

    for f in (softmax_vjp, log_softmax_vjp, log_softmax_jvp):
        assert np.isnan(f(z, g)[:3]).all()
        assert np.isfinite(f(z, g)[3]).all()


def test_nan_in_the_cotangent_spoils_its_slice():
    """What depends on nan is nan, even behind a probability of 0."""
    for f in (softmax_vjp, log_softmax_jvp):
        assert np.isnan(f([[0.0, -np.inf]], [[1.0, np.nan]])).all()


def test_large_integers_are_shifted_exactly():
    """The derivative at neighbouring 64-bit integers is that at 0 and -1."""
    assert np.array_equal(softmax_vjp([2**63 - 1, 2**63 - 2], [1.0, 2.0]), softmax_vjp([0.0, -1.0], [1.0, 2.0]))
    assert np.array_equal(
        softmax_vjp([2**63 - 1, 2**63 - 2], [1.0, 2.0], beta=-1), softmax_vjp([0.0, -1.0], [1.0, 2.0], beta=-1)
    )


@pytest.mark.parametrize(
    ("z", "g", "result"),
    [
        (np.float32, np.float32, np.float32),
        (np.float32, np.float64, np.float64),
        (np.float16, np.int64, np.float64),
        (ml_dtypes.bfloat16, np.float32, np.float32),
    ],
)
def test_the_dtypes_of_logits_and_cotangent_combine(z, g, result):
    """The result has the common dtype of both; integers count as float64."""
    for f in (softmax_vjp, log_softmax_vjp, log_softmax_jvp):
        assert f(np.zeros(3, z), np.ones(3, g)).dtype == result


@pytest.mark.parametrize(("f", "argument"), [(softmax_vjp, "g"), (log_softmax_vjp, "g"), (log_softmax_jvp, "v")])
def test_a_cotangent_of_another_shape_is_refused(f, argument):
    """A cotangent that would broadcast is a mistake more often than not."""
    message = rf"^{f.__name__}: {argument} must have the shape of z, \(2, 3\), got shape \(3,\)$"

    with pytest.raises(ValueError, match=message):
        f(np.zeros((2, 3)), np.zeros(3))
    with pytest.raises(TypeError, match=rf"^{f.__name__}: {argument} must hold real numbers, got dtype complex128$"):
        f(np.zeros(3), np.zeros(3) * 1j)
