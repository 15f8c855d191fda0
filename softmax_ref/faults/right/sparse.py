"""argmax_one_hot, sparsemax, entmax and their gradients in other styles."""

import numpy as np

from softmax_ref.faults.catalogue import control
from softmax_ref.faults.parts import textbook
from softmax_ref.faults.right.styles import by_rows, in_a_wider_type
from softmax_ref.faults.sparse_parts import (
    at_alpha,
    distances,
    entmax_sorted,
    gradient,
    on_rows,
    sorted_entmax15,
    sorted_sparsemax,
    weights_of,
)


def _enter(function, text, name, fn):
    control(function, text, name=name)(on_rows(fn))


def _by_comparison(z):
    top = distances(z) == 0
    return top / top.sum(axis=-1, keepdims=True, dtype=z.dtype)


_enter("argmax_one_hot", "entries at distance 0 from the maximum", "comparison", _by_comparison)


@control("argmax_one_hot", "entries equal to the last of the sorted row")
@by_rows
def sorting(z):
    if np.isnan(z).any() or np.isinf(z.max()):
        return np.full_like(z, np.nan)
    last = np.sort(z)[-1]
    return np.where(z == last, z.dtype.type(1) / z.dtype.type((z == last).sum()), z.dtype.type(0))


@control("argmax_one_hot", "the places of the maximum, found one after the other")
@by_rows
def places(z):
    if not np.isfinite(z.max()):
        return np.full_like(z, np.nan)
    found = np.flatnonzero(z == z[np.argmax(z)])
    return np.bincount(found, minlength=len(z)) / z.dtype.type(len(found))


@control("sparsemax", "what lies below the threshold of the rest is dropped until nothing does")
@by_rows
def shrinking_support(z):
    d = z - z.max()
    if not np.isfinite(d.max()):
        return np.full_like(z, np.nan)
    kept = np.isfinite(d)
    while True:
        tau = (d[kept].sum() - 1) / d.dtype.type(kept.sum())
        if (d[kept] > tau).all():
            return np.maximum(d - tau, 0)
        kept &= d > tau


@control("sparsemax", "classes join the support one by one, from the largest")
@by_rows
def growing_support(z):
    d = z - z.max()
    if not np.isfinite(d.max()):
        return np.full_like(z, np.nan)
    tau, total = d.dtype.type(-1), d.dtype.type(0)
    for size, value in enumerate(np.sort(d)[::-1], 1):
        if value <= tau:
            break
        total += value
        tau = (total - 1) / d.dtype.type(size)
    return np.maximum(d - tau, 0)


def bisected(power):
    """Move the threshold until the shares add up to 1."""

    def wrapped(z):
        d = distances(z) / z.dtype.type(power)
        low, high = np.full_like(d[..., :1], -1), np.zeros_like(d[..., :1])
        for _ in range(70):
            middle = (low + high) / 2
            enough = (np.maximum(d - middle, 0) ** power).sum(axis=-1, keepdims=True) >= 1
            low, high = np.where(enough, middle, low), np.where(enough, high, middle)
        return np.where(np.isnan(d.max(axis=-1, keepdims=True)), np.nan, np.maximum(d - low, 0) ** power)

    return wrapped


_enter("sparsemax", "sorted, with running sums", "sorted", sorted_sparsemax)
_enter("sparsemax", "the threshold by bisection", "bisection", bisected(1))
control("sparsemax", "sorted, in a wider type", name="wider")(
    in_a_wider_type(lambda z, axis=-1: on_rows(sorted_sparsemax).__wrapped__(z, axis=axis))
)
_enter("entmax15", "sorted, with running means of squares", "sorted", sorted_entmax15)
_enter("entmax15", "the threshold by bisection", "bisection", bisected(2))
_enter("entmax", "a sorted form for each alpha", "sorted", entmax_sorted(textbook))
_enter("entmax", "thresholds by bisection", "bisection", at_alpha(textbook, bisected(2), bisected(1)))


def _as_a_difference(shares, order):
    """Return s g - s mean."""

    def wrapped(z, g):
        s = weights_of(shares(z), order)
        return s * g - s * ((s * g).sum(axis=-1, keepdims=True) / s.sum(axis=-1, keepdims=True))

    return wrapped


def _by_a_matrix(shares, order):
    """Return the product with the Jacobian, which is built."""

    def wrapped(z, g):
        s = weights_of(shares(z), order)
        k = np.arange(s.shape[-1])
        matrix = -s[..., :, None] * (s / s.sum(axis=-1, keepdims=True))[..., None, :]
        matrix[..., k, k] += s
        return (matrix * g[..., None, :]).sum(axis=-1)

    return wrapped


for _function, _order, _sorted, _bisected in (
    ("sparsemax_vjp", 2, sorted_sparsemax, bisected(1)),
    ("entmax15_vjp", 1.5, sorted_entmax15, bisected(2)),
):
    _enter(_function, "weights times the centred cotangent", "centred", gradient(_sorted, _order))
    _enter(_function, "a difference of two products", "difference", _as_a_difference(_bisected, _order))
    _enter(_function, "the Jacobian times the cotangent", "matrix", _by_a_matrix(_sorted, _order))
_enter(
    "entmax_vjp",
    "a centred form for each alpha",
    "centred",
    at_alpha(gradient(textbook, 1), gradient(sorted_entmax15, 1.5), gradient(sorted_sparsemax, 2)),
)
