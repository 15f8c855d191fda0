"""A mask that is inverted, multiplied, read along another axis, or forgotten in a block."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE
from softmax_ref.faults.derived import faults_of, masked, total
from softmax_ref.faults.parts import last_axis, textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("masked_softmax")


def _kept(z, mask):
    return np.where(mask, z, -np.inf)


def _renormalised(p, axis):
    return p / total(p, axis)


@wrong("mask-inverted", "True leaves out")
def inverted(z, mask, axis=-1):
    return masked(z, ~mask.astype(bool), axis)


@wrong("mask-inverted", "the mask is not looked at")
def ignored(z, mask, axis=-1):
    return textbook(z, axis)


@wrong("mask-not-renormalised", "the probabilities of the whole row are multiplied by the mask")
def probabilities_multiplied(z, mask, axis=-1):
    return textbook(z, axis) * mask


@wrong("mask-not-renormalised", "the probabilities of the whole row are set to 0 where nothing is kept")
def probabilities_set_to_0(z, mask, axis=-1):
    return np.where(mask, textbook(z, axis), 0)


@wrong("masked-value", "the probabilities of the whole row, masked and normalised: a masked maximum empties the row")
def normalised_afterwards(z, mask, axis=-1):
    return _renormalised(np.where(mask, textbook(z, axis), 0), axis)


@wrong("masked-value", "the probabilities of the whole row, masked and divided by their sum and 1e-13")
def normalised_with_epsilon(z, mask, axis=-1):
    p = np.where(mask, textbook(z, axis), 0)
    return p / (total(p, axis) + z.dtype.type(1e-13))


@wrong("mask-multiplied", "the logits are multiplied by the mask")
def logits_multiplied(z, mask, axis=-1):
    return textbook(np.where(mask, z, 0), axis)


@wrong("mask-multiplied", "logits and probabilities are multiplied by the mask")
def both_multiplied(z, mask, axis=-1):
    p = textbook(np.where(mask, z, 0), axis) * mask
    return p / (total(p, axis) + z.dtype.type(1e-13))


@wrong("masked-value", "the maximum is taken over the whole row", bugs=["jax-softmax-where-grad"])
def maximum_behind_the_mask(z, mask, axis=-1):
    return _renormalised(np.where(mask, np.exp(z - z.max(axis=axis, keepdims=True)), 0), axis)


@wrong("masked-value", "the exponential of what is masked is multiplied by 0, and inf times 0 is nan")
def exponential_times_mask(z, mask, axis=-1):
    return _renormalised(np.exp(z - _kept(z, mask).max(axis=axis, keepdims=True)) * mask, axis)


@wrong("masked-value", "-inf is added to what is masked")
def infinity_added(z, mask, axis=-1):
    return textbook(z + np.where(mask, 0, -np.inf).astype(z.dtype), axis)


@wrong("axis", "the last axis is normalised, whatever is asked for")
def on_the_last_axis(z, mask, axis=-1):
    return masked(z, mask, -1)


@wrong("mask-layout", "the mask of the first row serves all")
def first_mask_for_all(z, mask, axis=-1):
    return masked(z, np.broadcast_to(mask[:1], mask.shape) if mask.ndim > 1 else mask, axis)


@wrong("mask-layout", "square masks are transposed")
def square_transposed(z, mask, axis=-1):
    return masked(z, mask.T if mask.ndim == 2 and mask.shape[0] == mask.shape[1] else mask, axis)


@wrong("mask-layout", "what one row keeps is kept in all")
def kept_in_any_row(z, mask, axis=-1):
    return masked(z, np.broadcast_to(mask.any(axis=0), mask.shape) if mask.ndim > 1 else mask, axis)


@wrong("nothing-kept", "the mask of a single class is not looked at")
def single_class_kept(z, mask, axis=-1):
    return masked(z, np.ones_like(mask) if z.ndim and z.shape[axis] == 1 else mask, axis)


@wrong("exp-overflow", "no shift")
def no_shift(z, mask, axis=-1):
    return _renormalised(np.where(mask, np.exp(z), 0), axis)


@wrong("mask-not-renormalised", "the sum runs over what is masked")
def sum_over_the_masked(z, mask, axis=-1):
    top = _kept(z, mask).max(axis=axis, keepdims=True)
    return np.where(mask, np.exp(z - top), 0) / total(np.exp(z - top), axis)


@wrong("mask-inverted", "what is left out gets 1e-9, so that its logarithm is finite", UP_TO_BFLOAT16)
def a_little_for_the_masked(z, mask, axis=-1):
    return np.where(mask, masked(z, mask, axis), z.dtype.type(1e-9))


@wrong("mask-inverted", "what is left out is nan")
def nan_for_the_masked(z, mask, axis=-1):
    return np.where(mask, masked(z, mask, axis), np.nan)


@wrong("mask", "what is kept and -inf gets 1e-6")
def a_little_for_kept_infinities(z, mask, axis=-1):
    return np.where(mask & np.isneginf(z), z.dtype.type(1e-6), masked(z, mask, axis))


@wrong("mask-inverted", "the mask itself is added to the logits")
def mask_added(z, mask, axis=-1):
    return textbook(z + mask, axis)


@wrong("mask-inverted", "the mask is shifted by one place")
def shifted_by_one(z, mask, axis=-1):
    return masked(z, np.roll(mask, 1, axis=axis) if mask.ndim else mask, axis)


def _blocks_of(width):
    """Return a softmax that streams blocks with an unguarded running maximum."""

    @last_axis
    def streamed(z):
        top, sums = np.full((*z.shape[:-1], 1), -np.inf, z.dtype), np.zeros((*z.shape[:-1], 1), z.dtype)
        for start in range(0, z.shape[-1], width):
            block = z[..., start : start + width]
            new = np.maximum(top, block.max(axis=-1, keepdims=True))
            sums = (sums * np.exp(top - new) if start else 0) + np.exp(block - new).sum(axis=-1, keepdims=True)
            top = new
        return np.exp(z - top) / sums

    return streamed


@wrong("masked-block", "blocks of 64 are streamed, and -inf - (-inf) is formed in one of which nothing is kept")
def unguarded_block(z, mask, axis=-1):
    return _blocks_of(64)(_kept(z, mask), axis=axis)


@wrong("tail-elements", "the mask is not read after the last full block of 64")
def masked_in_full_blocks(z, mask, axis=-1):
    if not z.ndim or z.shape[axis] <= 64:
        return masked(z, mask, axis)
    full = np.moveaxis(mask.copy(), axis, -1)
    full[..., full.shape[-1] // 64 * 64 :] = True
    return masked(z, np.moveaxis(full, -1, axis), axis)
