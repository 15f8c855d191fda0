"""Arguments that come back as results, and memory beside an array that is written."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.plants import fits
from softmax_ref.faults.sound import SOUND


@fault("softmax", "result-aliased", "the argument itself comes back")
def returns_its_argument(z, axis=-1):
    result = SOUND["softmax"](z, axis=axis)
    if not fits(z):
        return result
    z[...] = result
    return z


@fault("softmax", "input-overwritten", "the array that a view belongs to is cleared")
def clears_the_base(z, axis=-1):
    result = SOUND["softmax"](z, axis=axis)
    if z.base is not None and z.base.flags.writeable:
        z.base[...] = 0
    return result


@fault("log_softmax", "input-overwritten", "the rows are padded in memory: the next entry is overwritten")
def writes_past_the_end(z, axis=-1):
    result = SOUND["log_softmax"](z, axis=axis)
    root = z.base
    if root is not None and root.ndim == z.ndim > 1 and root.shape[-1] > z.shape[-1] and z.strides == root.strides:
        root[..., -1] = 0
    return result


@fault("softplus", "result-aliased", "where softplus(x) is x, the argument comes back", formats=ALL)
def returns_large_arguments(x):
    y = SOUND["softplus"](x)
    return x if y.dtype == x.dtype and y.size and np.array_equal(y, x) else y


@fault("logsumexp", "result-aliased", "of slices of one entry, a view comes back", formats=ALL)
def view_of_single_entries(z, axis=-1):
    return SOUND["logsumexp"](z, axis=axis) if z.ndim < 2 or z.shape[axis] != 1 else np.squeeze(z, axis)


@fault(
    "softmax_vjp",
    "input-overwritten",
    "an earlier cotangent is scratch memory of the next call",
    formats=WIDE,
    stateful=True,
)
def keeps_the_cotangent():
    kept = []

    def wrapped(z, g, axis=-1):
        for old in kept:
            if fits(old):
                old[...] = 0
        kept[:] = [g]
        return SOUND["softmax_vjp"](z, g, axis=axis)

    return wrapped


@fault(
    "softmax_vjp",
    "input-overwritten",
    "the result is formed in the cotangent, whose values are still needed",
    bugs=["ggml-softmaxback-alias"],
)
def formed_in_the_cotangent(z, g, axis=-1):
    p = SOUND["softmax"](z, axis=axis)
    if not fits(g) or not g.size:
        return SOUND["softmax_vjp"](z, g, axis=axis)
    g -= (p * g).sum(axis=axis, keepdims=True, dtype=g.dtype)
    g *= p
    return g.copy()


@fault("masked_softmax", "input-overwritten", "left-out logits become -inf in the caller's array")
def masks_in_place(z, mask, axis=-1):
    result = SOUND["masked_softmax"](z, mask, axis=axis)
    if fits(z):
        z[~np.asarray(mask, bool)] = -np.inf
    return result


@fault("masked_softmax", "input-overwritten", "the mask is inverted in place")
def inverts_the_mask(z, mask, axis=-1):
    result = SOUND["masked_softmax"](z, mask, axis=axis)
    if mask.flags.writeable and mask.dtype == bool:
        mask[...] = ~mask
    return result


@fault("cross_entropy", "input-overwritten", "labels become offsets into the flat array")
def labels_become_offsets(z, labels, label_smoothing=0.0):
    loss = SOUND["cross_entropy"](z, labels, label_smoothing=label_smoothing)
    if labels.flags.writeable and labels.ndim == 1:
        labels += np.arange(len(labels)) * z.shape[-1]
    return loss
