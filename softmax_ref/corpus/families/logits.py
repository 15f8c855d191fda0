"""Families of rows of logits, for softmax, log_softmax and logsumexp."""

import numpy as np

from softmax_ref.corpus.families.drafts import BLOCKS, Range, draft, lattice

__all__ = ["LOGITS", "SWEEP"]

ARTICLE = np.array([1.0, 2, 3, 4, 1, 2, 3])
INF, NAN = np.inf, np.nan


def textbook(r: Range):
    """Small logits that every article prints."""
    yield draft("article-row", "the classes with logit 4, 3, 2, 1 differ by factors of e", "working-precision", ARTICLE)
    yield draft(
        "one-two-eight", "the largest of 1, 2, 8 has almost all the mass", "working-precision epsilon", [1, 2, 8]
    )
    yield draft(
        "zero-ten", "a gap of 10 leaves 1/(1 + e^10) to the smaller class", "working-precision epsilon", [0, 10]
    )


def integers(r: Range):
    """Logits that an integer array can hold; the integer contract uses them too."""
    yield draft("one-two", "the logits 1 and 2 have odds of e", "working-precision", [1, 2])
    yield draft("bytes", "the logits 0, 255, 3 fit an unsigned byte", "exp-overflow", [0, 255, 3])
    yield draft("signed-bytes", "the logits -100, 100 are 200 apart", "exp-overflow", [-100, 100])


def shift(r: Range):
    """A common offset, or a maximum far from where a wrong shift looks for it."""
    yield draft(
        "three-near-1000", "a common offset of 1000 does not change the distribution", "exp-overflow", r.apart(1000, 3)
    )
    yield draft(
        "three-near-minus-1000", "a common offset of -1000 does not change it", "exp-underflow", -r.apart(1000, 3)
    )
    yield draft("two-largest", "two logits at the largest finite number are equal", "exp-overflow", [r.format.max] * 2)
    yield draft(
        "whole-range",
        "the largest and its negative differ by more than the range",
        "exp-overflow infinite-difference",
        [r.format.max, -r.format.max, 0],
    )
    yield draft(
        "first-is-smallest",
        "the first logit lies far below the maximum",
        "wrong-shift",
        [0, 4 * r.work.over, 4 * r.work.over - 2],
    )
    yield draft(
        "mean-is-small", "the mean lies far below the maximum", "wrong-shift", [0, 0, 0, 0, 0, 0, 0, 4 * r.work.over]
    )


def ties(r: Range):
    """Equal logits, and almost equal ones."""
    yield draft("two-equal", "two equal logits share the mass exactly", "ties", [0.1, 0.1])
    yield draft("seven-equal", "seven equal logits have 1/7 each, correctly rounded", "ties", [-3.7] * 7)
    yield draft("top-tie", "two maxima share what the smaller classes leave", "ties", [5, 1, 5, 0])
    yield draft("near-tie", "two logits one ulp apart are not equal", "ties low-part", [r.near(1, 1), 1])


def dominant(r: Range):
    """One class with almost all the mass."""
    yield draft("just-visible", "the smaller class is one unit roundoff of the larger", "log-of-one", [0, r.speck])
    yield draft("gap-14", "a gap of 14 leaves a log-probability of about -e^-14", "log-of-one", [0, -14])
    yield draft("gap-40", "a gap of 40 leaves a log-probability of about -e^-40", "log-of-one", [40, 0, 0])
    yield draft(
        "beyond-range",
        "the smaller class underflows, the larger stays below 1",
        "log-of-zero log-of-one",
        [0, -2 * r.under],
    )


def tails(r: Range):
    """Small classes whose digits matter."""
    gap = r.normal // 2
    yield draft("pair", f"a gap of {gap} keeps the smaller class's digits", "log-of-one relative-accuracy", [0, -gap])
    yield draft(
        "ladder",
        "eight classes step down through the normal range",
        "relative-accuracy epsilon",
        -np.arange(8) * (r.normal // 8),
    )


def overflow(r: Range):
    """Around the largest argument of exp."""
    yield draft(
        "past-threshold", "exp of both logits overflows without a shift", "exp-overflow", [r.over + 1, r.over + 2]
    )
    yield draft("sum-of-eight", "each exp is finite, their unshifted sum is not", "sum-overflow", [r.over] * 8)


def underflow(r: Range):
    """Rows that lie below the range of exp as a whole."""
    yield draft(
        "all-below",
        "exp of every logit is zero without a shift",
        "exp-underflow",
        [-r.work.under - 5, -r.work.under - 6],
    )
    yield draft(
        "all-subnormal",
        "exp of every logit is subnormal without a shift",
        "exp-underflow",
        [-r.work.under + 2, -r.work.under + 1],
    )


def subnormal(r: Range):
    """Results below the smallest normal number."""
    yield draft("first", "the smaller class is a large subnormal number", "subnormal-result", [0, -r.normal - 2])
    yield draft("last", "the smaller class is among the smallest subnormals", "subnormal-result", [0, -r.under + 1])
    steps = np.linspace(r.normal - 1, r.under + 1, 8)
    yield draft("ladder", "the classes step down through the subnormal range", "subnormal-result", [0, *-steps])


def mask(r: Range):
    """Some logits are -inf."""
    yield draft("first", "a class with logit -inf in front has probability 0", "mask", [-INF, 1, 2])
    yield draft("all-but-one", "the only finite logit has probability 1", "mask", [-INF, -INF, 3, -INF])
    rows = [[1, -INF, 3, -INF], [-INF, 2, -INF, 4], [1, 2, 3, -INF]]
    yield draft("each-row-its-own", "every row leaves out other classes", "mask row-mixing", rows)
    below = -r.apart(20000, 2)
    yield draft("beside-20000", "-inf lies below -20000", "mask finite-sentinel", [-INF, *below])
    yield draft("beside-largest", "-inf lies below every finite number", "mask finite-sentinel", [-INF, -r.format.max])


def all_masked(r: Range):
    """Slices of -inf alone."""
    yield draft("three", "a slice of three -inf has no distribution", "all-masked", [-INF] * 3, policy="all_neg_inf")
    rows = [[-INF, -INF], [0, 1]]
    yield draft(
        "one-row", "a row of -inf leaves its neighbour alone", "all-masked row-mixing", rows, policy="all_neg_inf"
    )


def infinite(r: Range):
    """Slices that hold +inf."""
    yield draft("one", "one logit of +inf has no quotient but a limit", "infinite-logit", [0, INF, 1], policy="pos_inf")
    yield draft("two", "two logits of +inf share the limit", "infinite-logit", [INF, 0, INF, -INF], policy="pos_inf")


def nan(r: Range):
    """Slices that hold nan."""
    yield draft("first", "a nan in front makes the slice nan", "nan-swallowed", [NAN, 0, 1])
    yield draft("last", "a nan at the end makes the slice nan", "nan-swallowed", [0, 1, NAN])
    rows = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]]
    yield draft("one-row", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", rows)


def single(r: Range):
    """Slices of one entry."""
    yield draft("zero", "a single class has probability 1", "single-class", [0])
    yield draft(
        "column", "three slices of one class each, of any size", "single-class", [[r.format.max], [-7.5], [r.over + 1]]
    )


def signed_zero(r: Range):
    """Zeros of either sign."""
    yield draft("mixed", "zeros of either sign are equal logits", "signed-zero", [-0.0, 0.0, -0.0])


def widths(r: Range):
    """Widths around a power of two, by recipe."""
    for width in (127, 128, 129):
        yield draft(f"{width}", f"two rows of {width} classes, no entry left out", "tail-elements", lattice((2, width)))
    flags = "tail-elements low-precision-sum"
    yield draft("1500", "two rows of 1500 classes, between two powers of two", flags, lattice((2, 1500)))


def blocks(r: Range):
    """Widths of whole blocks, with the maxima at the seam of two rows."""
    for width in (512, 1024):
        put = [(width - 1, 60), (width, 60)]
        yield draft(
            f"{width}",
            f"the maxima of {width} classes stand at the seam of the rows",
            "tail-elements",
            lattice((2, width), put=put),
        )


def long(r: Range):
    """More classes than 16 bits can count."""
    yield draft(
        "65536", "65536 classes take all of a 16-bit index", "tail-elements low-precision-sum", lattice((65536,))
    )
    yield draft(
        "65537",
        "65537 classes exceed a 16-bit index",
        "tail-elements low-precision-sum",
        lattice((65537,), put=[(65536, 120)]),
    )
    equal = lattice((70000,), start=3, step=0)
    yield draft("70000-equal", "70000 equal classes have 1/70000 each", "low-precision-sum sum-overflow", equal)


def stagnation(r: Range):
    """Sums of many equal or tiny terms."""
    yield draft("4097-equal", "4097 ones add up past 4096", "low-precision-sum", lattice((4097,), start=0, step=0))
    small = [0] + [r.speck - 0.2] * 48
    yield draft("one-and-specks", "specks lost one by one add up to a visible amount", "low-precision-sum", small)


def axes(r: Range):
    """Other axes than the last."""
    matrix = [[1, 5], [2, 3], [4, -1]]
    yield draft("columns", "the columns of a (3, 2) matrix are normalised", "axis", matrix, axis=0)
    yield draft("rows", "the rows of a (3, 2) matrix are normalised", "axis", matrix)
    block = np.arange(12).reshape(2, 3, 2) * 5 % 7
    yield draft("middle", "the middle axis of three is normalised", "axis", block, axis=1)
    yield draft(
        "square", "the columns of a square matrix are normalised", "axis", [[0, 1, 3], [2, 2, -1], [5, 0, 1]], axis=0
    )
    for slug, comment, z, axis in BLOCKS:
        yield draft(slug, f"{comment} is normalised", "axis", z, axis=axis)


def rows(r: Range):
    """Rows that must not see one another."""
    far = [[r.work.over - 1, r.work.over - 2, 3], [0, 1, 2], [-r.work.under, -r.work.under - 1, -r.work.under - 3]]
    yield draft("far-apart", "each row has its own maximum", "row-mixing global-shift", far)
    same = [[2, 0, 1], [0, 1, 2], [1, 2, 0], [2, 1, 0], [0, 2, 1]]
    yield draft("permuted", "rows with the same logits in other orders", "row-mixing", same)


def spread(r: Range):
    """Logits over the whole range of exp."""
    z = (np.arange(16) * 11 % 16 - 7.5) * (r.normal / 16)
    yield draft("sixteen", "sixteen logits spread over the range of exp", "relative-accuracy low-part", z)


def low_part(r: Range):
    """Differences z - max that are no numbers of the format."""
    yield draft(
        "far-third", "z - max is not a number of the format", "low-part", [1 / 3, -r.normal / 2 - 0.3, -r.normal / 3]
    )
    yield draft(
        "mixed-sign", "a difference of unlike exponents rounds", "low-part", [r.normal / 2.7, -r.normal / 3.1, 0.7]
    )


def lse_zero(r: Range):
    """Rows whose logsumexp almost vanishes."""
    yield draft("two", "log of two halves: the logsumexp is almost zero", "cancellation-in-logsumexp", [-np.log(2)] * 2)
    yield draft(
        "ten",
        "ten logits near -log 10: the logsumexp is almost zero",
        "cancellation-in-logsumexp",
        -np.log(10) + np.arange(-5, 5) / 64,
    )


def small(r: Range):
    """Logits near zero."""
    yield draft(
        "subnormal", "subnormal logits are almost zero", "subnormal-input", [r.format.tiny, 0, -3 * r.format.tiny]
    )


def beta(r: Range):
    """The article's row, hotter and colder."""
    yield draft("hot", "the article's row at coldness 1/8", "working-precision", ARTICLE / 8)
    yield draft("cold", "the article's row at coldness 8", "relative-accuracy epsilon", ARTICLE * 8)


def clip(r: Range):
    """Logits beyond the usual clipping ranges."""
    yield draft("above-30", "logits above 30 differ by 1", "clipped-input", [33, 32])
    yield draft("below-100", "logits below -100 differ by 1", "clipped-input", [-104, -105])
    yield draft("below-10000", "logits below -10000 differ", "clipped-input finite-sentinel", -r.apart(20000, 2))


def sweep(r: Range):
    """Odd widths between 513 and 1023, for softmax alone."""
    for width in (513, 641, 767, 1023):
        yield draft(
            f"{width}",
            f"two rows of {width} classes, an odd width",
            "tail-elements",
            lattice((2, width), multiplier=53, modulus=97),
        )


LOGITS = [
    *(textbook, integers, shift, ties, dominant, tails, overflow, underflow, subnormal),
    *(mask, all_masked, infinite, nan, single, signed_zero, widths, blocks, long, stagnation),
    *(axes, rows, spread, low_part, lse_zero, small, beta, clip),
]
SWEEP = sweep
