"""Energies, action values and numbers of the log semiring in the 8-bit formats, at some coldness.

Parameters are numbers of both formats: powers of two, 3, 3/4, 3/8 and their like.
"""

import numpy as np

from softmax_ref.corpus.families import energies, policies, semirings, tempered
from softmax_ref.corpus.families.drafts import Draft, Range
from softmax_ref.corpus.families.eight_bits.parts import each_exactly, gap, halves, of_tiny

__all__ = ["BOLTZMANN", "CAPACITY", "ENERGY", "FREE_ENERGY", "OPERATOR", "PARTITION", "POLICY", "SUM"]


def _levels(slug: str, comment: str, flags: str, x, beta: float | None = None, axis: int = -1) -> Draft:
    parameters = {} if beta is None else {"beta": beta}
    return Draft(slug, comment, tuple(flags.split()), {"energies": x}, axis, None, parameters)


def offset(r: Range):
    """Energies at the ends of the range."""
    top = r.format.max
    ends = [top, r.near(top, -1), top, top]
    yield _levels("top", "four numbers at the top of the range", "exp-underflow variance-cancellation", ends)
    yield _levels("bottom", "four numbers at the bottom", "exp-overflow variance-cancellation", np.negative(ends))
    yield _levels("both", "the largest number and its negative", "infinite-difference", [top, -top])
    yield _levels("first-is-largest", "the light end comes first", "wrong-shift", [384, 0, 0, 2])


def equal(r: Range):
    """Equal energies."""
    yield _levels("five", "five equal values at coldness 3/4", "ties", [1.5] * 5, 0.75)
    yield _levels("33", "33 equal values", "ties low-precision-sum", [-0.5] * 33)


def frozen(r: Range):
    """Almost all the mass on one value: small means, variances and shares."""
    yield _levels("gap-4", "a gap of 4 leaves e^-4 to the higher value", "relative-accuracy log-of-one", [0, 4])
    yield _levels("two-gaps-6", "two gaps of 6 leave e^-6 each", "relative-accuracy subnormal-result", [0, 6, 6])
    yield _levels("two-gaps-10", "two gaps of 10 leave e^-10 each", "relative-accuracy log-of-one", [0, 10, 10])
    yield _levels("gap-8", "a gap of 8 leaves e^-8 to the higher value", "relative-accuracy", [8, 0])
    yield _levels("gap-12", "a gap of 12 leaves e^-12 to the higher value", "subnormal-result", [0, 12])
    yield _levels("three-gaps-16", "three gaps of 16 leave e^-16 each", "subnormal-result", [0, 16, 16, 16])


def low_part(r: Range):
    """Products and differences that are no numbers of the format."""
    z = [3.5, -0.15625, -0.4375]
    yield _levels("differences", "differences that are no numbers of the format", "low-part", z, 1.5)
    yield _levels("pair", "a product with beta that rounds", "low-part coldness", gap(r, 2.4), 0.875)


def widths(r: Range):
    """Long rows, by recipe."""
    for width, beta in ((127, 0.375), (128, -0.375), (129, None)):
        put = [(n, -12) for n in (0, width - 1, width, 2 * width - 1)]
        yield _levels(f"{width}", f"two rows of {width} values", "tail-elements", halves((2, width), put), beta)


def few(r: Range):
    """Probabilities of a few smallest numbers."""
    for name, count in (("ten", 10), ("five", 5), ("two", 2.3)):
        z = np.negative(of_tiny(r, count))
        yield _levels(name, f"a state with about {count:.0f} smallest numbers", "subnormal-result", z)


def leaving(r: Range):
    """Sums of exponentials near and past the ends of the range."""
    yield _levels("large", "a sum next to the largest number", "exp-overflow", [-r.over, -3])
    yield _levels("past", "a sum past the largest number", "exp-overflow", [-12, 0])
    yield _levels("far-past", "a sum past the range of binary32 too", "exp-overflow", [[-r.format.max, 1], [0, 1]])
    yield _levels("row-past", "one of three sums is past the largest number", "row-mixing", [[1, 2], [-14, 1], [0, 3]])
    yield _levels("few", "sums of a few smallest numbers", "subnormal-result", [[4.5, 5], [5, 5], [10, 10], [10, 8]])
    yield _levels("below", "a sum below all numbers is 0", "exp-underflow", [[12, 14], [24, 32]])


HELD = each_exactly(energies.ENERGY)
ENERGY = [*HELD, offset, equal, frozen, low_part, widths]
CAPACITY = ENERGY
OPERATOR = [
    *each_exactly([energies.as_logits(energies.integers, np.asarray)]),
    *(energies.as_logits(family, energies.negated) for family in ENERGY if family.__name__ != "integers"),
]

ALWAYS = [equal, frozen, low_part, widths]
BOLTZMANN = [*each_exactly(tempered.BOLTZMANN), *ALWAYS, offset, few]
PARTITION = [*each_exactly(tempered.PARTITION), *ALWAYS, leaving]
FREE_ENERGY = [*each_exactly(tempered.FREE_ENERGY), *ALWAYS, offset]


def _policy(slug: str, comment: str, flags: str, values, tau: float | None = None) -> Draft:
    return Draft(slug, comment, tuple(flags.split()), {"values": values}, -1, None, {} if tau is None else {"tau": tau})


def actions(r: Range):
    """Action values at temperatures of either side of 1."""
    top = r.format.max
    yield _policy("three", "a temperature of 3 divides with a remainder", "temperature low-part", [3.5, 7, 14, 10], 3.0)
    yield _policy("very-hot", "temperature 64 makes a weak preference", "temperature", [1, -3, 96], 64.0)
    yield _policy("very-cold", "temperature 1/64 overflows exp of q/tau", "exp-overflow", [3, 2, 3], 2.0**-6)
    yield _policy("cold", "temperature 3/8", "temperature", [[1, 0.5, 0.75], [3.5, 2, 3]], 0.375)
    yield _policy("top", "three values at the top of the range", "exp-overflow", [top, r.near(top, -1), top], 2.0)
    yield _policy("best-last", "the best action comes last, far above", "wrong-shift", [0, 384, 448])
    for name, count in (("ten", 10), ("five", 5), ("two", 2.3)):
        yield _policy(name, f"an action with about {count:.0f} smallest numbers", "subnormal-result", of_tiny(r, count))
    yield _policy("33", "33 equal actions", "ties low-precision-sum", [1.5] * 33, 3.0)


def action_rows(r: Range):
    """Long rows, by recipe."""
    for width, tau in ((127, None), (128, 0.5), (129, 3.0)):
        put = [(n, 12) for n in (0, width - 1, width, 2 * width - 1)]
        yield _policy(f"{width}", f"two rows of {width} actions", "tail-elements", halves((2, width), put), tau)


POLICY = [*each_exactly(policies.POLICY), actions, action_rows]


def _row(slug: str, comment: str, flags: str, z, beta: float | None = None) -> Draft:
    return Draft(slug, comment, tuple(flags.split()), {"z": z}, -1, None, {} if beta is None else {"beta": beta})


def rows(r: Range):
    """Rows of numbers of the log semiring."""
    top = r.format.max
    yield _row("equal", "seven equal numbers add log 7 / beta", "ties coldness", [0.5] * 7, 0.75)
    yield _row("33", "33 equal numbers add log 33", "ties low-precision-sum", [-3.5] * 33)
    yield _row("far", "the maximum far above the other numbers", "wrong-shift", [0, 384, 320])
    yield _row("far-minimum", "at coldness -1 the minimum counts", "wrong-shift coldness", [0, 384, 320], -1.0)
    yield _row("top", "three numbers at the top of the range", "exp-overflow", [top, top, r.near(top, -1)], 2.0)
    yield _row("bottom", "three numbers at the bottom", "exp-underflow", [-top, -top, r.near(-top, 1)], 0.5)
    yield _row("hot", "at a small coldness the sum is past the range", "coldness", [top] * 3, 4 * r.format.tiny)
    yield _row("close", "terms of e^-4, e^-6 and e^-10 beside one", "log-of-one", [[0, -4, -6], [0, -10, -10]])


def row_widths(r: Range):
    """Long rows, by recipe."""
    for width, beta in ((127, None), (128, 0.5), (129, 3.0)):
        put = [(n, 12) for n in (width - 1, width)]
        yield _row(f"{width}", f"two rows of {width} numbers", "tail-elements", halves((2, width), put), beta)


SUM = [*each_exactly(semirings.SUM), rows, row_widths]
