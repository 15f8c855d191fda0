"""Numbers a + b sqrt(c) of rationals, compared with any rational through the signs of squares."""

from fractions import Fraction
from math import isqrt

from .quantities import Rational, sign_of

ENOUGH = 80  # bits of the hint: more than the 53 of binary64


def sign_of_surd(a, b, c):
    """Return the sign of a + b sqrt(c), for rationals and c >= 0: where the terms differ in sign, squares decide."""
    left, right = sign_of(a), sign_of(b) if c else 0
    if left * right >= 0:
        return left or right
    return left * sign_of(a * a - b * b * c)


class Surd:
    """The number a + b sqrt(c), a quantity as those of `quantities`."""

    def __init__(self, a, b, c):
        self.a, self.b, self.c = Fraction(a), Fraction(b), Fraction(c)

    def sign(self):
        """Return the sign of the value."""
        return sign_of_surd(self.a, self.b, self.c)

    def compare(self, q):
        """Return the sign of abs(v) - q."""
        side = self.sign()
        return sign_of_surd(side * self.a - q, side * self.b, self.c)

    def hint(self):
        """Approximate abs(v) with an integer root, of more digits until enough are left by what cancels."""
        width = 2 * ENOUGH
        while True:
            unit = Fraction(1, self.c.denominator << width)
            root = isqrt(self.c.numerator * self.c.denominator << 2 * width) * unit
            near = abs(self.a + self.b * root)
            if near > abs(self.b) * unit * 2**ENOUGH:
                return Rational(near).hint()
            width *= 2
