"""Families of action values at some temperature.

A temperature of 1 is the default and is not stored.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import BLOCKS, Draft, Range, lattice
from softmax_ref.corpus.families.tempered import ARTICLE, MATRIX

__all__ = ["POLICY"]

INF, NAN = np.inf, np.nan


def _policy(slug: str, comment: str, flags: str, values, tau: float | None = None, axis: int = -1) -> Draft:
    parameters = {} if tau is None else {"tau": tau}
    return Draft(slug, comment, tuple(flags.split()), {"values": values}, axis, None, parameters)


def textbook(r: Range):
    """A few plain values."""
    yield _policy("article-row", "the article's row as action values", "working-precision", ARTICLE)
    yield _policy("hot", "temperature 8 explores", "temperature", ARTICLE, 8.0)
    yield _policy("cold", "temperature 1/8 exploits", "temperature", ARTICLE, 0.125)
    yield _policy("three", "a temperature of 3 divides with a remainder", "temperature low-part", ARTICLE * 7, 3.0)
    yield _policy("three-quarters", "a temperature of 3/4", "temperature", np.arange(1, 9) / 3, 0.75)
    yield _policy("tenth", "a temperature next to 1/10", "temperature low-part", [1, 1.5, 0.25, 1.25], r.near(0.1))


def integers(r: Range):
    """Values that an integer array can hold; the integer contract uses them too."""
    yield _policy("one-two", "the values 1 and 2 at temperature 2", "working-precision temperature", [1, 2], 2.0)
    yield _policy("bytes", "the values 0, 255, 3 fit an unsigned byte", "exp-overflow", [0, 255, 3])
    yield _policy("signed-bytes", "the values -100, 100 at temperature 50", "temperature", [-100, 100], 50.0)


def limits(r: Range):
    """Very hot, very cold, ties."""
    yield _policy("very-hot", "a temperature of 2^10 makes a weak preference", "temperature", [1, -3, 100], 1024.0)
    yield _policy(
        "very-cold", "a temperature of 2^-10 overflows exp of q/tau", "exp-overflow", [3, 2, 3.015625], 2.0**-10
    )
    yield _policy("two-best", "two best actions share at any temperature", "ties", [5, 1, 5, 4.5], 0.125)
    yield _policy("all-equal", "seven equal actions", "ties", [0.1] * 7, 0.75)


def shift(r: Range):
    """Offsets, and a best action far above the others."""
    yield _policy("near-1000", "a common offset of 1000", "exp-overflow", r.apart(1000, 3), 2.0)
    yield _policy("near-minus-1000", "a common offset of -1000", "exp-underflow", -r.apart(1000, 3), 2.0)
    yield _policy("far-below", "an offset of -1000 at temperature 1/2", "exp-underflow", -r.apart(1000, 3), 0.5)
    far = 4.0 * r.work.over
    yield _policy("best-last", "the best action comes last, far above", "wrong-shift", [0, far - 2, far])
    yield _policy(
        "best-second", "the second of three actions is far above the first", "wrong-shift", [0, far, far - 2], 2.0
    )


def tails(r: Range):
    """Improbable actions."""
    yield _policy("half-range", "an action at half the range of exp", "relative-accuracy", [r.normal // 2, 0])
    yield _policy("subnormal", "an action of subnormal probability", "subnormal-result", [r.normal + 2, 0])
    yield _policy("last", "a probability of a few smallest numbers", "subnormal-result", [r.under - 1, 0])
    yield _policy("excluded", "an action of value -inf is never chosen", "mask", [-INF, 2, 1], 0.5)
    rows = [[0, 1, 2], [0, NAN, 1], [2, 1, 0]]
    yield _policy("nan", "a nan in one row leaves the others alone", "nan-swallowed row-mixing", rows, 2.0)


def shapes(r: Range):
    """One action, both axes of a matrix, long rows."""
    yield _policy("one", "a single action is certain", "single-class", [2.5], 0.5)
    yield _policy("rows", "the rows of a (3, 2) matrix", "axis", MATRIX, 2.0)
    yield _policy("columns", "the columns of a (3, 2) matrix at temperature 3", "axis", MATRIX, 3.0, 0)
    for slug, comment, values, axis in BLOCKS:
        yield _policy(slug, f"{comment} at temperature 2", "axis", values, 2.0, axis)
    yield _policy("128", "two rows of 128 actions", "tail-elements", lattice((2, 128)), 0.5)
    yield _policy("129", "two rows of 129 actions", "tail-elements", lattice((2, 129)), 3.0)


POLICY = [textbook, integers, limits, shift, tails, shapes]
