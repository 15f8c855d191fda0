"""Derivatives of logarithms in the 8-bit formats: of log_softmax, logsumexp, logaddexp and the two-class functions."""

import numpy as np

from softmax_ref.corpus.families import log_gradients, log_tangents, pairs, partition_gradients, slopes
from softmax_ref.corpus.families.drafts import Draft, Range, draft
from softmax_ref.corpus.families.eight_bits import points
from softmax_ref.corpus.families.eight_bits.parts import each_exactly, gap, halves, of_tiny, steps
from softmax_ref.corpus.families.log_tangents import as_tangent

__all__ = ["LOG_JVP", "LOG_LOGISTIC", "LOG_VJP", "PAIRS", "PAIR_JVP", "PAIR_VJP", "SLOPES", "SUM_JVP", "SUM_VJP"]

Z, G = log_gradients.Z, log_gradients.G
SHORT = np.array([1.0, -2, 0.5, 3, -0.25, 1.5, -1])


def ranges(r: Range):
    """Logits and cotangents at the ends of the range, and small ones."""
    top, g = r.format.max, [[1, 0, 2], [0, 1, -3]]
    far = [[top, r.near(top, -1), top], [-top, -top, r.near(-top, 1)]]
    yield draft("top", "logits at both ends of the range", "exp-overflow exp-underflow", far, g=g)
    ends = [[top, -top], [-top, top]]
    yield draft(
        "whole-range", "the largest number beside its negative", "infinite-difference", ends, g=[[1, 2], [3, -1]]
    )
    z, g = [of_tiny(r, 5.5), of_tiny(r, 10.5)], [[1, 0], [2, 0]]
    yield draft("few", "probabilities of a few smallest numbers", "subnormal-result", z, g=g)
    z = [[4, 0, 0], [0, 4, 1]]
    yield draft("gap-4", "a gap of 4 leaves order e^-4", "gradient-cancellation", z, g=[[1, 0, 0], [0, -1, 0]])
    yield draft("large", "cotangents of size 64 scale the result", "gradient-scale", Z, g=64 * G)
    yield draft("small", "cotangents of size 1/8 scale the result", "gradient-scale", Z, g=G / 8)
    yield draft("equal", "equal logits weigh the same", "ties", [[0.5] * 4, [-7] * 4], g=G)
    z = [[3.5, -0.15625, -0.4375], [gap(r, 3.9)[1], 3, 0.15625]]
    yield draft("low-part", "z - max is not a number of the format", "low-part", z, g=[[1, 0, 0], [0, 0, 2]])


def sums(r: Range):
    """Cotangents whose sum is past the largest number."""
    top = r.format.max
    z, g = [[0, 0, 0, 0], [2, 0, 1, 0]], [[top, top, top, top], [top, -top, top, 0]]
    yield draft("largest", "four of the largest cotangents", "sum-overflow gradient-scale", z, g=g)
    z, g = [[0, 5], [1, 0]], [[top, 0], [top, top]]
    yield draft(
        "past", "a gradient past the largest number", "sum-overflow", [[0, 4, 4], [4, 0, 0]], g=[[-top, top, top]] * 2
    )
    yield draft("two-largest", "two of the largest cotangents", "sum-overflow gradient-scale", z, g=g)


def widths(r: Range):
    """Long rows, by recipe."""
    for width in (127, 128, 129, 513):
        z = halves((2, width), [(n, 12) for n in (0, width - 1, width, 2 * width - 1)])
        yield draft(f"{width}", f"two long rows of {width} classes", "tail-elements", z, g=steps((2, width)))


def lesser(r: Range):
    """The smaller class moves alone."""
    z = [of_tiny(r, 6), of_tiny(r, 11)]
    yield draft("few", "the smaller class moves alone", "relative-accuracy subnormal-result", z, v=[[0, 1], [0, -1]])


LOG_VJP = [*each_exactly(log_gradients.LOG_VJP), ranges, sums, widths]
LOG_JVP = [*each_exactly(log_tangents.LOG_JVP), as_tangent(ranges), as_tangent(widths), lesser]
SUM_JVP = [*each_exactly(log_tangents.SUM_JVP), as_tangent(ranges), as_tangent(widths), lesser]


def probabilities(r: Range):
    """Probabilities times one number a row."""
    top = r.format.max
    far = [[top, r.near(top, -1), top], [-top, -top, r.near(-top, 1)]]
    yield draft("top", "logits at both ends of the range", "exp-overflow exp-underflow", far, g=[2, -3])
    z = [of_tiny(r, 5.5), of_tiny(r, 10.5), of_tiny(r, 2.3)]
    yield draft("few", "probabilities of a few smallest numbers", "subnormal-result", z, g=[1, -1, 2])
    yield draft("largest", "the largest cotangents", "gradient-scale", [[0, 1], [2, 0]], g=[top, -top])
    yield draft("small", "cotangents of size 1/8", "gradient-scale", Z, g=[0.125, -0.375])
    yield draft("33", "33 equal classes share the cotangent", "low-precision-sum ties", [[1.5] * 33], g=[8])
    z = [[3.5, -0.15625, -0.4375], [gap(r, 3.9)[1], 3, 0.15625]]
    yield draft("low-part", "z - max is not a number of the format", "low-part", z, g=[1, 3])
    for width in (127, 128, 129, 513):
        z = halves((2, width), [(n, 12) for n in (0, width - 1, width, 2 * width - 1)])
        yield draft(f"{width}", f"two long rows of {width} classes", "tail-elements", z, g=[3, -2])


SUM_VJP = [*each_exactly(partition_gradients.SUM_VJP), probabilities]


def _pair(slug: str, comment: str, flags: str, x, y) -> Draft:
    return Draft(slug, comment, tuple(flags.split()), {"x": x, "y": y})


def couples(r: Range):
    """Pairs of every distance, at the ends of the range, and beside one another."""
    top = r.format.max
    yield _pair("grid", "pairs of halves of either sign", "working-precision", points.GRID, points.OTHER)
    yield _pair("same", "two equal numbers, far from 0 and near", "ties log-base", points.SAME, points.SAME)
    yield _pair(
        "ends", "the largest numbers of either sign", "exp-overflow", [top, -top, top, 0], [-top, top, top, -top]
    )
    apart = np.array([1, 2, 3, 4, 5, 6, 8, 10])
    yield _pair("apart", "gaps of 1 to 10 on either side", "log-of-one", [0] * 8 + [*-apart], [*-apart] + [0] * 8)
    high = [of_tiny(r, n) for n in (2.6, 6, 10.5)]
    x, y = np.array(high).T
    yield _pair("few", "shares of a few smallest numbers", "subnormal-result", [*x, *y], [*y, *x])
    yield _pair(
        "close", "neighbours on either side", "low-part", [3, r.near(3, 1), -1], [r.near(3, 1), 3, r.near(-1, 1)]
    )
    yield _pair("wide", "two rows of 129 numbers", "tail-elements", halves((2, 129)), steps((2, 129)))


def around_one(r: Range):
    """Pairs whose sum of exponentials is almost 1."""
    x, y = [-0.75, -4, -0.625], [-0.625, 0, -0.75]
    yield _pair("one", "sums of exponentials close to 1", "cancellation-in-logsumexp", x, y)
    yield _pair("beside", "a small negative number beside -8", "log-of-one", [-16 * r.format.tiny], [-8])


def smaller(r: Range):
    """The smaller of two numbers moves alone."""
    (a, b), (c, d) = of_tiny(r, 6), of_tiny(r, 11)
    inputs = {"x": [a, d], "y": [b, c], "vx": [0, 1], "vy": [1, 0]}
    yield Draft("few", "the smaller number moves alone", ("relative-accuracy", "subnormal-result"), inputs)


PAIRS = [*each_exactly(pairs.PAIRS), couples, around_one]
PAIR_VJP = [*each_exactly(pairs.PAIR_VJP), pairs.moved({"g": pairs.COTANGENTS}, couples)]
PAIR_JVP = [
    *each_exactly(pairs.PAIR_JVP),
    pairs.moved({"vx": pairs.COTANGENTS, "vy": pairs.TANGENTS}, couples),
    smaller,
]


LOG_LOGISTIC = [*each_exactly(slopes.LOG_LOGISTIC), *points.OWN, points.mirrored]


def _slope(slug: str, comment: str, flags: str, x, g=None) -> Draft:
    x = np.asarray(x, np.float64)
    return Draft(slug, comment, tuple(flags.split()), {"x": x, "g": np.resize(SHORT, x.shape) if g is None else g})


def arguments(r: Range):
    """Arguments of either sign: tails, far away, results of a few smallest numbers, near zero."""
    line = np.arange(1, 1 + min(r.normal, 8))
    both = np.concatenate([-line, line])
    yield _slope("tails", "both tails, with all their digits", "relative-accuracy gradient-cancellation", both)
    for at in (10, 20, 40):
        near = np.array([r.near(at, n) for n in range(-2, 3)])
        comment = f"no switch of formulas shows around {at} and -{at}"
        yield _slope(f"switch-{at}", comment, "threshold", [*near, *-near])
    far = np.array([12, 14, 96, 112, 384, r.format.max])
    yield _slope("far", "exp of the argument is past the range", "exp-overflow exp-underflow", [*far, *-far])
    counts = np.array([1.4, 2.8, 4.6, 6.5, 9.5, 12])
    x = np.unique(r.format.cast(np.log(counts * r.format.tiny)))
    yield _slope(
        "few", "slopes of a few smallest numbers", "subnormal-result", [*x, *-x], np.resize([1, -1], 2 * len(x))
    )
    yield _slope(
        "scaled-few",
        "slopes of a few smallest numbers, times 1 to 2",
        "subnormal-result",
        [-8, 8, -10, 10, -5, 5],
        [0.25, 0.25, 1.5, -1.5, 2, -2],
    )
    u = r.format.unit_roundoff * np.array([-4, -2, -1, -0.5, 0.5, 1, 2, 4])
    yield _slope("near-u", "arguments of the size of the unit roundoff", "working-precision", u)
    yield _slope(
        "subnormal", "subnormal arguments have the slope of 0", "subnormal-input", r.format.tiny * np.array([1, -1, 3])
    )
    top = r.format.max
    yield _slope("largest", "the largest cotangents", "gradient-scale", [0, 1, -1, 3], [top, -top, top, -top])
    yield _slope("small", "cotangents of size 1/8", "gradient-scale", [0.5, -0.5, 2, -2], [0.125, -0.125, 0.375, 0.25])
    for width in (127, 128, 129, 513):
        comment = f"{width} arguments and cotangents, no entry left out"
        yield Draft(f"{width}", comment, ("tail-elements",), {"x": halves((width,)), "g": steps((width,))})


SLOPES = [*each_exactly(slopes.SLOPES), arguments]
