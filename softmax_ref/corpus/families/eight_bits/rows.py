"""Rows of logits for the 8-bit formats: every one of them is held as it is written.

Where a family of the wider formats makes true statements in eight bits, it is used as it is.
"""

import numpy as np

from softmax_ref.corpus.families import averages, logits
from softmax_ref.corpus.families.drafts import Range, draft, lattice
from softmax_ref.corpus.families.eight_bits.parts import exactly, halves, of_tiny, where_infinite

__all__ = ["ENTROPY", "LOGITS", "SWEEP"]


def shift(r: Range):
    """Offsets up to the largest finite number."""
    top = r.format.max
    low = [r.near(top, -2), r.near(top, -1)]
    yield draft("top", "the three largest numbers of the format, one ulp apart", "exp-overflow", [*low, top])
    yield draft("two-largest", "two logits at the largest finite number are equal", "exp-overflow", [top] * 2)
    yield draft(
        "whole-range", "the largest and its negative differ by twice the range", "infinite-difference", [top, -top, 0]
    )
    yield draft("first-is-smallest", "the first logit lies far below two maxima", "wrong-shift", [0, 384, 384])
    yield draft("mean-is-small", "the mean lies far below the maximum", "wrong-shift", [0, 0, 0, 0, 0, 0, 0, top])
    yield draft("near-minus-100", "two logits of -112 share what -128 leaves", "exp-underflow", [-112, -112, -128])


def dominant(r: Range):
    """One class with most of the mass."""
    yield draft("gap-3", "a gap of 3 leaves e^-3/(1 + e^-3) to the smaller class", "log-of-one epsilon", [0, -3])
    yield draft("gap-4", "a gap of 4 leaves 1/(1 + e^4) to the smaller class", "log-of-one epsilon", [4, 0])
    yield draft("gap-8", "a gap of 8 leaves 1/(1 + e^8) to the smaller class", "log-of-one log-of-zero", [8, 0])
    yield draft("two-gaps-10", "two gaps of 10 leave e^-10 each", "log-of-one", [0, -10, -10])
    yield draft("gap-40", "a gap of 40 leaves a log-probability of about -e^-40", "log-of-one log-of-zero", [40, 0, 0])


def tails(r: Range):
    """Small classes whose digits matter."""
    yield draft("ladder", "eight classes step down by halves", "relative-accuracy epsilon", -np.arange(8) / 2)
    yield draft("pairs", "gaps of 2, 3, 4 keep the digits of the smaller class", "epsilon", [[2, 0], [3, 0], [4, 0]])


def subnormal(r: Range):
    """Results of a few smallest subnormal numbers."""
    yield draft("twelve", "a class with about 12 smallest subnormal numbers", "subnormal-result", of_tiny(r, 12))
    yield draft("six", "a class with about 6 smallest subnormal numbers", "subnormal-result", of_tiny(r, 6.2))
    rows = [of_tiny(r, n) for n in (1.3, 2.7, 4.3, 9.4)]
    yield draft("rows", "each row leaves a few more smallest subnormal numbers", "subnormal-result row-mixing", rows)


def overflow(r: Range):
    """Around the largest argument of exp."""
    yield draft("past-threshold", "exp of both logits is past the range of the format", "exp-overflow", [12, 14])
    yield draft("sum-of-eight", "each exp is finite, their unshifted sum is not", "sum-overflow", [r.over] * 8)


def widths(r: Range):
    """Long rows, by recipe, with a maximum at either end of each row."""
    for width in (127, 128, 129, 512):
        put = [(n, 12) for n in (0, width - 1, width, 2 * width - 1)]
        yield draft(
            f"{width}", f"two rows of {width} classes, no entry left out", "tail-elements", halves((2, width), put)
        )


def long(r: Range):
    """More classes than 16 bits can count."""
    z = halves((65537,), put=[(65536, 24)])
    yield draft("65537", "65537 classes exceed a 16-bit index", "tail-elements low-precision-sum", z)


def stagnation(r: Range):
    """Sums of equal or tiny terms, which stop growing at 16 in four bits and at 8 in three."""
    for count in (10, 20, 33):
        yield draft(
            f"{count}-equal", f"{count} equal classes have 1/{count} each", "low-precision-sum ties", [1.5] * count
        )
    yield draft("127-equal", "127 ones add up past 16", "low-precision-sum", lattice((127,), start=0, step=0))
    specks = [0] + [-4] * 48
    yield draft("specks", "specks lost one by one add up to a visible amount", "low-precision-sum", specks)


def rows(r: Range):
    """Rows that must not see one another."""
    top = r.format.max
    far = [[top, top, 0], [0, 1, 2], [-top, -top, r.near(-top, 1)]]
    yield draft("far-apart", "each row has its own maximum", "row-mixing global-shift", far)
    same = [[2, 0, 1], [0, 1, 2], [1, 2, 0], [2, 1, 0], [0, 2, 1]]
    yield draft("permuted", "rows with the same logits in other orders", "row-mixing", same)


def spread(r: Range):
    """Logits in mixed order."""
    z = (np.arange(16) * 11 % 16 - 8) / 2
    yield draft("sixteen", "sixteen logits half a unit apart, in mixed order", "relative-accuracy low-part", z)


def low_part(r: Range):
    """Differences z - max that are no numbers of the format."""
    z = [3.5, -0.15625, -0.4375]
    yield draft("differences", "z - max is not a number of the format", "low-part working-precision", z)


def lse_zero(r: Range):
    """Rows whose logsumexp almost vanishes."""
    yield draft("two", "two logits whose logsumexp is almost zero", "cancellation-in-logsumexp", [-0.75, -0.625])
    yield draft("one", "a class of e^-4 beside one of logit 0", "cancellation-in-logsumexp log-of-one", [0, -4])
    eleven = [-2.5] * 9 + [-2] * 2
    yield draft("eleven", "eleven logits whose logsumexp is almost zero", "cancellation-in-logsumexp", eleven)


def clip(r: Range):
    """Logits beyond the usual clipping ranges."""
    yield draft(
        "above-30", "logits 4 apart have the same odds above 30 and below", "clipped-input", [[32, 28], [14, 10]]
    )
    yield draft("below-10", "logits below -10 are told apart", "clipped-input", [-12, -14])


def sweep(r: Range):
    """Odd widths between 513 and 1023."""
    for width in (513, 1023):
        put = [(n, 12) for n in (width - 1, 2 * width - 1)]
        yield draft(f"{width}", f"two rows of {width} classes, an odd width", "tail-elements", halves((2, width), put))


HELD = (logits.textbook, logits.integers, logits.axes, logits.beta)
"""Families of the wider formats: in eight bits, the drafts whose numbers are held."""
AS_THEY_ARE = (logits.ties, logits.single, logits.signed_zero, logits.small, logits.nan)
"""Families of the wider formats whose statements stay true when their numbers are rounded to eight bits."""
INFINITE = (logits.mask, logits.all_masked, logits.infinite)

LOGITS = [
    *(exactly(family) for family in HELD),
    *AS_THEY_ARE,
    *(where_infinite(family) for family in INFINITE),
    *(shift, dominant, tails, subnormal, overflow, widths, long, stagnation, rows, spread, low_part, lse_zero, clip),
]
SWEEP = sweep


def small(r: Range):
    """Small entropies."""
    yield draft("gap-6", "a gap of 6 leaves an entropy of order e^-6", "log-of-one subnormal-result", [6, 0])
    yield draft("gap-12", "a gap of 12 leaves an entropy of order e^-12", "log-of-one subnormal-result", [0, 12])


ENTROPY = [
    *(exactly(family) for family in averages.ENTROPY if family is not averages.uniform),
    *(averages.uniform, shift, stagnation, widths, low_part, small),
]
