"""A shift that is left out somewhere, or a maximum over the wrong entries."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, fault
from softmax_ref.faults.wrong.shift import shifted_by, top


def only_if(condition):
    """Return the maximum where a condition on the array and the axis holds, and 0 elsewhere."""
    return lambda z, axis: top(z, axis) if condition(z, axis) else z.dtype.type(0)


def _width(z, axis):
    return z.shape[axis] if z.ndim else 1


def _on_the_last_axis(z, axis):
    return z.ndim < 2 or axis % z.ndim == z.ndim - 1


def _entries(choose):
    """Return the maximum over a choice of the entries of each slice."""
    return lambda z, axis: np.take(z, choose(_width(z, axis)), axis).max(axis=axis, keepdims=True) if z.ndim else z


def _full_blocks(size):
    return _entries(lambda width: range(width // size * size or width))


def _first_row(z, axis):
    return np.take(top(z, axis), [0], axis=0 if axis else -1) if z.ndim > 1 else top(z, axis)


def _previous_row(z, axis):
    return np.roll(top(z, axis), 1, axis=0 if axis else -1) if z.ndim > 1 else top(z, axis)


def _rows_so_far(z, axis):
    return np.maximum.accumulate(top(z, axis), axis=0 if axis else -1) if z.ndim > 1 else top(z, axis)


def _another_axis(z, axis):
    return top(z, (axis + 1) % z.ndim) if z.ndim > 1 else top(z, axis)


LEFT_OUT = {
    "shift-of-vectors": (
        "exp-overflow",
        "arrays of two and more axes are not shifted",
        lambda z, axis: z.ndim < 2,
        ["nd4j-softmax-exp"],
    ),
    "shift-of-matrices": ("exp-overflow", "arrays of one axis are not shifted", lambda z, axis: z.ndim > 1),
    "shift-below-three-axes": ("exp-overflow", "arrays of three axes are not shifted", lambda z, axis: z.ndim < 3),
    "shift-on-the-last-axis": (
        "exp-overflow",
        "slices along other axes than the last are not shifted",
        _on_the_last_axis,
    ),
    "shift-from-width-8": (
        "exp-overflow",
        "slices of fewer than 8 are not shifted",
        lambda z, axis: _width(z, axis) > 7,
    ),
    "shift-to-width-8": ("exp-overflow", "slices of more than 8 are not shifted", lambda z, axis: _width(z, axis) <= 8),
    "shift-to-width-64": (
        "exp-underflow",
        "slices of more than 64 are not shifted",
        lambda z, axis: _width(z, axis) <= 64,
        ["paddle-330-nan"],
    ),
    "shift-from-width-2": (
        "exp-overflow",
        "slices of one entry are not shifted",
        lambda z, axis: _width(z, axis) > 1,
        ["ttnn-model-activations"],
    ),
}
for _slug, (_flag, _text, _condition, *_bugs) in LEFT_OUT.items():
    _wrong = shifted_by(only_if(_condition))
    fault("softmax", _flag, _text, formats=ALL, bugs=_bugs[0] if _bugs else (), name=_slug)(_wrong)

MISSED = {
    "max-of-every-other": (
        "wrong-shift",
        "the maximum is taken of every other entry",
        _entries(lambda n: range(0, n, 2)),
    ),
    "max-of-every-fourth": (
        "wrong-shift",
        "the maximum is taken of one lane of four",
        _entries(lambda n: range(0, n, 4)),
    ),
    "max-without-the-first": (
        "wrong-shift",
        "the maximum leaves out the first entry",
        _entries(lambda n: range(min(1, n - 1), n)),
        ["tfjs-webgl-minus1e9"],
    ),
    "max-without-the-last": (
        "wrong-shift",
        "the maximum leaves out the last entry",
        _entries(lambda n: range(max(1, n - 1))),
    ),
    "max-of-the-first-32": ("wrong-shift", "the maximum is taken of 32 entries", _entries(lambda n: range(min(n, 32)))),
    **{
        f"max-of-full-blocks-of-{n}": (
            "wrong-shift",
            f"the maximum is taken of the full blocks of {n} only",
            _full_blocks(n),
        )
        for n in (4, 32, 128, 1024)
    },
    "global-shift": ("global-shift", "the maximum of the whole array is subtracted", lambda z, axis: z.max()),
    "first-rows-shift": ("global-shift", "the maximum of the first row is subtracted everywhere", _first_row),
    "previous-rows-shift": ("global-shift", "the maximum of the row before is subtracted", _previous_row),
    "running-shift": ("global-shift", "the maximum of all rows so far is subtracted", _rows_so_far),
    "other-axis-shift": ("global-shift", "the maximum is taken along another axis", _another_axis),
}
for _slug, (_flag, _text, _shift, *_bugs) in MISSED.items():
    fault("softmax", _flag, _text, formats=ALL, bugs=_bugs[0] if _bugs else (), name=_slug)(shifted_by(_shift))
