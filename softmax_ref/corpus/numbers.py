"""The strings of a file that stand for numbers: bits, the decimals beside them, tolerances. Checked all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from softmax_ref.corpus.reading import Malformed
from softmax_ref.formats import Format

__all__ = ["Numbers"]

DECIMAL = r"(?:-?[0-9]{1,999}(?:\.[0-9]{1,999})?(?:e[+-][0-9]{1,5})?|-?inf|nan)"
"""Longer ones would exhaust whoever takes them for exact numbers."""
TOLERANCE = r"[0-9]+(?:\.[0-9]+)?(?:e[+-](?:[12]?[0-9]?[0-9]|3[01][0-9]))?"


@dataclass
class Numbers:
    """Strings gathered from one or many cases.

    Attributes
    ----------
    bits, decimals : list of str
        Floats, and the decimal beside each.
    accepted : list of str
        Bits without decimals.
    tolerances : list of str
        Finite decimals without bits.
    """

    bits: list[str] = field(default_factory=list)
    decimals: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    tolerances: list[str] = field(default_factory=list)

    def add(self, bits: Iterable[str], decimals: Iterable[str]) -> None:
        """Gather floats with the decimals beside them."""
        self.bits += bits
        self.decimals += decimals

    def check(self, fmt: Format) -> None:
        """Refuse what is no number of the format, and a decimal that is far from its bits.

        Raises
        ------
        Malformed
            With the first wrong string.
        """
        digits = fmt.width // 4
        one = f"0x[0-9a-f]{{{digits}}}"
        _match(self.accepted, one, f"bits of {fmt.name} need 0x and {digits} digits from 0 to f")
        _match(self.tolerances, TOLERANCE, "a tolerance needs a finite decimal")
        _match(self.bits, one, f"bits of {fmt.name} need 0x and {digits} digits from 0 to f")
        _match(self.decimals, DECIMAL, "a decimal needs digits with a point and an exponent, or inf or nan")
        _compare(dict.fromkeys(zip(self.bits, self.decimals, strict=True)), fmt)


def _match(texts: list, one: str, needed: str) -> None:
    """Refuse a list of which not every entry is a string of a pattern; few are different."""
    try:
        different = {*texts}
        found = re.fullmatch(f"(?:{one}\n)*", "\n".join(different) + "\n" * bool(different))
    except TypeError:
        found = None
    if not found:
        wrong = next(x for x in texts if type(x) is not str or not re.fullmatch(one, x))
        raise Malformed(f"{needed}, got {wrong!r:.60}")


def _compare(pairs: Iterable[tuple[str, str]], fmt: Format) -> None:
    """Refuse a decimal that is more than half a unit away from its bits, with a little leave for the float64 of it."""
    bits, decimals = zip(*pairs, strict=True) if pairs else ((), ())
    packed = bytes.fromhex("".join(bits).replace("0x", ""))
    values = fmt.decode(np.frombuffer(packed, f">u{fmt.width // 8}").astype(np.uint64))
    exact = np.fromiter(map(float, decimals), np.float64, len(decimals))
    wrong = ~_near(exact, values, fmt)
    if wrong.any():
        n = int(wrong.argmax())
        raise Malformed(f"the decimal {decimals[n]} is not {bits[n]}, which is {float(values[n])!r}")


@cache
def _range(fmt: Format) -> tuple[float, float]:
    return fmt.tiny, fmt.max


def _near(exact: np.ndarray, values: np.ndarray, fmt: Format) -> np.ndarray:
    with np.errstate(invalid="ignore", over="ignore"):
        tiny, largest = _range(fmt)
        unit = fmt.unit_roundoff * np.abs(values) + tiny / 2
        close = np.isfinite(values) & (np.abs(exact - values) <= unit * (1 + 2.0**-20))
        same = close | (exact == values) | (np.isnan(exact) & np.isnan(values))
        past = np.abs(exact) > largest
    beyond = np.isinf(values) | (np.isnan(values) | (np.abs(values) == largest) if not fmt.infinity else False)
    signs = np.isnan(values) | (np.signbit(exact) == np.signbit(values))
    return same | (past & beyond & signs)
