"""Certified averages and log-ratios: exact cases, agreement of both engines, a third evaluation by mpmath."""

from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from softmax_ref.certified import CertificationError, certify, rounding
from softmax_ref.certified.definitions import DEFINITIONS
from softmax_ref.certified.second_engine import averages as second_averages
from softmax_ref.certified.second_engine import rederive

COLD = ("mean_energy", "heat_capacity", "boltzmann_operator")
FUNCTIONS = ("entropy", *COLD, "clr")
ROUNDS = 20
INF, NAN = np.inf, np.nan


@pytest.mark.parametrize("function", FUNCTIONS)
def test_both_engines_give_the_same_bits(function, hard_rows, now_and_then_special, demand_equal_bits):
    """Balls on one side, comparisons of integers on the other, in every format."""
    rng = np.random.default_rng([43, FUNCTIONS.index(function)])

    for _ in range(ROUNDS):
        (z,) = hard_rows(rng, 1)
        if function == "clr":
            demand_equal_bits(function, (np.where(z == 0, 1.0, np.abs(z)),), {})
            continue
        z = now_and_then_special(rng, z)
        beta = {"beta": float(rng.choice([1, -1, 0, 0.5, 3, 1e-300, 1e300]))} if function in COLD else {}
        demand_equal_bits(function, (z,), beta)


@pytest.mark.parametrize("axis", [0, 1, (0, 1), None])
def test_both_engines_agree_along_every_axis(axis):
    """Slices of a (3, 2) matrix, the energies with their sign turned."""
    x = np.array([[1.0, 5], [2, 3], [4, 0.5]])

    for function in FUNCTIONS:
        assert (
            certify(function, x, axis=axis).bits.tolist()
            == rederive(function, x, format="binary64", axis=axis).tolist()
        )


def textbook(function, row, beta):
    """Evaluate the definition with mpmath; 60 digits of the result are left after what cancels."""
    x = [mpmath.mpf(v) for v in row]
    if function == "clr":
        logs = [mpmath.log(v) for v in x]
        return [y - mpmath.fsum(logs) / len(x) for y in logs]
    sign = 1 if function in ("entropy", "boltzmann_operator") else -1
    weights = [mpmath.exp(sign * beta * v) for v in x]
    p = [w / mpmath.fsum(weights) for w in weights]
    mean = mpmath.fsum(a * v for a, v in zip(p, x, strict=True))
    return {
        "entropy": -mpmath.fsum(a * mpmath.log(a) for a in p),
        "heat_capacity": beta**2 * mpmath.fsum(a * (v - mean) ** 2 for a, v in zip(p, x, strict=True)),
    }.get(function, mean)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_third_evaluation_agrees_to_60_digits(function):
    """The definition in mpmath, without a shift and with 200 digits, gives the certified decimals."""
    rng = np.random.default_rng(60)

    for beta in (1, 0.5, -2) if function in COLD else (1,):
        row = np.abs(rng.normal(size=7)) * 20 + 0.01
        got = certify(function, row, **({"beta": beta} if function in COLD else {})).decimal(60)
        with mpmath.workdps(200):
            values = np.ravel(np.array(textbook(function, row.tolist(), beta), object))
            wrong = [abs(mpmath.mpf(str(a)) / b - 1) for a, b in zip(np.ravel(got), values, strict=True)]
            assert max(wrong) < mpmath.mpf(10) ** -59


def test_rational_values_are_recognised():
    """A single finite class, equal states, coldness 0, weights that are their own geometric mean."""
    assert certify("entropy", [[3.0, -INF], [-INF, 0]]).decimal(30).tolist() == ["0", "0"]
    assert certify("heat_capacity", [5.0, 5, 5], beta=3).decimal(30) == "0"
    assert certify("heat_capacity", [5.0, 6], beta=0).decimal(30) == "0"
    assert certify("mean_energy", [1.0, 2, INF], beta=0).decimal(30) == "1.5"
    assert certify("boltzmann_operator", [0.1] * 3).decimal(60) == certify("boltzmann_operator", [0.1]).decimal(60)
    assert certify("clr", [1.0, 2, 4]).decimal(30)[1] == "0"
    assert certify("clr", [[0.1] * 5]).decimal(30).tolist() == [["0"] * 5]


def test_a_tie_of_the_mean_goes_to_even():
    """At coldness 0 the mean of 1 and 1 + 2^-7 is halfway between two numbers of bfloat16, and 1 is the even one."""
    row = [1.0, 1 + 2.0**-7]

    assert certify("boltzmann_operator", row, beta=0, format="bfloat16").values == 1
    assert certify("boltzmann_operator", row, beta=2.0**-60, format="bfloat16").values == row[1]
    assert certify("mean_energy", row, beta=2.0**-60, format="bfloat16").values == 1


def test_an_entropy_beyond_every_range_has_its_sign_and_decimals():
    """(1 + 10^6) e^-10^6 is positive, and rounds to 0 in every format."""
    certificate = certify("entropy", [0.0, -1e6])

    assert certificate.values == 0
    with mpmath.workdps(30):
        assert certificate.decimal(20) == mpmath.nstr((10**6 + 1) * mpmath.exp(-(10**6)), 20)
    assert rederive("entropy", [0.0, -1e38], format="binary64") == 0


def test_limits_and_slices_without_a_distribution():
    """The infinite entry that has no weight stays out; the other one leaves no distribution."""
    assert certify("entropy", [0.0, 1, -INF]).bits == certify("entropy", [0.0, 1]).bits
    assert certify("mean_energy", [0.0, 1, INF]).bits == certify("mean_energy", [0.0, 1]).bits
    assert certify("boltzmann_operator", [0.0, 1, INF], beta=-1).bits == certify("mean_energy", [0.0, 1]).bits
    for row in ([INF, 0], [-INF, -INF], [NAN, 0]):
        assert np.isnan(certify("entropy", row).values)
        assert np.isnan(certify("mean_energy", np.negative(row)).values)
        assert np.isnan(rederive("entropy", row, format="binary64").view(np.float64))


@pytest.mark.parametrize("bad", [0.0, -2.0, INF, NAN])
def test_weights_without_a_logarithm_are_refused(bad):
    """Both engines name the argument that is wrong."""
    with pytest.raises(ValueError, match=f"^certify: clr needs positive finite weights, got {bad}$"):
        certify("clr", [1.0, bad])
    with pytest.raises(ValueError, match=f"^clr: p must be positive and finite, got {bad}$"):
        rederive("clr", [1.0, bad], format="binary64")


def test_what_stays_undecided_is_an_error(monkeypatch):
    """With too few digits allowed neither engine guesses on which side of a midpoint an entropy lies."""
    monkeypatch.setattr(rounding, "MAX_PRECISION", 32)
    monkeypatch.setattr(second_averages, "MOST_BITS", 32)

    with pytest.raises(CertificationError, match="undecided"):
        certify("entropy", [0.0, 1.0])
    with pytest.raises(ArithmeticError, match="^second engine: an entropy has no side of .*, got 32 bits$"):
        rederive("entropy", [0.0, 1.0], format="binary64")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_wrong_factor_in_the_first_engine_is_noticed(function, monkeypatch):
    """A relative error of 2^-40 in a formula changes bits that the second engine keeps."""
    row = np.random.default_rng(7).uniform(1, 9, 20)
    definition = DEFINITIONS[function]
    wrong = replace(
        definition, formula=lambda z, i, **more: definition.formula(z, i, **more) * (1 + Fraction(1, 2**40))
    )
    monkeypatch.setitem(DEFINITIONS, function, wrong)

    assert certify(function, row).bits.tolist() != rederive(function, row, format="binary64").tolist()
