"""prove() accepts what is true and proved, and fails for each kind of fault."""

import pytest
from sympy import Derivative, Eq, IndexedBase, Integer, Rational, Sum, exp, log, sqrt

from softmax_ref.literate import ProofError, assuming, at, derivative, gap, proofs, prove, prove_sign
from softmax_ref.literate.symbols import (
    K,
    M,
    beta,
    c,
    covariance,
    delta,
    entropy_of,
    i,
    j,
    k,
    l,
    p,
    partition,
    sigma,
    t,
    tempered,
    total,
    variance,
    x,
    y,
    z,
)  # fmt: skip


def test_a_proved_identity_comes_back_as_written():
    """prove returns the two sides, unevaluated."""
    shown = prove(total(sigma), 1, controls=[K])

    assert isinstance(shown, Eq)
    assert shown.args == (total(sigma), Integer(1))


def test_the_jacobian_is_proved_for_symbolic_k():
    """The derivative of softmax is sigma_i (delta_ik - sigma_k), and three near misses are told apart."""
    wrong = [sigma(i) * (delta(i, k) - sigma(i)), sigma(i) * (1 - sigma(k)), -sigma(i) * sigma(k)]

    prove(Derivative(sigma(i), z[k]), sigma(i) * (delta(i, k) - sigma(k)), controls=wrong)


def test_the_slope_of_the_entropy_is_minus_beta_times_the_variance():
    """The second factor beta is needed."""
    spread = variance(z, tempered)

    prove(Derivative(entropy_of(tempered), beta), -beta * spread, controls=[-spread, beta * spread])


def test_no_controls_is_an_error():
    """A proof that cannot be seen to fail proves nothing."""
    with pytest.raises(ProofError, match="prove: at least one control is needed, got none"):
        prove(total(sigma), 1, controls=[])
    with pytest.raises(TypeError, match="controls"):
        prove(total(sigma), 1)


def test_a_false_statement_is_not_proved():
    """The softmax does not sum to 2."""
    with pytest.raises(ProofError, match="prove: the identity is not proved"):
        prove(total(sigma), 2, controls=[1])


def test_a_true_statement_beyond_the_rules_is_not_proved():
    """sin^2 + cos^2 = 1 holds, but no rule says so."""
    from sympy import cos, sin

    with pytest.raises(ProofError, match="prove: the identity is not proved"):
        prove(sin(x) ** 2 + cos(x) ** 2, 1, controls=[2])


def test_a_control_that_is_true_is_an_error():
    """The same statement with other letters is no control."""
    with pytest.raises(ProofError, match="prove: a control is proved"):
        prove(Sum(z[j], (j, 1, K)), Sum(z[l], (l, 1, K)), controls=[Sum(z[i], (i, 1, K))])


def test_a_control_that_is_true_but_unproved_is_an_error():
    """A control that agrees numerically tests nothing, even if the rules cannot prove it."""
    from sympy import cos, sin

    with pytest.raises(ProofError, match="prove: a control does not differ from the truth"):
        prove(total(sigma), 1, controls=[sin(x) ** 2 + cos(x) ** 2])


def test_a_wrong_rule_is_caught_by_the_numbers(monkeypatch):
    """If the rules proved everything, the independent evaluation would object."""
    monkeypatch.setattr(proofs, "same", lambda lhs, rhs, **_: rhs == 2)

    with pytest.raises(ProofError, match="prove: the two sides differ at K = 1"):
        prove(total(sigma), 2, controls=[3])


def test_a_wrong_derivative_is_caught_by_the_numbers(monkeypatch):
    """The evaluator takes difference quotients, so it does not repeat a wrong differentiation rule."""
    claimed = exp(beta) * z[i]
    monkeypatch.setattr(proofs, "same", lambda lhs, rhs, **_: rhs == claimed)

    with pytest.raises(ProofError, match="prove: the two sides differ"):
        prove(Derivative(exp(beta * z[i]), beta), claimed, controls=[1])


def test_a_hypothesis_is_satisfied_by_the_numbers():
    """The evaluator moves one component of p so that p sums to 1."""
    shown = prove(total(lambda n: p[n] * (z[n] - c)), total(lambda n: p[n] * z[n]) - c, given=[(total(p), 1)],
                  controls=[total(lambda n: p[n] * z[n]) - K * c])  # fmt: skip

    assert shown.rhs == total(lambda n: p[n] * z[n]) - c


def test_two_hypotheses_are_satisfied_together():
    """Each is solved for a component that no earlier one mentions."""
    s = IndexedBase("s", real=True)
    facts = [(total(p), 1), (total(lambda n: p[n] * s[n]), 0)]

    prove(total(lambda n: p[n] * (s[n] + c)), c, given=facts, controls=[K * c, 0])


def test_a_hypothesis_that_cannot_hold_is_an_error():
    """From exp(t) = -1 with real t nothing is proved."""
    with pytest.raises(ValueError, match="the hypotheses must hold somewhere"):
        prove(x * exp(t), -x, given=[(exp(t), -1)], controls=[x])


def test_an_identity_that_is_nowhere_defined_is_an_error():
    """Two sides that divide by 0 at K = 1, 2 and 3 are never compared."""
    with pytest.raises(ProofError, match="not defined together"):
        prove(x / ((K - 1) * (K - 2) * (K - 3)), x / ((K - 1) * (K - 2) * (K - 3)), controls=[x])


def test_a_sum_of_squares_is_nonnegative():
    """The variance as a sum over pairs has its sign in sight; a covariance has none."""
    pairs = total(lambda a: total(lambda b: sigma(a) * sigma(b) * (z[a] - z[b]) ** 2))

    assert str(prove_sign(pairs, "nonnegative", controls=[-pairs, covariance(z, y)]).rel_op) == ">="


def test_the_partition_function_is_positive():
    """A sum of exponentials over 1..K is positive since K is at least 1; over 1..K - 1 it may be empty."""
    maybe_empty = Sum(exp(z[j]), (j, 1, K - 1))

    prove_sign(partition(), "positive", controls=[-partition(), maybe_empty])


def test_a_sign_needs_a_control_and_a_kind():
    """No control, an unknown kind, a true control and an unproved sign are errors."""
    with pytest.raises(ProofError, match="at least one control"):
        prove_sign(partition(), "positive", controls=[])
    with pytest.raises(ValueError, match="kind must be"):
        prove_sign(partition(), "negative", controls=[x])
    with pytest.raises(ProofError, match="a control is positive"):
        prove_sign(partition(), "positive", controls=[exp(x)])
    with pytest.raises(ProofError, match="not proved nonnegative"):
        prove_sign(variance(z), "nonnegative", controls=[-x])


def test_a_derivative_is_a_normal_form():
    """derivative() takes several variables and repeats them."""
    assert derivative(t**3, t, t) == 6 * t
    assert derivative(Sum(z[j] ** 2, (j, 1, K)), z[k]) == 2 * z[k]


def test_assuming_replaces_what_is_given():
    """A sum that is given is replaced under any name of its index."""
    assert assuming(2 * Sum(p[l], (l, 1, K)), (total(p), 1)) == 2


def test_at_writes_the_sums_out():
    """K and the free indices get numbers, bound indices of the same name do not."""
    assert at(sigma(i), 2, i=1) == exp(z[1]) / (exp(z[1]) + exp(z[2]))
    assert at(z[i] * Sum(z[i], (i, 1, K)), 2, i=2) == z[2] * (z[1] + z[2])
    assert at(Derivative(partition(), z[k]), 3, k=2) == exp(z[2])


def test_at_takes_a_reversed_range_as_empty():
    """The sum over 1..K - 3 has no terms at K = 1, where SymPy's doit counts backwards."""
    reversed_range = Sum(z[j], (j, 1, K - 3))

    assert at(reversed_range, 1) == 0
    assert reversed_range.subs(K, 1).doit() == -z[0] - z[-1]


def test_the_gap_is_measured_at_one_size():
    """A control may coincide with the truth at K = 1 and differ at K = 2."""
    assert gap(total(sigma), 1, 3) < 1e-38
    assert gap(total(sigma), K, 1) < 1e-38
    assert gap(total(sigma), K, 2) == 0.5
    assert gap(x, x / (K - 1), 1) is None


def test_at_agrees_with_what_is_proved():
    """Sums of squares written out at K = 4 equal the closed form."""
    assert at(Sum(j**2, (j, 1, K)), 4) == 30
    assert at(Sum(sqrt(M) * j, (j, 1, K)), 2) == 3 * sqrt(M)
    assert at(log(Rational(1, 2)) * K, 2) == 2 * log(Rational(1, 2))
