"""Numbers of the form rational + ball.

A softmax output is often an exact rational plus something exponentially small: 1 - e^-1000 is 1 and a
negative speck. One ball around such a number would need 1443 bits to know the speck's sign, and the sign
decides the rounding when the rational is a midpoint. Kept apart, 64 bits are enough.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, fmpq

__all__ = ["Near", "ball"]


def ball(x: Fraction | float | int) -> arb:
    """Return a ball around an exact number at the current precision; around a float it has radius 0."""
    return arb(x) if isinstance(x, float) else arb(fmpq(x.numerator, x.denominator))


@dataclass(frozen=True)
class Near:
    """The exact number base + delta, with delta enclosed by a ball; a delta of exactly 0 is a rational.

    Examples
    --------
    >>> third = Near(Fraction(1, 3))
    >>> (third + 1).base, (third * third).exact
    (Fraction(4, 3), True)
    """

    base: Fraction
    delta: arb = field(default_factory=arb)

    @property
    def exact(self) -> bool:
        """Whether the number is known to be the rational `base`."""
        return self.delta.is_zero()

    def enclosure(self) -> arb:
        """Return one ball around the number."""
        return ball(self.base) + self.delta

    def __add__(self, other: Near | Fraction | int) -> Near:
        other = _near(other)
        return Near(self.base + other.base, self.delta + other.delta)

    def __neg__(self) -> Near:
        return Near(-self.base, -self.delta)

    def __sub__(self, other: Near | Fraction | int) -> Near:
        return self + -_near(other)

    def __rsub__(self, other: Fraction | int) -> Near:
        return -self + other

    def __mul__(self, other: Near | Fraction | int) -> Near:
        other = _near(other)
        delta = ball(self.base) * other.delta + self.delta * other.enclosure()
        return Near(self.base * other.base, delta)

    __radd__ = __add__
    __rmul__ = __mul__


def _near(x: Near | Fraction | int) -> Near:
    return x if isinstance(x, Near) else Near(Fraction(x))
