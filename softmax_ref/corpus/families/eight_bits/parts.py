"""What families for the 8-bit formats are made of: an e4m3fn number has four bits and no infinity, an e5m2 number three."""

from collections.abc import Callable, Iterator
from functools import cache, wraps

import numpy as np

from softmax_ref.corpus.families.drafts import Draft, Family, Labels, Lattice, Mask, Range, lattice
from softmax_ref.corpus.recipes import build_recipe
from softmax_ref.formats import Format, get_format

__all__ = ["each_exactly", "exactly", "gap", "halves", "of_tiny", "steps", "where_infinite"]


def exactly(family: Family) -> Family:
    """Keep the drafts of a family that are the same in binary64, with numbers that the format holds as they are.

    What is said of them is then as true as it is there.
    """

    def wanted(r: Range, draft: Draft) -> bool:
        return all(_held(x, r.format) for x in _numbers(draft)) and repr(draft) in _of_binary64(family)

    return _keep(family, wanted)


@cache
def _of_binary64(family: Family) -> frozenset[str]:
    return frozenset(map(repr, family(Range(get_format("binary64")))))


def each_exactly(families: list[Family]) -> list[Family]:
    """Return families that keep what the format holds."""
    return [exactly(family) for family in families]


def where_infinite(family: Family) -> Family:
    """Keep the drafts of a family in a format with infinities."""
    return _keep(family, lambda r, draft: r.format.infinity)


def _keep(family: Family, wanted: Callable[[Range, Draft], bool]) -> Family:
    @wraps(family)
    def kept(r: Range) -> Iterator[Draft]:
        return (draft for draft in family(r) if wanted(r, draft))

    return kept


def _numbers(draft: Draft) -> Iterator[np.ndarray | list]:
    for x in draft.inputs.values():
        if not isinstance(x, (Labels, Mask)):
            yield build_recipe(x.recipe, x.shape) if isinstance(x, Lattice) else x
    yield list(draft.parameters.values())


def _held(values, fmt: Format) -> bool:
    values = np.asarray(values, np.float64)
    return np.array_equal(fmt.cast(values), values, equal_nan=True)


def halves(shape, put=()) -> Lattice:
    """Return a recipe of multiples of 1/2 from -4 to 4; pairs of `put` are in halves too."""
    return lattice(shape, start=-8, modulus=17, shift=1, put=put)


def steps(shape) -> Lattice:
    """Return a recipe of the whole numbers from -3 to 4, as cotangents."""
    return lattice(shape, start=-3, multiplier=5, modulus=8, shift=0)


def gap(r: Range, distance: float) -> list[float]:
    """Return two numbers of the format this far apart, to twice its precision, the larger one first."""
    high = r.near(distance)
    high = high if high <= distance else r.near(distance, -1)
    return [high, -r.near(distance - high)]


def of_tiny(r: Range, count: float) -> list[float]:
    """Return two logits the smaller of which has as many smallest subnormal numbers of probability."""
    share = count * r.format.tiny
    return gap(r, float(np.log((1 - share) / share)))
