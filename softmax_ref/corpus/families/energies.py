"""Families of energies at some coldness: mean energy, heat capacity, and the Boltzmann operator of the negated row.

A coldness of 1 is the default and is not stored.
"""

import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from softmax_ref.corpus.families.averages import MATRIX, gap_for, large_offset, subnormal
from softmax_ref.corpus.families.drafts import BLOCKS, Draft, Family, Lattice, Range, lattice

__all__ = ["CAPACITY", "ENERGY", "OPERATOR", "as_logits", "negated"]

ARTICLE = np.array([1.0, 2, 3, 4, 1, 2, 3])
INF, NAN = np.inf, np.nan


def _levels(slug: str, comment: str, flags: str, energies, beta: float | None = None, axis: int = -1) -> Draft:
    parameters = {} if beta is None else {"beta": beta}
    return Draft(slug, comment, tuple(flags.split()), {"energies": energies}, axis, None, parameters)


def textbook(r: Range):
    """A few plain values."""
    yield _levels("article-row", "the article's row of seven numbers", "working-precision weights-missing", ARTICLE)
    yield _levels("thirds", "values that are no short fractions", "working-precision", np.arange(1, 9) / 3, 0.75)
    yield _levels("two-level", "two values one apart at coldness 2", "coldness", [0, 1], 2.0)
    yield _levels("balanced", "opposite values almost cancel", "weights-missing coldness", [-1, 1], 0.25)


def integers(r: Range):
    """Values that an integer array can hold; the integer contract uses them too."""
    yield _levels("one-two", "the numbers 1 and 2", "working-precision", [1, 2])
    yield _levels("bytes", "the numbers 0, 255, 3 fit an unsigned byte", "exp-overflow weights-missing", [0, 255, 3])


def coldness(r: Range):
    """Negative, zero and large coldness."""
    yield _levels("negative", "negative coldness favours the other end", "coldness", [0, 1, 3], -2.0)
    yield _levels("zero", "at coldness 0 all values weigh the same", "coldness", [1, 2, 6, 5], 0.0)
    yield _levels("hot", "a small coldness, no power of two", "coldness", ARTICLE, 0.1875)
    yield _levels("cold", "a large coldness, no power of two", "coldness low-part", ARTICLE / 4, 7.0)


def degenerate(r: Range):
    """Equal values."""
    yield _levels("ground", "three equal values at the heavy end", "ties", [1, 1, 2.5, 1])
    yield _levels("all", "equal values have their own mean and no variance", "ties", [0.1] * 7, 0.75)


def schottky(r: Range):
    """Two levels, where the heat capacity peaks and on either side of it."""
    for name, x in (("before", 1.0), ("peak", 2.4), ("after", 6.0)):
        yield _levels(name, f"two levels {x} thermal units apart", "variance-cancellation", [0, r.near(x)])
    yield _levels("subnormal", "the variance is subnormal", "subnormal-result", [0, gap_for(2, subnormal(r))])
    if r.work != r:
        yield _levels(
            "last", "a variance of a few smallest numbers", "subnormal-result", [0, gap_for(2, 5 * r.format.tiny)]
        )
    yield _levels("below-zero", "two levels below zero, 2.4 units apart", "variance-cancellation", [-r.near(2.4), 0])


def offset(r: Range):
    """A common offset that squares must not see."""
    near = large_offset(r) / 64 + np.array([0, 0.5, 1.25, 0.25])
    yield _levels("moderate", "an offset whose square hides the variance", "variance-cancellation", near)
    far = large_offset(r) + np.array([0, 0.5, 1.25, 0.25])
    yield _levels("large", "a large offset whose square hides the variance", "variance-cancellation low-part", far)
    yield _levels("near-1000", "three numbers near 1000", "exp-overflow exp-underflow", r.apart(1000, 3))
    yield _levels("near-minus-1000", "three numbers near -1000", "exp-overflow exp-underflow", -r.apart(1000, 3))


def frozen(r: Range):
    """Almost all the mass on the value 0: small means and variances."""
    yield _levels("gap-14", "a gap of 14 leaves a result of order e^-14", "relative-accuracy", [0, 14])
    yield _levels("half-range", "a tiny result far inside the range", "relative-accuracy", [r.normal // 2, 0])
    yield _levels("subnormal", "the mean is a subnormal number", "subnormal-result", [0, gap_for(1, subnormal(r))])
    if r.work != r:  # where the weight itself keeps its digits
        yield _levels(
            "last", "the mean is a few smallest numbers", "subnormal-result", [0, gap_for(1, 5 * r.format.tiny)]
        )


def zeros(r: Range):
    """States of probability 0: what they hold does not count."""
    yield _levels("infinite", "an infinite value of probability 0", "zero-times-infinity mask", [0.5, 2, INF])
    yield _levels(
        "minus-infinite", "the other infinity, at coldness -1", "zero-times-infinity mask", [0.5, -INF, 2], -1.0
    )
    yield _levels("underflow", "a value whose weight underflows", "zero-times-infinity", [0.5, 2 * r.work.under, 1])
    yield _levels("one-left", "one finite value is its own mean", "zero-times-infinity mask", [INF, 3, INF])


def nan(r: Range):
    """Slices that hold nan."""
    rows = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]]
    yield _levels("one-row", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", rows)


def shapes(r: Range):
    """Slices of one entry, both axes of a matrix."""
    yield _levels("one", "a single value is its own mean, without variance", "single-class", [2.5])
    yield _levels("rows", "the rows of a (3, 2) matrix", "axis", MATRIX)
    yield _levels("columns", "the columns of a (3, 2) matrix at coldness 3/4", "axis", MATRIX, 0.75, 0)
    for slug, comment, x, axis in BLOCKS:
        yield _levels(slug, f"{comment} at coldness 3/8", "axis", x, 0.375, axis)


def widths(r: Range):
    """Long rows, by recipe."""
    yield _levels("nine", "the last of nine values weighs most", "tail-elements", [3] * 8 + [-1])
    yield _levels("128", "two rows of 128 values", "tail-elements", lattice((2, 128)), 0.375)
    yield _levels("129", "two rows of 129 values", "tail-elements", lattice((2, 129)))


def as_logits(family: Family, change: Callable) -> Family:
    """Hand over changed energies as logits."""

    @functools.wraps(family)
    def changed(r: Range):
        for each in family(r):
            yield replace(each, inputs={"z": change(each.inputs["energies"])})

    return changed


def negated(values):
    """Return -E: the mean of z = -E under softmax(z) is minus the mean energy."""
    if not isinstance(values, Lattice):
        return 0.0 - np.asarray(values, float)
    recipe = values.recipe
    put = [[i, -n] for i, n in recipe["set"]]
    return replace(values, recipe=recipe | {"start": -recipe["start"], "step": -recipe["step"], "set": put})


ENERGY = [textbook, integers, coldness, degenerate, offset, frozen, zeros, nan, shapes, widths]
CAPACITY = [*ENERGY, schottky]
OPERATOR = [as_logits(integers, np.asarray), *(as_logits(f, negated) for f in ENERGY if f is not integers)]
