"""Arguments of the elementwise functions in the 8-bit formats, and pairs of the log semiring."""

import numpy as np

from softmax_ref.corpus.families import scalars, semirings
from softmax_ref.corpus.families.drafts import Draft, Range
from softmax_ref.corpus.families.eight_bits.parts import each_exactly, halves

__all__ = ["ADD", "GRID", "MULTIPLY", "OTHER", "OWN", "SAME", "SCALARS", "mirrored"]


def _points(slug: str, comment: str, flags: str, x) -> Draft:
    return Draft(slug, comment, tuple(flags.split()), {"x": x})


def tails(r: Range):
    """Both tails, as far as results are normal numbers."""
    steps = np.arange(1, 1 + min(r.normal, 8))
    yield _points("left", "the left tail falls like e^x with all its digits", "relative-accuracy epsilon", -steps)
    yield _points("right", "the right tail reaches its limit", "log-of-one", steps)
    ulps = [r.near(-3.0, n) for n in range(-2, 3)]
    yield _points("left-ulps", "five neighbours around -3", "relative-accuracy", ulps)


def thresholds(r: Range):
    """Where libraries switch formulas."""
    for at in (10, 20, 40):
        around = np.array([r.near(at, n) for n in range(-2, 3)])
        yield _points(f"switch-{at}", f"no switch of formulas shows near {at}", "threshold", around)
        yield _points(f"switch-minus-{at}", f"no switch of formulas shows near -{at}", "threshold", -around)


def overflow(r: Range):
    """Far beyond the largest argument of exp, in the format and in binary32."""
    far = [12, 14, 96, 112, 384, r.format.max]
    yield _points("right", "exp(x) is past the range, the function is not", "exp-overflow", far)
    yield _points("left", "exp(-x) is past the range, the function is not", "exp-overflow", np.negative(far))


def subnormal(r: Range):
    """Results of a few smallest subnormal numbers, and subnormal arguments."""
    counts = np.array([1.4, 2.8, 4.6, 6.5, 9.5, 12])
    x = np.unique(r.format.cast(np.log(counts * r.format.tiny)))
    yield _points("results", "results of a few smallest numbers", "subnormal-result", x)
    arguments = r.format.tiny * np.array([1, -1, 3, -7])
    yield _points("arguments", "arguments of a few smallest numbers", "subnormal-input", arguments)


def small(r: Range):
    """Arguments near zero."""
    u = r.format.unit_roundoff * np.array([-4, -2, -1, -0.5, 0.5, 1, 2, 4])
    yield _points("near-u", "arguments of the size of the unit roundoff", "working-precision", u)


def widths(r: Range):
    """Long arrays, by recipe."""
    for width in (127, 128, 129, 513, 65537):
        yield _points(f"{width}", f"{width} arguments, no entry left out", "tail-elements", halves((width,)))


def clip(r: Range):
    """Arguments beyond the usual clipping ranges."""
    yield _points("right", "large arguments are told apart", "clipped-input", [28, 32, 48, 56, 80, 96])


def mirrored(r: Range):
    """Small results on the right, where log_logistic and the rest of logistic have them."""
    counts = np.array([1.4, 2.8, 4.6, 6.5, 9.5, 12])
    x = np.unique(r.format.cast(-np.log(counts * r.format.tiny)))
    yield _points("results", "results of a few smallest numbers on the right", "subnormal-result log-of-one", x)


OWN = [tails, thresholds, overflow, subnormal, small, widths, clip]
SCALARS = [*each_exactly(scalars.SCALARS), *OWN]


def _pair(slug: str, comment: str, flags: str, x, y, beta: float | None = None) -> Draft:
    parameters = {} if beta is None else {"beta": beta}
    return Draft(slug, comment, tuple(flags.split()), {"x": x, "y": y}, -1, None, parameters)


GRID = np.arange(-6, 6).reshape(3, 4) / 2
OTHER = np.array([[1.0, -3, 0.5, 2], [-0.5, 3, -2, 0], [1.5, -1, 2.5, -2.5]])
SAME = [1.5, -3, 96, 0]


def sums(r: Range):
    """Pairs at several coldnesses; at a small one the largest numbers add up past the range."""
    for name, beta in (("plain", None), ("half", 0.5), ("two", 2.0), ("three", 3.0), ("minus-two", -2.0)):
        comment = f"pairs of halves of either sign at coldness {beta or 1:g}"
        yield _pair(name, comment, "coldness working-precision", GRID, OTHER, beta)
    yield _pair("same", "a number added to itself grows by log 2", "ties", SAME, SAME)
    yield _pair("same-cold", "a number added to itself at coldness 8", "ties coldness", SAME, SAME, 8.0)
    top = r.format.max
    yield _pair("far", "the largest numbers of either sign", "exp-overflow infinite-difference", [top, -top], [-top, 0])
    x, y = [96, -96, 12], [88, -104, 14]
    yield _pair("cold", "exp of the product with beta overflows", "exp-overflow", x, y, 8.0)
    yield _pair(
        "hot", "at a small coldness the sum is past the range", "coldness", [top, 1], [top, 2], 4 * r.format.tiny
    )
    x, y = [0, 0, -7, 4], [-3.5, -4, -7, 5]
    yield _pair("close", "sums next to one of their terms", "log-of-one relative-accuracy", x, y)
    few = r.format.tiny * np.array([6, 10])
    yield _pair("few", "a term of a few smallest numbers beside nothing", "subnormal-input", few, [-96, -112], 2.0)


def products(r: Range):
    """The product is a sum."""
    yield _pair("grid", "pairs of halves of either sign", "working-precision", GRID, OTHER)
    yield _pair("square", "a square doubles its logarithm", "working-precision", SAME, SAME)
    yield _pair("inverse", "a number and its inverse give the one", "low-part", [3.5, -96], [-3.5, 96])
    x, y = [r.near(3, 1), 3], [-3, -r.near(3, 1)]
    yield _pair("almost", "what is left of a cancellation is exact", "low-part", x, y)
    u, tiny, top = r.format.unit_roundoff, r.format.tiny, r.format.max
    yield _pair("tie", "a product halfway between two numbers", "working-precision", [1, 1], [u, 3 * u])
    yield _pair("unlike", "the smaller factor is rounded away", "low-part", [384, 1], [tiny, -u / 4])
    yield _pair("past", "a product past the largest number", "exp-overflow", [top, -top, 1], [top, -top, 2])
    few = tiny * np.array([6, 12, 7])
    yield _pair("few", "products of a few smallest numbers", "subnormal-result", few, tiny * np.array([-4, -6, 3]))


ADD = [*each_exactly(semirings.ADD), sums]
MULTIPLY = [*each_exactly(semirings.MULTIPLY), products]
