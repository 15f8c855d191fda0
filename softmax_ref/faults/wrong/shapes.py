"""Results of another shape than the one that is due."""

import numpy as np

from softmax_ref.faults.catalogue import fault
from softmax_ref.faults.sound import SOUND

SHAPES = {
    "an-axis-more": ("softmax", "the result has an axis more", lambda y, x, a: y[None]),
    "single-axes-dropped": ("softmax", "axes of one entry are dropped", lambda y, x, a: np.squeeze(y)),
    "flat": ("softmax", "the result is flat", lambda y, x, a: y.ravel()),
    "row-for-a-number": ("softmax", "a number comes back as a row", lambda y, x, a: np.atleast_1d(y)),
    "keeps-the-axis": (
        "logsumexp",
        "the axis that is summed stays",
        lambda y, x, a: np.expand_dims(y, a) if x.ndim else y,
    ),
    "drops-single-axes": ("logsumexp", "other axes of one entry are dropped too", lambda y, x, a: np.squeeze(y)),
    "entropy-keeps-the-axis": (
        "entropy",
        "the axis that is summed stays",
        lambda y, x, a: np.expand_dims(y, a) if x.ndim else y,
    ),
    "single-row-dropped": (
        "log_softmax",
        "a batch of one row comes back without it",
        lambda y, x, a: y[0] if y.ndim == 2 and len(y) == 1 else y,
    ),
    "number-for-a-single-row": (
        "free_energy",
        "a batch of one row gives a number",
        lambda y, x, a: y[0] if y.shape == (1,) else y,
    ),
    "five-axes-flattened": (
        "softmax",
        "more than four axes come back as four",
        lambda y, x, a: y.reshape(-1, *y.shape[2:]) if y.ndim > 4 else y,
    ),
    "batch-of-rows": (
        "sparsemax",
        "more than two axes come back as a matrix",
        lambda y, x, a: y.reshape(-1, y.shape[-1]) if y.ndim > 2 else y,
    ),
    "softplus-number-as-row": ("softplus", "a number comes back as a row", lambda y, x, a: np.atleast_1d(y)),
}


def _reshaped(fn, change):
    def wrapped(*arrays, **keywords):
        return change(np.asarray(fn(*arrays, **keywords)), arrays[0], keywords.get("axis", -1))

    return wrapped


for _slug, (_function, _text, _change) in SHAPES.items():
    _bugs = {"single-row-dropped": ("paddle-adaptive-scalar",)}.get(_slug, ())
    fault(_function, "shape-changed", _text, bugs=_bugs, name=_slug)(_reshaped(SOUND[_function], _change))
