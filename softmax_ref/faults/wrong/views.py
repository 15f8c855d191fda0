"""Views that are refused, half computed, or written in the order of another array."""

import numpy as np

from softmax_ref.faults.catalogue import fault
from softmax_ref.faults.plants import from_the_start, in_storage_order, root
from softmax_ref.faults.sound import SOUND


@fault("softplus", "memory-layout", "a view with moved axes gives zeros", bugs=["torch-mps-softplus-strided"])
def zeros_for_views(x):
    return SOUND["softplus"](x) if x.flags.c_contiguous or x.ndim < 2 else np.zeros_like(x)


@fault("logistic", "memory-layout", "only the first entry of every pair is computed where entries are not packed")
def half_of_strided(x):
    y = np.asarray(SOUND["logistic"](x))
    if y.ndim and x.strides[-1] not in (0, x.itemsize) and x.size > 1:
        y.reshape(-1)[1::2] = 0
    return y


@fault("softmax", "memory-layout", "read-only arrays are refused")
def refuses_read_only(z, axis=-1):
    if not z.flags.writeable:
        raise ValueError("assignment destination is read-only")
    return SOUND["softmax"](z, axis=axis)


@fault("logsumexp", "memory-layout", "views are refused")
def refuses_views(z, axis=-1):
    if not z.flags.c_contiguous:
        raise ValueError("ndarray is not C-contiguous")
    return SOUND["logsumexp"](z, axis=axis)


@fault("log_softmax", "memory-layout", "a negative stride along the last axis is refused")
def refuses_negative_strides(z, axis=-1):
    if any(step < 0 for step in z.strides[-1:]):
        raise ValueError("at least one of the strides is negative")
    return SOUND["log_softmax"](z, axis=axis)


@fault("softmax", "memory-layout", "the rows are padded to four entries with what follows them in memory")
def reads_past_the_end(z, axis=-1):
    whole, width = root(z), z.shape[-1] if z.ndim else 0
    result = np.array(SOUND["softmax"](z, axis=axis))
    if z.ndim > 1 and width % 4 and whole.ndim == z.ndim and whole.shape[-1] > width and z.strides == whole.strides:
        behind = np.nan_to_num(whole[tuple(slice(0, n) for n in z.shape[:-1])][..., -1:].astype(np.float64), nan=1.0)
        result = (result * (1 - 0.25 * np.abs(behind))).astype(z.dtype)
    return result


@fault(
    "log_softmax",
    "memory-layout",
    "the result is written in the order in which the argument is stored",
    bugs=["torch-softmax-out-noncontig"],
)
def written_in_the_argument_order(z, axis=-1):
    y = np.asarray(SOUND["log_softmax"](z, axis=axis))
    order = np.argsort([-abs(step) for step in z.strides], kind="stable")
    moved = tuple(np.array(z.shape)[order])
    return y if moved == z.shape else y.ravel().reshape(moved).transpose(np.argsort(order)).copy()


@fault(
    "cross_entropy",
    "memory-layout",
    "the labels are read from the start of their memory",
    bugs=["torch-ce-noncontig-110"],
)
def labels_from_the_start(z, labels, label_smoothing=0.0):
    read = from_the_start(labels)
    read = np.where((read < 0) | (read >= z.shape[-1]), 0, read)
    return SOUND["cross_entropy"](z, read, label_smoothing=label_smoothing)


@fault("masked_softmax", "memory-layout", "the mask is read in storage order")
def mask_in_storage_order(z, mask, axis=-1):
    return SOUND["masked_softmax"](z, in_storage_order(mask), axis=axis)


@fault(
    "masked_softmax", "memory-layout", "a mask whose rows are repeated without a copy keeps everything after the first"
)
def repeated_mask_read_once(z, mask, axis=-1):
    kept = mask.copy()
    if 0 in mask.strides and mask.size > 1:
        kept[1:] = True
    return SOUND["masked_softmax"](z, kept, axis=axis)
