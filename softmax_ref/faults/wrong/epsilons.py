"""A constant added to the sum, to weights or shares, or under a logarithm; and floors in its place."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, logistic_textbook, softplus_textbook, textbook
from softmax_ref.faults.wrong.shift import top

DOUBLE = ("binary64",)
UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _in_the_sum(z, axis, epsilon):
    weight = np.exp(z - top(z, axis))
    return weight / (weight.sum(axis=axis, keepdims=True) + epsilon)


def _in_the_weights(z, axis, epsilon):
    weight = np.exp(z - top(z, axis)) + epsilon
    return weight / weight.sum(axis=axis, keepdims=True)


def _under_the_log_of_the_sum(z, axis, epsilon):
    d = z - top(z, axis)
    return d - np.log(np.exp(d).sum(axis=axis, keepdims=True) + epsilon)


def _in_logsumexp(z, axis, epsilon):
    by = np.where(np.isinf(top(z, axis)), 0, top(z, axis))
    y = by + np.log(np.exp(z - by).sum(axis=axis, keepdims=True) + epsilon)
    return np.squeeze(y, axis if z.ndim else None)


FORMS = {
    "sum-plus": ("softmax", "epsilon", "{} is added to the sum", _in_the_sum),
    "exp-plus": ("softmax", "epsilon", "{} is added to every exponential", _in_the_weights),
    "p-plus": ("softmax", "epsilon", "{} is added to every share", lambda z, a, e: textbook(z, a) + e),
    "p-floor": ("softmax", "epsilon", "shares below {} become {}", lambda z, a, e: np.maximum(textbook(z, a), e)),
    "log-sum-plus": ("log_softmax", "epsilon", "log(sum + {})", _under_the_log_of_the_sum),
    "log-p-plus": ("log_softmax", "log-of-zero", "log(p + {})", lambda z, a, e: np.log(textbook(z, a) + e)),
    "log-p-floor": (
        "log_softmax",
        "log-of-zero",
        "log(max(p, {}))",
        lambda z, a, e: np.log(np.maximum(textbook(z, a), e)),
    ),
    "sum-plus ": ("logsumexp", "epsilon", "{} is added to the sum", _in_logsumexp),
}
SIZES = {
    "sum-plus": {"1e-5": WIDE, "1e-6": WIDE, "1e-8": DOUBLE, "1e-12": DOUBLE, "1e-14": DOUBLE},
    "exp-plus": {"1e-8": UP_TO_BFLOAT16, "1e-20": UP_TO_BFLOAT16},
    "p-plus": {"1e-5": ALL, "1e-7": UP_TO_BFLOAT16, "1e-10": UP_TO_BFLOAT16, "1e-16": WIDE, "1e-30": WIDE},
    "p-floor": {"1e-7": UP_TO_BFLOAT16, "1e-12": UP_TO_BFLOAT16, "1e-37": WIDE, "1e-45": DOUBLE, "1e-300": DOUBLE},
    "log-sum-plus": {"1e-6": WIDE, "1e-12": DOUBLE, "1e-15": DOUBLE},
    "log-p-plus": {"6e-8": ALL, "1e-10": ALL, "1e-16": ALL, "1e-30": ALL, "1e-45": ALL},
    "log-p-floor": {"1e-5": ALL, "1.1754944e-38": ALL, "2.2250738585072014e-308": DOUBLE},
    "sum-plus ": {"1e-6": WIDE, "1e-8": DOUBLE, "1e-12": DOUBLE, "1e-15": DOUBLE},
}
BUGS = {"log-p-plus-6e-8": ["torch-vulkan-eps"], "log-p-floor-1.1754944e-38": ["caffe-87"]}


def _with(form, epsilon):
    return in_float32(lambda z, axis=-1: form(z, axis, z.dtype.type(epsilon)))


for _key, (_function, _flag, _text, _form) in FORMS.items():
    for _size, _formats in SIZES[_key].items():
        _slug = f"{_key.strip()}-{_size}"
        _wrong = _with(_form, float(_size))
        _bugs = BUGS.get(_slug, ())
        fault(_function, _flag, _text.format(_size, _size), formats=_formats, bugs=_bugs, name=_slug)(_wrong)

ELEMENTWISE = {
    "plus": ("softplus", "{} is added", lambda x, e: softplus_textbook(x) + e),
    "floor": ("softplus", "results below {} become {}", lambda x, e: np.maximum(softplus_textbook(x), e)),
    "clip": ("logistic", "results are clipped to [{}, 1 - {}]", lambda x, e: np.clip(logistic_textbook(x), e, 1 - e)),
    "denominator-plus": (
        "logistic",
        "{} is added to the denominator",
        lambda x, e: np.where(x >= 0, 1 / (1 + np.exp(-abs(x)) + e), np.exp(-abs(x)) / (1 + np.exp(-abs(x)) + e)),
    ),
}
ELEMENTWISE_SIZES = {
    "plus": {"1e-5": ALL, "1e-8": UP_TO_BFLOAT16, "1e-12": UP_TO_BFLOAT16, "1e-30": WIDE},
    "floor": {"1e-6": UP_TO_BFLOAT16, "1e-10": UP_TO_BFLOAT16, "1e-45": DOUBLE},
    "clip": {"1e-5": ALL, "1e-7": UP_TO_BFLOAT16, "1e-12": UP_TO_BFLOAT16, "1e-15": WIDE, "1e-38": DOUBLE},
    "denominator-plus": {"1e-5": WIDE, "1e-10": DOUBLE},
}
for _key, (_function, _text, _form) in ELEMENTWISE.items():
    for _size, _formats in ELEMENTWISE_SIZES[_key].items():
        _wrong = in_float32(lambda x, form=_form, epsilon=float(_size): form(x, x.dtype.type(epsilon)))
        fault(_function, "epsilon", _text.format(_size, _size), formats=_formats, name=f"{_key}-{_size}")(_wrong)
