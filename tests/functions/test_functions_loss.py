"""cross_entropy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref.functions import cross_entropy, log_softmax

PROMISED = 4  # ulp, the promise of the design


@pytest.mark.parametrize("e", [0.0, 0.125, 0.5, 1.0])
@pytest.mark.parametrize("z", [[0.0, 1.0, -2.0], [40.0, 0.0, 0.0], [800.0, 0.0, -5.0], [1e4, 1e4 + 1, 1e4 - 1]])
def test_every_loss_keeps_its_digits(e, z, ulps, balls, exact_softmax):
    """All terms have one sign, so the promise of log_softmax carries over with a rounding for each of two sums."""
    p = exact_softmax(z)

    for label in range(3):
        targets = [(balls(1) - e) * (k == label) + balls(e) / 3 for k in range(3)]
        exact = -sum((t * a.log() for t, a in zip(targets, p, strict=True)), balls(0))
        assert ulps(np.asarray(cross_entropy(z, label, label_smoothing=e)), [exact]) <= PROMISED + 2


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=10), st.data())
def test_without_smoothing_it_is_minus_the_log_probability_of_the_label(z, data):
    """The same bits as log_softmax."""
    label = data.draw(st.integers(0, len(z) - 1))

    assert cross_entropy(z, label) == -log_softmax(z)[label]


def test_a_confident_prediction_still_has_a_loss():
    """At a gap of 40 the loss is exp(-40) and not 0, in float32 as well."""
    assert 4.2e-18 < cross_entropy([40.0, 0.0], 0) < 4.3e-18
    assert 4.2e-18 < cross_entropy(np.array([40, 0], np.float32), 0) < 4.3e-18


def test_each_row_has_its_loss():
    """Logits (..., K) and labels (...) give losses (...)."""
    z, labels = np.random.default_rng(1).normal(size=(2, 3, 4)), np.array([[0, 1, 2], [3, 2, 1]], np.uint8)

    losses = cross_entropy(z, labels)

    assert losses.shape == (2, 3)
    assert losses[1, 0] == cross_entropy(z[1, 0], 3)
    assert cross_entropy(5.0, 0) == 0
    assert not np.signbit(cross_entropy(5.0, 0))


def test_other_classes_may_be_impossible():
    """-inf away from the label does not matter without smoothing; with it, an impossible target costs +inf."""
    z = [[0.0, -np.inf]]

    assert np.array_equal(cross_entropy(z, [0]), [0])
    assert np.array_equal(cross_entropy(z, [1]), [np.inf])
    assert np.array_equal(cross_entropy(z, [0], label_smoothing=0.5), [np.inf])
    assert np.array_equal(cross_entropy(z, [1], label_smoothing=1.0), [np.inf])


def test_rows_without_distribution_have_no_loss():
    """nan, +inf and only -inf give nan."""
    z = [[np.nan, 0.0], [np.inf, 0.0], [-np.inf, -np.inf]]

    for e in (0.0, 0.5, 1.0):
        assert np.isnan(cross_entropy(z, [1, 1, 1], label_smoothing=e)).all()


@pytest.mark.parametrize("wrong", [-1, 3, 2**40])
def test_a_label_out_of_range_is_refused(wrong):
    """There is no class -1: labels do not count from the end."""
    with pytest.raises(ValueError, match=rf"^cross_entropy: labels must lie in \[0, 3\), got {wrong}$"):
        cross_entropy(np.zeros((2, 3)), [0, wrong])


@pytest.mark.parametrize("labels", [[0.0, 1.0], [True, False], ["0", "1"]])
def test_labels_that_are_no_integers_are_refused(labels):
    """One-hot rows, masks and strings are not labels."""
    with pytest.raises(TypeError, match=r"^cross_entropy: labels must be integers, got dtype "):
        cross_entropy(np.zeros((2, 3)), labels)


def test_labels_of_another_shape_are_refused():
    """Both shapes are in the message."""
    message = r"^cross_entropy: labels must have the shape of z without its last axis, \(2,\), got shape \(2, 1\)$"

    with pytest.raises(ValueError, match=message):
        cross_entropy(np.zeros((2, 3)), [[0], [1]])


@pytest.mark.parametrize("e", [-0.1, 1.5])
def test_smoothing_is_a_share(e):
    """Outside [0, 1] a target would be negative."""
    with pytest.raises(ValueError, match=rf"^cross_entropy: label_smoothing must lie in \[0, 1\], got {e}$"):
        cross_entropy([0.0, 1.0], 0, label_smoothing=e)


def test_smoothing_is_a_finite_number():
    """nan and text are refused by name."""
    with pytest.raises(ValueError, match=r"^cross_entropy: label_smoothing must be finite, got nan$"):
        cross_entropy([0.0, 1.0], 0, label_smoothing=np.nan)
    with pytest.raises(TypeError, match=r"^cross_entropy: label_smoothing must be a real number, got 'a'$"):
        cross_entropy([0.0, 1.0], 0, label_smoothing="a")
