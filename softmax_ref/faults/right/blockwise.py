"""softmax from partial sums: running ones, and sums of blocks."""

import numpy as np

from softmax_ref.faults.catalogue import control
from softmax_ref.faults.right.styles import by_rows


def _online(row):
    top, total = row.dtype.type(-np.inf), row.dtype.type(0)
    for value in row:
        new = np.maximum(top, value)
        total = total * np.exp(top - new) + np.exp(value - new) if top > -np.inf else np.exp(value - new)
        top = new
    return np.exp(row - top) / total


control("softmax", "a running maximum and a rescaled sum, as in streams", formats=("binary32",), name="online")(
    by_rows(_online)
)


def _blocked(size):
    def row(z):
        blocks = [z[k : k + size] for k in range(0, len(z), size)]
        tops = np.array([b.max() for b in blocks])
        totals = [np.exp(b - t).sum() if t > -np.inf else 0 for b, t in zip(blocks, tops, strict=True)]
        top = tops.max()
        return np.exp(z - top) / (np.array(totals, z.dtype) * np.exp(tops - top)).sum()

    return by_rows(row)


for _size in (7, 64, 1000):
    control("softmax", f"sums of blocks of {_size}, merged by rescaling", name=f"blocks-of-{_size}")(_blocked(_size))
