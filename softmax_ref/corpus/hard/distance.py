"""How far an exact result is from the nearest midpoint of two floats, certified."""

from fractions import Fraction

import numpy as np

from softmax_ref.certified import certify
from softmax_ref.formats import Format

__all__ = ["midpoint_distance", "result_distance"]

DIGITS = 60
"""Of the exact value: binary64 takes 17, the smallest distances another 16."""


def midpoint_distance(exact: Fraction, fmt: Format) -> Fraction:
    """Return the distance from the midpoint of the two floats around a number, in units of their spacing.

    Examples
    --------
    >>> from softmax_ref.formats import get_format
    >>> midpoint_distance(1 + Fraction(1, 2**8) + Fraction(1, 2**17), get_format("bfloat16"))
    Fraction(1, 1024)
    """
    bits = fmt.round(abs(exact))
    bits -= Fraction(float(fmt.decode(bits))) > abs(exact)
    low, high = (Fraction(float(fmt.decode(b))) for b in (bits, bits + 1))
    return abs(abs(exact) - (low + high) / 2) / (high - low)


def result_distance(function: str, inputs: tuple[float, ...], component: int, fmt: Format) -> Fraction:
    """Return that distance for one component of a row, or for the value at a single argument."""
    # A single argument goes as a row of one, so both kinds are flat.
    text = np.ravel(certify(function, list(inputs), format=fmt).decimal(DIGITS))[component]
    return midpoint_distance(Fraction(text), fmt)
