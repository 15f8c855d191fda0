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


def log_of_softmax(z, axis=-1):
    return np.log(softmax(z, axis))


def log_of_softmax_plus(epsilon):
    return lambda z, axis=-1: np.log(softmax(z, axis) + z.dtype.type(epsilon))


def log_of_clipped_softmax(z, axis=-1):
    return np.log(np.maximum(softmax(z, axis), z.dtype.type(1e-30)))


def log_without_shift(z, axis=-1):
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def log_shifted_by_all(z, axis=-1):
    d = z - z.max()
    return d - np.log(np.exp(d).sum(axis=axis, keepdims=True))


def log_on_the_last_axis(z, axis=-1):
    d = z - z.max(axis=-1, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))


def log_without_the_sum(z, axis=-1):
    return z - z.max(axis=axis, keepdims=True)


def log_minus_logsumexp(z, axis=-1):
    top = z.max(axis=axis, keepdims=True)
    return z - (top + np.log(np.exp(z - top).sum(axis=axis, keepdims=True)))


def lse_without_shift(z, axis=-1):
    return np.log(np.exp(z).sum(axis=axis))


def lse_shifted_by(shift):
    def wrapped(z, axis=-1):
        s = shift(z, axis)
        s = np.where(np.isinf(s), 0, s).astype(z.dtype)
        return np.squeeze(s, axis if s.ndim else None) + np.log(np.exp(z - s).sum(axis=axis))

    return wrapped


def lse_plus(epsilon):
    def wrapped(z, axis=-1):
        top = z.max(axis=axis, keepdims=True)
        top = np.where(np.isinf(top), 0, top)
        return np.squeeze(top, axis if z.ndim else None) + np.log(
            np.exp(z - top).sum(axis=axis) + z.dtype.type(epsilon)
        )

    return wrapped


def lse_nan_at_infinity(z, axis=-1):
    top = z.max(axis=axis, keepdims=True)
    return np.squeeze(top + np.log(np.exp(z - top).sum(axis=axis, keepdims=True)), axis if z.ndim else None)


def lse_is_the_maximum(z, axis=-1):
    return z.max(axis=axis)


def lse_is_the_mean(z, axis=-1):
    top = z.max(axis=axis, keepdims=True)
    top = np.where(np.isinf(top), 0, top)
    return np.squeeze(top, axis if z.ndim else None) + np.log(np.exp(z - top).mean(axis=axis))


def lse_on_the_last_axis(z, axis=-1):
    top = z.max(axis=-1, keepdims=True)
    top = np.where(np.isinf(top), 0, top)
    return top[..., 0] + np.log(np.exp(z - top).sum(axis=-1)) if z.ndim else z


LOG_SOFTMAX = {
    "log of softmax": (log_of_softmax, (*WIDE, "bfloat16"), "log-of-zero"),
    "log of softmax + 1e-10": (log_of_softmax_plus(1e-10), ALL, "log-of-zero relative-accuracy"),
    "log of softmax + 1e-30": (log_of_softmax_plus(1e-30), (*WIDE, "bfloat16"), "log-of-zero relative-accuracy"),
    "log of clipped softmax": (log_of_clipped_softmax, (*WIDE, "bfloat16"), "log-of-zero relative-accuracy"),
    "no shift": (log_without_shift, ALL, "exp-overflow exp-underflow"),
    "shift by the whole array's maximum": (log_shifted_by_all, ALL, "global-shift row-mixing"),
    "always the last axis": (log_on_the_last_axis, ALL, "axis"),
    "the sum left out": (log_without_the_sum, ALL, "working-precision ties"),
    "z - (max + log sum)": (log_minus_logsumexp, WIDE, "exp-overflow exp-underflow clipped-input"),
    "float32 inside": (lambda z, axis=-1: log_minus_float32(z, axis), ("binary64",), "working-precision"),
}


def log_minus_float32(z, axis):
    d = z - z.max(axis=axis, keepdims=True)
    return d - np.log(np.exp(d.astype(np.float32)).sum(axis=axis, keepdims=True)).astype(z.dtype)


LOGSUMEXP = {
    "no shift": (lse_without_shift, ALL, "exp-overflow exp-underflow"),
    "shift by the mean": (
        lse_shifted_by(lambda z, axis: z.mean(axis=axis, keepdims=True)),
        (*WIDE, "bfloat16"),
        "wrong-shift",
    ),
    "shift by the whole array's maximum": (
        lse_shifted_by(lambda z, axis: np.full_like(z.max(axis=axis, keepdims=True), z.max())),
        ALL,
        "global-shift row-mixing",
    ),
    "epsilon 1e-12": (lse_plus(1e-12), ("binary64",), "epsilon working-precision"),
    "epsilon 1e-8": (lse_plus(1e-8), ("binary64",), "epsilon working-precision"),
    "nan for infinities": (lse_nan_at_infinity, ALL, "all-masked infinite-logit"),
    "the maximum": (lse_is_the_maximum, ALL, "ties working-precision"),
    "the log of the mean": (lse_is_the_mean, ALL, "ties working-precision"),
    "always the last axis": (lse_on_the_last_axis, ALL, "axis shape-changed"),
}


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
    "the mean over the last axis": (vjp(mean=lambda pg, axis: pg.sum(axis=-1, keepdims=True)), ALL, "axis"),
    "the mean over the whole array": (vjp(mean=lambda pg, axis: pg.sum()), ALL, "axis row-mixing"),
    "everything on the last axis": (lambda z, g, axis=-1: vjp()(z, g, -1), ALL, "axis"),
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


def one_index_for_all_rows(z):
    p = softmax(z)
    eye = np.eye(z.shape[-1], dtype=z.dtype)
    return p[..., None] * eye - p[..., :, None] * p.reshape(-1, p.shape[-1])[0]


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
    "the first row for all": (one_index_for_all_rows, ALL, "row-mixing"),
    "the batch transposed": (
        lambda z: jacobian()(np.swapaxes(z, 0, -1) if z.ndim > 1 and z.shape[0] == z.shape[-1] else z),
        ALL,
        "row-mixing gradient-transposed",
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
    "log(1 + exp(x))": (lambda x: np.log(1 + np.exp(x)), ALL, "exp-overflow log-of-one relative-accuracy"),
    "log1p(exp(x))": (lambda x: np.log1p(np.exp(x)), ALL, "exp-overflow"),
    "max + log(1 + exp(-|x|))": (
        lambda x: np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x))),
        (*WIDE, "bfloat16"),
        "relative-accuracy threshold",
    ),
    "threshold 20": (lambda x: np.where(x > 20, x, softplus(x)), ("binary64",), "threshold"),
    "threshold 15": (lambda x: np.where(x > 15, x, softplus(x)), ("binary64",), "threshold"),
    "threshold 10": (lambda x: np.where(x > 10, x, softplus(x)), WIDE, "threshold"),
    "threshold -20": (lambda x: np.where(x < -20, 0, softplus(x)), WIDE, "threshold relative-accuracy"),
    "threshold -20 to exp": (lambda x: np.where(x < -15, np.exp(x), softplus(x)), ("binary64",), "threshold"),
    "relu": (lambda x: np.maximum(x, 0), ALL, "signed-zero working-precision"),
    "float32 inside": (lambda x: softplus(x.astype(np.float32)).astype(x.dtype), ("binary64",), "working-precision"),
    "clipped at 50": (lambda x: softplus(np.clip(x, -50, 50)), ALL, "clipped-input"),
    "epsilon 1e-12": (lambda x: softplus(x) + x.dtype.type(1e-12), WIDE, "epsilon relative-accuracy"),
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
    "1 / (1 + exp(-x))": (lambda x: 1 / (1 + np.exp(-x)), WIDE, "subnormal-result"),
    "exp(x) / (1 + exp(x))": (lambda x: np.exp(x) / (1 + np.exp(x)), ALL, "exp-overflow"),
    "(1 + tanh(x/2)) / 2": (lambda x: (1 + np.tanh(x / 2)) / 2, (*WIDE, "bfloat16"), "relative-accuracy"),
    "hard": (lambda x: np.clip(x / 6 + x.dtype.type(0.5), 0, 1), ALL, "working-precision threshold"),
    "1 - sigmoid(-x)": (lambda x: 1 - logistic(-x), (*WIDE, "bfloat16"), "relative-accuracy"),
    "clipped at 15": (lambda x: logistic(np.clip(x, -15, 15)), ALL, "clipped-input threshold"),
    "clipped at 30": (lambda x: logistic(np.clip(x, -30, 30)), WIDE, "clipped-input threshold"),
    "clipped at 88": (lambda x: logistic(np.clip(x, -88, 88)), ("binary64",), "clipped-input relative-accuracy"),
    "0 below -40": (lambda x: np.where(x < -40, 0, logistic(x)), WIDE, "threshold relative-accuracy"),
    "float32 inside": (lambda x: logistic(x.astype(np.float32)).astype(x.dtype), ("binary64",), "working-precision"),
    "epsilon 1e-7": (lambda x: np.clip(logistic(x), x.dtype.type(1e-7), 1), WIDE, "epsilon relative-accuracy"),
    "flushed to normal numbers in part": (
        lambda x: np.where(
            (logistic(x) < np.finfo(x.dtype).tiny) & (np.arange(x.size).reshape(x.shape) % 2 == 1), 0, logistic(x)
        ),
        WIDE,
        "subnormal-result",
    ),
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
    ("log_softmax", "log of softmax"),
    ("log_softmax", "no shift"),
    ("log_softmax", "shift by the whole array's maximum"),
    ("log_softmax", "always the last axis"),
    ("logsumexp", "no shift"),
    ("logsumexp", "shift by the mean"),
    ("logsumexp", "shift by the whole array's maximum"),
    ("logsumexp", "nan for infinities"),
    ("logsumexp", "always the last axis"),
    ("softmax_vjp", "the mean over the last axis"),
    ("softmax_vjp", "everything on the last axis"),
    ("softmax_vjp", "flushed below 1e-7"),
    ("softmax_vjp", "no shift"),
    ("softmax_vjp", "shift by the whole array's maximum"),
    ("softmax_vjp", "mean without K mod 4"),
    ("softmax_jacobian", "no shift"),
    ("softmax_jacobian", "shift by the whole array's maximum"),
    ("softmax_jacobian", "the first row for all"),
    ("softmax_jacobian", "the batch transposed"),
    ("softplus", "log(1 + exp(x))"),
    ("softplus", "log1p(exp(x))"),
    *(("softplus", f"threshold {at}") for at in ("10", "15", "20", "-20")),
    ("softplus", "clipped at 50"),
    ("logistic", "1 / (1 + exp(-x))"),
    ("logistic", "exp(x) / (1 + exp(x))"),
    ("logistic", "clipped at 15"),
    ("logistic", "0 below -40"),
    ("logistic", "flushed to normal numbers in part"),
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
