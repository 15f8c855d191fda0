"""Rows that share a maximum, a sum or a place."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, fault
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.sound import SOUND


def _shifted_by(shift):
    """Return softmax with a shift that belongs to another row."""

    @in_float32
    def wrapped(z, axis=-1):
        rows = np.moveaxis(np.atleast_1d(z), axis, -1)
        weight = np.exp(rows - shift(rows.max(axis=-1, keepdims=True)))
        return np.moveaxis(weight / weight.sum(axis=-1, keepdims=True), -1, axis).reshape(z.shape)

    return wrapped


SHIFTS = {
    "first-rows-maximum": ("the maximum of the first row is subtracted from all", lambda top: top[:1]),
    "running-maximum": (
        "the maximum of this and all earlier rows is subtracted",
        lambda top: np.maximum.accumulate(top, axis=0) if top.ndim > 1 else top,
    ),
    "previous-rows-maximum": (
        "the maximum of the row before is subtracted",
        lambda top: np.roll(top, 1, axis=0) if top.ndim > 1 else top,
    ),
    "pairs-share-a-maximum": (
        "two rows share a maximum",
        lambda top: np.maximum(top, np.roll(top, 1, axis=0)) if top.ndim > 1 and len(top) % 2 == 0 else top,
    ),
    "maximum-of-the-matrix": (
        "the rows of one matrix share a maximum",
        lambda top: top.max(axis=(-2, -1), keepdims=True) if top.ndim > 1 else top,
    ),
}
for _slug, (_text, _shift) in SHIFTS.items():
    _flag = "exp-underflow" if _slug == "pairs-share-a-maximum" else "row-mixing"
    fault("softmax", _flag, _text, formats=ALL, name=_slug)(_shifted_by(_shift))


@fault("softmax", "axis", "the whole array is normalised", formats=ALL, bugs=["webml-cldnn-descending"])
def over_everything(z, axis=-1):
    return SOUND["softmax"](z.reshape(-1)).reshape(z.shape)


@in_float32
def _one_sum(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum()


fault("softmax", "row-mixing", "the sum is taken over the whole array", formats=ALL, name="one-sum")(_one_sum)


@in_float32
def _first_row_for_all(z):
    p = textbook(z)
    first = p.reshape(-1, p.shape[-1])[:1].reshape((1,) * (p.ndim - 1) + (-1,)) if p.size else p
    return p[..., None] * np.eye(z.shape[-1], dtype=z.dtype) - p[..., :, None] * first[..., None, :]


fault(
    "softmax_jacobian",
    "row-mixing",
    "the probabilities of the first row stand in all products",
    formats=ALL,
    name="first-row-for-all",
)(_first_row_for_all)


@fault("entropy", "row-mixing", "rows that occur twice come back once, in the order of their first logit")
def sorted_rows(z, axis=-1):
    h = np.array(SOUND["entropy"](z, axis=axis))
    if z.ndim == 2 and axis == -1 and len(z) > 3:
        h = h[np.argsort(z[:, 0].astype(np.float64), kind="stable")]
    return h
