"""Families for the functions with a threshold, sparsemax and entmax at alpha = 1.5.

Their shares depend on z/k, with k = 1 and 2: the same family, with its logits k times as far apart, serves both.
"""

from collections.abc import Callable
from functools import wraps

import numpy as np

from softmax_ref.corpus.families.drafts import BLOCKS, Family, Range, draft, lattice

__all__ = ["PLAIN", "SPARSE", "spread_by"]

INF, NAN = np.inf, np.nan


def spread_by(k: int, families: list[Callable]) -> list[Family]:
    """Return the families with their logits k times as far apart."""

    def bind(family):
        return wraps(family)(lambda r: family(r, k))

    return [bind(family) for family in families]


def textbook(r: Range, k: int):
    """Small rows."""
    yield draft("two-of-three", "the lowest of three classes is left out", "wrong-support", k * np.array([1, 1.5, 0]))
    yield draft(
        "article-row", "the article's row keeps none of its ones and twos", "wrong-support", [1, 2, 3, 4, 1, 2, 3]
    )
    yield draft(
        "thirds",
        "logits that are no short fractions",
        "working-precision low-part",
        k * np.array([1 / 3, -0.3, 0.1, -0.9]),
    )


def integers(r: Range, k: int):
    """Logits that an integer array can hold; the integer contract uses them too."""
    yield draft("one-two", "the logits 1 and 2 are one apart", "wrong-support", [1, 2])
    yield draft("bytes", "the logits 0, 255, 3, 254 fit an unsigned byte", "no-shift", [0, 255, 3, 254])
    yield draft("signed-bytes", "the logits -100, 100, 100 hold a tie", "ties", [-100, 100, 100])


def ties(r: Range, k: int):
    """Equal logits."""
    yield draft("three", "three equal classes have 1/3 each", "ties", [2, 2, 2, 2 - 3 * k])
    yield draft("five", "five equal classes have 1/5 each", "ties", [0.1] * 5)
    yield draft(
        "below-the-top", "equal classes below the largest share evenly", "ties", k * np.array([0.25, 0.5, 0.25])
    )


def support(r: Range, k: int):
    """Supports of every size."""
    yield draft("one", "a class that leads by far takes all", "wrong-support", k * np.array([0, 3, 1]))
    rising = k * np.array([0.125, 0.1875, 0.25, 0.3125, 0.28125])
    yield draft("all", "close logits keep every class", "wrong-support", rising)
    yield draft(
        "most", "the support leaves out two of six", "wrong-support", k * np.array([0, 0.25, -4, 0.5, -3, 0.125])
    )
    layers = k * np.array([0.5, -0.1875, 0.25, -0.75])
    yield draft("in-layers", "each class that falls out moves the threshold of the rest", "wrong-support", layers)
    rows = k * np.array([[0, 0.5, 0.25], [3, 0, 0.5], [0.5, 0.5, -1]])
    yield draft("by-row", "each row has a support of its own size", "wrong-support row-mixing", rows)


def threshold(r: Range, k: int):
    """Logits at the threshold and just inside."""
    yield draft("at", "two logits at the threshold itself have share 0", "wrong-support", k * np.array([1, 0, 0, -1]))
    top, flags = k / 4 ** (1 / k), "wrong-support relative-accuracy"
    for name, least in (("inside", 7 * 2.0**-24), ("further-inside", 80 * 2.0**-24)):
        z = [top] * 4 + [k * float(r.format.cast(least ** (1 / k)))]
        yield draft(name, f"beside four, a logit {name} has a small share".replace("-", " "), flags, z)


def shift(r: Range, k: int):
    """A common offset."""
    z = k * np.array([0, 0.5, 0.25, -3])
    yield draft("near-1000", "an offset of 1000 does not count", "no-shift", 1000 + z)
    yield draft("near-minus-1000", "an offset of -1000 does not count", "no-shift", -1000 + z)
    high = float(r.format.cast(r.format.max / 4))
    yield draft("two-high", "two equal logits far up the range have 1/2 each", "no-shift ties", [high, 0, high])
    yield draft("two-low", "two equal logits far down the range have 1/2 each", "no-shift ties", [-high, -high])
    yield draft("two-largest", "the sum of two logits is past the range", "sum-overflow ties", [r.format.max] * 2)
    yield draft(
        "whole-range",
        "the largest and its negative differ by more than the range",
        "infinite-difference",
        [r.format.max, -r.format.max, 0],
    )


def single(r: Range, k: int = 1):
    """Slices of one entry."""
    yield draft("zero", "a single class has share 1", "single-class", [0])
    yield draft("column", "three slices of one class each", "single-class", [[r.format.max], [-7.5], [1000]])


def signed_zero(r: Range, k: int = 1):
    """Zeros of either sign."""
    yield draft("mixed", "zeros of either sign are equal logits", "signed-zero ties", [-0.0, 0.0, -0.0])


def mask(r: Range, k: int = 1):
    """Some logits are -inf."""
    rows = [[k, -INF, 0.5, -INF], [-INF, 0.25, -INF, 0.25], [0, -INF, -INF, -INF]]
    yield draft("each-row-its-own", "every row leaves out other classes", "mask row-mixing", rows)
    yield draft("beside-largest", "-inf lies below every finite number", "mask finite-sentinel", [-INF, -r.format.max])


def all_masked(r: Range, k: int = 1):
    """Slices of -inf alone."""
    yield draft("three", "a slice of three -inf has no distribution", "all-masked", [-INF] * 3, policy="all_neg_inf")
    rows = [[-INF, -INF], [0, 1]]
    yield draft(
        "one-row", "a row of -inf leaves its neighbour alone", "all-masked row-mixing", rows, policy="all_neg_inf"
    )


def infinite(r: Range, k: int = 1):
    """Slices that hold +inf."""
    yield draft("one", "one logit of +inf takes all in the limit", "infinite-logit", [0, INF, 1], policy="pos_inf")
    yield draft("two", "two logits of +inf share the limit", "infinite-logit", [INF, 0, INF, -INF], policy="pos_inf")


def nan(r: Range, k: int = 1):
    """Slices that hold nan."""
    yield draft("first", "a nan in front makes the slice nan", "nan-swallowed", [NAN, 0, 1])
    rows = [[0, 0, 2], [0, NAN, 1], [2, 2, 0]]
    yield draft("one-row", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", rows)


def axes(r: Range, k: int):
    """Other axes than the last."""
    matrix = k * np.array([[0.5, 1], [0.25, 1.5], [-1, 1.25]])
    yield draft("columns", "the columns of a (3, 2) matrix are normalised", "axis", matrix, axis=0)
    yield draft("rows", "the rows of a (3, 2) matrix are normalised", "axis", matrix)
    block = np.arange(12).reshape(2, 3, 2) * 5 % 7 * (k / 8)
    yield draft("middle", "the middle axis of three is normalised", "axis", block, axis=1)
    for slug, comment, z, axis in BLOCKS:
        yield draft(slug, f"{comment} is normalised", "axis", z * (k / 8), axis=axis)


def rows(r: Range, k: int):
    """Rows that must not see one another."""
    far = np.array([[1000.0], [0], [-1000]]) + k * np.array([0, 0.5, 0.25])
    yield draft("far-apart", "each row has its own maximum", "row-mixing global-shift", far)


def widths(r: Range, k: int):
    """Long rows, by recipe."""
    for width in (129, 1024):
        z = lattice((2, width), shift=11 - k)
        yield draft(f"{width}", f"two rows of {width} classes, with many in the support", "tail-elements", z)
    equal = lattice((4097,), start=3, step=0)
    yield draft("4097-equal", "4097 equal classes have 1/4097 each", "low-precision-sum ties", equal)


PLAIN = [single, signed_zero, mask, all_masked, infinite, nan]
"""Families that serve the arg max too."""

SPARSE = [textbook, integers, ties, support, threshold, shift, axes, rows, widths, *PLAIN]
