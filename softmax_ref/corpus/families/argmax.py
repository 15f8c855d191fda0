"""Families for the arg max as a distribution: ties, near ties, every axis."""

import numpy as np

from softmax_ref.corpus.families.drafts import Range, draft, lattice
from softmax_ref.corpus.families.sparse import PLAIN

__all__ = ["ARGMAX"]


def largest(r: Range):
    """Small rows."""
    yield draft("alone", "the largest of three takes all", "ties", [1, 5, 10])
    yield draft("pair", "two equal maxima have 1/2 each", "ties", [1, 5, 5])
    yield draft("article-row", "the article's row has one maximum", "ties", [1, 2, 3, 4, 1, 2, 3])
    yield draft("three", "three maxima apart from one another have 1/3 each", "ties", [2, 1, 2, 0, 2])
    yield draft("seven", "seven equal entries have 1/7 each", "ties", [7] * 7)
    yield draft("negative", "the maximum may be negative", "ties wrong-shift", [-3, -1, -2, -1])
    yield draft("first-and-last", "maxima at both ends share", "ties tail-elements", [4, 0, 1, 2, 3, 4])


def neighbours(r: Range):
    """Entries one ulp apart."""
    for name, at in (("one", 1.0), ("1000", 1000.0), ("minus-one", -1.0)):
        z = [r.near(at), r.near(at, 1), r.near(at), r.near(at, 1)]
        yield draft(f"near-{name}", f"numbers one ulp apart near {at:g} are no tie", "near-ties ties", z)
    z = [r.format.tiny, 0, 2 * r.format.tiny, 2 * r.format.tiny]
    yield draft("subnormal", "subnormal numbers are told apart", "near-ties subnormal-input", z)
    high = r.format.max
    yield draft("largest", "the two largest numbers are told apart", "near-ties ties", [high, r.near(high, -1), high])
    yield draft("whole-range", "the maxima are the largest number", "infinite-difference ties", [high, -high, high])


def integers(r: Range):
    """Logits that an integer array can hold; the integer contract uses them too."""
    yield draft("one-two", "the logits 1 and 2 are no tie", "ties", [1, 2])
    yield draft("bytes", "the logits 0, 255, 255 fit an unsigned byte", "ties", [0, 255, 255])
    yield draft("signed-bytes", "the logits -100, 100, 100 hold a tie", "ties", [-100, 100, 100])


def matrices(r: Range):
    """Every axis."""
    matrix = [[1, 5], [2, 5], [2, -1]]
    yield draft("columns", "the columns of a (3, 2) matrix hold two ties", "axis ties", matrix, axis=0)
    yield draft("rows", "the rows of a (3, 2) matrix hold no tie", "axis", matrix)
    block = np.arange(12).reshape(2, 3, 2) * 5 % 4
    yield draft("middle", "the middle axis of three has its own maxima", "axis ties", block, axis=1)
    far = [[1000, 1000, 3], [0, 1, 1], [-1000, -1000, -1000]]
    yield draft("far-apart", "each row has its own maximum", "row-mixing global-shift", far)


def wide(r: Range):
    """Long rows, by recipe."""
    seam = lattice((2, 129), put=[(128, 60), (129, 60), (200, 60)])
    yield draft("129", "maxima of 129 classes at the seam of two rows", "tail-elements", seam)
    equal = lattice((3, 127), start=3, step=0)
    yield draft("127-equal", "127 equal classes have 1/127 each", "low-precision-sum ties", equal)


ARGMAX = [largest, neighbours, integers, matrices, *PLAIN, wide]
