"""Gradients in the 8-bit formats: of softmax, and of the functions with a threshold.

Cotangents vary and come in two rows, as in the wider formats.
"""

from collections.abc import Callable

import numpy as np

from softmax_ref.corpus.families import entmax, gradients, sparse_gradients
from softmax_ref.corpus.families.drafts import Range, draft, lattice
from softmax_ref.corpus.families.eight_bits.parts import each_exactly, gap, halves, of_tiny, steps
from softmax_ref.corpus.families.sparse import spread_by

__all__ = ["ENTMAX_VJP", "JACOBIAN", "VJP", "sparse_vjp"]

Z, G = gradients.Z, gradients.G


def offsets(r: Range):
    """Logits and cotangents far from zero."""
    top, g = r.format.max, [[1, 0, 2], [0, 1, -1]]
    far = [[top, r.near(top, -1), top], [-top, -top, r.near(-top, 1)]]
    yield draft("top", "logits at both ends of the range", "exp-overflow exp-underflow", far, g=g)
    yield draft("past-threshold", "exp overflows in binary32 too", "exp-overflow", [[96, 96, 80], [80, 112, 112]], g=g)
    apart = [[14, 12], [-12, -14]]
    yield draft("far-apart", "each row has its own maximum", "global-shift row-mixing", apart, g=[[1, 0], [0, 1]])
    yield draft("cotangent", "an offset of 16 does not count", "gradient-cancellation", Z, g=4 * G + 16)


def ties(r: Range):
    """Equal logits."""
    yield draft("equal", "equal logits give the centred cotangent over K", "ties", [[0.5] * 4, [-7] * 4], g=G)


def dominant(r: Range):
    """One class with most of the mass, where the gradient cancels."""
    z = [[4, 0, 0], [0, 4, 1]]
    yield draft(
        "gap-4", "a gap of 4 leaves a gradient of order e^-4", "gradient-cancellation", z, g=[[1, 0, 2], [2, 1, 0]]
    )
    z = [[8, 0], [0, 8]]
    yield draft("gap-8", "a gap of 8 leaves a gradient of order e^-8", "gradient-cancellation", z, g=[[16, 0], [0, 24]])


def tails(r: Range):
    """Small gradients whose digits matter."""
    z = [[0, -1, -2, -3], [-3, -1, 0, -2]]
    yield draft("ladder", "small classes keep the digits of their gradient", "relative-accuracy epsilon", z, g=G)
    few, more = of_tiny(r, 5.5), of_tiny(r, 10.5)
    g = [[0, 1], [1, 0]]
    yield draft("subnormal", "gradients of a few smallest numbers survive", "subnormal-result", [few, more], g=g)


def sizes(r: Range):
    """Cotangents large, small, and at the ends of the range."""
    yield draft("large", "cotangents of size 64 scale the gradient", "gradient-scale", Z, g=64 * G)
    yield draft("small", "cotangents of size 1/8 scale the gradient", "gradient-scale", Z, g=G / 8)
    top = r.format.max
    z, g = [[0, 0, 1], [2, 1, 1]], [[top, -top, top], [-top, top, 0]]
    yield draft("largest", "cotangents at both ends of the range", "gradient-scale sum-overflow", z, g=g)


def widths(r: Range):
    """Widths around a power of two, by recipe."""
    for width in (127, 128, 129, 513):
        z = halves((2, width), [(n, 12) for n in (0, width - 1, width, 2 * width - 1)])
        comment = f"two rows of {width} classes and as many cotangents"
        yield draft(f"{width}", comment, "tail-elements low-precision-sum", z, g=steps((2, width)))


def low_part(r: Range):
    """Differences z - max that are no numbers of the format."""
    z = [[3.5, -0.15625, -0.4375], [gap(r, 3.9)[1], 3, 0.15625]]
    yield draft("differences", "z - max is not a number of the format", "low-part", z, g=[[0, 1, -1], [1, 1, 0]])


def ranges(r: Range):
    """Jacobians at the ends of the range, and where they cancel."""
    top = r.format.max
    yield draft("top", "two logits at the largest finite number are equal", "exp-overflow ties", [top] * 2)
    yield draft("whole-range", "the largest and its negative leave no gradient", "infinite-difference", [top, -top, 0])
    yield draft(
        "far-apart", "each matrix has its own maximum", "global-shift row-mixing", [[96, 96, 80], [-96, -96, -112]]
    )
    yield draft("three-equal", "equal logits give 2/9 on the diagonal, -1/9 beside", "ties", [0.5] * 3)
    yield draft("gap-4", "the diagonal entry at the peak is of order e^-4", "gradient-cancellation", [4, 0, 0])
    yield draft("gap-8", "a gap of 8 keeps the digits of the peak", "gradient-cancellation", [0, 8])
    yield draft("tails", "small entries keep their digits", "relative-accuracy epsilon", [0, -1.5, -2])
    yield draft("few", "entries of about 10 smallest numbers", "subnormal-result", of_tiny(r, 10))
    yield draft("fewer", "entries of about 5 smallest numbers survive", "subnormal-result", of_tiny(r, 5))
    yield draft("low-part", "z - max is not a number of the format", "low-part", [3.5, -0.15625, -0.4375])


def outside(r: Range, k: int):
    """A large cotangent where the gradient does not look."""
    large = [[1, -2, 0.5, 384], [1, 3, -384, 0.5]]
    z = k * sparse_gradients.Z
    yield draft("large", "a large cotangent outside the support does not count", "gradient-support", z, g=large)


def equal(r: Range, k: int):
    """Equal logits, and cotangents at both ends of the range."""
    yield draft("four", "equal logits give the centred cotangent", "ties", [[0.5] * 4, [-7] * 4], g=sparse_gradients.G)
    top = r.format.max
    ends = [[top, -top, -top, -top], [top, -top, top, -top]]
    yield draft(
        "largest",
        "a cotangent further from the mean than the largest number",
        "sum-overflow",
        [[k] * 4, [0] * 4],
        g=ends,
    )


def ends(r: Range, k: int):
    """Equal logits far up the range."""
    high, g = r.format.max / 4, [[1, 0, 3], [0, 1, -2]]
    z = [[high, 0, high], [high, high, high]]
    yield draft("two-high", "equal logits far up the range are all inside", "no-shift ties", z, g=g)


def scaled(r: Range, k: int):
    """Cotangents large, small and tiny."""
    z, g = k * sparse_gradients.Z, sparse_gradients.G
    yield draft("large", "cotangents of size 64 scale the gradient", "gradient-scale", z, g=64 * g)
    yield draft("small", "cotangents of size 1/8 scale the gradient", "gradient-scale", z, g=g / 8)
    tiny = 8 * r.format.tiny * np.sign(g)
    yield draft("tiny", "cotangents of 8 smallest numbers", "gradient-scale subnormal-result", z, g=tiny)


def long_rows(r: Range, k: int):
    """Long rows, by recipe."""
    for width in (129, 513):
        z = lattice((2, width), start=-8, modulus=17, shift=8 - k)
        yield draft(
            f"{width}", f"two rows of {width} classes and as many cotangents", "tail-elements", z, g=steps((2, width))
        )


def sparse_vjp(k: int) -> list[Callable]:
    """Return the families of a gradient with a threshold, with logits k times as far apart."""
    held = each_exactly(spread_by(k, sparse_gradients.SPARSE_VJP))
    return [*held, *spread_by(k, [outside, equal, ends, scaled, long_rows])]


def alphas(r: Range):
    """Small and tiny cotangents, and long rows, at each alpha."""
    g = entmax.G
    for name, scale in (("small", 1 / 8), ("large", 64)):
        yield from entmax.each(name, f"{name} cotangents", "gradient-scale", entmax.Z, g=scale * g)
    tiny = 8 * r.format.tiny * np.sign(g)
    yield from entmax.each("tiny", "tiny cotangents", "gradient-scale subnormal-result", entmax.Z, g=tiny)
    z = lattice((2, 129), start=-8, modulus=17, shift=6)
    yield from entmax.each("129", "two rows of 129 classes", "tail-elements", z, g=steps((2, 129)))
    yield from entmax.each("equal", "equal logits", "ties gradient-scale", [[0.5] * 4, [-7] * 4], g=g)


VJP = [*each_exactly(gradients.VJP), offsets, ties, dominant, tails, sizes, widths, low_part]
JACOBIAN = [*each_exactly(gradients.JACOBIAN), ranges]
ENTMAX_VJP = [*each_exactly(entmax.ENTMAX_VJP), alphas]
