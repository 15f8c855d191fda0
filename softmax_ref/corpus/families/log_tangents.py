"""Families of tangents: of log_softmax, and of logsumexp, whose tangent is the mean of v under p."""

from collections.abc import Iterator
from dataclasses import replace
from functools import wraps

import numpy as np

from softmax_ref.corpus.families import log_gradients
from softmax_ref.corpus.families.drafts import Draft, Family, Range, draft
from softmax_ref.corpus.families.log_gradients import G, Z

__all__ = ["LOG_JVP", "SUM_JVP", "as_tangent"]

INF = np.inf


def as_tangent(family: Family) -> Family:
    """Return a family of cotangents g as one of tangents v."""

    @wraps(family)
    def renamed(r: Range) -> Iterator[Draft]:
        for each in family(r):
            inputs = {"v" if name == "g" else name: x for name, x in each.inputs.items()}
            yield replace(each, inputs=inputs, comment=each.comment.replace("cotangent", "tangent"))

    return renamed


def textbook(r: Range):
    """Small rows and plain tangents."""
    yield draft("ramp", "two rows whose tangents have other means", "gradient-sign gradient-scale", Z, v=G)
    yield draft(
        "one-hot",
        "a one-hot tangent picks a column of the Jacobian",
        "gradient-sign gradient-scale",
        Z,
        v=[[0, 1, 0, 0], [0, 0, 0, 1]],
    )
    yield draft(
        "thirds",
        "neither logits nor tangents are short fractions",
        "working-precision",
        np.array([[-4, -1, 2, 5], [3, 0, 1, -2]]) / 3,
        v=np.array([[0.1, 0.7, -0.3, 1.1], [1.3, -0.9, 0.2, 0.6]]),
    )


def tangents(r: Range):
    """Tangents that weigh where nothing else does, or almost cancel."""
    alternating = [[1, -1, 1, -1], [-1, 1, -1, 1]]
    z = [[0, 0.5, 0, 0.5], [1, 1.5, 1, 1.25]]
    yield draft("alternating", "tangents of both signs almost cancel", "gradient-cancellation", z, v=alternating)
    z, v = [[0, -5, 1], [-6, 0, 0.5]], [[0, 300, 0.25], [500, 0, 0]]
    yield draft("rare", "a large tangent of a rare class", "relative-accuracy", z, v=v)
    low, high = r.under - 1, r.normal + 2
    z, v = [[0, -15, -17], [-low, 0, -low - 1], [0, -high, -high - 1]], [[0, 1, 2], [1, 0, 1], [0, 1, -1]]
    yield draft("lesser", "the smaller classes move alone", "relative-accuracy epsilon", z, v=v)
    yield draft("large", "tangents of size 256 scale the result", "gradient-scale", Z, v=256 * G)
    yield draft("tiny", "tangents of size 2^-8 scale the result", "gradient-scale", Z, v=G / 256)


def centred(r: Range):
    """An offset of the tangent, which the logarithm of a probability does not see."""
    yield draft("constant", "a constant tangent moves nothing", "gradient-cancellation", Z, v=[[3] * 4, [-2] * 4])
    yield draft("offset", "an offset of the tangent does not count", "gradient-cancellation", Z, v=G / 4 + 8)


LOG_JVP = [textbook, tangents, centred, *map(as_tangent, log_gradients.BOTH)]


def means(r: Range):
    """Means that are known: of equal logits, of constant tangents, of a single class."""
    yield draft("equal", "equal logits give the plain mean", "ties", [[0.1] * 4, [-7] * 4], v=G)
    yield draft("top-tie", "two maxima weigh the same", "ties", [[5, 1, 5, 0], [2, 2, -3, 2]], v=G)
    yield draft("constant", "a constant tangent is its own mean", "gradient-scale", Z, v=[[3] * 4, [-2] * 4])
    yield draft("offset", "an offset of the tangent is an offset of its mean", "gradient-sign", Z, v=G / 4 + 8)
    yield draft("column", "a single class gives its tangent", "single-class", [[3], [-r.over]], v=[[1], [-2]])
    yield draft("one", "a single class in a single row", "single-class", [2.5], v=[3])


def mask(r: Range):
    """Tangents of classes that weigh nothing."""
    z, v = [[1, -INF, 3, 0], [-INF, 2, -INF, 4]], [[1, 300, -1, 2], [300, -2, -300, 1]]
    yield draft("some", "the tangent of a class with logit -inf does not count", "mask", z, v=v)
    only, v = [[-INF, -INF, 3, -INF], [0, 1, -INF, -INF]], [[1, 2, 3, 4], [5, 4, 3, 2]]
    yield draft("all-but-one", "one finite logit gives its tangent", "mask", only, v=v)
    gone = -20 * r.work.under
    yield draft(
        "vanished",
        "nor does that of a class whose exp underflows",
        "relative-accuracy",
        [[0, gone], [gone, 1]],
        v=[[1, 250], [250, 2]],
    )


OF_ENTRIES = (log_gradients.ties, log_gradients.mask, log_gradients.single)  # true of a result for each entry alone
SUM_JVP = [
    *(textbook, tangents, means, mask),
    *(as_tangent(family) for family in log_gradients.BOTH if family not in OF_ENTRIES),
]
