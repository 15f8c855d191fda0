"""The arg max, sparsemax and entmax, certified: two engines, a third evaluation, ties seen from integers."""

from fractions import Fraction
from itertools import combinations

import mpmath
import numpy as np
import pytest

from softmax_ref.certified import certify, sparse
from softmax_ref.certified.second_engine import rederive
from softmax_ref.certified.second_engine.surds import Surd, sign_of_surd

CALLS = [
    *((name, {}) for name in ("argmax_one_hot", "sparsemax", "entmax15", "sparsemax_vjp", "entmax15_vjp")),
    *((name, {"alpha": alpha}) for name in ("entmax", "entmax_vjp") for alpha in (1, 1.5, 2)),
]
ALPHA = {"sparsemax": 2, "sparsemax_vjp": 2, "entmax15": 1.5, "entmax15_vjp": 1.5}
ROUNDS = 12


def logits(rng):
    """Draw a row: random, on a coarse grid with ties and thresholds, with far, tiny and special entries."""
    k = int(rng.integers(1, 8))
    kinds = (
        lambda: rng.normal(size=k) * 10.0 ** rng.integers(-9, 2),
        lambda: rng.integers(-4, 5, k) / 4,
        lambda: rng.integers(-8, 9, k) / 8 + 2.0**-30 * rng.integers(-1, 2, k),
        lambda: rng.choice([0.0, 1.0, -1e300, 1e308, 5e-324, -5e-324, 2.0**-53, -np.inf], k),
        lambda: rng.integers(-4, 5, k) / 4 + rng.choice([1000.0, -1e6, 2.0**40]),
    )
    z = kinds[rng.integers(len(kinds))]()
    if rng.random() < 0.2:
        z[rng.integers(k)] = rng.choice([np.inf, -np.inf, np.nan, -0.0])
    return z


def inputs(rng, function):
    """Draw the arrays of a call."""
    z = logits(rng)
    if not function.endswith("_vjp"):
        return (z,)
    g = (rng.normal(size=len(z)), rng.integers(-3, 4, len(z)) / 2, rng.choice([1e300, 1.0, -5e-324], len(z)))
    return z, g[rng.integers(3)]


@pytest.mark.parametrize(("function", "parameters"), CALLS)
def test_engines_agree(function, parameters, demand_equal_bits):
    """Sorting and excess, means and differences give the same bits in every format."""
    rng = np.random.default_rng([7, *function.encode()])

    for _ in range(ROUNDS):
        demand_equal_bits(function, inputs(rng, function), parameters)


@pytest.mark.parametrize("function", ["sparsemax", "entmax15", "sparsemax_vjp", "entmax15_vjp"])
def test_engines_agree_along_every_axis(function):
    """The same slices, whatever the layout."""
    z = np.arange(24).reshape(2, 3, 4) * 7 % 11 / 4
    arrays = (z, z[::-1] ** 2) if function.endswith("_vjp") else (z,)

    for axis in (0, 1, -1, (0, 2), None):
        first = certify(function, *arrays, axis=axis).bits
        assert first.tolist() == rederive(function, *arrays, format="binary64", axis=axis).tolist()


def by_definition(z, g, alpha):
    """Return the shares, or the gradient for g: the threshold by bisection in mpmath, at the working precision."""
    x = [(mpmath.mpf(alpha) - 1) * mpmath.mpf(v) for v in z]
    power = 1 / (mpmath.mpf(alpha) - 1)
    low, high = max(x) - 1, max(x)
    for _ in range(mpmath.mp.prec):
        middle = (low + high) / 2
        enough = mpmath.fsum(max(v - middle, 0) ** power for v in x) >= 1
        low, high = (middle, high) if enough else (low, middle)
    p = [max(v - low, 0) ** power for v in x]
    if g is None:
        return p
    s = [v ** (2 - mpmath.mpf(alpha)) if v > mpmath.mpf(2) ** -300 else mpmath.mpf(0) for v in p]
    mean = mpmath.fsum(a * mpmath.mpf(b) for a, b in zip(s, g, strict=True)) / mpmath.fsum(s)
    return [a * (mpmath.mpf(b) - mean) for a, b in zip(s, g, strict=True)]


@pytest.mark.parametrize("function", ALPHA)
def test_bisection_at_200_digits_agrees(function):
    """A third evaluation, from the definition alone, gives the same 30 digits."""
    rng = np.random.default_rng(11)

    with mpmath.workdps(200):
        for n in range(20):
            z, g = rng.normal(size=n % 6 + 1), rng.normal(size=n % 6 + 1)
            arrays = (z, g) if function.endswith("_vjp") else (z,)
            got = certify(function, *arrays).decimal(40)
            want = by_definition(z.tolist(), g.tolist() if len(arrays) > 1 else None, ALPHA[function])
            for text, exact in zip(got.tolist(), want, strict=True):
                assert abs(mpmath.mpf(text) - exact) <= mpmath.mpf(10) ** -30


def test_sparsemax_is_the_nearest_distribution_of_all_supports():
    """By exhaustion, in rationals, at the thresholds of a coarse grid too."""
    rng = np.random.default_rng(3)

    for _ in range(60):
        z = (rng.integers(-6, 7, rng.integers(1, 6)) / 4).tolist()
        exact = [Fraction(x) for x in z]
        found = []
        for size in range(1, len(z) + 1):
            for members in combinations(range(len(z)), size):
                tau = (sum(exact[i] for i in members) - 1) / size
                p = [exact[i] - tau if i in members else Fraction(0) for i in range(len(z))]
                if min(p) >= 0:
                    found.append((sum((a - b) ** 2 for a, b in zip(p, exact, strict=True)), p))
        assert certify("sparsemax", z).values.tolist() == [float(x) for x in min(found)[1]]


def test_midpoints_are_recognised_at_the_first_precision():
    """1/2 + 2^-54 and, for four equal classes, 1 + 2^-53 are ties: to even, in 64 bits."""
    half = certify("sparsemax", [2.0**-53, 0.0])
    one = certify("entmax15_vjp", [0.0] * 4, [0.0, -8.0, -(2.0**-50), 0.0])

    assert half.values.tolist() == [0.5, 0.5 - 2.0**-54]
    assert half.precision == 64
    assert one.values[0] == 1
    assert one.precision == 64


def test_a_root_that_is_rational_is_a_rational():
    """Entmax15 of (2/5, 0) is (16/25, 9/25): the roots 4/5 and 3/5."""
    assert certify("entmax15", [Fraction(2, 5), 0]).decimal(9).tolist() == ["0.64", "0.36"]
    assert sparse.surd(Fraction(1), Fraction(3), Fraction(4, 9)).exact
    assert not sparse.surd(Fraction(1), Fraction(3), Fraction(2, 9)).exact


def test_specks_decide_ties():
    """Logits 1e-300 apart have shares 1/2 + and - a speck of 7e-301, and the sign of the speck is kept."""
    shares = certify("entmax15", [1e-300, 0.0]).decimal(320)

    assert shares[0].startswith("0.5000") and shares[1].startswith("0.4999")


def test_the_ends_of_the_family_are_softmax_and_sparsemax():
    """alpha = 1 and 2, and the middle under its own name."""
    z, g = [0.3, -0.2, 0.9], [1.0, -2.0, 0.5]

    for suffix, arrays in (("", (z,)), ("_vjp", (z, g))):
        for alpha, name in ((1, "softmax"), (1.5, "entmax15"), (2, "sparsemax")):
            want = certify(name + suffix, *arrays).bits.tolist()
            assert certify("entmax" + suffix, *arrays, alpha=alpha).bits.tolist() == want


def test_a_logit_at_the_threshold_has_share_zero_and_no_gradient():
    """Sparsemax of (1, 0) and entmax15 of (2, 0) leave the second class out."""
    assert certify("sparsemax", [1, 0]).values.tolist() == [1, 0]
    assert certify("entmax15", [2, 0]).values.tolist() == [1, 0]
    assert certify("sparsemax_vjp", [1, 0], [3, 5]).values.tolist() == [0, 0]


@pytest.mark.parametrize("function", ["entmax", "entmax_vjp"])
@pytest.mark.parametrize("alpha", [1.25, 3, 0.5])
def test_other_alphas_are_refused(function, alpha):
    """The messages of both engines name the alphas there are."""
    arrays = ([0.0, 1.0],) * (2 if function.endswith("_vjp") else 1)

    with pytest.raises(ValueError, match=f"certify: {function} is certified for alpha 1, 1.5 and 2 alone, got {alpha}"):
        certify(function, *arrays, alpha=alpha)
    with pytest.raises(ValueError, match=f"{function}: alpha must be 1, 1.5 or 2, got {float(alpha)}"):
        rederive(function, *arrays, format="binary64", alpha=alpha)


def test_a_wrong_support_in_the_first_engine_is_noticed(monkeypatch):
    """One class too few changes bits that the second engine keeps."""
    z = [0.5, 0.25, 0.0]
    right = rederive("sparsemax", z, format="binary64").tolist()
    whole = sparse.support
    alone = whole(type("Row", (), {"row": type("R", (), {"top": 0.5, "counts": {0.5: 1, 0.25: 1}})})(), Fraction(2))
    monkeypatch.setattr(sparse, "support", lambda z, alpha: alone)

    assert certify("sparsemax", z).bits.tolist() != right


@pytest.mark.parametrize(
    ("a", "b", "c", "sign"),
    [(1, -1, 2, -1), (2, -1, 2, 1), (-2, 1, 4, 0), (0, 1, 2, 1), (-1, 5, 0, -1), (0, 0, 2, 0), (-3, -1, 2, -1)],
)
def test_signs_of_surds_are_exact(a, b, c, sign):
    """a + b sqrt(c) by squares; a square c can make it 0."""
    assert sign_of_surd(Fraction(a), Fraction(b), Fraction(c)) == sign


def test_the_hint_of_a_surd_survives_cancellation():
    """153 digits cancel in p - q sqrt(2) with p and q of 76 digits; 24 digits of the rest are right."""
    p, q = 1, 1
    for _ in range(200):
        p, q = p + 2 * q, p + q
    n, e = Surd(p, -q, 2).hint()

    with mpmath.workdps(400):
        exact = abs(p - q * mpmath.sqrt(2))
        assert abs(mpmath.mpf(n) * mpmath.mpf(2) ** e / exact - 1) < mpmath.mpf(10) ** -24
