"""Logarithms of sums and of shares, taken in a way that overflows, underflows or meets an infinite maximum."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, fault
from softmax_ref.faults.parts import in_float32, lse_textbook, textbook
from softmax_ref.faults.wrong.shift import above, at, constant, starting_at, top


def log_shifted_by(shift):
    """Return log_softmax with something else than the maximum subtracted."""

    @in_float32
    def wrapped(z, axis=-1):
        d = z - shift(z, axis)
        return d - np.log(np.exp(d).sum(axis=axis, keepdims=True))

    return wrapped


def lse_shifted_by(shift):
    """Return logsumexp with something else than the maximum subtracted."""

    @in_float32
    def wrapped(z, axis=-1):
        by = shift(z, axis)
        by = np.where(np.isfinite(by), by, 0).astype(z.dtype) + 0 * top(np.where(np.isfinite(z), z, 0), axis)
        return np.squeeze(by + np.log(np.exp(z - by).sum(axis=axis, keepdims=True)), axis if z.ndim else None)

    return wrapped


def _smallest_normal(z, axis):
    return np.maximum(top(z, axis), np.finfo(z.dtype).tiny)


def _mean(z, axis):
    return z.mean(axis=axis, keepdims=True)


def _on_the_last_axis(z, axis):
    return top(z, axis) if z.ndim < 2 or axis % z.ndim == z.ndim - 1 else z.dtype.type(0)


NONE_LOG = ("hb-logsoftmax-88", "burn-logsoftmax-890")
NONE_LSE = ("candle-lse-minus1000",)
SHIFTS = {
    "no-shift": ("exp-overflow", "exp is taken of the logits themselves", constant(0), (NONE_LOG, NONE_LSE)),
    "shift-by-mean": ("wrong-shift", "the mean of the slice is subtracted", _mean),
    "shift-by-first": ("wrong-shift", "the first logit is subtracted", at(0)),
    "shift-by-50": ("exp-underflow", "50 is subtracted", constant(50)),
    "shift-above-80": ("exp-underflow", "a maximum up to 80 is not subtracted", above(80)),
    "shift-on-the-last-axis": (
        "exp-overflow",
        "slices along other axes than the last are not shifted",
        _on_the_last_axis,
        (("torch-f-logsoftmax-spatial-nan",), ()),
    ),
    "max-from-0": ("exp-underflow", "the search for the maximum starts at 0", starting_at(0)),
    "max-from-smallest-normal": (
        "exp-underflow",
        "the search for the maximum starts at the smallest positive normal number",
        _smallest_normal,
        (("tinyengine-flt-min",), ()),
    ),
    "max-from-minus-1e4": ("exp-underflow", "the search for the maximum starts at -1e4", starting_at(-1e4)),
    "global-shift": ("global-shift", "the maximum of the whole array is subtracted", lambda z, axis: z.max()),
}
for _slug, (_flag, _text, _shift, *_bugs) in SHIFTS.items():
    _log_bugs, _lse_bugs = _bugs[0] if _bugs else ((), ())
    fault("log_softmax", _flag, _text, formats=ALL, bugs=_log_bugs, name=_slug)(log_shifted_by(_shift))
    fault("logsumexp", _flag, _text, formats=ALL, bugs=_lse_bugs, name=_slug)(lse_shifted_by(_shift))


@fault(
    "log_softmax",
    "log-of-zero",
    "the logarithm is taken of the shares",
    formats=ALL,
    bugs=["coreml-logsoftmax-naive", "torch-mps-logsoftmax-inf", "transformersjs-logsoftmax", "ttnn-pt2-logsoftmax"],
)
@in_float32
def log_of_softmax(z, axis=-1):
    """Return log(softmax(z))."""
    return np.log(textbook(z, axis))


@fault(
    "log_softmax",
    "exp-overflow",
    "the logarithm is taken of shares that were not shifted",
    formats=ALL,
    bugs=["neuralogic-softentropy"],
)
@in_float32
def log_of_unshifted_softmax(z, axis=-1):
    """Return log(exp(z) / sum exp(z))."""
    return np.log(np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True))


@fault(
    "log_softmax",
    "cancellation-in-logsumexp",
    "max + log sum is subtracted from the logits themselves",
    bugs=[
        *("torch-cuda-logsoftmax-1e7", "torch-sparse-logsoftmax-1e7", "mlx-logsoftmax-shift", "stan-logsoftmax-form"),
        "dynestyx-1e10",
    ],
)
@in_float32
def minus_logsumexp(z, axis=-1):
    """Return z - lse: of the two logits near 20000, most digits of the log of the sum are rounded away."""
    shift = top(z, axis)
    return z - (shift + np.log(np.exp(z - shift).sum(axis=axis, keepdims=True)))


@fault("log_softmax", "ties", "the logarithm of the sum is left out", formats=ALL)
@in_float32
def without_the_sum(z, axis=-1):
    """Return z - max."""
    return z - top(z, axis)


@fault("log_softmax", "ties", "log1p is taken of the whole sum", formats=ALL)
@in_float32
def log1p_of_the_sum(z, axis=-1):
    """Return d - log1p(sum exp(d)), the maximum counted twice."""
    d = z - top(z, axis)
    return d - np.log1p(np.exp(d).sum(axis=axis, keepdims=True))


@fault("log_softmax", "ties", "log1p leaves out every copy of the maximum", formats=ALL)
@in_float32
def log1p_without_ties(z, axis=-1):
    """Return d - log1p of the sum below the maximum."""
    d = z - top(z, axis)
    return d - np.log1p(np.where(d == 0, 0, np.exp(d)).sum(axis=axis, keepdims=True))


@fault("logsumexp", "all-masked", "an infinite maximum is subtracted", formats=ALL)
@in_float32
def nan_at_infinity(z, axis=-1):
    """Return max + log sum exp(z - max) without a guard: inf - inf is nan."""
    shift = top(z, axis)
    return np.squeeze(shift + np.log(np.exp(z - shift).sum(axis=axis, keepdims=True)), axis if z.ndim else None)


@fault("logsumexp", "ties", "the maximum is returned", formats=ALL)
@in_float32
def the_maximum(z, axis=-1):
    """Leave the logarithm out."""
    return z.max(axis=axis)


@fault("logsumexp", "ties", "the mean is taken for the sum", formats=ALL)
@in_float32
def log_of_the_mean(z, axis=-1):
    """Return max + log mean exp(z - max)."""
    by = np.where(np.isinf(top(z, axis)), 0, top(z, axis))
    return np.squeeze(by + np.log(np.exp(z - by).mean(axis=axis, keepdims=True)), axis if z.ndim else None)


@fault("logsumexp", "ties", "log1p leaves out every copy of the maximum", formats=ALL)
@in_float32
def lse_log1p_without_ties(z, axis=-1):
    """Return max + log1p of the sum below the maximum."""
    by = np.where(np.isinf(top(z, axis)), 0, top(z, axis))
    rest = np.where(z == by, 0, np.exp(z - by)).sum(axis=axis, keepdims=True)
    return np.squeeze(by + np.log1p(rest), axis if z.ndim else None)


@fault(
    "logsumexp",
    "log-of-one",
    "the logarithm is taken of the whole sum, which may have rounded to 1",
    level="tight",
    bugs=["scipy-lse-precision"],
)
@in_float32
def log_of_the_whole_sum(z, axis=-1):
    """Return max + log(sum), without log1p."""
    return lse_textbook(z, axis)
