"""Families of softmax at a coldness beta, which multiplies the logits.

A coldness of 1 is the default: most cases that mean it leave the parameter out, so that a default that sticks shows.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import Draft, Range, draft, lattice

__all__ = ["ARTICLE", "BETA", "MATRIX"]

ARTICLE = np.array([1.0, 2, 3, 4, 1, 2, 3])
MATRIX = [[1, 5], [2, 3], [4, -1]]
INF, NAN = np.inf, np.nan


def _at(slug: str, comment: str, flags: str, z, beta: float | None = None, **more) -> Draft:
    return draft(slug, comment, flags, z, parameters={} if beta is None else {"beta": beta}, **more)


def textbook(r: Range):
    """The article's row, at the default coldness and at others."""
    yield _at("article-row", "the article's row at the default coldness", "working-precision", ARTICLE)
    yield _at("twice", "the article's row at coldness 2", "coldness sticky-default", ARTICLE, 2.0)
    yield _at("half", "the article's row at coldness 1/2", "coldness truncated-parameter", ARTICLE, 0.5)
    yield _at("one", "a coldness of 1 that is given", "working-precision sticky-default", [0, 1, 3], 1.0)
    thirds = np.arange(1, 9) / 3
    yield _at("thirds", "three quarters of thirds", "working-precision truncated-parameter", thirds, 0.75)
    yield _at("default-again", "the default coldness after others", "sticky-default", [0.5, 2, 1])


def integers(r: Range):
    """Logits that an integer array can hold; the integer contract uses them too."""
    yield _at("one-two", "half of the integers 1 and 2", "working-precision truncated-parameter", [1, 2], 0.5)
    yield _at("bytes", "twice 0, 255, 3 leaves an unsigned byte", "exp-overflow coldness", [0, 255, 3], 2.0)
    yield _at("signed-bytes", "-100 and 100 at coldness 1/64", "truncated-parameter", [-100, 100], 2.0**-6)


def sign(r: Range):
    """Negative coldness favours the smallest logit."""
    yield _at("minus-one", "at coldness -1 the smallest logit wins", "coldness", ARTICLE, -1.0)
    yield _at("minus-two", "at coldness -2 a row and its mirror", "coldness", [[0, 1, 3], [0, -1, -3]], -2.0)
    yield _at("minus-fraction", "a negative fraction as coldness", "coldness", np.arange(1, 9) / 3, -0.375)
    yield _at("minus-one-and-half", "a coldness of -3/2", "coldness truncated-parameter", [1, -1, 0.5], -1.5)


def zero(r: Range):
    """At coldness 0 all entries above -inf weigh the same."""
    yield _at("finite", "at coldness 0 every class weighs the same", "coldness coldness-zero", [1, 2, 6, 5], 0.0)
    yield _at("infinite", "at coldness 0 a logit of -inf stays out", "coldness-zero mask", [1, -INF, -6], 0.0)
    far = [r.format.max, -r.format.max, 0]
    yield _at("whole-range", "at coldness 0 no difference is too large", "coldness-zero infinite-difference", far, 0.0)
    yield _at("nan", "at coldness 0 a nan is still a nan", "coldness-zero nan-swallowed", [[0, NAN], [0, 1]], 0.0)


def fraction(r: Range):
    """Coldnesses that are no integers."""
    yield _at("three-halves", "a coldness of 3/2", "truncated-parameter coldness", [0, 1, 2, 4], 1.5)
    yield _at("five-halves", "a coldness of 5/2 in two rows", "truncated-parameter", [[1, 0], [0, 2]], 2.5)
    yield _at("tenth", "a coldness next to 1/10", "coldness low-part", ARTICLE + 0.5, r.near(0.1))
    yield _at("seven", "a coldness of 7 for quarters", "coldness low-part", ARTICLE / 4, 7.0)


def size(r: Range):
    """Very small and very large coldnesses."""
    e = min(100, r.format.emax - 2)
    yield _at("millionth", "a coldness next to 10^-6", "coldness", [0, 5, 10, 15], r.near(1e-6))
    yield _at("2-to-minus-10", "a coldness of 2^-10 for hundreds", "coldness", [-500, 300, 0, 700], 2.0**-10)
    yield _at("2-to-9", "a coldness of 512 for logits 1/128 apart", "coldness", [0.25, 0.2578125], 512.0)
    yield _at("huge", "a huge coldness for tiny logits", "coldness", np.array([1, 2, 4]) * 2.0**-e, 2.0**e)
    yield _at("small", "a tiny coldness for huge logits", "coldness", np.array([-2, 1, 3]) * 2.0**e, 2.0**-e)


def overflow(r: Range):
    """beta z leaves the range where beta (z - max) does not."""
    big = r.format.max
    yield _at("twice-largest", "twice the largest number overflows", "scaled-overflow", [big, big, -big], 2.0)
    yield _at("minus-largest", "-2 times the lowest number overflows", "scaled-overflow", [-big, big, -big], -2.0)
    yield _at(
        "largest-power", "the coldness is the largest power of 2", "scaled-overflow", [2, 2, 1], 2.0**r.format.emax
    )
    row = [r.over // 2 + 2, r.over // 2 + 1]
    yield _at("product", "exp of twice the logits overflows", "exp-overflow", row, 2.0)
    yield _at("below", "exp of twice the logits underflows", "exp-underflow", [-r.work.under, -r.work.under - 1], 2.0)


def shift(r: Range):
    """Offsets, and extremes far from where a wrong shift looks."""
    far = 4.0 * r.work.over
    yield _at("near-1000", "an offset of 1000 at coldness 3/4", "exp-overflow", r.apart(1000, 3), 0.75)
    yield _at("near-minus-1000", "an offset of -1000 at coldness 2", "exp-underflow", -r.apart(1000, 3), 2.0)
    yield _at("largest-last", "the largest logit comes last, far above", "wrong-shift", [0, far - 8, far], 0.5)
    yield _at("smallest-first", "at coldness -1 the smallest comes first", "wrong-shift", [0, far, 2], -1.0)
    yield _at("smallest-last", "at coldness -2 the smallest comes last", "wrong-shift", [far, 1, 0.5], -2.0)


def ties(r: Range):
    """Equal logits."""
    yield _at("top", "two largest share at coldness 3", "ties", [5, 1, 5, 4.5], 3.0)
    yield _at("bottom", "two smallest share at coldness -3", "ties coldness", [5, 1, 5, 1], -3.0)
    yield _at("all", "seven equal logits at coldness 3/4", "ties", [0.1] * 7, 0.75)


def tails(r: Range):
    """Small classes whose digits matter."""
    gap = r.normal // 2
    yield _at("doubled", "a gap that doubles keeps its digits", "relative-accuracy log-of-one", [0, -gap], 2.0)
    yield _at("halved", "half of a wide gap", "relative-accuracy", [0, -r.normal, -gap], 0.5)
    yield _at("gap-14", "a gap of 14 at coldness -1", "epsilon log-of-one", [14, 0], -1.0)


def subnormal(r: Range):
    """Results below the smallest normal number."""
    steps = np.linspace(r.normal - 1, r.under - 1, 6)
    yield _at("ladder", "classes step through the subnormal range", "subnormal-result", [0, *-2 * steps], 0.5)
    yield _at("first", "a large subnormal number at coldness -2", "subnormal-result", [0, r.normal / 2 + 1], -2.0)
    yield _at("input", "a subnormal logit at coldness 2", "subnormal-input", [r.format.tiny, 0], 2.0)


def low_part(r: Range):
    """Differences and products that are no numbers of the format."""
    z = [1 / 3, -r.normal / 4 - 0.3, -r.normal / 6]
    yield _at("far-third", "neither z - max nor its product is exact", "low-part", z, 1.75)
    mixed = [r.normal / 5.4, -r.normal / 6.2, 0.7]
    yield _at("mixed-sign", "a difference of unlike exponents at 5/4", "low-part", mixed, 1.25)


def mask(r: Range):
    """Infinite logits without weight."""
    yield _at("one", "a logit of -inf at coldness 1/2", "mask", [-INF, 2, 1], 0.5)
    yield _at("only-one", "the only finite logit at coldness 3", "mask", [-INF, -INF, 3], 3.0)
    yield _at("minus", "at coldness -1 it is +inf that is out", "mask coldness", [INF, 0.5, 2], -1.0)
    rows = [[-INF, -INF], [0, 1]]
    policy = "all_neg_inf"
    yield _at("all", "a row of -inf at coldness 2", "all-masked row-mixing", rows, 2.0, policy=policy)


def infinite(r: Range):
    """A slice that holds +inf."""
    yield _at("one", "a logit of +inf at coldness 2", "infinite-logit", [0, INF, 1], 2.0, policy="pos_inf")


def nan(r: Range):
    """A slice that holds nan."""
    rows = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]]
    yield _at("one-row", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", rows, -0.5)


def single(r: Range):
    """Slices of one entry."""
    yield _at("column", "single classes are certain", "single-class", [[r.format.max], [-7.5], [0]], 2.0)
    yield _at("one", "one class is certain at coldness 0", "single-class coldness-zero", [2.5], 0.0)


def axes(r: Range):
    """Other axes than the last, and rows that must not see one another."""
    yield _at("rows", "the rows of a (3, 2) matrix", "axis", MATRIX, 0.75)
    yield _at("columns", "the columns of a (3, 2) matrix", "axis", MATRIX, -0.5, axis=0)
    block = np.arange(12).reshape(2, 3, 2) * 5 % 7
    yield _at("middle", "the middle axis of three", "axis", block, 1.5, axis=1)
    far = [[r.work.over - 1, r.work.over - 2], [0, 1], [-r.work.under, -r.work.under - 1]]
    yield _at("far-apart", "each row has its own extreme", "row-mixing global-shift", far, -2.0)


def widths(r: Range):
    """Two rows of widths around a power of two, by recipe."""
    for width in (65, 127, 128, 129, 513):
        beta = -0.375 if width % 2 else 0.375
        yield _at(f"{width}", f"two rows of {width} classes, cooled", "tail-elements", lattice((2, width)), beta)


BETA = [
    *(textbook, integers, sign, zero, fraction, size, overflow, shift, ties, tails, subnormal, low_part),
    *(mask, infinite, nan, single, axes, widths),
]
