"""Another axis than the one asked for, or another shape than the one that is due."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, fault
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.sound import SOUND


def _with_axis(choose):
    """Return what takes another axis than the one asked for."""

    def plant(fn):
        def wrapped(*arrays, axis=-1, **more):
            return fn(*arrays, axis=choose(axis, arrays[0].ndim), **more)

        return wrapped

    return plant


def _counted(axis, count):
    return axis % count if count else -1


AXES = {
    "always-the-last-axis": ("the last axis is taken, whatever is asked for", lambda a, n: -1),
    "always-the-first-axis": ("the first axis is taken, whatever is asked for", lambda a, n: 0 if n else -1),
    "axes-counted-from-behind": (
        "the axes are counted from the other end",
        lambda a, n: n - 1 - _counted(a, n) if n else -1,
    ),
    "one-when-not-last": (
        "every axis but the last is taken for axis 1 of three or more",
        lambda a, n: 1 if n > 2 and _counted(a, n) < n - 1 else a,
    ),
    "four-axes-channels-last": (
        "axis 1 of four is looked for behind the others",
        lambda a, n: 3 if n == 4 and _counted(a, n) == 1 else a,
    ),
    "minus-one-not-given": (
        "an axis of -1 is taken for none given: 1 of two axes or four, else 0",
        lambda a, n: a if a != -1 or n < 2 else 1 if n in (2, 4) else 0,
    ),
    "minus-two-is-two": ("the sign of an axis is dropped", lambda a, n: a if a >= -1 or -a >= n else -a),
    "out-of-range-wraps": ("an axis out of range is taken modulo the number of axes", lambda a, n: _counted(a, n)),
    "out-of-range-is-last": ("an axis out of range is taken for the last", lambda a, n: a if n and -n <= a < n else -1),
    "fifth-axis-forgotten": (
        "of more than four axes the first is taken for the second",
        lambda a, n: 1 if n > 4 and _counted(a, n) == 0 else a,
    ),
}
AXIS_BUGS = {
    "axes-counted-from-behind": ("timvx-quant-softmax-axis",),
    "one-when-not-last": ("opencv-default-axis",),
    "four-axes-channels-last": ("ort-nnapi-ones",),
    "minus-one-not-given": ("torch-1d-implicit-dim",),
    "out-of-range-is-last": ("tf-axis-out-of-range",),
}
for _slug, (_text, _choose) in AXES.items():
    _bugs = AXIS_BUGS.get(_slug, ())
    fault("softmax", "axis", _text, formats=ALL, bugs=_bugs, name=_slug)(_with_axis(_choose)(SOUND["softmax"]))
    fault("softmax_vjp", "axis", _text, name=_slug)(_with_axis(_choose)(SOUND["softmax_vjp"]))
for _function in (
    *(
        "log_softmax",
        "logsumexp",
        "argmax_one_hot",
        "sparsemax",
        "sparsemax_vjp",
        "entmax15",
        "entropy",
        "heat_capacity",
    ),
    *("clr", "boltzmann", "free_energy", "gumbel_softmax", "exponential_tilting", "log_semiring_sum"),
):
    _plant = _with_axis(AXES["always-the-last-axis"][1])
    fault(_function, "axis", "the last axis is taken, whatever is asked for", name="always-the-last-axis")(
        _plant(SOUND[_function])
    )


def _flattened(fn):
    """Return what takes all axes from the one asked for on, as one."""

    def wrapped(*arrays, axis=-1, **more):
        shape = arrays[0].shape
        flat = shape[: axis % len(shape)] + (-1,) if shape and -len(shape) <= axis < len(shape) else shape
        return fn(*(x.reshape(flat) for x in arrays), axis=axis if flat == shape else -1, **more).reshape(shape)

    return wrapped


FLATTENED = ("openvino-opset11", "tvm-opset-lt13", "onnxmlir-default-axis", "ort-webnn-opset-lt13")
for _function in ("softmax", "log_softmax", "argmax_one_hot"):
    _bugs = {"softmax": FLATTENED}.get(_function, ())
    fault(
        _function,
        "axis",
        "all axes behind the one asked for are normalised with it",
        formats=ALL,
        bugs=_bugs,
        name="flattened",
    )(_flattened(SOUND[_function]))


@fault("softmax", "axis", "the axis is moved to the end, and not back", bugs=["mxnet-softmax-axis"])
def not_moved_back(z, axis=-1):
    return SOUND["softmax"](np.moveaxis(np.atleast_1d(z), axis, -1)).reshape(z.shape)


@fault("log_softmax", "axis", "the axis changes its place with the last, and the result does not")
def not_swapped_back(z, axis=-1):
    return SOUND["log_softmax"](np.swapaxes(np.atleast_1d(z), axis, -1)).reshape(z.shape)


@fault("softmax", "axis", "the first axis is taken for the innermost in memory", bugs=["acl-nesoftmax-axis"])
def column_major(z, axis=-1):
    flipped = z.reshape(z.shape[::-1]) if z.ndim > 1 else z
    return SOUND["softmax"](
        flipped, axis=-1 - axis if z.ndim > 1 and axis < 0 else z.ndim - 1 - axis if z.ndim > 1 else axis
    ).reshape(z.shape)


@fault("softmax", "axis", "the last of the positive axes is refused", bugs=["tf-axis-last-positive"])
def refuses_the_last_axis(z, axis=-1):
    if axis == z.ndim - 1 and axis > 0:
        raise ValueError(f"axis {axis} is out of range")
    return SOUND["softmax"](z, axis=axis)


@in_float32
def _shifted_from_the_axis_on(z, axis=-1):
    weight = np.exp(z - z.max(axis=tuple(range(axis % z.ndim, z.ndim)) if z.ndim else None, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


fault(
    "softmax",
    "row-mixing",
    "the maximum is taken over the axis asked for and all behind it",
    bugs=["paddle-global-max"],
    name="shift-from-the-axis-on",
)(_shifted_from_the_axis_on)


@in_float32
def _without_keepdims(z, axis=-1):
    """Divide rows by sums that are laid out as a row, where the shapes allow it."""
    if z.ndim != 2 or z.shape[0] != z.shape[1]:
        return textbook(z, axis)
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis)


fault(
    "softmax",
    "row-mixing",
    "the sums of a square matrix are laid out as a row",
    formats=ALL,
    bugs=["hf-projected-adaptive"],
    name="sums-of-a-square-as-a-row",
)(_without_keepdims)


@fault("softmax", "axis", "a single row is squeezed, and normalised along any axis", formats=ALL)
def single_row_squeezed(z, axis=-1):
    one = z.ndim == 2 and len(z) == 1 and -2 <= axis < 2
    return SOUND["softmax"](z.reshape(-1)).reshape(z.shape) if one else SOUND["softmax"](z, axis=axis)


@fault("log_softmax", "axis", "an axis that is a NumPy integer is taken for the first")
def numpy_axis_is_first(z, axis=-1):
    return SOUND["log_softmax"](z, axis=0 if isinstance(axis, np.integer) else axis)


@fault("softmax", "axis", "a last axis of one entry is taken for a single class, whatever is asked for", formats=ALL)
def single_class_by_the_last_axis(z, axis=-1):
    lone = z.ndim and z.shape[-1] == 1 and -z.ndim <= axis < z.ndim
    return np.ones_like(z) if lone and z.dtype.kind in "fV" else SOUND["softmax"](z, axis=axis)
