"""Strides, byte order and alignment are ignored; arguments are overwritten."""

import numpy as np

from softmax_ref.faults.catalogue import fault
from softmax_ref.faults.plants import from_the_start, in_storage_order, root
from softmax_ref.faults.sound import SOUND


def _positive(x):
    """Take every stride for positive."""
    return x[tuple(slice(None, None, -1) if step < 0 else slice(None) for step in x.strides)]


def _rows_packed(x):
    """Take the rows of a matrix for packed: the stride between rows is ignored."""
    whole = root(x)
    if x.ndim < 2 or x.flags.c_contiguous or not whole.flags.c_contiguous or x.strides[-1] != x.itemsize:
        return x
    start = (x.__array_interface__["data"][0] - whole.__array_interface__["data"][0]) // x.itemsize
    flat = whole.ravel()[start : start + x.size]
    return flat.reshape(x.shape) if flat.size == x.size and flat.dtype == x.dtype else x


def _columns_packed(x):
    """Take the entries of a row for neighbours in memory."""
    if x.ndim and x.strides[-1] > x.itemsize and x.shape[-1] > 1 and x.flags.aligned:
        return _rows_packed_from(x)
    return x


def _rows_packed_from(x):
    memory = root(x).ravel("K")
    if memory.dtype != x.dtype or memory.size < x.size:
        return x
    start = (x.__array_interface__["data"][0] - root(x).__array_interface__["data"][0]) // x.itemsize
    rows = [memory[start + n : start + n + x.shape[-1]] for n in range(0, x.size, x.shape[-1])]
    return np.stack(rows).reshape(x.shape) if all(len(row) == x.shape[-1] for row in rows) else x


def _reads_native(x):
    return x if x.dtype.isnative else x.view(x.dtype.newbyteorder("="))


def _rounded_down(x):
    """Read from the aligned address before an unaligned array."""
    if x.flags.aligned:
        return x
    return np.frombuffer(root(x).tobytes()[: x.nbytes], x.dtype).reshape(x.shape)


def _transposed_once(x):
    """Handle a transposed matrix; more axes than two are read in storage order."""
    return x if x.ndim < 3 or x.flags.c_contiguous else in_storage_order(x)


def _one_row_for_all(x):
    """Read entries that are repeated without a copy once only, and 0 after them."""
    if 0 not in x.strides or x.size < 2:
        return x
    y = x.copy()
    y[1:] = 0
    return y


def _wide_packed(x):
    """Take wide rows for packed."""
    return in_storage_order(x) if x.ndim and max(x.shape) > 128 else x


READINGS = {
    "storage-order": ("entries are read in storage order", in_storage_order),
    "from-the-start": ("views are read from the start of their memory", from_the_start),
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
        _reads(SOUND[_function], in_storage_order, None)
    )
for _function in ("softmax", "logsumexp", "softplus", "log_semiring_add"):
    fault(_function, "byte-order", "bytes are read in the machine's order", name="native-bytes")(
        _reads(SOUND[_function], _reads_native, None)
    )
fault(
    "softmax_vjp", "byte-order", "the bytes of the cotangent are read in the machine's order", name="native-bytes-of-g"
)(_reads(SOUND["softmax_vjp"], _reads_native, 1))


def _vector_from_the_start(x):
    return from_the_start(x) if x.ndim == 1 else x


for _function in ("softmax", "logsumexp", "softplus"):
    fault(_function, "memory-layout", "vectors are read from the start of their memory", name="vector-from-the-start")(
        _reads(SOUND[_function], _vector_from_the_start, None)
    )
