"""Families of positive weights, for the centred log-ratio."""

import numpy as np

from softmax_ref.corpus.families.averages import MATRIX
from softmax_ref.corpus.families.drafts import BLOCKS, Draft, Range, lattice

__all__ = ["CLR"]

ARTICLE = np.array([1.0, 2, 3, 4, 1, 2, 3])


def _weights(slug: str, comment: str, flags: str, p, axis: int = -1) -> Draft:
    return Draft(slug, comment, tuple(flags.split()), {"p": p}, axis)


def textbook(r: Range):
    """A few plain weights."""
    yield _weights("tenths", "probabilities of 0.1, 0.2, 0.7", "mean-of-logs log-base", [0.1, 0.2, 0.7])
    row = np.exp(ARTICLE - 4)
    yield _weights("article-row", "the softmax of the article's row", "working-precision", row / row.sum())


def integers(r: Range):
    """Weights that an integer array can hold; the integer contract uses them too."""
    yield _weights("one-two", "the weights 1 and 2 are half a log 2 off their mean", "log-base", [1, 2])


def powers(r: Range):
    """Powers of two: rational multiples of log 2."""
    yield _weights("three", "the middle of 1, 2, 4 is exactly 0", "mean-of-logs", [1, 2, 4])
    yield _weights("four", "four powers of two, not in order", "mean-of-logs", [0.25, 8, 0.5, 2])


def unnormalised(r: Range):
    """Weights that do not add up to 1."""
    yield _weights("primes", "weights of 3, 5, 7", "mean-of-logs", [3, 5, 7])
    yield _weights("scaled", "weights of 768, 1280, 1792 have the same ratios", "mean-of-logs", [768, 1280, 1792])


def extremes(r: Range):
    """Weights at the ends of the range."""
    tiny, largest = r.format.tiny, r.format.max
    yield _weights("tiny", "the smallest subnormal numbers", "subnormal-input", tiny * np.array([1, 3, 2, 7]))
    yield _weights("largest", "weights whose sum overflows", "sum-overflow", largest * np.array([1, 0.5, 0.75]))
    yield _weights("both", "the smallest and the largest number", "subnormal-input", [tiny, largest, 1])
    small = 2.0 ** (r.format.emin // 2) * np.array([1, 3, 5, 1, 7])
    yield _weights("small-product", "the product of the weights underflows", "exp-underflow", small)


def equal(r: Range):
    """Equal weights, and almost equal ones."""
    yield _weights("five", "equal weights have log-ratios of exactly 0", "ties", [0.1] * 5)
    near = [1, r.near(1, 1), r.near(1, 2)]
    yield _weights("near", "weights one ulp apart differ by one ulp", "ties relative-accuracy", near)
    yield _weights("nearby", "weights fourteen ulp apart", "ties relative-accuracy", [1, r.near(1, 14)])


def shapes(r: Range):
    """Slices of one entry, both axes of a matrix."""
    yield _weights("one", "a single weight is its own mean", "single-class", [2.5])
    yield _weights("rows", "the rows of a (3, 2) matrix", "axis row-mixing", MATRIX)
    yield _weights("columns", "the columns of a (3, 2) matrix", "axis", MATRIX, 0)
    for slug, comment, p, axis in BLOCKS:
        yield _weights(slug, comment, "axis", p + 1, axis)


def widths(r: Range):
    """Long rows, by recipe."""
    for width in (128, 129, 1025):
        yield _weights(f"{width}", f"two rows of {width} weights", "tail-elements", lattice((2, width), start=1))


CLR = [textbook, integers, powers, unnormalised, extremes, equal, shapes, widths]
