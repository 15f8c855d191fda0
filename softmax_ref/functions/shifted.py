"""The shift by the maximum, with nothing lost: z - m as an exact pair, its exponentials and their sum."""

import numpy as np

from .pieces import in_pieces, pieces


def shift(x, beta=1.0):
    """Return m, d, low for each row: beta * (x - m) = d + low, where m is the maximum of x (minimum if beta < 0)."""
    if beta < 0:
        x, beta = -x, -beta
    if beta < 0.5:
        # Halves are exact where they matter, and the difference of two finite halves cannot overflow.
        x, beta = x / 2, 2 * beta
    m = x.max(axis=1, keepdims=True)
    d = x - m
    low = low_part(x, m, d)
    if beta == 1:
        return m, d, low
    product = np.where(d == -np.inf, d, beta * d)
    return m, product, finite(product_error(beta, d, product) + beta * low)


@in_pieces
def low_part(x, m, d):
    """Return the error of d = fl(x - m); an infinite d has none."""
    return finite(difference_error(x, m, d))


def finite(low):
    """Return low with 0 in the place of what is not finite."""
    return np.where(np.isfinite(low), low, 0)


def difference_error(x, m, d):
    """Return the error of d = fl(x - m), exactly (Knuth's TwoSum)."""
    t = d - x
    return (x - (d - t)) - (m + t)


def sum_error(x, y, s):
    """Return the error of s = fl(x + y), exactly (Knuth's TwoSum)."""
    return difference_error(x, -y, s)


def product_error(beta, d, product):
    """Return the error of product = fl(beta * d), exactly unless it overflows (Dekker's product)."""
    beta_high, beta_low = halves(d.dtype.type(beta))
    high, low = halves(d)
    return low * beta_low - (((product - high * beta_high) - low * beta_high) - high * beta_low)


def quotient(d, low, divisor):
    """Return (d + low) / divisor as a number and its low part, which is 0 where it is not finite."""
    q = d / divisor
    product = q * divisor
    rest = (d - product) - product_error(divisor, q, product)
    return q, finite((rest + low) / divisor)


def halves(x):
    """Split x into two numbers of half the digits (Veltkamp)."""
    t = x * x.dtype.type(2 ** ((np.finfo(x.dtype).nmant + 2) // 2) + 1)
    high = t - (t - x)
    return high, x - high


def exponentials(d):
    """Return exp(d) for d <= 0."""
    floor = np.log(np.finfo(d.dtype).tiny)
    if d.min(initial=0) >= floor:
        return np.exp(d)
    # With AVX-512, NumPy 2.4 takes 10 to 180 times longer where exp is 0 or subnormal: masks are kept away from it.
    below = d < floor
    e = np.where(below, 0, np.exp(np.maximum(d, floor)))
    subnormal = below & (d > 2 * floor)
    e[subnormal] = np.exp(d[subnormal])
    return e


def total(e, low):
    """Return the sum of e (1 + low) over each row as two terms, where 0 <= e <= 1; the first term is exact.

    Adding and subtracting the grid rounds each e to a multiple of one unit, so coarse that the sum of K of them is
    exact in any order. What is left is K times smaller than it was, or belongs to a term that is tiny itself:
    1 + 200 exp(-37) loses nothing.
    """
    grid = e.dtype.type(1.5 * 2.0 ** e.shape[-1].bit_length())
    sums = [part_sums(*cut, grid) for cut in pieces(e, low)]
    return sums[0] if len(sums) == 1 else tuple(map(sum, zip(*sums, strict=True)))


def part_sums(e, low, grid):
    """Return the sums of the parts of e above and below the grid."""
    high = (e + grid) - grid
    return high.sum(axis=1, keepdims=True), ((e - high) + e * low).sum(axis=1, keepdims=True)


@in_pieces
def divided(e, low, high, rest):
    """Return e (1 + low) / (high + rest)."""
    s = high + rest
    p = e / s
    return p + p * (low - sum_error(high, rest, s) / s)


def weights(x, beta=1.0):
    """Return the softmax of each row."""
    _, d, low = shift(x, beta)
    return normalized(exponentials(d), low)


def normalized(e, low):
    """Return e (1 + low) over its sum for each row."""
    return divided(e, low, *total(e, low))


def weights_and_complements(x):
    """Return p and 1 - p for each row; the top class gets the sum of the others, where 1 - p would cancel."""
    _, d, low = shift(x)
    e = exponentials(d)
    high, rest = total(e, low)
    p = divided(e, low, high, rest)
    q = 1 - p
    np.put_along_axis(q, p.argmax(axis=1, keepdims=True), ((high - 1) + rest) / (high + rest), axis=1)
    return p, q


def log_total(d, low):
    """Return log(sum exp(d + low)) over each row as a number and its low part.

    One maximum is left out of the sum, and log1p puts it back: next to it the small terms would be lost.
    """
    return log_of_sum(*total(exponentials(d), low))


def log_of_sum(high, rest):
    """Return log(high + rest) as a number and its low part, where high counts the maximum as 1."""
    others = (high - 1) + rest
    return np.log1p(others), sum_error(high - 1, rest, others) / (1 + others)


def log_weights(x):
    """Return the log-softmax of each row."""
    _, d, low = shift(x)
    log_s, log_s_low = log_total(d, low)
    return (d - log_s) + (low - log_s_low)
