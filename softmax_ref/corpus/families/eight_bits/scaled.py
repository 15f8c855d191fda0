"""Softmax and its gradient at a coldness or a temperature in the 8-bit formats: one set of rows, read in both ways."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import wraps

from softmax_ref.corpus.families import coldness, scaled_gradients, temperatures
from softmax_ref.corpus.families.drafts import Draft, Family, Range, draft
from softmax_ref.corpus.families.eight_bits.parts import each_exactly, gap, halves, of_tiny, steps
from softmax_ref.corpus.families.gradients import G, Z

__all__ = ["BETA", "BETA_VJP", "TEMPERATURE", "TEMPERATURE_VJP"]


def _read_as(parameter: str, word: str, families: list[Callable]) -> list[Family]:
    """Return families whose drafts have a number of this name, which the comment tells."""

    def at(slug: str, comment: str, flags: str, z, value: float | None = None, **more) -> Draft:
        text = comment.format(f"{word} {Fraction(1 if value is None else value)}")
        return draft(slug, text, flags, z, parameters={} if value is None else {parameter: value}, **more)

    def bound(family: Callable) -> Family:
        return wraps(family)(lambda r: family(r, at))

    return [bound(family) for family in families]


def ends(r: Range, at: Callable) -> Iterator[Draft]:
    """Logits at the ends of the range."""
    top = r.format.max
    three = [top, r.near(top, -1), top]
    yield at("top", "two of three logits at the top share the mass at {}", "exp-overflow", three, 2.0)
    yield at("bottom", "two of three logits at the bottom at {}", "exp-underflow", [r.near(-top, 1)] * 2 + [-top], 0.5)
    yield at("whole-range", "the largest and its negative at {}", "scaled-overflow", [top, -top, top], 3.0)
    yield at("first-is-smallest", "the first logit lies far below two maxima", "wrong-shift", [0, 384, 384])


def few(r: Range, at: Callable) -> Iterator[Draft]:
    """Probabilities of a few smallest numbers."""
    for name, count in (("ten", 10), ("five", 5), ("two", 2.3)):
        yield at(name, f"a class with about {count:.0f} smallest numbers", "subnormal-result", of_tiny(r, count))


def sums(r: Range, at: Callable) -> Iterator[Draft]:
    """Many equal logits; products that are no numbers of the format; long rows."""
    yield at("33", "33 equal classes have 1/33 each at {}", "low-precision-sum ties", [1.5] * 33, 3.0)
    yield at("low-part", "differences and products that round at {}", "low-part", [3.5, -0.15625, -0.4375], 1.5)
    for width, value in ((127, None), (128, 0.5), (129, 3.0)):
        z = halves((2, width), [(n, 12) for n in (0, width - 1, width, 2 * width - 1)])
        yield at(f"{width}", f"two rows of {width} classes", "tail-elements", z, value)


def gradients(r: Range, at: Callable) -> Iterator[Draft]:
    """Gradients at the ends of the range, small ones, long rows."""
    top, scale = r.format.max, "gradient-scale"
    z, g = [[top, r.near(top, -1), top], [-top, -top, r.near(-top, 1)]], [[1, 0, 2], [0, 1, -1]]
    yield at("top", "logits at both ends of the range at {}", "exp-overflow exp-underflow", z, 2.0, g=g)
    yield at("large", "cotangents of size 64 at {}", scale, Z, 0.5, g=64 * G)
    yield at("small", "cotangents of size 1/8 at {}", scale, Z, 2.0, g=G / 8)
    yield at("offset", "an offset of 16 does not count at {}", "gradient-cancellation", Z, 0.75, g=4 * G + 16)
    z, g = [[0, 0, 0.25], [0.25, 0, 0]], [[top, -top, top], [-top, top, 0]]
    yield at("eighth", "cotangents at both ends of the range at {}", f"{scale} sum-overflow", z, 0.125, g=g)
    yield at("eight", "the same cotangents at {}", f"{scale} sum-overflow", z, 8.0, g=g)
    z = [of_tiny(r, 5.5), of_tiny(r, 10.5)]
    yield at("few", "gradients of a few smallest numbers", "subnormal-result", z, g=[[0, 1], [1, 0]])
    yield at("equal", "equal logits give the centred cotangent, scaled", "ties", [[0.5] * 4, [-7] * 4], 0.75, g=G)
    z = [[3.5, -0.15625, -0.4375], [gap(r, 3.9)[1], 3, 0.15625]]
    yield at("low-part", "z - max and its multiple round at {}", "low-part", z, 1.25, g=[[0, 1, -1], [1, 1, 0]])
    for width, value in ((127, None), (128, 0.5), (129, 0.75)):
        z = halves((2, width), [(n, 12) for n in (0, width - 1, width, 2 * width - 1)])
        yield at(f"{width}", f"two rows of {width} classes at {{}}", "tail-elements", z, value, g=steps((2, width)))


ROWS = [ends, few, sums]
BETA = [*each_exactly(coldness.BETA), *_read_as("beta", "coldness", ROWS)]
TEMPERATURE = [*each_exactly(temperatures.TEMPERATURE), *_read_as("temperature", "temperature", ROWS)]
BETA_VJP = [*each_exactly(scaled_gradients.BETA_VJP), *_read_as("beta", "coldness", [gradients])]
TEMPERATURE_VJP = [
    *each_exactly(scaled_gradients.TEMPERATURE_VJP),
    *_read_as("temperature", "temperature", [gradients]),
]
