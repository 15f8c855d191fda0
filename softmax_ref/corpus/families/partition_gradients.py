"""Families for the gradient of logsumexp: g p_i, with one cotangent for each slice.

With a cotangent of 1 the gradient is softmax itself; with as many rows as classes a cotangent along the wrong axis
fits. Cotangents vary from row to row.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import Range, draft, lattice
from softmax_ref.corpus.families.log_gradients import Z, huge

__all__ = ["SUM_VJP"]

INF, NAN = np.inf, np.nan
ARTICLE = [1.0, 2, 3, 4, 1, 2, 3]


def textbook(r: Range):
    """Small rows."""
    yield draft("article-row", "the article's row, cotangent 3", "gradient-scale", ARTICLE, g=3.0)
    yield draft(
        "rows", "two rows with cotangents of other sign and size", "gradient-sign gradient-scale", Z, g=[2, -0.5]
    )
    yield draft("ones", "a cotangent of 1 gives softmax", "gradient-sign", Z, g=[1, 1])
    thirds = np.array([[-4, -1, 2, 5], [3, 0, 1, -2]]) / 3
    yield draft(
        "thirds", "neither logits nor cotangents are short fractions", "working-precision", thirds, g=[0.1, -1.3]
    )


def integers(r: Range):
    """Logits and cotangents that an integer array can hold."""
    yield draft("one-two", "the logits 1 and 2, cotangent 3", "working-precision", [1, 2], g=3)
    yield draft("bytes", "the logits 0, 255, 3 fit an unsigned byte", "exp-overflow", [0, 255, 3], g=5)
    yield draft("signed-bytes", "the logits -100, 100, 99 fit a signed byte", "exp-overflow", [-100, 100, 99], g=-2)


def cotangents(r: Range):
    """Cotangents of every size."""
    yield draft("zero", "a cotangent of 0 leaves nothing of its row", "row-mixing", Z, g=[0, 1])
    yield draft("large", "cotangents of 768 and -1024", "gradient-scale", Z, g=[768, -1024])
    yield draft("tiny", "cotangents of size 2^-11", "gradient-scale", Z, g=[3 / 2048, -1 / 2048])


def axes(r: Range):
    """Other axes than the last, and as many rows as classes."""
    square = [[0, 1, 3], [2, 2, -1], [5, 0, 1]]
    yield draft(
        "square-rows", "each row of a square has its own cotangent", "gradient-transposed axis", square, g=[1, -2, 3]
    )
    yield draft(
        "square-columns",
        "each column of a square has its own cotangent",
        "gradient-transposed axis",
        square,
        g=[1, -2, 3],
        axis=0,
    )
    z = [[1, 5], [2, 3], [4, -1]]
    yield draft("columns", "the columns of a (3, 2) matrix have their own sums", "axis", z, g=[1, -2], axis=0)
    yield draft("rows", "the rows of a (3, 2) matrix have their own sums", "axis", z, g=[1, -2, 0.5])
    block, g = np.arange(12).reshape(2, 3, 2) * 5 % 7, [[1, -2], [3, 0.5]]
    yield draft("middle", "the middle axis of three carries the sums", "axis", block, g=g, axis=1)
    yield draft(
        "first", "the first axis of three carries the sums", "axis", block, g=[[1, -2], [3, 0.5], [2, -1]], axis=0
    )


def shift(r: Range):
    """A common offset, overflow, rows far apart."""
    near = np.array([r.apart(1000, 3), r.apart(1000, 3)[::-1]])
    yield draft("near-1000", "the gradient does not see an offset of 1000", "exp-overflow", near, g=[2, -1])
    yield draft("near-minus-1000", "the gradient does not see an offset of -1000", "exp-underflow", -near, g=[2, -1])
    yield draft(
        "past-threshold",
        "exp of every logit overflows without a shift",
        "exp-overflow",
        [[r.over + 1, r.over + 2], [r.over + 3, r.over]],
        g=[1, 2],
    )
    yield draft(
        "far-apart",
        "each row has its own maximum",
        "global-shift row-mixing",
        [[r.work.over, r.work.over - 1], [-r.work.under - 5, -r.work.under - 6]],
        g=[1, -3],
    )
    pairs = [[x, x] for x in huge(r)]
    flags = "rounded-logsumexp exp-overflow"
    yield draft(
        "huge", "two equal logits of any size have half each", flags, pairs, g=np.resize([1, -2, 3], len(pairs))
    )
    yield draft(
        "huge-negative", "two equal logits far below 0 have half each", flags, -np.array(pairs), g=[1] * len(pairs)
    )
    largest = r.format.max
    yield draft(
        "whole-range",
        "the largest number beside its negative",
        "infinite-difference",
        [[largest, -largest]] * 2,
        g=[1, -2],
    )


def ties(r: Range):
    """Equal logits."""
    yield draft("equal", "equal logits share the cotangent", "ties", [[0.1] * 4, [-7] * 4], g=[1, -2])
    yield draft("top-tie", "two maxima have the same gradient", "ties", [[5, 1, 5, 0], [2, 2, -3, 2]], g=[-1, 2])


def tails(r: Range):
    """Small probabilities whose digits matter, or whose exp underflows."""
    t = r.normal // 4
    ladder = [[0, -t, -2 * t, -3 * t], [-3 * t, -t, 0, -2 * t]]
    yield draft(
        "ladder", "small classes keep the digits of their gradient", "relative-accuracy epsilon", ladder, g=[1, -2]
    )
    steep = [[17, 0, 0], [0, 40, 1]]
    yield draft("gap-40", "gaps of 17 and 40 leave small gradients", "relative-accuracy", steep, g=[2, -1])
    below = [[0, -r.normal - 2, -r.under + 1], [-r.normal - 1, 0, -r.under + 2]]
    yield draft("subnormal", "gradients in the subnormal range survive", "subnormal-result", below, g=[1, -1])
    gone = 2 * r.work.under
    vanished = [[0, -200], [-gone, 0], [0, -10 * gone]]
    yield draft("vanished", "a class whose exp underflows is no 0/0", "divided-by-probability", vanished, g=[1, -2, 3])


def mask(r: Range):
    """Some logits are -inf."""
    z = [[1, -INF, 3, 0], [-INF, 2, -INF, 4]]
    yield draft("some", "a class with logit -inf has gradient exactly 0", "mask", z, g=[1, -2])
    only = [[-INF, -INF, 3, -INF], [0, 1, -INF, -INF]]
    yield draft("all-but-one", "the only finite logit has all of the cotangent", "mask", only, g=[3, -1])


def limits(r: Range):
    """Rows without a distribution."""
    yield draft(
        "all-masked",
        "a row of -inf leaves its neighbour's gradient alone",
        "all-masked row-mixing",
        [[-INF, -INF, -INF], [0, 1, 2]],
        g=[2, -1],
        policy="gradient_all_neg_inf",
    )
    yield draft(
        "infinite",
        "a row that holds +inf once",
        "infinite-logit",
        [[0, INF, 1], [0, 1, 2]],
        g=[2, -1],
        policy="pos_inf",
    )
    yield draft(
        "two-infinite", "a row that holds +inf twice", "infinite-logit", [[INF, 0, INF, -INF]], g=[3], policy="pos_inf"
    )
    z = [[0, 1, 2, NAN], [0, 1, 2, 3]]
    yield draft("nan", "a nan logit makes the gradient of its row nan", "nan-swallowed row-mixing", z, g=[1, 2])
    yield draft("nan-first", "a nan in front makes the row nan", "nan-swallowed", [[NAN, 1], [0, 1]], g=[1, 2])


def shapes(r: Range):
    """Single classes, long rows."""
    yield draft("column", "a single class has all of the cotangent", "single-class", [[3], [-r.over]], g=[1, -2])
    yield draft("one", "a single class in a single row", "single-class", [2.5], g=3)
    for width in (65, 127, 128, 129, 513, 1024):
        yield draft(f"{width}", f"two rows of {width} classes", "tail-elements", lattice((2, width)), g=[1, -3])
    long = lattice((65537,))
    yield draft("65537", "65537 classes exceed a 16-bit index", "tail-elements low-precision-sum", long, g=1000)


def precision(r: Range):
    """Differences that round, clips, sentinels."""
    third = [[1 / 3, -r.normal / 2 - 0.3, 0], [0.1, -r.normal / 3, 0.7]]
    yield draft("low-part", "z - max is not a number of the format", "low-part", third, g=[1, -2])
    apart = [[33, 32], [-104, -105]]
    yield draft("clip", "logits beyond the usual clips differ by 1", "clipped-input", apart, g=[1, 3])
    deep = -r.apart(20000, 2)
    yield draft("deep", "logits below -10000 differ", "finite-sentinel clipped-input", [deep, deep[::-1]], g=[1, 3])


SUM_VJP = [textbook, integers, cotangents, axes, shift, ties, tails, mask, limits, shapes, precision]
