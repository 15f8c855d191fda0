"""Losses and derivatives that are wrong in one width, along one axis, at one parameter, or below one size."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE
from softmax_ref.faults.derived import faults_of, loss_of, rows_of, shares, targets, total, warmly
from softmax_ref.faults.parts import logistic_textbook, textbook

wrong = faults_of("cross_entropy")

SMOOTHINGS = {
    "in-wide-rows": ("is not looked at beyond 128 classes", lambda e, width: e if width <= 128 else 0.0),
    "of-two-classes": ("is not looked at with two classes", lambda e, width: e if width != 2 else 0.0),
    "of-1": ("of 1 is taken for none", lambda e, width: e if e != 1 else 0.0),
    "below-a-twentieth": ("below 1/20 is taken for none", lambda e, width: e if e >= 0.05 else 0.0),
    "above-one-half": ("ends at 1/2", lambda e, width: min(e, 0.5)),
    "in-half": ("is rounded to half precision", lambda e, width: float(np.float16(e))),
}
for _slug, (_text, _read) in SMOOTHINGS.items():
    wrong("smoothing", f"label smoothing {_text}", WIDE, name=f"smoothing-{_slug}")(
        lambda z, y, label_smoothing=0.0, read=_read: loss_of(z, y, read(label_smoothing, rows_of(z).shape[-1]))
    )


@wrong("label-index", "the last class is taken for the first", WIDE)
def last_class_is_first(z, y, label_smoothing=0.0):
    y = np.asarray(y).astype(np.int64)
    return loss_of(z, np.where(y == rows_of(z).shape[-1] - 1, 0, y), label_smoothing)


@wrong("nan-swallowed", "a loss of nan becomes 0", WIDE)
def nan_becomes_zero(z, y, label_smoothing=0.0):
    return np.nan_to_num(loss_of(z, y, label_smoothing), posinf=np.inf)


wrong = faults_of("cross_entropy_vjp")


def _gradient(z, y, g, smoothing):
    return (g[..., None] * (textbook(rows_of(z)) - targets(rows_of(z), y, smoothing))).reshape(z.shape)


@wrong("label-index", "labels end at 255", WIDE)
def labels_end_at_255(z, y, g, label_smoothing=0.0):
    return _gradient(z, np.minimum(np.asarray(y).astype(np.int64), 255), g, label_smoothing)


@wrong("nan-swallowed", "a gradient of nan becomes 0", WIDE, name="nan-becomes-zero")
def nan_gradient_becomes_zero(z, y, g, label_smoothing=0.0):
    return np.nan_to_num(_gradient(z, y, g, label_smoothing))


@wrong("gradient-sign", "negative cotangents are dropped", WIDE)
def positive_cotangents(z, y, g, label_smoothing=0.0):
    return _gradient(z, y, np.maximum(g, 0), label_smoothing)


wrong = faults_of("log_softmax_vjp")


def _log_gradient(z, g, axis):
    return g - textbook(z, axis) * total(g, axis)


@wrong("axis", "the second of four axes is taken for the last", WIDE)
def second_of_four(z, g, axis=-1):
    return _log_gradient(z, g, -1 if z.ndim == 4 and axis % 4 == 1 else axis)


@wrong("axis", "the middle of three axes is taken for the last", WIDE)
def middle_of_three(z, g, axis=-1):
    return _log_gradient(z, g, -1 if z.ndim == 3 and axis % 3 == 1 else axis)


@wrong("single-class", "a single class keeps its cotangent", WIDE)
def single_class_keeps(z, g, axis=-1):
    return g + 0 if z.ndim and z.shape[axis] == 1 else _log_gradient(z, g, axis)


@faults_of("logaddexp_jvp")("threshold", "the tangent of the maximum beyond a gap of 15", ("binary64",))
def maximum_beyond_15(x, y, vx, vy):
    a, b = shares(x, y)
    return np.where(abs(x - y) > 15, np.where(x > y, vx, vy), a * vx + b * vy)


@faults_of("logaddexp")("nan-swallowed", "beside -inf a nan becomes 0", WIDE)
def nan_beside_infinity(x, y):
    return np.where(np.isneginf(y) & np.isnan(x), 0, np.logaddexp(x, y))


for _at in ("1e-5", "0.01", "1"):
    faults_of("softmax_temperature")("temperature", f"T is at least {_at}", WIDE, name=f"at-least-{_at}")(
        lambda z, temperature=1.0, axis=-1, at=float(_at): warmly(z, max(temperature, at), axis)
    )
SLOPES = {
    "logistic_vjp": lambda x: logistic_textbook(x) * logistic_textbook(-x),
    "log_logistic_vjp": lambda x: logistic_textbook(-x),
    "softplus_vjp": logistic_textbook,
}
for _function, _slope in SLOPES.items():
    for _size in ("1e-7", "1e-20"):
        faults_of(_function)("relative-accuracy", f"slopes below {_size} are flushed", WIDE, name=f"flushed-{_size}")(
            lambda x, g, slope=_slope, size=float(_size): np.where(abs(g * slope(x)) < size, 0, g * slope(x))
        )
    faults_of(_function)("gradient-transposed", "square cotangents are transposed", WIDE, name="square-transposed")(
        lambda x, g, slope=_slope: (g.T if g.ndim == 2 and g.shape[0] == g.shape[1] else g) * slope(x)
    )
    faults_of(_function)("nan-swallowed", "a slope of nan becomes 0", WIDE, name="nan-becomes-zero")(
        lambda x, g, slope=_slope: np.nan_to_num(g * slope(x), posinf=np.inf, neginf=-np.inf)
    )
