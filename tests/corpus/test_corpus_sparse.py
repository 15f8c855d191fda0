"""The cases and tolerances of the arg max, sparsemax and entmax."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from softmax_ref import certify
from softmax_ref.corpus import formats_of, load, theorems_sparse
from softmax_ref.corpus.bounds import Slice
from softmax_ref.corpus.theorems import BoundError
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.formats import get_format

SHARES = ("argmax_one_hot", "sparsemax", "entmax15", "entmax")
GRADIENTS = ("sparsemax_vjp", "entmax15_vjp", "entmax_vjp")
FILES = [(function, fmt) for function in SHARES + GRADIENTS for fmt in formats_of(function)]
ALPHA = {"sparsemax": 2.0, "sparsemax_vjp": 2.0, "entmax15": 1.5, "entmax15_vjp": 1.5}
U = 2.0**-53
rows = st.lists(st.integers(-4096, 4096).map(lambda n: n / 3072), min_size=1, max_size=9)


# A third evaluation of every stored case: bisection and the definition, in mpmath.


def threshold(x, power):
    """Return tau with sum (x - tau)_+^power = 1."""
    low, high = max(x) - 1, max(x)
    for _ in range(mpmath.mp.prec):
        middle = (low + high) / 2
        enough = mpmath.fsum(max(v - middle, 0) ** power for v in x) >= 1
        low, high = (middle, high) if enough else (low, middle)
    return low


def shares(z, alpha):
    """Return the shares of a row, those below 10^-90 as 0."""
    if alpha == 1:
        weights = [mpmath.exp(v) for v in z]
        return [w / mpmath.fsum(weights) for w in weights]
    # Bisection starts with the largest; what lies far below it would only cost digits.
    top = max(z)
    x = [(mpmath.mpf(alpha) - 1) * max(v - top, -3) for v in z]
    tau = threshold(x, 1 / (mpmath.mpf(alpha) - 1))
    w = [v - tau if v - tau > mpmath.mpf(10) ** -90 else mpmath.mpf(0) for v in x]
    return [v ** (1 / (mpmath.mpf(alpha) - 1)) for v in w]


def gradient(z, g, alpha):
    """Return s (g - gbar) of a row, s = p^(2 - alpha) on the support."""
    s = [p ** (2 - mpmath.mpf(alpha)) if p else mpmath.mpf(0) for p in shares(z, alpha)]
    mean = mpmath.fsum(a * b for a, b in zip(s, g, strict=True)) / mpmath.fsum(s)
    return [a * (b - mean) for a, b in zip(s, g, strict=True)]


def by_definition(case):
    """Return the exact values of a case, flat."""
    arrays = [np.moveaxis(x, case.axis, -1) for x in case.inputs.values()]
    shape = arrays[0].shape
    tables = [[list(map(mpmath.mpf, row)) for row in x.reshape(-1, shape[-1]).tolist()] for x in arrays]
    alpha = case.parameters.get("alpha", ALPHA.get(case.function))
    if case.function == "argmax_one_hot":
        found = [[mpmath.mpf(v == max(z)) / sum(v == max(z) for v in z) for v in z] for z in tables[0]]
    elif case.function in SHARES:
        found = [shares(z, alpha) for z in tables[0]]
    else:
        found = [gradient(z, g, alpha) for z, g in zip(*tables, strict=True)]
    flat = np.empty((len(found), shape[-1]), object)
    flat[:] = found
    return np.moveaxis(flat.reshape(shape), -1, case.axis).ravel().tolist()


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_decimals_are_what_the_definition_gives(function, fmt):
    """Bisection at 80 digits agrees with every stored decimal of finite rows to a thousandth of an ulp."""
    checked = 0
    with mpmath.workdps(80):
        for case in load(function, fmt):
            if not all(np.isfinite(x).all() and x.size <= 64 for x in case.inputs.values()):
                continue
            exact, size = by_definition(case), float(np.abs(case.inputs.get("g", np.ones(1))).max())
            for at, text, value in zip(
                case.at.tolist(), case.record["expected"]["decimal"], case.values.tolist(), strict=True
            ):
                slack = mpmath.mpf(float(case.format.ulp(value if value == value else case.format.max))) / 1000
                # An exact 0 comes back as a difference of numbers with 80 digits.
                assert abs(mpmath.mpf(text) - exact[at]) < max(slack, size * mpmath.mpf(10) ** -70), (case.id, at)
                checked += 1
    assert checked > 60


# The bounds.


def sorted_sparsemax(z):
    """Sort, add up, threshold, clip."""
    d = z - z.max()
    r = -np.sort(-d)
    n, sums = np.arange(1, len(r) + 1), np.cumsum(r)
    size = max(np.count_nonzero(1 + n * r > sums), 1)
    return np.maximum(d - (sums[size - 1] - 1) / size, 0)


def bisected(z, power):
    """Move the threshold until the shares add up to 1."""
    d, low, high = (z - z.max()) / power, -1.0, 0.0
    for _ in range(70):
        middle = (low + high) / 2
        low, high = (middle, high) if np.sum(np.maximum(d - middle, 0) ** power) >= 1 else (low, middle)
    return np.maximum(d - low, 0) ** power


def sorted_entmax15(z):
    """Sort, means of entries and squares, the quadratic, clip, square."""
    x = (z - z.max()) / 2
    r = -np.sort(-x)
    n = np.arange(1, len(r) + 1)
    mean, squares = np.cumsum(r) / n, np.cumsum(r * r) / n
    tau = mean - np.sqrt(np.maximum((1 - n * (squares - mean * mean)) / n, 0))
    return np.maximum(x - tau[max(np.count_nonzero(tau <= r), 1) - 1], 0) ** 2


STYLES = {
    "sparsemax": (sorted_sparsemax, lambda z: bisected(z, 1)),
    "entmax15": (sorted_entmax15, lambda z: bisected(z, 2)),
}


@pytest.mark.parametrize("function", STYLES)
@given(z=rows)
def test_textbook_shares_stay_within_standard(function, z):
    """By sorting and by bisection, in binary64, against certified values."""
    z = np.array(z)
    fmt, certificate = get_format("binary64"), certify(function, z)
    allowed = tolerances(function, z, values=certificate.values, fmt=fmt, level="standard")

    for style in STYLES[function]:
        assert (fmt.error(style(z), certificate.values) <= np.where(allowed, allowed + 0.5, 0)).all()


@pytest.mark.parametrize("function", STYLES)
@given(z=rows, g=st.lists(st.floats(-8, 8), min_size=9, max_size=9), offset=st.sampled_from([0.0, 1e6]))
def test_textbook_gradients_stay_within_standard(function, z, g, offset):
    """w (g - gbar), w g - w gbar and J g, in binary64, against certified values; offsets of g included."""
    z, g, gradient_of = np.array(z), np.array(g[: len(z)]) + offset, f"{function}_vjp"
    fmt, certificate = get_format("binary64"), certify(gradient_of, z, g)
    assume(certificate.values.all())  # 1e-11 beside an exact 0 is past float64 when counted in ulp
    try:
        allowed = tolerances(gradient_of, z, g, values=certificate.values, fmt=fmt, level="standard")
    except BoundError:
        assume(False)
    p = STYLES[function][0](z)
    w = np.sign(p) if function == "sparsemax" else np.sqrt(p)
    mean = w @ g / w.sum()

    for got in (w * (g - mean), w * g - w * mean, (np.diag(w) - np.outer(w, w) / w.sum()) @ g):
        assert (fmt.error(got, certificate.values) <= allowed + 0.5).all()


@pytest.mark.parametrize("level", ["tight", "standard"])
@pytest.mark.parametrize("function", ["sparsemax", "entmax15", "sparsemax_vjp", "entmax15_vjp"])
def test_more_roundings_in_a_sum_move_every_tolerance(function, level, monkeypatch):
    """Nothing is exponentiated: it is S, not E, that every nonzero bound contains."""
    fmt, shown = get_format("binary64"), 0
    cases = [case for case in load(function, "binary64") if case.policy is None]

    def bounds():
        more = [{"values": c.values, "fmt": fmt, "level": level, "axis": c.axis, "at": c.at} for c in cases]
        return [tolerances(function, *c.inputs.values(), **m) for c, m in zip(cases, more, strict=True)]

    before = bounds()
    usual = theorems_sparse.Threshold.S.fget
    monkeypatch.setattr(theorems_sparse.Threshold, "S", property(lambda t: usual(t) + 8))
    for case, few, many in zip(cases, before, bounds(), strict=True):
        visible = (few > 0) & (np.abs(case.values) >= 2.0**fmt.emin)
        assert (many > few)[visible].all(), case.id
        shown += visible.sum()
    assert shown > 30


def test_the_sparsemax_bound_is_the_formula_of_its_docstring():
    """Evaluated by hand for (0.5, 0.25): D = 1/8, tau = -5/8, S = 1."""
    fmt, z = get_format("binary64"), [0.5, 0.25]
    y = certify("sparsemax", z).values

    allowed = tolerances("sparsemax", z, values=y, fmt=fmt, level="standard")

    tau_error = U * 4 * 0.625
    b = U * (0.25 + 0.375) + tau_error
    assert allowed[1] == pytest.approx((b + U * 0.375 + U * b) / 2.0**-54, rel=1e-9)


def test_the_entmax15_bound_is_the_formula_of_its_docstring():
    """Evaluated by hand for (0, 0): x = 0, q = -tau = sqrt(1/2), S = 1; a step of Newton's method counts more."""
    fmt, z = get_format("binary64"), [0.0, 0.0]
    y = certify("entmax15", z).values

    allowed = tolerances("entmax15", z, values=y, fmt=fmt, level="standard")

    w = math.sqrt(0.5)
    b = U * w + U * w * (1 + 7) / 2
    assert allowed[0] == pytest.approx((2 * w * b + b * b + U * w * w + U * 0.5) / 2.0**-53, rel=1e-9)


@pytest.mark.parametrize("function", ["sparsemax", "entmax15"])
def test_a_class_well_outside_has_to_be_exactly_0(function):
    """A margin of 2^-40 forgives nothing; at the threshold itself a rounding may leave a speck."""
    fmt, k = get_format("binary64"), {"sparsemax": 1, "entmax15": 2}[function]
    z = np.array([1.0, 0.0, -(2.0**-40), -np.inf]) * k
    y = certify(function, z).values

    allowed = tolerances(function, z, values=y, fmt=fmt, level="standard")

    assert y.tolist() == [1, 0, 0, 0]
    far = tolerances(function, z, values=y, fmt=fmt, level="standard", scale=128)
    assert np.ldexp(far[1], 128 - 1074) == pytest.approx(0, abs=64 * U)
    assert allowed[1] > 0
    assert allowed[2:].tolist() == [0, 0]


@pytest.mark.parametrize("z", [[1.0, 0.0], [1.0, 2.0**-54]])
def test_a_gradient_at_the_jump_is_refused(z):
    """At the threshold of sparsemax no bound holds: such a case would test luck."""
    y = certify("sparsemax_vjp", z, [1.0, 2.0]).values

    with pytest.raises(BoundError, match="the bound of sparsemax_vjp exceeds 0.1"):
        tolerances("sparsemax_vjp", z, [1.0, 2.0], values=y, fmt=get_format("binary64"), level="standard")


def test_only_the_quotient_of_the_arg_max_is_rounded():
    """0, 1 and 1/2 are exact; 1/3 has one rounding in the working format and one into the output."""
    fmt = get_format("binary64")

    def allowed(z):
        return tolerances("argmax_one_hot", z, values=certify("argmax_one_hot", z).values, fmt=fmt, level="tight")

    assert allowed([2.0, 2.0, 1.0]).tolist() == [0, 0, 0]
    assert allowed([3.0, 1.0]).tolist() == [0, 0]
    assert allowed([0.0] * 3)[0] == pytest.approx(2 * U / 3 / 2.0**-54, rel=1e-9)


def test_a_bound_that_tests_nothing_is_refused():
    """In a format of 8 bits the sum of 64 equal logits allows more than a tenth."""
    s = Slice(np.zeros(64), 2.0**-9, 2.0**-30, "standard")

    assert np.isinf(theorems_sparse.SPARSE["sparsemax"](s, np.arange(2), np.full(2, 1 / 64))).all()


@pytest.mark.parametrize("suffix", ["", "_vjp"])
def test_entmax_has_the_bounds_of_the_function_that_alpha_selects(suffix):
    """alpha = 1, 1.5 and 2: softmax, entmax15 and sparsemax."""
    z, g, fmt = [0.5, 0.25, -0.25], [1.0, -2.0, 0.5], get_format("binary32")
    arrays = (z, g) if suffix else (z,)

    for alpha, name in ((1.0, "softmax"), (1.5, "entmax15"), (2.0, "sparsemax")):
        y = certify(name + suffix, *arrays, format=fmt).values
        mine = tolerances("entmax" + suffix, *arrays, values=y, fmt=fmt, level="standard", alpha=alpha)
        assert mine.tolist() == tolerances(name + suffix, *arrays, values=y, fmt=fmt, level="standard").tolist()


# What the cases contain.


@pytest.mark.parametrize("fmt", formats_of("sparsemax"))
def test_supports_of_every_size_are_present(fmt):
    """One, two, several and all classes; an entry at the threshold; keras' bug showed from two on."""
    inside = {int(np.count_nonzero(c.values)) for c in load("sparsemax", fmt) if c.values.ndim == 1 and c.at.size < 9}

    assert {1, 2, 3, 4, 5} <= inside


@pytest.mark.parametrize(("function", "fmt"), [file for file in FILES if file[0] in GRADIENTS])
def test_gradient_cases_have_varying_cotangents_and_two_rows(function, fmt):
    """With constant cotangents in most slices, or a single row, a wrong sign or axis would pass."""
    for case in load(function, fmt):
        g, z = np.moveaxis(case.inputs["g"], case.axis, -1), case.inputs["z"]
        assert z.ndim > 1 or z.size > 32 or case.policy
        if z.shape[case.axis] > 1:
            assert (g.max(axis=-1) > g.min(axis=-1)).mean() >= 0.75, case.id


def test_parameters_are_those_that_are_certified():
    """Every case of entmax carries its alpha, exactly."""
    for function in ("entmax", "entmax_vjp"):
        alphas = [Fraction(case.parameters["alpha"]) for case in load(function, "bfloat16")]
        assert set(alphas) == {1, Fraction(3, 2), 2}
        assert min(alphas.count(a) for a in set(alphas)) >= 10
