"""Which numbers a case accepts: from the lowest to the highest that is within the bound, as bit patterns.

An error of at most t ulp means abs(got - exact) <= t ulp(expected), so the accepted numbers of a format are all those
between two. Whoever compares bit patterns needs no arithmetic beyond an order: sign and magnitude.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from softmax_ref.corpus import Case
from softmax_ref.formats import Format

__all__ = ["Answer", "answers"]


@dataclass(frozen=True)
class Answer:
    """One accepted answer to a case, as bits.

    Attributes
    ----------
    name : str
        The outcome of a policy; empty where there is one answer alone.
    expected, lowest, highest : tuple of int
        The correctly rounded value of each stored component, and the ends of what is accepted. Where nan is
        expected, all three are nan, and every nan is right.
    """

    name: str
    expected: tuple[int, ...]
    lowest: tuple[int, ...]
    highest: tuple[int, ...]


def answers(case: Case, level: str) -> list[Answer]:
    """Return the accepted answers to a case: one, or every outcome where it asks a policy.

    Examples
    --------
    >>> from softmax_ref import load
    >>> (answer,) = answers(load("softmax", "binary32")[0], "standard")
    >>> hex(answer.lowest[0]), hex(answer.expected[0]), hex(answer.highest[0])
    ('0x3cc1a9bc', '0x3cc1a9d0', '0x3cc1a9e4')
    """
    if not case.policy:
        return [_answer(case, "", case.values, level)]
    return [_answer(case, name, values, "standard") for name, values in case.outcomes.items()]


def _answer(case: Case, name: str, values: np.ndarray, level: str) -> Answer:
    fmt = case.format
    ends = [_ends(case, n, value, level) for n, value in enumerate(values.tolist())]
    expected = tuple(fmt.encode(values).tolist())
    return Answer(name, expected, *(tuple(end[side] for end in ends) for side in (0, 1)))


def _ends(case: Case, n: int, value: float, level: str) -> tuple[int, int]:
    """Return the lowest and the highest accepted bits of a component."""
    fmt = case.format
    if np.isnan(value):
        return fmt.nan_bits, fmt.nan_bits
    allowed, middle = case.tolerances[level][n], _exact(fmt, value)
    unit = Fraction(float(fmt.ulp(value)))
    if np.isinf(allowed):
        reach, exact = Fraction(float(case.reaches[level][n])), middle
    else:
        reach, exact = Fraction(allowed) * unit, middle + Fraction(float(case.offsets[n])) * unit
    # The correctly rounded value itself is right, however little is allowed.
    low, high = min(exact - reach, middle), max(exact + reach, middle)
    return _bits(fmt, -_at_most(fmt, -low)), _bits(fmt, _at_most(fmt, high))


def _exact(fmt: Format, value: float) -> Fraction:
    """Return a value exactly; infinity stands for the number that would follow the largest one."""
    if np.isinf(value):
        return Fraction(2) ** (fmt.emax + 1) * (1 if value > 0 else -1)
    return Fraction(value)


def _at_most(fmt: Format, bound: Fraction) -> int:
    """Return the place, counted from 0 in the order of the format, of the largest number up to a bound."""
    bits = fmt.round(bound, overflow="saturate")
    place = bits & ~fmt.sign_bit
    place = -place if bits & fmt.sign_bit else place
    while _exact(fmt, float(fmt.decode(_bits(fmt, place)))) > bound:
        place -= 1
    return place


def _bits(fmt: Format, place: int) -> int:
    return place if place >= 0 else fmt.sign_bit | -place
