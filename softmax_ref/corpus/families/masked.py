"""Families of logits with a mask: True keeps an entry, and what is left out is not looked at.

A slice that is nan because of what it keeps has no masked entries: whether those are nan too is nobody's rule.
"""

import numpy as np

from softmax_ref.corpus.families.coldness import ARTICLE, MATRIX
from softmax_ref.corpus.families.drafts import Draft, Mask, Range, draft, lattice

__all__ = ["MASKED"]

INF, NAN = np.inf, np.nan
T, F = True, False


def _with(slug: str, comment: str, flags: str, z, mask, **more) -> Draft:
    return draft(slug, comment, flags, z, mask=Mask(mask), **more)


def textbook(r: Range):
    """The article's row, and what is left of it."""
    yield _with("all-kept", "a mask that keeps everything", "working-precision mask-inverted", ARTICLE, [T] * 7)
    some = [T, F, T, T, F, T, F]
    yield _with("some", "four of seven classes share the mass", "mask-inverted mask-not-renormalised", ARTICLE, some)
    yield _with("first", "the first class is left out", "mask-inverted", [2, 1, 0.5], [F, T, T])
    yield _with("last", "the last class is left out", "mask-inverted", [1, 0.5, 2], [T, T, F])
    yield _with("middle", "the middle class is left out", "mask-inverted mask-not-renormalised", [1, 2, 0.5], [T, F, T])
    yield _with("only", "the only class that is kept is certain", "mask-not-renormalised", [3, 1, 2], [F, T, F])
    yield _with("only-largest", "all but the largest are left out", "mask-not-renormalised", [1, 4, 2], [F, T, F])
    thirds = np.arange(1, 9) / 3
    yield _with("every-other", "every other third", "working-precision mask-multiplied", thirds, [T, F] * 4)


def integers(r: Range):
    """Logits that an integer array can hold; the integer contract uses them too."""
    yield _with("one-two", "of 1, 2, 3 the last is left out", "working-precision", [1, 2, 3], [T, T, F])
    yield _with("bytes", "of 0, 255, 3 the largest is left out", "masked-value", [0, 255, 3], [T, F, T])
    yield _with("signed-bytes", "of -100, 100, 99 all are kept", "exp-overflow", [-100, 100, 99], [T, T, T])


def hidden(r: Range):
    """What is left out is not looked at."""
    big, far = r.format.max, 4.0 * r.work.over
    yield _with("nan", "a nan behind the mask", "masked-value nan-swallowed", [1, NAN, 2], [T, F, T])
    yield _with("plus-infinity", "a logit of +inf behind the mask", "masked-value", [INF, 1, 2], [F, T, T])
    yield _with("minus-infinity", "a logit of -inf behind the mask", "masked-value", [1, 2, -INF], [T, T, F])
    yield _with("largest", "the largest number behind the mask", "masked-value", [1, big, 2], [T, F, T])
    yield _with("lowest", "the lowest number behind the mask", "masked-value", [1, -big, 2], [T, F, T])
    yield _with("maximum", "the maximum behind the mask", "masked-value wrong-shift", [1, 2, far], [T, T, F])
    rows = [[0, NAN], [INF, 2]]
    yield _with("each-row", "nan and +inf in rows of their own", "masked-value row-mixing", rows, [[T, F], [F, T]])


def shift(r: Range):
    """The shift is by the largest kept logit."""
    yield _with("near-1000", "an offset of 1000 beside 0", "exp-overflow", [0, *r.apart(1000, 2)], [F, T, T])
    low = [0, *-r.apart(1000, 2)]
    yield _with("near-minus-1000", "an offset of -1000 beside 0", "exp-underflow mask-multiplied", low, [F, T, T])
    largest = [r.format.max] * 3
    yield _with("two-largest", "two of three largest numbers are kept", "exp-overflow", largest, [T, F, T])


def sentinels(r: Range):
    """Kept logits below the numbers that stand for a mask."""
    below, big = -r.apart(20000, 2), r.format.max
    yield _with("below-10000", "kept logits lie below -10000", "finite-sentinel", [0, *below], [F, T, T])
    yield _with("below-100", "kept logits lie below log of 10^-45", "finite-sentinel", [0, -150, -151], [F, T, T])
    yield _with("lowest", "the lowest number is kept twice", "finite-sentinel", [-big, 0, -big], [T, F, T])
    deep = [-big, -big * 0.75]
    yield _with("deep", "kept logits lie among the lowest numbers", "finite-sentinel", [*deep, big], [T, T, F])
    yield _with("added", "the largest number is left out beside -5", "finite-sentinel", [-5, big, -6], [T, F, T])
    yield _with("product", "kept logits lie below a masked 0", "mask-multiplied", [-30, 5, -31], [T, F, T])


def rows(r: Range):
    """Every row has a mask of its own."""
    z = [[1, 2, 3, 4], [4, 3, 2, 1], [0, 5, 0, 5]]
    mask = [[T, T, F, F], [F, T, T, T], [T, F, T, T]]
    yield _with("own-mask", "three rows with masks of their own", "mask-layout row-mixing", z, mask)
    same = [[1, 2, 3]] * 3
    yield _with("one-each", "equal rows keep one class each", "mask-layout", same, [[T, F, F], [F, T, F], [F, F, T]])
    far = [[r.work.over, r.work.over - 1, 0], [-r.work.under - 5, 3, -r.work.under - 6]]
    yield _with("far-apart", "each row has its own kept maximum", "global-shift", far, [[T, T, F], [T, F, T]])


def axes(r: Range):
    """Other axes than the last."""
    mask = [[T, F], [T, T], [F, T]]
    yield _with("rows", "the rows of a (3, 2) matrix", "axis mask-layout", MATRIX, mask)
    yield _with("columns", "the columns of a (3, 2) matrix", "axis mask-layout", MATRIX, mask, axis=0)
    square, corner = [[0, 1, 3], [2, 2, -1], [5, 0, 1]], [[T, T, T], [F, T, T], [F, F, T]]
    yield _with("square", "a triangular mask is not transposed", "mask-layout axis", square, corner)
    yield _with("square-columns", "a triangular mask along the first axis", "mask-layout axis", square, corner, axis=0)
    block = np.arange(12).reshape(2, 3, 2) * 5 % 7
    keep = (np.arange(12).reshape(2, 3, 2) % 5 != 1).tolist()
    yield _with("middle", "the middle axis of three", "axis mask-layout", block, keep, axis=1)


def ties(r: Range):
    """Equal logits."""
    yield _with("equal", "equal logits share by what is kept", "ties", [0.1] * 7, [T, T, F, T, F, F, F])
    yield _with("top", "one of two largest is left out", "ties masked-value", [5, 1, 5, 4], [F, T, T, T])
    yield _with("zeros", "zeros of either sign, one left out", "signed-zero", [0.0, -0.0, 0.0], [T, T, F])


def tails(r: Range):
    """Small kept classes keep their digits."""
    gap = r.normal // 2
    pair, ladder = [T, F, T], -np.arange(8) * (r.normal // 8)
    yield _with("pair", "a kept class at half the range of exp", "relative-accuracy log-of-one", [0, 1, -gap], pair)
    yield _with("ladder", "kept classes step down", "relative-accuracy epsilon", ladder, [T, T, F, T, T, T, F, T])
    yield _with("gap-17", "a gap of 17 and a masked middle", "epsilon", [0, -8, -17], [T, F, T])


def subnormal(r: Range):
    """Results below the smallest normal number."""
    steps = -np.linspace(r.normal - 1, r.under - 1, 6)
    yield _with("ladder", "kept classes are subnormal", "subnormal-result", [0, *steps, 3], [T] * 7 + [F])
    yield _with("last", "a kept class of a few smallest numbers", "subnormal-result", [0, 9, 1 - r.under], [T, F, T])


def low_part(r: Range):
    """Differences to the kept maximum that are no numbers of the format."""
    z = [1 / 3, r.normal, -r.normal / 2 - 0.3, -r.normal / 3]
    yield _with("far-third", "z less the kept maximum rounds", "low-part", z, [T, F, T, T])


def infinities(r: Range):
    """Infinities and nan among what is kept."""
    yield _with("kept", "a kept logit of -inf has no share either", "mask", [-INF, 1, 2, 3], [T, T, T, F])
    yield _with("all-but-one", "the only finite kept logit is certain", "mask", [-INF, 7, 3], [T, F, T])
    rows = [[0, NAN, 1], [0, 1, 2]]
    yield _with("nan", "a kept nan leaves the other row alone", "nan-swallowed", rows, [[T, T, T], [T, F, T]])
    empty, keep = [[-INF, -INF], [0, 1]], [[T, T], [T, T]]
    yield _with("empty", "a kept row of -inf", "all-masked row-mixing", empty, keep, policy="all_neg_inf")


def nothing(r: Range):
    """Slices of which nothing is kept."""
    yield _with("three", "three classes, none of them kept", "nothing-kept", [1, 2, 3], [F] * 3, policy="all_masked")
    z, mask = [[5, 1, 2], [0, 1, 2]], [[F, F, F], [T, F, T]]
    yield _with("one-row", "nothing kept in one of two rows", "nothing-kept row-mixing", z, mask, policy="all_masked")
    column = [[T, F], [T, F], [F, F]]
    yield _with("column", "nothing kept in a column", "nothing-kept axis", MATRIX, column, axis=0, policy="all_masked")


def single(r: Range):
    """Slices of one entry."""
    yield _with("one", "one kept class is certain", "single-class", [2.5], [T])
    yield _with("column", "single kept classes are certain", "single-class", [[r.format.max], [-7.5]], [[T], [T]])
    pair, policy = [[2.5], [1]], "all_masked"
    yield _with("left-out", "a single class is left out", "single-class nothing-kept", pair, [[T], [F]], policy=policy)


def widths(r: Range):
    """Two rows of widths around a power of two."""
    for width in (127, 128, 129):
        keep = (np.arange(2 * width).reshape(2, width) * 37 % 101 < 70).tolist()
        yield _with(f"{width}", f"two rows of {width} classes, some kept", "tail-elements", lattice((2, width)), keep)
    first = np.tile(np.arange(129) < 64, (2, 1)).tolist()
    yield _with("first-block", "the first 64 of 129 classes are kept", "masked-block", lattice((2, 129)), first)
    last = np.tile(np.arange(129) >= 128, (2, 1)).tolist()
    yield _with("last-class", "the last of 129 classes is kept alone", "masked-block", lattice((2, 129)), last)
    tail = np.tile(np.arange(128) >= 64, (2, 1)).tolist()
    yield _with("second-block", "the second 64 of 128 classes are kept", "masked-block", lattice((2, 128)), tail)


MASKED = [
    *(textbook, integers, hidden, shift, sentinels, rows, axes, ties, tails, subnormal, low_part),
    *(infinities, nothing, single, widths),
]
