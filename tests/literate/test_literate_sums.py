"""The seven rules, each with an example that it proves and a neighbour that it must not prove."""

import pytest
from sympy import Derivative, Float, Function, IndexedBase, Integral, Max, Product, Sum, Symbol, exp, log, oo, symbols

from softmax_ref.literate import at, normal, same
from softmax_ref.literate.symbols import K, M, beta, c, delta, i, j, k, l, n, p, sigma, t, total, x, y, z
from softmax_ref.literate.terms import expand_term

F = Symbol("F", integer=True, positive=True)


def test_r1_a_sum_is_linear():
    """R1 splits a sum of two terms, and does not split a product."""
    split = Sum(z[j], (j, 1, K)) + Sum(y[j], (j, 1, K))

    assert same(Sum(z[j] + y[j], (j, 1, K)), split)
    assert not same(Sum(z[j] * y[j], (j, 1, K)), Sum(z[j], (j, 1, K)) * Sum(y[j], (j, 1, K)))


def test_r2_a_constant_factor_leaves_the_sum():
    """R2 takes out what does not depend on the index, and nothing else."""
    assert same(Sum(c * z[i] * z[j], (j, 1, K)), c * z[i] * Sum(z[j], (j, 1, K)))
    assert not same(Sum(z[j] * y[j], (j, 1, K)), z[j] * Sum(y[j], (j, 1, K)))


def test_r2_counts_the_terms_of_a_range_that_cannot_be_reversed():
    """R2 gives K terms over 1..K and K - 1 over 1..K - 1, since K is at least 1."""
    assert same(Sum(c, (j, 1, K)), K * c)
    assert same(Sum(1, (j, 1, K - 1)), K - 1)
    assert same(Sum(Sum(1, (l, 1, j - 1)), (j, 1, K)), Sum(j - 1, (j, 1, K)))


def test_r2_does_not_count_a_range_that_may_be_reversed():
    """The range 1..K - 2 is reversed at K = 1, where K - 2 would be a negative count."""
    assert not same(Sum(1, (j, 1, K - 2)), K - 2)


def test_r3_a_delta_picks_one_term():
    """R3 keeps the term at the free index, and not the one at another."""
    assert same(Sum(delta(i, j) * z[j] ** 2, (j, 1, K)), z[i] ** 2)
    assert not same(Sum(delta(i, j) * z[j] ** 2, (j, 1, K)), z[k] ** 2)


def test_r3_picks_the_index_of_an_enclosing_sum_over_the_same_range():
    """The side condition is proved when the outer index runs over the same range."""
    assert same(Sum(Sum(delta(i, j) * p[i], (i, 1, K)) * z[j], (j, 1, K)), Sum(p[j] * z[j], (j, 1, K)))


@pytest.mark.parametrize(("number", "inside"), [(1, True), (K, True), (5, False), (0, False), (K + 1, False)])
def test_r3_needs_a_number_inside_the_range(number, inside):
    """1 and K lie in 1..K for every K; 5 does not when K = 3."""
    assert same(Sum(delta(j, number) * z[j], (j, 1, K)), z[number]) is inside


def test_r3_does_not_assume_a_free_index_into_a_range_that_moves():
    """i lies in 1..j only for j >= i, so the double sum is not a plain sum over j."""
    moving = Sum(Sum(delta(i, l) * p[l], (l, 1, j)), (j, 1, K))

    assert not same(moving, K * p[i])


def test_r3_does_not_assume_two_ranges_for_one_index():
    """An index in 1..K need not lie in 1..M."""
    both = Sum(delta(i, j) * z[j], (j, 1, K)) - Sum(delta(i, j) * z[j], (j, 1, M))

    assert not same(both, 0)


@pytest.mark.parametrize("partner", [2 * j, i + 1, 4 - j, K + 1 - j, x])
def test_r3_leaves_a_delta_alone_that_does_not_name_an_index(partner):
    """An expression that depends on the bound index, may leave the range or is no integer picks no term."""
    assert normal(Sum(delta(j, partner) * z[j], (j, 1, K))).has(Sum)


def test_r3_renames_a_bound_index_that_would_capture_the_one_put_in():
    """Putting i into a product over i keeps the two apart."""
    nested = Sum(delta(i, j) * Product(z[j] + i, (i, 1, K)), (j, 1, K))

    assert same(nested, Product(z[i] + l, (l, 1, K)))
    assert not same(nested, Product(z[l] + l, (l, 1, K)))


def test_r4_bound_indices_have_no_names():
    """R4 identifies sums that differ in the name of the index, also where the name shadows a free one."""
    assert same(Sum(z[j], (j, 1, K)), Sum(z[i], (i, 1, K)))
    assert same(z[i] * Sum(z[i], (i, 1, K)), z[i] * Sum(z[l], (l, 1, K)))
    assert not same(Sum(z[i] * y[j], (j, 1, K)), Sum(z[j] * y[j], (j, 1, K)))


def test_r5_exp_and_log_turn_sums_into_products():
    """R5 splits exp always, and log only where the arguments are positive."""
    assert same(exp(z[i] + c), exp(z[i]) * exp(c))
    assert same(log(p[i] * p[k]), log(p[i]) + log(p[k]))
    assert not same(log(z[i] * z[k]), log(z[i]) + log(z[k]))


def test_r5_powers_of_a_positive_base_are_powers_of_e():
    """b**x is exp(x log b) for b > 0, and stays a power for any other base."""
    assert same(beta ** z[i], exp(log(beta) * z[i]))
    assert same(total(lambda n: beta ** (z[n] + 1)), beta * total(lambda n: exp(log(beta) * z[n])))
    assert not same(beta ** z[i], exp(beta * z[i]))
    assert normal(x ** z[i]) == x ** z[i]


def test_r5_does_not_turn_the_exp_of_a_sum_into_a_product_of_exps():
    """A sum in an exponent stays a sum, as SymPy's own expand would not leave it."""
    assert expand_term(exp(Sum(z[j], (j, 1, K)))) == exp(Sum(z[j], (j, 1, K)))


def test_r6_a_delta_makes_two_free_indices_equal():
    """R6 lets z[k] be z[i] beside delta(i, k), and nowhere else."""
    assert same(z[i] * delta(i, k), z[k] * delta(i, k))
    assert not same(z[i] * delta(i, k) + z[i], z[k] * delta(i, k) + z[k])
    assert not same(z[i] * exp(delta(i, k)), z[k] * exp(delta(i, k)))


def test_r7_independent_sums_change_places():
    """R7 swaps two sums, but not when one range depends on the other index."""
    f = IndexedBase("f", real=True)
    triangle = Sum(f[i, j], (i, 1, j), (j, 1, K))

    assert same(Sum(Sum(f[i, j], (i, 1, K)), (j, 1, F)), Sum(Sum(f[i, j], (j, 1, F)), (i, 1, K)))
    assert same(Sum(Sum(z[i] * f[i, j], (i, 1, K)), (j, 1, F)), Sum(z[i] * Sum(f[i, j], (j, 1, F)), (i, 1, K)))
    assert not same(Sum(Sum(z[i] * f[i, j], (i, 1, K)), (j, 1, F)), Sum(f[i, j], (i, 1, K), (j, 1, F)))
    assert not same(triangle, Sum(f[i, j], (j, 1, i), (i, 1, K)))
    assert same(triangle, Sum(f[l, n], (l, 1, n), (n, 1, K)))


def test_r7_keeps_the_order_of_a_chain_of_moving_ranges():
    """In a triple sum over k <= j <= i the middle range depends on the outer index: found by the fuzz."""
    chain = Sum(k, (k, 1, j), (j, 1, i), (i, 1, K))

    assert at(normal(chain), 3) == at(chain, 3) == 15


def test_a_derivative_renames_the_index_of_the_sum_first():
    """The k of the sum is not the k of z[k]; SymPy's diff confuses them."""
    named_alike = Sum(exp(z[k]), (k, 1, K))

    assert named_alike.diff(z[k]) == named_alike
    assert same(Derivative(named_alike, z[k]), exp(z[k]))


def test_hypotheses_are_used_and_needed():
    """A distribution sums to 1 only if that is given."""
    centred = Sum(p[j] * (z[j] - c), (j, 1, K))
    mean = Sum(p[j] * z[j], (j, 1, K))

    assert same(centred, mean - c, given=[(Sum(p[l], (l, 1, K)), 1)])
    assert not same(centred, mean - c)


def test_the_normal_form_shows_letters():
    """Bound indices appear as letters that occur nowhere else."""
    shown = normal(z[j] * Sum(Sum(z[i] * z[k] * y[i, k], (i, 1, K)), (k, 1, K)))

    assert not [s for s in shown.atoms(Symbol) if s.name.startswith("_b")]
    assert same(shown, z[j] * Sum(z[l] * z[n] * y[l, n], (l, 1, K), (n, 1, K)))


def test_a_normal_form_is_its_own_normal_form():
    """Normalising twice changes nothing."""
    once = normal(Derivative(sigma(i), z[k]))

    assert normal(once) == once


@pytest.mark.parametrize(
    ("refused", "error", "message"),
    [
        (Sum(delta(i, j) * Integral(z[j] * x, (x, 0, 1)), (j, 1, K)), TypeError, "exact finite numbers only"),
        (Float(1e16) + 1, TypeError, "exact finite numbers only"),
        (Sum(z[j], (j, 1, oo)), TypeError, "exact finite numbers only"),
        (symbols("a", commutative=False), TypeError, "a commutative scalar expression"),
        (z[i] > 0, TypeError, "a commutative scalar expression"),
        (Symbol("_b0", integer=True), ValueError, "reserved for bound indices"),
        (Sum(z[j], (j, 1, x)), ValueError, "finite integer ends"),
        (Sum((-1) ** n, (Symbol("n", even=True), 1, K)), ValueError, "integer=True and nothing else"),
    ],
)
def test_what_the_rules_do_not_cover_is_refused(refused, error, message):
    """An expression beyond the rules is an error, never a guess."""
    with pytest.raises(error, match=message):
        normal(refused)


@pytest.mark.parametrize(
    ("e", "variable", "message"),
    [
        (Max(x, t), t, "must be smooth in t"),
        (Sum(Max(z[j], 0), (j, 1, K)), z[i], "must be smooth in z"),
        (Sum(exp(Function("f")(j)), (j, 1, K)), Function("f")(i), "a real symbol or an indexed one"),
        (Function("f")(t), t, "must be smooth in t"),
        (Sum(z[j], (j, 1, K)), K, "a real symbol or an indexed one"),
    ],
)
def test_a_derivative_that_may_not_exist_is_refused(e, variable, message):
    """Kinks, undefined functions and integer variables have no derivative here."""
    with pytest.raises(ValueError, match=message):
        normal(Derivative(e, variable, evaluate=False))


def test_a_kink_in_another_variable_does_no_harm():
    """max(x, c) is a constant for the derivative in beta."""
    assert same(Derivative(beta * Max(x, c), beta), Max(x, c))


def test_a_total_runs_to_the_end_it_is_given():
    """total(f, M) has M terms."""
    assert same(total(lambda n: c, M), M * c)
