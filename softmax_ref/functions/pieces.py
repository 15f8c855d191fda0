"""Long rows a piece at a time, so that what is computed on the way stays in the cache."""

import functools

import numpy as np

# 32768 numbers are 256 KiB, a fraction of a usual second-level cache.
PIECE = 32768


def pieces(*arrays):
    """Yield the arrays cut along the last axis; what has a single column goes with every piece."""
    width = arrays[0].shape[-1]
    for start in range(0, width, PIECE):
        yield tuple(a[..., start : start + PIECE] if a.shape[-1] == width else a for a in arrays)


def in_pieces(f):
    """Make f, which works element by element and keeps the shape of its first argument, work by pieces."""

    @functools.wraps(f)
    def by_pieces(*arrays):
        if arrays[0].shape[-1] <= PIECE:
            return f(*arrays)
        out = np.empty_like(arrays[0])
        for part, *cut in pieces(out, *arrays):
            part[...] = f(*cut)
        return out

    return by_pieces
