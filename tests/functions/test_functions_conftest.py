"""The measure that decides about the reference, seen to fail."""

import math

import numpy as np


def test_one_ulp_above_is_an_error_of_one(ulps, balls):
    """The next float after the exact value is 1 ulp away, in the format of the computed value."""
    assert ulps(np.array([np.nextafter(1.5, 2)]), [balls(1.5)]) == 1
    assert ulps(np.array([np.nextafter(np.float32(1.5), np.float32(2))]), [balls(1.5)]) == 1


def test_a_missing_digit_is_seen_far_below_one_ulp(ulps, balls):
    """The error is that of the exact value, not of its rounding."""
    assert ulps(np.array([1.0]), [1 + balls(2) ** -1000]) > 0


def test_subnormal_results_are_measured_in_the_smallest_subnormal(ulps, balls):
    """Below the smallest normal number the ulp stops shrinking."""
    assert ulps(np.array([1e-323]), [balls(5e-324)]) == 1


def test_nan_and_wrong_infinities_are_infinitely_far(ulps, balls):
    """No finite exact value is near nan or inf."""
    assert ulps(np.array([math.nan]), [balls(1)]) == math.inf
    assert ulps(np.array([math.inf]), [balls(1)]) == math.inf
