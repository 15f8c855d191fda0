"""Logistic and softplus in forms that overflow, cancel, or end where a table ends."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, logistic_textbook, softplus_textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


@fault(
    "logistic",
    "subnormal-result",
    "exp(-x) overflows where the result is subnormal",
    formats=WIDE,
    bugs=["gensim-exp-overflow"],
)
@in_float32
def reciprocal(x):
    """Return 1 / (1 + e^-x)."""
    return 1 / (1 + np.exp(-x))


@fault("logistic", "exp-overflow", "e^x / (1 + e^x) is taken on both sides", formats=ALL)
@in_float32
def quotient(x):
    """Divide inf by inf on the right."""
    return np.exp(x) / (1 + np.exp(x))


@fault(
    "logistic", "exp-overflow", "the stable forms stand on the wrong sides", formats=ALL, bugs=["hail-sigmoid-branches"]
)
@in_float32
def branches_swapped(x):
    """Take e^x / (1 + e^x) on the right and 1 / (1 + e^-x) on the left."""
    return np.where(x >= 0, np.exp(x) / (1 + np.exp(x)), 1 / (1 + np.exp(-x)))


@fault(
    "logistic",
    "exp-overflow",
    "the quotient of infinities is taken for one half",
    formats=ALL,
    bugs=["dynet-sigmoid-half"],
)
@in_float32
def one_half_at_overflow(x):
    """Replace the nan of inf/inf by 0.5."""
    e = np.exp(x)
    return np.where(np.isinf(e), x.dtype.type(0.5), e / (1 + e))


@fault(
    "logistic",
    "exp-overflow",
    "e^(x/2) / (e^(x/2) + e^(-x/2)), as a tanh of exponentials",
    formats=ALL,
    bugs=["vllm-softcap-nan"],
)
@in_float32
def of_two_exponentials(x):
    """Overflow on both sides."""
    return np.exp(x / 2) / (np.exp(x / 2) + np.exp(-x / 2))


@fault("logistic", "relative-accuracy", "(1 + tanh(x/2)) / 2 cancels on the left", formats=UP_TO_BFLOAT16)
@in_float32
def through_tanh(x):
    """Lose the left tail."""
    return (1 + np.tanh(x / 2)) / 2


@fault("logistic", "relative-accuracy", "1 - logistic(-x) on the left", formats=UP_TO_BFLOAT16)
@in_float32
def complement(x):
    """Take every value from the right half."""
    return np.where(x < 0, 1 - logistic_textbook(-x), logistic_textbook(x))


@fault("logistic", "threshold", "a piecewise linear function", formats=ALL)
@in_float32
def hard(x):
    """Clip x/6 + 1/2."""
    return np.clip(x / 6 + x.dtype.type(0.5), 0, 1)


def _table(reach, size, beyond):
    """Return a logistic looked up in a table of equal steps."""

    @in_float32
    def wrapped(x):
        inside = np.floor((np.clip(np.nan_to_num(x), -reach, reach) + reach) * (size / (2 * reach)))
        value = logistic_textbook((inside * (2 * reach / size) - reach).astype(x.dtype))
        value = np.where(abs(x) >= reach, beyond(x), value)
        return np.where(np.isnan(x), x, value).astype(x.dtype)

    return wrapped


fault(
    "logistic",
    "relative-accuracy",
    "a table of 1000 values in +-6, and 0 outside",
    formats=ALL,
    bugs=["gensim-sigmoid-table-skip"],
    name="table-of-1000",
)(_table(6, 1000, lambda x: 0 * np.sign(x)))
fault(
    "logistic",
    "relative-accuracy",
    "a table of 512 values in +-8, and 0 or 1 outside",
    formats=ALL,
    name="table-of-512",
)(_table(8, 512, lambda x: np.where(x > 0, 1.0, 0.0)))
fault(
    "logistic",
    "relative-accuracy",
    "a table of 2^16 values in +-20, and 0 or 1 outside",
    formats=UP_TO_BFLOAT16,
    name="table-of-65536",
)(_table(20, 65536, lambda x: np.where(x > 0, 1.0, 0.0)))


@fault("softplus", "exp-overflow", "log(1 + e^x) overflows on the right", formats=ALL, bugs=["burn-softplus-overflow"])
@in_float32
def log_one_plus_exp(x):
    """Take the definition at its word."""
    return np.log(1 + np.exp(x))


@fault(
    "softplus",
    "exp-overflow",
    "log1p(e^x) without another form on the right",
    formats=ALL,
    bugs=["torch-softplus-inf-threshold"],
)
@in_float32
def log1p_exp(x):
    """Lack the branch for large x."""
    return np.log1p(np.exp(x))


@fault(
    "softplus",
    "exp-overflow",
    "e^x is kept in float16, and 0 is written where it is infinite",
    formats=ALL,
    bugs=["coreml-softplus-cliff"],
)
@in_float32
def cliff(x):
    """Drop to 0 from 11.1 upwards."""
    e = np.exp(x).astype(np.float16).astype(x.dtype)
    return np.where(np.isinf(e), 0, np.log1p(e))


@fault("softplus", "relative-accuracy", "log(1 + e^-abs(x)) rounds the left tail away", formats=UP_TO_BFLOAT16)
@in_float32
def log_for_log1p(x):
    """Lack log1p in the stable form."""
    return np.maximum(x, 0) + np.log(1 + np.exp(-abs(x)))


@fault("softplus", "threshold", "max(x, 0)", formats=ALL)
@in_float32
def relu(x):
    """Leave the logarithm out."""
    return np.maximum(x, 0)


@fault("softplus", "exp-overflow", "the branches of the stable form are swapped", formats=ALL)
@in_float32
def softplus_swapped(x):
    """Take x + log1p(e^-x) on the left and log1p(e^x) on the right."""
    return np.where(x > 0, np.log1p(np.exp(x)), x + np.log1p(np.exp(-x)))


@fault("softplus", "relative-accuracy", "x - log(logistic(x)) cancels on the left", formats=UP_TO_BFLOAT16)
@in_float32
def x_minus_log_logistic(x):
    """Subtract two numbers of the size of x."""
    return np.where(np.isneginf(x), 0, x - np.log(logistic_textbook(x)))


@fault("softplus", "signed-zero", "0 is returned at 0", formats=ALL)
@in_float32
def zero_at_zero(x):
    """Treat 0 as a special case."""
    return np.where(x == 0, 0, softplus_textbook(x))
