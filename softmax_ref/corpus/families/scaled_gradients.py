"""Families for the gradient of softmax at a coldness or a temperature: one set of rows, read in both ways.

A scale that is a power of two is a coldness, and its reciprocal the temperature; another number is either. Cotangents
vary, and there are two rows, as in `gradients`.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import wraps

import numpy as np

from softmax_ref.corpus.bounds import is_power_of_two
from softmax_ref.corpus.families.drafts import Draft, Range, draft, lattice
from softmax_ref.corpus.families.gradients import G, Z

__all__ = ["BETA_VJP", "TEMPERATURE_VJP"]

INF, NAN = np.inf, np.nan
SIGN, SCALE = "gradient-sign", "gradient-scale"


def _coldness(slug: str, comment: str, flags: str, z, g, scale: float | None = None, **more) -> Draft:
    parameters = {} if scale is None else {"beta": scale}
    text = comment.format(f"coldness {Fraction(1 if scale is None else scale)}")
    return draft(slug, text, flags, z, g=g, parameters=parameters, **more)


def _temperature(slug: str, comment: str, flags: str, z, g, scale: float | None = None, **more) -> Draft:
    value = 1.0 if scale is None else 1 / scale if is_power_of_two(scale) else scale
    parameters = {} if scale is None else {"temperature": value}
    return draft(slug, comment.format(f"temperature {Fraction(value)}"), flags, z, g=g, parameters=parameters, **more)


def textbook(r: Range, at: Callable):
    """Small rows and plain cotangents."""
    yield at("default", "the gradient at the default {}", f"{SIGN} {SCALE}", Z, G)
    yield at("two", "two rows at {}", f"{SCALE} sticky-default", Z, G, 2.0)
    yield at("half", "the same two rows at {}", f"{SCALE} truncated-parameter", Z, G, 0.5)
    yield at("one", "at {}, given", f"{SIGN} sticky-default", [[0, 2], [3, 1]], [[1, 0], [0, 1]], 1.0)
    yield at("three-quarters", "two rows at {}, no power of 2", f"{SCALE} truncated-parameter", Z, G, 0.75)
    yield at("three-halves", "two rows at {}, above 1", f"{SCALE} truncated-parameter", Z, G, 1.5)
    yield at("again", "the gradient at the default {}, after others", "sticky-default", [[0, 1], [2, 0]], G[:, :2])
    one_hot = [[0, 0, 1, 0], [1, 0, 0, 0]]
    yield at("one-hot", "a one-hot cotangent at {} picks a row", f"{SIGN} {SCALE}", Z, one_hot, 2.0)


def remainders(r: Range, at: Callable):
    """Scales that multiply or divide with a remainder."""
    yield at("three", "a gradient at {}", f"{SCALE} low-part", Z, G, 3.0)
    yield at("tenth", "a gradient at a number next to 1/10", f"{SCALE} low-part", Z / 4, G, r.near(0.1))


def sign(r: Range, at: Callable):
    """Negative coldness turns the gradient."""
    yield at("minus-one", "the gradient at {}", f"{SIGN} coldness", Z, G, -1.0)
    yield at("minus-two", "the gradient at {}", f"{SIGN} coldness", Z, G, -2.0)
    yield at("minus-fraction", "the gradient at {}", f"{SIGN} coldness truncated-parameter", Z, G, -0.375)
    far = [[0, 4.0 * r.work.over, 2], [4.0 * r.work.over, 1, 0]]
    yield at("smallest-wins", "at {} the shift is by the smallest", "wrong-shift", far, [[1, 2, -1], [3, 1, 2]], -1.5)


def zero(r: Range, at: Callable):
    """At coldness 0 nothing depends on the logits."""
    yield at("finite", "at {} the gradient vanishes", "coldness-zero", Z, G, 0.0)
    far = [[r.format.max, -r.format.max], [0, 1]]
    yield at("whole-range", "at {} no difference is too large", "coldness-zero", far, [[1, 0], [0, 1]], 0.0)


def size(r: Range, at: Callable):
    """Gradients that are as large or as small as their scale."""
    e = min(100, r.format.emax - 3)
    z, g = np.array([[1, 2, 4], [0, -1, 3]]), [[1, 0, 2], [3, 1, -1]]
    yield at("huge", "tiny logits have a huge gradient", SCALE, z * 2.0**-e, g, 2.0**e)
    yield at("tiny", "huge logits have a tiny gradient", SCALE, z * 2.0**e, g, 2.0**-e)
    near = [[0.25, 0.2578125], [0.5, 0.5078125]]
    yield at("2-to-9", "logits 1/128 apart at {}", SCALE, near, [[1, -1], [2, 1]], 512.0)
    far = [[-500, 300, 0], [700, 0, 200]]
    yield at("2-to-minus-7", "logits of hundreds at {}", SCALE, far, g, 2.0**-7)


def square(r: Range, at: Callable):
    """As many rows as classes, and other axes than the last."""
    z, g = [[0, 1, 3], [2, 2, -1], [5, 0, 1]], [[1, 2, -3], [0, 4, 1], [-2, 1, 0]]
    yield at("rows", "a square cotangent is not transposed", "gradient-transposed axis", z, g, 2.0)
    yield at("columns", "a square cotangent along the first axis", "gradient-transposed axis", z, g, 0.5, axis=0)
    z, g = [[1, 5], [2, 3], [4, -1]], [[1, 0], [-2, 3], [0.5, 1]]
    yield at("tall", "the columns of a (3, 2) matrix have their own sums", "axis", z, g, 0.75, axis=0)
    yield at("wide", "the rows of a (3, 2) matrix have their own sums", "axis", z, g, 0.75)
    block = np.arange(12).reshape(2, 3, 2)
    yield at("middle", "the middle axis carries the sums", "axis", block * 5 % 7, block * 7 % 5 - 2, 2.0, axis=1)


def shift(r: Range, at: Callable):
    """A common offset, overflow, rows far apart."""
    g, up = [[1, 0, 2], [0, 1, -1]], r.apart(1000, 3)
    yield at("near-1000", "an offset of 1000 at {}", "exp-overflow", [up, up[::-1]], g, 0.75)
    yield at("near-minus-1000", "an offset of -1000 at {}", "exp-underflow", [-up, -up[::-1]], g, 2.0)
    big = r.format.max
    yield at("largest", "largest numbers at {}", "scaled-overflow", [[big, big, -big], [0, big, big]], g, 2.0)
    far = [[r.work.over, r.work.over - 1], [-r.work.under - 5, -r.work.under - 6]]
    yield at("far-apart", "each row has its own maximum", "global-shift row-mixing", far, [[1, 0], [0, 1]], 0.5)


def ties(r: Range, at: Callable):
    """Equal logits."""
    yield at("equal", "equal logits give the centred cotangent, scaled", "ties", [[0.1] * 4, [-7] * 4], G, 0.75)
    yield at("top", "two maxima share the weight of the mean", "ties", [[5, 1, 5, 0], [2, 2, -3, 2]], G, 3.0)


def dominant(r: Range, at: Callable):
    """One class with almost all the mass, where the gradient cancels."""
    gap, g = [[17, 0, 0], [0, 17, 1]], [[1, 0, 2], [2, 1, 0]]
    yield at("gap-34", "a gap of 17 at {}", "gradient-cancellation", gap, g, 2.0)
    yield at("gap-40", "a gap of 80 at {}", "gradient-cancellation", [[80, 0], [0, 80]], [[1, 0], [0, 2]], 0.5)


def tails(r: Range, at: Callable):
    """Small gradients whose digits matter."""
    t = r.normal // 4
    ladder = np.array([[0, -t, -2 * t, -3 * t], [-3 * t, -t, 0, -2 * t]])
    yield at("ladder", "small classes keep the digits of their gradient", "relative-accuracy", 2 * ladder, G, 0.5)
    rows = 2 * np.array([[0, -r.normal - 2, -r.under + 2], [-r.normal - 1, 0, -r.under + 3]])
    g = [[0, 1, 1], [1, -1, 1]]
    yield at("subnormal", "gradients in the subnormal range survive", "subnormal-result", rows, g, 0.5)
    far = [[1 / 3, -r.normal / 4 - 0.3, 0], [0.1, -r.normal / 5, 0.7]]
    yield at("low-part", "z - max and its multiple are rounded", "low-part", far, [[0, 1, -1], [1, 1, 0]], 1.25)


def cotangents(r: Range, at: Callable):
    """Cotangents that alternate, are large, tiny, or carry an offset."""
    z, g = [[0, 0.5, 0, 0.5], [1, 1.5, 1, 1.25]], [[1, -1, 1, -1], [-1, 1, -1, 1]]
    yield at("alternating", "cotangents of both signs cancel in the mean", "gradient-cancellation", z, g, 2.0)
    yield at("large", "cotangents of size 256 scale the gradient", SCALE, Z, 256 * G, 0.5)
    yield at("small", "cotangents of size 2^-8 scale the gradient", SCALE, Z, G / 256, 2.0)
    yield at("offset", "an offset of the cotangent does not count", "gradient-cancellation", Z, G / 4 + 8, 0.75)


def specials(r: Range, at: Callable):
    """Logits of -inf, and nan."""
    z = [[1, -INF, 3, 0], [-INF, 2, -INF, 4]]
    yield at("some", "a class with logit -inf has gradient exactly 0", "mask", z, G, 2.0)
    only = [[-INF, -INF, 3, -INF], [0, 1, -INF, -INF]]
    yield at("all-but-one", "the only finite logit has gradient 0", "mask", only, G, 0.5)
    rows = [[0, 1, 2, NAN], [0, 1, 2, 3]]
    yield at("nan", "a nan logit makes the gradient of its row nan", "nan-swallowed row-mixing", rows, G, 2.0)
    empty, g = [[-INF, -INF, -INF], [0, 1, 2]], [[1, 0, 2], [1, 0, -1]]
    policy = "gradient_all_neg_inf"
    yield at("empty", "a row of -inf leaves the other alone", "all-masked row-mixing", empty, g, 2.0, policy=policy)


def single(r: Range, at: Callable):
    """Slices of one entry."""
    yield at("column", "a single class has gradient 0", "single-class", [[3], [-r.over]], [[1], [-2]], 3.0)


def widths(r: Range, at: Callable):
    """Widths around a power of two, by recipe."""
    for width in (65, 127, 128, 129, 513):
        g = lattice((2, width), start=-3, multiplier=5, modulus=8, shift=0)
        scale = 0.75 if width % 2 else 0.5
        yield at(f"{width}", f"two rows of {width} classes, scaled", "tail-elements", lattice((2, width)), g, scale)


def _read_as(at: Callable, families: list) -> list:
    """Return families of a range alone, named as before."""

    def bound(family):
        return wraps(family)(lambda r: family(r, at))

    return [bound(family) for family in families]


EITHER = [textbook, remainders, size, square, shift, ties, dominant, tails, cotangents, specials, single, widths]
BETA_VJP = _read_as(_coldness, [*EITHER, sign, zero])
TEMPERATURE_VJP = _read_as(_temperature, EITHER)
