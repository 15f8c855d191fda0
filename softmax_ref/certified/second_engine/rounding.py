"""Rounding to a float format by comparison with its midpoints, ties to the even code.

The nonnegative codes of a format, read as integers, are ordered like the values they stand for. So the rounded value
is found by asking on which side of a few midpoints the number lies; no interval is ever rounded.
"""

from fractions import Fraction
from typing import NamedTuple


class Format(NamedTuple):
    """A binary float format: the widths of its fields, and its last finite code."""

    exponent_bits: int
    fraction_bits: int
    largest: int
    infinity: int | None
    nan: int

    @property
    def sign_bit(self):
        """The bit that is set in the code of a negative value, and the code of -0."""
        return 1 << self.exponent_bits + self.fraction_bits

    @property
    def smallest_exponent(self):
        """The exponent of the smallest subnormal, 2 to which every value is a multiple of."""
        return 2 - (1 << self.exponent_bits - 1) - self.fraction_bits


def _ieee(exponent_bits, fraction_bits):
    infinity = (1 << exponent_bits) - 1 << fraction_bits
    return Format(exponent_bits, fraction_bits, infinity - 1, infinity, infinity | 1 << fraction_bits - 1)


FORMATS = {
    "binary64": _ieee(11, 52),
    "binary32": _ieee(8, 23),
    "binary16": _ieee(5, 10),
    "bfloat16": _ieee(8, 7),
    "float8_e5m2": _ieee(5, 2),
    # OCP 8-bit specification: no infinity, only the last code of each sign is nan, so 0x7e = 448 is finite.
    "float8_e4m3fn": Format(4, 3, 0x7E, None, 0x7F),
}


def magnitude(fmt, code):
    """Return the exact value of a nonnegative code; one past the largest continues the grid."""
    exponent, fraction = divmod(code, 1 << fmt.fraction_bits)
    if exponent:
        fraction, exponent = fraction + (1 << fmt.fraction_bits), exponent - 1
    return fraction * Fraction(2) ** (exponent + fmt.smallest_exponent)


def midpoint(fmt, code):
    """Return the point halfway between a code and the next."""
    return (magnitude(fmt, code) + magnitude(fmt, code + 1)) / 2


def code_near(fmt, n, e):
    """Return a code close to n 2^e: a place to start looking, not a proof."""
    top = n.bit_length() + e
    unit = max(top - fmt.fraction_bits - 1, fmt.smallest_exponent)
    if top < fmt.smallest_exponent or unit > 2000:
        return 0 if top < fmt.smallest_exponent else fmt.largest + 1
    shift = unit - e
    steps = n << -shift if shift <= 0 else n + (1 << shift - 1) >> shift
    return min(steps + (unit - fmt.smallest_exponent << fmt.fraction_bits), fmt.largest + 1)


def least_false(holds, start, end):
    """Return the least m in 0..end with not holds(m), for a predicate that falls once; holds(end) counts as false.

    Strides double from the start until both answers were seen; then the gap is halved.
    """
    low, high, probe, stride = -1, end, start, 1
    while high - low > 1:
        probe = min(max(probe, low + 1), high - 1)
        if holds(probe):
            low, probe = probe, probe + stride
        else:
            high, probe = probe, probe - stride
        stride *= 2
        if low >= 0 and high < end:
            probe = (low + high) // 2
    return high


def round_magnitude(fmt, quantity):
    """Return the code nearest to abs(v), one past the largest finite code meaning overflow."""

    def lies_above(code):
        side = quantity.compare(midpoint(fmt, code))
        return side > 0 or (side == 0 and code % 2 == 1)

    return least_false(lies_above, code_near(fmt, *quantity.hint()), fmt.largest + 1)


def round_to_format(name, quantity):
    """Return the bit pattern of a quantity, or of the special value that a string names."""
    fmt = FORMATS[name]
    if quantity == "nan" or (fmt.infinity is None and quantity in ("inf", "-inf")):
        return fmt.nan
    if quantity in ("inf", "-inf"):
        return fmt.infinity | (fmt.sign_bit if quantity == "-inf" else 0)
    sign = quantity.sign()
    code = round_magnitude(fmt, quantity) if sign else 0
    if code > fmt.largest and fmt.infinity is None:
        return fmt.nan
    return code | (fmt.sign_bit if sign < 0 else 0)
