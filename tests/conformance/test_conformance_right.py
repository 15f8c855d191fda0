"""Right implementations in other styles than the reference's pass, in every format that they offer.

Each is written out here, in NumPy, `math` or SciPy: none is taken from the package. What a style may not do (reach a
level, offer a format) is a fact of its own at the end.
"""

import functools
import math

import numpy as np
import pytest
from scipy import special

from softmax_ref import check

WIDE = ("binary64", "binary32")
LOG2_E = np.longdouble("1.44269504088896340735992468100189214")
DEEP = np.finfo(np.longdouble).nmant > np.finfo(np.float64).nmant


def in_float32(fn):
    """Compute narrow floats in float32 and integers in float64; round once at the end."""

    @functools.wraps(fn)
    def wrapped(*arrays, **keywords):
        dtype = np.asarray(arrays[0]).dtype
        integers = dtype.kind in "iub"
        work = np.float64 if integers else dtype if dtype.itemsize >= 4 else np.float32
        result = fn(*(np.asarray(x).astype(work) for x in arrays), **keywords)
        return result if integers else result.astype(dtype)

    return wrapped


def in_a_wider_type(fn):
    """Compute float64 in long double, everything else in float64."""

    @functools.wraps(fn)
    def wrapped(*arrays, **keywords):
        dtype = np.asarray(arrays[0]).dtype
        integers = dtype.kind in "iub"
        result = fn(
            *(np.asarray(x).astype(np.longdouble if dtype == np.float64 else np.float64) for x in arrays), **keywords
        )
        return result if integers else result.astype(dtype)

    return wrapped


def by_rows(fn, *, reduces=False):
    """Lift a function of one row to any axis; the result keeps the row's length or drops the axis."""

    @in_float32
    def wrapped(z, axis=-1):
        table = np.moveaxis(np.atleast_1d(z), axis, -1)
        rows = table.reshape(-1, table.shape[-1])
        results = [np.asarray(fn(row), z.dtype) for row in rows]
        if reduces:
            return np.array(results, z.dtype).reshape(table.shape[:-1])
        return np.moveaxis(np.array(results, z.dtype).reshape(table.shape), -1, axis).reshape(z.shape)

    return wrapped


def parts(z, axis):
    """Return the differences to the maximum, and the sum of their exponentials."""
    d = z - z.max(axis=axis, keepdims=True)
    return d, np.exp(d).sum(axis=axis, keepdims=True)


# Sums of a row, in other orders and with other care.


def sequential(x):
    """Add from the left, one by one, in the row's own format."""
    return np.cumsum(x)[-1]


def backwards(x):
    """Add from the right, one by one."""
    return np.cumsum(x[::-1])[-1]


def pairwise(x):
    """Add halves of halves, down to single entries."""
    while len(x) > 1:
        x = np.append(x, x.dtype.type(0)) if len(x) % 2 else x
        x = x[::2] + x[1::2]
    return x[0]


def compensated(x):
    """Add with Kahan's compensation."""
    total, rest = x.dtype.type(0), x.dtype.type(0)
    for value in x:
        y = value - rest
        bigger = total + y
        total, rest = bigger, (bigger - total) - y
    return total


def exactly(x):
    """Add without any rounding but the last."""
    return x.dtype.type(math.fsum(x.tolist()))


def ascending(x):
    """Add the smallest first."""
    return np.cumsum(np.sort(x))[-1]


def summed_by(add):
    """Return softmax of a row with another summation."""

    def row(z):
        weight = np.exp(z - z.max())
        return weight / add(weight)

    return by_rows(row)


# softmax


def textbook(z, axis=-1):
    d, s = parts(z, axis)
    return np.exp(d) / s


def log_domain(z, axis=-1):
    d, s = parts(z, axis)
    return np.exp(d - np.log(s))


def with_reciprocal(z, axis=-1):
    d, s = parts(z, axis)
    return np.exp(d) * (1 / s)


def in_base_two(z, axis=-1):
    weight = np.exp2((z - z.max(axis=axis, keepdims=True)) * LOG2_E.astype(z.dtype))
    return weight / weight.sum(axis=axis, keepdims=True)


def in_fortran_order(z, axis=-1):
    return np.asfortranarray(textbook(z, axis)).reshape(z.shape, order="F")


def as_a_view(z, axis=-1):
    return np.moveaxis(textbook(np.moveaxis(np.atleast_1d(z), axis, 0).copy(), 0), 0, axis).reshape(z.shape)


def online(row):
    """Keep a running maximum and a sum relative to it, as a streaming kernel does."""
    top, total = row.dtype.type(-np.inf), row.dtype.type(0)
    for value in row:
        new = np.maximum(top, value)
        total = total * np.exp(top - new) + np.exp(value - new) if top > -np.inf else np.exp(value - new)
        top = new
    return np.exp(row - top) / total


def blocked(row, size=64):
    """Reduce blocks to a maximum and a sum each, then merge them by rescaling."""
    blocks = [row[k : k + size] for k in range(0, len(row), size)]
    tops = np.array([b.max() for b in blocks])
    totals = np.array([np.exp(b - t).sum() if t > -np.inf else 0 for b, t in zip(blocks, tops, strict=True)], row.dtype)
    top = tops.max()
    return np.exp(row - top) / (totals * np.exp(tops - top)).sum()


def zero_if_all_masked(z, axis=-1):
    result = in_float32(textbook)(z, axis=axis)
    return np.where(np.isneginf(z).all(axis=axis, keepdims=True), result.dtype.type(0), result)


def uniform_if_all_masked(z, axis=-1):
    result = in_float32(textbook)(z, axis=axis)
    share = np.asarray(1 / z.shape[axis] if z.ndim else 1).astype(result.dtype)
    return np.where(np.isneginf(z).all(axis=axis, keepdims=True), share, result)


def limit_at_infinity(z, axis=-1):
    result, top = in_float32(textbook)(z, axis=axis), np.isposinf(z)
    count = np.maximum(top.sum(axis=axis, keepdims=True), 1)
    return np.where(top.any(axis=axis, keepdims=True), (top / count).astype(result.dtype), result)


SOFTMAX = {
    "textbook": in_float32(textbook),
    "through float64": in_a_wider_type(textbook),
    "exp(d - log s)": in_float32(log_domain),
    "times the reciprocal of the sum": in_float32(with_reciprocal),
    "exp2 in a wider type": in_a_wider_type(in_base_two),
    "Fortran order": in_float32(in_fortran_order),
    "a view with moved axes": in_float32(as_a_view),
    "blocked with rescaling": by_rows(blocked),
    "zero for an all-masked slice": zero_if_all_masked,
    "uniform for an all-masked slice": uniform_if_all_masked,
    "the limit at +inf": limit_at_infinity,
    **{
        f"summed {add.__name__}": summed_by(add)
        for add in (sequential, backwards, pairwise, compensated, exactly, ascending)
    },
}


# log_softmax


def log_textbook(z, axis=-1):
    d, s = parts(z, axis)
    return d - np.log(s)


def log_with_log1p(z, axis=-1):
    table = np.moveaxis(np.atleast_1d(z), axis, -1)
    d = table - table.max(axis=-1, keepdims=True)
    rest = np.exp(d)
    top = d.argmax(axis=-1)[..., None]
    np.put_along_axis(rest, top, np.take_along_axis(rest, top, -1) - 1, axis=-1)
    return np.moveaxis(d - np.log1p(rest.sum(axis=-1, keepdims=True)), -1, axis).reshape(z.shape)


LOG_SOFTMAX = {
    "textbook": in_float32(log_textbook),
    "through float64": in_a_wider_type(log_textbook),
    "log1p": in_float32(log_with_log1p),
    "log1p through float64": in_a_wider_type(log_with_log1p),
    "summed backwards": by_rows(lambda z: (z - z.max()) - np.log(backwards(np.exp(z - z.max())))),
    "online": by_rows(lambda z: (z - z.max()) - np.log(sequential(np.exp(z - z.max())))),
}


# logsumexp


def lse_textbook(z, axis=-1):
    _, s = parts(z, axis)
    top = z.max(axis=axis)
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(top), top, top + np.log(s).squeeze(axis) if z.ndim else top + np.log(s))


def lse_with_log1p(z, axis=-1):
    z = np.moveaxis(np.atleast_1d(z), axis, -1)
    top, where = z.max(axis=-1), z.argmax(axis=-1)[..., None]
    weight = np.exp(z - np.where(np.isinf(top), 0, top)[..., None])
    np.put_along_axis(weight, where, 0, axis=-1)
    return np.where(np.isinf(top), top, top + np.log1p(weight.sum(axis=-1)))


LOGSUMEXP = {
    "textbook": in_float32(lse_textbook),
    "through float64": in_a_wider_type(lse_textbook),
    "log1p": in_float32(lse_with_log1p),
    "log1p through float64": in_a_wider_type(lse_with_log1p),
    "a fold of logaddexp": by_rows(lambda z: np.logaddexp.reduce(z), reduces=True),
}


# gradients


def weights(z, axis):
    return textbook(z, axis)


def vjp_textbook(z, g, axis=-1):
    p = weights(z, axis)
    return p * (g - (p * g).sum(axis=axis, keepdims=True))


def vjp_expanded(z, g, axis=-1):
    p = weights(z, axis)
    return p * g - p * (p * g).sum(axis=axis, keepdims=True)


def vjp_centred(z, g, axis=-1):
    p = weights(z, axis)
    g = g - (p * g).sum(axis=axis, keepdims=True)
    return p * (g - (p * g).sum(axis=axis, keepdims=True))


def vjp_from_the_matrix(z, g, axis=-1):
    if z.shape[axis] > 600:
        return vjp_textbook(z, g, axis)
    z, g = np.moveaxis(z, axis, -1), np.moveaxis(g, axis, -1)
    return np.moveaxis((jacobian_outer(z) @ g[..., None])[..., 0], -1, axis)


def jacobian_outer(z):
    p = weights(z, -1)
    return p[..., None] * np.eye(z.shape[-1], dtype=z.dtype) - p[..., :, None] * p[..., None, :]


def jacobian_one_minus(z):
    p = weights(z, -1)
    return p[..., :, None] * (np.eye(z.shape[-1], dtype=z.dtype) - p[..., None, :])


def jacobian_of_the_rest(z):
    p = weights(z, -1)
    eye = np.eye(z.shape[-1], dtype=bool)
    rest = np.where(eye, 0, np.broadcast_to(p[..., None, :], (*p.shape, p.shape[-1]))).sum(axis=-1)
    return np.where(eye, (p * rest)[..., None], -p[..., :, None] * p[..., None, :])


VJP = {
    "p (g - sum p g)": in_float32(vjp_textbook),
    "p g - p sum p g": in_float32(vjp_expanded),
    "centred twice": in_float32(vjp_centred),
    "J @ g": in_float32(vjp_from_the_matrix),
    "p (g - sum p g) through float64": in_a_wider_type(vjp_textbook),
}
JACOBIAN = {
    "diag(p) - p p^T": in_float32(jacobian_outer),
    "p_i (delta - p_j)": in_float32(jacobian_one_minus),
    "the diagonal from the other classes": in_float32(jacobian_of_the_rest),
    "diag(p) - p p^T through float64": in_a_wider_type(jacobian_outer),
}


# elementwise


def logistic_two_sided(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), np.where(np.isnan(x), x, small / (1 + small)))


def logistic_of_log(x):
    return np.exp(-np.logaddexp(x.dtype.type(0), -x))


LOGISTIC = {
    "two-sided": in_float32(logistic_two_sided),
    "two-sided through float64": in_a_wider_type(logistic_two_sided),
    "exp(-log(1 + exp(-x)))": in_float32(logistic_of_log),
}
SOFTPLUS = {
    "logaddexp(0, x)": in_float32(lambda x: np.logaddexp(x.dtype.type(0), x)),
    "max(x, 0) + log1p(exp(-|x|))": in_float32(lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))),
    "log1p(exp(x)) below 0": in_float32(
        lambda x: np.where(x > 0, x + np.log1p(np.exp(-np.abs(x))), np.log1p(np.exp(np.minimum(x, 0))))
    ),
}

RIGHT = {
    "softmax": SOFTMAX,
    "log_softmax": LOG_SOFTMAX,
    "logsumexp": LOGSUMEXP,
    "softmax_vjp": VJP,
    "softmax_jacobian": JACOBIAN,
    "logistic": LOGISTIC,
    "softplus": SOFTPLUS,
}
STYLES = [pytest.param(f, fn, id=f"{f}: {name}") for f, group in RIGHT.items() for name, fn in group.items()]
SCIPY = {
    "softmax": special.softmax,
    "log_softmax": special.log_softmax,
    "logsumexp": special.logsumexp,
    "softplus": lambda x: -special.log_expit(-x),
}


def excess(report, level):
    """Return the largest error in units of the allowed error, flushed results and policy cases aside."""
    plain = [v for r in report.judged for v in r.verdicts if v.case.policy is None]
    return max(float(np.where(v.flushed, 0, v.excess(level)).max()) for v in plain)


@pytest.mark.parametrize(("function", "fn"), STYLES)
def test_a_right_implementation_conforms(function, fn):
    """Every format is offered, every case is passed, integers included."""
    report = check(fn, function=function)

    assert report.conforms, str(report)
    assert {r.format.name for r in report.judged} >= set(WIDE)


@pytest.mark.parametrize("fn", [SOFTMAX["summed sequential"], SOFTMAX["exp(d - log s)"], SOFTMAX["summed backwards"]])
def test_no_right_implementation_needs_luck(fn):
    """The least careful right softmax uses less than 0.8 of what is allowed in binary64."""
    assert excess(check(fn, formats=["binary64"]), "standard") < 0.8


def test_the_streaming_softmax_conforms():
    """A running maximum with a rescaled sum is within the textbook's bound."""
    assert check(by_rows(online), formats=["binary32"]).conforms


TIGHT = {
    "softmax": [
        "textbook",
        "exp2 in a wider type",
        "blocked with rescaling",
        "summed pairwise",
        "summed compensated",
        "summed exactly",
    ],
    "log_softmax": ["log1p", "log1p through float64"],
    "logsumexp": ["log1p", "log1p through float64"],
    "softmax_vjp": ["centred twice"],
    "softmax_jacobian": ["the diagonal from the other classes"],
    "logistic": ["two-sided", "two-sided through float64"],
    "softplus": ["logaddexp(0, x)", "max(x, 0) + log1p(exp(-|x|))"],
}


@pytest.mark.parametrize(("function", "name"), [(f, name) for f, names in TIGHT.items() for name in names])
def test_a_careful_implementation_is_tight(function, name):
    """Pairwise or compensated sums, log1p and centred cotangents stay within the bound of the best algorithm."""
    report = check(RIGHT[function][name], function=function, require="tight")

    assert report.conforms, str(report)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("log_softmax", "textbook"),
        ("logsumexp", "textbook"),
        ("softmax_vjp", "p (g - sum p g)"),
        ("softmax_jacobian", "diag(p) - p p^T"),
        ("softmax", "summed sequential"),
    ],
)
def test_the_textbook_is_not_tight(function, name):
    """The textbook form loses what the tight bound keeps: small results, or the end of a long sum."""
    report = check(RIGHT[function][name], function=function, formats=["binary64"], require="tight")

    assert not report.conforms
    assert check(RIGHT[function][name], function=function, formats=["binary64"]).conforms


@pytest.mark.parametrize("fmt", WIDE)
@pytest.mark.parametrize("function", SCIPY)
def test_scipy_conforms_in_wide_formats(function, fmt):
    """SciPy's functions are right in binary64 and binary32."""
    report = check(SCIPY[function], function=function, formats=[fmt])

    assert report.conforms, str(report)


def test_scipys_expit_flushes_what_is_subnormal():
    """expit gives 0 where its value is subnormal in binary64 and exp(-x) overflows, and only there."""
    report = check(special.expit, function="logistic", formats=["binary64"])

    failed = [failure for failure in report.failures if failure.component is not None]
    assert failed
    assert all(f.got == 0 and 0 < f.expected < 2.0**-1022 for f in failed)
    assert "subnormal-result" in [flag for flag, _, _ in report.flag_counts()[:3]]


@pytest.mark.parametrize("function", ["softmax", "log_softmax"])
def test_scipys_native_float16_is_outside_the_model(function):
    """Narrow formats are judged as computed in binary32: a sum of float16 stagnates."""
    report = check(SCIPY[function], function=function, formats=["binary16"])

    assert not report.conforms
    assert "low-precision-sum" in {flag for failure in report.failures for flag in failure.flags}


def test_base_two_in_the_same_precision_stays_within_the_bound():
    """One more rounding of the scaled difference costs half an ulp per unit of abs(d), which *standard* holds."""
    report = check(in_float32(in_base_two), formats=WIDE)

    assert report.conforms, str(report)


@pytest.mark.parametrize("fmt", WIDE)
def test_scaling_to_base_two_before_the_shift_fails(fmt):
    """log2(e) z rounds in proportion to abs(z), and overflows: the shift comes first."""

    def scaled_first(z, axis=-1):
        y = z * LOG2_E.astype(z.dtype)
        weight = np.exp2(y - y.max(axis=axis, keepdims=True))
        return weight / weight.sum(axis=axis, keepdims=True)

    report = check(scaled_first, formats=[fmt])

    assert not report.conforms
    assert "exp-overflow" in {flag for failure in report.failures for flag in failure.flags}


@pytest.mark.parametrize("fmt", WIDE)
def test_the_unshifted_logarithmic_form_fails(fmt):
    """exp(z - logsumexp(z)) inherits the absolute error of the logsumexp, which grows with abs(z)."""
    report = check(
        lambda z, axis=-1: np.exp(z - np.asarray(special.logsumexp(z, axis=axis, keepdims=True))), formats=[fmt]
    )

    offsets = [f for f in report.failures if f.case.endswith(("two-largest", "near-minus-1000", "below-10000"))]
    assert len(offsets) >= 2
