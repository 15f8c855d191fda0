"""Families of pairs: logaddexp, its gradients and its tangent.

Everything elementwise: a pair is a row of two, and whatever hides the order of the two is avoided.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import wraps

import numpy as np

from softmax_ref.corpus.families.drafts import Draft, Family, Lattice, Range, lattice
from softmax_ref.corpus.families.log_gradients import huge

__all__ = ["COTANGENTS", "PAIRS", "PAIR_JVP", "PAIR_VJP", "TANGENTS", "moved"]

INF, NAN = np.inf, np.nan
GRID = np.arange(-6, 6).reshape(3, 4) / 3
OTHER = GRID[::-1] + 0.75


def _pair(slug: str, comment: str, flags: str, x, y, policy: str | None = None) -> Draft:
    return Draft(slug, comment, tuple(flags.split()), {"x": x, "y": y}, policy=policy)


def textbook(r: Range):
    """Pairs of small numbers."""
    yield _pair("grid", "pairs of small numbers of either sign", "working-precision log-base", GRID, OTHER)
    ladder = np.arange(-8, 9)
    yield _pair("ladder", "differences from -8 to 8", "log-base", ladder, np.zeros(17))
    yield _pair("opposite", "a number and its negative", "exp-overflow", [3, -3, 0.1, 8], [-3, 3, -0.1, -8])
    yield _pair(
        "zeros", "zeros of either sign are equal", "signed-zero", [0.0, -0.0, 0.0, -0.0], [0.0, 0.0, -0.0, -0.0]
    )


def integers(r: Range):
    """Numbers that integer arrays can hold."""
    yield _pair("one-two", "the pairs 1, 2 and 2, 1", "exp-overflow", [1, 2], [2, 1])
    yield _pair("bytes", "numbers that fit an unsigned byte", "exp-overflow", [0, 255, 3, 100], [255, 254, 3, 0])
    yield _pair("signed-bytes", "numbers that fit a signed byte", "exp-overflow", [-100, 100, 0], [100, 100, -100])


def equal(r: Range):
    """Equal numbers of any size."""
    yield _pair("small", "a number beside itself", "ties", [1.5, -3, 0.1, 100], [1.5, -3, 0.1, 100])
    sizes = np.array(huge(r))
    yield _pair("huge", "equal numbers of any size", "exp-overflow rounded-logsumexp", sizes, sizes)
    yield _pair("huge-negative", "equal numbers far below 0", "exp-underflow rounded-logsumexp", -sizes, -sizes)
    near = [r.near(1, 1), 1, r.near(1, -1)]
    yield _pair("near", "numbers one ulp apart", "ties low-part", near, [1, r.near(1, 1), 1])
    yield _pair("close", "numbers 32 ulp apart are not equal", "near-ties", [1, r.near(-3, 32)], [r.near(1, 32), -3])


def apart(r: Range):
    """Numbers far apart."""
    x, y = [0, 17, -30, 0, 40, 0, 0, -14], [17, 0, 0, 30, 0, -40, -14, 0]
    yield _pair("gaps", "gaps of 14, 17, 30 and 40 on either side", "log-of-one", x, y)
    gaps = np.linspace(1, r.normal - 1, 8)
    yield _pair(
        "first-larger", "the smaller falls through the range of exp", "log-of-one relative-accuracy", np.zeros(8), -gaps
    )
    yield _pair(
        "second-larger", "the first falls through the range of exp", "log-of-one relative-accuracy", -gaps, np.zeros(8)
    )
    visible = np.array([-2, -1, 0, 1, 2]) / 2 - r.speck
    yield _pair("speck", "the smaller is about one unit roundoff of the larger", "log-of-one", visible, np.zeros(5))
    below = np.linspace(r.normal, r.under + 2, 6)
    yield _pair("subnormal", "exp of the difference is subnormal", "subnormal-result", np.zeros(6), -below)
    yield _pair(
        "subnormal-first", "exp of the reversed difference is subnormal", "subnormal-result", -below, np.zeros(6)
    )
    far = 20 * r.work.over
    yield _pair("far", "exp of the difference is 0", "divided-by-probability", [far, 0, 1, -far], [0, far, -far, 1])


def overflow(r: Range):
    """Around and beyond the range of exp."""
    around = np.arange(-3, 4)
    yield _pair("above", "exp of both overflows", "exp-overflow", r.over + around, r.over - around + 1)
    yield _pair("below", "exp of both underflows", "exp-underflow", -r.under + around, -r.under - around - 1)
    yield _pair(
        "hundreds", "numbers hundreds apart", "exp-overflow", [1000, -1000, 300, -798], [1001, -1002, -300, 1600]
    )
    largest = r.format.max
    yield _pair(
        "largest",
        "the largest number and its negative",
        "exp-overflow infinite-difference",
        [largest, -largest, -largest, 0],
        [-largest, largest, 0, -largest],
    )


def thresholds(r: Range):
    """Where libraries switch formulas."""
    around = np.arange(-4, 5) / 2
    for at in (10, 20, 37):
        yield _pair(
            f"switch-{at}", f"no switch of formulas shows at a gap of {at}", "threshold", at + around, np.zeros(9)
        )
        yield _pair(
            f"switch-minus-{at}",
            f"no switch of formulas shows at a gap of -{at}",
            "threshold",
            np.zeros(9),
            at + around,
        )


def limits(r: Range):
    """Infinities beside numbers; nan."""
    yield _pair("minus-infinity", "-inf adds nothing", "mask", [-INF, 2, -INF, -50], [3.5, -INF, -200, -INF])
    yield _pair("infinity", "+inf beside anything smaller", "infinite-logit", [INF, 1, INF, -INF], [1, INF, -INF, INF])
    yield _pair("nan", "a nan stays alone in its slot", "nan-swallowed", [NAN, 5, 0, NAN], [3, NAN, 1, NAN])
    yield _pair(
        "nan-infinite", "a nan beside an infinity is nan", "nan-swallowed", [NAN, INF, NAN, -INF], [INF, NAN, -INF, NAN]
    )


def shapes(r: Range):
    """Arrays of several axes, long arrays."""
    yield _pair("square", "a square is not transposed", "gradient-transposed", [[0, 1], [5, 2]], [[3, 1], [-1, 0]])
    block = np.arange(12).reshape(2, 3, 2)
    yield _pair("block", "three axes keep their shape and order", "axis", block * 5 % 7 - 3, block * 7 % 5 - 2)
    yield _pair("one", "one pair", "single-class", [1.5], [0.25])
    for width in (65, 127, 128, 129, 1024, 65537):
        other = lattice((width,), multiplier=29, modulus=97)
        yield _pair(f"{width}", f"{width} pairs, no entry left out", "tail-elements", lattice((width,)), other)


def clip(r: Range):
    """Numbers beyond the usual clipping ranges, and below usual masks."""
    yield _pair(
        "ranges",
        "numbers beyond the usual clips are told apart",
        "clipped-input",
        [33, -104, 52, -82],
        [32, -105, 51, -81],
    )
    a, b = -r.apart(20000, 2)
    yield _pair("deep", "numbers below -10000 are told apart", "finite-sentinel clipped-input", [a, b], [b, a])


SHARED = [textbook, equal, apart, overflow, thresholds, limits, shapes, clip]


def sum_zero(r: Range):
    """Pairs whose sum of exponentials is almost 1, or exactly."""
    half = -np.log(2)
    yield _pair("halves", "two halves add up to almost 1", "cancellation-in-logsumexp", [half], [half])
    x = -np.array([0.125, 0.25, 0.5, 1, 2, 4])
    y = np.log1p(-np.exp(x))
    yield _pair("complements", "a probability and its complement", "cancellation-in-logsumexp", x, y)
    yield _pair(
        "around", "sums on either side of 1", "cancellation-in-logsumexp", half + np.arange(-3, 4) / 64, [half] * 7
    )


def tables(r: Range):
    """Every pair of the kinds -inf, number, +inf; subnormal numbers."""
    yield _pair("infinities", "equal infinities are their own sums", "equal-infinities", [INF, -INF], [INF, -INF])
    kinds = np.array([-INF, -2.5, INF])
    yield _pair(
        "kinds", "all nine pairs of -inf, a number and +inf", "equal-infinities", np.repeat(kinds, 3), np.tile(kinds, 3)
    )
    small = r.format.tiny * np.array([1, -1, 3])
    yield _pair("subnormal", "subnormal numbers are almost 0", "subnormal-input", small, small[::-1])
    yield _pair("alone", "a subnormal number beside -inf is kept", "subnormal-input", small, [-INF] * 3)


PAIRS = [integers, *SHARED, sum_zero, tables]


COTANGENTS = [1.0, -2, 0.5, 3, -0.25, 1.5, -1]
TANGENTS = [0.75, 2, -1, -0.5, 4]
WHOLE, OTHER_WHOLE = [1.0, 2, 3, 5], [4.0, 1, 2, 3]


def moved(names: dict[str, list[float]], family: Family) -> Family:
    """Return a family of pairs with further arrays, whose numbers repeat."""

    def beside(x, numbers):
        if isinstance(x, Lattice):
            return lattice(x.shape, start=-3, multiplier=len(numbers), modulus=8, shift=0)
        return np.resize(numbers, np.shape(x))

    @wraps(family)
    def moved(r: Range) -> Iterator[Draft]:
        for each in family(r):
            more = {name: beside(each.inputs["x"], numbers) for name, numbers in names.items()}
            yield replace(each, inputs=each.inputs | more)

    return moved


def cotangents(r: Range):
    """Cotangents of every size, and where they go."""
    x, y = [0, 2, -1, 3, 0.5, 9], [1, 0, 1, -1, 0.5, 0]
    for slug, comment, flag, g in (
        ("negative", "negative cotangents turn both signs", "gradient-sign", [-1, -2, -1, -2, -1, -2]),
        ("zero", "a cotangent of 0 gives 0 twice", "gradient-scale", [0, 1, 0, 0, 1, 0]),
        ("large", "cotangents of 256 and more", "gradient-scale", [256, 384, -512, 640, 768, -1024]),
        ("tiny", "cotangents of 2^-8 and less", "gradient-scale", np.array([1, -3, 5, 7, -9, 11]) / 2048),
        ("ones", "with cotangent 1 the two gradients add up to 1", "swapped-pair", [1] * 6),
    ):
        yield Draft(slug, comment, (flag,), {"x": x, "y": y, "g": g})
    comment = "two -inf leave the pair beside them alone"
    inputs = {"x": [-INF, 0], "y": [-INF, 1], "g": [2, -1]}
    yield Draft("all-masked", comment, ("all-masked",), inputs, policy="gradient_all_neg_inf")


PAIR_VJP = [cotangents, moved({"g": WHOLE}, integers), *(moved({"g": COTANGENTS}, family) for family in SHARED)]


def tangents(r: Range):
    """Tangents of either number."""
    x, y = [0, 2, -1, 3, 0.5, 9], [1, 0, 1, -1, 0.5, 0]
    one, none = [1, -2, 3, -1, 0.5, 2], [0] * 6
    for slug, comment, flag, vx, vy in (
        ("first", "the first number moves alone", "swapped-pair", one, none),
        ("second", "the second number moves alone", "swapped-pair", none, one),
        ("both", "both move alike: the tangent itself", "gradient-scale", one, one),
        ("opposite", "tangents that cancel where the numbers are equal", "gradient-cancellation", one, -np.array(one)),
        ("large", "tangents of 256 and more", "gradient-scale", 256 * np.array(one), [384, 512, -256, 640, 0, -768]),
    ):
        yield Draft(slug, comment, (flag,), {"x": x, "y": y, "vx": vx, "vy": vy})
    gaps = np.array([15, 17, r.normal + 2, r.under - 1])
    gaps = np.concatenate([gaps, -gaps])
    lesser = {"x": gaps / 2, "y": -gaps / 2, "vx": [0, 0, 0, 0, 1, -2, 1, -1], "vy": [1, -2, 1, -1, 0, 0, 0, 0]}
    yield Draft("lesser", "the smaller number moves alone", ("relative-accuracy", "epsilon"), lesser)
    gone = 20 * r.work.over
    inputs = {"x": [-INF, 2, 0, gone], "y": [1, -INF, gone, 0], "vx": [300, 2, 250, 1], "vy": [1, 250, 2, 300]}
    yield Draft("weightless", "the tangent of what weighs nothing does not count", ("mask",), inputs)
    comment = "two -inf leave the pair beside them alone"
    inputs = {"x": [-INF, 0], "y": [-INF, 1], "vx": [2, -1], "vy": [1, 3]}
    yield Draft("all-masked", comment, ("all-masked",), inputs, policy="gradient_all_neg_inf")


PAIR_JVP = [
    *(tangents, moved({"vx": WHOLE, "vy": OTHER_WHOLE}, integers)),
    *(moved({"vx": COTANGENTS, "vy": TANGENTS}, family) for family in SHARED),
]
