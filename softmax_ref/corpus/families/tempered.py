"""Families of energies: Boltzmann distributions, partition functions and free energies.

A coldness of 1 is the default and is not stored.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import BLOCKS, Draft, Range, lattice

__all__ = ["ARTICLE", "BOLTZMANN", "FREE_ENERGY", "MATRIX", "PARTITION", "small"]

ARTICLE = np.array([1.0, 2, 3, 4, 1, 2, 3])
MATRIX = [[1, 5], [2, 3], [4, 0.5]]
INF, NAN = np.inf, np.nan


def _states(slug: str, comment: str, flags: str, energies, beta: float | None = None, axis: int = -1) -> Draft:
    parameters = {} if beta is None else {"beta": beta}
    return Draft(slug, comment, tuple(flags.split()), {"energies": energies}, axis, None, parameters)


def textbook(r: Range):
    """A few plain energies."""
    yield _states("article-row", "the article's row as energies", "working-precision energy-sign", ARTICLE)
    yield _states("thirds", "energies that are no short fractions", "working-precision", np.arange(1, 9) / 3, 0.75)
    yield _states("two-level", "two levels one apart at coldness 2", "coldness energy-sign", [0, 1], 2.0)
    yield _states("negative", "negative energies are the probable ones", "energy-sign", [-3, -2.5, 1], 0.5)


def integers(r: Range):
    """Energies that an integer array can hold; the integer contract uses them too."""
    yield _states("one-two", "the energies 1 and 2 have odds of e", "working-precision energy-sign", [1, 2])
    yield _states("bytes", "the energies 0, 255, 3 fit an unsigned byte", "exp-overflow energy-sign", [0, 255, 3])


def coldness(r: Range):
    """Negative, small and large coldness."""
    yield _states("negative", "negative coldness favours high energies", "coldness", [0, 1, 3], -2.0)
    yield _states("hot", "a small coldness, no power of two", "coldness", ARTICLE, 0.1875)
    yield _states("cold", "a large coldness, no power of two", "coldness low-part", ARTICLE / 4, 7.0)
    yield _states("tenth", "a coldness next to 1/10", "coldness low-part", ARTICLE + 0.5, r.near(0.1))
    yield _states("tiny", "a coldness of 2^-10 for energies of hundreds", "coldness", [-500, 300, 0, 700], 2.0**-10)
    yield _states("large", "a coldness of 512 for energies 1/128 apart", "coldness", [0.25, 0.2578125], 512.0)


def zero(r: Range):
    """Coldness 0, where the free energy has no limit."""
    yield _states("finite", "at coldness 0 all states weigh the same", "coldness", [1, 2, 6, 5], 0.0)
    yield _states("infinite", "at coldness 0 a state of infinite energy is out", "coldness mask", [1, INF, -6], 0.0)


def degenerate(r: Range):
    """Equal energies."""
    yield _states("ground", "three states share the lowest energy", "ties", [1, 1, 2.5, 1])
    yield _states("all", "seven states of one energy", "ties", [0.1] * 7, 0.75)


def shift(r: Range):
    """The shift is by the lowest energy, wherever it stands."""
    far = 4.0 * r.work.over
    yield _states("lowest-first", "the lowest energy is far below the others", "wrong-shift", [0, far, far - 2])
    yield _states("lowest-last", "the lowest energy comes last", "wrong-shift", [far, far - 2, 0])
    yield _states("upside-down", "at coldness -1 the highest energy counts", "wrong-shift coldness", [far, 0, 2], -1.0)
    yield _states("near-1000", "a common offset of 1000 to all energies", "exp-underflow", r.apart(1000, 3))
    yield _states("near-minus-1000", "a common offset of -1000", "exp-overflow energy-sign", -r.apart(1000, 3))


def tails(r: Range):
    """Improbable states keep their digits."""
    yield _states("gap-14", "a gap of 14 leaves e^-14 to the higher state", "log-of-one epsilon", [0, 14])
    yield _states("half-range", "a gap of half the range of exp", "relative-accuracy", [0, r.normal // 2])


def subnormal(r: Range):
    """Probabilities below the smallest normal number."""
    yield _states("one", "the higher state's probability is subnormal", "subnormal-result", [0, r.normal + 2])
    steps = np.linspace(r.normal - 1, r.under - 1, 6)
    yield _states("ladder", "states step up through the subnormal range", "subnormal-result", [0, *steps])


def mask(r: Range):
    """States of infinite energy."""
    yield _states("one", "a state of infinite energy is never occupied", "mask", [0.5, 2, INF], 0.5)
    yield _states("minus", "at coldness -1 it is -inf that is out of reach", "mask coldness", [-INF, 0.5, 2], -1.0)
    yield _states("one-left", "the only state of finite energy", "mask", [INF, 3, INF])


def nan(r: Range):
    """Slices that hold nan."""
    rows = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]]
    yield _states("one-row", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", rows)


def shapes(r: Range):
    """One state, both axes of a matrix, long rows."""
    yield _states("one", "a single state", "single-class", [2.5], 2.0)
    column = [[small(r)], [20 * small(r)]]
    yield _states("tiny", "single states of almost no energy", "single-class subnormal-input", column)
    yield _states("rows", "the rows of a (3, 2) matrix", "axis energy-sign", MATRIX)
    yield _states("columns", "the columns of a (3, 2) matrix at coldness 3/4", "axis", MATRIX, 0.75, 0)
    for slug, comment, x, axis in BLOCKS:
        yield _states(slug, f"{comment} at coldness 3/8", "axis", x, 0.375, axis)
    yield _states("128", "two rows of 128 states", "tail-elements", lattice((2, 128)), 0.375)
    yield _states("129", "two rows of 129 states", "tail-elements", lattice((2, 129)), -0.375)


def small(r: Range) -> float:
    """Return a number that a flush of small results would set to 0."""
    return 2.0**-21 if r.work == r else 7 * r.format.tiny


def leaving(r: Range):
    """Sums near and past the ends of the range."""
    yield _states("large", "a sum next to the largest number", "exp-overflow", [1.5 - r.over, 3 - r.over])
    yield _states(
        "small", "a sum next to the smallest normal number", "relative-accuracy", [r.normal - 2, r.normal - 1]
    )
    yield _states(
        "medium", "a sum far inside the range", "relative-accuracy coldness", [r.normal // 2, 1 + r.normal // 2]
    )
    yield _states(
        "subnormal", "a sum of subnormal terms", "subnormal-result", [r.normal + 3, r.normal + 2, r.normal + 4]
    )
    yield _states("last", "a sum of a few smallest numbers", "subnormal-result", [r.under - 1, 3 * r.under])
    yield _states("overflow", "a sum past the largest number is infinite", "exp-overflow", [-2 * r.over, 0])
    yield _states("underflow", "a sum below all numbers is 0", "exp-underflow", [2 * r.under, 3 * r.under])


ALWAYS = [textbook, integers, degenerate, tails, mask, nan, shapes]
BOLTZMANN = [*ALWAYS, coldness, zero, shift, subnormal]
PARTITION = [*ALWAYS, coldness, zero, leaving]
FREE_ENERGY = [*ALWAYS, coldness, shift]
