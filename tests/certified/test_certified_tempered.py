"""Certified Boltzmann sums, policies, perturbed and tilted rows: exact cases, both engines, mpmath as a third."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from softmax_ref.certified import certify, rows
from softmax_ref.certified.near import ball
from softmax_ref.certified.second_engine import rederive, tempered

COLDNESS = {
    "boltzmann": "beta",
    "partition_function": "beta",
    "free_energy": "beta",
    "boltzmann_policy": "tau",
    "gumbel_softmax": "temperature",
    "exponential_tilting": "theta",
    "log_semiring_add": "beta",
    "log_semiring_multiply": None,
    "log_semiring_sum": "beta",
}
NOT_ZERO = ("free_energy", "log_semiring_add", "log_semiring_sum")
PAIRS = ("gumbel_softmax", "exponential_tilting", "log_semiring_add", "log_semiring_multiply")
ROUNDS = 20
INF, NAN = math.inf, math.nan


def _arguments(rng, function, x, y):
    if function == "exponential_tilting":
        y = np.abs(np.where(rng.random(len(x)) < 0.3, 0, y))
        y[rng.integers(len(x))] = 1
        return y, x
    return (x, y) if function in PAIRS else (x,)


def _parameters(rng, function):
    name = COLDNESS[function]
    if name is None or rng.random() < 0.2:
        return {}
    value = float(rng.choice([1, -1, 0, 0.5, 3, -0.3, 1e-300, 1e300]))
    if name in ("tau", "temperature") or (function in NOT_ZERO and not value):
        value = abs(value) or 0.1
    return {name: value}


@pytest.mark.parametrize("function", COLDNESS)
def test_both_engines_give_the_same_bits(function, hard_rows, now_and_then_special, demand_equal_bits):
    """Balls on one side, comparisons of integers on the other, in every format."""
    rng = np.random.default_rng([77, list(COLDNESS).index(function)])

    for _ in range(ROUNDS):
        x, y = hard_rows(rng, 2)
        inputs = _arguments(rng, function, now_and_then_special(rng, x), y)
        demand_equal_bits(function, inputs, _parameters(rng, function))


@pytest.mark.parametrize("axis", [0, 1, (0, 1), None])
@pytest.mark.parametrize("function", [f for f in COLDNESS if f not in ("log_semiring_add", "log_semiring_multiply")])
def test_both_engines_agree_along_every_axis(function, axis):
    """Slices of a (3, 2) matrix, and of a second one beside it."""
    x = np.array([[1.0, 5], [2, 3], [4, 0.5]])
    inputs = (x, x[::-1] * 0.75) if function in PAIRS else (x,)

    first = certify(function, *inputs, axis=axis)
    assert first.bits.tolist() == rederive(function, *inputs, format="binary64", axis=axis).tolist()
    moved = certify(function, *(a[:, 1] for a in inputs)).values
    if axis == 0:
        assert np.array_equal(first.values[..., 1], moved)


def textbook(function, inputs, parameters):
    """Evaluate the definition with mpmath."""
    first, *rest = ([mpmath.mpf(float(v)) for v in a] for a in inputs)
    c = mpmath.mpf(next(iter(parameters.values()), 1))
    if function == "log_semiring_multiply":
        return [a + b for a, b in zip(first, rest[0], strict=True)]
    if function == "log_semiring_add":
        return [mpmath.log(mpmath.exp(c * a) + mpmath.exp(c * b)) / c for a, b in zip(first, rest[0], strict=True)]
    weights = {
        "boltzmann_policy": lambda: [mpmath.exp(v / c) for v in first],
        "gumbel_softmax": lambda: [mpmath.exp((v + g) / c) for v, g in zip(first, rest[0], strict=True)],
        "exponential_tilting": lambda: [p * mpmath.exp(c * v) for p, v in zip(first, rest[0], strict=True)],
        "log_semiring_sum": lambda: [mpmath.exp(c * v) for v in first],
    }.get(function, lambda: [mpmath.exp(-c * v) for v in first])()
    total = mpmath.fsum(weights)
    reduced = {
        "partition_function": lambda: total,
        "free_energy": lambda: -mpmath.log(total) / c,
        "log_semiring_sum": lambda: mpmath.log(total) / c,
    }
    return [reduced[function]()] if function in reduced else [w / total for w in weights]


@pytest.mark.parametrize("function", COLDNESS)
def test_thirty_digits_agree_with_mpmath(function):
    """A third evaluation, straight from the definition."""
    rng = np.random.default_rng([78, list(COLDNESS).index(function)])
    with mpmath.workdps(400):
        for _ in range(ROUNDS):
            inputs = [rng.normal(size=5) * 30, rng.normal(size=5)][: 1 + (function in PAIRS)]
            if function == "exponential_tilting":
                inputs = [np.abs(inputs[1]), inputs[0]]
            parameters = {COLDNESS[function]: float(rng.choice([0.1, 1, 7.3]))} if COLDNESS[function] else {}
            want = textbook(function, inputs, parameters)
            got = np.ravel(certify(function, *inputs, **parameters).decimal(30))
            for text, value in zip(got, want, strict=True):
                assert abs(mpmath.mpf(text) - value) <= abs(value) * mpmath.mpf(10) ** -29


def test_a_partition_function_knows_its_rational_part():
    """9 is a midpoint of float8_e5m2: a speck of e^-1000 beside nine states of energy 0 decides its rounding."""
    nine = [0.0] * 9

    assert certify("partition_function", [1.0, 2.0, 3.0, 5.0], beta=0.0).values == 4
    assert certify("partition_function", nine, format="float8_e5m2").values == 8
    assert certify("partition_function", [*nine, 1000.0], format="float8_e5m2").values == 10


def test_sums_beyond_every_format_overflow_and_free_energies_do_not():
    """e^1e308 is inf in each format; its logarithm is a number."""
    for name in ("binary64", "binary16"):
        assert certify("partition_function", [-1e308, 0.0], format=name).values == INF
        assert certify("partition_function", [1e308, 1e308], format=name).values == 0
    assert certify("free_energy", [-1e308, 0.0]).values == -1e308


def test_weights_are_coefficients_not_logarithms():
    """Rational weights at equal x give rational results, recognised as such."""
    q = certify("exponential_tilting", [3.0, 1.0, 0.0], [7.0, 7.0, NAN], theta=-2.5)

    assert q.values.tolist() == [0.75, 0.25, 0]
    assert q.precision == 64


def test_perturbed_logits_are_added_without_rounding():
    """1e16 + 1 and 1e16 differ by 1 although binary64 rounds the sum away."""
    y = certify("gumbel_softmax", [1e16, 1e16], [1.0, 0.0])

    assert y.values.tolist() == certify("softmax", [1.0, 0.0]).values.tolist()


def test_a_quotient_is_not_a_product_with_a_rounded_reciprocal():
    """3 * (1/3) is 1 for exact rationals."""
    assert (
        certify("boltzmann_policy", [3.0, 0.0], tau=3.0).values.tolist() == certify("softmax", [1, 0]).values.tolist()
    )
    exact = certify("softmax", [Fraction(1, 3), 0]).values.tolist()
    assert certify("boltzmann_policy", [1.0, 0.0], tau=3.0).values.tolist() == exact


@pytest.mark.parametrize(
    ("function", "inputs", "parameters", "message"),
    [
        ("boltzmann_policy", [[1.0]], {"tau": 0.0}, "tau"),
        ("boltzmann_policy", [[1.0]], {"tau": NAN}, "tau"),
        ("gumbel_softmax", [[1.0], [1.0]], {"temperature": -1.0}, "temperature"),
        ("free_energy", [[1.0]], {"beta": 0.0}, "beta"),
        ("log_semiring_add", [1.0, 1.0], {"beta": 0.0}, "beta"),
        ("exponential_tilting", [[1.0], [1.0]], {"theta": INF}, "theta"),
        ("exponential_tilting", [[-1.0, 2.0], [1.0, 1.0]], {}, "weights of at least 0|not be negative"),
        ("exponential_tilting", [[INF, 2.0], [1.0, 1.0]], {}, "finite"),
        ("exponential_tilting", [[0.0, 0.0], [1.0, 1.0]], {}, "positive"),
        ("exponential_tilting", [[1.0, 0.0], [1.0]], {}, "shape"),
    ],
)
def test_both_engines_refuse_what_has_no_value(function, inputs, parameters, message):
    """The message names what is wrong."""
    with pytest.raises(ValueError, match=message):
        certify(function, *inputs, **parameters)
    with pytest.raises(ValueError, match=message):
        rederive(function, *inputs, format="binary64", **parameters)


def test_a_broken_first_engine_is_noticed(monkeypatch):
    """Weights taken without the shift give other bits than the second engine."""
    inputs = [0.5, 0.25, 0.125], [1.0, 3.0, 2.0]
    monkeypatch.setattr(rows.Row, "weight", lambda self, logit: ball(logit).exp())

    first = certify("exponential_tilting", *inputs).bits.tolist()

    assert first != rederive("exponential_tilting", *inputs, format="binary64").tolist()


def test_a_broken_second_engine_is_noticed(monkeypatch):
    """A factor 1/beta left out changes the bits of a free energy."""
    monkeypatch.setattr(tempered, "Scaled", lambda quantity, factor: quantity)

    second = rederive("log_semiring_sum", [1.0, 2.0], format="binary64", beta=3.0).tolist()

    assert second != certify("log_semiring_sum", [1.0, 2.0], beta=3.0).bits.tolist()
