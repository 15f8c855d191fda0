"""Real numbers that can be compared with any rational, without a rounding.

Each quantity v offers three questions: `sign()`, `compare(q)` = the sign of abs(v) - q for a rational q >= 0, both
exact, and `hint()`, an unproved approximation n 2^e of abs(v) that only says where to look first. The last two are
asked only of a v whose sign is not 0.
Every exact answer is the sign of a sum of exponentials.
"""

from fractions import Fraction
from functools import reduce
from math import frexp, log
from operator import mul

from .exponentials import ExpSum, exp_enclosure, ln2

BITS = 112  # comfortably more than twice the 53 of binary64: a second look is rare


def sign_of(x):
    """Return -1, 0 or 1, for a number that Python compares exactly: an int or a Fraction."""
    return (x > 0) - (x < 0)


def compare_scaled(a, ea, b, eb):
    """Return the sign of a 2^ea - b 2^eb for integers a, b >= 0 and exponents of any size."""
    if not (a and b):
        return sign_of(a - b)
    tops = a.bit_length() + ea, b.bit_length() + eb
    if tops[0] != tops[1]:
        return sign_of(tops[0] - tops[1])
    return sign_of((a << max(0, ea - eb)) - (b << max(0, eb - ea)))


class Rational:
    """An exact value."""

    def __init__(self, value):
        self.value = Fraction(value)

    def sign(self):
        """Return the sign of the value."""
        return sign_of(self.value)

    def compare(self, q):
        """Return the sign of abs(value) - q."""
        return sign_of(abs(self.value) - q)

    def hint(self):
        """Return n = floor(abs(value) 2^-e) and e, with at least BITS bits in n."""
        n, d = abs(self.value.numerator), self.value.denominator
        shift = max(0, BITS + d.bit_length() - n.bit_length())
        return (n << shift) // d, -shift


class Quotient:
    """The number scale * prod(numerators) / prod(denominators) of sums of exponentials, denominators positive."""

    def __init__(self, numerators, denominators, scale=1):
        self.numerators, self.denominators, self.scale = numerators, denominators, Fraction(scale)

    def sign(self):
        """Return the product of the signs of the scale and the numerators; a sum without terms makes it 0."""
        return reduce(mul, (f.sign(BITS) for f in self.numerators), sign_of(self.scale))

    def compare(self, q):
        """Return the sign of abs(v) - q, from enclosures of both products or, where these overlap, multiplied out."""
        q = q / abs(self.scale)
        (nl, nh, ne), (dl, dh, de) = self._magnitudes()
        a, b = q.denominator, q.numerator
        if compare_scaled(nl * a, ne, dh * b, de) > 0:
            return 1
        if compare_scaled(nh * a, ne, dl * b, de) < 0:
            return -1
        return self._exact_compare(a, b)

    def _exact_compare(self, a, b):
        """Return the sign of a abs(N) - b D, multiplied out: what cancels does so in integers."""
        orientation = reduce(mul, (f.sign(BITS) for f in self.numerators))
        left, right = reduce(mul, self.numerators), reduce(mul, self.denominators)
        return (left * (a * orientation) + right * -b).sign()

    def _magnitudes(self):
        return _product(self.numerators), _product(self.denominators)

    def hint(self):
        """Approximate abs(v) by the quotient of the lower ends of both products, times abs(scale)."""
        (n, _, ne), (d, _, de) = self._magnitudes()
        up = max(0, BITS + d.bit_length() - n.bit_length())
        scale = abs(self.scale)
        n, d = (n << up) * scale.numerator, d * scale.denominator
        more = max(0, BITS + d.bit_length() - n.bit_length())
        return (n << more) // d, ne - de - up - more


def _product(factors):
    """Enclose the absolute value of a product of sums that are not 0."""
    lo, hi, e = 1, 1, 0
    for f in factors:
        a, b, shift = f.tight(BITS)
        a, b = (a, b) if a > 0 else (-b, -a)
        lo, hi, e = lo * a, hi * b, e + shift
    return lo, hi, e


class Logarithm:
    """The number orientation * (log(total) - offset), for a positive sum of exponentials and a rational offset.

    log(total) > t holds exactly when total - exp(t) > 0: again the sign of a sum of exponentials.
    """

    def __init__(self, total, orientation=1, offset=0):
        self.total, self.orientation, self.offset = total, orientation, Fraction(offset)

    def _beyond(self, t):
        """Return the sign of log(total) - t; the stored enclosure of the total decides unless they are close."""
        lo, hi, e = self.total.tight(BITS)
        low, high, f = exp_enclosure(t, BITS)
        if compare_scaled(lo, e, high, f) > 0:
            return 1
        if compare_scaled(hi, e, low, f) < 0:
            return -1
        return (self.total + ExpSum({t: -1})).sign()

    def sign(self):
        """Return the sign of log(total) - offset, turned by the orientation."""
        return self.orientation * self._beyond(self.offset)

    def compare(self, q):
        """Return the sign of abs(v) - q.

        With s the side of the offset on which log(total) lies, abs(v) > q exactly when s log(total) > s offset + q.
        """
        side = self.orientation * self.sign()  # of log(total) - offset
        return side * self._beyond(self.offset + side * q)

    def hint(self):
        """Approximate by one Newton step from a float, and by the series of log1p where that would cancel."""
        rough = self._newton() - self.offset
        if abs(rough) > Fraction(1, 2**16):
            return _dyadic(abs(rough))
        (n, _, ne), (d, _, de) = (self.total + ExpSum({self.offset: -1})).tight(BITS), exp_enclosure(self.offset, BITS)
        n, e = (n << BITS) // d, ne - de - BITS
        if n.bit_length() + e < -1200:  # below half of every subnormal
            return 1, -1200
        t = n * Fraction(2) ** e
        return _dyadic(abs(t - t**2 / 2 + t**3 / 3 - t**4 / 4 + t**5 / 5))

    def _newton(self):
        """Approximate log(total): start = e ln 2 + log(mantissa) with a float log, then add total / exp(start) - 1."""
        lo, _, e = self.total.tight(BITS)
        size = lo.bit_length()
        width = BITS + (e + size).bit_length()
        mantissa = frexp(lo >> max(0, size - 53))[0]
        start = Fraction((e + size) * ln2(width) + int(log(mantissa) * 2.0**60) * 2 ** (width - 60), 2**width)
        near, _, f = exp_enclosure(start, BITS)
        return start + (Fraction(lo, near) * Fraction(2) ** (e - f) - 1)


def _dyadic(x):
    """Return n, e with n 2^e close to the rational x >= 0."""
    return Rational(x).hint()
