"""Blocks, lanes and indices: what stands after the last full block, or beyond an index, is lost or joins from outside."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, last_axis, textbook


def _sum_without_the_tail(block):
    """Return softmax whose sum stops at the last full block, if there is one."""

    @in_float32
    @last_axis
    def wrapped(z):
        weight = np.exp(z - z.max(axis=-1, keepdims=True))
        full = z.shape[-1] // block * block or z.shape[-1]
        return weight / weight[..., :full].sum(axis=-1, keepdims=True)

    return wrapped


def _results_without_the_tail(block):
    """Return softmax that never writes what follows the last full block."""

    @in_float32
    @last_axis
    def wrapped(z):
        result = textbook(z)
        result[..., z.shape[-1] // block * block or z.shape[-1] :] = 0
        return result

    return wrapped


def _maximum_without_the_tail(block):
    """Return softmax whose maximum stops at the last full block, if there is one."""

    @in_float32
    @last_axis
    def wrapped(z):
        full = z.shape[-1] // block * block or z.shape[-1]
        weight = np.exp(z - z[..., :full].max(axis=-1, keepdims=True))
        return weight / weight.sum(axis=-1, keepdims=True)

    return wrapped


def _padded(lanes, value):
    """Return softmax over rows that are filled up with a value to a multiple of the lanes."""

    @in_float32
    @last_axis
    def wrapped(z):
        more = -z.shape[-1] % lanes
        filled = np.concatenate([z, np.full((*z.shape[:-1], more), value, z.dtype)], axis=-1)
        return textbook(filled)[..., : z.shape[-1]]

    return wrapped


def _stops_at(width):
    """Return softmax that leaves out of the sum what lies beyond a width."""

    @in_float32
    @last_axis
    def wrapped(z):
        weight = np.exp(z - z.max(axis=-1, keepdims=True))
        return weight / weight[..., :width].sum(axis=-1, keepdims=True)

    return wrapped


LENGTHS = (4, 8, 16, 32, 64, 128, 256)
BUGS = {("sum", 4): ["llama-metal-oob", "ncnn-x86-tail"], ("sum", 128): ["trt-scaledsoftmax", "mlx-looped-oob-default"]}
for _n in LENGTHS:
    for _what, _make, _text in (
        ("sum", _sum_without_the_tail, "is not summed"),
        ("results", _results_without_the_tail, "is not written"),
        ("maximum", _maximum_without_the_tail, "is not looked at for the maximum"),
    ):
        fault(
            "softmax",
            "tail-elements",
            f"what follows the last full block of {_n} {_text}",
            formats=ALL,
            name=f"{_what}-without-the-tail-of-{_n}",
            bugs=BUGS.get((_what, _n), ()),
        )(_make(_n))

for _n in (4, 8, 32, 128):
    fault(
        "softmax",
        "tail-elements",
        f"rows are filled up with 0 to a multiple of {_n}",
        formats=ALL,
        name=f"filled-with-0-to-{_n}",
        bugs=["ort-half-infinity-zero"] if _n == 32 else (),
    )(_padded(_n, 0.0))
    fault(
        "softmax",
        "finite-sentinel",
        f"rows are filled up with -1e4 to a multiple of {_n}",
        formats=ALL,
        name=f"filled-with-minus-1e4-to-{_n}",
    )(_padded(_n, -1e4))

for _n, _formats in ((16, ALL), (64, ALL), (256, ALL), (512, ALL), (1024, ALL), (65536, WIDE)):
    fault(
        "softmax", "tail-elements", f"entries beyond the {_n}th are not summed", formats=_formats, name=f"stops-at-{_n}"
    )(_stops_at(_n))


@fault(
    "softmax",
    "tail-elements",
    "from the second row on, odd widths of 513 to 1023 are read one entry early",
    formats=ALL,
    bugs=["torch-cuda-f64-513-1023"],
)
@in_float32
@last_axis
def misaligned_odd_widths(z):
    result, width = textbook(z), z.shape[-1]
    if 513 <= width <= 1023 and width % 2 and z.ndim > 1:
        result[1::2] = np.roll(result[1::2], 1, axis=-1)
    return result
