"""The bounds of averages and log-ratios: textbook forms stay within, E moves them, what cancels lies far outside."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from softmax_ref import certify
from softmax_ref.corpus import load
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.formats import get_format

FUNCTIONS = ("entropy", "mean_energy", "heat_capacity", "boltzmann_operator", "clr")
BINARY64 = get_format("binary64")
rows = st.lists(st.floats(-300, 300), min_size=1, max_size=8).map(np.array)
coldness = st.sampled_from([1.0, -1.0, 0.0, 0.3, -2.7])


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def log_softmax(x):
    d = x - x.max()
    return d - np.log(np.exp(d).sum())


def p_log_p(z):
    p = softmax(z)
    return -(p * np.log(np.where(p > 0, p, 1))).sum()


def log_s_and_distances(z):
    d = z - z.max()
    return np.log(np.exp(d).sum()) - (softmax(z) * d).sum()


def squares_of_distances(E, beta):
    p = softmax(-beta * E)
    return beta**2 * (p * (E - (p * E).sum()) ** 2).sum()


TEXTBOOK = {
    "entropy": [p_log_p, log_s_and_distances, lambda z: -(np.exp(log_softmax(z)) * log_softmax(z)).sum()],
    "mean_energy": [
        lambda E, beta: (softmax(-beta * E) * E).sum(),
        lambda E, beta: (np.exp(log_softmax(-beta * E)) * E).sum(),
    ],
    "boltzmann_operator": [lambda z, beta: (softmax(beta * z) * z).sum()],
    "heat_capacity": [squares_of_distances],
    "clr": [lambda p: np.log(p) - np.log(p).mean()],
}


@given(rows)
def test_textbook_entropies_stay_within_standard(excess, z):
    """-sum p log p of two softmax, and log s - sum p d."""
    assert max(excess("entropy", form, z) for form in TEXTBOOK["entropy"]) <= 1


@pytest.mark.parametrize("function", ["mean_energy", "heat_capacity", "boltzmann_operator"])
@given(rows, coldness, st.sampled_from([0.0, 1e4, 2.0**20]))
def test_textbook_averages_stay_within_standard(excess, function, x, beta, offset):
    """sum p z and beta^2 sum p (E - U)^2, the products beta z rounded, at any offset."""
    assert max(excess(function, form, x + offset, beta=beta) for form in TEXTBOOK[function]) <= 1


@given(rows, st.sampled_from([1.0, 1e-200, 1e150]))
def test_textbook_log_ratios_stay_within_standard(excess, x, scale):
    """log p - mean(log p), for weights of any size."""
    p = np.exp(x / 3) * scale
    assume(certify("clr", p).values.all())  # 1e-14 beside an exact 0 is past float64 when counted in ulp

    assert max(excess("clr", form, p) for form in TEXTBOOK["clr"]) <= 1


@pytest.mark.parametrize("level", ["tight", "standard"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_worse_exp_moves_every_tolerance(function, level):
    """E = 8 in place of 4 widens every bound in which exp or log has a part that float64 can show."""
    shown = 0
    for case in load(function, "binary64"):
        x = next(iter(case.inputs.values()))
        more = {"values": case.values, "fmt": BINARY64, "level": level, "axis": case.axis, "at": case.at}
        four, eight = (tolerances(function, x, E=E, **more, **case.parameters) for E in (4, 8))
        varied = len(np.unique(x[np.isfinite(x)])) > 1  # else the value is known without exp
        visible = varied & (four > 0) & (np.abs(case.values) >= 2.0**BINARY64.emin)
        assert (eight > four)[visible].all(), case.id
        shown += visible.sum()
    assert shown >= 25


def test_the_entropy_bound_is_the_formula_of_the_table():
    """Evaluated by hand for the logits (0, -3) at level standard, to first order."""
    u, E, S, log_s = float(Fraction(1, 2**53)), 4, 1, float(np.log1p(np.exp(-3.0)))
    depth, p = np.array([0.0, 3.0]), softmax(np.array([0.0, -3.0]))
    A = E + 3 * p[1]
    P = 2 * depth + (2 + E) * log_s + E + A + S + 1
    L = (A + S + E * log_s) + 2 * (depth + log_s) + 1
    H = float(certify("entropy", [0.0, -3.0]).values)
    bound = u * (p @ ((depth + log_s) * (P + S + 2) + L) + H)

    allowed = tolerances("entropy", [0.0, -3.0], values=[H], fmt=BINARY64, level="standard")

    assert allowed[0] == pytest.approx((bound + u * H) / np.spacing(H), rel=1e-6)


def test_the_difference_of_mean_squares_lies_far_outside(excess):
    """E^2 - U^2 at an offset of 1e4 errs by some 1e8 roundings; the theorem allows thousands."""

    def cancelling(E, beta):
        p = softmax(-beta * E)
        return beta**2 * ((p * E * E).sum() - (p * E).sum() ** 2)

    assert excess("heat_capacity", cancelling, 1e4 + np.array([0, 0.7, 1.9]), beta=1.0) > 1e3


def test_a_logsumexp_minus_the_mean_lies_far_outside(excess):
    """log sum e^z - sum p z cancels at an offset; no theorem about a stable algorithm admits it."""

    def cancelling(z):
        return np.logaddexp(*z) - (softmax(z) * z).sum()

    assert excess("entropy", cancelling, 1e6 + np.array([0, 0.7])) > 1e3


def test_tight_asks_for_log1p_and_for_distances(excess):
    """Small entropies and offset means keep their digits in the best algorithms alone."""
    z, E = np.array([0.0, -30.0]), 2.0**20 + np.array([0, 0.25, 1.5])

    def with_log1p(z):
        e = np.exp(z[1])
        return np.log1p(e) - e * z[1] / (1 + e)

    def from_the_ground(E, beta):
        return E[0] + (softmax(-beta * (E - E[0])) * (E - E[0])).sum()

    assert excess("entropy", log_s_and_distances, z, level="tight") > 1e3
    assert excess("entropy", with_log1p, z, level="tight") <= 1
    assert excess("mean_energy", from_the_ground, E, level="tight", beta=1.0) <= 1
