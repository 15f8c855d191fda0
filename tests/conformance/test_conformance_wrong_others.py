"""Wrong log_softmax, logsumexp, gradients and elementwise functions fail, and the report names what is wrong.

A fault is caught in every format named beside it, by a case that carries the flag named beside it.
"""

import functools

import numpy as np
import pytest

from softmax_ref import check

WIDE = ("binary64", "binary32")
ALL = (*WIDE, "bfloat16")


def in_float32(fn):
    """Compute narrow floats in float32; round once at the end."""

    @functools.wraps(fn)
    def wrapped(*arrays, **keywords):
        dtype = arrays[0].dtype
        work = dtype if dtype.itemsize >= 4 else np.float32
        return np.asarray(fn(*(x.astype(work) for x in arrays), **keywords)).astype(dtype)

    return wrapped


def softmax(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


# log_softmax and logsumexp


LOG_SOFTMAX = {
    "float32 inside": (lambda z, axis=-1: log_minus_float32(z, axis), ("binary64",), "working-precision"),
}


def log_minus_float32(z, axis):
    d = z - z.max(axis=axis, keepdims=True)
    return d - np.log(np.exp(d.astype(np.float32)).sum(axis=axis, keepdims=True)).astype(z.dtype)


LOGSUMEXP = {}


# gradients


def vjp(*, p=softmax, mean=lambda pg, axis: pg.sum(axis=axis, keepdims=True), sign=1, scale=None, g_of=lambda g: g):
    def wrapped(z, g, axis=-1):
        q, g = p(z, axis), g_of(g)
        return sign * (q if scale is None else scale) * (g - mean(q * g, axis))

    return wrapped


def diagonal_only(z, g, axis=-1):
    p = softmax(z, axis)
    return p * (1 - p) * g


def mean_of_g(z, g, axis=-1):
    p = softmax(z, axis)
    return p * (g - g.mean(axis=axis, keepdims=True))


def transposed(g):
    return np.ascontiguousarray(np.swapaxes(g, -1, -2)).reshape(g.shape) if g.ndim > 1 else g[::-1]


def read_in_fortran_order(g):
    return g.ravel(order="F").reshape(g.shape)


def cotangent_of_log_softmax(z, g, axis=-1):
    return g - softmax(z, axis) * g.sum(axis=axis, keepdims=True)


def flushed_vjp(z, g, axis=-1):
    r = vjp()(z, g, axis)
    return np.where(abs(r) < 1e-7, 0, r).astype(z.dtype)


def softmax_no_shift(z, axis):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


def softmax_global_shift(z, axis):
    weight = np.exp(z - z.max())
    return weight / weight.sum(axis=axis, keepdims=True)


def short_sum(pg, axis):
    pg = np.moveaxis(pg, axis, -1)
    full = pg.shape[-1] // 4 * 4 or pg.shape[-1]
    return np.moveaxis(pg[..., :full].sum(axis=-1, keepdims=True), -1, axis)


VJP = {
    "wrong sign": (vjp(sign=-1), ALL, "gradient-sign"),
    "plus the mean": (vjp(mean=lambda pg, axis: -pg.sum(axis=axis, keepdims=True)), ALL, "gradient-sign"),
    "no mean": (vjp(mean=lambda pg, axis: 0), ALL, "gradient-sign"),
    "no factor p": (vjp(scale=1), ALL, "gradient-scale"),
    "diagonal only": (diagonal_only, ALL, "gradient-sign gradient-scale"),
    "the plain mean of g": (mean_of_g, ALL, "gradient-sign gradient-scale"),
    "transposed cotangent": (vjp(g_of=transposed), ALL, "gradient-transposed axis"),
    "cotangent read in Fortran order": (vjp(g_of=read_in_fortran_order), ALL, "gradient-transposed axis"),
    "the gradient of log_softmax": (cotangent_of_log_softmax, ALL, "gradient-scale"),
    "flushed below 1e-7": (flushed_vjp, WIDE, "relative-accuracy gradient-cancellation"),
    "no shift": (vjp(p=softmax_no_shift), ALL, "exp-overflow exp-underflow"),
    "shift by the whole array's maximum": (vjp(p=softmax_global_shift), ALL, "global-shift"),
    "mean without K mod 4": (vjp(mean=short_sum), ALL, "tail-elements"),
    "zeros": (lambda z, g, axis=-1: np.zeros_like(z), ALL, "gradient-sign"),
    "the cotangent": (lambda z, g, axis=-1: g.copy(), ALL, "gradient-scale"),
    "float32 inside": (
        lambda z, g, axis=-1: vjp()(z.astype(np.float32), g.astype(np.float32), axis).astype(z.dtype),
        ("binary64",),
        "working-precision gradient-scale",
    ),
}


def jacobian(*, p=lambda z: softmax(z), sign=-1, diagonal=None):
    def wrapped(z):
        q = p(z)
        eye = np.eye(z.shape[-1], dtype=z.dtype)
        matrix = q[..., None] * eye + sign * q[..., :, None] * q[..., None, :]
        return matrix if diagonal is None else np.where(eye > 0, diagonal(q)[..., None], matrix)

    return wrapped


JACOBIAN = {
    "plus the outer product": (jacobian(sign=1), ALL, "gradient-sign"),
    "wrong sign": (lambda z: -jacobian()(z), ALL, "gradient-sign"),
    "diagonal only": (jacobian(sign=0), ALL, "gradient-sign"),
    "p on the diagonal": (jacobian(diagonal=lambda p: p), ALL, "gradient-sign gradient-scale"),
    "not scaled by p": (
        lambda z: np.eye(z.shape[-1], dtype=z.dtype) - softmax(z)[..., None, :] + 0 * z[..., None],
        ALL,
        "gradient-scale",
    ),
    "no shift": (jacobian(p=lambda z: softmax_no_shift(z, -1)), ALL, "exp-overflow"),
    "shift by the whole array's maximum": (
        jacobian(p=lambda z: softmax_global_shift(z, -1)),
        (*WIDE, "bfloat16"),
        "global-shift",
    ),
    "zeros": (lambda z: np.zeros((*z.shape, z.shape[-1]), z.dtype), ALL, "gradient-sign"),
}


# elementwise


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def logistic(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), np.where(np.isnan(x), x, small / (1 + small)))


SOFTPLUS = {
    "float32 inside": (lambda x: softplus(x.astype(np.float32)).astype(x.dtype), ("binary64",), "working-precision"),
    "nan to zero": (lambda x: np.nan_to_num(softplus(x), posinf=np.inf), ALL, "nan-swallowed"),
    "the last K mod 8 left at 0": (
        lambda x: (
            np.where(np.arange(x.shape[-1]) < (x.shape[-1] // 8 * 8 or 8), softplus(x), 0) if x.ndim else softplus(x)
        ),
        ALL,
        "tail-elements",
    ),
}
LOGISTIC = {
    "float32 inside": (lambda x: logistic(x.astype(np.float32)).astype(x.dtype), ("binary64",), "working-precision"),
    "nan to one half": (lambda x: np.where(np.isnan(x), 0.5, logistic(x)), ALL, "nan-swallowed"),
}

WRONG = {
    "log_softmax": LOG_SOFTMAX,
    "logsumexp": LOGSUMEXP,
    "softmax_vjp": VJP,
    "softmax_jacobian": JACOBIAN,
    "softplus": SOFTPLUS,
    "logistic": LOGISTIC,
}
PAIRS = [
    pytest.param(function, in_float32(fn), fmt, set(flags.split()), id=f"{function}: {name}, {fmt}")
    for function, group in WRONG.items()
    for name, (fn, formats, flags) in group.items()
    for fmt in formats
]
SPECIFIC = [
    ("softmax_vjp", "flushed below 1e-7"),
    ("softmax_vjp", "no shift"),
    ("softmax_vjp", "shift by the whole array's maximum"),
    ("softmax_vjp", "mean without K mod 4"),
    ("softmax_jacobian", "no shift"),
    ("softmax_jacobian", "shift by the whole array's maximum"),
]
"""Faults that most cases do not see: the first flags of the report name them."""


@pytest.mark.parametrize(("function", "fn", "fmt", "flags"), PAIRS)
def test_a_fault_fails_a_case_that_carries_its_flag(function, fn, fmt, flags):
    """The fault is caught in the format, and a flag of one failed case names it."""
    report = check(fn, function=function, formats=[fmt])

    assert not report.conforms
    assert flags & {flag for failure in report.failures for flag in failure.flags}


@pytest.mark.parametrize(("function", "name"), SPECIFIC)
def test_the_first_flags_name_a_specific_fault(function, name):
    """Of a fault that most cases do not see, a fitting flag is among the three most telling."""
    fn, formats, flags = WRONG[function][name]

    report = check(in_float32(fn), function=function, formats=[formats[0]])

    assert set(flags.split()) & {flag for flag, _, _ in report.flag_counts()[:3]}


@pytest.mark.parametrize("fmt", ["binary64", "binary32"])
def test_the_logistic_quotient_loses_only_what_is_subnormal(fmt):
    """1 / (1 + exp(-x)) is right until exp(-x) overflows, which is where its value turns subnormal."""
    report = check(in_float32(lambda x: 1 / (1 + np.exp(-x))), function="logistic", formats=[fmt])

    least = {"binary64": 2.0**-1022, "binary32": 2.0**-126}[fmt]
    failed = [failure for failure in report.failures if failure.component is not None]
    assert failed
    assert all(failure.got == 0 and 0 < failure.expected < least for failure in failed)
    assert report.policies["subnormal"] == ("flushed", "gradual")
