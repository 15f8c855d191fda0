"""Families of arguments and cotangents for the slopes of logistic, log_logistic and softplus; and log_logistic itself.

One of these slopes falls to the left, one to the right, one on either side: every family visits both.
"""

import numpy as np

from softmax_ref.corpus.families import scalars
from softmax_ref.corpus.families.drafts import Draft, Range, lattice

__all__ = ["LOG_LOGISTIC", "SLOPES"]

INF, NAN = np.inf, np.nan
SHORT = np.array([1.0, -2, 0.5, 3, -0.25, 1.5, -1])


def _slope(slug: str, comment: str, flags: str, x, g=None) -> Draft:
    """Return a draft; without a cotangent, with one that varies in sign and size."""
    x = np.asarray(x, np.float64)
    g = np.resize(SHORT, x.shape) if g is None else g
    return Draft(slug, comment, tuple(flags.split()), {"x": x, "g": g})


def textbook(r: Range):
    """Small arguments, cotangents that vary."""
    yield _slope("halves", "arguments of either sign, half a unit apart", "gradient-sign", np.arange(-8, 9) / 2)
    x, g = np.arange(-7, 8, 2) / 3, np.array([0.1, -0.3, 0.7, 1.1, -1.3, 0.9, 1.7, -1.9])
    yield _slope("thirds", "neither arguments nor cotangents are short fractions", "working-precision", x, g)
    yield _slope("zero", "zeros of either sign have the slope of 0", "signed-zero", [0.0, -0.0, 0.0], [1, 1, -3])
    yield _slope("mirrored", "an argument and its negative, one cotangent", "gradient-sign", [3, -3, 1, -1], [2] * 4)
    yield _slope("square", "a square of cotangents is not transposed", "gradient-transposed", [[0, 2], [1, -3]])


def integers(r: Range):
    """Arguments and cotangents that an integer array can hold."""
    yield _slope(
        "bytes", "arguments that fit an unsigned byte", "exp-overflow", [0, 1, 2, 3, 100, 255], [1, 2, 3, 1, 5, 7]
    )
    yield _slope(
        "signed-bytes", "arguments that fit a signed byte", "exp-overflow", [-100, -1, 0, 1, 100], [3, -1, 2, 1, -5]
    )


def tails(r: Range):
    """Both tails, with all their digits."""
    line = np.linspace(1, r.normal - 1, 12)
    yield _slope("left", "the left tail, with all its digits", "relative-accuracy gradient-cancellation", -line)
    yield _slope("right", "the right tail, with all its digits", "relative-accuracy gradient-cancellation", line)
    ulps = np.array([r.near(r.normal / 2, n) for n in range(-3, 4)])
    yield _slope("left-ulps", "neighbouring arguments in the left tail", "relative-accuracy", -ulps)
    yield _slope("right-ulps", "neighbouring arguments in the right tail", "relative-accuracy", ulps)
    yield _slope(
        "saturation", "1 - p is small, and neither lost nor rounded", "gradient-cancellation", [3, 5, 8, -3, -5, -8]
    )
    yield _slope(
        "speck",
        "around the argument where p rounds to 1",
        "gradient-cancellation",
        np.array([-1, -0.5, 0, 0.5, 1, 2, 3]) - r.speck,
    )


def thresholds(r: Range):
    """Where libraries switch formulas."""
    around = np.arange(-4, 5) / 2
    for at in (10, 15, 20, 30, 33, 37, 40):
        yield _slope(f"switch-{at}", f"no switch of formulas shows near {at}", "threshold", at + around)
        yield _slope(f"switch-minus-{at}", f"no switch of formulas shows near -{at}", "threshold", -at + around)
    yield _slope("switch-88", "slopes between 88 and 100 go on", "threshold", [87, 88, 89, 90, 95, 99, 100, 101])
    yield _slope(
        "switch-minus-88", "slopes between -100 and -88 go on", "threshold", -np.array([87, 88, 89, 90, 95, 99, 101])
    )


def overflow(r: Range):
    """Around and far beyond the largest argument of exp."""
    around = np.arange(-3, 4)
    yield _slope("right", "exp(x) overflows, the slope does not", "exp-overflow", r.over + around)
    yield _slope("left", "exp(-x) overflows, the slope does not", "exp-overflow", -r.over + around)
    far = np.array([3 * r.over, 20 * r.over, r.format.max / 2, r.format.max])
    yield _slope("far-right", "arguments far beyond the range of exp", "exp-overflow", far)
    yield _slope("far-left", "arguments far below the range of exp", "exp-underflow", -far)
    half = r.over / 2 + around
    yield _slope("square-right", "around where the square of exp(x) overflows", "exp-overflow", half)
    yield _slope("square-left", "around where the square of exp(-x) overflows", "exp-overflow", -half)


def subnormal(r: Range):
    """Subnormal results and arguments."""
    steps = np.linspace(r.normal, r.under + 2, 10)
    yield _slope("left", "slopes on the left step through the subnormal range", "subnormal-result", -steps)
    yield _slope("right", "slopes on the right step through the subnormal range", "subnormal-result", steps)
    yield _slope(
        "arguments",
        "subnormal arguments have the slope of 0",
        "subnormal-input",
        r.format.tiny * np.array([1, -1, 3, -7]),
    )


def small(r: Range):
    """Arguments near zero."""
    u = r.format.unit_roundoff
    x = u * np.array([-4, -2, -1, -0.5, 0.5, 1, 2, 4])
    yield _slope("near-u", "arguments of the size of the unit roundoff", "working-precision", x)
    yield _slope("powers", "arguments that are powers of two", "working-precision", np.ldexp(1.0, -np.arange(1, 12)))
    yield _slope("negative-powers", "negative powers of two", "working-precision", -np.ldexp(1.0, -np.arange(1, 12)))


def cotangents(r: Range):
    """Cotangents of every size."""
    x = np.array([0.5, -0.5, 4, -4, 9, -9])
    yield _slope("negative", "negative cotangents turn the sign", "gradient-sign", x, [-1, -2, -1, -2, -1, -2])
    yield _slope("zero", "a cotangent of 0 gives 0", "gradient-scale", x, [0, 1, 0, 0, 1, 0])
    yield _slope("large", "cotangents of 256 and more", "gradient-scale", x, [256, 384, -512, 640, 768, -1024])
    yield _slope("tiny", "cotangents of 2^-8 and less", "gradient-scale", x, np.array([1, -3, 5, 7, -9, 11]) / 2048)


def specials(r: Range):
    """Infinities and nan."""
    yield _slope("infinite", "the limits at both ends", "infinite-logit", [INF, -INF, INF, -INF], [3, 3, -0.5, -0.5])
    yield _slope("nan", "a nan stays alone in its slot", "nan-swallowed row-mixing", [NAN, 0, 1])
    yield _slope(
        "nan-between", "a nan between numbers leaves them alone", "nan-swallowed row-mixing", [[1, NAN], [-1, 2]]
    )


def shapes(r: Range):
    """Arrays of several axes."""
    yield _slope("matrix", "a matrix keeps its shape and order", "axis", np.arange(6).reshape(2, 3) - 2.5)
    yield _slope("block", "three axes keep their shape and order", "axis", np.arange(12).reshape(2, 3, 2) * 5 % 7 - 3)
    yield _slope("one", "one argument gives one slope", "single-class", [1.5], [-3])


def widths(r: Range):
    """Long arrays, by recipe."""
    for width in (65, 127, 128, 129, 513, 1024, 65537):
        g = lattice((width,), start=-3, multiplier=5, modulus=8, shift=0)
        comment = f"{width} arguments and cotangents, no entry left out"
        yield Draft(f"{width}", comment, ("tail-elements",), {"x": lattice((width,)), "g": g})


def clip(r: Range):
    """Arguments beyond the usual clipping ranges."""
    x = np.array([28, 31, 49, 52, 79, 82])
    yield _slope("right", "slopes of large arguments are told apart", "clipped-input", x)
    yield _slope("left", "slopes of large negative arguments are told apart", "clipped-input", -x)
    parts = np.array([1, 0.9, 0.8, 0.7]) * r.normal
    yield _slope("range", "arguments near the end of the range are told apart", "clipped-input", [*parts, *-parts])


SLOPES = [
    *(textbook, integers, tails, thresholds, overflow, subnormal, small, cotangents, specials, shapes, widths, clip),
]


def _points(slug: str, comment: str, flags: str, x) -> Draft:
    return Draft(slug, comment, tuple(flags.split()), {"x": x})


def log_tails(r: Range):
    """x itself on the left, -e^-x on the right."""
    line, deep = np.linspace(1, r.normal - 1, 12), np.linspace(r.over, 20 * r.over, 7)
    yield _points("right", "the right tail is -e^-x, with all its digits", "log-of-one relative-accuracy", line)
    ulps = [r.near(r.normal / 2, n) for n in range(-3, 4)]
    yield _points("right-ulps", "neighbouring arguments in the right tail", "log-of-one relative-accuracy", ulps)
    yield _points("left", "the left tail is x and a little less", "log-of-zero", -line)
    yield _points("deep-left", "where the logistic function underflows it is x", "log-of-zero", -deep)
    yield _points("speck", "around where the logistic function rounds to 1", "log-of-one", np.arange(-3, 4) - r.speck)
    yield _points("base", "log 1/2 and its neighbours", "log-base", [0, 0.125, -0.125])


def log_thresholds(r: Range):
    """Switches that are found in logarithms only."""
    around = np.arange(-4, 5) / 2
    for at in (33, 37):
        yield _points(f"switch-{at}", f"no switch of formulas shows near {at}", "threshold", at + around)
    yield _points("far", "no jump between 88 and 300", "threshold", [88, 89, 100, 104, 172, 176, 256, 266, 300])
    yield _points("far-left", "no jump between -300 and -88", "threshold", [-88, -89, -100, -104, -172, -256, -300])


def log_subnormal(r: Range):
    """Subnormal results and arguments."""
    steps = np.linspace(r.normal, r.under + 2, 10)
    yield _points("results", "results step through the subnormal range", "subnormal-result", steps)
    yield _points(
        "arguments", "subnormal arguments are almost zero", "subnormal-input", r.format.tiny * np.array([1, -1, 3])
    )


LOG_LOGISTIC = [
    *(scalars.textbook, scalars.integers, log_tails, scalars.thresholds, log_thresholds, scalars.overflow),
    *(log_subnormal, scalars.small, scalars.specials, scalars.shapes, scalars.widths, scalars.clip),
]
