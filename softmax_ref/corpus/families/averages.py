"""Families of rows of logits for the entropy."""

import math

import numpy as np

from softmax_ref.corpus.families.drafts import BLOCKS, Range, draft, lattice

__all__ = ["ENTROPY", "MATRIX", "gap_for", "large_offset", "subnormal"]

ARTICLE = np.array([1.0, 2, 3, 4, 1, 2, 3])
MATRIX = np.array([[1.0, 5], [2, 3], [4, 0.5]])
INF, NAN = np.inf, np.nan


def large_offset(r: Range) -> float:
    """Return a large number from which the format still steps by at most 1/16."""
    return 2.0 ** min(20, r.format.precision - 5)


def gap_for(power: int, result: float) -> int:
    """Return a gap D with D^power e^-D close to a tiny result."""
    gap = 10.0
    for _ in range(40):
        gap = power * math.log(gap) - math.log(result)
    return math.ceil(gap)


def subnormal(r: Range) -> float:
    """Return a quarter of the smallest normal number."""
    return 2.0 ** (r.format.emin - 2)


def textbook(r: Range):
    """Rows of few plain logits."""
    yield draft("article-row", "the article's row of seven logits", "working-precision log-base", ARTICLE)
    yield draft("coin", "odds of e between two classes", "log-base", [0, 1])
    yield draft("thirds", "logits that are no short fractions", "working-precision", np.arange(-4, 5) / 3)


def integers(r: Range):
    """Logits that an integer array can hold; the integer contract uses them too."""
    yield draft("one-two", "the logits 1 and 2 differ by one", "working-precision", [1, 2])
    yield draft("bytes", "the logits 0, 255, 3 fit an unsigned byte", "exp-overflow zero-log-zero", [0, 255, 3])


def uniform(r: Range):
    """Equal logits: the logarithm of their number."""
    yield draft("two", "two equal classes have one bit, log 2", "log-base ties", [0.1, 0.1])
    yield draft("seven", "seven equal classes have log 7", "log-base ties", [-3.7] * 7)
    yield draft(
        "of-some", "two of five classes share the mass, the others underflow", "ties zero-log-zero", _two_of_five(r)
    )
    yield draft("4097", "4097 equal classes have log 4097", "low-precision-sum", lattice((4097,), start=0, step=0))


def _two_of_five(r: Range) -> list:
    return [0, -2 * r.work.under, 0, -2 * r.work.under, -3 * r.work.under]


def dominant(r: Range):
    """One class with almost all the mass: small entropies."""
    yield draft("gap-14", "a gap of 14 leaves an entropy of order e^-14", "log-of-one", [0, -14])
    yield draft("gap-17", "a gap of 17 leaves less than 2^-20", "log-of-one", [0, -17])
    yield draft("gap-40", "a gap of 40 leaves an entropy of order e^-40", "log-of-one", [40, 0, 0])
    yield draft("speck", "the smaller class is one unit roundoff of the larger", "log-of-one", [r.speck, 0])
    yield draft(
        "half-range", "a tiny entropy far inside the range", "log-of-one relative-accuracy", [0, -r.normal // 2]
    )
    yield draft(
        "subnormal", "the entropy is a subnormal number", "subnormal-result log-of-one", [0, -gap_for(1, subnormal(r))]
    )


def offset(r: Range):
    """A common offset, which an entropy does not see."""
    yield draft(
        "large", "a large common offset", "cancellation-in-logsumexp", large_offset(r) + np.array([0, 0.5, 1.25, 0.25])
    )
    yield draft("near-1000", "three logits near 1000", "exp-overflow", r.apart(1000, 3))
    yield draft("near-minus-1000", "three logits near -1000", "exp-underflow", -r.apart(1000, 3))


def zeros(r: Range):
    """Classes of probability 0: p log p is 0 there."""
    yield draft("masked", "a class with logit -inf adds nothing", "mask zero-log-zero", [-INF, 1, 2])
    yield draft("one-left", "the only finite logit leaves an entropy of 0", "mask zero-log-zero", [-INF, 3, -INF])
    rows = [[1, -INF, 3, -INF], [-INF, 2, -INF, 4], [1, 2, 3, -INF]]
    yield draft("each-row-its-own", "every row leaves out other classes", "mask row-mixing", rows)
    below = [0, -2 * r.work.under, -1]
    yield draft("underflow", "a class whose exp underflows adds nothing visible", "zero-log-zero", below)
    yield draft("nowhere", "all the mass on one class as far as exp can tell", "zero-log-zero", [0, -20 * r.work.over])


def all_masked(r: Range):
    """Slices of -inf alone."""
    yield draft("three", "a slice of three -inf has no distribution", "all-masked", [-INF] * 3, policy="all_neg_inf")


def nan(r: Range):
    """Slices that hold nan."""
    rows = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]]
    yield draft("one-row", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", rows)


def shapes(r: Range):
    """Slices of one entry, both axes of a matrix."""
    yield draft("one", "a single class leaves no choice", "single-class", [2.5])
    yield draft("rows", "the rows of a (3, 2) matrix", "axis", MATRIX)
    yield draft("columns", "the columns of a (3, 2) matrix", "axis", MATRIX, axis=0)
    for slug, comment, z, axis in BLOCKS:
        yield draft(slug, comment, "axis", z, axis=axis)


def widths(r: Range):
    """Long rows, by recipe."""
    yield draft("128", "two rows of 128 classes", "tail-elements", lattice((2, 128)))
    yield draft("129", "two rows of 129 classes", "tail-elements", lattice((2, 129)))
    yield draft("65537", "more classes than a 16-bit index holds", "tail-elements low-precision-sum", lattice((65537,)))


ENTROPY = [textbook, integers, uniform, dominant, offset, zeros, all_masked, nan, shapes, widths]
