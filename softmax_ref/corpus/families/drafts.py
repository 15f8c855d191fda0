"""A draft is a case before certification: inputs and what they are for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from softmax_ref.corpus.bounds import working_format
from softmax_ref.formats import Format

__all__ = ["BLOCKS", "Draft", "Family", "Labels", "Lattice", "Mask", "Range", "draft", "lattice"]


@dataclass(frozen=True)
class Lattice:
    """An input given by a recipe (see `softmax_ref.corpus.recipes`) and its shape."""

    recipe: dict
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Labels:
    """An input of class indices: integers in every format."""

    values: list


@dataclass(frozen=True)
class Mask:
    """An input of truth values: True keeps an entry."""

    values: list


@dataclass(frozen=True)
class Draft:
    """Inputs, what is true of them, what could go wrong.

    Attributes
    ----------
    slug, comment : str
        Name within the family; a fact in the present tense, at most 70 characters.
    flags : tuple of str
        What could go wrong here, keys of `softmax_ref.corpus.notes.NOTES`.
    inputs : dict of str to array_like, Lattice, Labels or Mask
        Values before they are rounded to the format.
    axis : int
        The axis of the slices.
    policy : str or None
        The question that this case asks, a key of `softmax_ref.corpus.policies.POLICIES`.
    parameters : dict of str to float
        Further keyword arguments, such as beta; numbers of the format.
    """

    slug: str
    comment: str
    flags: tuple[str, ...]
    inputs: dict = field(default_factory=dict)
    axis: int = -1
    policy: str | None = None
    parameters: dict[str, float] = field(default_factory=dict)


_CUBE = np.arange(8).reshape(2, 2, 2) * 3 % 7
_FOUR = np.arange(24).reshape(2, 3, 2, 2) * 5 % 11
BLOCKS = (
    ("cube-first", "the first axis of a cube", _CUBE, 0),
    ("cube-middle", "the middle axis of a cube", _CUBE, 1),
    ("four-second", "the second of four axes", _FOUR, 1),
    ("four-third", "the third of four axes", _FOUR, -2),
)
"""Slugs, comments, small whole numbers, axes: with equal sizes a wrong axis does not show in the shape."""

Family = Callable[["Range"], Iterator[Draft]]


def draft(
    slug: str, comment: str, flags: str, z, *, axis: int = -1, policy: str | None = None, parameters=None, **more
) -> Draft:
    """Return a draft with logits z; flags are separated by spaces, further inputs are keywords."""
    return Draft(slug, comment, tuple(flags.split()), {"z": z, **more}, axis, policy, parameters or {})


def lattice(shape, *, start=-64, step=1, multiplier=37, modulus=101, shift=3, put=()) -> Lattice:
    """Return a recipe whose numerators fit in eight bits, so that every format holds its values."""
    recipe = {"start": start, "step": step, "multiplier": multiplier, "modulus": modulus, "shift": shift}
    return Lattice(recipe | {"set": [list(pair) for pair in put]}, tuple(shape))


@dataclass(frozen=True)
class Range:
    """Where exp of a number leaves the range of a format, in whole numbers.

    Attributes
    ----------
    format : Format
        The format.
    """

    format: Format

    @property
    def over(self) -> int:
        """Largest integer whose exp is finite: 709, 88, 11, 88."""
        return math.floor(math.log(self.format.max))

    @property
    def normal(self) -> int:
        """exp(-normal) is still a normal number: 708, 87, 9, 87."""
        return math.floor(-self.format.emin * math.log(2))

    @property
    def under(self) -> int:
        """exp(-under) is still above the smallest subnormal: 744, 103, 16, 92."""
        return math.floor(-math.log(self.format.tiny))

    @property
    def work(self) -> Range:
        """The range of the format that computes: a wrong shift shows there, not in the narrow format."""
        return Range(working_format(self.format))

    @property
    def speck(self) -> float:
        """log of the unit roundoff: exp(speck) added to 1 is lost by rounding."""
        return math.log(self.format.unit_roundoff)

    def near(self, value: float, steps: int = 0) -> float:
        """Return the number of the format at value, so many ulp further."""
        start = float(self.format.cast(value))
        return start + steps * float(self.format.ulp(start))

    def apart(self, value: float, count: int) -> np.ndarray:
        """Return numbers from value upwards, at least 1 apart and all in the format."""
        return value + np.arange(count) * max(1.0, float(self.format.ulp(abs(value) * 1.01)))
