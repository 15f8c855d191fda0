"""Families of softmax at a temperature T, which divides the logits.

A temperature of 1 is the default: most cases that mean it leave the parameter out, so that a default that sticks shows.
"""

import numpy as np

from softmax_ref.corpus.families.coldness import ARTICLE, MATRIX
from softmax_ref.corpus.families.drafts import Draft, Range, draft, lattice

__all__ = ["TEMPERATURE"]

INF, NAN = np.inf, np.nan


def _at(slug: str, comment: str, flags: str, z, temperature: float | None = None, **more) -> Draft:
    parameters = {} if temperature is None else {"temperature": temperature}
    return draft(slug, comment, flags, z, parameters=parameters, **more)


def textbook(r: Range):
    """The article's row, at the default temperature and at others."""
    yield _at("article-row", "the article's row at the default temperature", "working-precision", ARTICLE)
    yield _at("hot", "the article's row at temperature 2", "temperature sticky-default", ARTICLE, 2.0)
    yield _at("cold", "the article's row at temperature 1/2", "temperature truncated-parameter", ARTICLE, 0.5)
    yield _at("one", "a temperature of 1 that is given", "working-precision sticky-default", [0, 1, 3], 1.0)
    thirds = np.arange(1, 9) / 3
    yield _at("thirds", "thirds over three quarters", "working-precision truncated-parameter", thirds, 0.75)
    yield _at("default-again", "the default temperature after others", "sticky-default", [0.5, 2, 1])


def integers(r: Range):
    """Logits that an integer array can hold; the integer contract uses them too."""
    yield _at("one-two", "the integers 1 and 2 at temperature 2", "working-precision temperature", [1, 2], 2.0)
    yield _at("bytes", "0, 255, 3 at temperature 1/2", "exp-overflow truncated-parameter", [0, 255, 3], 0.5)
    yield _at("signed-bytes", "-100 and 100 at temperature 64", "temperature", [-100, 100], 64.0)


def fraction(r: Range):
    """Temperatures that are no integers, or divide with a remainder."""
    yield _at("three-halves", "a temperature of 3/2", "truncated-parameter temperature", [0, 1, 2, 4], 1.5)
    yield _at("five-halves", "a temperature of 5/2 in two rows", "truncated-parameter", [[1, 0], [0, 2]], 2.5)
    yield _at("tenth", "a temperature next to 1/10", "temperature low-part", [1, 1.5, 0.25, 1.25], r.near(0.1))
    yield _at("three", "a temperature of 3 divides with a remainder", "temperature low-part", ARTICLE * 7, 3.0)


def size(r: Range):
    """Very low and very high temperatures."""
    e = min(100, r.format.emax - 2)
    yield _at("million", "a temperature of many thousands", "temperature", [0, 5, 10, 15], 2.0 ** min(20, e))
    yield _at("2-to-10", "a temperature of 2^7 for hundreds", "temperature", [-500, 300, 0, 700], 128.0)
    yield _at("2-to-minus-9", "a temperature of 1/512", "temperature", [0.25, 0.2578125], 2.0**-9)
    yield _at("huge", "a huge temperature for huge logits", "temperature", np.array([-2, 1, 3]) * 2.0**e, 2.0**e)
    yield _at("tiny", "a tiny temperature for tiny logits", "temperature", np.array([1, 2, 4]) * 2.0**-e, 2.0**-e)
    yield _at("largest", "the largest temperature is all but flat", "temperature", [1, 2, -3], r.format.max)
    yield _at("ten-thousandth", "a temperature next to 10^-4", "temperature", [5, 5, 4, 0], r.near(1e-4))


def overflow(r: Range):
    """z/T or 1/T leaves the range where (z - max)/T does not."""
    big = r.format.max
    yield _at("largest", "half of the temperature overflows z/T", "scaled-overflow", [big, big, -big], 0.5)
    yield _at("smallest", "the smallest temperature has no reciprocal", "scaled-overflow", [1, 1, 0], r.format.tiny)
    row = [r.over // 2 + 2, r.over // 2 + 1]
    yield _at("quotient", "exp of the quotients overflows", "exp-overflow", row, 0.5)
    yield _at("below", "exp of the quotients underflows", "exp-underflow", [-r.work.under, -r.work.under - 1], 0.5)


def shift(r: Range):
    """Offsets, and a maximum far from where a wrong shift looks."""
    far = 4.0 * r.work.over
    yield _at("near-1000", "an offset of 1000 at temperature 3/4", "exp-overflow", r.apart(1000, 3), 0.75)
    yield _at("near-minus-1000", "an offset of -1000 at temperature 2", "exp-underflow", -r.apart(1000, 3), 2.0)
    yield _at("largest-last", "the largest logit comes last, far above", "wrong-shift", [0, far - 8, far], 2.0)
    yield _at("largest-first", "the largest logit comes first, far above", "wrong-shift", [far, 0, far - 2], 0.5)


def ties(r: Range):
    """Equal logits."""
    yield _at("top", "two largest share at temperature 3", "ties", [5, 1, 5, 4.5], 3.0)
    yield _at("all", "seven equal logits at temperature 3/4", "ties", [0.1] * 7, 0.75)


def tails(r: Range):
    """Small classes whose digits matter."""
    gap = r.normal // 2
    yield _at("doubled", "a gap that doubles keeps its digits", "relative-accuracy log-of-one", [0, -gap], 0.5)
    yield _at("halved", "half of a wide gap", "relative-accuracy", [0, -r.normal, -gap], 2.0)
    yield _at("gap-28", "a gap of 28 at temperature 2", "epsilon log-of-one", [28, 0], 2.0)


def subnormal(r: Range):
    """Results below the smallest normal number."""
    steps = np.linspace(r.normal - 1, r.under - 1, 6)
    yield _at("ladder", "classes step through the subnormal range", "subnormal-result", [0, *-2 * steps], 2.0)
    yield _at("first", "a large subnormal number at temperature 1/2", "subnormal-result", [r.normal / 2 + 1, 0], 0.5)
    yield _at("input", "a subnormal logit at temperature 1/2", "subnormal-input", [r.format.tiny, 0], 0.5)


def low_part(r: Range):
    """Differences and quotients that are no numbers of the format."""
    z = [1 / 3, -r.normal / 2 - 0.3, -r.normal / 3]
    yield _at("far-third", "neither z - max nor its quotient is exact", "low-part", z, 1.75)
    mixed = [r.normal / 5.4, -r.normal / 6.2, 0.7]
    yield _at("mixed-sign", "a difference of unlike exponents over 7/8", "low-part", mixed, 0.875)


def mask(r: Range):
    """Logits of -inf."""
    yield _at("one", "a logit of -inf at temperature 2", "mask", [-INF, 2, 1], 2.0)
    yield _at("only-one", "the only finite logit at temperature 3", "mask", [-INF, -INF, 3], 3.0)
    rows = [[-INF, -INF], [0, 1]]
    policy = "all_neg_inf"
    yield _at("all", "a row of -inf at temperature 1/2", "all-masked row-mixing", rows, 0.5, policy=policy)


def infinite(r: Range):
    """A slice that holds +inf."""
    yield _at("one", "a logit of +inf at temperature 2", "infinite-logit", [0, INF, 1], 2.0, policy="pos_inf")


def nan(r: Range):
    """A slice that holds nan."""
    rows = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]]
    yield _at("one-row", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", rows, 2.0)


def single(r: Range):
    """Slices of one entry."""
    yield _at("one", "one class is certain at temperature 3", "single-class", [2.5], 3.0)
    yield _at("column", "single classes are certain", "single-class", [[r.format.max], [-7.5], [0]], 0.5)


def axes(r: Range):
    """Other axes than the last, and rows that must not see one another."""
    yield _at("rows", "the rows of a (3, 2) matrix", "axis", MATRIX, 0.75)
    yield _at("columns", "the columns of a (3, 2) matrix", "axis", MATRIX, 3.0, axis=0)
    block = np.arange(12).reshape(2, 3, 2) * 5 % 7
    yield _at("middle", "the middle axis of three", "axis", block, 1.5, axis=1)
    far = [[r.work.over - 1, r.work.over - 2], [0, 1], [-r.work.under, -r.work.under - 1]]
    yield _at("far-apart", "each row has its own maximum", "row-mixing global-shift", far, 0.5)


def widths(r: Range):
    """Two rows of widths around a power of two, by recipe."""
    for width in (65, 127, 128, 129, 513):
        t = 3.0 if width % 2 else 0.5
        yield _at(f"{width}", f"two rows of {width} classes, warmed", "tail-elements", lattice((2, width)), t)


TEMPERATURE = [
    *(textbook, integers, fraction, size, overflow, shift, ties, tails, subnormal, low_part),
    *(mask, infinite, nan, single, axes, widths),
]
