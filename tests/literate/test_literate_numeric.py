"""The independent evaluator, against numbers worked out by hand."""

from pathlib import Path

import mpmath
import pytest
from sympy import Derivative, Function, Heaviside, Integer, Max, Product, Rational, Sum, exp, log, pi

from softmax_ref.literate import numeric
from softmax_ref.literate.symbols import K, M, beta, delta, i, j, k, p, partition, t, total, x, z


def point(**fixed):
    return numeric.Point(3, {"i": 2, "k": 3}, fixed={("z", (n,)): mpmath.mpf(n) for n in (1, 2, 3)})


@pytest.mark.parametrize(
    ("e", "expected"),
    [
        (Sum(z[j], (j, 1, K)), 6),
        (Sum(z[j] * z[i], (j, 1, K)), 12),
        (Sum(z[i], (i, 1, K)), 6),
        (Sum(i * j, (i, 1, j), (j, 1, 3)), 25),
        (Sum(z[j], (j, 2, 1)), 0),
        (Product(z[j], (j, 1, K)), 6),
        (Product(z[j], (j, 2, 1)), 1),
        (Sum(delta(i, j) * z[j], (j, 1, K)), 2),
        (Rational(1, 4) ** Rational(1, 2), mpmath.mpf(1) / 2),
        (Max(z[1], z[3]), 3),
        (Heaviside(z[2], Rational(1, 2)), 1),
        (log(exp(Integer(2), evaluate=False), evaluate=False), 2),
        (pi, mpmath.pi),
    ],
)
def test_values_follow_the_definitions(e, expected):
    """Sums are loops from the inside out, empty sums are 0, a delta compares."""
    assert abs(numeric.value(e, point()) - expected) < mpmath.mpf(10) ** -14


def test_a_derivative_is_a_difference_quotient():
    """A third derivative of the sum of z^3 is 6, to 25 digits, with symbol and component variables."""
    with mpmath.workdps(numeric.DIGITS):
        mixed = Derivative(Sum(z[j] ** 3, (j, 1, K)), z[k], z[k], z[k], evaluate=False)

        assert abs(numeric.value(mixed, point()) - 6) < mpmath.mpf(10) ** -25
        assert abs(numeric.value(Derivative(exp(x), x), point()) - numeric.value(exp(x), point())) < 1e-25


def test_a_difference_quotient_moves_the_free_index_only():
    """The k of the sum is bound; the derivative by z[k] at k = 3 moves z[3]."""
    assert abs(numeric.value(Derivative(Sum(exp(z[k]), (k, 1, K)), z[k], evaluate=False), point()) - mpmath.exp(3)) < 1e-12


def test_values_follow_from_names_and_assumptions():
    """The same name has the same value everywhere; positive symbols are positive; other sizes exceed K."""
    here = numeric.Point(3, {})

    assert here.leaf(x, ()) == numeric.Point(3, {}).leaf(x, ()) != here.leaf(t, ())
    assert here.leaf(beta, ()) > 0
    assert all(here.leaf(p[n], (n,)) > 0 for n in range(1, 30))
    assert any(here.leaf(z[n], (n,)) < 0 for n in range(1, 30))
    assert here.leaf(K, ()) == 3 < here.leaf(M, ())


def test_every_assignment_of_the_free_indices_is_used():
    """Two free indices at K = 3 have nine assignments; bound ones do not count."""
    seen = {tuple(sorted(at.indices.items())) for at in numeric.points(3, z[i] * z[k] * Sum(z[j], (j, 1, K)))}

    assert len(seen) == 9


def test_a_hypothesis_holds_at_every_point():
    """One component of p is moved so that the sum is 1."""
    with mpmath.workdps(numeric.DIGITS):
        for at in numeric.points(3, p[i], given=[(total(p), Integer(1))]):
            assert abs(numeric.value(total(p), at) - 1) < 1e-30


def test_a_function_without_a_rule_is_an_error():
    """Nothing is guessed about an unknown function."""
    with pytest.raises(TypeError, match="a function with a numerical rule is needed, got f"):
        numeric.value(Function("f")(x), point())


def test_the_evaluator_shares_no_code_with_the_rules():
    """The module imports nothing of the kit."""
    source = Path(numeric.__file__).read_text("utf-8")

    assert "softmax_ref" not in source.split('"""', 2)[2]
    assert numeric.value(partition(), point()) > 30
