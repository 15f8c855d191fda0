"""Sums of exponentials with rational exponents, enclosed in plain integers.

An enclosure is a triple (lo, hi, e): the value lies in [lo 2^e, hi 2^e].
The exponent e is an integer of any size, so exp(1e308) is an ordinary number here and nothing is shifted.
"""

from fractions import Fraction
from functools import lru_cache
from math import isqrt

# No sum met so far needs more than some 10^4 bits; past this many the sign is refused, never guessed.
MOST_BITS = 2**17


@lru_cache(maxsize=64)
def _ln2_stored(width):
    """Return L with L <= ln(2) 2^width <= L + 2."""
    # ln 2 = 18 artanh(1/26) - 2 artanh(1/4801) + 8 artanh(1/8749) (Machin-like; checked in the tests).
    # Every floor loses less than one unit, in at most width/9 + 2 terms of a series, each twice: |error| < slack.
    slack = 16 * width + 256
    guard = (2 * slack).bit_length()
    total = sum(factor * _artanh_of_inverse(n, width + guard) for factor, n in ((18, 26), (-2, 4801), (8, 8749)))
    return (total - slack) >> guard


def _artanh_of_inverse(n, width):
    """Return artanh(1/n) 2^width, at most two units too small for each term summed."""
    power, total, odd = (1 << width) // n, 0, 1
    while power:
        total += power // odd
        power //= n * n
        odd += 2
    return total


def ln2(width):
    """Return L with L <= ln(2) 2^width <= L + 3, cut from a stored power-of-two width."""
    stored = 1 << max(8, (width - 1).bit_length())
    return _ln2_stored(stored) >> (stored - width)


def _exp_of_reduced(r, width):
    """Enclose exp(r / 2^width) 2^width between two integers, for 0 <= r < 2^width.

    Taylor's series at r / 2^halvings, then as many squarings.
    """
    halvings = isqrt(width) // 2
    inner = width + 2 * halvings + 8
    r <<= inner - width - halvings
    term = lo = 1 << inner
    n = 0
    while term:
        n += 1
        term = (term * r >> inner) // n
        lo += term
    # Each stored term is at most 3 units below the true one, and the dropped tail is below one more such term.
    hi = lo + 4 * (n + 2)
    for _ in range(halvings):
        lo, hi = lo * lo >> inner, (hi * hi >> inner) + 1
    drop = inner - width
    return lo >> drop, (hi >> drop) + 1


@lru_cache(maxsize=1 << 16)
def exp_enclosure(x, bits):
    """Enclose exp(x) for a Fraction x, with relative width below 2^-bits."""
    n, d = x.numerator, x.denominator
    if n == 0:
        return 1, 1, 0
    width = bits + 16
    whole = max(0, n.bit_length() - d.bit_length() + 1)  # the multiples of ln 2 cost this many more digits
    scaled = (n << (width + whole)) // d
    low = ln2(width + whole)
    high = low + 3
    # Rounding ln 2 away from the multiple keeps the remainder nonnegative.
    k = scaled // (high if scaled >= 0 else low)
    below = scaled - k * (high if k > 0 else low) >> whole
    slack = (1 + 3 * abs(k) >> whole) + 2
    lo, hi = _exp_of_reduced(below, width)
    # exp(r + s) <= exp(r) (1 + 2 s) for 0 <= s <= 1.
    return lo, hi + (2 * hi * slack >> width) + 1, k - width


def add_enclosures(terms, bits):
    """Enclose a sum of enclosures, keeping `bits` below its largest term."""
    top = max(e + max(abs(lo), abs(hi)).bit_length() for lo, hi, e in terms)
    unit = top - bits - 16
    low = high = 0
    for lo, hi, e in terms:
        if e >= unit:
            low, high = low + (lo << e - unit), high + (hi << e - unit)
        else:  # a shift by 10^38 is cheap downwards: it leaves 0 or -1
            low, high = low + (lo >> unit - e), high - (-hi >> unit - e)
    return low, high, unit


class ExpSum:
    """The number sum_k a_k exp(x_k), for integers a_k and distinct rationals x_k.

    By the theorem of Lindemann and Weierstrass the exponentials of distinct rationals are linearly independent over
    the rationals: the number is 0 exactly when no nonzero a_k is left. Hence every sign is decidable.
    """

    def __init__(self, terms):
        self.terms = {x: a for x, a in terms.items() if a}
        self._tight = {}

    def enclosure(self, bits):
        """Enclose the sum, with an error of about 2^-bits times its largest term."""
        parts = []
        for x, a in self.terms.items():
            lo, hi, e = exp_enclosure(x, bits)
            parts.append((a * lo, a * hi, e) if a > 0 else (a * hi, a * lo, e))
        return add_enclosures(parts, bits)

    def tight(self, bits):
        """Enclose a sum that is not 0 with relative width 2^-bits, whatever cancels."""
        if bits not in self._tight:
            self._tight[bits] = self._tighten(bits)
        return self._tight[bits]

    def _tighten(self, bits):
        working = bits + 16
        while working <= MOST_BITS:
            lo, hi, e = self.enclosure(working)
            if (lo > 0 or hi < 0) and (hi - lo) << bits <= min(abs(lo), abs(hi)):
                return lo, hi, e
            working *= 2
        raise ArithmeticError(f"second engine: a sum of exponentials has no sign within the cap, got {MOST_BITS} bits")

    def sign(self, bits=4):
        """Return -1, 0 or 1, exactly."""
        if not self.terms:
            return 0
        return 1 if self.tight(bits)[0] > 0 else -1

    def __add__(self, other):
        terms = dict(self.terms)
        for x, a in other.terms.items():
            terms[x] = terms.get(x, 0) + a
        return ExpSum(terms)

    def __mul__(self, other):
        if isinstance(other, int):
            return ExpSum({x: a * other for x, a in self.terms.items()})
        terms = {}
        for x, a in self.terms.items():
            for y, b in other.terms.items():
                terms[x + y] = terms.get(x + y, 0) + a * b
        return ExpSum(terms)


ONE = ExpSum({Fraction(0): 1})
