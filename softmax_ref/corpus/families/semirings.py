"""Families of numbers of the log semiring: sums and products of pairs, sums of rows.

A coldness of 1 is the default and is not stored.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import BLOCKS, Draft, Range, lattice
from softmax_ref.corpus.families.tempered import ARTICLE, MATRIX, small

__all__ = ["ADD", "MULTIPLY", "SUM"]

INF, NAN = np.inf, np.nan


def _pair(slug: str, comment: str, flags: str, x, y, beta: float | None = None) -> Draft:
    parameters = {} if beta is None else {"beta": beta}
    return Draft(slug, comment, tuple(flags.split()), {"x": x, "y": y}, -1, None, parameters)


GRID = np.arange(-6, 6).reshape(3, 4) / 3


def add_textbook(r: Range):
    """Arguments of either sign at several coldnesses."""
    yield _pair("grid", "pairs of small numbers of either sign", "working-precision", GRID, GRID[::-1] + 0.75)
    for name, beta in (("half", 0.5), ("two", 2.0), ("eight", 8.0), ("three", 3.0), ("minus-two", -2.0)):
        yield _pair(name, f"pairs of small numbers at coldness {beta:g}", "coldness", GRID, GRID[::-1] + 0.75, beta)
    yield _pair("tenth", "pairs at a coldness next to 1/10", "coldness low-part", GRID + 4, GRID[::-1] + 5, r.near(0.1))


def add_equal(r: Range):
    """Equal arguments: the addition is not idempotent."""
    same = [1.5, -3, 100, 0]
    yield _pair("one", "a number added to itself grows by log 2", "ties", same, same)
    for name, beta in (("half", 0.5), ("eight", 8.0), ("minus-one", -1.0)):
        yield _pair(name, f"a number added to itself at coldness {beta:g}", "ties coldness", same, same, beta)


def add_far(r: Range):
    """Arguments far apart, or far from 0."""
    x, y = [700, -700, 0, 12], [-700, -699, 40, 0]
    yield _pair("far", "arguments beyond the range of exp", "exp-overflow exp-underflow", x, y)
    yield _pair(
        "far-cold", "exp of the product with beta overflows", "exp-overflow", [150, -150, 90], [149, -149, 0], 8.0
    )
    yield _pair("six-below", "arguments 4.5 and 6 below still count", "dropped-terms", [0.25, -6], [-4.25, 0])
    largest = r.format.max
    yield _pair(
        "largest", "the largest number and its negative", "exp-overflow infinite-difference", [largest], [-largest]
    )


def add_zero(r: Range):
    """-inf is the zero of the semiring."""
    yield _pair(
        "one",
        "-inf added to a number leaves it alone",
        "mask",
        [-INF, 2, -INF, -INF],
        [3.5, -INF, small(r), 20 * small(r)],
        2.0,
    )
    yield _pair("minus-one", "at coldness -1 the zero is +inf", "mask coldness", [INF, 2], [3.5, INF], -1.0)
    yield _pair("two", "the zero added to itself is the zero", "all-masked", [-INF], [-INF], 0.5)
    yield _pair("nan", "a nan is not swallowed by a larger number", "nan-swallowed", [NAN, 5], [3, NAN])


def pairs_of_integers(r: Range):
    """Numbers that an integer array can hold."""
    yield _pair("bytes", "numbers that fit an unsigned byte", "working-precision", [0, 255, 3, 100], [255, 254, 3, 0])
    yield _pair("signed-bytes", "numbers that fit a signed byte", "working-precision", [-100, 100, 0], [100, 99, -7])
    yield _pair("booleans", "numbers that are 0 or 1", "working-precision", [0, 1, 1, 0], [1, 1, 0, 0])


ADD = [add_textbook, pairs_of_integers, add_equal, add_far, add_zero]


def multiply_textbook(r: Range):
    """The product is a sum."""
    yield _pair("grid", "pairs of small numbers of either sign", "working-precision", GRID, GRID[::-1] + 0.75)
    yield _pair("equal", "a square doubles its logarithm", "working-precision", [1.5, -3, 100], [1.5, -3, 100])
    yield _pair("one", "the one of the semiring is 0", "working-precision", [2.5, 0, small(r)], [0, -7, 0])
    yield _pair("cancel", "a number and its inverse give the one", "low-part", [3.25, -100], [-3.25, 100])
    yield _pair("almost", "what is left of a cancellation is exact", "low-part", [r.near(3, 1), 3], [-3, -r.near(3, 1)])


def multiply_limits(r: Range):
    """Unlike sizes, the ends of the range, the zero."""
    u = r.format.unit_roundoff
    yield _pair("tie", "a product halfway between two numbers", "working-precision", [1, 1], [u, 3 * u])
    yield _pair("unlike", "the smaller factor is rounded away", "low-part", [1000, 1], [r.format.tiny, -u / 4])
    yield _pair(
        "overflow", "a product past the largest number is infinite", "exp-overflow", [r.format.max], [r.format.max]
    )
    yield _pair(
        "subnormal",
        "a subnormal product",
        "subnormal-result",
        [r.format.tiny * 9, r.format.tiny * 120],
        [-r.format.tiny * 2, -r.format.tiny * 20],
    )
    yield _pair("far", "factors whose exp is infinite or 0", "exp-overflow exp-underflow", [1000, -1000], [-992, -8])
    yield _pair("zero", "-inf absorbs every number", "mask", [-INF, 2, -INF], [3.5, -INF, -INF])
    yield _pair("nan", "a nan is not swallowed by the zero", "nan-swallowed", [NAN, -INF], [3, NAN])


MULTIPLY = [multiply_textbook, pairs_of_integers, multiply_limits]


def _row(slug: str, comment: str, flags: str, z, beta: float | None = None, axis: int = -1) -> Draft:
    parameters = {} if beta is None else {"beta": beta}
    return Draft(slug, comment, tuple(flags.split()), {"z": z}, axis, None, parameters)


def sum_textbook(r: Range):
    """The article's row at several coldnesses."""
    yield _row("article-row", "the article's row at coldness 1", "working-precision", ARTICLE)
    for name, beta in (("half", 0.5), ("two", 2.0), ("eight", 8.0), ("three", 3.0), ("minus-two", -2.0)):
        yield _row(name, f"the article's row at coldness {beta:g}", "coldness", ARTICLE, beta)
    yield _row("tenth", "the article's row at a coldness next to 1/10", "coldness low-part", ARTICLE, r.near(0.1))
    yield _row("equal", "seven equal numbers add log 7 / beta", "ties coldness", [0.1] * 7, 0.75)


def integers(r: Range):
    """Numbers that an integer array can hold; the integer contract uses them too."""
    yield _row("one-two", "the numbers 1 and 2 at coldness 2", "working-precision coldness", [1, 2], 2.0)
    yield _row("bytes", "the numbers 0, 255, 3 fit an unsigned byte", "exp-overflow", [0, 255, 3])
    yield _row("signed-bytes", "the numbers -100, 100 at coldness -1", "exp-overflow coldness", [-100, 100], -1.0)


def sum_limits(r: Range):
    """Offsets, the zero, nan."""
    far = 4.0 * r.work.over
    yield _row("far", "the maximum far above the other numbers", "wrong-shift", [0, far, far - 2])
    yield _row("far-minimum", "at coldness -1 the minimum counts", "wrong-shift coldness", [0, far, far - 2], -1.0)
    yield _row("near-1000", "a common offset of 1000", "exp-overflow", r.apart(1000, 3), 2.0)
    yield _row("near-minus-1000", "a common offset of -1000", "exp-underflow", -r.apart(1000, 3), 0.5)
    yield _row("far-below", "an offset of -1000 at coldness 2", "exp-underflow", -r.apart(1000, 3), 2.0)
    yield _row("zero", "-inf adds nothing", "mask", [-INF, 2, 1, -INF], 2.0)
    yield _row("upper-zero", "at coldness -1 it is +inf that adds nothing", "mask coldness", [INF, 2, 1], -1.0)
    rows = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]]
    yield _row("nan", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", rows, 0.5)


def sum_shapes(r: Range):
    """One number, both axes of a matrix, long rows."""
    yield _row("one", "a single number is its own sum", "single-class", [2.5], 0.5)
    column = [[small(r)], [20 * small(r)]]
    yield _row("tiny", "small numbers alone in their rows are their own sums", "single-class subnormal-input", column)
    yield _row("rows", "the rows of a (3, 2) matrix", "axis", MATRIX, 2.0)
    yield _row("columns", "the columns of a (3, 2) matrix at coldness 3", "axis", MATRIX, 3.0, 0)
    for slug, comment, z, axis in BLOCKS:
        yield _row(slug, f"{comment} at coldness 1/2", "axis", z, 0.5, axis)
    yield _row("nine", "the last of nine numbers counts most", "tail-elements", [0] * 8 + [3], 0.5)
    yield _row("128", "two rows of 128 numbers", "tail-elements", lattice((2, 128)), 0.5)
    yield _row("129", "two rows of 129 numbers", "tail-elements", lattice((2, 129)), 3.0)


SUM = [sum_textbook, integers, sum_limits, sum_shapes]
