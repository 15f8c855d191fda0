"""Derivatives of cross_entropy."""

import numpy as np
import pytest

from softmax_ref.functions import cross_entropy_jvp, cross_entropy_vjp, softmax

U = 2.0**-53
# Roundings counted: 8 in a weight of 4 ulp, and 8 in the target, the subtraction and the sums.
ROUNDINGS = 16
ROWS = {
    "ordinary": np.random.default_rng(1).normal(size=30),
    "confident": np.r_[40.0, np.zeros(29)],
    "spread-10": 10 * np.random.default_rng(2).normal(size=30),
}


@pytest.fixture(params=[0.0, 0.125, 1.0])
def smoothing(request):
    """Return a share that is exact in binary."""
    return request.param


@pytest.fixture
def targets(balls, smoothing):
    """Return the exact targets of label 0 of 30."""
    return [(balls(1) - smoothing) * (k == 0) + balls(smoothing) / 30 for k in range(30)]


@pytest.mark.parametrize("name", ROWS)
def test_the_gradient_keeps_its_digits(name, smoothing, targets, balls, exact_softmax):
    """The error of p - t goes with the smaller of (p, t) and (1 - p, 1 - t): a confident label keeps its gradient."""
    z, p = ROWS[name], exact_softmax(ROWS[name])

    got = cross_entropy_vjp(z, 0, 1.0, label_smoothing=smoothing)

    for y, a, t in zip(got.tolist(), p, targets, strict=True):
        scale = min(a + t, (1 - a) + (1 - t), key=float)
        assert bool(abs(balls(y) - (a - t)) <= ROUNDINGS * U * scale)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_the_tangent_errs_by_roundings_of_deviations(name, offset, smoothing, targets, balls, exact_softmax):
    """sum (p - t) v does not depend on an offset common to all v."""
    z, p, v = ROWS[name], exact_softmax(ROWS[name]), np.random.default_rng(3).normal(size=30) + offset
    mean = sum((a * balls(b) for a, b in zip(p, v.tolist(), strict=True)), balls(0))
    dev = [balls(b) - mean for b in v.tolist()]

    got = float(cross_entropy_jvp(z, 0, v, label_smoothing=smoothing))

    exact = -sum((t * d for t, d in zip(targets, dev, strict=True)), balls(0))
    scale = sum(((t + a) * abs(d) for t, a, d in zip(targets, p, dev, strict=True)), balls(0))
    assert bool(abs(balls(got) - exact) <= ROUNDINGS * U * scale)


def test_an_unlikely_label_keeps_the_gradient_of_smoothing(balls, exact_softmax):
    """With the target 1/K at every class, p - t is a difference of small numbers and not of their complements."""
    z = 0.01 * np.random.default_rng(4).normal(size=1000)
    p, t = exact_softmax(z)[0], balls(1) / 1000

    got = float(cross_entropy_vjp(z, 0, 1.0, label_smoothing=1.0)[0])

    assert bool(abs(balls(got) - (p - t)) <= ROUNDINGS * U * (p + t))


def test_a_confident_prediction_still_has_a_gradient():
    """p - 1 rounds to 0 at a gap of 40; minus the probability of the others does not."""
    y = cross_entropy_vjp([40.0, 0.0], 0, 1.0)

    assert y[0] == -y[1] == -softmax([40.0, 0.0])[1]


def test_each_row_has_its_cotangent():
    """g multiplies the gradient of its row."""
    z, labels = np.random.default_rng(1).normal(size=(3, 4)), [0, 3, 1]

    got = cross_entropy_vjp(z, labels, [1.0, -2.0, 0.0])

    assert np.array_equal(got, cross_entropy_vjp(z, labels, np.ones(3)) * [[1], [-2], [0]])
    assert np.array_equal(cross_entropy_vjp(z[1], 3, -2.0), got[1])


def test_a_constant_tangent_changes_no_loss():
    """The gradient sums to 0: exactly so for a constant v."""
    z = np.random.default_rng(1).normal(size=(3, 4))

    assert np.array_equal(cross_entropy_jvp(z, [0, 3, 1], np.full((3, 4), 0.3), label_smoothing=0.1), [0, 0, 0])


def test_impossible_classes_get_no_gradient():
    """Where p = 0 and the target is 0, so is the gradient; where the target is 1, it is -1."""
    assert np.array_equal(cross_entropy_vjp([0.0, -np.inf], 0, 1.0), [0, 0])
    assert np.array_equal(cross_entropy_vjp([0.0, -np.inf], 1, 1.0), [1, -1])


def test_rows_without_distribution_have_no_gradient():
    """nan, +inf and only -inf give nan."""
    z = np.array([[np.nan, 0.0], [np.inf, 0.0], [-np.inf, -np.inf]])

    assert np.isnan(cross_entropy_vjp(z, [1, 1, 1], np.ones(3))).all()
    assert np.isnan(cross_entropy_jvp(z, [1, 1, 1], np.ones((3, 2)))).all()


def test_arguments_of_another_shape_are_refused():
    """Both shapes are in the message."""
    for_g = r"^cross_entropy_vjp: g must have the shape of labels, \(2,\), got shape \(\)$"
    for_v = r"^cross_entropy_jvp: v must have the shape of z, \(2, 3\), got shape \(2,\)$"

    with pytest.raises(ValueError, match=for_g):
        cross_entropy_vjp(np.zeros((2, 3)), [0, 1], 1.0)
    with pytest.raises(ValueError, match=for_v):
        cross_entropy_jvp(np.zeros((2, 3)), [0, 1], [0.0, 1.0])
    with pytest.raises(ValueError, match=r"^cross_entropy_vjp: labels must lie in \[0, 3\), got 3$"):
        cross_entropy_vjp(np.zeros((2, 3)), [0, 3], [1.0, 1.0])
