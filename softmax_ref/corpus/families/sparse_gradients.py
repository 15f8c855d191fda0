"""Families for the gradients of sparsemax and entmax at alpha = 1.5, with logits k times as far apart (see `sparse`).

Cotangents vary and come in two rows, as in `gradients`. No entry is near the threshold, where the gradient of
sparsemax jumps.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import BLOCKS, Range, draft, lattice

__all__ = ["SPARSE_VJP"]

INF, NAN = np.inf, np.nan
Z = np.array([[0.5, 0.25, 0, -2], [0, 0.25, -3, 0.5]])
G = np.array([[1.0, 0.5, -1, 2], [3, -2, 0, 1]])


def gradients(r: Range, k: int):
    """Small rows and plain cotangents."""
    flags = "gradient-sign gradient-scale"
    yield draft("ramp", "the gradient of each row adds up to zero", flags, k * Z, g=G)
    one = [[0, 0, 1, 0], [1, 0, 0, 0]]
    yield draft("one-hot", "a one-hot cotangent picks a row of the Jacobian", flags, k * Z, g=one)
    pair = k * np.array([[0, 0.5], [0.75, 0.25]])
    yield draft("two-classes", "two classes have opposite gradients", "gradient-sign", pair, g=[[1, 0], [0, 1]])


def outside(r: Range, k: int):
    """Supports that leave classes out."""
    large = [[1, -2, 0.5, 1000], [1, 3, -1000, 0.5]]
    yield draft("large", "a large cotangent outside the support does not count", "gradient-support", k * Z, g=large)
    alone = k * np.array([[3, 0, 1, 0], [0, 0, 4, 1]])
    yield draft("one-inside", "a support of one class has gradient 0", "gradient-support", alone, g=G)
    close = k * np.array([[0.125, 0.25, 0.375, 0.5], [0.5, 0.375, 0.5, 0.25]])
    yield draft("none", "with every class inside, all cotangents count", "gradient-support", close, g=G)


def squares(r: Range, k: int):
    """As many rows as classes, and other axes than the last."""
    z, g = k * np.array([[0, 0.25, 0.5], [0.5, 0.5, -2], [0.75, -0.5, 0.25]]), [[1, 2, -3], [0, 4, 1], [-2, 1, 0]]
    yield draft("rows", "a square cotangent is not transposed", "gradient-transposed axis", z, g=g)
    yield draft("columns", "a square cotangent along the first axis", "gradient-transposed axis", z, g=g, axis=0)
    z, g = k * np.array([[0.5, 1], [0.25, 1.5], [-1, 1.25]]), [[1, 0], [-2, 3], [0.5, 1]]
    yield draft("matrix-columns", "the columns of a (3, 2) matrix have their own sums", "axis", z, g=g, axis=0)
    block = np.arange(12).reshape(2, 3, 2)
    yield draft(
        "middle", "the middle axis of three carries the sums", "axis", block * 5 % 7 * (k / 16), g=block * 7 % 5, axis=1
    )
    for slug, comment, z, axis in BLOCKS:
        yield draft(slug, f"{comment} carries the sums", "axis", z * (3 * k / 32), g=z * 3 % 5 - 1.5, axis=axis)


def offsets(r: Range, k: int):
    """Common offsets of the logits and of the cotangents, ties."""
    g = [[1, 0, 3], [0, 1, -2]]
    z = k * np.array([[0, 0.5, 0.25], [0.25, 0, 0.5]])
    yield draft("near-1000", "the gradient does not see an offset of 1000", "no-shift", 1000 + z, g=g)
    yield draft("near-minus-1000", "the gradient does not see an offset of -1000", "no-shift", -1000 + z, g=g)
    yield draft("cotangent", "an offset of the cotangent does not count", "gradient-cancellation", k * Z, g=G / 4 + 8)
    equal = [[0.1] * 4, [-7] * 4]
    yield draft("equal", "equal logits give the centred cotangent", "ties", equal, g=G)
    high = float(r.format.cast(r.format.max / 4))
    up = [[high, 0, high], [high, high, high]]
    yield draft("two-high", "equal logits far up the range are all inside", "no-shift ties", up, g=g)


def sizes(r: Range, k: int):
    """Cotangents large and tiny."""
    yield draft("large", "cotangents of size 256 scale the gradient", "gradient-scale", k * Z, g=256 * G)
    narrow = r.format.precision < 24
    for name, scale in (("tiny", 4 * r.format.tiny if narrow else 2.0**-22), ("small", 64 * r.format.tiny)):
        flags = "gradient-scale subnormal-result" if narrow or name == "small" else "gradient-scale"
        yield draft(name, f"{name} cotangents keep their digits", flags, k * Z, g=scale * G)


def masked(r: Range, k: int):
    """Rows with -inf, of -inf alone, with nan; slices of one entry."""
    z = [[k, -INF, 0.75 * k, 0.5], [-INF, 0.25, -INF, 0.5]]
    yield draft("some", "a class with logit -inf has gradient exactly 0", "mask", z, g=G)
    rows = [[-INF, -INF, -INF], [0, 0.25, 0.5]]
    yield draft(
        "one-row",
        "a row of -inf leaves its neighbour's gradient alone",
        "all-masked row-mixing",
        rows,
        g=[[1, 0, 2], [1, 0, -1]],
        policy="gradient_all_neg_inf",
    )
    bad = [[0, 1, 2, NAN], [0, 0.25, 0.5, 0.5]]
    yield draft("nan", "a nan logit makes the gradient of its row nan", "nan-swallowed row-mixing", bad, g=G)
    yield draft("column", "a single class has gradient 0", "single-class", [[3], [-1000]], g=[[1], [-2]])


def long_gradients(r: Range, k: int):
    """Long rows, by recipe."""
    for width in (129, 513):
        g = lattice((2, width), start=-3, multiplier=5, modulus=8, shift=0)
        z = lattice((2, width), step=2, modulus=53, shift=11 - k)
        yield draft(f"{width}", f"two rows of {width} classes and as many cotangents", "tail-elements", z, g=g)
    z, g = k * (np.arange(33) * 5 % 7) / 512, [*(np.arange(32) * 5 % 8 - 3), 64]
    yield draft("last-inside", "the last of 33 classes is inside and counts most", "tail-elements", z, g=g)


SPARSE_VJP = [gradients, outside, squares, offsets, sizes, masked, long_gradients]
