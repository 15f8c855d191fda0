"""Another result in place of the right one: one-hot rows, constants, rows read one entry off, narrow intermediates."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import (
    in_float32,
    last_axis,
    log_textbook,
    logistic_textbook,
    lse_textbook,
    softplus_textbook,
    textbook,
)


def _cut(z):
    """Keep the upper half of each float32, as bfloat16 does."""
    return (z.astype(np.float32).view(np.uint32) >> 16 << 16).view(np.float32)


@last_axis
def _in_sixteen_bits(z):
    with np.errstate(invalid="ignore"):
        weight = _cut(np.exp(_cut(z - z.max(axis=-1, keepdims=True))))
        return _cut(weight / _cut(weight.sum(axis=-1, keepdims=True))).astype(z.dtype)


@last_axis
def _misaligned(z):
    """Read every other row one entry early where the width is odd and two full blocks of 256 fit."""
    result, width = textbook(z), z.shape[-1]
    if 513 <= width <= 1023 and width % 2 and z.ndim > 1:
        result[1::2] = np.roll(result[1::2], 1, axis=-1)
    return result


@last_axis
def _ties_to_the_first(z):
    p, top = textbook(z), z == z.max(axis=-1, keepdims=True)
    first = top & (np.cumsum(top, axis=-1) == 1)
    mass = np.where(top, p, 0).sum(axis=-1, keepdims=True)
    return np.where(top, np.where(first, mass, 0), p)


@last_axis
def _masked_by_product(z):
    """Multiply the weights of masked entries by 0 times their logits."""
    finite = np.isfinite(z)
    weight = np.exp(np.where(finite, z, 0) - z.max(axis=-1, keepdims=True)) * np.where(finite, 1, z * 0)
    return weight / weight.sum(axis=-1, keepdims=True)


@last_axis
def _nan_left_out(z):
    """Take the maximum and the sum of what is not nan."""
    weight = np.exp(z - np.nanmax(np.where(np.isneginf(z), np.finfo(z.dtype).min, z), axis=-1, keepdims=True))
    return weight / np.nansum(weight, axis=-1, keepdims=True)


def _one_hot(z, axis=-1):
    return (z == z.max(axis=axis, keepdims=True)).astype(z.dtype)


def _uniform(z, axis=-1):
    return np.full(z.shape, 1 / z.shape[axis] if z.ndim else 1, z.dtype)


def _enter(slug, flag, text, fn, formats=ALL):
    fault("softmax", flag, text, formats=formats, name=slug)(in_float32(fn))


_enter("sixteen-bits-inside", "working-precision", "every step is cut to bfloat16", _in_sixteen_bits, WIDE)
_enter("odd-widths-misaligned", "tail-elements", "odd rows of 513 to 1023 are read an entry early", _misaligned)
_enter("ties-to-the-first", "ties", "the first of several largest logits takes their mass", _ties_to_the_first)
_enter("mask-by-product", "mask", "the weight of a masked entry is 0 times its logit", _masked_by_product)
_enter("nan-left-out", "nan-swallowed", "the maximum and the sum leave nan out", _nan_left_out)
_enter("one-hot", "ties", "the largest logits get 1", _one_hot)
_enter("uniform", "relative-accuracy", "1/K", _uniform)
_enter("zeros", "single-class", "0", lambda z, axis=-1: np.zeros_like(z))
_enter("nan", "single-class", "nan", lambda z, axis=-1: np.full_like(z, np.nan))


def _narrow(fn):
    return lambda x, **more: fn(x.astype(np.float32), **more).astype(x.dtype)


for _function, _fn in (
    ("log_softmax", log_textbook),
    ("logsumexp", lse_textbook),
    ("logistic", logistic_textbook),
    ("softplus", softplus_textbook),
):
    fault(
        _function,
        "working-precision",
        "everything is computed in float32",
        formats=("binary64",),
        name="float32-inside",
    )(in_float32(_narrow(_fn)))
