"""Families for the vector-Jacobian product and the Jacobian.

With a constant cotangent the gradient is 0 whatever its sign, and with one row a wrong axis goes unseen:
cotangents vary, and every case but the single class has at least two rows.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import BLOCKS, Range, draft, lattice

__all__ = ["JACOBIAN", "VJP"]

INF, NAN = np.inf, np.nan
Z = np.array([[1.0, 2, 3, 4], [0, 0, 1, -1]])
G = np.array([[1.0, 0, -1, 2], [3, -2, 0, 1]])


def textbook(r: Range):
    """Small rows and plain cotangents."""
    yield draft("ramp", "the gradient of each row adds up to zero", "gradient-sign gradient-scale", Z, g=G)
    yield draft(
        "one-hot",
        "a one-hot cotangent picks a row of the Jacobian",
        "gradient-sign gradient-scale",
        Z,
        g=[[0, 0, 1, 0], [1, 0, 0, 0]],
    )
    yield draft(
        "two-classes", "two classes have opposite gradients", "gradient-sign", [[0, 2], [3, 1]], g=[[1, 0], [0, 1]]
    )


def integers(r: Range):
    """Logits that an integer array can hold."""
    g = [[1, -2, 0.5], [2, 0, -1]]
    yield draft(
        "bytes", "the logits of both rows fit an unsigned byte", "exp-overflow", [[254, 255, 3], [2, 0, 1]], g=g
    )
    yield draft("booleans", "logits that are 0 or 1, as truth values are", "gradient-sign", [[1, 0, 1], [0, 0, 1]], g=g)


def square(r: Range):
    """As many rows as classes: a transposed cotangent fits, and is wrong."""
    z, g = [[0, 1, 3], [2, 2, -1], [5, 0, 1]], [[1, 2, -3], [0, 4, 1], [-2, 1, 0]]
    yield draft("rows", "a square cotangent is not transposed", "gradient-transposed axis", z, g=g)
    yield draft("columns", "a square cotangent along the first axis", "gradient-transposed axis", z, g=g, axis=0)


def axes(r: Range):
    """Other axes than the last."""
    z, g = [[1, 5], [2, 3], [4, -1]], [[1, 0], [-2, 3], [0.5, 1]]
    yield draft("columns", "the columns of a (3, 2) matrix have their own sums", "axis", z, g=g, axis=0)
    yield draft("rows", "the rows of a (3, 2) matrix have their own sums", "axis", z, g=g)
    block = np.arange(12).reshape(2, 3, 2)
    yield draft(
        "middle", "the middle axis of three carries the sums", "axis", block * 5 % 7, g=block * 7 % 5 - 2, axis=1
    )
    for slug, comment, z, axis in BLOCKS:
        yield draft(slug, f"{comment} carries the sums", "axis", z, g=z * 3 % 5 - 1.5, axis=axis)


def shift(r: Range):
    """A common offset, overflow, rows far apart."""
    yield draft(
        "near-1000",
        "the gradient does not see a common offset of 1000",
        "exp-overflow",
        [r.apart(1000, 3), r.apart(1000, 3)[::-1]],
        g=[[1, 0, 2], [0, 1, -1]],
    )
    yield draft(
        "near-minus-1000",
        "the gradient does not see an offset of -1000",
        "exp-underflow",
        [-r.apart(1000, 3), -r.apart(1000, 3)[::-1]],
        g=[[1, 0, 2], [0, 1, -1]],
    )
    yield draft(
        "past-threshold",
        "exp of every logit overflows without a shift",
        "exp-overflow",
        [[r.over + 1, r.over + 2], [r.over + 3, r.over]],
        g=[[1, -1], [2, 0]],
    )
    yield draft(
        "far-apart",
        "each row has its own maximum",
        "global-shift row-mixing",
        [[r.work.over, r.work.over - 1], [-r.work.under - 5, -r.work.under - 6]],
        g=[[1, 0], [0, 1]],
    )


def ties(r: Range):
    """Equal logits."""
    yield draft("equal", "equal logits give the centred cotangent over K", "ties", [[0.1] * 4, [-7] * 4], g=G)
    yield draft("top-tie", "two maxima share the weight of the mean", "ties", [[5, 1, 5, 0], [2, 2, -3, 2]], g=G)


def dominant(r: Range):
    """One class with almost all the mass, where the gradient cancels."""
    yield draft(
        "gap-17",
        "a gap of 17 leaves a gradient of order e^-17",
        "gradient-cancellation",
        [[17, 0, 0], [0, 17, 1]],
        g=[[1, 0, 2], [2, 1, 0]],
    )
    yield draft(
        "gap-40",
        "a gap of 40 leaves a gradient of order e^-40",
        "gradient-cancellation",
        [[40, 0], [0, 40]],
        g=[[1, 0], [0, 2]],
    )
    yield draft(
        "peak",
        "the gradient at the peak is the small rest of 1 - p",
        "gradient-cancellation",
        [[0, r.speck - 1, r.speck], [r.speck, 0, r.speck]],
        g=[[1, 0, -1], [0, 1, 3]],
    )


def tails(r: Range):
    """Small gradients whose digits matter."""
    t = r.normal // 4
    yield draft(
        "ladder",
        "small classes keep the digits of their gradient",
        "relative-accuracy epsilon",
        [[0, -t, -2 * t, -3 * t], [-3 * t, -t, 0, -2 * t]],
        g=G,
    )
    yield draft(
        "subnormal",
        "gradients in the subnormal range survive",
        "subnormal-result",
        [[0, -r.normal - 2, -r.under + 1], [-r.normal - 1, 0, -r.under + 2]],
        g=[[0, 1, 1], [1, -1, 1]],
    )


def cotangents(r: Range):
    """Cotangents that alternate, are large, tiny, or carry an offset."""
    yield draft(
        "alternating",
        "cotangents of both signs almost cancel in the mean",
        "gradient-cancellation",
        [[0, 0.5, 0, 0.5], [1, 1.5, 1, 1.25]],
        g=[[1, -1, 1, -1], [-1, 1, -1, 1]],
    )
    yield draft("large", "cotangents of size 256 scale the gradient", "gradient-scale", Z, g=256 * G)
    yield draft("tiny", "cotangents of size 2^-8 scale the gradient", "gradient-scale", Z, g=G / 256)
    yield draft("offset", "an offset of the cotangent does not count", "gradient-cancellation", Z, g=G / 4 + 8)


def mask(r: Range):
    """Some logits are -inf."""
    z = [[1, -INF, 3, 0], [-INF, 2, -INF, 4]]
    yield draft("some", "a class with logit -inf has gradient exactly 0", "mask", z, g=G)
    only = [[-INF, -INF, 3, -INF], [0, 1, -INF, -INF]]
    yield draft("all-but-one", "the only finite logit has gradient 0", "mask", only, g=G)


def all_masked(r: Range):
    """A row of -inf alone."""
    z = [[-INF, -INF, -INF], [0, 1, 2]]
    yield draft(
        "one-row",
        "a row of -inf leaves its neighbour's gradient alone",
        "all-masked row-mixing",
        z,
        g=[[1, 0, 2], [1, 0, -1]],
        policy="gradient_all_neg_inf",
    )


def nan(r: Range):
    """A row that holds nan."""
    z = [[0, 1, 2, NAN], [0, 1, 2, 3]]
    yield draft("one-row", "a nan logit makes the gradient of its row nan", "nan-swallowed row-mixing", z, g=G)


def single(r: Range):
    """Slices of one entry."""
    yield draft("column", "a single class has gradient 0", "single-class", [[3], [-r.over]], g=[[1], [-2]])


def widths(r: Range):
    """Widths around a power of two and past 16 bits, by recipe."""
    for width in (65, 127, 128, 129, 513, 1024):
        g = lattice((2, width), start=-3, multiplier=5, modulus=8, shift=0)
        yield draft(
            f"{width}", f"two rows of {width} classes and as many cotangents", "tail-elements", lattice((2, width)), g=g
        )
    g = lattice((65537,), start=-3, multiplier=5, modulus=8, shift=0)
    yield draft(
        "65537", "65537 classes exceed a 16-bit index", "tail-elements low-precision-sum", lattice((65537,)), g=g
    )


def low_part(r: Range):
    """Differences z - max that are no numbers of the format."""
    yield draft(
        "far-third",
        "z - max is not a number of the format",
        "low-part",
        [[1 / 3, -r.normal / 2 - 0.3, 0], [0.1, -r.normal / 3, 0.7]],
        g=[[0, 1, -1], [1, 1, 0]],
    )


def small_matrices(r: Range):
    """Jacobians of small rows and of batches."""
    yield draft("two-by-two", "the Jacobian of two classes has p(1 - p) four times", "gradient-sign", [1, 0])
    yield draft(
        "article-row",
        "the Jacobian of the article's row has rank six",
        "gradient-sign gradient-scale",
        [1, 2, 3, 4, 1, 2, 3],
    )
    yield draft("one-two-eight", "a dominant class has a small diagonal entry", "gradient-cancellation", [1, 2, 8])
    yield draft("batch", "a batch of rows gives a batch of matrices", "row-mixing axis", [[1, 2, 3], [0, 5, -1]])
    yield draft(
        "square-batch",
        "three rows of three logits give three matrices",
        "row-mixing gradient-transposed",
        [[0, 1, 3], [2, 2, -1], [5, 0, 1]],
    )
    yield draft(
        "deep-batch", "leading axes are kept in order", "row-mixing axis", np.arange(12).reshape(2, 3, 2) * 5 % 7
    )


def matrix_ranges(r: Range):
    """Jacobians at the ends of the range, and where they cancel."""
    yield draft("near-1000", "a common offset of 1000 leaves the Jacobian alone", "exp-overflow", r.apart(1000, 3))
    yield draft("near-minus-1000", "a common offset of -1000 leaves it alone", "exp-underflow", -r.apart(1000, 3))
    yield draft(
        "past-threshold", "exp of every logit overflows without a shift", "exp-overflow", [r.over + 1, r.over + 2]
    )
    yield draft(
        "far-apart",
        "each matrix has its own maximum",
        "global-shift row-mixing",
        [[r.work.over, r.work.over - 1], [-r.work.under - 5, -r.work.under - 6]],
    )
    yield draft("two-largest", "logits at the largest finite number are equal", "exp-overflow ties", [r.format.max] * 2)
    yield draft("three-equal", "equal logits give 2/9 on the diagonal, -1/9 beside", "ties", [0.1] * 3)
    yield draft("gap-17", "the diagonal entry at the peak is of order e^-17", "gradient-cancellation", [17, 0, 0])
    yield draft("gap-40", "the peak keeps its digits where 1 - p is lost", "gradient-cancellation", [0, 40])
    yield draft(
        "tails", "small entries keep their digits", "relative-accuracy epsilon", [0, -(r.normal // 5), -(r.normal // 4)]
    )
    yield draft(
        "subnormal", "entries in the subnormal range survive", "subnormal-result", [0, -r.normal - 2, -r.under + 1]
    )
    yield draft("low-part", "z - max is not a number of the format", "low-part", [1 / 3, -r.normal / 2 - 0.3, 0])


def matrix_specials(r: Range):
    """Jacobians of one class, of -inf and of nan."""
    yield draft("single", "a single class has the Jacobian 0", "single-class", [5])
    yield draft("mask", "a class with logit -inf has zero row and column", "mask", [1, -INF, 2])
    yield draft("all-but-one", "the only finite logit has a zero matrix", "mask", [-INF, 3, -INF])
    yield draft("nan", "a nan logit makes the whole matrix nan", "nan-swallowed", [0, NAN, 1])
    yield draft(
        "nan-in-batch", "a nan in one row leaves the other matrix alone", "nan-swallowed row-mixing", [[0, NAN], [0, 1]]
    )
    yield draft(
        "all-masked",
        "a row of -inf leaves its neighbour's matrix alone",
        "all-masked row-mixing",
        [[-INF, -INF], [0, 1]],
        policy="gradient_all_neg_inf",
    )


VJP = [
    *(textbook, integers, square, axes, shift, ties, dominant, tails, cotangents, mask, all_masked, nan, single),
    *(widths, low_part),
]
JACOBIAN = [small_matrices, matrix_ranges, matrix_specials]
