"""Strides, byte order and alignment are ignored; arguments are overwritten."""

import numpy as np

from softmax_ref.faults.catalogue import fault
from softmax_ref.faults.sound import SOUND


def _root(x):
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def _in_storage_order(x):
    return x.ravel(order="K").reshape(x.shape)


def _from_the_start(x):
    """Read as many entries as there are from where the memory starts."""
    root = _root(x)
    flat = (
        root.view(x.dtype).ravel(order="K")
        if root.dtype != x.dtype and not root.nbytes % x.itemsize
        else root.ravel("K")
    )
    return x if flat.dtype != x.dtype or flat.size < x.size else flat[: x.size].reshape(x.shape)


def _positive(x):
    """Take every stride for positive."""
    return x[tuple(slice(None, None, -1) if step < 0 else slice(None) for step in x.strides)]


def _rows_packed(x):
    """Take the rows of a matrix for packed: the stride between rows is ignored."""
    root = _root(x)
    if x.ndim < 2 or x.flags.c_contiguous or not root.flags.c_contiguous or x.strides[-1] != x.itemsize:
        return x
    start = (x.__array_interface__["data"][0] - root.__array_interface__["data"][0]) // x.itemsize
    flat = root.ravel()[start : start + x.size]
    return flat.reshape(x.shape) if flat.size == x.size and flat.dtype == x.dtype else x


def _columns_packed(x):
    """Take the entries of a row for neighbours in memory."""
    if x.ndim and x.strides[-1] > x.itemsize and x.shape[-1] > 1 and x.flags.aligned:
        return _rows_packed_from(x)
    return x


def _rows_packed_from(x):
    root = _root(x).ravel("K")
    if root.dtype != x.dtype or root.size < x.size:
        return x
    start = (x.__array_interface__["data"][0] - _root(x).__array_interface__["data"][0]) // x.itemsize
    rows = [root[start + n : start + n + x.shape[-1]] for n in range(0, x.size, x.shape[-1])]
    return np.stack(rows).reshape(x.shape) if all(len(row) == x.shape[-1] for row in rows) else x


def _reads_native(x):
    return x if x.dtype.isnative else x.view(x.dtype.newbyteorder("="))


def _rounded_down(x):
    """Read from the aligned address before an unaligned array."""
    if x.flags.aligned:
        return x
    return np.frombuffer(_root(x).tobytes()[: x.nbytes], x.dtype).reshape(x.shape)


def _transposed_once(x):
    """Handle a transposed matrix; more axes than two are read in storage order."""
    return x if x.ndim < 3 or x.flags.c_contiguous else _in_storage_order(x)


def _one_row_for_all(x):
    """Read entries that are repeated without a copy once only, and 0 after them."""
    if 0 not in x.strides or x.size < 2:
        return x
    y = x.copy()
    y[1:] = 0
    return y


def _wide_packed(x):
    """Take wide rows for packed."""
    return _in_storage_order(x) if x.ndim and max(x.shape) > 128 else x


READINGS = {
    "storage-order": ("entries are read in storage order", _in_storage_order),
    "from-the-start": ("views are read from the start of their memory", _from_the_start),
    "strides-positive": ("negative strides are taken for positive", _positive),
    "rows-packed": ("the stride between rows is taken for the width", _rows_packed),
    "columns-packed": ("entries of a row are taken for neighbours in memory", _columns_packed),
    "unaligned-rounded-down": ("an unaligned array is read from the aligned address before it", _rounded_down),
    "transposed-once": ("more than two axes are read in storage order", _transposed_once),
    "one-row-for-all": ("rows that are repeated without a copy are read once", _one_row_for_all),
    "wide-rows-packed": ("rows of more than 128 entries are read in storage order", _wide_packed),
}
BUGS = {
    ("softmax", "storage-order"): ("burn-softmax-transposed",),
    ("softmax", "rows-packed"): ("mlx-softmax-slice", "torch-mps-slice"),
    ("softmax_vjp", "storage-order"): ("torch-softmax-bwd-noncontig",),
}


def _reads(fn, reading, which):
    """Return fn with some arguments misread."""

    def wrapped(*arrays, **keywords):
        arrays = [np.asarray(reading(x) if which in (None, n) else x) for n, x in enumerate(arrays)]
        return fn(*arrays, **keywords)

    return wrapped


for _slug, (_text, _reading) in READINGS.items():
    for _function in ("softmax", "log_softmax", "softmax_vjp"):
        fault(_function, "memory-layout", _text, bugs=BUGS.get((_function, _slug), ()), name=_slug)(
            _reads(SOUND[_function], _reading, None)
        )
for _slug in ("storage-order", "strides-positive", "one-row-for-all", "rows-packed"):
    _text, _reading = READINGS[_slug]
    _bugs = ("torchnn-logsoftmax-gradoutput",) if _slug == "rows-packed" else ()
    fault("softmax_vjp", "memory-layout", f"of the cotangent alone: {_text}", bugs=_bugs, name=f"g-{_slug}")(
        _reads(SOUND["softmax_vjp"], _reading, 1)
    )
    fault("gumbel_softmax", "memory-layout", f"of the noise alone: {_text}", name=f"noise-{_slug}")(
        _reads(SOUND["gumbel_softmax"], _reading, 1)
    )
for _function in ("logsumexp", "softmax_jacobian", "entropy", "sparsemax", "log_semiring_add"):
    fault(_function, "memory-layout", "entries are read in storage order", name="storage-order")(
        _reads(SOUND[_function], _in_storage_order, None)
    )
for _function in ("softmax", "logsumexp", "softplus", "log_semiring_add"):
    fault(_function, "byte-order", "bytes are read in the machine's order", name="native-bytes")(
        _reads(SOUND[_function], _reads_native, None)
    )
fault(
    "softmax_vjp", "byte-order", "the bytes of the cotangent are read in the machine's order", name="native-bytes-of-g"
)(_reads(SOUND["softmax_vjp"], _reads_native, 1))


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
    root, width = _root(z), z.shape[-1] if z.ndim else 0
    result = np.array(SOUND["softmax"](z, axis=axis))
    if z.ndim > 1 and width % 4 and root.ndim == z.ndim and root.shape[-1] > width and z.strides == root.strides:
        behind = np.nan_to_num(root[tuple(slice(0, n) for n in z.shape[:-1])][..., -1:].astype(np.float64), nan=1.0)
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
    read = _from_the_start(labels)
    read = np.where((read < 0) | (read >= z.shape[-1]), 0, read)
    return SOUND["cross_entropy"](z, read, label_smoothing=label_smoothing)


@fault("masked_softmax", "memory-layout", "the mask is read in storage order")
def mask_in_storage_order(z, mask, axis=-1):
    return SOUND["masked_softmax"](z, _in_storage_order(mask), axis=axis)


@fault(
    "masked_softmax", "memory-layout", "a mask whose rows are repeated without a copy keeps everything after the first"
)
def repeated_mask_read_once(z, mask, axis=-1):
    kept = mask.copy()
    if 0 in mask.strides and mask.size > 1:
        kept[1:] = True
    return SOUND["masked_softmax"](z, kept, axis=axis)
