"""Cases of softmax by coldness, by temperature and with a mask, of the cross-entropy, and of their derivatives."""

import json

import jsonschema
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref import certify, functions
from softmax_ref.conformance import check
from softmax_ref.corpus import formats_of, load
from softmax_ref.corpus.families.drafts import Labels, Mask, draft
from softmax_ref.corpus.loader import VECTORS
from softmax_ref.corpus.records import record
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.corpus.verify import _differences
from softmax_ref.formats import get_format

LOSSES = ("cross_entropy", "cross_entropy_vjp", "cross_entropy_jvp")
FUNCTIONS = (
    *("softmax_beta", "softmax_temperature", "softmax_beta_vjp", "softmax_temperature_vjp", "masked_softmax"),
    *LOSSES,
)
FILES = [(function, fmt) for function in FUNCTIONS for fmt in formats_of(function)]
LONG = 600


# A third evaluation of every stored value.


def probabilities(z, scale=1, mask=None):
    """The softmax of one row, unshifted, in mpmath."""
    weights = [mpmath.exp(scale * mpmath.mpf(x)) if mask is None or mask[j] else mpmath.mpf(0) for j, x in enumerate(z)]
    total = mpmath.fsum(weights)
    return [w / total for w in weights]


def gradient(p, g, scale):
    mean = mpmath.fsum(a * mpmath.mpf(v) for a, v in zip(p, g, strict=True))
    return [scale * a * (v - mean) for a, v in zip(p, g, strict=True)]


def loss(function, z, label, beside, smoothing):
    """One row of the cross-entropy or of a derivative."""
    p, e = probabilities(z), mpmath.mpf(smoothing)
    t = [(1 - e) * (j == label) + e / len(z) for j in range(len(z))]
    if function == "cross_entropy":
        return [-mpmath.fsum(b * mpmath.log(a) for a, b in zip(p, t, strict=True) if b)]
    if function == "cross_entropy_vjp":
        return [mpmath.mpf(beside) * (a - b) for a, b in zip(p, t, strict=True)]
    return [mpmath.fsum((a - b) * mpmath.mpf(v) for a, b, v in zip(p, t, beside, strict=True))]


def by_definition(case):
    """The exact results of a case, flat."""
    arrays = list(case.inputs.values())
    if case.function in LOSSES:
        z, labels, *rest = arrays
        z, labels = z.reshape(-1, z.shape[-1]), labels.ravel()
        beside = rest[0].reshape(len(z), -1) if rest else [None] * len(z)
        beside = beside[:, 0] if case.function == "cross_entropy_vjp" else beside
        e = case.parameters.get("label_smoothing", 0)
        return [y for n in range(len(z)) for y in loss(case.function, z[n].tolist(), labels[n], beside[n], e)]
    tables = [np.moveaxis(x, case.axis, -1) for x in arrays]
    shape = tables[0].shape
    rows = [x.reshape(-1, shape[-1]) for x in tables]
    scale = mpmath.mpf(case.parameters.get("beta", 1)) / mpmath.mpf(case.parameters.get("temperature", 1))
    flat = np.empty(rows[0].shape, object)
    for n, row in enumerate(rows[0].tolist()):
        p = probabilities(row, scale, rows[1][n] if case.function == "masked_softmax" else None)
        flat[n] = gradient(p, rows[1][n].tolist(), scale) if case.function.endswith("_vjp") else p
    return np.moveaxis(flat.reshape(shape), -1, case.axis).ravel().tolist()


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_decimals_are_what_the_definition_gives_at_800_digits(function, fmt):
    """Without shift, enclosure or rounding to a format, within 1/1000 ulp."""
    form, compared = get_format(fmt), 0
    with mpmath.workdps(800):
        for case in load(function, fmt):
            if case.policy or not all(np.isfinite(x).all() and x.size <= LONG for x in case.inputs.values()):
                continue
            exact, stored = by_definition(case), case.record["expected"]["decimal"]
            for at, text, value in zip(case.at.tolist(), stored, case.values.tolist(), strict=True):
                if np.isfinite(value):
                    assert abs(mpmath.mpf(text) - exact[at]) < mpmath.mpf(float(form.ulp(value))) / 1000, case.id
                    compared += 1
    assert compared > 70


# The reference.


def by_temperature(z, g, *, axis=-1, temperature=1.0):
    """The gradient of softmax(z/T), from the reference's softmax(z/T) and gradient at T = 1."""
    p = functions.boltzmann_policy(z, tau=temperature, axis=axis)
    v = g - (p * g).sum(axis=axis, keepdims=True)
    return p * (v - (p * v).sum(axis=axis, keepdims=True)) / p.dtype.type(temperature)


def wide(fn):
    """Compute narrow formats in float32, as `check` takes it, and integers in float64."""

    def wrapped(*arrays, **keywords):
        dtype = np.result_type(arrays[0], np.float64) if arrays[0].dtype.kind in "iu" else arrays[0].dtype
        work = dtype if dtype.itemsize >= 4 else np.dtype(np.float32)
        return fn(*(x.astype(work) for x in arrays), **keywords).astype(dtype)

    return wrapped


REFERENCE = {
    "softmax_beta": lambda z, *, beta=1.0, axis=-1: functions.softmax(z, axis=axis, beta=beta),
    "softmax_beta_vjp": lambda z, g, *, beta=1.0, axis=-1: functions.softmax_vjp(z, g, axis=axis, beta=beta),
    "softmax_temperature": lambda z, *, temperature=1.0, axis=-1: functions.boltzmann_policy(
        z, tau=temperature, axis=axis
    ),
    "softmax_temperature_vjp": wide(by_temperature),
    "masked_softmax": lambda z, mask, *, axis=-1: functions.softmax(z, axis=axis, where=mask),
    "cross_entropy": functions.cross_entropy,
    "cross_entropy_vjp": functions.cross_entropy_vjp,
    "cross_entropy_jvp": functions.cross_entropy_jvp,
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_reference_is_tight_in_every_format(function):
    """Through small adapters, integers included."""
    report = check(REFERENCE[function], function, require="tight")

    assert report.conforms, str(report)
    assert {r.format.name for r in report.judged} == set(formats_of(function))


# What is stored.


def test_labels_and_masks_are_stored_as_what_they_are():
    """Integers and truth values, in the shape of the input; loaded as int64 and bool."""
    z = [[0.0, 1.0], [2.0, 0.5]]
    fmt = get_format("binary32")

    labelled = record("cross_entropy", fmt, "f", draft("a", "two labels", "ties", z, labels=Labels([1, 0])))
    masked = record("masked_softmax", fmt, "f", draft("b", "a mask", "ties", z, mask=Mask([[True, False], [True] * 2])))

    assert labelled["inputs"]["labels"] == {"shape": [2], "labels": [1, 0]}
    assert masked["inputs"]["mask"] == {"shape": [2, 2], "mask": [True, False, True, True]}
    assert load("cross_entropy", "binary32")[0].inputs["labels"].dtype == np.int64
    assert load("masked_softmax", "binary32")[0].inputs["mask"].dtype == np.bool_


@pytest.mark.parametrize(
    ("function", "name", "wrong"),
    [
        ("cross_entropy", "labels", {"shape": [2], "labels": [-1, 0]}),
        ("cross_entropy", "labels", {"shape": [2], "labels": [0.5, 0]}),
        ("cross_entropy", "labels", {"shape": [2], "bits": ["0x3f800000"] * 2, "decimal": ["1"] * 2}),
        ("masked_softmax", "mask", {"shape": [2], "mask": [1, 0]}),
        ("masked_softmax", "z", {"shape": [2], "mask": [True, False]}),
    ],
)
def test_the_schema_tells_labels_masks_and_numbers_apart(function, name, wrong):
    """A negative label, half a label, a mask of numbers, numbers of truth values."""
    schema = json.loads((VECTORS / "schema.json").read_text())
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/case", "$defs": schema["$defs"]})
    case = load(function, "binary32")[0].record

    validator.validate(case)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(case | {"inputs": case["inputs"] | {name: wrong}})


def test_coldnesses_and_temperatures_of_every_kind_are_present():
    """The default, negative, zero, below and above 1, far from 1, powers of two and others."""
    for function, name in (("softmax_beta", "beta"), ("softmax_temperature", "temperature")):
        for fmt in formats_of(function)[:2]:
            values = [case.parameters.get(name) for case in load(function, fmt)]
            given = {v for v in values if v is not None}
            assert values.count(None) >= 2
            assert {0.5, 1.0, 2.0, 1.5} <= given
            assert min(v for v in given if v > 0) < 2.0**-20 < 2.0**20 < max(given)
            assert any(np.frexp(v)[0] != 0.5 for v in given)
    assert {0.0, -1.0, -2.0, -0.375} <= {case.parameters.get("beta") for case in load("softmax_beta", "binary16")}


@pytest.mark.parametrize("function", LOSSES)
def test_smoothing_and_labels_of_every_kind_are_present(function):
    """No smoothing, none that is given, a part, all; the first, a middle and the last label."""
    cases = load(function, "binary32")
    given = {case.parameters.get("label_smoothing") for case in cases}
    places = {
        "first" if label == 0 else "last" if label == case.inputs["z"].shape[-1] - 1 else "middle"
        for case in cases
        for label in case.inputs["labels"].ravel()
    }

    assert {None, 0.0, 0.125, 0.5, 1.0} <= given
    assert places == {"first", "middle", "last"}
    assert any(label > 255 for case in cases for label in case.inputs["labels"].ravel())


def test_a_masked_slot_is_exactly_0_and_nothing_is_allowed_there():
    """Tolerance 0 at what is left out."""
    for case in load("masked_softmax"):
        if case.policy is None:
            hidden = ~case.inputs["mask"].ravel()[case.at]
            assert (case.values[hidden] == 0).all(), case.id
            assert (case.tolerances["standard"][hidden] == 0).all(), case.id


def test_nothing_that_is_nan_because_of_what_is_kept_has_masked_slots():
    """Whether a masked slot of a nan slice is nan or 0 is nobody's rule, so no case asks."""
    for case in load("masked_softmax"):
        if case.policy is None:
            z, mask = (np.moveaxis(x, case.axis, -1) for x in case.inputs.values())
            lost = np.isnan(np.where(mask, z, 0)).any(axis=-1)
            assert mask[lost].all(), case.id


def test_a_mask_that_keeps_nothing_is_a_question_of_its_own():
    """nan, zero or uniform over all slots, whatever is answered for a slice of -inf."""
    cases = [case for case in load("masked_softmax", "binary32") if case.policy == "all_masked"]

    assert len(cases) >= 3
    for case in cases:
        empty = ~case.inputs["mask"].any(axis=case.axis, keepdims=True)
        empty = np.broadcast_to(empty, case.shape).ravel()
        assert np.isnan(case.outcomes["nan"][empty]).all()
        assert (case.outcomes["zero"][empty] == 0).all()
        assert (case.outcomes["uniform"][empty] == np.float32(1 / case.shape[case.axis])).all()


def test_the_second_engine_notices_another_label_and_another_mask():
    """A case whose stored values belong to other labels, or to another mask, is found out."""
    for function, name in (("cross_entropy", "labels"), ("masked_softmax", "mask")):
        case = next(c for c in load(function, "binary32") if c.id.endswith(("each-label", "textbook/middle")))
        stored = case.inputs[name].copy()
        assert _differences(case) == []
        case.inputs[name][...] = np.roll(stored, 1)
        try:
            assert _differences(case)
        finally:
            case.inputs[name][...] = stored


# Bounds.

rows = st.lists(st.floats(-200, 200), min_size=1, max_size=8).map(np.array)
numbers = st.lists(st.floats(-8, 8), min_size=8, max_size=8).map(np.array)
offsets = st.sampled_from([0.0, 1e3, -3e5])
scales = st.sampled_from([1.0, 0.3, 2.0, 5.1])
parts = st.sampled_from([0.0, 0.1, 0.5, 1.0, 2.0**-30])


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def log_softmax(x):
    d = x - x.max()
    return d - np.log(np.exp(d).sum())


def target(x, label, e):
    return (1 - e) * (np.arange(len(x)) == label) + e / len(x)


def textbook_gradient(p, g):
    return p * (g - (p * g).sum())


@given(rows, numbers, scales, offsets)
def test_textbook_gradients_by_temperature_stay_within_standard(excess, z, g, t, offset):
    """The quotient before and after the shift, divided by T or multiplied by 1/T at the end."""
    z, g = z + offset, g[: len(z)]
    forms = [
        lambda z, g, t: textbook_gradient(softmax(z / t), g) / t,
        lambda z, g, t: textbook_gradient(softmax(z * (1 / t)), g) * (1 / t),
        lambda z, g, t: textbook_gradient(np.exp(log_softmax((z - z.max()) / t)), g / t),
    ]

    assert max(excess("softmax_temperature_vjp", form, z, g, temperature=t) for form in forms) <= 1


@given(rows, parts, offsets, st.integers(0, 7))
def test_textbook_losses_stay_within_standard(excess, z, e, offset, label):
    """Through log-probabilities, and as log s less the weighted differences."""
    z, label = z + offset, label % len(z)

    def mixed(z, label, e):
        logs = log_softmax(z)
        return -((1 - e) * logs[label] + e * logs.mean())

    def weighted(z, label, e):
        d = z - z.max()
        return np.log(np.exp(d).sum()) - (target(z, label, e) * d).sum()

    for form in (mixed, weighted, lambda z, label, e: -(target(z, label, e) * log_softmax(z)).sum()):
        assert excess("cross_entropy", form, z, label, label_smoothing=e) <= 1


@given(rows, st.floats(-8, 8), parts, offsets, st.integers(0, 7))
def test_textbook_gradients_of_losses_stay_within_standard(excess, z, g, e, offset, label):
    """g (p - t) with p from either form, and 1 taken off at the label."""
    z, label = z + offset, label % len(z)

    def at_label(z, label, g, e):
        y = softmax(z) - e / len(z)
        y[label] -= 1 - e
        return g * y

    for form in (
        lambda z, label, g, e: g * (softmax(z) - target(z, label, e)),
        lambda z, label, g, e: g * (np.exp(log_softmax(z)) - target(z, label, e)),
        at_label,
    ):
        assert excess("cross_entropy_vjp", form, z, label, g, label_smoothing=e) <= 1


@given(rows, numbers, parts, offsets, st.sampled_from([1.0, 1e-310]), st.integers(0, 7))
def test_textbook_tangents_of_losses_stay_within_standard(excess, z, v, e, offset, size, label):
    """sum (p - t) v, the mean under p less that under t, and tangents less that of the label."""
    z, label = z + offset, label % len(z)
    v = size * v[: len(z)]

    for form in (
        lambda z, label, v, e: ((softmax(z) - target(z, label, e)) * v).sum(),
        lambda z, label, v, e: (softmax(z) * v).sum() - (target(z, label, e) * v).sum(),
        lambda z, label, v, e: (softmax(z) * (v - v[label])).sum() - e * (v - v[label]).mean(),
    ):
        assert excess("cross_entropy_jvp", form, z, label, v, label_smoothing=e) <= 1


@given(rows, numbers, scales, parts, offsets, st.integers(0, 7))
def test_the_reference_stays_within_tight(excess, z, v, c, e, offset, label):
    """The losses, their derivatives, and the scaled gradient of the reference."""
    z, label = z + offset, label % len(z)
    v, tight = v[: len(z)], {"level": "tight", "label_smoothing": e}

    def scaled(z, g, c):
        return functions.softmax_vjp(z, g, beta=c)

    def loss(z, label, e):
        return functions.cross_entropy(z, label, label_smoothing=e)

    def pulled(z, label, g, e):
        return functions.cross_entropy_vjp(z, label, g, label_smoothing=e)

    def pushed(z, label, v, e):
        return functions.cross_entropy_jvp(z, label, v, label_smoothing=e)

    assert excess("softmax_beta_vjp", scaled, z, v, level="tight", beta=c) <= 1
    assert excess("softmax_temperature_vjp", by_temperature_1d, z, v, level="tight", temperature=c) <= 1
    assert excess("cross_entropy", loss, z, label, **tight) <= 1
    assert excess("cross_entropy_vjp", pulled, z, label, float(v[0]), **tight) <= 1
    assert excess("cross_entropy_jvp", pushed, z, label, v, **tight) <= 1


def by_temperature_1d(z, g, t):
    return by_temperature(z, g, temperature=t)


def test_a_rounded_reciprocal_is_counted_at_standard_alone():
    """One rounding for a quotient by T; two for a product with a rounded 1/T."""
    z, g, fmt = np.array([0.0, 0.1]), np.array([1.0, -1.0]), get_format("binary64")

    def allowed(level, **scale):
        function = "softmax_temperature_vjp" if "temperature" in scale else "softmax_beta_vjp"
        values = certify(function, z, g, **scale).values
        return tolerances(function, z, g, values=values, fmt=fmt, level=level, **scale)

    assert (allowed("standard", temperature=4.0) > allowed("standard", beta=0.25)).all()
    assert (allowed("tight", temperature=4.0) == allowed("tight", beta=0.25)).all()


def test_an_infinite_loss_allows_nothing():
    """A target at a logit of -inf: the loss is +inf exactly, wherever that logit stands."""
    fmt = get_format("binary32")

    for z, label, e in (([1.0, -np.inf], 1, 0.0), ([-np.inf, 1.0], 0, 0.0), ([0.0, 1.0, -np.inf], 0, 0.5)):
        more = {"fmt": fmt, "level": "standard", "label_smoothing": e}
        assert tolerances("cross_entropy", z, label, values=[np.inf], **more)[0] == 0
