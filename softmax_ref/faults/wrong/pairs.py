"""log_logistic and logaddexp in forms that overflow, cancel, or switch too early."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, logistic_textbook, softplus_textbook

DOUBLE = ("binary64",)
UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _right(x):
    return -softplus_textbook(-x)


def _enter(flag, text, slug, form, formats=ALL, bugs=()):
    fault("log_logistic", flag, text, formats=formats, bugs=bugs, name=slug)(in_float32(form))


_enter("exp-overflow", "log(logistic(x)) without a branch", "log-of-quotient", lambda x: np.log(1 / (1 + np.exp(-x))))
_enter(
    "exp-overflow",
    "-log(1 + e^-x) overflows on the left",
    "minus-log-of-sum",
    lambda x: -np.log(1 + np.exp(-x)),
    bugs=["torch-logsigmoid-300"],
)
_enter("exp-overflow", "-log1p(e^-x) overflows on the left", "minus-log1p", lambda x: -np.log1p(np.exp(-x)))
_enter("exp-overflow", "x - log1p(e^x) overflows on the right", "x-minus-log1p", lambda x: x - np.log1p(np.exp(x)))
_enter(
    "log-of-one",
    "the logarithm of a stable logistic rounds the right tail away",
    "log-of-logistic",
    lambda x: np.log(logistic_textbook(x)),
    UP_TO_BFLOAT16,
)
_enter(
    "log-of-one",
    "min(x, 0) - log(1 + e^-abs(x)) lacks log1p",
    "log-for-log1p",
    lambda x: np.minimum(x, 0) - np.log(1 + np.exp(-abs(x))),
    UP_TO_BFLOAT16,
)
_enter("working-precision", "min(x, 0)", "minimum", lambda x: np.minimum(x, 0))
_enter("working-precision", "softplus(-x), with the sign lost", "sign-lost", lambda x: softplus_textbook(-x))
for _at, _formats in {10: WIDE, 20: DOUBLE, 30: DOUBLE}.items():
    _text = f"x itself is returned below -{_at}"
    _enter("threshold", _text, f"x-below-{_at}", lambda x, at=_at: np.where(x < -at, x, _right(x)), _formats)
for _at, _formats in {15: ALL, 20: UP_TO_BFLOAT16, 40: UP_TO_BFLOAT16}.items():
    _text = f"0 is returned above {_at}"
    _enter("threshold", _text, f"zero-above-{_at}", lambda x, at=_at: np.where(x > at, 0, _right(x)), _formats)
for _limit, _formats in {"30": UP_TO_BFLOAT16, "88": DOUBLE, "700": DOUBLE}.items():
    _text = f"arguments are raised to -{_limit}"
    _enter("clipped-input", _text, f"from-{_limit}", lambda x, n=float(_limit): _right(np.maximum(x, -n)), _formats)
for _size, _formats in {"1e-7": ALL, "1e-12": ALL, "1e-38": ALL}.items():
    _text = f"log(logistic(x) + {_size})"
    _enter(
        "log-of-zero",
        _text,
        f"log-plus-{_size}",
        lambda x, e=float(_size): np.log(logistic_textbook(x) + x.dtype.type(e)),
        _formats,
    )


def _pair(flag, text, slug, form, formats=ALL, bugs=()):
    fault("logaddexp", flag, text, formats=formats, bugs=bugs, name=slug)(in_float32(form))


def _shifted_by(shift):
    def form(x, y):
        by = shift(x, y)
        return by + np.log(np.exp(x - by) + np.exp(y - by))

    return form


def _guarded(x, y):
    """Return the right value, whatever is infinite."""
    return np.logaddexp(x, y)


_pair("exp-overflow", "log(e^x + e^y)", "no-shift", lambda x, y: np.log(np.exp(x) + np.exp(y)))
_pair("exp-overflow", "the first argument is subtracted", "shift-by-first", _shifted_by(lambda x, y: x))
_pair("exp-overflow", "the mean is subtracted", "shift-by-mean", _shifted_by(lambda x, y: x / 2 + y / 2))
_pair("exp-overflow", "the minimum is subtracted", "shift-by-minimum", _shifted_by(np.minimum))
_pair(
    "exp-underflow", "the maximum starts at 0", "max-from-0", _shifted_by(lambda x, y: np.maximum(np.maximum(x, y), 0))
)
_pair(
    "row-mixing",
    "the maximum of all pairs is subtracted",
    "global-shift",
    _shifted_by(lambda x, y: max(x.max(), y.max())),
)
_pair(
    "equal-infinities",
    "two infinite arguments meet without a guard",
    "inf-minus-inf",
    lambda x, y: np.maximum(x, y) + np.log1p(np.exp(-abs(x - y))),
    bugs=["cupy-logaddexp-inf", "jaxjs-logaddexp", "stan-lse-boundaries", "flashinfer-merge-empty", "vllm-merge-empty"],
)
_pair("ties", "the larger argument is returned", "maximum", np.maximum)
_pair(
    "ties", "equal arguments are returned as they are", "equal-kept", lambda x, y: np.where(x == y, x, _guarded(x, y))
)
for _at, _formats in {5: WIDE, 15: DOUBLE}.items():
    _pair(
        "threshold",
        f"the smaller argument is left out where it lies {_at} below",
        f"maximum-beyond-{_at}",
        lambda x, y, at=_at: np.where(abs(x - y) > at, np.maximum(x, y), _guarded(x, y)),
        _formats,
    )


@fault(
    "logaddexp",
    "equal-infinities",
    "a floating-point error is raised where equal infinities meet",
    formats=ALL,
    bugs=["numpy-logaddexp-fpe"],
)
@in_float32
def raises_at_equal_infinities(x, y):
    """Return the right value, or raise as NumPy does under np.errstate(invalid="raise")."""
    if (np.isinf(x) & (x == y)).any():
        raise FloatingPointError("invalid value encountered in logaddexp")
    return _guarded(x, y)
