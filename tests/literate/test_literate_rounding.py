"""The triangle inequality of rounding errors, and the arithmetic that rounds exactly."""

import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from sympy import Abs, Derivative, Indexed, IndexedBase, Rational, Symbol, exp, log

from softmax_ref import certify
from softmax_ref.literate import numeric
from softmax_ref.literate.emulated import Arithmetic
from softmax_ref.literate.proofs import prove
from softmax_ref.literate.rounding import (
    LIMITS,
    E,
    P,
    S,
    delta,
    epsilon,
    eta,
    first_order,
    mu,
    phi,
    rho,
    rounded_exp,
    rounded_sum,
    tau,
    triangle,
    u,
)  # fmt: skip
from softmax_ref.literate.sums import same
from softmax_ref.literate.symbols import K, d, i, j, k, p, t, total

g = IndexedBase("g", real=True)
weight = total(lambda n: exp(-d[n]))


def test_first_order_is_the_derivative_at_no_error():
    """(1 + t e)(1 + t f) has the error e + f to first order; the product e f does not count."""
    assert same(first_order((1 + t * mu) * (1 + t * eta)), mu + eta)
    assert same(first_order(log(rounded_exp(i))), epsilon[i] - d[i] * delta[i])


@pytest.mark.parametrize("computed", [Abs(d[i] + t * mu), total(lambda n: Abs(g[n] * (1 + t * tau)))])
def test_first_order_refuses_a_kink(computed):
    """The size of a computed number has no derivative where that number is 0."""
    with pytest.raises(ValueError, match="must be smooth in t"):
        first_order(computed)


def test_first_order_is_what_the_rules_for_derivatives_give():
    """Putting t = 0 before the expansion or after it makes no difference."""
    computed = log(rounded_sum() / (1 + t * tau)) * (1 + t * eta) ** 2

    assert same(first_order(computed), Derivative(computed, t), given=[(t, 0)])


def test_sum_with_a_symbolic_number_of_additions():
    """Each term brings the sum of the errors of its S additions."""
    mean = total(lambda n: exp(-d[n]) * (epsilon[n] - d[n] * delta[n] + total(lambda r: rho[n, r], S))) / weight

    assert same(first_order(log(rounded_sum())), mean)
    assert not same(first_order(log(rounded_sum())), mean - total(lambda n: exp(-d[n]) * rho[n, 1]) / weight)


def test_triangle_takes_the_size_of_every_term():
    """Signs vanish, limits take the place of errors, constants stay."""
    assert same(triangle(-2 * mu + Rational(1, 3) * eta), 2 * u + E * u / 3)
    assert same(triangle(epsilon[i] - d[i] * delta[i]), u * (d[i] + E))
    assert same(triangle(total(lambda n: -d[n] * delta[n])), u * total(lambda n: d[n]))
    assert same(triangle(total(lambda n: total(lambda r: rho[n, r], S))), K * S * u)


def test_triangle_takes_other_limits():
    """The error of a whole sum has the limit of its own theorem."""
    assert same(triangle(mu - tau, limits=LIMITS | {tau: 7 * u}), 8 * u)


@pytest.mark.parametrize("form", [mu * eta, mu**2, mu + 1, delta[i] * epsilon[j], exp(mu), tau])
def test_triangle_refuses_what_is_not_linear(form):
    """A product of errors, a constant, a function of an error and an unknown error are no first-order terms."""
    with pytest.raises(ValueError, match="linear in one error"):
        triangle(form)


@pytest.mark.parametrize("form", [mu * log(weight), mu * Symbol("c", real=True), total(lambda n: mu * log(d[n]))])
def test_triangle_refuses_a_coefficient_of_unknown_sign(form):
    """What may be negative could make a bound too small."""
    with pytest.raises(ValueError, match="the sign of a coefficient"):
        triangle(form)


def test_triangle_takes_the_size_of_a_component_of_either_sign():
    """abs of a product, or of a term of a sum, is that of its factors: g[n] phi[n] counts abs(g[n]) P[n]."""
    form = g[i] * mu - total(lambda n: p[n] * g[n] * phi[n]) + g[j] ** 2 * mu

    assert same(triangle(form), u * (Abs(g[i]) + g[j] ** 2) + total(lambda n: p[n] * Abs(g[n]) * P[n]))


@pytest.mark.parametrize("form", [mu * exp(g[i]) * g[i], mu * total(lambda n: log(1 + g[n] ** 2) * g[n] ** 3)])
def test_triangle_takes_no_component_out_of_a_function(form):
    """exp(g) is not exp(abs(g)): a component that stands in a function too keeps its sign, which is not known."""
    with pytest.raises(ValueError, match="the sign of a coefficient"):
        triangle(form)


def test_triangle_takes_one_limit_for_each_component():
    """A family of sizes bounds a family of errors, component by component."""
    assert same(triangle(phi[i] - phi[k]), P[i] + P[k])
    assert not same(triangle(phi[i] - phi[k]), 2 * P[i])


def test_first_order_uses_hypotheses():
    """Deviations from a mean have the mean 0, so a common shift of them does not count."""
    facts = [(total(p), 1), (total(lambda n: p[n] * g[n]), 0)]
    shifted = total(lambda n: p[n] * (g[n] - t * tau) ** 2)

    assert same(first_order(shifted, given=facts), 0)
    assert not same(first_order(shifted), 0)


def test_triangle_takes_a_difference_term_by_term():
    """The size of (1 - d) mu is bounded by (1 + d) u, whichever of the two is larger."""
    assert same(triangle(mu * (1 - d[i])), u * (1 + d[i]))


def test_triangle_believes_a_named_sign():
    """The sign of log s is a hypothesis of the caller: s >= 1."""
    assert same(triangle(-mu * log(weight), nonnegative=[log(weight)]), u * log(weight))


def test_triangle_bounds_the_form_at_random_errors():
    """No errors within their limits exceed the bound, and the worst signs of a sum reach it."""
    form, size = first_order(log(rounded_sum())), triangle(first_order(log(rounded_sum())))
    u_value, e_value = mpmath.mpf(1) / 1024, mpmath.mpf(4)

    class Within(numeric.Point):
        def leaf(self, e, index):
            known = {u: u_value, E: e_value}
            family = e.base if isinstance(e, Indexed) else e
            if family not in LIMITS:
                return known.get(e) or super().leaf(e, index)
            limit = e_value * u_value if LIMITS[family] == E * u else u_value
            sign = -1 if family == delta else 1
            return limit * (sign if self.world == 0 else random.Random(f"{e}{index}{self.world}").uniform(-1, 1))

    with mpmath.workdps(numeric.DIGITS):
        worst, *others = [
            (numeric.value(form, Within(3, {}, w)), numeric.value(size, Within(3, {}, w))) for w in range(20)
        ]

    assert abs(worst[0] - worst[1]) < mpmath.mpf(10) ** -30
    assert all(abs(value) < bound for value, bound in others)


def test_kernel_of_the_notebook_can_fail():
    """The derivative of a computed quantity is proved against wrong coefficients."""
    prove(
        Derivative(log(rounded_exp(k)), t),
        epsilon[k] - d[k] * delta[k],
        given=[(t, 0)],
        controls=[epsilon[k] - delta[k]],
    )
    with pytest.raises(AssertionError, match="not proved"):
        prove(Derivative(log(rounded_exp(k)), t), epsilon[k] + d[k] * delta[k], given=[(t, 0)], controls=[epsilon[k]])


# The arithmetic that rounds exactly ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["binary32", "binary64"])
def test_sums_and_quotients_are_those_of_the_processor(name):
    """IEEE 754 fixes +, - and /: the emulation and NumPy give the same bits."""
    kind, emulated = {"binary32": np.float32, "binary64": np.float64}[name], Arithmetic(name)
    numbers = np.random.default_rng(1).standard_normal(60).astype(kind)
    exact = [Fraction(float(a)) for a in numbers]

    assert emulated.total(exact) == Fraction(float(np.add.accumulate(numbers)[-1]))
    assert [emulated.fl(a / exact[0]) for a in exact] == [Fraction(float(a)) for a in numbers / numbers[0]]


@pytest.mark.parametrize("name", ["binary32", "bfloat16"])
def test_exp_and_log_are_correctly_rounded(name):
    """exp stays within half an ulp, log 2 is the certified LogSumExp of two zeros, and 0 and 1 are exact."""
    emulated = Arithmetic(name)
    powers = [(emulated.exp(Fraction(x)), mpmath.exp(x)) for x in (-1, -7, -30, -87)]

    assert all(abs(float(got) - float(true)) <= emulated.format.ulp(float(got)) / 2 for got, true in powers)
    assert float(emulated.log(Fraction(2))) == certify("logsumexp", [0, 0], format=name).values
    assert emulated.exp(Fraction(0)) == 1 and emulated.log(Fraction(1)) == 0 and emulated.log1p(Fraction(0)) == 0


@pytest.mark.parametrize("form", ["quotients", "exponentials"])
def test_both_softmax_forms_approach_the_certified_value(form):
    """Two forms of one function: each within a few ulp of the article's row."""
    row = [1, 2, 3, 4, 1, 2, 3]
    emulated = Arithmetic("binary32")

    error = emulated.format.error(
        [float(a) for a in getattr(emulated, form)(row)], certify("softmax", row, format="binary32").values
    )

    assert (error <= 4).all()


def test_textbook_logs_lose_a_confident_class_and_careful_ones_do_not():
    """At a gap of 20, binary32 rounds 1 + e^-20 to 1."""
    emulated, exact = Arithmetic("binary32"), certify("log_softmax", [0, -20], format="binary32").values

    assert emulated.textbook_logs([0, -20])[0] == 0
    assert emulated.format.error([float(a) for a in emulated.careful_logs([0, -20])], exact).max() <= 1
