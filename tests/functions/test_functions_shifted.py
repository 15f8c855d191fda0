"""The pieces of arithmetic that lose nothing."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref.functions import shifted

finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e150, max_value=1e150)
unit = st.floats(min_value=0, max_value=1, allow_subnormal=False)


@given(finite, finite)
def test_a_difference_and_its_error_are_exact(x, m):
    """x - m = d + low as rational numbers."""
    d = np.array(x) - np.array(m)

    low = shifted.difference_error(np.array(x), np.array(m), d)

    assert Fraction(x) - Fraction(m) == Fraction(float(d)) + Fraction(float(low))


@given(finite, finite)
def test_a_sum_and_its_error_are_exact(x, y):
    """x + y = s + low as rational numbers."""
    s = np.array(x) + np.array(y)

    low = shifted.sum_error(np.array(x), np.array(y), s)

    assert Fraction(x) + Fraction(y) == Fraction(float(s)) + Fraction(float(low))


@given(st.floats(1e-100, 1e100), st.floats(1e-100, 1e100))
def test_a_product_and_its_error_are_exact(beta, d):
    """beta * d = product + low as rational numbers, away from overflow and underflow."""
    product = np.array(beta * d)

    low = shifted.product_error(beta, np.array(d), product)

    assert Fraction(beta) * Fraction(d) == Fraction(float(product)) + Fraction(float(low))


@given(st.lists(unit, min_size=1, max_size=300))
def test_the_first_term_of_a_total_is_exact_and_the_second_small(values):
    """The unit of the first term is 2^(L - 52), L the length of K; the second errs by K roundings of what is left."""
    e, k, length = np.array([values]), len(values), len(values).bit_length()
    half_unit = Fraction(2) ** (length - 53)

    high, rest = shifted.total(e, np.zeros_like(e))

    left = sum(map(Fraction, values)) - Fraction(float(high[0, 0]))
    assert abs(left) <= k * half_unit
    sizes = min(k * half_unit, sum(map(Fraction, values)))
    assert abs(left - Fraction(float(rest[0, 0]))) <= k * Fraction(2) ** -53 * sizes


def test_many_tiny_terms_are_not_absorbed_by_the_largest():
    """1 + 200 times 2^-54 keeps its small terms, which one-by-one addition to 1 drops."""
    e = np.full((1, 201), 2.0**-54)
    e[0, 0] = 1

    high, rest = shifted.total(e, np.zeros_like(e))

    assert (high[0, 0], rest[0, 0]) == (1, 200 * 2.0**-54)


def test_the_low_part_enters_the_total():
    """Each term counts as e (1 + low)."""
    high, rest = shifted.total(np.array([[1.0, 0.5]]), np.array([[0.0, 2.0**-60]]))

    assert (high[0, 0], rest[0, 0]) == (1.5, 2.0**-61)


def test_an_infinite_difference_has_no_low_part():
    """-inf, and a difference beyond the largest float, leave no nan behind."""
    with np.errstate(all="ignore"):
        _, d, low = shifted.shift(np.array([[1.7e308, -1.7e308, -np.inf]]))

    assert np.array_equal(d, [[0, -np.inf, -np.inf]])
    assert np.array_equal(low, [[0, 0, 0]])


def test_exponentials_that_are_subnormal_are_right_to_one_unit(ulps, balls):
    """exp has its results below the smallest normal number, and no cliff there: one unit, as above it."""
    d = np.array([-708.0, -708.5, -709.78, -720.25, -744.4, -745.1])

    assert ulps(shifted.exponentials(d), [balls(v).exp() for v in d.tolist()]) <= 1


def test_exponentials_of_the_special_values():
    """exp(-inf) = 0 and exp(0) = 1, exactly; nan stays nan beside them."""
    assert np.array_equal(shifted.exponentials(np.array([0, -np.inf, np.nan])), [1, 0, np.nan], equal_nan=True)


def test_longdouble_has_its_own_floor():
    """exp(-5000) is a normal longdouble wherever longdouble reaches further than float64."""
    reaches = np.finfo(np.longdouble).minexp < -16000

    assert (shifted.exponentials(np.array([-5000], np.longdouble))[0] > 0) == reaches
