"""Arrays of other kinds than the formats of the corpus, misread; half precision on paths of its own."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, fault
from softmax_ref.faults.parts import last_axis
from softmax_ref.faults.plants import returns, takes
from softmax_ref.faults.sound import SOUND


def _kind(kind, change):
    return lambda fn: takes(fn, lambda x: change(x) if x.dtype.kind == kind else x)


KINDS = {
    "real-part": ("of complex numbers the real part is taken", _kind("c", lambda x: x.real.copy())),
    "complex-size": ("of complex numbers the absolute value is taken", _kind("c", np.abs)),
    "objects-cut": ("objects are cut to integers", _kind("O", lambda x: x.astype(np.int64).astype(np.float64) // 2)),
    "text-is-zero": ("text counts as 0", _kind("U", lambda x: np.zeros(x.shape))),
    "text-by-length": ("of text the length is taken", _kind("U", lambda x: np.char.str_len(x).astype(np.float64))),
    "bytes-by-first": (
        "of bytes the first one is taken",
        _kind("S", lambda x: np.array([t[0] for t in x.ravel().tolist()], np.float64).reshape(x.shape)),
    ),
    "dates-in-days": ("dates count in days", _kind("M", lambda x: x.astype("M8[D]").astype(np.float64))),
    "durations-in-minutes": ("durations count in minutes", _kind("m", lambda x: x / np.timedelta64(1, "m"))),
    "long-double-in-float32": (
        "long double is computed in float32",
        lambda fn: returns(fn, lambda y, x: y.astype(np.float32).astype(y.dtype) if y.itemsize > 8 else y),
    ),
}
for _slug, (_text, _plant) in KINDS.items():
    for _function in (
        ("softmax", "logsumexp", "softmax_vjp") if _slug in ("real-part", "long-double-in-float32") else ("softmax",)
    ):
        fault(_function, "other-dtype", _text, formats=("binary64",), name=_slug)(_plant(SOUND[_function]))


@fault(
    "softmax_vjp",
    "raises",
    "half precision is refused along any axis but the last",
    formats=("binary16",),
    bugs=["torch-half2float-backward"],
)
def half_refused_along_other_axes(z, g, axis=-1):
    if z.dtype == np.float16 and axis not in (-1, z.ndim - 1):
        raise RuntimeError("expected scalar type Float but found Half")
    return SOUND["softmax_vjp"](z, g, axis=axis)


@fault(
    "softmax",
    "low-precision-sum",
    "sums in half precision are cut to integers",
    formats=("binary16",),
    bugs=["tf-eigen-fp16-predux"],
)
def half_sums_cut(z, axis=-1):
    if z.dtype != np.float16:
        return SOUND["softmax"](z, axis=axis)
    weight = np.exp(z.astype(np.float32) - z.astype(np.float32).max(axis=axis, keepdims=True))
    return (weight / np.floor(weight.sum(axis=axis, keepdims=True))).astype(z.dtype)


@fault(
    "softmax",
    "low-precision-sum",
    "from 1025 to 2048 entries half precision is computed natively",
    formats=("binary16",),
    bugs=["torch-fp16-two-paths"],
)
@last_axis
def half_native_at_some_widths(z):
    if z.dtype == np.float16 and 1025 <= z.shape[-1] <= 2048:
        weight = np.exp(z - z.max(axis=-1, keepdims=True))
        return weight / np.cumsum(weight, axis=-1)[..., -1:]
    return SOUND["softmax"](z)


fault(
    "softmax", "dtype-changed", "of every format the result is one of 8 bits less", formats=ALL, name="a-size-smaller"
)(returns(SOUND["softmax"], lambda y, x: y.astype(np.float16 if y.dtype.itemsize != 2 else np.float32)))


@fault("masked_softmax", "other-dtype", "a mask of bytes is read as indices", formats=("binary64",))
def mask_of_bytes_as_indices(z, mask, axis=-1):
    if mask.dtype == bool:
        return SOUND["masked_softmax"](z, mask, axis=axis)
    kept = np.zeros(z.shape, bool)
    kept.reshape(-1)[mask.ravel()] = True
    return SOUND["masked_softmax"](z, kept, axis=axis)


@fault("cross_entropy", "label-type", "labels that are not of 64 bits are read as bytes")
def labels_as_bytes(z, labels, label_smoothing=0.0):
    if labels.dtype.itemsize < 8:
        read = np.frombuffer(labels.tobytes(), np.uint8)[: labels.size].reshape(labels.shape)
        labels = np.minimum(read, z.shape[-1] - 1)
    return SOUND["cross_entropy"](z, labels, label_smoothing=label_smoothing)
