"""Formulas that shift one half of themselves, or too late, or that bring the range of exp back in another way."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, last_axis, textbook
from softmax_ref.faults.wrong.shift import top


@fault("softmax", "wrong-shift", "the numerator is shifted, the sum is not", formats=ALL)
@in_float32
def shifted_numerator(z, axis=-1):
    """Divide shifted weights by an unshifted sum."""
    return np.exp(z - top(z, axis)) / np.exp(z).sum(axis=axis, keepdims=True)


@fault(
    "softmax",
    "exp-overflow",
    "exp is not shifted, and 0 is written where that gives nan",
    formats=ALL,
    bugs=["ttnn-unstable-1000", "ttnn-stable-default-false"],
)
@in_float32
def no_shift_quietly(z, axis=-1):
    """Multiply by the reciprocal of an unshifted sum, and hide the nan."""
    weight = np.exp(z)
    p = weight * (1 / weight.sum(axis=axis, keepdims=True))
    return np.where(np.isnan(p) & ~np.isnan(z), z.dtype.type(0), p)


@fault("softmax", "exp-overflow", "log2(e) z is formed before the maximum is subtracted", formats=WIDE)
@in_float32
def scaled_before_the_shift(z, axis=-1):
    """Scale to base two first: the product rounds in proportion to abs(z), and overflows."""
    y = z * z.dtype.type(np.log2(np.e))
    weight = np.exp2(y - top(y, axis))
    return weight / weight.sum(axis=axis, keepdims=True)


@fault("softmax", "wrong-shift", "a running sum is not rescaled when the maximum grows", formats=ALL)
@in_float32
@last_axis
def online_without_rescaling(z):
    """Add weights relative to the maximum so far."""
    so_far = np.maximum.accumulate(z, axis=-1)
    return np.exp(z - z.max(axis=-1, keepdims=True)) / np.exp(z - so_far).sum(axis=-1, keepdims=True)


@fault("softmax", "wrong-shift", "a running maximum stays at the first entry of each block of four", formats=ALL)
@in_float32
@last_axis
def stale_maximum(z):
    """Update the maximum once a block, with its first entry."""
    shift = z[..., ::4].max(axis=-1, keepdims=True)
    weight = np.exp(z - shift)
    return weight / weight.sum(axis=-1, keepdims=True)


@fault(
    "softmax",
    "exp-overflow",
    "exp is a fixed-point number with 16 bits before the point, and wraps",
    formats=ALL,
    bugs=["orion-fixedpoint-overflow"],
)
@in_float32
def fixed_point(z, axis=-1):
    """Hold exp in an unsigned number of 32 bits, 16 of them behind the point."""
    scaled = np.mod(np.floor(np.exp(np.clip(z.astype(np.float64), -700, 700)) * 65536), 2.0**32)
    return np.where(np.isnan(z), z, scaled / scaled.sum(axis=axis, keepdims=True)).astype(z.dtype)


@fault(
    "softmax", "exp-overflow", "exp(z - logsumexp(z)), where abs(z) leaves few digits to the logsumexp", formats=WIDE
)
@in_float32
def through_logsumexp(z, axis=-1):
    """Subtract max + log sum from the logits themselves."""
    shift = top(z, axis)
    lse = shift + np.log(np.exp(z - shift).sum(axis=axis, keepdims=True))
    return np.exp(z - lse)


@fault(
    "softmax_vjp",
    "exp-overflow",
    "the quotient rule with unshifted exponentials",
    formats=ALL,
    bugs=["nnlib-softmax-grad-nan"],
)
@in_float32
def unshifted_quotient_rule(z, g, axis=-1):
    """Return (e s g - e sum e g)/s^2 with e = exp(z)."""
    e = np.exp(z)
    s = e.sum(axis=axis, keepdims=True)
    return (e * s * g - e * (e * g).sum(axis=axis, keepdims=True)) / (s * s)


@fault(
    "gumbel_softmax",
    "wrong-shift",
    "the noise is -log of an exponential variate that underflows to 0",
    formats=ALL,
    bugs=[
        "torch-gumbel-cuda-nan",
        "torch-gumbel-cpu-nan",
        "torch-gumbel-large-tensor",
        "torch-gumbel-fp16",
        "torch-mps-gumbel",
    ],
)
@in_float32
def noise_through_its_exponential(z, noise, temperature=1.0, axis=-1):
    """Go from the noise to the variate and back."""
    return textbook((z - np.log(np.exp(-noise))) / z.dtype.type(temperature), axis)
