"""Derivatives of logistic, log_logistic and softplus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref.functions import (
    log_logistic_jvp,
    log_logistic_vjp,
    logistic,
    logistic_jvp,
    logistic_vjp,
    softplus_jvp,
    softplus_vjp,
)

PROMISED = 4  # ulp, the promise of the design for a probability
X = np.r_[np.linspace(-745, 745, 60), np.linspace(-40, 40, 60)]
EXACT = {
    logistic_vjp: lambda x: (-abs(x)).exp() / (1 + (-abs(x)).exp()) ** 2,
    log_logistic_vjp: lambda x: 1 / (1 + x.exp()),
    softplus_vjp: lambda x: 1 / (1 + (-x).exp()),
}


@pytest.mark.parametrize("f", EXACT)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_both_tails_keep_their_digits(f, dtype, ulps, balls):
    """1 - p is never formed by subtraction."""
    x = X.astype(dtype)

    assert ulps(f(x, dtype(1)), [EXACT[f](balls(float(v))) for v in x]) <= PROMISED


@given(st.floats(-700, 700), st.floats(-1e10, 1e10))
def test_the_derivatives_are_the_probabilities(x, g):
    """softplus' = logistic(x) and log_logistic' = logistic(-x), times g."""
    assert softplus_vjp(x, g) == g * logistic(x)
    assert log_logistic_vjp(x, g) == g * logistic(-x)


@given(st.floats(-800, 800))
def test_the_slope_is_even(x):
    """logistic'(-x) = logistic'(x), bit for bit."""
    assert logistic_vjp(-x, 1.0) == logistic_vjp(x, 1.0)


def test_the_special_values_are_the_limits():
    """Flat at both ends, 1/4 in the middle; nan stays nan."""
    x = [-np.inf, 0.0, np.inf, np.nan]

    assert np.array_equal(logistic_vjp(x, 1.0), [0, 0.25, 0, np.nan], equal_nan=True)
    assert np.array_equal(log_logistic_vjp(x, 1.0), [1, 0.5, 0, np.nan], equal_nan=True)
    assert np.array_equal(softplus_vjp(x, 1.0), [0, 0.5, 1, np.nan], equal_nan=True)


def test_the_two_products_are_one():
    """The derivative is a number: the jvp is the vjp."""
    assert (logistic_jvp, log_logistic_jvp, softplus_jvp) == (logistic_vjp, log_logistic_vjp, softplus_vjp)


def test_one_cotangent_serves_all():
    """g broadcasts against x."""
    assert np.array_equal(softplus_vjp([0.0, 0.0], 4.0), [2, 2])
