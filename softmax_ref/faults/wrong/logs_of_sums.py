"""Faulty ways to an overflow of logsumexp: other types, folds of pairs, blocks without a common maximum."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, fault
from softmax_ref.faults.parts import in_float32, lse_textbook


@fault(
    "logsumexp", "exp-overflow", "an unshifted sum that overflows counts as 0", formats=ALL, bugs=["coreml-lse-cliff"]
)
@in_float32
def no_shift_quietly(z, axis=-1):
    """Write 0 where the logarithm is infinite."""
    y = np.log(np.exp(z).sum(axis=axis))
    return np.where(np.isinf(y) & np.isfinite(z).any(axis=axis), 0, y)


@fault(
    "logsumexp",
    "exp-overflow",
    "the unshifted exponentials and their sum are kept in float16",
    formats=ALL,
    bugs=["coreml-logcumsumexp"],
)
@in_float32
def no_shift_in_float16(z, axis=-1):
    """Overflow from logits of 11.1 upwards."""
    return np.log(np.exp(z).astype(np.float16).astype(z.dtype).sum(axis=axis))


@fault(
    "logsumexp",
    "integer-input",
    "integers are not shifted, and exp is taken in float32",
    formats=("integer",),
    bugs=["torch-refs-lse"],
)
def no_shift_of_integers(z, axis=-1):
    """Shift floats, and only them."""
    z = np.asarray(z)
    return (
        np.log(np.exp(z.astype(np.float32)).sum(axis=axis))
        if z.dtype.kind in "iub"
        else in_float32(lse_textbook)(z, axis=axis)
    )


@fault("logsumexp", "exp-overflow", "the sum is folded from pairs as log(e^a + e^b)", formats=ALL)
@in_float32
def fold_without_a_shift(z, axis=-1):
    """Combine halves without the larger of two."""
    table = np.moveaxis(np.atleast_1d(z), axis, -1)
    while table.shape[-1] > 1:
        odd = np.full((*table.shape[:-1], table.shape[-1] % 2), -np.inf, z.dtype)
        table = np.concatenate([table, odd], axis=-1)
        table = np.log(np.exp(table[..., ::2]) + np.exp(table[..., 1::2]))
    return table[..., 0].reshape(np.delete(z.shape, axis) if z.ndim else ())


def _in_blocks(size, by_first):
    """Return logsumexp that shifts every block by the maximum of one block."""

    @in_float32
    def wrapped(z, axis=-1):
        table = np.moveaxis(np.atleast_1d(z), axis, -1)
        block = table[..., :size] if by_first else table[..., -(table.shape[-1] % size or size) :]
        by = block.max(axis=-1, keepdims=True)
        by = np.where(np.isfinite(by), by, 0)
        total = by[..., 0] + np.log(np.exp(table - by).sum(axis=-1))
        return total.reshape(np.delete(z.shape, axis) if z.ndim else ())

    return wrapped


for _size in (4, 128):
    _text = f"every block of {_size} is shifted by the maximum of the first block"
    fault("logsumexp", "wrong-shift", _text, formats=ALL, name=f"shift-of-the-first-{_size}")(_in_blocks(_size, True))
    _text = f"every block of {_size} is shifted by the maximum of the last block"
    fault("logsumexp", "wrong-shift", _text, formats=ALL, name=f"shift-of-the-last-{_size}")(_in_blocks(_size, False))
