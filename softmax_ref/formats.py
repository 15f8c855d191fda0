"""The float formats: bits <-> value, ulp, unit roundoff, rounding, one error metric.

All six formats embed exactly in binary64, so a value is a float64 and an array of values is a float64
array. Bits are unsigned integers. Rounding takes an exact rational and happens once.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["FORMATS", "Format", "get_format"]


@dataclass(frozen=True)
class Format:
    """A binary floating-point format with subnormal numbers.

    Parameters
    ----------
    name : str
        IEEE 754 or OCP name.
    width : int
        Bits in all.
    precision : int
        Bits of the significand, the hidden one included.
    infinity : bool
        False for float8_e4m3fn, which has no infinities and one nan in each sign.

    Examples
    --------
    >>> from softmax_ref.formats import get_format
    >>> half = get_format("binary16")
    >>> half.max, half.tiny, half.unit_roundoff
    (65504.0, 5.960464477539063e-08, 0.00048828125)
    >>> hex(half.round(Fraction(1, 3)))
    '0x3555'
    """

    name: str
    width: int
    precision: int
    infinity: bool = True

    @property
    def emin(self) -> int:
        """Exponent of the smallest normal number, 2**emin."""
        return 2 - (1 << (self.width - self.precision - 1))

    @property
    def emax(self) -> int:
        """Exponent of the largest finite number's leading bit."""
        return 1 - self.emin if self.infinity else 2 - self.emin

    @property
    def max_bits(self) -> int:
        """Bits of the largest finite number; the next pattern is infinity, or nan where there is none."""
        magnitudes = 1 << (self.width - 1)
        return magnitudes - (1 << (self.precision - 1)) - 1 if self.infinity else magnitudes - 2

    @property
    def nan_bits(self) -> int:
        """Bits of the canonical nan: positive and quiet."""
        return self.max_bits + 1 + (1 << (self.precision - 2)) * self.infinity

    @property
    def sign_bit(self) -> int:
        """The mask of the sign."""
        return 1 << (self.width - 1)

    @cached_property
    def max(self) -> float:
        """The largest finite number."""
        return float(self.decode(self.max_bits))

    @cached_property
    def tiny(self) -> float:
        """The smallest positive (subnormal) number."""
        return float(self.decode(1))

    @property
    def unit_roundoff(self) -> float:
        """The largest relative error of rounding in the normal range, 2**-precision."""
        return 2.0**-self.precision

    def decode(self, bits: ArrayLike) -> np.ndarray:
        """Return the exact float64 values of bit patterns, in their shape."""
        # NumPy makes float64 of a list of integers on both sides of 2**63, and loses bits.
        code = np.asarray(bits, None if hasattr(bits, "dtype") else np.uint64).astype(np.uint64)
        if np.any(code >> np.uint64(self.width - 1) >> np.uint64(1)):
            raise ValueError(
                f"decode: bits needs at most {self.width} bits for {self.name}, got {hex(int(code.max()))}"
            )
        magnitude = (code & np.uint64(self.sign_bit - 1)).astype(np.int64)
        field = magnitude >> (self.precision - 1)
        significand = magnitude - ((np.maximum(field, 1) - 1) << (self.precision - 1))
        significand = np.where(magnitude > self.max_bits, 0, significand)
        value = np.ldexp(significand.astype(np.float64), np.maximum(field, 1) + self.emin - self.precision)
        value = np.where(magnitude > self.max_bits, np.inf if self.infinity else np.nan, value)
        value = np.where(magnitude > self.max_bits + self.infinity, np.nan, value)
        return np.where(code >= self.sign_bit, -value, value)

    def encode(self, values: ArrayLike) -> np.ndarray:
        """Return the bit patterns (uint64) of float64 values that the format holds exactly.

        Raises
        ------
        ValueError
            A value is not a number of the format.
        """
        value = np.asarray(values, np.float64)
        rounded = self.cast(value)
        wrong = ~((rounded == value) | np.isnan(value))
        if wrong.any():
            raise ValueError(
                f"encode: values needs numbers of {self.name}, got {float(value[wrong][0])!r}; cast them first"
            )
        magnitude = np.abs(value)
        finite = np.isfinite(magnitude)
        scale = self._quantum_exponent(np.where(finite, magnitude, 0.0))
        significand = np.ldexp(np.where(finite, magnitude, 0.0), -scale).astype(np.int64)
        code = significand + ((scale - self.emin + self.precision - 1) << (self.precision - 1))
        code = np.where(finite, code, self.max_bits + 1).astype(np.uint64)
        code += np.uint64(self.sign_bit) * np.signbit(value).astype(np.uint64)
        return np.where(np.isnan(value), np.uint64(self.nan_bits), code)

    def _quantum_exponent(self, magnitude: np.ndarray) -> np.ndarray:
        """Return e where 2**e is the spacing of the format at finite magnitudes."""
        exponent = np.frexp(magnitude)[1].astype(np.int64) - 1
        exponent = np.where(magnitude == 0, self.emin, exponent)
        return np.clip(exponent, self.emin, self.emax) - (self.precision - 1)

    def ulp(self, value: ArrayLike) -> np.ndarray:
        """Return the spacing of the format at values (float64).

        At zero and in the subnormal range it is the smallest subnormal; at a power of two the spacing
        above it; at and past the largest finite number, infinities included, the spacing below it.
        A nan has the ulp nan.
        """
        magnitude = np.abs(np.asarray(value, np.float64))
        spacing = np.ldexp(1.0, self._quantum_exponent(np.where(np.isfinite(magnitude), magnitude, self.max)))
        return np.where(np.isnan(magnitude), np.nan, spacing)

    def cast(self, values: ArrayLike) -> np.ndarray:
        """Round float64 values to the format, once, ties to even; overflow as in `round`."""
        value = np.asarray(values, np.float64)
        finite = np.isfinite(value)
        scale = self._quantum_exponent(np.where(finite, np.abs(value), 0.0))
        # A float64 scaled by a power of two into the integers of the target: rint is the only rounding.
        rounded = np.ldexp(np.rint(np.ldexp(np.where(finite, value, 0.0), -scale)), scale)
        over = (np.abs(rounded) > self.max) | np.isinf(value)
        beyond = np.inf if self.infinity else np.nan
        result = np.where(over, np.copysign(beyond, value), np.where(finite, rounded, np.nan))
        return np.copysign(result, value)

    def round(self, x: Fraction, sticky: int = 0, overflow: str = "nan") -> int:
        """Round an exact rational to the format, once, ties to even, and return the bits.

        Parameters
        ----------
        x : Fraction
            The value, or the end of an open interval.
        sticky : {-1, 0, 1}
            The exact value lies infinitely little below, at, or above x.
        overflow : {"nan", "saturate"}
            What a format without infinities makes of a value past its range.

        Returns
        -------
        int
            Bits. A negative value that rounds to zero gives -0; x = 0 with sticky 0 gives +0.

        Examples
        --------
        1 + 2^-8 + 2^-40 lies just above the midpoint of 1 and 1.0078125 in bfloat16; through binary32 it
        would become that midpoint and fall to 1.

        >>> bfloat16 = get_format("bfloat16")
        >>> float(bfloat16.decode(bfloat16.round(1 + Fraction(1, 2**8) + Fraction(1, 2**40))))
        1.0078125
        """
        if x == 0:
            return self.sign_bit if sticky < 0 else 0
        sign = self.sign_bit if x < 0 else 0
        up = sticky if x > 0 else -sticky
        num, den = abs(x.numerator), x.denominator
        exponent = num.bit_length() - den.bit_length()
        exponent -= (num << max(-exponent, 0)) < (den << max(exponent, 0))
        scale = max(exponent, self.emin) - (self.precision - 1)
        whole, rest = divmod(num << max(-scale, 0), den << max(scale, 0))
        twice = 2 * rest - (den << max(scale, 0))
        whole += twice > 0 or (twice == 0 and (up > 0 or (up == 0 and whole & 1)))
        bits = whole + ((scale - self.emin + self.precision - 1) << (self.precision - 1))
        if bits > self.max_bits:
            return self._overflow(sign, overflow)
        return sign | bits

    def _overflow(self, sign: int, overflow: str) -> int:
        if self.infinity:
            return sign | (self.max_bits + 1)
        if overflow not in ("nan", "saturate"):
            raise ValueError(f"round: overflow needs to be 'nan' or 'saturate', got {overflow!r}")
        return self.nan_bits if overflow == "nan" else sign | self.max_bits

    def round_interval(self, low: Fraction, high: Fraction, sticky: tuple[int, int] = (0, 0)) -> int | None:
        """Return the bits to which every number from low to high rounds, or None where they differ."""
        bits = self.round(low, sticky[0])
        return bits if bits == self.round(high, sticky[1]) else None

    def error(self, got: ArrayLike, want: ArrayLike, offset: ArrayLike = 0.0) -> np.ndarray:
        """Return the distance of results from exact values in ulp: a number >= 0 for every pair.

        Parameters
        ----------
        got : array_like of float64
            Results of an implementation.
        want : array_like of float64
            Correctly rounded values; the unit is `ulp(want)`.
        offset : array_like of float64
            (exact value - want) / ulp(want), so between -1/2 and 1/2.

        Returns
        -------
        ndarray of float64
            nan against nan is 0, nan against a number is inf. Infinity stands for the number that
            would follow the largest finite one, so equal infinities are 0 apart. Zeros of either sign
            are the same number; their bits tell them apart.
        """
        unit = self.ulp(want)
        with np.errstate(invalid="ignore", over="ignore"):
            gap = np.abs(self._in_units(got, unit) - self._in_units(want, unit) - offset)
        got_nan, want_nan = np.isnan(got), np.isnan(want)
        gap = np.where(np.isinf(got) & (np.asarray(got) == want), 0.0, gap)
        return np.where(got_nan & want_nan, 0.0, np.where(got_nan | want_nan, np.inf, gap))

    def _in_units(self, value: ArrayLike, unit: np.ndarray) -> np.ndarray:
        past_max = 2 * (np.ldexp(1.0, self.emax) / unit)  # 2.0**1024 itself is no float64
        return np.where(np.isinf(value), np.copysign(past_max, value), np.divide(value, unit))


FORMATS = {
    f.name: f
    for f in (
        Format("binary64", 64, 53),
        Format("binary32", 32, 24),
        Format("binary16", 16, 11),
        Format("bfloat16", 16, 8),
        Format("float8_e4m3fn", 8, 4, infinity=False),
        Format("float8_e5m2", 8, 3),
    )
}


def get_format(name: "str | Format") -> Format:
    """Return the format of a name; a `Format` is returned as it is.

    Raises
    ------
    ValueError
        There is no such format; the message lists those there are.
    """
    if isinstance(name, Format):
        return name
    if name not in FORMATS:
        raise ValueError(f"get_format: format needs to be one of {', '.join(FORMATS)}, got {name!r}")
    return FORMATS[name]
