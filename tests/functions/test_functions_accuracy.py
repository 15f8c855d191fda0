"""The reference against certified values: at most 4 ulp, over 28 families of rows.

Wide rows are too long to certify every component. A sketch in extended precision picks the components that
look worst, and evenly spaced ones join them; the sketch only picks, the certified value judges.
"""

import math

import numpy as np
import pytest

import softmax_ref
from softmax_ref import certify
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.formats import get_format

BAR = 4
PICKED = 10
RANGES = {
    "binary64": (np.float64, 700.0, 709.78, 1e300, -745.0, -700.0, 40.0, -37.0),
    "binary32": (np.float32, 80.0, 88.72, 1e38, -103.9, -87.0, 20.0, -17.0),
}


def _families(fmt):
    """The families that the published comparisons of libraries were measured on."""
    _, wide, over, huge, low, high, pair, speck = RANGES[fmt]
    rng = np.random.default_rng(2024)
    normal = rng.normal
    dominant = normal(size=(2, 1000))
    dominant[:, 7] += 30
    deep = rng.uniform(low, high, (1, 1000))
    deep[0, 0] = 0
    gap = np.linspace(0, pair, 400)
    masked = normal(size=(2, 1000))
    masked[:, ::2] = -np.inf
    left = np.linspace(-3, -0.05, 50)
    return {
        "normal, 20 rows of 10": normal(size=(20, 10)),
        "normal": normal(size=(1, 1000)),
        "normal times 10": 10 * normal(size=(2, 1000)),
        "normal times 100": 100 * normal(size=(2, 1000)),
        "uniform over the range of exp": rng.uniform(-wide, wide, (1, 1000)),
        "one dominant by 30": dominant,
        "ties of small integers": rng.integers(0, 4, (1, 1000)).astype(float),
        "100000 equal": np.full((1, 100_000), 0.3),
        "1000000 equal": np.full((1, 1_000_000), 0.3),
        "100000 normal": normal(size=(1, 100_000)),
        "1000000 normal": normal(size=(1, 1_000_000)),
        "1000000 uniform": rng.uniform(0, 1, (1, 1_000_000)),
        "10000 plus normal": 1e4 + normal(size=(2, 1000)),
        "near overflow": np.linspace(over - 1, over, 1000)[None],
        "deep underflow": deep,
        "pairs": np.stack([0 * gap, -gap], axis=1),
        "half masked": masked,
        "one class": 10 * normal(size=(20, 1)),
        "logsumexp near 0": -math.log(1000) + 1e-3 * normal(size=(4, 1000)),
        "pairs with logsumexp near 0": np.stack([left, np.log1p(-np.exp(left))], axis=1),
        "geometric": -0.1 * np.arange(10_000.0)[None],
        "ascending": np.linspace(-20, 0, 100_000)[None],
        "descending": np.linspace(0, -20, 100_000)[None],
        "tiny": 1e-10 * normal(size=(1, 1000)),
        "huge": rng.uniform(-huge, huge, (1, 100)),
        "-50 plus normal": -50 + normal(size=(1, 100)),
        "maximum and 200 specks": np.array([[0.0] + [speck - 0.01 * k for k in range(200)]]),
        "128256 normal times 3": 3 * normal(size=(1, 128_256)),
    }


FAMILIES = {fmt: _families(fmt) for fmt in RANGES}
EACH = [(fmt, name) for fmt in FAMILIES for name in FAMILIES[fmt]]


def _sketch(function, z):
    """The function in extended precision where the platform has it; it picks components, it judges none."""
    with np.errstate(all="ignore"):
        x = z.astype(np.longdouble)
        if function in ("logistic", "log_logistic", "softplus"):
            soft = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
            return {"logistic": np.exp(x - soft), "log_logistic": x - soft, "softplus": soft}[function]
        m = x.max(axis=-1, keepdims=True)
        weight = np.exp(x - m)
        total = weight.sum(axis=-1, keepdims=True)
        others = np.where(np.arange(z.shape[-1]) == z.argmax(axis=-1)[:, None], 0, weight)
        log_total = np.log1p(others.sum(axis=-1, keepdims=True))
        return {"softmax": weight / total, "log_softmax": (x - m) - log_total, "logsumexp": (m + log_total)[..., 0]}[
            function
        ]


def _picked(got, sketch, fmt):
    """Flat indices of the components that look worst, and of evenly spaced ones."""
    with np.errstate(all="ignore"):
        gap = np.abs(got.astype(np.longdouble) - sketch).ravel() / fmt.ulp(got.astype(np.float64)).ravel()
    gap = np.where(np.isfinite(gap), gap, 0)
    return np.union1d(np.argsort(gap)[-PICKED:], np.linspace(0, gap.size - 1, PICKED).astype(int))


def _measure(function, z, fmt):
    """Return (y, error in ulp, positions) of the picked components against certified values."""
    got = getattr(softmax_ref, function)(z)
    assert got.dtype == z.dtype
    at = _picked(got, _sketch(function, z), fmt)
    certificate = certify(function, z, format=fmt, at=at)
    return certificate.values, fmt.error(got.astype(np.float64).ravel()[at], certificate.values), at


@pytest.mark.parametrize(("name", "family"), EACH)
@pytest.mark.parametrize("function", ["softmax", "logistic", "log_logistic", "softplus"])
def test_the_reference_is_within_four_ulp(function, name, family):
    """Half an ulp of the certified value's own rounding is in the 4."""
    z = FAMILIES[name][family].astype(RANGES[name][0])

    _, error, _ = _measure(function, z, get_format(name))

    assert error.max() <= BAR


@pytest.mark.parametrize(("name", "family"), EACH)
@pytest.mark.parametrize("function", ["log_softmax", "logsumexp"])
def test_logarithms_are_within_four_ulp_or_the_tight_bound_where_they_cancel(function, name, family):
    """Where abs(y) < (abs(m) + log s)/4 the terms cancel, and the theorem is the bar instead."""
    fmt, z = get_format(name), FAMILIES[name][family].astype(RANGES[name][0])

    y, error, at = _measure(function, z, fmt)

    rows = at // (z.shape[-1] if function == "log_softmax" else 1)
    m = np.abs(z.max(axis=-1).astype(np.float64))[rows]
    log_s = _sketch("logsumexp", z)[rows] - z.max(axis=-1)[rows]
    cancels = np.abs(y) < (m + log_s) / 4
    allowed = tolerances(function, z, values=y, fmt=fmt, level="tight", at=at)
    assert error[~cancels].max(initial=0) <= BAR
    assert (error <= allowed)[cancels].all()


NARROW = [family for family, z in FAMILIES["binary64"].items() if z.shape[-1] <= 1000 and family != "huge"]


def _within_the_tight_bound(function, fmt, got, *inputs, **parameters):
    """Compare up to 40 evenly spaced components with certified values."""
    at = np.unique(np.linspace(0, got.size - 1, 40).astype(int))
    certificate = certify(function, *inputs, format=fmt, at=at, **parameters)
    error = fmt.error(got.astype(np.float64).ravel()[at], certificate.values)
    allowed = tolerances(function, *inputs, values=certificate.values, fmt=fmt, level="tight", at=at, **parameters)
    assert (error <= allowed).all(), (error / allowed).max()


@pytest.mark.parametrize("family", NARROW)
@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("function", ["softmax_vjp", "log_softmax_vjp", "log_softmax_jvp", "logsumexp_jvp"])
def test_derivatives_along_a_row_stay_within_the_tight_bound(function, name, family):
    """The cotangent has an offset of 16 on purpose: p (g - p.g) cancels."""
    z = FAMILIES[name][family].astype(RANGES[name][0])
    g = (np.random.default_rng(7).normal(size=z.shape) + 16).astype(z.dtype)

    got = getattr(softmax_ref, function)(z, g)

    _within_the_tight_bound(function, get_format(name), got, z, g)


@pytest.mark.parametrize("family", NARROW)
@pytest.mark.parametrize("name", RANGES)
def test_the_logsumexp_gradient_stays_within_the_tight_bound(name, family):
    """It is the cotangent times a probability."""
    z = FAMILIES[name][family].astype(RANGES[name][0])
    g = np.random.default_rng(7).normal(size=len(z)).astype(z.dtype)

    got = softmax_ref.logsumexp_vjp(z, g)

    _within_the_tight_bound("logsumexp_vjp", get_format(name), got, z, g)


@pytest.mark.parametrize("family", ["normal, 20 rows of 10", "pairs", "pairs with logsumexp near 0", "one class"])
@pytest.mark.parametrize("name", RANGES)
def test_the_jacobian_stays_within_the_tight_bound(name, family):
    """The diagonal keeps its digits where a class has almost all the mass."""
    z = FAMILIES[name][family].astype(RANGES[name][0])

    got = softmax_ref.softmax_jacobian(z)

    _within_the_tight_bound("softmax_jacobian", get_format(name), got, z)


@pytest.mark.parametrize("label_smoothing", [0.0, 0.125])
@pytest.mark.parametrize("family", [f for f in NARROW if f != "half masked"])
@pytest.mark.parametrize("name", RANGES)
def test_cross_entropy_stays_within_the_tight_bound(name, family, label_smoothing):
    """Confident predictions included: the loss of the top class keeps its digits."""
    z = FAMILIES[name][family].astype(RANGES[name][0])
    labels = z.argmax(axis=-1)

    got = softmax_ref.cross_entropy(z, labels, label_smoothing=label_smoothing)

    _within_the_tight_bound("cross_entropy", get_format(name), got, z, labels, label_smoothing=label_smoothing)


@pytest.mark.parametrize("label_smoothing", [0.0, 0.125])
@pytest.mark.parametrize("family", [f for f in NARROW if f != "half masked"])
@pytest.mark.parametrize("name", RANGES)
def test_derivatives_of_the_loss_stay_within_the_tight_bound(name, family, label_smoothing):
    """p - t keeps its digits where the prediction is confident and right."""
    fmt, z = get_format(name), FAMILIES[name][family].astype(RANGES[name][0])
    labels, rng = z.argmax(axis=-1), np.random.default_rng(7)
    g, v = rng.normal(size=len(z)).astype(z.dtype), rng.normal(size=z.shape).astype(z.dtype)

    vjp = softmax_ref.cross_entropy_vjp(z, labels, g, label_smoothing=label_smoothing)
    jvp = softmax_ref.cross_entropy_jvp(z, labels, v, label_smoothing=label_smoothing)

    _within_the_tight_bound("cross_entropy_vjp", fmt, vjp, z, labels, g, label_smoothing=label_smoothing)
    _within_the_tight_bound("cross_entropy_jvp", fmt, jvp, z, labels, v, label_smoothing=label_smoothing)


@pytest.mark.parametrize("family", NARROW)
@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("function", ["logistic_vjp", "log_logistic_vjp", "softplus_vjp"])
def test_elementwise_derivatives_stay_within_the_tight_bound(function, name, family):
    """Both tails included."""
    x = FAMILIES[name][family].astype(RANGES[name][0])
    g = np.random.default_rng(7).normal(size=x.shape).astype(x.dtype)

    got = getattr(softmax_ref, function)(x, g)

    _within_the_tight_bound(function, get_format(name), got, x, g)


@pytest.mark.parametrize("family", [f for f in NARROW if f != "one class"])
@pytest.mark.parametrize("name", RANGES)
def test_logaddexp_and_its_derivatives_stay_within_the_tight_bound(name, family):
    """x and y are neighbours of a row; both may be -inf, and then nothing is to be bounded."""
    fmt, z = get_format(name), FAMILIES[name][family].astype(RANGES[name][0])
    x, y = z[:, :-1].ravel(), z[:, 1:].ravel()
    v, w = np.random.default_rng(7).normal(size=(2, x.size)).astype(z.dtype)

    value = softmax_ref.logaddexp(x, y)
    vjp = np.stack(softmax_ref.logaddexp_vjp(x, y, v))
    jvp = softmax_ref.logaddexp_jvp(x, y, v, w)

    _within_the_tight_bound("logaddexp", fmt, value, x, y)
    _within_the_tight_bound("logaddexp_vjp", fmt, vjp, x, y, v)
    _within_the_tight_bound("logaddexp_jvp", fmt, jvp, x, y, v, w)


@pytest.mark.parametrize("family", NARROW)
@pytest.mark.parametrize("name", RANGES)
def test_entropy_is_within_four_ulp(name, family):
    """Confident rows included, where the entropy is tiny."""
    fmt, z = get_format(name), FAMILIES[name][family].astype(RANGES[name][0])[:5]

    error = fmt.error(softmax_ref.entropy(z).astype(np.float64), certify("entropy", z, format=fmt).values)

    assert error.max() <= BAR


@pytest.mark.parametrize("beta", [1.0, 0.75])
@pytest.mark.parametrize("family", NARROW)
@pytest.mark.parametrize("name", RANGES)
def test_heat_capacity_is_within_four_ulp(name, family, beta):
    """At any offset, and at a coldness that rounds its products."""
    fmt, energies = get_format(name), -FAMILIES[name][family].astype(RANGES[name][0])[:5]

    got = softmax_ref.heat_capacity(energies, beta=beta)

    certificate = certify("heat_capacity", energies, format=fmt, beta=beta)
    assert fmt.error(got.astype(np.float64), certificate.values).max() <= BAR


@pytest.mark.parametrize("beta", [1.0, 0.75])
@pytest.mark.parametrize("family", NARROW)
@pytest.mark.parametrize("name", RANGES)
def test_means_stay_within_the_tight_bound(name, family, beta):
    """Where values of either sign cancel, the theorem about the best algorithm is the bar."""
    fmt, z = get_format(name), FAMILIES[name][family].astype(RANGES[name][0])[:5]

    operator = softmax_ref.boltzmann_operator(z, beta=beta)
    energy = softmax_ref.mean_energy(z, beta=-beta)

    _within_the_tight_bound("boltzmann_operator", fmt, operator, z, beta=beta)
    _within_the_tight_bound("mean_energy", fmt, energy, z, beta=-beta)


@pytest.mark.parametrize("family", NARROW)
@pytest.mark.parametrize("name", RANGES)
def test_log_ratios_stay_within_the_tight_bound(name, family):
    """Weights of every size, and nearly equal ones."""
    z = FAMILIES[name][family].astype(np.float64)[:5]
    p = np.exp(np.clip(np.where(np.isfinite(z), z, 0), -80, 80)).astype(RANGES[name][0])

    _within_the_tight_bound("clr", get_format(name), softmax_ref.clr(p), p)


@pytest.mark.parametrize("family", NARROW)
@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("function", ["argmax_one_hot", "sparsemax", "entmax15"])
def test_shares_above_a_threshold_stay_within_the_tight_bound(function, name, family):
    """Supports of one class and of a thousand, and exactly 0 well outside."""
    z = FAMILIES[name][family].astype(RANGES[name][0])

    got = getattr(softmax_ref, function)(z)

    _within_the_tight_bound(function, get_format(name), got, z)


@pytest.mark.parametrize("family", [f for f in NARROW if f != "ties of small integers"])
@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("function", ["sparsemax_vjp", "entmax15_vjp"])
def test_gradients_on_a_support_stay_within_the_tight_bound(function, name, family):
    """Integers one below the maximum stand at the threshold, where the gradient of sparsemax jumps: left out."""
    z = FAMILIES[name][family].astype(RANGES[name][0])
    g = (np.random.default_rng(7).normal(size=z.shape) + 16).astype(z.dtype)

    got = getattr(softmax_ref, function)(z, g)

    _within_the_tight_bound(function, get_format(name), got, z, g)
