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
    fmt, known = case.format, np.flatnonzero(~np.isnan(values)).tolist()
    expected = tuple(fmt.encode(values).tolist())
    bounds = [_bounds(case, n, float(values[n]), level) for n in known]
    lowest, highest = list(expected), list(expected)
    # What is at least a bound is the negative of what is at most its negative.
    below = _at_most(fmt, [-low for low, _ in bounds])
    for n, low, high in zip(known, below, _at_most(fmt, [high for _, high in bounds]), strict=True):
        lowest[n], highest[n] = _bits(fmt, -low), _bits(fmt, high)
    return Answer(name, expected, tuple(lowest), tuple(highest))


def _bounds(case: Case, n: int, value: float, level: str) -> tuple[Fraction, Fraction]:
    """Return between which numbers component n may lie."""
    fmt, allowed, middle = case.format, case.tolerances[level][n], _exact(case.format, value)
    unit = Fraction(float(fmt.ulp(value)))
    if np.isinf(allowed):
        reach, exact = Fraction(float(case.reaches[level][n])), middle
    else:
        reach, exact = Fraction(allowed) * unit, middle + Fraction(float(case.offsets[n])) * unit
    # The correctly rounded value itself is right, however little is allowed.
    return min(exact - reach, middle), max(exact + reach, middle)


def _exact(fmt: Format, value: float) -> Fraction:
    """Return a value exactly; infinity stands for the number that would follow the largest one."""
    if np.isinf(value):
        return Fraction(2) ** (fmt.emax + 1) * (1 if value > 0 else -1)
    return Fraction(value)


def _at_most(fmt: Format, bounds: list[Fraction]) -> list[int]:
    """Return the places, counted from 0 in the order of the format, of the largest numbers up to some bounds."""
    nearest = [fmt.round(bound, overflow="saturate") for bound in bounds]
    values = fmt.decode(np.array(nearest, np.uint64)).tolist()
    found = zip(nearest, values, bounds, strict=True)
    return [_place(fmt, bits) - (_exact(fmt, value) > bound) for bits, value, bound in found]


def _place(fmt: Format, bits: int) -> int:
    return -(bits & ~fmt.sign_bit) if bits & fmt.sign_bit else bits


def _bits(fmt: Format, place: int) -> int:
    return place if place >= 0 else fmt.sign_bit | -place
