"""The tolerances: theorems evaluated, not numbers fitted."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from softmax_ref import certify, softmax_vjp
from softmax_ref.corpus import CORPUS_FUNCTIONS, formats_of, load
from softmax_ref.corpus.bounds import Slice
from softmax_ref.corpus.theorems import BoundError
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.formats import get_format

FILES = [(function, fmt) for function in CORPUS_FUNCTIONS for fmt in formats_of(function)]
rows = st.lists(st.floats(-300, 300), min_size=1, max_size=8)


@pytest.mark.parametrize("level", ["tight", "standard"])
@pytest.mark.parametrize("function", ["softmax", "log_softmax", "logsumexp"])
def test_a_worse_exp_moves_every_tolerance(function, level):
    """E = 8 in place of 4 widens every bound in which exp has a part that float64 can show."""
    fmt, shown = get_format("binary64"), 0
    for case in load(function, "binary64"):
        more = {"values": case.values, "fmt": fmt, "level": level, "axis": case.axis, "at": case.at}
        four, eight = (tolerances(function, case.inputs["z"], E=E, **more) for E in (4, 8))
        part = _part_of_exp(np.moveaxis(case.inputs["z"], case.axis, -1), level)
        visible = (four > 0) & (np.abs(case.values) >= 2.0**fmt.emin) & (np.abs(case.values) < 1e14 * part)
        assert (eight > four)[visible].all(), case.id
        shown += visible.sum()
    assert shown > 60


def _part_of_exp(z, level):
    """A lower bound of the mass that passes through exp: all of it, or for *tight* what lies beside a maximum."""
    with np.errstate(all="ignore"):
        weight = np.sort(np.exp(z - z.max(axis=-1, keepdims=True)), axis=-1)
        others = np.nan_to_num(weight[..., :-1].sum(axis=-1) / weight.sum(axis=-1))
    return 1.0 if level == "standard" else float(others.min()) / 2


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_tight_is_inside_standard(function, fmt):
    """No component has a tight bound above its standard one."""
    for case in load(function, fmt):
        assert (case.tolerances["tight"] <= case.tolerances["standard"]).all(), case.id


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_a_correctly_rounded_result_is_always_allowed(function, fmt):
    """Half an ulp of rounding into the output format fits in every tolerance."""
    for case in load(function, fmt):
        error = case.format.error(case.values, case.values, case.offsets)
        half = np.where(case.tolerances["tight"] == 0, 0.001, 0)  # where the result is exact: the decimals' last digit
        assert (error <= case.tolerances["tight"] + half).all(), case.id


def test_the_softmax_bound_is_the_formula_of_the_design():
    """Evaluated by hand for the logits (0, -3) at level standard."""
    fmt, u = get_format("binary64"), Fraction(1, 2**53)
    y = certify("softmax", [0.0, -3.0]).values
    p1, log_s = float(y[1]), float(np.log1p(np.exp(-3.0)))
    A = 4 + 3 * p1
    b = float(u) * (2 * 3 + 6 * log_s + 4 + A + 1 + 1)
    expected = (p1 * b / (1 - b) + 2.0**-53 * (p1 + p1 * b / (1 - b)) + 1.5 * 5e-324) / 2.0**-57

    allowed = tolerances("softmax", [0.0, -3.0], values=y, fmt=fmt, level="standard")

    assert allowed[1] == pytest.approx(expected, rel=1e-9)


def test_a_bound_that_tests_nothing_is_refused():
    """70 million roundings in binary32 allow more than a tenth: no case may be built on that."""
    s = Slice(np.zeros(4_000_000), 2.0**-24, 2.0**-149, "standard")

    assert np.isinf(s.P).all()
    with pytest.raises(BoundError, match="the bound of softmax exceeds 0.1"):
        tolerances(
            "softmax", np.zeros(4_000_000), values=[2.5e-7], fmt=get_format("binary32"), level="standard", at=[0]
        )


@given(rows)
def test_the_textbook_forms_stay_within_standard(z):
    """exp(d)/s and exp(d - log s), in binary64, against certified values."""
    z = np.array(z)
    fmt, certificate = get_format("binary64"), certify("softmax", z)
    allowed = tolerances("softmax", z, values=certificate.values, fmt=fmt, level="standard")
    d = z - z.max()
    forms = [np.exp(d) / np.exp(d).sum(), np.exp(d - np.log(np.exp(d).sum()))]

    for got in forms:
        assert (fmt.error(got, certificate.values) <= allowed + 0.5).all()


@given(rows)
def test_the_textbook_log_softmax_stays_within_standard(z):
    """d - log s in binary64, against certified values."""
    z = np.array(z)
    fmt, certificate = get_format("binary64"), certify("log_softmax", z)
    allowed = tolerances("log_softmax", z, values=certificate.values, fmt=fmt, level="standard")
    d = z - z.max()

    got = d - np.log(np.exp(d).sum())

    assert (fmt.error(got, certificate.values) <= allowed + 0.5).all()


def test_exact_components_allow_nothing():
    """A masked class has probability 0 exactly; nan is nan."""
    fmt = get_format("binary32")

    masked = tolerances("softmax", [0.0, -np.inf], values=[1.0, 0.0], fmt=fmt, level="standard")
    nan = tolerances("softmax", [0.0, np.nan], values=[np.nan, np.nan], fmt=fmt, level="standard")

    assert masked[1] == 0
    assert nan.tolist() == [0, 0]


def test_terms_that_underflow_each_cost_a_subnormal():
    """63 terms of e^-100.3 in binary32: rounded one by one, log1p of their sum is off by many smallest subnormals."""
    fmt, z = get_format("binary32"), np.array([0.0] + [float(np.float32(-100.3))] * 63)
    certificate = certify("log_softmax", z, format=fmt, at=[0])
    term = float(fmt.cast(np.exp(z[1])))
    got = -np.log1p(63 * term)

    allowed = tolerances("log_softmax", z, values=certificate.values, fmt=fmt, level="tight", at=[0])

    assert 1.5 < fmt.error(got, certificate.values)[0] <= allowed[0] < 100


def test_the_bound_of_a_sum_is_the_mean_of_bounds():
    """1/(1 - x) is convex: b/(1 - b) of the mean would be below it."""
    s = Slice(np.array([0.0, -3.0, -3.0]), 2.0**-11, 0.0, "standard")
    mean = s.u * (s.A + s.S)

    assert mean / (1 - mean) < s.sum_error < 1.01 * mean / (1 - mean)


@given(rows, st.lists(st.floats(-8, 8), min_size=8, max_size=8), st.sampled_from([0.0, 1e6]))
def test_the_textbook_gradients_stay_within_standard(z, g, offset):
    """p (g - gbar), p g - p gbar and J g, in binary64, against certified values; offsets of g included."""
    z, g = np.array(z), np.array(g[: len(z)]) + offset
    fmt, certificate = get_format("binary64"), certify("softmax_vjp", z, g)
    assume(certificate.values.all())  # 1e-11 beside an exact 0 is past float64 when counted in ulp
    allowed = tolerances("softmax_vjp", z, g, values=certificate.values, fmt=fmt, level="standard")
    e = np.exp(z - z.max())
    p = e / e.sum()
    forms = [p * (g - p @ g), p * g - p * (p @ g), (np.diag(p) - np.outer(p, p)) @ g]

    for got in forms:
        assert (fmt.error(got, certificate.values) <= allowed).all()


@given(rows, st.sampled_from([0.0, 0.3, -1.7, 5.1]), st.sampled_from([0.0, 1e5]))
def test_a_coldness_adds_the_rounding_of_its_products(z, beta, offset):
    """softmax(beta z) of a rounded product stays within standard, shifted before the product within tight."""
    z = np.array(z) / 4 + offset
    fmt, certificate = get_format("binary64"), certify("softmax", z, beta=beta)
    more = {"values": certificate.values, "fmt": fmt, "beta": beta}
    x, d = beta * z, abs(beta) * (z - z.max() if beta > 0 else z.min() - z)
    multiplied, shifted = np.exp(x - x.max()), np.exp(d)

    for form, level in ((multiplied, "standard"), (shifted, "tight")):
        allowed = tolerances("softmax", z, level=level, **more)
        assert (fmt.error(form / form.sum(), certificate.values) <= allowed + 0.5).all()


def test_an_exact_product_costs_nothing():
    """A coldness that is a power of two, or 0, rounds no product."""
    z, fmt = [0.0, 1e5], get_format("binary64")

    def first(beta, level):
        values = certify("softmax", z, beta=beta).values
        return tolerances("softmax", z, values=values, fmt=fmt, level=level, beta=beta)[1]

    assert first(2.0, "standard") == first(1.0, "standard")
    assert first(1.5, "standard") > 1e5
    assert first(1.5, "tight") < 10


@pytest.mark.parametrize("beta", [0.1, 0.7, 31.7, 1001.3])
def test_a_coldness_scales_the_bound_of_the_gradient(excess, beta):
    """beta p (g - p.g), textbook and centred, of logits that beta makes of one size."""
    rng = np.random.default_rng(5)

    def without_the_factor(z, g, beta):
        p = np.exp(beta * (z - z.max()))
        p /= p.sum()
        return p * (g - p @ g)

    def textbook(z, g, beta):
        return beta * without_the_factor(z, g, beta)

    def centred(z, g, beta):
        return softmax_vjp(z, g, beta=beta)

    for _ in range(50):
        z, g = rng.normal(0, 0.2, 5) / beta, rng.normal(size=5)
        assert excess("softmax_vjp", textbook, z, g, beta=beta) <= 1
        assert excess("softmax_vjp", centred, z, g, beta=beta, level="tight") <= 1
    assert excess("softmax_vjp", without_the_factor, z, g, beta=beta) > 1000


@pytest.mark.parametrize("function", ["logistic_vjp", "log_logistic_vjp", "softplus_vjp"])
def test_elementwise_gradients_through_logarithms_stay_within_standard(excess, function):
    """exp(log p) on either side of 0, where log p is large."""
    x, g = np.linspace(-36.5, 36.5, 301), np.full(301, 0.7)

    def through_logarithms(x, g):
        log_p, log_q = -np.logaddexp(0, -x), -np.logaddexp(0, x)
        return g * np.exp({"logistic_vjp": log_p + log_q, "log_logistic_vjp": log_q, "softplus_vjp": log_p}[function])

    assert excess(function, through_logarithms, x, g) <= 1
    assert excess(function, through_logarithms, x, g, level="tight") > 1
