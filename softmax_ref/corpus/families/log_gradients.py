"""Families for the derivatives of log_softmax: the gradient g_i - p_i sum g, the tangent v_i - sum_j p_j v_j.

The two are transposes of one another and differ on every row that is not uniform. A cotangent that sums to 0 hides
the probabilities, a constant tangent gives 0, a single row hides the axis: most cases avoid all three, and some are
made of one of them.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import Range, draft, lattice

__all__ = ["BOTH", "LOG_VJP", "G", "Z", "huge"]

INF, NAN = np.inf, np.nan
Z = np.array([[1.0, 2, 3, 4], [0, 0, 1, -1]])
G = np.array([[1.0, 0, -1, 2], [3, -2, 0, 1]])


def huge(r: Range) -> list[float]:
    """Return offsets of growing size, up to half the largest number."""
    wanted = [1e4, 1e8, 1e10, 1e16, 1e30, 1e50, 1e300]
    return [x for x in wanted if x < r.format.max / 2] + [r.format.max / 2]


def textbook(r: Range):
    """Small rows and plain cotangents."""
    yield draft("ramp", "two rows whose cotangents have other sums", "gradient-sign gradient-scale", Z, g=G)
    yield draft(
        "loss",
        "the loss of the true class has the gradient p minus one-hot",
        "gradient-sign gradient-scale",
        Z,
        g=[[0, 0, -1, 0], [-1, 0, 0, 0]],
    )
    yield draft(
        "one-hot",
        "a one-hot cotangent picks a row of the Jacobian",
        "gradient-sign gradient-scale",
        Z,
        g=[[0, 1, 0, 0], [0, 0, 0, 1]],
    )
    yield draft(
        "thirds",
        "neither logits nor cotangents are short fractions",
        "working-precision",
        np.array([[-4, -1, 2, 5], [3, 0, 1, -2]]) / 3,
        g=np.array([[0.1, 0.7, -0.3, 1.1], [1.3, -0.9, 0.2, 0.6]]),
    )
    yield draft(
        "constant", "a constant cotangent gives 1 - K p, which is no 0", "gradient-sign", Z, g=[[1] * 4, [-2] * 4]
    )


def integers(r: Range):
    """Logits and cotangents that an integer array can hold."""
    yield draft("one-two", "the logits 1 and 2, cotangents 3 and 1", "working-precision", [1, 2], g=[3, 1])
    yield draft("bytes", "the logits 0, 255, 3 fit an unsigned byte", "exp-overflow", [0, 255, 3], g=[1, 2, 5])
    yield draft("signed-bytes", "the logits -100, 100 fit a signed byte", "exp-overflow", [-100, 100], g=[3, -1])


def sums(r: Range):
    """Cotangents whose sum is 0, or almost."""
    yield draft(
        "zero",
        "a cotangent that sums to 0 is its own gradient",
        "gradient-cancellation",
        Z,
        g=[[1, -3, 0.5, 1.5], [2, -1, -1, 0]],
    )
    rest = 32 * r.format.unit_roundoff
    yield draft(
        "almost-zero",
        "the sum of the cotangents is a small rest",
        "gradient-cancellation",
        Z,
        g=[[1, -1, rest, 0], [-1, rest, 0, 1]],
    )
    yield draft(
        "large-and-small",
        "large cotangents cancel and leave the sum of the small",
        "gradient-cancellation",
        Z,
        g=[[64, -64, 0.5, 0], [0.5, 64, -64, 0.25]],
    )
    yield draft("large", "cotangents of size 256 scale the gradient", "gradient-scale", Z, g=256 * G)
    yield draft("tiny", "cotangents of size 2^-8 scale the gradient", "gradient-scale", Z, g=G / 256)


def square(r: Range):
    """As many rows as classes: a transposed cotangent fits, and is wrong."""
    z, g = [[0, 1, 3], [2, 2, -1], [5, 0, 1]], [[1, 2, -1], [0, 4, 1], [-2, 1, 0]]
    yield draft("rows", "a square cotangent is not transposed", "gradient-transposed axis", z, g=g)
    yield draft("columns", "a square cotangent along the first axis", "gradient-transposed axis", z, g=g, axis=0)


def axes(r: Range):
    """Other axes than the last."""
    z, g = [[1, 5], [2, 3], [4, -1]], [[1, 0], [-2, 3], [0.5, 1]]
    yield draft("columns", "the columns of a (3, 2) matrix have their own sums", "axis", z, g=g, axis=0)
    yield draft("rows", "the rows of a (3, 2) matrix have their own sums", "axis", z, g=g)
    block = np.arange(12).reshape(2, 3, 2)
    yield draft(
        "middle", "the middle axis of three carries the sums", "axis", block * 5 % 7, g=block * 7 % 5 - 1, axis=1
    )
    yield draft("first", "the first axis of three carries the sums", "axis", block * 5 % 7, g=block * 7 % 5 - 1, axis=0)


def shift(r: Range):
    """A common offset, overflow, rows far apart."""
    near, few = [r.apart(1000, 3), r.apart(1000, 3)[::-1]], [[1, 0, 2], [0, 1, -3]]
    yield draft("near-1000", "no derivative sees a common offset of 1000", "exp-overflow", near, g=few)
    yield draft("near-minus-1000", "no derivative sees an offset of -1000", "exp-underflow", -np.array(near), g=few)
    yield draft(
        "past-threshold",
        "exp of every logit overflows without a shift",
        "exp-overflow",
        [[r.over + 1, r.over + 2], [r.over + 3, r.over]],
        g=[[1, -2], [2, 0]],
    )
    yield draft(
        "far-apart",
        "each row has its own maximum",
        "global-shift row-mixing",
        [[r.work.over, r.work.over - 1], [-r.work.under - 5, -r.work.under - 6]],
        g=[[1, 0], [0, 1]],
    )
    yield draft(
        "hundreds",
        "logits of either sign, hundreds apart",
        "exp-overflow",
        [[-431, 279, 427], [-1047, -981, 1891]],
        g=[[-1, 0, 0], [-1, 0, 0]],
    )
    pairs = [[x, x] for x in huge(r)]
    yield draft(
        "huge",
        "two equal logits of any size share the mass",
        "exp-overflow rounded-logsumexp",
        pairs,
        g=np.resize([1.0, -0.5, 0, 3, 2, 0], (len(pairs), 2)),
    )
    yield draft(
        "whole-range",
        "the largest number beside its negative",
        "infinite-difference",
        [[r.format.max, -r.format.max], [-r.format.max, r.format.max]],
        g=[[1, 2], [3, -1]],
    )


def ties(r: Range):
    """Equal logits."""
    yield draft("equal", "equal logits subtract the plain mean", "ties", [[0.1] * 4, [-7] * 4], g=G)
    yield draft("top-tie", "two maxima have one and the same probability", "ties", [[5, 1, 5, 0], [2, 2, -3, 2]], g=G)


def dominant(r: Range):
    """One class with almost all the mass."""
    yield draft(
        "right-17",
        "a confident right answer, e^-17 from certain",
        "gradient-cancellation relative-accuracy",
        [[17, 0, 0], [0, 17, 1]],
        g=[[1, 0, 0], [0, -1, 0]],
    )
    yield draft(
        "right-40",
        "a confident right answer, e^-40 from certain",
        "gradient-cancellation relative-accuracy",
        [[40, 0], [0, 40]],
        g=[[1, 0], [0, 2]],
    )
    third = 37.42994775023705
    yield draft(
        "tail",
        "1 - p of the top class lies below one ulp of 1",
        "gradient-cancellation",
        [[third, 0], [0, third]],
        g=[[1, 0], [0, 1]],
    )
    yield draft("wrong-40", "a confident wrong answer", "gradient-sign", [[40, 0], [0, 40]], g=[[0, 1], [-1, 0]])
    yield draft(
        "peak",
        "beside the peak stand two classes of the unit roundoff",
        "gradient-cancellation",
        [[0, r.speck - 1, r.speck], [r.speck, 0, r.speck]],
        g=[[1, 0, -1], [0, 1, 3]],
    )


def tails(r: Range):
    """Small probabilities whose digits matter, or whose exp underflows."""
    t = r.normal // 4
    yield draft(
        "ladder",
        "small classes stand on a ladder down the normal range",
        "relative-accuracy epsilon",
        [[0, -t, -2 * t, -3 * t], [-3 * t, -t, 0, -2 * t]],
        g=[[1, 0, 0, 0], [0, 0, 2, 0]],
    )
    yield draft(
        "subnormal",
        "probabilities are subnormal",
        "subnormal-result",
        [[0, -r.normal - 2, -r.under + 1], [-r.normal - 1, 0, -r.under + 2]],
        g=[[1, 0, 0], [0, 1, 0]],
    )
    below = 2 * r.work.under
    yield draft(
        "vanished",
        "a class whose exp underflows is no 0/0",
        "divided-by-probability",
        [[0, -200], [-below, 0], [0, -10 * below]],
        g=[[0, 1], [2, 0], [1, -3]],
    )


def mask(r: Range):
    """Some logits are -inf: probability 0, but a cotangent and a tangent of their own."""
    z = [[1, -INF, 3, 0], [-INF, 2, -INF, 4]]
    yield draft("some", "a class with logit -inf keeps its own entry", "mask", z, g=G + 1)
    only = [[-INF, -INF, 3, -INF], [0, 1, -INF, -INF]]
    yield draft("all-but-one", "one finite logit has all the mass", "mask", only, g=G + 1)
    yield draft(
        "zero", "a 0 at a logit of -inf stays a number", "mask", [[-INF, 0, 0], [1, -INF, 2]], g=[[0, 1, 0], [1, 0, 3]]
    )


def all_masked(r: Range):
    """A row of -inf alone."""
    yield draft(
        "one-row",
        "a row of -inf leaves its neighbour alone",
        "all-masked row-mixing",
        [[-INF, -INF, -INF], [0, 1, 2]],
        g=[[1, 0, 2], [1, 0, -3]],
        policy="gradient_all_neg_inf",
    )


def nan(r: Range):
    """A row that holds nan."""
    z = [[0, 1, 2, NAN], [0, 1, 2, 3]]
    yield draft("one-row", "a nan logit makes its row nan", "nan-swallowed row-mixing", z, g=G)
    z = [[NAN, 1, 2, 0], [0, 1, 2, 3]]
    yield draft("first", "a nan in front makes its row nan", "nan-swallowed row-mixing", z, g=G)


def single(r: Range):
    """Slices of one entry."""
    yield draft("column", "a single class has derivative 0", "single-class", [[3], [-r.over]], g=[[1], [-2]])
    yield draft("one", "a single class in a single row", "single-class", [2.5], g=[3])


def widths(r: Range):
    """Widths around a power of two and past 16 bits, by recipe."""
    for width in (65, 127, 128, 129, 513, 1024):
        g = lattice((2, width), start=-3, multiplier=5, modulus=8, shift=0)
        yield draft(f"{width}", f"two rows of {width} classes", "tail-elements", lattice((2, width)), g=g)
    ones = lattice((65537,), start=1, step=0, shift=0, put=[(0, 3), (65536, -2)])
    flags = "tail-elements low-precision-sum sum-overflow"
    yield draft("65537", "65537 classes, almost all with cotangent 1", flags, lattice((65537,)), g=ones)


def low_part(r: Range):
    """Differences z - max that are no numbers of the format."""
    yield draft(
        "far-third",
        "z - max is not a number of the format",
        "low-part",
        [[1 / 3, -r.normal / 2 - 0.3, 0], [0.1, -r.normal / 3, 0.7]],
        g=[[1, 0, 0], [0, 0, 2]],
    )


def clip(r: Range):
    """Logits beyond the usual clipping ranges, and below usual masks."""
    g = [[1, 0], [0, 3]]
    yield draft("ranges", "logits beyond the usual clips differ by 1", "clipped-input", [[33, 32], [-104, -105]], g=g)
    deep = -r.apart(20000, 2)
    yield draft("deep", "logits below -10000 differ", "finite-sentinel clipped-input", [deep, deep[::-1]], g=g)


BOTH = [integers, square, axes, shift, ties, dominant, tails, mask, all_masked, nan, single, widths, low_part, clip]
"""Families whose second array may as well be a tangent."""
LOG_VJP = [textbook, sums, *BOTH]
