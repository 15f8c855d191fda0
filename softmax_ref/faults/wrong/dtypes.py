"""Results of another dtype, and arrays of other dtypes misread."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import last_axis, textbook
from softmax_ref.faults.sound import SOUND


def _returns(fn, change):
    """Return fn with a change of its result, told the arguments."""
    return lambda *arrays, **keywords: change(np.asarray(fn(*arrays, **keywords)), arrays)


def _takes(fn, change):
    """Return fn with a change of its arguments."""
    return lambda *arrays, **keywords: fn(*(change(np.asarray(x)) for x in arrays), **keywords)


RESULTS = {
    "always-float64": (
        "the result is float64, whatever comes in",
        ("binary32", "binary16", "bfloat16"),
        lambda y, x: y.astype(np.float64),
    ),
    "always-float32": (
        "the result is float32, whatever comes in",
        ("binary64", "binary16", "bfloat16"),
        lambda y, x: y.astype(np.float32),
    ),
    "narrow-widened": (
        "narrow formats come back as float32",
        ("binary16", "bfloat16"),
        lambda y, x: y.astype(np.float32) if y.dtype.itemsize < 4 else y,
    ),
    "objects": ("the result is an array of objects", WIDE, lambda y, x: y.astype(object)),
    "complex": ("the result is complex", WIDE, lambda y, x: y.astype(np.complex128)),
    "wide-float64": (
        "rows of more than 128 entries come back as float64",
        ("binary32",),
        lambda y, x: y.astype(np.float64) if max(x[0].shape, default=0) > 128 else y,
    ),
    "empty-float64": (
        "an array without rows comes back as float64",
        ("binary32",),
        lambda y, x: y.astype(np.float64) if not x[0].size else y,
    ),
    "number-float64": (
        "a number comes back as float64",
        ("binary32", "binary16"),
        lambda y, x: y.astype(np.float64) if not x[0].ndim else y,
    ),
}
for _slug, (_text, _formats, _change) in RESULTS.items():
    for _function in ("softmax", "logsumexp", "softmax_vjp") if _slug.startswith("always") else ("softmax",):
        fault(_function, "dtype-changed", _text, formats=_formats, name=_slug)(_returns(SOUND[_function], _change))


def _as_integers(fn):
    """Return fn computed with differences in the integer type."""

    def wrapped(z, axis=-1):
        if z.dtype.kind not in "iu":
            return fn(z, axis=axis)
        with np.errstate(over="ignore"):
            return fn((z - z.max(axis=axis, keepdims=True)).astype(np.float64), axis=axis)

    return wrapped


INTEGERS = {
    "differences-of-integers": (
        "z - max is formed in the integer type",
        ("softmax", "log_softmax", "entmax15", "sparsemax", "entropy"),
        _as_integers,
    ),
    "cut-to-integers": (
        "the result is cut to the integer type of the input",
        ("softmax", "logsumexp", "logistic", "boltzmann"),
        lambda fn: _returns(fn, lambda y, x: y.astype(x[0].dtype) if x[0].dtype.kind in "iu" else y),
    ),
    "integers-as-bytes": (
        "integers are cut to eight bits",
        ("softmax", "softplus", "softmax_vjp"),
        lambda fn: _takes(fn, lambda x: x.astype(np.int8) if x.dtype.kind in "iu" else x),
    ),
    "unsigned-as-signed": (
        "unsigned integers are read as signed",
        ("softmax", "logsumexp"),
        lambda fn: _takes(fn, lambda x: x.view(f"i{x.itemsize}") if x.dtype.kind == "u" else x),
    ),
    "eight-bit-in-half": (
        "integers of eight bits are computed in half precision",
        ("softmax", "logsumexp"),
        lambda fn: (
            lambda z, axis=-1: (
                np.asarray(textbook(z.astype(np.float16), axis))
                if z.dtype.itemsize == 1 and z.dtype.kind in "iu"
                else fn(z, axis=axis)
            )
        ),
    ),
    "booleans-are-zero": (
        "booleans count as 0",
        ("softmax", "softplus"),
        lambda fn: _takes(fn, lambda x: np.zeros(x.shape) if x.dtype.kind == "b" else x),
    ),
    "negative-integers-dropped": (
        "the sign of integers is dropped",
        ("softmax", "logistic"),
        lambda fn: _takes(fn, lambda x: np.abs(x.astype(np.int64)) if x.dtype.kind == "i" else x),
    ),
}
BUGS = {("softmax", "cut-to-integers"): ("sklearn-softmax-int",), ("logsumexp", "cut-to-integers"): ("torch-lse-int",)}
for _slug, (_text, _functions, _plant) in INTEGERS.items():
    for _function in _functions:
        fault(
            _function, "integer-input", _text, formats=("integer",), bugs=BUGS.get((_function, _slug), ()), name=_slug
        )(_plant(SOUND[_function]))


def _kind(kind, change):
    return lambda fn: _takes(fn, lambda x: change(x) if x.dtype.kind == kind else x)


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
    "long-double-in-float32": (
        "long double is computed in float32",
        lambda fn: _returns(fn, lambda y, x: y.astype(np.float32).astype(y.dtype) if y.itemsize > 8 else y),
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
)(_returns(SOUND["softmax"], lambda y, x: y.astype(np.float16 if y.dtype.itemsize != 2 else np.float32)))
