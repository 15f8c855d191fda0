"""exp that is not quite exp: approximations of every quality, narrow intermediate results, double rounding."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, NARROW, WIDE, fault
from softmax_ref.faults.parts import in_float32, logistic_textbook, softplus_textbook, textbook

LOG2_E = 1.4426950408889634


def _softmax_with(exp):
    """Return softmax with another exp, which sees z - max."""

    @in_float32
    def wrapped(z, axis=-1):
        weight = exp(z - z.max(axis=axis, keepdims=True))
        return weight / weight.sum(axis=axis, keepdims=True)

    return wrapped


def _powers_of_two(d):
    """Return 2^round(d log2 e): the fraction's polynomial is missing."""
    return np.exp2(np.round(d * d.dtype.type(LOG2_E)))


def _straight_line(d):
    """Return 2^n (1 + f) for d log2 e = n + f: a straight line between powers of two."""
    t = d * d.dtype.type(LOG2_E)
    n = np.floor(t)
    return np.where(np.isneginf(t), 0, np.exp2(n) * (1 + (t - np.where(np.isneginf(t), 0, n))))


def _schraudolph(d):
    """Return the straight line shifted down to halve its largest error."""
    return _straight_line(d) * np.where(d == 0, 1, 1 - d.dtype.type(0.03))


def _polynomial(degree):
    """Return exp by a Taylor polynomial of d/2^8, squared eight times."""

    def exp(d):
        small = np.where(np.isneginf(d), 0, d) / 256
        total = np.ones_like(small)
        for k in range(degree, 0, -1):
            total = 1 + small * total / k
        for _ in range(8):
            total = total * total
        return np.where(np.isneginf(d), 0, total)

    return exp


def _limit(n):
    """Return (1 + d/n)^n."""
    return lambda d: np.where(d > -n, np.maximum(1 + np.where(np.isneginf(d), 0, d) / d.dtype.type(n), 0) ** n, 0)


def _table(step):
    """Return exp of d rounded to a table's step."""
    return lambda d: np.exp(np.round(d / d.dtype.type(step)) * d.dtype.type(step))


def _cut_off(limit):
    """Return exp that is 0 below a limit."""
    return lambda d: np.where(d < -limit, 0, np.exp(d))


def _short_constant(digits):
    """Return 2^(d log2 e) with log2 e to a few digits."""
    constant = round(LOG2_E, digits)
    return lambda d: np.exp2(d * d.dtype.type(constant))


def _relative(error):
    """Return exp with a relative error of either sign, but at 0."""
    return lambda d: (
        np.exp(d) * (1 + np.where(d == 0, 0, error * np.cos(np.where(np.isneginf(d), 0, d)))).astype(d.dtype)
    )


for _slug, _exp, _text, _formats, _flag, _bugs in (
    *(
        (
            "powers-of-two",
            _powers_of_two,
            "exp is a power of two",
            ALL,
            "working-precision",
            ["nnpack-powers-of-two", "cmsis-q7-accuracy"],
        ),
        (
            "straight-line",
            _straight_line,
            "exp is a straight line between powers of two",
            ALL,
            "working-precision",
            ["openvino-approx-exp"],
        ),
        ("shifted-line", _schraudolph, "exp is a straight line with 3 % taken off", ALL, "working-precision", []),
    ),
    *(
        (
            f"polynomial-of-degree-{n}",
            _polynomial(n),
            f"exp is a polynomial of degree {n}, squared",
            formats,
            "working-precision",
            [],
        )
        for n, formats in ((1, ALL), (2, WIDE), (3, ("binary64",)))
    ),
    *(
        (f"limit-of-{n}", _limit(n), f"exp(d) is (1 + d/{n})^{n}", formats, "working-precision", [])
        for n, formats in ((64, ALL), (1024, ALL), (65536, WIDE))
    ),
    *(
        (f"table-of-{n}", _table(1 / n), f"exp is read from a table with steps of 1/{n}", formats, "low-part", [])
        for n, formats in ((16, ALL), (256, (*WIDE, "binary16")), (4096, WIDE))
    ),
    *(
        (f"cut-off-at-{n}", _cut_off(n), f"exp is 0 below -{n}", formats, "relative-accuracy", bugs)
        for n, formats, bugs in (
            (13, (*WIDE, "bfloat16"), ["torchnn-approx-exp"]),
            (16, (*WIDE, "bfloat16"), []),
            (32, (*WIDE, "bfloat16"), []),
            (64, (*WIDE, "bfloat16"), []),
        )
    ),
    *(
        (f"log2-e-to-{n}-digits", _short_constant(n), f"log2 e has {n} digits", formats, "low-part", [])
        for n, formats in ((2, ALL), (4, WIDE), (6, ("binary64",)), (10, ("binary64",)))
    ),
    *(
        (f"exp-off-by-{x:.0e}", _relative(x), f"exp has relative errors of {x:.0e}", formats, "working-precision", [])
        for x, formats in (
            (1e-2, ALL),
            (1e-3, ("binary64", "binary32", "binary16")),
            (1e-5, WIDE),
            (1e-6, ("binary64",)),
            (1e-10, ("binary64",)),
            (1e-14, ("binary64",)),
        )
    ),
):
    fault("softmax", _flag, _text, formats=_formats, name=_slug, bugs=_bugs)(_softmax_with(_exp))


def _computed_in(dtype):
    return lambda z, axis=-1: textbook(z.astype(dtype), axis).astype(z.dtype)


for _dtype, _formats in ((np.float32, ("binary64",)), (np.float16, WIDE)):
    fault(
        "softmax",
        "working-precision",
        f"everything is computed in {np.dtype(_dtype)}",
        formats=_formats,
        name=f"inside-{np.dtype(_dtype)}",
    )(in_float32(_computed_in(_dtype)))


@fault(
    "softmax",
    "relative-accuracy",
    "every step is rounded to the array's own narrow format",
    formats=NARROW,
)
def native_arithmetic(z, axis=-1):
    return textbook(z, axis).astype(z.dtype)


@fault(
    "log_softmax",
    "working-precision",
    "every step is rounded to the array's own narrow format",
    formats=NARROW,
    bugs=["torch-cpu-bf16-vs-cuda", "torch-cpu-f16-logsoftmax-inner"],
    name="native-arithmetic",
)
def log_native(z, axis=-1):
    d = z - z.max(axis=axis, keepdims=True)
    return (d - np.log(np.exp(d).sum(axis=axis, keepdims=True))).astype(z.dtype)


@fault(
    "softmax",
    "single-class",
    "the quotient is a product with a reciprocal that is one ulp low",
    formats=WIDE,
    bugs=["tf-k1-one-ulp"],
)
@in_float32
def low_reciprocal(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight * np.nextafter(1 / weight.sum(axis=axis, keepdims=True), z.dtype.type(0))


@fault(
    "softmax",
    "subnormal-result",
    "exp flushes subnormal results, in rows of at most four entries",
    formats=WIDE,
    bugs=["mojo-exp-subnormal"],
)
@in_float32
def flushing_exp(z, axis=-1):
    p = textbook(z, axis)
    short = z.ndim > 0 and z.shape[axis] <= 4
    return np.where((p < np.finfo(z.dtype).tiny) & short, 0, p)


@fault(
    "log_logistic",
    "exp-underflow",
    "exp of a large negative argument wraps round and grows",
    formats=(*WIDE, "bfloat16"),
    bugs=["ttnn-logsigmoid-172"],
)
@in_float32
def wrapping_exp(x):
    small = np.exp(-np.abs(x))
    grown = np.where(np.abs(x) > 172, np.exp(np.minimum(np.abs(x) - 172, 80)), small)
    return np.where(np.isinf(x), np.minimum(x, 0), np.minimum(x, 0) - np.log1p(np.where(np.isinf(x), 0, grown)))


@fault(
    "softplus",
    "exp-underflow",
    "the range reduction of exp overflows for hugely negative arguments",
    formats=WIDE,
    bugs=["ttnn-softplus-exp-garbage"],
)
@in_float32
def garbage_far_below(x):
    return np.where((x < -2.9e6) & np.isfinite(x), np.inf, softplus_textbook(x))


@fault("logistic", "working-precision", "a rational approximation of tanh is good to three digits", formats=ALL)
@in_float32
def rational_tanh(x):
    h = np.clip(x / 2, -3, 3)
    return np.where(np.isnan(x), x, 0.5 + 0.5 * h * (27 + h * h) / (27 + 9 * h * h))


@fault("logistic", "working-precision", "e^-x has relative errors of 1e-6", formats=("binary64",))
@in_float32
def logistic_off_by_a_millionth(x):
    return logistic_textbook(x * (1 + 1e-6 * np.cos(np.where(np.isfinite(x), x, 0))))
