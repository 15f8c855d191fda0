"""Families for the derivatives of the cross-entropy: a cotangent for each row, or a tangent for each logit."""

from collections.abc import Callable
from functools import wraps

import numpy as np

from softmax_ref.corpus.families.drafts import Draft, Labels, Lattice, Range, draft, lattice
from softmax_ref.corpus.families.losses import RAMP

__all__ = ["LOSS_JVP", "LOSS_VJP"]

INF, NAN = np.inf, np.nan
SIGN, SCALE = "gradient-sign", "gradient-scale"
SQUARE = [[0, 1, 3], [2, 2, -1], [5, 0, 1]]
PULLS = np.array([1.0, -2, 0.5, 3])
PUSHES = np.array([1.0, 0, -1, 2, 3, -2, 0.5])


def _vjp(slug: str, comment: str, flags: str, z, labels, smoothing: float | None = None, size: float = 1) -> Draft:
    """Pull back numbers that differ from row to row."""
    g = size * np.resize(PULLS, np.shape(labels))
    return draft(slug, comment, flags, z, labels=Labels(labels), g=g, parameters=_given(smoothing))


def _jvp(slug: str, comment: str, flags: str, z, labels, smoothing: float | None = None, size: float = 1) -> Draft:
    """Push forward a tangent that varies along each row and from row to row."""
    if isinstance(z, Lattice):
        # 7 numbers: a label that is cut to 8 bits meets another one.
        v = lattice(z.shape, start=-3, multiplier=3, modulus=7, shift=0)
    else:
        v = size * np.resize(PUSHES, np.shape(z))
    return draft(slug, comment, flags, z, labels=Labels(labels), v=v, parameters=_given(smoothing))


def _given(smoothing: float | None) -> dict[str, float]:
    return {} if smoothing is None else {"label_smoothing": smoothing}


def textbook(r: Range, at: Callable):
    """Small rows."""
    yield at("ramp", "a likely and an unlikely label", f"{SIGN} {SCALE} double-softmax", RAMP, [3, 1])
    yield at("each-label", "one row with each of its labels", f"label-index {SIGN}", [[1, 2, 4]] * 3, [0, 1, 2])
    yield at("two-classes", "two classes, both labels 0", f"label-index {SIGN}", [[0, 2], [3, 1]], [0, 0])
    thirds = np.arange(1, 9).reshape(2, 4) / 3
    yield at("thirds", "logits that are no short fractions", "working-precision loss-reduced", thirds, [0, 2])
    yield at("square", "as many rows as classes", "label-index gradient-transposed axis", SQUARE, [2, 0, 1])
    yield at("square-largest", "the largest class is the label", "label-index gradient-transposed", SQUARE, [2, 1, 0])


def sizes(r: Range, at: Callable):
    """What is pulled or pushed scales the derivative."""
    yield at("large", "numbers of size 256 scale the derivative", SCALE, RAMP, [3, 1], size=256)
    yield at("small", "numbers of size 2^-20 scale the derivative", SCALE, RAMP, [0, 2], size=2.0**-20)
    yield at("tiny", "a few smallest numbers", f"{SCALE} subnormal-result", RAMP, [3, 0], size=6 * r.format.tiny)
    yield at("smoothed", "so they do with smoothing", f"{SCALE} smoothing", RAMP, [1, 3], 0.25, size=2.0**-8)


def shift(r: Range, at: Callable):
    """Offsets, which cancel."""
    up = r.apart(1000, 3)
    yield at("near-1000", "an offset of 1000 cancels", "exp-overflow", [up, up[::-1]], [0, 1])
    yield at("near-minus-1000", "an offset of -1000 cancels", "exp-underflow", [-up, -up[::-1]], [1, 2])
    past = [[r.over + 1, r.over + 2], [r.over + 3, r.over]]
    yield at("past-threshold", "exp of every logit overflows", "exp-overflow", past, [0, 0])
    far = [[r.work.over, r.work.over - 1], [-r.work.under - 5, -r.work.under - 6]]
    yield at("far-apart", "each row has its own maximum", "global-shift row-mixing", far, [1, 0])


def confident(r: Range, at: Callable):
    """A label with almost all the mass: p - 1 cancels."""
    yield at("gap-8", "a gap of 8 leaves a derivative of order e^-8", SIGN, [[8, 0, 0], [0, 0, 8]], [0, 2])
    yield at("gap-17", "a gap of 17 leaves order e^-17", "gradient-cancellation", [[17, 0, 0], [0, 0, 17]], [0, 2])
    yield at("gap-40", "a gap of 40 leaves order e^-40", "gradient-cancellation", [[40, 0], [0, 40]], [0, 1])
    gap = r.normal // 2
    rows = [[0, -gap, -gap], [-gap, 0, -gap]]
    yield at("tail", "small derivatives keep their digits", "gradient-cancellation relative-accuracy", rows, [0, 1])
    yield at("mistaken", "a label without mass is pulled in full", SIGN, [[40, 0], [0, 40]], [1, 0])
    deep = 2.0 * r.work.under
    yield at("underflow", "the label's probability underflows", "exp-underflow", [[0, -deep], [-deep, 0]], [1, 0])


def tails(r: Range, at: Callable):
    """Classes beside the label whose digits matter."""
    t = r.normal // 4
    ladder = [[0, -t, -2 * t, -3 * t], [-3 * t, -t, 0, -2 * t]]
    yield at("ladder", "small classes keep the digits of their share", "relative-accuracy epsilon", ladder, [0, 2])
    rows = [[0, -r.normal - 2, -r.under + 1], [-r.normal - 1, 0, -r.under + 2]]
    yield at("subnormal", "shares in the subnormal range survive", "subnormal-result", rows, [0, 1])
    far = [[1 / 3, -r.normal / 2 - 0.3, 0], [0.1, -r.normal / 3, 0.7]]
    yield at("low-part", "z - max is not a number of the format", "low-part", far, [1, 2])


def ties(r: Range, at: Callable):
    """Equal logits."""
    yield at("equal", "equal logits have equal shares", "ties", [[0.1] * 4, [-7] * 4], [0, 3])
    yield at("top", "the label is one of two largest", "ties", [[5, 1, 5, 0], [2, 2, -3, 2]], [2, 0])


def smoothing(r: Range, at: Callable):
    """Targets that are spread over all classes."""
    yield at("eighth", "an eighth of the target is spread", "smoothing", RAMP, [3, 1], 0.125)
    yield at("half", "half of the target is spread", "smoothing truncated-parameter", RAMP, [0, 2], 0.5)
    yield at("all", "all of the target is spread, labels do not count", "smoothing", [[1, 2, 4]] * 3, [0, 1, 2], 1.0)
    yield at("none", "a smoothing of 0 that is given", "smoothing sticky-default", RAMP, [2, 3], 0.0)
    yield at("tenth", "a smoothing next to 1/10", "smoothing working-precision", RAMP / 3, [1, 0], r.near(0.1))
    yield at("default-again", "no smoothing after some", "sticky-default", [[0, 1, 3], [1, 0, 2]], [1, 1])
    yield at("two-classes", "a quarter is spread over two classes", "smoothing", [[0, 2], [3, 1]], [0, 0], 0.25)
    yield at("confident", "a smoothed label with all the mass", "smoothing", [[40, 0, 0], [0, 40, 0]], [0, 1], 0.125)
    yield at("equal", "at equal logits the spread part cancels", "smoothing ties", [[1] * 3, [2] * 3], [0, 2], 0.25)


def specials(r: Range, at: Callable):
    """Logits of -inf, and nan."""
    rows = [[1, -INF, 3], [-INF, 2, 0]]
    yield at("elsewhere", "-inf beside the label has no share", "mask target-infinity", rows, [2, 1])
    yield at("at-label", "a label with logit -inf is pulled in full", "mask", rows, [1, 0])
    yield at("smoothed", "-inf has a target of its own with smoothing", "smoothing mask", rows, [2, 1], 0.125)
    yield at("only-label", "the only finite logit has derivative 0", "mask", [[-INF, 3], [0, -INF]], [1, 0])
    nans = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]]
    yield at("nan", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", nans, [0, 2, 1])


def shapes(r: Range, at: Callable):
    """One class, no batch, two batch axes."""
    yield at("one", "one row of one class", "single-class", [[2.5]], [0])
    yield at("column", "rows of one class have derivative 0", "single-class", [[3], [-7.5], [0]], [0, 0, 0])
    yield at("row", "a row without a batch", f"{SIGN} loss-reduced", [1, 2, 3, 4, 1, 2, 3], 4)
    block = np.arange(24).reshape(2, 3, 4) * 5 % 7
    yield at("block", "two batch axes and their labels", "label-index axis", block, [[0, 1, 2], [3, 2, 1]])


def widths(r: Range, at: Callable):
    """Widths around a power of two and past 8 bits, by recipe."""
    for width in (127, 128, 129):
        comment = f"two rows of {width} classes, the last one a label"
        yield at(f"{width}", comment, "tail-elements label-index", lattice((2, width)), [width - 1, width // 2])
    yield at("513", "labels past 8 bits", "tail-elements label-index", lattice((2, 513)), [256, 512])
    yield at("513-smoothed", "513 smoothed targets", "tail-elements smoothing", lattice((2, 513)), [0, 511], 0.5)


def offsets(r: Range, at: Callable):
    """A common part of the tangent has no effect."""
    labels = Labels([3, 1])
    v = np.resize(PUSHES, (2, 4)) / 4 + 8
    yield draft("plain", "an offset of the tangent does not count", "gradient-cancellation", RAMP, labels=labels, v=v)
    more = {"labels": labels, "v": v, "parameters": {"label_smoothing": 0.25}}
    yield draft("smoothed", "nor does it with smoothing", "gradient-cancellation smoothing", RAMP, **more)
    picked = [[0, 0, 0, 1], [1, 0, 0, 0]]
    yield draft("one-hot", "a one-hot tangent picks a part of the gradient", SIGN, RAMP, labels=labels, v=picked)


def _read_as(at: Callable, families: list) -> list:
    """Return families of a range alone, named as before."""

    def bound(family):
        return wraps(family)(lambda r: family(r, at))

    return [bound(family) for family in families]


EITHER = [textbook, sizes, shift, confident, tails, ties, smoothing, specials, shapes, widths]
LOSS_VJP = _read_as(_vjp, EITHER)
LOSS_JVP = _read_as(_jvp, [*EITHER, offsets])
