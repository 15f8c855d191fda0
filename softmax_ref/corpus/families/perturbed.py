"""Families of two rows: logits with their noise, and weights with the statistic that tilts them.

A temperature or parameter of 1 is the default and is not stored.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import BLOCKS, Draft, Range, lattice
from softmax_ref.corpus.families.tempered import ARTICLE, MATRIX

__all__ = ["GUMBEL", "TILTING"]

INF, NAN = np.inf, np.nan
NOISE = np.array([0.37, -0.61, 2.5, 0.02, 1.4, -0.9, 0.75])
"""Numbers such as a Gumbel distribution gives, from -1 to 3."""


def _noisy(slug: str, comment: str, flags: str, z, noise, temperature: float | None = None, axis: int = -1) -> Draft:
    parameters = {} if temperature is None else {"temperature": temperature}
    return Draft(slug, comment, tuple(flags.split()), {"z": z, "noise": noise}, axis, None, parameters)


def noise_textbook(r: Range):
    """The article's row with noise, at several temperatures."""
    yield _noisy("article-row", "the article's row with noise", "working-precision noise", ARTICLE, NOISE)
    for name, t in (("half", 0.5), ("two", 2.0), ("three", 3.0), ("three-quarters", 0.75)):
        yield _noisy(name, f"the article's row at temperature {t:g}", "temperature noise", ARTICLE, NOISE, t)
    tenth = r.near(0.1)
    yield _noisy("tenth", "a temperature next to 1/10", "temperature low-part", ARTICLE[:3] / 4, NOISE[:3] / 2, tenth)


def noise_winner(r: Range):
    """What noise does to the order."""
    yield _noisy("swap", "noise lifts the smaller logit above the larger", "noise", [2, 1], [-0.5, 1.25], 0.5)
    yield _noisy("tie", "noise makes two unlike logits equal", "noise ties", [1, 2, 0], [2, 1, 0.5], 0.125)
    yield _noisy(
        "cancel", "noise takes the logits back to small numbers", "noise low-part", [9, -9, 3], [-8, 9.5, -3.25]
    )
    yield _noisy(
        "cold", "at temperature 1/64 the row is almost one-hot", "temperature noise", [1, 2], [0.5, -0.375], 2.0**-6
    )
    yield _noisy(
        "hot", "at temperature 2^10 the row is almost uniform", "temperature noise", [100, -7], [1.5, -0.25], 1024.0
    )


def noise_shift(r: Range):
    """Sums that overflow exp without a shift, and with a shift by the wrong row's maximum."""
    yield _noisy("near-1000", "a common offset of 1000", "exp-overflow noise", r.apart(1000, 3), [0.5, 8, -4], 2.0)
    yield _noisy("near-minus-1000", "an offset of -1000", "exp-underflow", -r.apart(1000, 3), [0.5, 8, -4], 2.0)
    for slug, z in (("far-above", r.apart(1000, 3)), ("far-below", -r.apart(1000, 3))):
        flag = "exp-overflow" if z[0] > 0 else "exp-underflow"
        yield _noisy(slug, f"an offset {slug.replace('-', ' ')} at temperature 1/2", flag, z, [0.5, 1.25, -0.5], 0.5)
    far = 4.0 * r.work.over
    yield _noisy(
        "noise-decides", "the maximum of the sums is not that of the logits", "wrong-shift noise", [8, 0], [0, far]
    )


def noise_tails(r: Range):
    """Small shares, masked logits, nan."""
    yield _noisy(
        "half-range", "a share at half the range of exp", "relative-accuracy noise", [r.normal // 2, 0], [-1.5, 2]
    )
    yield _noisy("subnormal", "a subnormal share", "subnormal-result noise", [r.normal, 0], [1.25, -1.5])
    yield _noisy("last", "a share of a few smallest numbers", "subnormal-result noise", [r.under, 0], [-0.25, 0.75])
    yield _noisy("mask", "a masked logit stays out whatever its noise", "mask noise", [-INF, 2, 1], [9, 0.5, 1.25], 0.5)
    yield _noisy("noise-mask", "noise of -inf masks its logit", "mask noise", [9, 2, 1], [-INF, 0.5, 1.25], 2.0)
    rows, noise = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]], [[1, 0.5, 0], [0.25, 1, 0], [-1, 0, 2]]
    yield _noisy("nan", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", rows, noise, 2.0)


def noise_shapes(r: Range):
    """One entry, both axes of a matrix, long rows."""
    noise = [[0.5, -1], [2.25, 0], [-0.75, 1.5]]
    yield _noisy("one", "a single class takes all", "single-class noise", [2.5], [-0.5], 0.5)
    yield _noisy("rows", "the rows of a (3, 2) matrix", "axis noise", MATRIX, noise, 2.0)
    yield _noisy("columns", "the columns of a (3, 2) matrix at temperature 3", "axis noise", MATRIX, noise, 3.0, 0)
    yield _noisy("default", "the temperature is 1 where none is given", "temperature noise", MATRIX, noise)
    for slug, comment, z, axis in BLOCKS:
        yield _noisy(slug, f"{comment} at temperature 2", "axis noise", z, z * 3 % 5 - 1.5, 2.0, axis)
    for n, t in ((128, 0.5), (129, 3.0)):
        g = lattice((2, n), start=-8, multiplier=29, modulus=31)
        yield _noisy(f"{n}", f"two rows of {n} classes and their noise", "tail-elements noise", lattice((2, n)), g, t)


GUMBEL = [noise_textbook, noise_winner, noise_shift, noise_tails, noise_shapes]


def _tilted(slug: str, comment: str, flags: str, p, x, theta: float | None = None, axis: int = -1) -> Draft:
    parameters = {} if theta is None else {"theta": theta}
    return Draft(slug, comment, tuple(flags.split()), {"p": p, "x": x}, axis, None, parameters)


def tilt_textbook(r: Range):
    """Distributions and weights at several parameters."""
    p = [0.125, 0.25, 0.5, 0.0625, 0.0625]
    yield _tilted("unit", "a distribution tilted by 1", "working-precision base-weights", p, [1, 2, 0, 3, -1])
    for name, t in (("half", 0.5), ("minus-two", -2.0), ("three", 3.0), ("minus-three-quarters", -0.75)):
        yield _tilted(name, f"a distribution tilted by {t:g}", "coldness base-weights", p, [1, 2, 0, 3, -1], t)
    yield _tilted("tenth", "a parameter next to 1/10", "coldness low-part", p, [10, 25, 0, 37, -5], r.near(0.1))
    yield _tilted(
        "zero", "at parameter 0 the weights are normalised", "base-weights coldness", [1, 2, 4], [5, -3, 1], 0.0
    )
    yield _tilted(
        "weights", "weights that add up to 11 are normalised", "base-weights", [1, 7, 3], [0.5, 0.25, -1], 2.0
    )
    yield _tilted(
        "uniform", "a uniform base leaves the softmax of theta x", "working-precision", [0.25] * 4, [1, 2, 0, 4], 0.5
    )


def tilt_support(r: Range):
    """Weights of 0: outside the support nothing counts."""
    far = 4.0 * r.work.over
    yield _tilted("zero", "a weight of 0 stays 0", "base-weights mask", [0.5, 0, 0.5], [1, 2, 0.25], 2.0)
    yield _tilted("far", "the largest x has weight 0", "wrong-shift mask", [0.25, 0, 0.75], [1, far, 0])
    yield _tilted("only", "one class has all the weight", "mask", [0, 0, 3], [1, 2, -5], 0.5)
    yield _tilted("minus-infinite", "x = -inf leaves no mass", "mask", [0.5, 0.25, 0.25], [1, -INF, 0], 0.5)
    rows, p = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]], [[1, 3, 4]] * 3
    yield _tilted("nan", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", p, rows, 0.5)


def tilt_sizes(r: Range):
    """Offsets of x, tiny weights with large exponentials, small shares."""
    p = [0.25, 0.5, 0.125]
    yield _tilted("near-1000", "a common offset of 1000", "exp-overflow base-weights", p, r.apart(1000, 3), 2.0)
    yield _tilted("near-minus-1000", "an offset of -1000", "exp-underflow", p, -r.apart(1000, 3), -0.5)
    yield _tilted("far-below", "an offset of 1000 at theta = -2", "exp-underflow", p, r.apart(1000, 3), -2.0)
    least, gap = 2.0**r.format.emin, r.normal
    yield _tilted(
        "compensated", "the smallest weight with an exponential to match", "base-weights low-part", [least, 1], [gap, 0]
    )
    yield _tilted("half-range", "a share at half the range of exp", "relative-accuracy", [3, 1], [0, -(r.normal // 2)])
    yield _tilted("subnormal", "a subnormal share", "subnormal-result", [1, 0.75], [r.normal + 1, 0])
    yield _tilted("last", "a share of a few smallest numbers", "subnormal-result", [1, 1], [r.under - 1, 0])
    yield _tilted("ties", "equal x keep the ratios of the weights", "ties base-weights", [3, 1, 4, 2], [0.1] * 4, -2.0)


def tilt_shapes(r: Range):
    """One entry, both axes of a matrix, long rows."""
    p = [[0.5, 1], [0.25, 3], [0.25, 2]]
    yield _tilted("one", "a single class has all the mass", "single-class", [0.375], [2.5], 3.0)
    yield _tilted("rows", "the rows of a (3, 2) matrix", "axis base-weights", p, MATRIX, 0.5)
    yield _tilted("columns", "the columns of a (3, 2) matrix tilted by -3/4", "axis base-weights", p, MATRIX, -0.75, 0)
    for slug, comment, x, axis in BLOCKS:
        yield _tilted(slug, f"{comment} tilted by 1/2", "axis base-weights", x * 3 % 5 + 1, x, 0.5, axis)
    for n, t in ((128, 0.5), (129, -0.75)):
        w = lattice((2, n), start=1, multiplier=29, modulus=31)
        yield _tilted(
            f"{n}", f"two rows of {n} classes and their weights", "tail-elements base-weights", w, lattice((2, n)), t
        )


TILTING = [tilt_textbook, tilt_support, tilt_sizes, tilt_shapes]
