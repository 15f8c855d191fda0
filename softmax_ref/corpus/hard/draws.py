"""Integers from a seed and a counter, for Python's integers and for arrays of uint64 alike."""

import numpy as np

__all__ = ["draw"]

MASK = (1 << 64) - 1


def draw(seed: int, counter: int | np.ndarray, which: int) -> int | np.ndarray:
    """Return 64 bits that depend on the seed, the counter and which draw of that counter it is.

    The finaliser of SplitMix64 [1]_: a permutation of the 64-bit integers, so a search that knows how far it came
    has no other state.

    Parameters
    ----------
    seed : int
        Which stream, 0 to 255.
    counter : int or ndarray of uint64
        Which input of the stream, below 2^53.
    which : int
        Which number of that input, 0 to 7.

    References
    ----------
    .. [1] Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators, OOPSLA.

    Examples
    --------
    >>> hex(draw(1, 2, 0)), hex(draw(1, np.array([2], np.uint64), 0)[0])
    ('0x3eb50728bf9ddf1c', '0x3eb50728bf9ddf1c')
    """
    n = ((counter << 3) + (seed << 56) + which + 1) * 0x9E3779B97F4A7C15 & MASK
    n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    n = (n ^ (n >> 27)) * 0x94D049BB133111EB & MASK
    return n ^ (n >> 31)
