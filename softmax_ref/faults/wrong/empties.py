"""Arrays without entries, without rows, without axes."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, fault
from softmax_ref.faults.sound import SOUND


def _if_empty(function, answer):
    """Return a sound function with an answer of its own for arrays without entries."""

    def wrapped(*arrays, **keywords):
        z = np.asarray(arrays[0])
        return SOUND[function](*arrays, **keywords) if z.size else answer(z, keywords.get("axis", -1))

    return wrapped


def _refused(z, axis):
    raise ValueError("cannot reshape an array of size 0")


def _empty(z, axis):
    return np.zeros(z.shape, z.dtype)


ANSWERS = {
    ("softmax", "three-zeros"): ("an array without entries gives three zeros", lambda z, a: np.zeros(3, z.dtype), ()),
    ("softmax", "empty-matrix-only"): (
        "an empty axis is refused unless the array is a matrix",
        lambda z, a: _empty(z, a) if z.ndim == 2 else _refused(z, a),
        ("tf-softmax-empty",),
    ),
    ("softmax", "empty-block-flat"): (
        "an array of three axes without entries comes back flat",
        lambda z, a: z.reshape(-1) if z.ndim == 3 else _empty(z, a),
        (),
    ),
    ("log_softmax", "column-of-nan"): (
        "an empty axis gives a column of nan",
        lambda z, a: np.full((*z.shape[:-1], 1), np.nan, z.dtype),
        ("torch-logsoftmax-n0",),
    ),
    ("log_softmax", "number-for-nothing"): (
        "a vector without entries gives one number",
        lambda z, a: np.full(1, np.inf, z.dtype) if z.ndim == 1 else _empty(z, a),
        ("mxnet-logsoftmax-empty",),
    ),
    ("softmax_vjp", "row-for-no-rows"): (
        "a batch without rows has a gradient of one row",
        lambda z, a: np.zeros((1, *z.shape[1:]), z.dtype),
        ("torch-logsoftmax-0n-cuda-bwd",),
    ),
    ("logsumexp", "empty-sum-zero"): (
        "an empty sum has logarithm 0",
        lambda z, a: np.zeros(z.shape[:-1], z.dtype),
        ("stan-lse-empty",),
    ),
    ("logsumexp", "empty-sum-lowest"): (
        "the logarithm of an empty sum is the lowest finite number",
        lambda z, a: np.full(z.shape[:-1], -65504.0, z.dtype),
        (),
    ),
    ("logsumexp", "axis-of-no-rows"): (
        "without rows, the summed axis stays",
        lambda z, a: np.full(z.shape, -np.inf, z.dtype) if z.shape[-1] else np.full(z.shape[:-1], -np.inf, z.dtype),
        (),
    ),
    ("free_energy", "empty-sum-minus"): (
        "an empty sum has energy -inf",
        lambda z, a: np.full(z.shape[:-1], -np.inf, z.dtype),
        (),
    ),
    ("entropy", "number-for-no-rows"): ("a batch without rows has one entropy", lambda z, a: np.zeros((), z.dtype), ()),
    ("cross_entropy", "number-for-no-rows"): (
        "a batch without rows has one loss",
        lambda z, a: np.zeros((), z.dtype),
        ("tf-xent-empty-batch",),
    ),
    ("softplus", "flat-when-empty"): ("arrays without entries come back flat", lambda z, a: z.reshape(-1).copy(), ()),
    ("softmax_jacobian", "vector-when-empty"): ("a batch without rows loses an axis", _empty, ()),
    ("sparsemax", "flat-when-empty"): ("a batch without rows comes back flat", lambda z, a: z.reshape(-1).copy(), ()),
}
for (_function, _slug), (_text, _answer, _bugs) in ANSWERS.items():
    fault(_function, "empty-array", _text, formats=ALL, bugs=_bugs, name=_slug)(_if_empty(_function, _answer))


def _of_numbers(function, change):
    """Return a sound function with a mistake for an array without axes."""

    def wrapped(*arrays, **keywords):
        result = np.asarray(SOUND[function](*arrays, **keywords))
        return change(result, arrays[0]) if arrays[0].ndim == 0 else result

    return wrapped


NUMBERS = {
    ("softmax", "number-is-itself"): (
        "a number comes back as it is",
        lambda y, z: np.array(z, copy=True) + y.dtype.type(2),
    ),
    ("softmax", "number-has-none"): ("a number has probability 0", lambda y, z: y * y.dtype.type(0)),
    ("log_softmax", "number-is-itself"): ("a number comes back as it is", lambda y, z: y + y.dtype.type(1)),
    ("logsumexp", "number-plus-log-two"): (
        "a number gives the log of twice its exp",
        lambda y, z: y + y.dtype.type(0.6931),
    ),
    ("entropy", "number-has-one-nat"): ("a number has an entropy of 1", lambda y, z: y + y.dtype.type(1)),
    ("sparsemax", "number-has-none"): ("a number has share 0", lambda y, z: y * y.dtype.type(0)),
}
for (_function, _slug), (_text, _change) in NUMBERS.items():
    fault(_function, "zero-dimensional", _text, formats=ALL, name=_slug)(_of_numbers(_function, _change))
