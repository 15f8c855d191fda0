"""Arguments: which entries form a slice, which of them count, and in which dtype the work is done."""

import math
import operator

import numpy as np

from .pieces import PIECE

Axis = int | tuple[int, ...] | None

# nan and inf are results here, never warnings.
quiet = np.errstate(all="ignore")

# The names of the ml_dtypes formats; the package itself is never imported.
NARROW = ("bfloat16", "float8_e4m3fn", "float8_e5m2")


def real_array(function, argument, value):
    """Return value as an array of real numbers, or raise TypeError."""
    array = np.asarray(value)
    if array.dtype.kind not in "buif" and array.dtype.name not in NARROW:
        raise TypeError(f"{function}: {argument} must hold real numbers, got dtype {array.dtype}")
    return array


def real_number(function, argument, value):
    """Return value as a finite float, or raise."""
    array = np.asarray(value)
    if array.ndim or (array.dtype.kind not in "buif" and array.dtype.name not in NARROW):
        raise TypeError(f"{function}: {argument} must be a real number, got {value!r}")
    if not math.isfinite(array):
        raise ValueError(f"{function}: {argument} must be finite, got {value}")
    return float(array)


def positive_number(function, argument, value):
    """Return value as a finite float above 0, or raise."""
    number = real_number(function, argument, value)
    if not number > 0:
        raise ValueError(f"{function}: {argument} must be positive, got {value}")
    return number


def nonzero_number(function, argument, value, reason):
    """Return value as a finite float other than 0, or raise; the reason ends the message."""
    number = real_number(function, argument, value)
    if number == 0:
        raise ValueError(f"{function}: {argument} must not be 0, got {value}; {reason}")
    return number


def result_dtype(*arrays):
    """Return the dtype of a result: integers and booleans count as float64."""
    return np.result_type(*(np.float64 if a.dtype.kind in "bui" else a.dtype for a in arrays))


def same_shape(function, argument, array, shape, reason):
    """Raise ValueError unless the array has the given shape."""
    if array.shape != shape:
        raise ValueError(f"{function}: {argument} must have {reason} {shape}, got shape {array.shape}")


def wrap_axes(function, axis, shape):
    """Return the non-negative axes that axis names; a 0-d array counts as a row of one."""
    ndim = max(len(shape), 1)
    try:
        axes = range(ndim) if axis is None else map(operator.index, axis if isinstance(axis, tuple) else (axis,))
        axes = tuple(axes)
    except TypeError:
        raise TypeError(f"{function}: axis must be an integer, a tuple of integers or None, got {axis!r}") from None
    if not all(-ndim <= a < ndim for a in axes):
        raise ValueError(f"{function}: axis is out of range for shape {shape}, got {axis}")
    wrapped = tuple(a % ndim for a in axes)
    if len(set(wrapped)) < len(wrapped):
        raise ValueError(f"{function}: axis names the same axis twice, got {axis} for shape {shape}")
    return wrapped


class Slices:
    """The slices of an array along some axes, laid out as the rows of a table.

    The reduced axes go last; by_blocks makes them contiguous, so that np.sum is pairwise whatever the axis was.
    """

    def __init__(self, function, shape, axis, *, argument="z", may_be_empty=False):
        self.function, self.shape = function, shape
        self.full = shape or (1,)
        self.axes = wrap_axes(function, axis, shape)
        self.kept = tuple(a for a in range(len(self.full)) if a not in self.axes)
        self.width = math.prod(self.full[a] for a in self.axes)
        self.height = math.prod(self.full[a] for a in self.kept)
        if self.width == 0 and not may_be_empty:
            raise ValueError(f"{function}: {argument} needs at least one entry along axis {axis}, got shape {shape}")

    def table(self, array):
        """Return the array as a table with a slice a row; it may share memory with the array."""
        return array.reshape(self.full).transpose(self.kept + self.axes).reshape(self.height, self.width)

    def restore(self, table):
        """Undo table()."""
        order = self.kept + self.axes
        back = sorted(range(len(order)), key=order.__getitem__)
        array = table.reshape([self.full[a] for a in order]).transpose(back).reshape(self.shape)
        return np.array(array, order="C", copy=None)[()]

    def reduced_shape(self, keepdims=False):
        """Return the shape of one number a slice."""
        if keepdims:
            return tuple(1 if a in self.axes else n for a, n in enumerate(self.full))[: len(self.shape)]
        return tuple(self.full[a] for a in self.kept)

    def mask(self, where):
        """Return where as a boolean table."""
        where = np.asarray(where)
        if where.dtype != np.bool_:
            raise TypeError(f"{self.function}: where must hold booleans, got dtype {where.dtype}")
        try:
            return self.table(np.broadcast_to(where, self.shape))
        except ValueError:
            raise ValueError(
                f"{self.function}: where must broadcast to the shape {self.shape} of z, got shape {where.shape}"
            ) from None


def logits(function, z, axis, *, argument="z", where=None, downwards=False, may_be_empty=False):
    """Return the slices of z, their table, and what was taken off each row of the table.

    Masked slots hold -inf (+inf if downwards), so that nothing about them is looked at again.
    """
    slices = Slices(function, z.shape, axis, argument=argument, may_be_empty=may_be_empty)
    table, offset = slices.table(z), np.zeros((slices.height, 1))
    mask = None if where is None else slices.mask(where)
    if z.dtype.kind in "iu" and z.dtype.itemsize == 8 and slices.width:
        table, offset = integer_shift(table, mask, downwards)
    if mask is not None:
        table = np.where(mask, table.astype(working_dtype(z)), np.inf if downwards else -np.inf)
    return slices, table, offset


def integer_shift(table, mask, downwards):
    """Return z - max z (z - min z if downwards) as float64, and the extreme: exact beyond 2**53 too."""
    limits = np.iinfo(table.dtype)
    pick, least = (np.min, limits.max) if downwards else (np.max, limits.min)
    counted = table if mask is None else np.where(mask, table, least)
    extreme = pick(counted, axis=-1, keepdims=True)
    # Unsigned arithmetic wraps modulo 2**64, so the distance is right even where z - max overflows int64.
    low, high = (extreme, counted) if downwards else (counted, extreme)
    distance = (high.astype(np.uint64) - low.astype(np.uint64)).astype(np.float64)
    return (distance if downwards else -distance), extreme.astype(np.float64)


def working_dtype(*arrays):
    """Return the dtype that the work is done in: binary64, or longdouble for longdouble."""
    return np.result_type(result_dtype(*arrays), np.float64)


def by_blocks(f, dtype, *tables, width=None):
    """Apply f to contiguous blocks of rows that fit the cache, in the working dtype; round its result once to dtype.

    Rows are independent, so the blocks change nothing in the result. The width is the number of entries that f makes
    of a row, where it differs from that of the first table.
    """
    work = np.result_type(dtype, np.float64)
    height = len(tables[0])
    step = max(1, PIECE // max(1, width or tables[0][:1].size))
    if height <= step:
        return rounded(f(*(np.ascontiguousarray(t, work) for t in tables)), dtype)
    out = None
    for start in range(0, height, step):
        rows = slice(start, start + step)
        block = f(*(np.ascontiguousarray(t[rows], work) for t in tables))
        if out is None:
            out = np.empty((height, *block.shape[1:]), dtype)
        out[rows] = rounded(block, dtype)
    return out


def rounded(y, dtype):
    """Round to dtype once.

    ml_dtypes casts binary64 by way of binary32, which rounds twice; a binary32 rounded to odd makes that harmless.
    """
    if dtype.itemsize > 2 or dtype == np.float16:
        return y.astype(dtype, copy=False)
    near = y.astype(np.float32)
    towards_zero = np.where(np.abs(near) > np.abs(y), np.nextafter(near, np.float32(0)), near)
    return (towards_zero.view(np.uint32) | (towards_zero != y)).view(np.float32).astype(dtype)


def elementwise(function, f, **arguments):
    """Apply f to each element of the arguments, which broadcast against each other."""
    arrays = [real_array(function, name, value) for name, value in arguments.items()]
    try:
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
    except ValueError:
        shapes = " and ".join(str(a.shape) for a in arrays)
        raise ValueError(f"{function}: {', '.join(arguments)} must broadcast together, got shapes {shapes}") from None
    flat = (np.broadcast_to(a, shape).reshape(-1) for a in arrays)
    return by_blocks(f, result_dtype(*arrays), *flat).reshape(shape)[()]
