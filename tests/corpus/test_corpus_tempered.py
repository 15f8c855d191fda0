"""Cases and bounds of Boltzmann sums, policies, perturbed and tilted rows, and of the log semiring."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref import certify, exponential_tilting
from softmax_ref.corpus import formats_of, load
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.formats import get_format

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
FUNCTIONS = list(COLDNESS)
REDUCED = ("partition_function", "free_energy", "log_semiring_sum")
ELEMENTWISE = ("log_semiring_add", "log_semiring_multiply")
BINARY64 = get_format("binary64")
LONG = 300
rows = st.lists(st.floats(-200, 200), min_size=1, max_size=8).map(np.array)
offsets = st.sampled_from([0.0, 1e3, -3e5])
coldness = st.sampled_from([1.0, 0.3, 2.0, 5.1])


# A third evaluation of every stored value.


def weights(function, slice_, c):
    """The terms of a slice, unshifted, in mpmath."""
    first, *rest = slice_
    if function == "gumbel_softmax":
        return [mpmath.exp((x + g) / c) for x, g in zip(first, rest[0], strict=True)]
    if function == "exponential_tilting":
        return [p * mpmath.exp(c * x) for p, x in zip(first, rest[0], strict=True)]
    if function == "boltzmann_policy":
        return [mpmath.exp(x / c) for x in first]
    sign = 1 if function in ("log_semiring_sum", "log_semiring_add") else -1
    return [mpmath.exp(sign * c * x) for x in first]


def by_definition(function, slice_, c):
    """The results of one slice."""
    if function == "log_semiring_multiply":
        return [slice_[0][0] + slice_[0][1]]
    terms = weights(function, slice_, c)
    total = mpmath.fsum(terms)
    if function == "partition_function":
        return [total]
    if function in ("free_energy", "log_semiring_sum", "log_semiring_add"):
        return [(-1 if function == "free_energy" else 1) * mpmath.log(total) / c]
    return [w / total for w in terms]


def exact_values(case):
    """The exact results of a case, flat."""
    c = mpmath.mpf(next(iter(case.parameters.values()), 1))
    arrays = list(case.inputs.values())
    if case.function in ELEMENTWISE:
        slices = np.stack([x.ravel() for x in arrays], axis=-1)
        return [by_definition(case.function, [[mpmath.mpf(v) for v in row.tolist()]], c)[0] for row in slices]
    tables = [np.moveaxis(x, case.axis, -1).reshape(-1, x.shape[case.axis]) for x in arrays]
    results = [
        by_definition(case.function, [[mpmath.mpf(v) for v in t[n].tolist()] for t in tables], c)
        for n in range(len(tables[0]))
    ]
    if case.function in REDUCED:
        return [y for row in results for y in row]
    flat = np.empty(tables[0].shape, object)
    flat[:] = results
    moved = np.moveaxis(arrays[0], case.axis, -1).shape
    return np.moveaxis(flat.reshape(moved), -1, case.axis).ravel().tolist()


@pytest.mark.parametrize(("function", "fmt"), [(f, fmt) for f in FUNCTIONS for fmt in formats_of(f)])
def test_decimals_are_what_the_definition_gives_at_800_digits(function, fmt):
    """Without shift, enclosure or rounding to a format, within 1/1000 ulp."""
    form, compared = get_format(fmt), 0
    with mpmath.workdps(800):
        for case in load(function, fmt):
            if not all(np.isfinite(x).all() and x.size <= LONG for x in case.inputs.values()):
                continue
            exact, stored = exact_values(case), case.record["expected"]["decimal"]
            for at, text, value in zip(case.at.tolist(), stored, case.values.tolist(), strict=True):
                if np.isfinite(value):
                    assert abs(mpmath.mpf(text) - exact[at]) < mpmath.mpf(float(form.ulp(value))) / 1000, case.id
                    compared += 1
    assert compared > 15


# Bounds.


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def log_softmax(x):
    d = x - x.max()
    return d - np.log(np.exp(d).sum())


def logsumexp(x):
    return x.max() + np.log(np.exp(x - x.max()).sum())


SHIFTED = {
    "boltzmann": lambda E, b: softmax(-b * (E - E.min())),
    "boltzmann_policy": lambda q, t: softmax((q - q.max()) / t),
    "log_semiring_sum": lambda z, b: z.max() + np.log(np.exp(b * (z - z.max())).sum()) / b,
    "free_energy": lambda E, b: E.min() - np.log(np.exp(-b * (E - E.min())).sum()) / b,
}
TEXTBOOK = {
    "boltzmann": [lambda E, b: softmax(-b * E), lambda E, b: np.exp(log_softmax(-b * E)), SHIFTED["boltzmann"]],
    "boltzmann_policy": [
        lambda q, t: softmax(q / t),
        lambda q, t: softmax(q * (1 / t)),
        lambda q, t: np.exp(log_softmax(q / t)),
        SHIFTED["boltzmann_policy"],
    ],
    "log_semiring_sum": [
        lambda z, b: logsumexp(b * z) / b,
        lambda z, b: logsumexp(b * z) * (1 / b),
        SHIFTED["log_semiring_sum"],
    ],
    "free_energy": [
        lambda E, b: -logsumexp(-b * E) / b,
        lambda E, b: -(1 / b) * logsumexp(-b * E),
        SHIFTED["free_energy"],
    ],
}


@pytest.mark.parametrize("function", TEXTBOOK)
@given(rows, coldness, offsets)
def test_scaling_before_and_after_the_shift_stays_within_standard(excess, function, x, c, offset):
    """The textbook forms, in binary64, against certified values."""
    name = COLDNESS[function]

    assert max(excess(function, form, x + offset, **{name: c}) for form in TEXTBOOK[function]) <= 1


@pytest.mark.parametrize("function", SHIFTED)
@given(rows, coldness, offsets)
def test_shifting_first_stays_within_a_bound_that_no_offset_widens(excess, function, x, c, offset):
    """For probabilities: the shifted form is within 30 ulp of room for every log-share above -20."""
    values = certify(function, x + offset, **{COLDNESS[function]: c}).values
    assert excess(function, SHIFTED[function], x + offset, **{COLDNESS[function]: c}) <= 1
    if function in ("boltzmann", "boltzmann_policy"):
        keywords = {"fmt": BINARY64, COLDNESS[function]: c}
        near = tolerances(function, x + offset, values=values, level="tight", **keywords)[values > np.exp(-20.0)]
        assert near.max() < 8 * (20 + 20 + 4 + 9)


@given(rows, coldness, st.sampled_from([0.0, 600.0]))
def test_textbook_partition_functions_stay_within_standard(excess, energies, b, offset):
    """Term by term, with the lowest energy in front, and as exp of the logarithm."""
    energies = (energies + offset) / 8
    forms = [
        lambda E, b: np.exp(-b * E).sum(),
        lambda E, b: np.exp(-b * E.min()) * np.exp(-b * (E - E.min())).sum(),
        lambda E, b: np.exp(logsumexp(-b * E)),
    ]

    assert max(excess("partition_function", form, energies, beta=b) for form in forms) <= 1


@given(rows, st.lists(st.floats(-8, 8), min_size=8, max_size=8), coldness, offsets)
def test_textbook_perturbed_rows_stay_within_standard(excess, z, noise, t, offset):
    """The sum over T, both parts over T, times 1/T, and the shift before the quotient."""
    z, g = z + offset, np.array(noise[: len(z)])
    forms = [
        lambda z, g, t: softmax((z + g) / t),
        lambda z, g, t: softmax(z / t + g / t),
        lambda z, g, t: softmax((z + g) * (1 / t)),
        lambda z, g, t: softmax(((z + g) - (z + g).max()) / t),
        lambda z, g, t: np.exp(log_softmax((z + g) / t)),
    ]

    assert max(excess("gumbel_softmax", form, z, g, temperature=t) for form in forms) <= 1


@given(rows, st.lists(st.sampled_from([0.0, 1.0, 0.3, 7.0, 1e-9]), min_size=8, max_size=8), coldness, offsets)
def test_textbook_tilted_rows_stay_within_standard(excess, x, p, theta, offset):
    """p exp(theta x) shifted in either way, and softmax of theta x + log p."""
    x, p = x + offset, np.array(p[: len(x)])
    p[0] = 0.5

    def weighed(p, x, theta):
        w = p * np.exp(theta * (x - x[p > 0].max()))
        w[p == 0] = 0
        return w / w.sum()

    def multiplied_first(p, x, theta):
        w = p * np.exp(theta * x - (theta * x)[p > 0].max())
        w[p == 0] = 0
        return w / w.sum()

    forms = [weighed, multiplied_first, lambda p, x, theta: softmax(theta * x + np.log(p))]

    assert max(excess("exponential_tilting", form, p, x, theta=theta) for form in forms) <= 1


def test_a_small_weight_at_the_top_magnifies_what_underflows(excess):
    """p exp(theta x) is subnormal, and its quotient by a sum of 1e-9 is not: the lost digits are allowed for."""
    p, x, theta = np.array([0.5, 1e-9]), np.array([-137.0, 4.0]), 5.1

    def weighed(p, x, theta):
        w = p * np.exp(theta * (x - x.max()))
        return w / w.sum()

    y = certify("exponential_tilting", p, x, theta=theta).values
    assert 1e-305 < y[0] < 1e-303
    assert BINARY64.error(weighed(p, x, theta), y)[0] > 1000
    assert excess("exponential_tilting", weighed, p, x, theta=theta) <= 1
    assert excess("exponential_tilting", weighed, p, x, theta=theta, level="tight") > 1
    best = lambda p, x, theta: exponential_tilting(p, x, theta=theta)  # noqa: E731
    assert excess("exponential_tilting", best, p, x, theta=theta, level="tight") <= 1


@given(st.floats(-200, 200), st.floats(-200, 200), coldness)
def test_textbook_additions_stay_within_standard(excess, x, y, b):
    """logaddexp(b x, b y)/b and the maximum plus log1p."""
    x, y = np.array([x]), np.array([y])
    forms = [
        lambda x, y, b: np.logaddexp(b * x, b * y) / b,
        lambda x, y, b: np.maximum(x, y) + np.log1p(np.exp(-b * np.abs(x - y))) / b,
    ]

    assert max(excess("log_semiring_add", form, x, y, beta=b) for form in forms) <= 1


@pytest.mark.parametrize("level", ["tight", "standard"])
@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f != "log_semiring_multiply"])
def test_a_worse_exp_moves_every_tolerance(function, level):
    """E = 8 in place of 4 widens every bound in which exp or log has a part that float64 can show."""
    shown = 0
    for case in load(function, "binary64"):
        along = {} if case.axis is None or function in ELEMENTWISE else {"axis": case.axis}
        more = {"values": case.values, "fmt": BINARY64, "level": level, "at": case.at} | along | case.parameters
        four, eight = (tolerances(function, *case.inputs.values(), E=E, **more) for E in (4, 8))
        assert (eight >= four).all(), case.id
        if function in ("boltzmann", "boltzmann_policy", "gumbel_softmax", "exponential_tilting"):
            visible = (four > 0) & (np.abs(case.values) >= 2.0**BINARY64.emin)
            assert (eight > four)[visible].all(), case.id
        shown += (eight > four).sum()
    assert shown > 15


def test_the_bounds_of_a_perturbed_row_count_the_sum():
    """A logit of 1000 taken back by noise leaves an error of 1000 units in the exponent."""
    z, g = np.array([1000.0, 0.0]), np.array([-999.0, 0.5])
    values = certify("gumbel_softmax", z, g).values
    allowed = tolerances("gumbel_softmax", z, g, values=values, fmt=BINARY64, level="tight")
    plain = tolerances("softmax", z + g, values=values, fmt=BINARY64, level="tight")

    assert (allowed > plain).all()


def test_the_product_of_the_semiring_is_one_rounding():
    """One unit roundoff of the result for the sum, one for the output format: at most an ulp each."""
    allowed = tolerances("log_semiring_multiply", [1.5], [2.25], values=[3.75], fmt=BINARY64, level="standard")

    assert allowed[0] == pytest.approx(2 * 3.75 / 4, rel=1e-12)


def test_what_weighs_nothing_allows_nothing():
    """A weight of 0, a state out of reach, a masked logit: exactly 0, whatever the sign of beta."""
    fmt = get_format("binary32")

    tilted = tolerances("exponential_tilting", [1.0, 0.0], [0.0, 9.0], values=[1.0, 0.0], fmt=fmt, level="standard")
    halves = {"values": [0.5, 0.0, 0.5], "fmt": fmt, "level": "standard"}
    state = tolerances("boltzmann", [0.0, -np.inf, 0.0], **halves, beta=-1.0)
    noisy = tolerances("gumbel_softmax", [0.0, -np.inf, 0.0], [1.0, 1.0, 1.0], **halves)

    assert tilted[1] == state[1] == noisy[1] == 0
    assert min(tilted[0], state[0], noisy[0]) > 0


def test_noise_is_never_constant():
    """Noise that is constant in most slices has no effect, and would hide what leaves it out; in 8 bits it may round."""
    for case in load("gumbel_softmax"):
        noise = case.inputs["noise"]
        if noise.shape[case.axis] > 1 and case.format.width > 8:
            assert (noise.max(axis=case.axis) > noise.min(axis=case.axis)).mean() >= 0.75, case.id


def test_coldnesses_on_either_side_of_0_and_of_1_are_present():
    """Negative, zero, below and above 1, powers of two and others."""
    for function in ("boltzmann", "partition_function", "exponential_tilting", "log_semiring_sum"):
        stored = {c for case in load(function, "binary32") for c in case.parameters.values()}
        assert min(stored) < 0 < min(c for c in stored if c > 0) < 1 < max(stored), function
        assert any(np.frexp(abs(c))[0] not in (0, 0.5) for c in stored)
