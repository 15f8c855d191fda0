"""Rows for the functions with a threshold in the 8-bit formats: the arg max, sparsemax and entmax."""

import numpy as np

from softmax_ref.corpus.families import argmax, entmax, sparse
from softmax_ref.corpus.families.drafts import Family, Range, draft, lattice
from softmax_ref.corpus.families.eight_bits.parts import each_exactly, halves
from softmax_ref.corpus.families.sparse import spread_by

__all__ = ["ARGMAX", "ENTMAX", "sparse_rows"]


def neighbours(r: Range):
    """Entries one ulp apart."""
    for name, at in (("one", 1.0), ("96", 96.0), ("minus-one", -1.0)):
        z = [r.near(at), r.near(at, 1), r.near(at), r.near(at, 1)]
        yield draft(f"near-{name}", f"numbers one ulp apart near {at:g} are no tie", "near-ties ties", z)
    z = np.array([1, 0, 2, 2]) * r.format.tiny
    yield draft("subnormal", "subnormal numbers are told apart", "near-ties subnormal-input", z)
    high = r.format.max
    yield draft("largest", "the two largest numbers are told apart", "near-ties ties", [high, r.near(high, -1), high])
    yield draft("whole-range", "the maxima are the largest number", "infinite-difference ties", [high, -high, high])


def wide(r: Range):
    """Long rows, by recipe."""
    seam = halves((2, 129), [(n, 12) for n in (128, 129, 200)])
    yield draft("seam", "maxima of 129 classes at the seam of two rows", "tail-elements", seam)


def far(r: Range):
    """Rows and entries far apart."""
    top = r.format.max
    z = [[top, top, 3], [0, 1, 1], [-top, -top, -top]]
    yield draft("rows", "each row has its own maximum", "row-mixing global-shift", z)
    yield draft("column", "three slices of one class each, of any size", "single-class", [[top], [-7], [96]])


def support(r: Range, k: int):
    """All of five classes, and shares just inside the threshold."""
    rising = k * np.array([0.125, 0.1875, 0.25, 0.3125, 0.375])
    yield draft("all-five", "five close logits keep every class", "wrong-support", rising)
    top, flags = k / 4 ** (1 / k), "wrong-support relative-accuracy"
    for name, count in (("inside", 14 if r.format.precision == 4 else 6), ("further-inside", 40)):
        z = [top] * 4 + [k * float(r.format.cast((count * r.format.tiny) ** (1 / k)))]
        yield draft(name, f"beside four, a logit {name} has a small share".replace("-", " "), flags, z)


def ends(r: Range, k: int):
    """Logits at the ends of the range."""
    top, high = r.format.max, r.format.max / 4
    yield draft("two-high", "two equal logits far up the range have 1/2 each", "no-shift ties", [high, 0, high])
    yield draft("two-low", "two equal logits far down the range have 1/2 each", "no-shift ties", [-high, -high])
    yield draft("two-largest", "the sum of two logits is past the range", "sum-overflow ties", [top, top])
    yield draft("whole-range", "the largest and its negative", "infinite-difference", [top, -top, 0])


def ties(r: Range, k: int):
    """Equal logits."""
    for count in (5, 10, 33):
        flags = "ties low-precision-sum"
        yield draft(f"{count}", f"{count} equal classes have 1/{count} each", flags, [1.5 * k] * count)


def low_part(r: Range, k: int):
    """Logits that are no short fractions, rounded."""
    z = [r.near(k / 3), r.near(-0.3 * k), r.near(0.1 * k), r.near(-0.9 * k)]
    yield draft("fractions", "differences that are no numbers of the format", "working-precision low-part", z)


def long_rows(r: Range, k: int):
    """Long rows, by recipe."""
    for width in (129, 1024):
        z = lattice((2, width), start=-8, modulus=17, shift=8 - k)
        yield draft(f"{width}", f"two rows of {width} classes, with many in the support", "tail-elements", z)


def sparse_rows(k: int) -> list[Family]:
    """Return the families of a function with a threshold, with logits k times as far apart."""
    own = spread_by(k, [support, ends, ties, low_part, long_rows])
    return [*each_exactly(spread_by(k, sparse.SPARSE)), far, *own]


def alphas(r: Range):
    """Long rows and small shares at each alpha."""
    z = lattice((2, 129), start=-8, modulus=17, shift=6)
    yield from entmax.each("129", "two rows of 129 classes", "tail-elements", z)
    count = 12 if r.format.precision == 4 else 7
    yield from entmax.each(
        "low", "a low logit below four equal ones", "relative-accuracy", [0.25] * 4 + [count * r.format.tiny]
    )
    yield from entmax.each("33-equal", "33 equal classes have 1/33 each", "ties low-precision-sum", [1.5] * 33)
    top = r.format.max
    yield from entmax.each(
        "top", "the largest number twice and its negative", "no-shift exp-overflow", [top, -top, top]
    )


ARGMAX = [*each_exactly(argmax.ARGMAX), neighbours, wide, far]
ENTMAX = [*each_exactly(entmax.ENTMAX), alphas]
