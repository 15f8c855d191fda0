"""Families for entmax and its gradient at alpha = 1, 1.5 and 2, stored as a parameter: softmax, between, sparsemax."""

import numpy as np

from softmax_ref.corpus.families.drafts import BLOCKS, Range, draft, lattice

__all__ = ["ENTMAX", "ENTMAX_VJP", "each"]

INF, NAN = np.inf, np.nan
ALPHAS = ((1.0, "one"), (1.5, "middle"), (2.0, "two"))
Z = np.array([[0.5, 0.25, 0, -2.5], [0, 0.25, -3, 0.5]])
G = np.array([[1.0, 0, -1, 2], [3, -2, 0, 1]])


def each(slug: str, comment: str, flags: str, z, **more):
    """Yield a draft for each alpha; the comment gets the value appended."""
    for alpha, name in ALPHAS:
        text = f"{comment}, alpha = {alpha:g}"
        yield draft(f"{slug}-alpha-{name}", text, flags, z, parameters={"alpha": alpha}, **more)


def small(r: Range):
    """Small rows."""
    yield from each("three", "three classes half a unit apart", "wrong-order wrong-support", [0.5, 1, 0])
    yield from each("four", "four classes with gaps below and above 1", "wrong-order wrong-support", [1.75, 0, 2, 0.5])
    yield from each("ties", "three equal classes above a fourth", "ties wrong-order", [2, 2, 2, 1.5])
    yield from each("single", "a single class has share 1", "single-class", [3])
    for name, least in (("low", 9), ("less-low", 80)):
        z = [0.25] * 4 + [least * 2.0**-24]
        yield from each(name, f"a {name} logit below four equal ones".replace("-", " "), "relative-accuracy", z)


def integers(r: Range):
    """Logits that an integer array can hold."""
    yield from each("bytes", "the logits 0, 255, 255 fit an unsigned byte", "no-shift", [0, 255, 255])
    yield from each("signed-bytes", "the logits -100, 100, 100 are 200 apart", "no-shift", [-100, 100, 100])


def gradient_integers(r: Range):
    """Logits that an integer array can hold, and cotangents of any kind."""
    g = [[1, 0.5, -2], [2, 0, -1]]
    yield from each("bytes", "logits that fit an unsigned byte", "no-shift", [[0, 255, 255], [3, 3, 0]], g=g)
    yield from each("signed-bytes", "logits that fit a signed byte", "no-shift", [[-100, 100, 100], [3, 3, 0]], g=g)


def shapes(r: Range):
    """Offsets, other axes, long rows."""
    z = 1000 + np.array([[0, 0.5, 0.25], [0.25, 0, 0.5]])
    yield from each("near-1000", "an offset of 1000 does not count", "no-shift exp-overflow", z)
    matrix = [[0.5, 1], [0.25, 1.5], [-1, 1.25]]
    yield from each("columns", "the columns of a (3, 2) matrix", "axis", matrix, axis=0)
    yield from each("rows", "the rows of a (3, 2) matrix", "axis", matrix)
    for slug, comment, z, axis in BLOCKS[1:3]:
        yield from each(slug, comment, "axis", z / 8, axis=axis)
    yield from each("129", "two rows of 129 classes", "tail-elements", lattice((2, 129), shift=9))


def special(r: Range):
    """-inf and nan."""
    rows = [[1, -INF, 0.5, -INF], [-INF, 0.25, -INF, 0.25]]
    yield from each("mask", "every row leaves out other classes", "mask row-mixing", rows)
    yield from each("nan", "a nan makes its row nan", "nan-swallowed row-mixing", [[0, NAN], [0, 0.25]])
    masked = [[-INF, -INF], [0, 0.25]]
    yield from each("all-masked", "a row of -inf beside another", "all-masked", masked, policy="all_neg_inf")


def gradients(r: Range):
    """Small rows and plain cotangents."""
    yield from each("ramp", "rows whose gradients add up to zero", "gradient-sign wrong-order", Z, g=G)
    large = [[1, -2, 0.5, 100], [1, 3, -100, 0.5]]
    yield from each("large", "large cotangents at small shares", "gradient-support wrong-order", Z, g=large)
    equal = [[0.1] * 4, [-7] * 4]
    yield from each("equal", "equal logits", "ties gradient-scale", equal, g=G)


def gradient_shapes(r: Range):
    """Offsets, other axes, long rows."""
    z, g = 1000 + np.array([[0, 0.5, 0.25], [0.25, 0, 0.5]]), [[1, 0, 2], [0, 1, -1]]
    yield from each("near-1000", "an offset of 1000", "no-shift exp-overflow", z, g=g)
    matrix, g = [[0.5, 1], [0.25, 1.5], [-1, 1.25]], [[1, 0], [-2, 3], [0.5, 1]]
    yield from each("columns", "the columns of a (3, 2) matrix", "axis", matrix, g=g, axis=0)
    yield from each("rows", "the rows of a (3, 2) matrix", "axis", matrix, g=g)
    for slug, comment, z, axis in BLOCKS[1:3]:
        yield from each(slug, comment, "axis", 3 * z / 32, g=z * 3 % 5 - 1.5, axis=axis)
    g = lattice((2, 129), start=-3, multiplier=5, modulus=8, shift=0)
    z = lattice((2, 129), step=2, modulus=53, shift=10)
    yield from each("129", "two rows of 129 classes", "tail-elements", z, g=g)
    tiny = 4 * r.format.tiny if r.format.precision < 24 else 2.0**-23
    for name, scale in (("tiny", tiny), ("small", 64 * r.format.tiny)):
        yield from each(name, f"{name} cotangents", "gradient-scale subnormal-result", Z, g=scale * G)


def special_gradients(r: Range):
    """-inf, nan, slices of one entry."""
    z = [[1, -INF, 0.75, 0.5], [-INF, 0.25, -INF, 0.5]]
    yield from each("mask", "a class with logit -inf has gradient 0", "mask", z, g=G)
    yield from each("nan", "a nan makes its row nan", "nan-swallowed", [[0, NAN], [0, 0.25]], g=[[1, 2], [1, 2]])
    yield from each("single", "a single class has gradient 0", "single-class", [[3], [-1000]], g=[[1], [-2]])
    masked, g = [[-INF, -INF], [0, 0.25]], [[1, 0], [1, -1]]
    yield from each(
        "all-masked", "a row of -inf beside another", "all-masked", masked, g=g, policy="gradient_all_neg_inf"
    )


ENTMAX = [small, integers, shapes, special]
ENTMAX_VJP = [gradients, gradient_integers, gradient_shapes, special_gradients]
