"""The builders write the textbook's sums, and capture nothing."""

import pytest
from sympy import Sum, exp, latex, log

from softmax_ref.literate import same
from softmax_ref.literate.symbols import (
    K,
    T,
    beta,
    covariance,
    entropy_of,
    expectation,
    i,
    j,
    k,
    l,
    lse,
    m,
    n,
    p,
    partition,
    ratio,
    sigma,
    t,
    tempered,
    total,
    variance,
    x,
    y,
    z,
)  # fmt: skip


def test_the_softmax_is_written_as_in_the_textbook():
    """sigma(i) is exp(z_i) over the sum over j."""
    assert sigma(i) == exp(z[i]) / Sum(exp(z[j]), (j, 1, K))


@pytest.mark.parametrize("free", [i, j, k, l, m, n])
def test_no_letter_of_the_summand_is_captured(free):
    """Whatever index occurs in the function, the builder sums over another one."""
    assert free in total(lambda a: z[a] * y[free]).free_symbols
    assert free in expectation(lambda a: z[a] - z[free]).free_symbols
    assert free in partition(lambda a: z[a] * y[free]).free_symbols


def test_logits_are_an_indexed_symbol_or_a_function():
    """partition(z) and partition(lambda n: z[n]) are the same."""
    assert partition(z) == partition(lambda a: z[a]) == partition()
    assert partition(tempered) == Sum(exp(beta * z[j]), (j, 1, K))


def test_mean_variance_and_entropy_follow_their_definitions():
    """Variance is the covariance with itself; the entropy is minus the mean of log sigma."""
    p = [sigma(a, tempered) for a in (j, l)]

    assert same(variance(z), covariance(z, z))
    assert same(expectation(z, tempered), Sum(p[0] * z[j], (j, 1, K)))
    assert same(entropy_of(tempered), -Sum(p[1] * log(p[1]), (l, 1, K)))
    assert lse(y) == log(partition(y))


def test_a_ratio_is_shown_as_written():
    """ratio() keeps the two denominators for the reader, and the rules cancel them."""
    shown = ratio(sigma(i), sigma(k))

    assert len(shown.atoms(Sum)) == 1 and shown != sigma(i) / sigma(k)
    assert same(shown, exp(z[i] - z[k]))


@pytest.mark.parametrize(
    ("a", "b", "shown"),
    [
        (exp(x), exp(t), r"\frac{e^{x}}{e^{t}}"),
        (beta * exp(x), beta * exp(t), r"\frac{\beta e^{x}}{\beta e^{t}}"),
        (p[i], p[k], r"\frac{{p}_{i}}{{p}_{k}}"),
        (x / t, T, r"\frac{\frac{x}{t}}{T}"),
    ],
)
def test_a_ratio_is_printed_as_a_fraction(a, b, shown):
    """e^x over e^t: a power of -1 would stand above an exponent."""
    assert latex(ratio(a, b)) == shown
