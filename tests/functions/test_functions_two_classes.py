"""logistic, log_logistic and softplus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref.functions import log_logistic, logistic, softmax, softplus

PROMISED = 4  # ulp, the promise of the design
SMALL = np.geomspace(1e-300, 1, 20)
POINTS = np.r_[np.linspace(-745.1, 745.1, 80), np.linspace(-40, 40, 80), SMALL, -SMALL]
EXACT = {
    logistic: lambda x: 1 / (1 + (-x).exp()),
    log_logistic: lambda x: -(1 + (-x).exp()).log(),
    softplus: lambda x: (1 + x.exp()).log(),
}


@pytest.mark.parametrize("f", EXACT)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_both_tails_keep_their_digits(f, dtype, ulps, balls):
    """Subnormal results and results next to 1 are as exact as the others."""
    x = POINTS.astype(dtype)

    assert ulps(f(x), [EXACT[f](balls(float(v))) for v in x]) <= PROMISED


@pytest.mark.parametrize(
    ("f", "limits"),
    [(logistic, [0, 0.5, 1]), (log_logistic, [-np.inf, -np.log(2), 0]), (softplus, [0, np.log(2), np.inf])],
)
def test_the_special_values_are_the_limits(f, limits):
    """-inf, 0 and +inf give the limits exactly; nan gives nan."""
    assert np.array_equal(f([-np.inf, 0.0, np.inf]), limits)
    assert np.array_equal(f(-0.0), limits[1])
    assert np.isnan(f(np.nan))


@given(st.floats(-700, 700))
def test_logistic_is_the_softmax_of_x_and_zero(x):
    """Two routes to one probability, each within 4 ulp."""
    assert abs(logistic(x) - softmax([x, 0.0])[0]) <= 2 * PROMISED * np.spacing(logistic(x))


@given(st.floats(-1e300, 1e300))
def test_log_logistic_is_minus_softplus_of_minus_x(x):
    """log(1/(1 + exp(-x))) = -log(1 + exp(-x)), bit for bit."""
    assert log_logistic(x) == -softplus(-x)


def test_subnormal_probabilities_survive_below_minus_709():
    """1/(1 + exp(-x)) is 0 there; the form exp(x)/(1 + exp(x)) is not."""
    x = np.array([-709.8, -720.0, -745.0])

    assert (logistic(x) > 0).all()
    assert (softplus(x) > 0).all()
    assert (log_logistic(-x) < 0).all()


def test_a_number_gives_a_number():
    """Python and 0-d numbers give a 0-d result of their dtype."""
    assert np.shape(logistic(0.0)) == ()
    assert logistic(np.float32(0)).dtype == np.float32
    assert logistic(0) == 0.5
