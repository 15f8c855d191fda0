"""logistic, softplus, log_logistic and logaddexp in other styles."""

import math

import numpy as np

from softmax_ref.faults.catalogue import ALL, control
from softmax_ref.faults.parts import in_float32, logistic_textbook, softplus_textbook
from softmax_ref.faults.right.styles import in_a_wider_type

NOT_DOUBLE = ("binary32", "binary16", "bfloat16")


def _enter(function, text, name, fn, formats=ALL, level="standard"):
    control(function, text, formats=formats, level=level, name=name)(in_float32(fn))


def _nan_kept(x, y):
    return np.where(np.isnan(x), x, y)


_enter("logistic", "1 / (1 + e^-x) right, e^x / (1 + e^x) left", "two-sided", logistic_textbook)
_enter("logistic", "two-sided, within the bound of the best algorithm", "tight", logistic_textbook, level="tight")
control("logistic", "two-sided, in a wider type", name="wider")(in_a_wider_type(logistic_textbook))
_enter(
    "logistic",
    "exp(-log(1 + e^-x)) by logaddexp",
    "through-the-logarithm",
    lambda x: np.exp(-np.logaddexp(x.dtype.type(0), -x)),
)
_enter("logistic", "exp(-softplus(-x))", "through-softplus", lambda x: np.exp(-softplus_textbook(-x)))
_enter(
    "logistic",
    "tanh on the right, the exponential form on the left",
    "tanh-on-the-right",
    lambda x: np.where(x > 0, (1 + np.tanh(x / 2)) / 2, logistic_textbook(x)),
)
_enter(
    "logistic",
    "a complement on the right: 1 - e^-x / (1 + e^-x)",
    "complement-on-the-right",
    lambda x: _nan_kept(x, np.where(x > 0, 1 - logistic_textbook(-abs(x)), logistic_textbook(-abs(x)))),
)


def _masked(x):
    y, right = np.array(x), x > 0
    small = np.exp(-np.abs(x))
    y[right] = 1 / (1 + small[right])
    y[~right] = small[~right] / (1 + small[~right])
    return _nan_kept(x, y)


_enter(
    "logistic",
    "each side is written through its mask",
    "masked-writes",
    lambda x: _masked(np.atleast_1d(x)).reshape(x.shape),
)


def _scalar(x):
    if math.isnan(x):
        return x
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


_enter(
    "logistic",
    "Python floats, one by one",
    "python-floats",
    lambda x: np.array([_scalar(v) for v in x.ravel().tolist()]).reshape(x.shape).astype(x.dtype),
    NOT_DOUBLE,
)

_enter("softplus", "max(x, 0) + log1p(e^-abs(x))", "two-sided", softplus_textbook)
_enter("softplus", "two-sided, within the bound of the best algorithm", "tight", softplus_textbook, level="tight")
control("softplus", "two-sided, in a wider type", name="wider")(in_a_wider_type(softplus_textbook))
_enter("softplus", "logaddexp(0, x)", "logaddexp", lambda x: np.logaddexp(x.dtype.type(0), x))
_enter(
    "softplus",
    "log1p(e^x) left of 0",
    "by-branches",
    lambda x: np.where(x > 0, x + np.log1p(np.exp(-np.abs(x))), np.log1p(np.exp(np.minimum(x, 0)))),
)
_enter(
    "softplus",
    "x itself where e^-x is below half a unit roundoff of it",
    "x-far-right",
    lambda x: np.where(x > 40, x, np.log1p(np.exp(np.minimum(x, 40)))),
)
_enter(
    "softplus",
    "e^x itself where it is below the unit roundoff",
    "exp-far-left",
    lambda x: np.where(x < -40, np.exp(np.minimum(x, 0)), softplus_textbook(x)),
)
_enter("log_logistic", "-softplus(-x)", "minus-softplus", lambda x: -softplus_textbook(-x))
_enter("log_logistic", "-logaddexp(0, -x)", "logaddexp", lambda x: -np.logaddexp(x.dtype.type(0), -x))
_enter(
    "log_logistic",
    "min(x, 0) - log1p(e^-abs(x))",
    "two-sided",
    lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))),
)
_enter(
    "log_logistic",
    "x itself far on the left, -e^-x far on the right",
    "limits-far-out",
    lambda x: np.where(x < -40, x, np.where(x > 40, -np.exp(-np.maximum(x, 0)), -softplus_textbook(-x))),
)
control("log_logistic", "two-sided, in a wider type", name="wider")(in_a_wider_type(lambda x: -softplus_textbook(-x)))


def _pair(x, y):
    with np.errstate(invalid="ignore"):
        gap = np.where(x == y, 0, -np.abs(x - y))
    return np.maximum(x, y) + np.log1p(np.exp(gap))


_enter("logaddexp", "max + log1p(e^-gap), equal arguments first", "log1p", _pair)
_enter("logaddexp", "NumPy's own", "numpy", np.logaddexp)
control("logaddexp", "max + log1p(e^-gap) in a wider type", name="wider")(in_a_wider_type(_pair))


def _of_two(x, y):
    top = np.maximum(x, y)
    by = np.where(np.isfinite(top), top, 0)
    return np.where(np.isinf(top), top, by + np.log(np.exp(x - by) + np.exp(y - by)))


_enter("logaddexp", "the logsumexp of two", "logsumexp", _of_two)
