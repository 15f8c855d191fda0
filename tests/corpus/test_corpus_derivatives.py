"""The derivatives of logarithms, pairs and slopes: a third evaluation, what their inputs have to show, other names."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref import certify, check, functions
from softmax_ref.corpus import ALIASES, load
from softmax_ref.corpus.bounds import LEVELS
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.formats import get_format

FORMATS = ("binary64", "binary32", "binary16", "bfloat16")
ROWS = ("log_softmax_vjp", "log_softmax_jvp", "logsumexp_vjp", "logsumexp_jvp")
PAIRS = ("logaddexp", "logaddexp_vjp", "logaddexp_jvp")
SLOPES = ("logistic_vjp", "log_logistic_vjp", "softplus_vjp")
FUNCTIONS = (*ROWS, *PAIRS, "log_logistic", *SLOPES)
BINARY64 = get_format("binary64")
LONG = 300  # entries; longer rows take minutes at 800 digits


def of_row(function, z, g):
    """The results of one slice, from the definition."""
    weights = [mpmath.exp(x) for x in z]
    p = [w / mpmath.fsum(weights) for w in weights]
    if function == "logsumexp_vjp":
        return [g[0] * q for q in p]
    if function == "log_softmax_vjp":
        return [c - q * mpmath.fsum(g) for c, q in zip(g, p, strict=True)]
    mean = mpmath.fsum(q * v for q, v in zip(p, g, strict=True))
    return [mean] if function == "logsumexp_jvp" else [v - mean for v in g]


def of_entry(function, x, y=0, *more):
    """The results at one place of an elementwise function, from the definition."""
    if function in ("logaddexp", "logaddexp_vjp", "logaddexp_jvp"):
        a, b = mpmath.exp(x), mpmath.exp(y)
        if function == "logaddexp":
            return [mpmath.log(a + b)]
        shares = [a / (a + b), b / (a + b)]
        return [more[0] * q for q in shares] if len(more) == 1 else [shares[0] * more[0] + shares[1] * more[1]]
    p, q = 1 / (1 + mpmath.exp(-x)), 1 / (1 + mpmath.exp(x))
    by_name = {"log_logistic": lambda: mpmath.log(p), "logistic_vjp": lambda: y * p * q}
    by_name |= {"log_logistic_vjp": lambda: y * q, "softplus_vjp": lambda: y * p}
    return [by_name[function]()]


def exact_values(case):
    """The exact results of a case, flat."""
    first, *others = case.inputs.values()
    if case.function not in ROWS:
        entries = zip(*(map(mpmath.mpf, x.ravel().tolist()) for x in (first, *others)), strict=True)
        results = [of_entry(case.function, *entry) for entry in entries]
        return [result[n] for n in range(len(results[0])) for result in results]
    z = np.moveaxis(first, case.axis, -1)
    g = np.moveaxis(others[0], case.axis, -1) if others[0].shape == first.shape else others[0][..., None]
    tables = [x.reshape(-1, x.shape[-1]) for x in (z, g)]
    rows = [
        of_row(case.function, *([mpmath.mpf(v) for v in row.tolist()] for row in pair))
        for pair in zip(*tables, strict=True)
    ]
    if case.function == "logsumexp_jvp":
        return [y for row in rows for y in row]
    flat = np.empty(tables[0].shape, object)
    flat[:] = rows
    return np.moveaxis(flat.reshape(z.shape), -1, case.axis).ravel().tolist()


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_decimals_are_what_the_definition_gives_at_800_digits(function, fmt):
    """Without shift, enclosure or rounding to a format, within 1/1000 ulp."""
    form, compared = get_format(fmt), 0
    with mpmath.workdps(800):
        for case in load(function, fmt):
            if not all(np.isfinite(x).all() and x.size <= LONG for x in case.inputs.values()):
                continue
            exact, stored = exact_values(case), case.record["expected"]["decimal"]
            for at, text, value in zip(case.at.tolist(), stored, case.values.tolist(), strict=True):
                assert abs(mpmath.mpf(text) - exact[at]) < mpmath.mpf(float(form.ulp(value))) / 1000, (case.id, at)
                compared += 1
    assert compared > 90


@pytest.mark.parametrize("function", [*FUNCTIONS, *ALIASES])
def test_the_reference_reaches_tight_in_every_format(function):
    """Its own functions, judged like anybody's; integers included."""
    report = check(getattr(functions, function), function, require="tight")

    assert report.conforms, str(report)
    assert {report.level(result) for result in report.results} == {"tight"}
    assert all(finding.state == "kept" for finding in report.integers)


# Inputs.


def along(case, name):
    """An input with the axis of the slices last."""
    return np.moveaxis(case.inputs[name], case.axis, -1)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("function", ["log_softmax_vjp", "log_softmax_jvp", "logsumexp_jvp"])
def test_most_cotangents_vary_within_and_between_rows(function, fmt):
    """A constant one, or a single row, would pass a sign, an axis or a missing weight."""
    cases = [case for case in load(function, fmt) if case.inputs["z"].shape[case.axis] > 1]
    vary = sum(
        bool((np.ptp(along(case, name), axis=-1) > 0).all() and case.inputs["z"].ndim > 1)
        for case in cases
        for name in list(case.inputs)[1:]
    )

    assert vary > 0.8 * len(cases)


@pytest.mark.parametrize("fmt", FORMATS)
def test_cotangents_of_log_softmax_have_sums_of_every_kind(fmt):
    """Zero, almost zero, positive, negative: where the sum is 0 the probabilities do not show."""
    sums = np.concatenate([along(case, "g").sum(axis=-1).ravel() for case in load("log_softmax_vjp", fmt)])

    assert {-1.0, 0.0, 1.0} <= set(np.sign(sums))
    assert (sums == 0).mean() < 0.1
    assert ((0 < np.abs(sums)) & (np.abs(sums) < 0.2)).any()


@pytest.mark.parametrize("function", ["logsumexp_vjp", "log_softmax_vjp", "logaddexp_vjp"])
def test_equal_logits_of_every_size_are_there(function):
    """1e10 and more, where exp(z - logsumexp(z)) has lost its digits."""
    first = np.concatenate([next(iter(case.inputs.values())).ravel() for case in load(function, "binary64")])

    assert {1e4, 1e10, 1e50, 1e300} <= set(first.tolist())


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_kind_of_pair_is_there(fmt):
    """-inf, a number, +inf, nan on either side: sixteen pairs."""
    kinds = set()
    for case in load("logaddexp", fmt):
        x, y = (np.where(np.isfinite(v), 0.0, v).ravel().astype(str).tolist() for v in case.inputs.values())
        kinds |= set(zip(x, y, strict=True))

    assert kinds == {(a, b) for a in ("-inf", "0.0", "inf", "nan") for b in ("-inf", "0.0", "inf", "nan")}


# Bounds.


def shares(z):
    """Softmax of a row."""
    e = np.exp(z - z.max())
    return e / e.sum()


def logs(z):
    """Log-softmax of a row."""
    d = z - z.max()
    return d - np.log(np.exp(d).sum())


TEXTBOOK = {
    "log_softmax_vjp": [
        lambda z, g: g - shares(z) * g.sum(),
        lambda z, g: g - np.exp(logs(z)) * g.sum(),
        lambda z, g: g - np.exp(z - z.max()) * (g.sum() / np.exp(z - z.max()).sum()),
    ],
    "log_softmax_jvp": [
        lambda z, v: v - shares(z) @ v,
        lambda z, v: v - np.exp(logs(z)) @ v,
        lambda z, v: v - (np.exp(z - z.max()) @ v) / np.exp(z - z.max()).sum(),
    ],
    "logsumexp_vjp": [
        lambda z, g: g[0] * shares(z),
        lambda z, g: g[0] * np.exp(logs(z)),
        lambda z, g: np.exp(z - z.max()) * (g[0] / np.exp(z - z.max()).sum()),
    ],
    "logsumexp_jvp": [
        lambda z, v: shares(z) @ v,
        lambda z, v: np.exp(logs(z)) @ v,
        lambda z, v: (np.exp(z - z.max()) @ v) / np.exp(z - z.max()).sum(),
    ],
}
rows = st.lists(st.floats(-300, 300), min_size=1, max_size=8).map(np.array)
moves = st.lists(st.floats(-8, 8), min_size=8, max_size=8).map(np.array)


@pytest.mark.parametrize("function", TEXTBOOK)
@given(rows, moves, st.sampled_from([0.0, 1e5]))
def test_textbook_derivatives_of_rows_stay_within_standard(excess, function, z, g, offset):
    """From p, from log p, from exp(z - m): in binary64, against certified values."""
    g = g[: len(z)]
    second = g[0] if function == "logsumexp_vjp" else g + offset

    for form in TEXTBOOK[function]:
        got = lambda z, given: form(z, np.atleast_1d(given))  # noqa: B023
        assert excess(function, got, z, second) <= 1


def logistic(x):
    """The logistic function from the exponential that cannot overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


OF_ARGUMENTS = {
    "logaddexp": [
        lambda x, y: np.logaddexp(x, y),
        lambda x, y: np.maximum(x, y) + np.log(1 + np.exp(-np.abs(x - y))),
    ],
    "logaddexp_vjp": [
        lambda x, y, g: np.stack([g * logistic(x - y), g * logistic(y - x)]),
        lambda x, y, g: g * np.exp([-np.logaddexp(0, y - x), -np.logaddexp(0, x - y)]),
    ],
    "logaddexp_jvp": [
        lambda x, y, vx, vy: vx * logistic(x - y) + vy * logistic(y - x),
        lambda x, y, vx, vy: (vx + np.exp(y - x) * vy) / (1 + np.exp(y - x)),
    ],
    "log_logistic": [
        lambda x: -np.logaddexp(0, -x),
        lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))),
    ],
    "logistic_vjp": [
        lambda x, g: g * logistic(x) * logistic(-x),
        lambda x, g: g * np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2,
        lambda x, g: g * np.exp(-np.logaddexp(0, -x) - np.logaddexp(0, x)),
    ],
    "log_logistic_vjp": [lambda x, g: g * logistic(-x), lambda x, g: g * np.exp(-np.logaddexp(0, x))],
    "softplus_vjp": [lambda x, g: g * logistic(x), lambda x, g: g * np.exp(-np.logaddexp(0, -x))],
}
ARGUMENTS = {"logaddexp": 2, "logaddexp_vjp": 3, "logaddexp_jvp": 4, "log_logistic": 1}
number = st.floats(-300, 300)


@pytest.mark.parametrize("function", OF_ARGUMENTS)
@given(st.tuples(number, number, number, number))
def test_textbook_forms_of_pairs_and_slopes_stay_within_standard(excess, function, numbers):
    """With logistic functions, with their logarithms, with quotients: in binary64, against certified values."""
    inputs = [np.array([x]) for x in numbers[: ARGUMENTS.get(function, 2)]]

    for form in OF_ARGUMENTS[function]:
        assert excess(function, form, *inputs) <= 1


def test_tight_asks_for_the_gradient_that_a_confident_class_has_left(excess):
    """g - p sum g loses 1 - p next to 1; g (1 - p) - p (the other g) keeps it, and only *tight* asks for that."""
    z, g = np.array([37.42994775023705, 0.0]), np.array([1.0, 0.0])
    textbook = g - shares(z) * g.sum()

    assert textbook[0] == 0 < certify("log_softmax_vjp", z, g).values[0]
    assert excess("log_softmax_vjp", lambda z, g: textbook, z, g) <= 1
    assert excess("log_softmax_vjp", lambda z, g: textbook, z, g, level="tight") > 1
    assert excess("log_softmax_vjp", functions.log_softmax_vjp, z, g, level="tight") <= 1


def test_tight_asks_for_a_tangent_without_its_offset(excess):
    """A common offset of 1e6 costs the textbook form six digits, and *tight* does not allow for them."""
    z, v = np.array([1.0, 2.0, -0.5]), np.array([0.25, -0.75, 0.5]) + 1e6

    assert excess("log_softmax_jvp", lambda z, v: v - shares(z) @ v, z, v) <= 1
    assert excess("log_softmax_jvp", lambda z, v: v - shares(z) @ v, z, v, level="tight") > 1
    assert excess("log_softmax_jvp", functions.log_softmax_jvp, z, v, level="tight") <= 1


def test_a_share_that_underflows_is_magnified_by_the_sum_of_the_cotangents(excess):
    """p = 4.9e-324 is off by half a subnormal, and 256 times that by 128 of them: allowed."""
    z, g = np.array([0.0, -744.6]), np.array([256.0, 0.0])
    p = np.exp(z - z.max())

    assert BINARY64.error(-256 * p[1:], certify("log_softmax_vjp", z, g).values[1:])[0] > 10
    for level in LEVELS:
        assert excess("log_softmax_vjp", lambda z, g: g - p * g.sum(), z, g, level=level) <= 1


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("function", SLOPES)
def test_slopes_at_the_infinities_are_exact(function, level):
    """0 or the cotangent itself: nothing is rounded, nothing is allowed."""
    x, g = [np.inf, -np.inf], [3.0, 3.0]
    values = certify(function, x, g).values

    assert set(values.tolist()) <= {0.0, 3.0}
    assert tolerances(function, x, g, values=values, fmt=BINARY64, level=level).tolist() == [0, 0]


@pytest.mark.parametrize("level", LEVELS)
def test_what_has_probability_0_allows_nothing(level):
    """The gradient of a masked logit is 0 or its own cotangent, exactly."""
    z, g = [0.0, -np.inf], [1.0, 5.0]

    for function, second in (("log_softmax_vjp", g), ("logsumexp_vjp", 3.0)):
        values = certify(function, z, second).values
        allowed = tolerances(function, z, second, values=values, fmt=BINARY64, level=level)
        assert allowed[1] == 0, function
        assert values[1] == (5.0 if function == "log_softmax_vjp" else 0.0)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_worse_exp_moves_every_tolerance(function, level):
    """E = 8 in place of 4 widens every bound in which exp or log has a part that float64 can show."""
    shown = 0
    for case in load(function, "binary64"):
        along = {} if case.axis is None else {"axis": case.axis}
        more = {"values": case.values, "fmt": BINARY64, "level": level, "at": case.at} | along
        four, eight = (tolerances(function, *case.inputs.values(), E=E, **more) for E in (4, 8))
        assert (eight >= four).all(), case.id
        shown += (eight > four).sum()
    assert shown > 100


# Other names.


@pytest.mark.parametrize(("alias", "function"), ALIASES.items())
def test_an_alias_has_the_cases_of_its_function(alias, function):
    """load and check take it; the report names what was asked for."""
    report = check(getattr(functions, function), alias, ["binary32"])

    assert load(alias, "binary32") == load(function, "binary32")
    assert (report.function, report.conforms) == (alias, True)
    assert alias in str(report)


def test_an_alias_computes_what_its_function_computes():
    """Certified under either name, bit for bit."""
    z, v = [0.5, -1.0, 2.0], [1.0, -2.0, 0.25]
    for alias, function in ALIASES.items():
        inputs = (z,) if alias in ("logsumexp_hessian", "clr_inv") else (z, v)
        assert (certify(alias, *inputs).bits == certify(function, *inputs).bits).all(), alias


def test_an_unknown_name_lists_the_aliases_too():
    """A misspelt alias is answered with all names."""
    with pytest.raises(ValueError, match="function needs to be one of softmax, .*softmax_jvp.*, got 'softmax_jpv'"):
        check(abs, "softmax_jpv")
    with pytest.raises(
        ValueError, match="load: function needs to be one of softmax, .*softplus_jvp, got 'softmax_jpv'"
    ):
        load("softmax_jpv")


# Two results.


def two_results(x, y, g):
    """The gradients of logaddexp as a tuple."""
    e = np.exp(-np.abs(x - y))
    larger, smaller = 1 / (1 + e), e / (1 + e)
    return g * np.where(x >= y, larger, smaller), g * np.where(x >= y, smaller, larger)


def test_two_results_are_taken_as_a_tuple_or_stacked():
    """(gx, gy) is stored as an array with a first axis of two."""
    case = load("logaddexp_vjp", "binary64")[0]
    assert case.shape == (2, *case.inputs["x"].shape)

    for fn in (two_results, lambda *arrays: list(two_results(*arrays)), lambda *arrays: np.stack(two_results(*arrays))):
        report = check(fn, "logaddexp_vjp", ["binary64", "binary32"])
        assert report.conforms, str(report)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, y, g: two_results(x, y, g)[::-1],
        lambda x, y, g: two_results(x, y, g)[0],
        lambda x, y, g: (two_results(x, y, g)[0], two_results(x, y, g)[1].ravel()[:1]),
        lambda x, y, g: np.stack(two_results(x, y, g), -1),
    ],
    ids=["swapped", "one alone", "of two shapes", "stacked behind"],
)
def test_two_results_in_another_form_fail(wrong):
    """Exchanged, one of them missing, ragged, or with the pair along the last axis."""
    assert not check(wrong, "logaddexp_vjp", ["binary64"]).conforms
