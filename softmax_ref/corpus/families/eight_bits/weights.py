"""Two rows and rows of weights in the 8-bit formats: perturbed logits, tilted distributions, log-ratios."""

import numpy as np

from softmax_ref.corpus.families import log_ratios, perturbed
from softmax_ref.corpus.families.drafts import Draft, Range, lattice
from softmax_ref.corpus.families.eight_bits.parts import each_exactly, halves, of_tiny

__all__ = ["CLR", "GUMBEL", "TILTING"]

ARTICLE = np.array([1.0, 2, 3, 4, 1, 2, 3])
NOISE = np.array([0.375, -0.625, 2.5, 0, 1.5, -0.875, 0.75])
"""Numbers of both formats such as a Gumbel distribution gives."""
INF = np.inf


def _noisy(slug: str, comment: str, flags: str, z, noise, temperature: float | None = None) -> Draft:
    parameters = {} if temperature is None else {"temperature": temperature}
    return Draft(slug, comment, tuple(flags.split()), {"z": z, "noise": noise}, -1, None, parameters)


def noise(r: Range):
    """The article's row with noise, and sums that are no numbers of the format."""
    top = r.format.max
    yield _noisy("article-row", "the article's row with noise", "working-precision noise", ARTICLE, NOISE)
    for name, t in (("half", 0.5), ("two", 2.0), ("three", 3.0), ("three-quarters", 0.75)):
        yield _noisy(name, f"the article's row at temperature {t:g}", "temperature noise", ARTICLE, NOISE, t)
    yield _noisy("cancel", "noise takes the logits back to small numbers", "low-part", [8, -8, 3], [-7, 8, -3.5])
    yield _noisy("hot", "at temperature 64 the row is almost uniform", "temperature", [96, -7], [1.5, -0.25], 64.0)
    yield _noisy("top", "logits at the top of the range and their noise", "exp-overflow", [top, top], [0.5, 2], 2.0)
    yield _noisy("bottom", "logits at the bottom of the range", "exp-underflow", [-top, -top], [-1.5, 0.25], 0.5)
    yield _noisy("decides", "the maximum of the sums is not that of the logits", "wrong-shift noise", [8, 0], [0, 384])
    yield _noisy("far", "noise past the range of exp", "exp-overflow noise", [0, 0], [112, 112])


def noise_tails(r: Range):
    """Small shares and masks."""
    for name, count in (("ten", 10), ("five", 5), ("two", 2.3)):
        high, low = of_tiny(r, count)
        comment = f"a share of about {count:.0f} smallest numbers"
        yield _noisy(name, comment, "subnormal-result noise", [high, 0.5], [0.5, low + 0.0])


def noise_masks(r: Range):
    """Logits and noise of -inf."""
    if r.format.infinity:
        yield _noisy("logit", "a masked logit stays out whatever its noise", "mask noise", [-INF, 2, 1], [8, 0.5, 1.25])
        yield _noisy("noise", "noise of -inf masks its logit", "mask noise", [8, 2, 1], [-INF, 0.5, 1.25], 2.0)


def noise_rows(r: Range):
    """The rows and columns of a matrix, long rows."""
    z, g = [[1, 5], [2, 3], [4, 0.5]], [[0.5, -1], [2.5, 0], [-0.75, 1.5]]
    yield _noisy("rows", "the rows of a (3, 2) matrix with noise", "axis noise", z, g, 2.0)
    columns = _noisy("columns", "the columns of a (3, 2) matrix with noise", "axis noise", z, g, 3.0)
    yield Draft(columns.slug, columns.comment, columns.flags, columns.inputs, 0, None, columns.parameters)
    for width, t in ((128, 0.5), (129, 3.0)):
        g = lattice((2, width), start=-3, multiplier=29, modulus=11, shift=1)
        z = halves((2, width), [(n, 12) for n in (width - 1, width)])
        yield _noisy(f"{width}", f"two rows of {width} classes and their noise", "tail-elements noise", z, g, t)


GUMBEL = [*each_exactly(perturbed.GUMBEL), noise, noise_tails, noise_masks, noise_rows]


def _tilted(slug: str, comment: str, flags: str, p, x, theta: float | None = None) -> Draft:
    parameters = {} if theta is None else {"theta": theta}
    return Draft(slug, comment, tuple(flags.split()), {"p": p, "x": x}, -1, None, parameters)


def tilts(r: Range):
    """Offsets, weights at the ends of the range, small shares."""
    top, p = r.format.max, [0.25, 0.5, 0.125]
    yield _tilted("top", "x at the top of the range", "exp-overflow base-weights", p, [top, r.near(top, -1), top], 2.0)
    yield _tilted("bottom", "x at the bottom of the range", "exp-underflow", p, [-top, -top, r.near(-top, 1)], -0.5)
    yield _tilted("far", "the largest x has weight 0", "wrong-shift mask", [0.25, 0, 0.75], [1, 384, 0])
    least = 2.0**r.format.emin
    comment = "the smallest normal weight with an exponential to match"
    yield _tilted("compensated", comment, "base-weights low-part", [least, 1], [r.normal - 1, 0])
    yield _tilted("weights", "the largest weights", "sum-overflow base-weights", [top, top / 2, top], [0, 1, -0.5])
    yield _tilted("ties", "equal x keep the ratios of the weights", "ties base-weights", [3, 1, 4, 2], [0.5] * 4, -2.0)
    for name, count in (("ten", 10), ("five", 5), ("two", 2.3)):
        comment = f"a share of about {count:.0f} smallest numbers"
        yield _tilted(name, comment, "subnormal-result", [1, 1], of_tiny(r, count))
    yield _tilted("33", "33 equal weights", "low-precision-sum ties", [1.5] * 33, [0.5] * 33)


def tilted_rows(r: Range):
    """Long rows, by recipe."""
    for width, t in ((128, 0.5), (129, -0.75)):
        w = lattice((2, width), start=1, multiplier=29, modulus=8, shift=1)
        z = halves((2, width), [(n, 12) for n in (width - 1, width)])
        yield _tilted(
            f"{width}", f"two rows of {width} classes and their weights", "tail-elements base-weights", w, z, t
        )


TILTING = [*each_exactly(perturbed.TILTING), tilts, tilted_rows]


def _weights(slug: str, comment: str, flags: str, p) -> Draft:
    return Draft(slug, comment, tuple(flags.split()), {"p": p})


def ratios(r: Range):
    """Weights at the ends of the range, equal ones, and ratios close to 1."""
    tiny, top = r.format.tiny, r.format.max
    yield _weights("tiny", "four of the smallest numbers", "subnormal-input", tiny * np.array([1, 3, 2, 7]))
    yield _weights("largest", "weights whose sum overflows", "sum-overflow", [top, top / 2, top / 4])
    yield _weights("both", "the smallest and the largest number", "subnormal-input", [tiny, top, 1])
    small = 2.0**r.format.emin * np.array([2, 3, 4, 2, 6, 2, 1, 8])
    yield _weights("small-product", "the product of eight small weights underflows", "exp-underflow", small)
    yield _weights("five", "equal weights have log-ratios of exactly 0", "ties", [0.75] * 5)
    near = [1, r.near(1, 1), r.near(1, 2)]
    yield _weights("near", "weights one ulp apart", "ties relative-accuracy", near)
    yield _weights("nearby", "one weight an ulp above four", "ties relative-accuracy", [r.near(1, 1), 1, 1, 1, 1])
    comment = "weights with 7^4 close to the product of the others"
    yield _weights("almost", comment, "relative-accuracy subnormal-result", [5, 5, 6, 16, 7])


def ratio_rows(r: Range):
    """Long rows, by recipe."""
    for width in (128, 129, 1025):
        w = lattice((2, width), start=1, modulus=8, shift=1)
        yield _weights(f"{width}", f"two rows of {width} weights", "tail-elements", w)


CLR = [*each_exactly(log_ratios.CLR), ratios, ratio_rows]
