"""Wrong gradients of sparsemax and entmax: means, masks and weights that are not those of the support."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import textbook
from softmax_ref.faults.sparse_parts import (
    counted,
    gradient,
    on_rows,
    sorted_entmax15,
    sorted_sparsemax,
    sparsemax_sums,
    weights_of,
)

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")


def _unshifted_sparsemax(z):
    sums, kept = sparsemax_sums(z)
    size = counted(kept)
    return np.maximum(z - (np.take_along_axis(sums, size - 1, -1) - 1) / size.astype(z.dtype), 0)


def _with(mean, shares=sorted_sparsemax, order=2):
    """Return s (g - a mean of g) with another mean."""

    def wrapped(z, g):
        s = weights_of(shares(z), order)
        return s * (g - mean(s, g))

    return wrapped


def _total(x):
    return x.sum(axis=-1, keepdims=True)


def _mean(s, g):
    return _total(s * g) / _total(s)


def _without_the_mask(shares, order):
    """Take the mean over the support off everywhere."""

    def wrapped(z, g):
        s = weights_of(shares(z), order)
        return g - _mean(s, g)

    return wrapped


def _times(factor, fn):
    return lambda *tables: factor * fn(*tables)


def _of(fn, change):
    """Return fn of another cotangent."""
    return lambda z, g: fn(z, change(g))


def _transposed(g):
    square = g.ndim > 1 and g.shape[-1] == g.shape[-2]
    return np.ascontiguousarray(np.swapaxes(g, -1, -2)) if square else g


def _short(s, g):
    """Leave out what follows the last full block of 8."""
    full = s.shape[-1] // 8 * 8 or s.shape[-1]
    return _mean(s[..., :full], g[..., :full])


def _above(limit):
    """Return the gradient of sparsemax with a support of shares above a limit."""

    def wrapped(z, g):
        p = sorted_sparsemax(z)
        s = np.where(np.isnan(p), p, p > limit).astype(p.dtype)
        return s * (g - _total(s * g) / np.maximum(_total(s), 1))

    return wrapped


def _count_of_all_rows(s, g):
    """Divide by the mean size of the supports of all rows."""
    return _total(s * g) / s.sum(axis=-1, keepdims=True).mean()


SPARSE, MIDDLE = gradient(sorted_sparsemax, 2), gradient(sorted_entmax15, 1.5)


def _enter(function, slug, flag, text, fn, formats=ALL):
    fault(function, flag, text, formats=formats, name=slug)(on_rows(fn))


for _function, _shares, _order, _right in (
    ("sparsemax_vjp", sorted_sparsemax, 2, SPARSE),
    ("entmax15_vjp", sorted_entmax15, 1.5, MIDDLE),
):
    _enter(
        _function,
        "without-the-mask",
        "gradient-support",
        "classes outside the support have a gradient",
        _without_the_mask(_shares, _order),
    )
    _enter(_function, "weights-p", "gradient-scale", "the shares themselves are the weights", gradient(_shares, 1))
    _enter(_function, "sign", "gradient-sign", "the sign is lost", _times(-1, _right))
    _enter(
        _function, "not-centred", "gradient-sign", "no mean is subtracted", _with(lambda s, g: 0 * g, _shares, _order)
    )
    _enter(
        _function, "mean-added", "gradient-sign", "the mean is added", _with(lambda s, g: -_mean(s, g), _shares, _order)
    )
    _enter(_function, "halved", "gradient-scale", "the gradient is half as large", _times(0.5, _right))
    _enter(
        _function,
        "cotangent-transposed",
        "gradient-transposed",
        "a square cotangent is transposed",
        _of(_right, _transposed),
    )
    _enter(
        _function,
        "mean-without-the-tail",
        "tail-elements",
        "the mean leaves out what follows the last full block of 8",
        _with(_short, _shares, _order),
    )
    _enter(
        _function,
        "mean-over-all-rows",
        "row-mixing",
        "the mean is that of the whole array",
        _with(lambda s, g: (s * g).sum() / s.sum(), _shares, _order),
    )
    _enter(_function, "nan-to-zero", "nan-swallowed", "nan becomes 0", lambda z, g, fn=_right: np.nan_to_num(fn(z, g)))
    _enter(
        _function,
        "below-1e-4-is-zero",
        "gradient-scale",
        "gradients below 1e-4 become 0",
        lambda z, g, fn=_right: np.where(abs(fn(z, g)) < 1e-4, 0, fn(z, g)),
        WIDE,
    )
    _enter(
        _function,
        "single-is-the-cotangent",
        "single-class",
        "a single class gives its cotangent",
        lambda z, g, fn=_right: g if z.shape[-1] == 1 else fn(z, g),
    )
    _enter(_function, "gradient-of-softmax", "gradient-support", "the gradient of softmax", gradient(textbook, 1))
_enter(
    "sparsemax_vjp",
    "mean-over-all-classes",
    "gradient-support",
    "the mean is taken over all classes",
    _with(lambda s, g: g.mean(axis=-1, keepdims=True)),
)
_enter(
    "sparsemax_vjp",
    "divided-by-all-classes",
    "gradient-support",
    "the sum over the support is divided by all classes",
    _with(lambda s, g: _total(s * g) / g.shape[-1]),
)
_enter(
    "sparsemax_vjp",
    "size-of-all-rows",
    "row-mixing",
    "the supports of all rows have the same size",
    _with(_count_of_all_rows),
)
_enter("sparsemax_vjp", "support-above-1e-1", "gradient-support", "shares up to 0.1 count as none", _above(0.1))
_enter(
    "sparsemax_vjp",
    "no-shift",
    "no-shift",
    "the support is that of the logits, not shifted",
    gradient(_unshifted_sparsemax, 2),
    UP_TO_BFLOAT16,
)
_enter(
    "entmax15_vjp",
    "weights-one",
    "gradient-scale",
    "all classes of the support weigh the same",
    gradient(sorted_entmax15, 2),
)
_enter(
    "entmax15_vjp",
    "plain-mean-of-the-support",
    "gradient-sign",
    "the mean over the support has no weights",
    _with(lambda s, g: _mean((s > 0).astype(s.dtype), g), sorted_entmax15, 1.5),
)
_enter(
    "entmax15_vjp",
    "weights-not-normalised",
    "gradient-sign",
    "the weights of the mean are not divided by their sum",
    _with(lambda s, g: _total(s * g), sorted_entmax15, 1.5),
)
