"""Functions of one argument in the narrow formats: every input, correctly rounded.

The results of a function in a format, in the order of the input's bits, are a string of bytes: one for each 8-bit
result, two, the lower first, for each 16-bit one. A nan is the canonical one and a zero has no sign, so that the string
depends on the values alone. Its SHA-256 is published with the corpus, in ``digests.json``.

Results are decided by float64 where it can. With E = `EXP_ERROR`, log(1 + e^x) is right to 2 E + 1 units of roundoff,
and e to that power, at least 2^-134 unless it is rounded to 0, to 93 (2 E + 1) + E: less than 2^-43. Where the ends of an
interval of relative radius 2^-40 are rounded to the same float, so is the exact value. What is left is certified.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from softmax_ref.corpus.loader import VECTORS, vector_files
from softmax_ref.formats import Format, get_format

__all__ = ["FORMATS", "FUNCTIONS", "Comparison", "compare", "correctly_rounded", "digest", "digests", "published"]

FORMATS = ("binary16", "bfloat16", "float8_e4m3fn", "float8_e5m2")
FUNCTIONS = ("logistic", "log_logistic", "softplus")
RADIUS = 2.0**-40
"""Eight times the error of the evaluation."""
LOST = 2.0**-1000
"""Less than half the smallest number of every format here: what float64 itself may lose by underflow."""

_FLOAT64: dict[str, Callable] = {
    "logistic": lambda x: np.exp(-np.logaddexp(0, -x)),
    "log_logistic": lambda x: -np.logaddexp(0, -x),
    "softplus": lambda x: np.logaddexp(0, x),
}


def correctly_rounded(function: str, format: str | Format) -> np.ndarray:
    """Return the bits of the result at every input of a format, in the order of the input's bits.

    Parameters
    ----------
    function : str
        One of `FUNCTIONS`.
    format : str or Format
        One of `FORMATS`.

    Examples
    --------
    >>> bits = correctly_rounded("logistic", "float8_e5m2")
    >>> get_format("float8_e5m2").decode(bits[0x3C])  # logistic(1) = 0.731...
    array(0.75)
    """
    return _rounded(function, get_format(format))[0]


def _rounded(function: str, fmt: Format) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the bits, the float64 values that they come from, and how many of the bits had to be certified."""
    x = fmt.decode(np.arange(1 << fmt.width))
    with np.errstate(invalid="ignore", under="ignore"):
        y = _FLOAT64[function](x)
    spread = RADIUS * np.abs(np.where(np.isfinite(y), y, 0.0)) + LOST
    ends = fmt.cast(y - spread), fmt.cast(y + spread)
    hard = ~((ends[0] == ends[1]) | np.isnan(y))
    bits = fmt.encode(fmt.cast(y) + 0.0)  # -0.0 + 0.0 is 0.0
    if hard.any():
        from softmax_ref.certified import certify

        bits[hard] = fmt.encode(certify(function, x[hard], format=fmt).values + 0.0)
    return bits.astype(f"<u{fmt.width // 8}"), y, int(hard.sum())


def digest(function: str, format: str | Format) -> str:
    """Return the SHA-256 of the correctly rounded results, as the head of this module defines it."""
    return hashlib.sha256(correctly_rounded(function, format).tobytes()).hexdigest()


def digests(function: str | None = None, format: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Compute the digests, of one function and one format or of all; yield (function, format, SHA-256).

    Raises
    ------
    ValueError
        There is no such function or format; the message lists those there are.
    """
    for name, value, known in (("function", function, FUNCTIONS), ("format", format, FORMATS)):
        if value is not None and value not in known:
            raise ValueError(f"digests: {name} needs to be one of {', '.join(known)}, got {value!r}")
    for f in FUNCTIONS if function is None else (function,):
        for fmt in FORMATS if format is None else (format,):
            yield f, fmt, digest(f, fmt)


def published(directory: Path = VECTORS) -> dict[str, dict[str, str]]:
    """Return the stored digests, by function and format."""
    return vector_files(directory).parsed("digests.json")["digests"]


@dataclass(frozen=True)
class Comparison:
    """What an implementation makes of all inputs of a format.

    Attributes
    ----------
    inputs : int
        How many there are.
    wrong : int
        How many results are not correctly rounded.
    largest_error : float
        The largest distance from an exact value, in ulp; correct rounding stays at 1/2 or below.
    at : float
        An input with that error.
    """

    inputs: int
    wrong: int
    largest_error: float
    at: float


def compare(fn: Callable, function: str, format: str | Format) -> Comparison:
    """Call an implementation once, with all inputs of a format, and count what is not correctly rounded.

    Parameters
    ----------
    fn : callable
        Elementwise: from an array of the format to an array of the same shape.
    function : str
        One of `FUNCTIONS`, what fn computes.
    format : str or Format
        One of `FORMATS`; all but binary16 need the package ml_dtypes.

    Examples
    --------
    >>> from softmax_ref import logistic
    >>> compare(logistic, "logistic", "binary16").wrong
    0
    """
    fmt = get_format(format)
    bits, y, _ = _rounded(function, fmt)
    want, x = fmt.decode(bits), fmt.decode(np.arange(1 << fmt.width))
    with np.errstate(all="ignore"):
        got = np.asarray(fn(x.astype(_dtype(fmt)))).astype(np.float64)
        offset = np.where(np.isfinite(want), (y - want) / fmt.ulp(want), 0.0)
    error = fmt.error(got, want, offset)
    worst = int(np.argmax(error))
    right = (got == want) | (np.isnan(got) & np.isnan(want))
    return Comparison(len(x), int((~right).sum()), float(error[worst]), float(x[worst]))


def _dtype(fmt: Format) -> np.dtype:
    if fmt.name == "binary16":
        return np.dtype(np.float16)
    import ml_dtypes

    return np.dtype(getattr(ml_dtypes, fmt.name))
