"""From an enclosure to the correctly rounded value: Ziv's loop.

The loop ends because, by the theorem of Lindemann and Weierstrass, the values here are transcendental
unless they are rationals that `rows` recognises, and a transcendental number is never a midpoint. The values of
`sparse` are rationals, or irrational square roots, which are no midpoints either. Of entropies nothing so strong is
known: one that stood on a midpoint would end in an error.
"""

import math
from collections.abc import Callable
from fractions import Fraction

from flint import arb, ctx

from softmax_ref.certified.near import Near
from softmax_ref.formats import Format

__all__ = ["MAX_PRECISION", "CertificationError", "certified_decimal", "certified_round"]

MAX_PRECISION = 1 << 18
# Ends of balls smaller than this are replaced by the open interval between 0 and it: always true, and
# the exact rational 2**(-10**38) would not fit in memory. No format resolves less than 2**-1075.
SPECK = Fraction(1, 1 << 5000)


class CertificationError(ArithmeticError):
    """The rounding could not be decided within the largest precision; there is no fallback value."""


def certified_round(value: Callable[[], Near | float], fmt: Format, start: int = 64) -> tuple[int, int]:
    """Return the bits of the correctly rounded value and the precision that decided them.

    Parameters
    ----------
    value : callable
        Encloses the value at the current working precision of flint, or returns a float where it is a
        limit: inf, -inf or nan.
    fmt : Format
        The target; the value is rounded into it once.
    start : int
        First working precision in bits; it doubles until the rounding is decided.

    Raises
    ------
    CertificationError
        Undecided at `MAX_PRECISION` bits.
    """
    return _ziv(value, lambda near: _round_near(near, fmt), start)


def certified_decimal(value: Callable[[], Near | float], digits: int) -> str:
    """Return the value in decimal, correctly rounded to so many significant digits."""
    if digits < 1:
        raise ValueError(f"certified_decimal: digits needs to be at least 1, got {digits}")
    return _ziv(value, lambda near: _decimal_near(near, digits), 64 + 4 * digits)[0]


def _ziv(value: Callable[[], Near | float], decide: Callable, start: int) -> tuple:
    precision = start
    while precision <= MAX_PRECISION:
        with ctx.workprec(precision):
            decided = decide(value())
        if decided is not None:
            return decided, precision
        precision *= 2
    raise CertificationError(f"certify: the rounding is undecided at {MAX_PRECISION} bits")


def _round_near(near: Near | float, fmt: Format) -> int | None:
    if isinstance(near, float):
        return fmt.nan_bits if math.isinf(near) and not fmt.infinity else int(fmt.encode(near))
    if near.exact:
        return fmt.round(near.base)
    if not near.delta.is_finite():
        return None
    (low, low_side), (high, high_side) = _end(near.delta.lower(), -1), _end(near.delta.upper(), +1)
    return fmt.round_interval(near.base + low, near.base + high, (low_side, high_side))


def _end(end: arb, outward: int) -> tuple[Fraction, int]:
    """Return an end of a ball as (rational, side of it on which the number lies)."""
    mantissa, exponent = (int(n) for n in end.man_exp())
    if mantissa == 0:
        return Fraction(0), 0
    if exponent + abs(mantissa).bit_length() < -4990:
        sign = 1 if mantissa > 0 else -1
        return (sign * SPECK, 0) if sign == outward else (Fraction(0), sign)
    return Fraction(mantissa << max(exponent, 0), 1 << max(-exponent, 0)), 0


def _decimal_near(near: Near | float, digits: int) -> str | None:
    if isinstance(near, float):
        return str(near)
    if near.exact:
        return scientific(near.base, digits)
    if near.base == 0 and near.delta.abs_upper() < arb(2) ** -4000:
        # Past the range of any format: arb prints it, correct to one unit of the last digit.
        enough = near.delta.rel_accuracy_bits() > 4 * digits + 16
        return near.delta.str(digits, radius=False) if enough else None
    (low, _), (high, _) = _end(near.delta.lower(), -1), _end(near.delta.upper(), +1)
    text = scientific(near.base + low, digits)
    return text if text == scientific(near.base + high, digits) else None


def scientific(x: Fraction, digits: int) -> str:
    """Write a rational with so many significant digits, ties to even, trailing zeros dropped.

    Examples
    --------
    >>> scientific(Fraction(2, 3), 5), scientific(Fraction(1, 2), 5), scientific(Fraction(-10**9), 3)
    ('0.66667', '0.5', '-1e+9')
    """
    if x == 0:
        return "0"
    exponent = _decimal_exponent(abs(x))
    whole = round(abs(x) * Fraction(10) ** (digits - 1 - exponent))
    if whole == 10**digits:
        whole, exponent = whole // 10, exponent + 1
    mantissa = str(whole).rstrip("0")
    sign = "-" if x < 0 else ""
    if 0 <= exponent < digits:
        mantissa = mantissa.ljust(exponent + 1, "0")
        return sign + (mantissa[: exponent + 1] + "." + mantissa[exponent + 1 :]).rstrip(".")
    if -5 <= exponent < 0:
        return sign + "0." + "0" * (-exponent - 1) + mantissa
    return sign + (mantissa[0] + "." + mantissa[1:]).rstrip(".") + f"e{exponent:+d}"


def _decimal_exponent(x: Fraction) -> int:
    """Return e with 10**e <= x < 10**(e+1), for x > 0."""
    bits = x.numerator.bit_length() - x.denominator.bit_length()
    exponent = (bits - 2) * 30103 // 100000
    while Fraction(10) ** (exponent + 1) <= x:
        exponent += 1
    return exponent
