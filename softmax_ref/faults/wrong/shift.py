"""A wrong shift, or none, before exp."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, fault
from softmax_ref.faults.parts import in_float32


def _shifted_by(shift):
    """Return softmax with something else than the maximum subtracted."""

    @in_float32
    def wrapped(z, axis=-1):
        weight = np.exp(z - shift(z, axis))
        return weight / weight.sum(axis=axis, keepdims=True)

    return wrapped


SHIFTS = {
    "no-shift": ("exp-overflow", "exp is taken of the logits themselves", lambda z, axis: 0 * z[:0].sum(), ()),
    "shift-by-mean": (
        "wrong-shift",
        "the mean is subtracted for the maximum",
        lambda z, axis: z.mean(axis, keepdims=True),
        (),
    ),
}
for _slug, (_flag, _text, _shift, _bugs) in SHIFTS.items():
    fault("softmax", _flag, _text, formats=ALL, bugs=_bugs, name=_slug)(_shifted_by(_shift))
