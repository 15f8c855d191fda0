"""binary32 results, evaluated in binary64: the bits that rounding drops say how far the midpoint is.

A normal result of binary32 keeps 24 of the 53 bits of a float64. The other 29, read as an integer, are 2^28 at a
midpoint, and one unit is 2^-29 of the spacing. The float64 values are off by a few units, so what lies within `WITHIN`
of a midpoint is measured again with certainty. Single arguments are scanned one after the other, all of them; rows
are drawn.
"""

from collections.abc import Iterator

import numpy as np

from softmax_ref.corpus.hard.draws import draw

__all__ = ["WITHIN", "arguments", "near_midpoints", "rows"]

WITHIN = 2.0**-24
"""Of the spacing: 32 units of the float64 result, of which its own error takes at most 16."""

LEAST_GAP = 2.0**-12
"""Below it, logistic(x) = 1/2 + x/4 - x^3/48 needs no search: 1/2 + x/4 itself is a midpoint for many x. The same for
rows of nearly equal logits."""

RANGES = {"logistic": (LEAST_GAP, 17.5, 87.0), "softplus": (2.0**-25, 17.5, 87.0)}
"""Smallest argument of either sign, largest, largest negative: beyond them every result is subnormal, or within half a
spacing of 1, of log 2 or of x."""


def arguments(function: str) -> tuple[range, range]:
    """Return the bit patterns of the arguments that a scan passes through: positive, then negative."""
    least, most, most_negative = np.array(RANGES[function], np.float32).view(np.uint32).tolist()
    sign = 1 << 31
    return range(least, most + 1), range(sign + least, sign + most_negative + 1)


def rows(function: str, classes: int, seed: int, start: int, stop: int) -> np.ndarray:
    """Return the rows of counters start to stop as columns of float64, shape (classes, stop - start).

    A single argument x is the row (x, 0). A drawn logit is an integer of 24 bits times 2^-20 to 2^-27, so that
    differences are exact in float64.
    """
    counter = np.arange(start, stop, dtype=np.uint64)
    if classes == 1:
        positive, negative = arguments(function)
        bits = np.where(counter < len(positive), counter + positive.start, counter - len(positive) + negative.start)
        x = bits.astype(np.uint32).view(np.float32).astype(np.float64)
        return np.stack([x, np.zeros_like(x)])
    drawn = [draw(seed, counter, j) for j in range(classes)]
    return np.stack([np.ldexp((n >> 40).astype(np.float64), -20 - (n & 7).astype(np.int64)) for n in drawn])


def near_midpoints(
    function: str, classes: int, seed: int, start: int, stop: int
) -> Iterator[tuple[tuple[float, ...], int, int]]:
    """Yield (inputs, component, counter) of the results that may lie within `WITHIN` of a midpoint."""
    z = rows(function, classes, seed, start, stop)
    for component, y in enumerate(_values(function, z)):
        dropped = y.view(np.int64) & ((1 << 29) - 1)
        near = np.abs(dropped - (1 << 28)) <= WITHIN * 2**29
        if classes > 1:
            near &= np.ptp(z, axis=0) >= LEAST_GAP
        for column in np.flatnonzero(near):
            yield tuple(z[: 1 if classes == 1 else None, column].tolist()), component, start + int(column)


def _values(function: str, z: np.ndarray) -> list[np.ndarray]:
    """Return the components as float64, with an error of at most 16 units of their last place."""
    top = z.max(axis=0)
    weight = np.exp(z - top)
    if function in ("softmax", "logistic"):
        total = weight.sum(axis=0)
        return [w / total for w in weight[: len(z) if function == "softmax" else 1]]
    log_total = np.log1p(np.sort(weight, axis=0)[:-1].sum(axis=0))
    if function == "log_softmax":
        return [(x - top) - log_total for x in z]
    return [top + log_total]
