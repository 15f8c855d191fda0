"""Algorithms run in exact arithmetic, every operation rounded once: errors that no processor can change.

A number is a Fraction that the format holds. exp, log and log1p are correctly rounded, so that E = 1.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

import mpmath

from softmax_ref.formats import Format, get_format

__all__ = ["Arithmetic"]

_DIGITS = 60  # an exp or log of a rational other than 0 or 1 is irrational: no ties, and 60 digits decide


class Arithmetic:
    """The arithmetic of a format, and the forms of softmax and log_softmax in it.

    Parameters
    ----------
    format : str or Format

    Examples
    --------
    >>> half = Arithmetic("binary16")
    >>> float(half.fl(Fraction(1, 3))), float(half.exp(Fraction(1)))
    (0.333251953125, 2.71875)
    """

    def __init__(self, format: str | Format):
        self.format = get_format(format)

    def fl(self, x: Fraction) -> Fraction:
        """Round to the format, ties to even."""
        return Fraction(float(self.format.decode(self.format.round(x))))

    def exp(self, x: Fraction) -> Fraction:
        """Return the correctly rounded exponential."""
        return self._apply(mpmath.exp, x)

    def log(self, x: Fraction) -> Fraction:
        """Return the correctly rounded logarithm."""
        return self._apply(mpmath.log, x)

    def log1p(self, x: Fraction) -> Fraction:
        """Return the correctly rounded logarithm of 1 + x."""
        return self._apply(mpmath.log1p, x)

    def _apply(self, function, x):
        with mpmath.workdps(_DIGITS):
            value = function(mpmath.mpf(x.numerator) / x.denominator)
        return self.fl(Fraction(*map(int, mpmath.libmp.to_rational(value._mpf_))))

    def total(self, terms) -> Fraction:
        """Add from left to right."""
        return list(accumulate(terms, lambda a, b: self.fl(a + b)))[-1]

    def shifted(self, z) -> list[Fraction]:
        """Return z - max z."""
        z = [Fraction(float(a)) for a in z]
        return [self.fl(a - max(z)) for a in z]

    def quotients(self, z) -> list[Fraction]:
        """Return the softmax as exp(d) / s."""
        e = [self.exp(a) for a in self.shifted(z)]
        s = self.total(e)
        return [self.fl(a / s) for a in e]

    def exponentials(self, z) -> list[Fraction]:
        """Return the softmax as exp(d - log s)."""
        return [self.exp(a) for a in self.textbook_logs(z)]

    def textbook_logs(self, z) -> list[Fraction]:
        """Return the log_softmax as d - log s."""
        d = self.shifted(z)
        log_s = self.log(self.total(map(self.exp, d)))
        return [self.fl(a - log_s) for a in d]

    def careful_logs(self, z) -> list[Fraction]:
        """Return the log_softmax as d - log1p(t), where t is the sum without one maximum."""
        d = self.shifted(z)
        top = d.index(0)
        others = self.total(self.exp(a) for n, a in enumerate(d) if n != top)
        return [self.fl(a - self.log1p(others)) for a in d]
