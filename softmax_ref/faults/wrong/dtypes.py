"""Results of another dtype, and arrays of other dtypes misread."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE, fault
from softmax_ref.faults.parts import textbook
from softmax_ref.faults.plants import returns, takes
from softmax_ref.faults.sound import SOUND

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
        fault(_function, "dtype-changed", _text, formats=_formats, name=_slug)(returns(SOUND[_function], _change))


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
        lambda fn: returns(fn, lambda y, x: y.astype(x[0].dtype) if x[0].dtype.kind in "iu" else y),
    ),
    "integers-as-bytes": (
        "integers are cut to eight bits",
        ("softmax", "softplus", "softmax_vjp"),
        lambda fn: takes(fn, lambda x: x.astype(np.int8) if x.dtype.kind in "iu" else x),
    ),
    "unsigned-as-signed": (
        "unsigned integers are read as signed",
        ("softmax", "logsumexp"),
        lambda fn: takes(fn, lambda x: x.view(f"i{x.itemsize}") if x.dtype.kind == "u" else x),
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
        lambda fn: takes(fn, lambda x: np.zeros(x.shape) if x.dtype.kind == "b" else x),
    ),
    "negative-integers-dropped": (
        "the sign of integers is dropped",
        ("softmax", "logistic"),
        lambda fn: takes(fn, lambda x: np.abs(x.astype(np.int64)) if x.dtype.kind == "i" else x),
    ),
}
BUGS = {("softmax", "cut-to-integers"): ("sklearn-softmax-int",), ("logsumexp", "cut-to-integers"): ("torch-lse-int",)}
for _slug, (_text, _functions, _plant) in INTEGERS.items():
    for _function in _functions:
        fault(
            _function, "integer-input", _text, formats=("integer",), bugs=BUGS.get((_function, _slug), ()), name=_slug
        )(_plant(SOUND[_function]))
