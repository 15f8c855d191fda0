"""Families of arguments of the elementwise functions, logistic and softplus."""

import numpy as np

from softmax_ref.corpus.families.drafts import Draft, Range, lattice

__all__ = ["SCALARS"]

INF, NAN = np.inf, np.nan


def _points(slug: str, comment: str, flags: str, x) -> Draft:
    return Draft(slug, comment, tuple(flags.split()), {"x": x})


def textbook(r: Range):
    """Small arguments."""
    yield _points("halves", "arguments of either sign, half a unit apart", "working-precision", np.arange(-8, 9) / 2)
    yield _points("thirds", "arguments that are no short fractions", "working-precision", np.arange(-7, 8, 2) / 3)
    yield _points("zero", "zeros of either sign have the same value", "signed-zero", [0.0, -0.0])


def integers(r: Range):
    """Arguments that an integer array can hold."""
    yield _points("bytes", "arguments that fit an unsigned byte", "exp-overflow", [0, 1, 2, 3, 100, 255])
    yield _points("signed-bytes", "arguments that fit a signed byte", "exp-overflow", [-100, -1, 0, 1, 100])
    yield _points("booleans", "arguments that are 0 or 1, as truth values are", "working-precision", [1, 0, 0, 1])


def tails(r: Range):
    """Both tails."""
    left, right = -np.linspace(1, r.normal - 1, 12), np.linspace(1, r.over - 1, 12)
    yield _points("left", "the left tail falls like e^x with all its digits", "relative-accuracy epsilon", left)
    yield _points("right", "the right tail reaches its limit", "log-of-one", right)
    yield _points(
        "left-ulps",
        "neighbouring arguments in the left tail",
        "relative-accuracy",
        [r.near(-r.normal / 2, n) for n in range(-3, 4)],
    )


def thresholds(r: Range):
    """Where libraries switch formulas."""
    around = np.arange(-4, 5) / 2
    for at in (10, 15, 20, 30, 40):
        yield _points(f"switch-{at}", f"no switch of formulas shows near {at}", "threshold", at + around)
        yield _points(f"switch-minus-{at}", f"no switch of formulas shows near -{at}", "threshold", -at + around)


def overflow(r: Range):
    """Around and far beyond the largest argument of exp."""
    around = np.arange(-3, 4)
    yield _points("right", "exp(x) overflows, the function does not", "exp-overflow", r.over + around)
    yield _points("left", "exp(-x) overflows, the function does not", "exp-overflow", -r.over + around)
    yield _points(
        "far-right",
        "arguments far beyond the range of exp",
        "exp-overflow",
        [3 * r.over, 20 * r.over, r.format.max / 2, r.format.max],
    )
    yield _points(
        "far-left",
        "arguments far below the range of exp",
        "exp-underflow",
        [-3 * r.over, -20 * r.over, -r.format.max / 2, -r.format.max],
    )


def subnormal(r: Range):
    """Subnormal results and arguments."""
    results = -np.linspace(r.normal, r.under + 2, 10)
    yield _points("results", "results step down through the subnormal range", "subnormal-result", results)
    yield _points(
        "arguments", "subnormal arguments are almost zero", "subnormal-input", r.format.tiny * np.array([1, -1, 3, -7])
    )


def small(r: Range):
    """Arguments near zero."""
    u = r.format.unit_roundoff
    yield _points(
        "near-u",
        "arguments of the size of the unit roundoff",
        "working-precision",
        u * np.array([-4, -2, -1, -0.5, 0.5, 1, 2, 4]),
    )
    yield _points("powers", "arguments that are powers of two", "working-precision", np.ldexp(1.0, -np.arange(1, 12)))
    yield _points(
        "negative-powers",
        "arguments that are negative powers of two",
        "working-precision",
        -np.ldexp(1.0, -np.arange(1, 12)),
    )


def specials(r: Range):
    """Infinities and nan."""
    yield _points("infinite", "the limits at both ends", "infinite-logit", [INF, -INF])
    yield _points("nan", "a nan stays alone in its slot", "nan-swallowed row-mixing", [NAN, 0, 1])
    yield _points(
        "nan-between", "a nan between numbers leaves them alone", "nan-swallowed row-mixing", [[1, NAN], [-1, 2]]
    )


def shapes(r: Range):
    """Arrays of several axes."""
    yield _points("matrix", "a matrix keeps its shape and order", "axis", np.arange(6).reshape(2, 3) - 2.5)
    yield _points("block", "three axes keep their shape and order", "axis", np.arange(12).reshape(2, 3, 2) * 5 % 7 - 3)
    yield _points("one", "one argument gives one value", "single-class", [1.5])


def widths(r: Range):
    """Long arrays, by recipe."""
    for width in (65, 127, 128, 129, 513, 1023, 1024, 65537):
        yield _points(f"{width}", f"{width} arguments, no entry left out", "tail-elements", lattice((width,)))


def clip(r: Range):
    """Arguments beyond the usual clipping ranges."""
    yield _points("right", "large arguments are told apart", "clipped-input", [28, 31, 49, 52, 79, 82])
    yield _points(
        "left", "large negative arguments are told apart", "clipped-input", -np.array([1, 0.9, 0.8, 0.7]) * r.normal
    )


SCALARS = [textbook, integers, tails, thresholds, overflow, subnormal, small, specials, shapes, widths, clip]
