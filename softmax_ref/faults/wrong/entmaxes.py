"""Wrong forms of entmax: halves, squares and supports at alpha = 1.5, and orders that are exchanged."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import textbook
from softmax_ref.faults.sparse_parts import (
    at_alpha,
    counted,
    distances,
    entmax15_taus,
    entmax_sorted,
    on_rows,
    sorted_entmax15,
    sorted_sparsemax,
)

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _take(x, taus, size):
    return np.maximum(x - np.take_along_axis(taus, size - 1, -1), 0) ** 2


def _changed(halves=lambda z: distances(z) / 2, size_of=lambda n: n):
    """Return the sorted form with other halves, or another size of the support."""

    def wrapped(z):
        x = halves(z)
        taus, kept = entmax15_taus(x)
        return _take(x, taus, np.clip(size_of(counted(kept)), 1, z.shape[-1]))

    return wrapped


def _to_the(power):
    """Return shares max(x - tau, 0)^power over their sum."""

    def wrapped(z):
        p = np.sqrt(sorted_entmax15(z)) ** power
        return p / p.sum(axis=-1, keepdims=True)

    return wrapped


def _without_the_squares(z):
    """Take the mean less 1/n for the threshold, as in sparsemax, and square then."""
    x = distances(z) / 2
    p = sorted_sparsemax(x) ** 2
    return p / p.sum(axis=-1, keepdims=True)


def _wrong_root(z):
    """Leave out the division by n under the root."""
    x = distances(z) / 2
    r = -np.sort(-x, axis=-1)
    n = np.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    mean, squares = np.cumsum(r, axis=-1) / n, np.cumsum(r * r, axis=-1) / n
    taus = mean - np.sqrt(np.maximum(1 - n * (squares - mean * mean), 0))
    return _take(x, taus, counted(taus <= r))


def _bisected(steps):
    """Return entmax at alpha = 1.5 by a few steps of bisection."""

    def wrapped(z):
        x = distances(z) / 2
        low, high = np.full_like(x[..., :1], -1), np.zeros_like(x[..., :1])
        for _ in range(steps):
            middle = (low + high) / 2
            enough = (np.maximum(x - middle, 0) ** 2).sum(axis=-1, keepdims=True) >= 1
            low, high = np.where(enough, middle, low), np.where(enough, high, middle)
        return np.where(np.isnan(x.max(axis=-1, keepdims=True)), np.nan, np.maximum(x - low, 0) ** 2)

    return wrapped


def _without_the_tail(z):
    x = distances(z) / 2
    taus, kept = entmax15_taus(x[..., : z.shape[-1] // 8 * 8 or z.shape[-1]])
    return _take(x, taus, counted(kept))


def _enter(slug, flag, text, fn, formats=ALL):
    fault("entmax15", flag, text, formats=formats, name=slug)(on_rows(fn))


def _then(change):
    return lambda z: change(sorted_entmax15(z))


_enter("no-shift", "no-shift", "means of squares are formed of the logits themselves", _changed(lambda z: z / 2), WIDE)
_enter("logits-not-halved", "wrong-support", "the logits are not halved", _changed(distances))
_enter("logits-quartered", "wrong-support", "the logits are halved twice", _changed(lambda z: distances(z) / 4))
_enter("one-too-many", "wrong-support", "the support has a class too many", _changed(size_of=lambda n: n + 1))
_enter("one-too-few", "wrong-support", "the support has a class too few", _changed(size_of=lambda n: n - 1))
_enter(
    "largest-64", "tail-elements", "the support has at most 64 classes", _changed(size_of=lambda n: np.minimum(n, 64))
)
_enter("roots", "wrong-support", "the shares are not squared, but normalised", _to_the(1))
_enter("cubes", "wrong-support", "the shares are cubes, normalised", _to_the(3))
_enter("threshold-of-sparsemax", "wrong-support", "the threshold is that of sparsemax", _without_the_squares)
_enter("root-not-divided", "wrong-support", "n does not divide under the root", _wrong_root)
_enter("bisected-10-times", "wrong-support", "the threshold has 10 bits", _bisected(10))
_enter("bisected-30-times", "working-precision", "the threshold has 30 bits", _bisected(30), ("binary64",))
_enter("without-the-tail-of-8", "tail-elements", "the threshold leaves out the tail", _without_the_tail)
_enter(
    "below-1e-6-is-zero",
    "relative-accuracy",
    "shares below 1e-6 become 0",
    _then(lambda p: np.where(p < 1e-6, 0, p)),
    WIDE,
)
_enter("nan-to-zero", "nan-swallowed", "nan becomes 0", _then(np.nan_to_num))
_enter(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda z: sorted_entmax15(z.astype(np.float32)),
    ("binary64",),
)
_enter("shares-of-softmax", "wrong-support", "softmax", textbook)
_enter("sparsemax", "wrong-support", "sparsemax", sorted_sparsemax)


def _enter_order(slug, text, fn, flag="wrong-order", formats=ALL):
    fault("entmax", flag, text, formats=formats, name=slug)(on_rows(fn))


def _unshifted(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def _masked_by_product(z):
    weight = np.exp(distances(z))
    return weight / (weight * np.where(np.isfinite(z), 1, z * 0)).sum(axis=-1, keepdims=True)


def _reading(read):
    """Return the right form of another alpha."""
    right = entmax_sorted(textbook)
    return lambda z, alpha=1.5: right(z, alpha=read(float(alpha)))


for _name, _fn in {"softmax": textbook, "entmax15": sorted_entmax15, "sparsemax": sorted_sparsemax}.items():
    _enter_order(f"{_name}-at-every-alpha", f"{_name}, whatever alpha is", lambda z, alpha=1.5, fn=_fn: fn(z))
_enter_order("orders-exchanged", "alpha and 3 - alpha are exchanged", _reading(lambda alpha: 3 - alpha))
_enter_order("alpha-cut", "alpha is cut to an integer", _reading(np.floor))
_enter_order("alpha-rounded-up", "alpha is raised to an integer", _reading(np.ceil))
_enter_order("alpha-two-is-middle", "alpha = 2 gives the shares at 1.5", _reading(lambda alpha: min(alpha, 1.5)))
_enter_order(
    "roots-at-the-middle", "shares at alpha = 1.5 are not squared", at_alpha(textbook, _to_the(1), sorted_sparsemax)
)
_enter_order(
    "nan-at-one",
    "the general formula gives nan at alpha = 1",
    at_alpha(lambda z: z * np.nan, sorted_entmax15, sorted_sparsemax),
)
_enter_order(
    "logits-not-scaled",
    "logits are not multiplied by alpha - 1",
    at_alpha(textbook, _changed(distances), sorted_sparsemax),
)
_enter_order("no-shift-at-one", "softmax at alpha = 1 is not shifted", entmax_sorted(_unshifted), "exp-overflow")
_enter_order(
    "no-shift-at-the-middle",
    "means of squares at alpha = 1.5 are of the logits themselves",
    at_alpha(textbook, _changed(lambda z: z / 2), sorted_sparsemax),
    "no-shift",
    WIDE,
)
_enter_order("mask-at-one", "at alpha = 1 a mask is multiplied", entmax_sorted(_masked_by_product), "mask")
_enter_order(
    "tail-at-the-middle",
    "the threshold at alpha = 1.5 leaves out the tail",
    at_alpha(textbook, _without_the_tail, sorted_sparsemax),
    "tail-elements",
)
_enter_order(
    "nan-at-two",
    "at alpha = 2 nan becomes 0",
    at_alpha(textbook, sorted_entmax15, lambda z: np.nan_to_num(sorted_sparsemax(z))),
    "nan-swallowed",
)
