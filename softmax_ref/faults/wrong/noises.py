"""Wrong policies and perturbed rows: temperatures that multiply, noise that is left out or changed."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.thermal_parts import noisy, policy
from softmax_ref.faults.wrong.energies import coarse

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
READINGS = {
    "multiplied": ("the temperature multiplies", lambda t: 1 / t),
    "left-out": ("the temperature is left out", lambda t: 1),
    "squared": ("the temperature divides twice", lambda t: t * t),
    "rooted": ("the square root of the temperature divides", np.sqrt),
    "cut": ("the temperature is cut to an integer, 1 at least", lambda t: max(np.trunc(t), 1)),
    "from-one-half": ("the temperature is at least 0.5", lambda t: max(t, 0.5)),
    "up-to-100": ("the temperature is at most 100", lambda t: min(t, 100)),
}
for _slug, (_text, _read) in READINGS.items():
    fault("boltzmann_policy", "temperature", _text, formats=ALL, name=f"tau-{_slug}")(
        in_float32(lambda q, axis=-1, tau=1, read=_read: policy(q, axis, read(tau)))
    )
    fault("gumbel_softmax", "temperature", _text, formats=ALL, name=f"temperature-{_slug}")(
        in_float32(lambda z, noise, axis=-1, temperature=1, read=_read: noisy(z, noise, axis, read(temperature)))
    )


def _over(weight, axis):
    return weight / weight.sum(axis=axis, keepdims=True)


def _short(x, axis):
    """Let what follows the last full block of 8 have no weight."""
    rows = np.moveaxis(np.atleast_1d(x), axis, -1).copy()
    rows[..., rows.shape[-1] // 8 * 8 or rows.shape[-1] :] = -np.inf
    return textbook(np.moveaxis(rows, -1, axis).reshape(x.shape), axis)


def _shifted(shift):
    return lambda q, axis=-1, tau=1: _over(np.exp((q - shift(q, axis)) / tau), axis)


def _top(q, axis):
    return q.max(axis=axis, keepdims=True)


def _greedy_below(limit):
    """Return a policy that is the arg max at low temperatures."""

    def wrapped(q, axis=-1, tau=1):
        p = policy(q, axis, tau)
        return np.where(np.isnan(p), p, _over((q == _top(q, axis)).astype(q.dtype), axis)) if tau < limit else p

    return wrapped


def _then(change):
    return lambda q, axis=-1, tau=1: change(policy(q, axis, tau))


def _enter(slug, flag, text, fn, formats=ALL):
    fault("boltzmann_policy", flag, text, formats=formats, name=slug)(in_float32(fn))


_enter(
    "sign-of-the-values",
    "working-precision",
    "the worst action is the most probable",
    lambda q, axis=-1, tau=1: policy(-q, axis, tau),
)
_enter("no-shift", "exp-overflow", "exp is taken of q/tau itself", _shifted(lambda q, axis: 0))
_enter(
    "shift-by-the-first",
    "wrong-shift",
    "the first value is subtracted",
    _shifted(lambda q, axis: q.take([0], axis) if q.ndim else q),
)
_enter(
    "shift-from-0",
    "exp-underflow",
    "the search for the maximum starts at 0",
    _shifted(lambda q, axis: np.maximum(_top(q, axis), 0)),
)
_enter(
    "shift-not-divided",
    "exp-overflow",
    "the maximum is subtracted after the division, not divided",
    lambda q, axis=-1, tau=1: _over(np.exp(q / tau - _top(q, axis)), axis),
)
_enter(
    "greedy-below-one-fifth", "temperature", "below a temperature of 0.2 the best action takes all", _greedy_below(0.2)
)
_enter(
    "uniform-above-100",
    "temperature",
    "above a temperature of 100 all actions are equal",
    lambda q, axis=-1, tau=1: policy(q * (tau <= 100), axis, tau),
)
_enter("best-takes-all", "temperature", "the best action takes all", _greedy_below(np.inf))
_enter(
    "below-1e-8-is-zero",
    "relative-accuracy",
    "shares below 1e-8 become 0",
    _then(lambda p: np.where(p < 1e-8, 0, p)),
    UP_TO_BFLOAT16,
)
_enter(
    "coarse-subnormals",
    "subnormal-result",
    "subnormal shares keep their leading digits",
    _then(coarse),
    WIDE,
)
_enter("nan-to-zero", "nan-swallowed", "nan becomes 0", _then(np.nan_to_num))
_enter("masked-by-product", "mask", "excluded actions are nan", lambda q, axis=-1, tau=1: policy(q, axis, tau) + 0 * q)
_enter(
    "without-the-tail-of-8",
    "tail-elements",
    "actions after the last full block of 8 have no share",
    lambda q, axis=-1, tau=1: _short(q / tau, axis),
)
_enter(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda q, axis=-1, tau=1: policy(q.astype(np.float32), axis, np.float32(tau)),
    ("binary64",),
)
_enter(
    "tau-plus-1e-3",
    "temperature",
    "0.001 is added to the temperature",
    lambda q, axis=-1, tau=1: policy(q, axis, tau + 1e-3),
)


def _with_noise(change):
    """Return perturbed rows with other noise."""
    return lambda z, noise, axis=-1, temperature=1: noisy(z, change(noise), axis, temperature)


def _parts(logits, noise):
    """Return the softmax of logits and noise, each at a temperature of its own."""
    return lambda z, g, axis=-1, temperature=1: textbook(z / logits(temperature) + g / noise(temperature), axis)


def _shifted_by_the_logits(z, noise, axis=-1, temperature=1):
    return _over(np.exp((z - _top(z, axis) + noise) / temperature), axis)


def _unshifted(z, noise, axis=-1, temperature=1):
    return _over(np.exp((z + noise) / temperature), axis)


def _winner(z, noise, axis=-1, temperature=1):
    return ((z + noise) == _top(z + noise, axis)).astype(z.dtype)


def _enter_noise(slug, flag, text, fn, formats=ALL):
    fault("gumbel_softmax", flag, text, formats=formats, name=slug)(in_float32(fn))


def _first_row(noise):
    return np.broadcast_to(noise[:1], noise.shape) if noise.ndim > 1 else noise


_enter_noise(
    "noise-not-divided", "noise", "the noise is not divided by the temperature", _parts(lambda t: t, lambda t: 1)
)
_enter_noise(
    "logits-not-divided", "noise", "the logits are not divided by the temperature", _parts(lambda t: 1, lambda t: t)
)
_enter_noise("noise-subtracted", "noise", "the noise is subtracted", _with_noise(lambda g: -g))
_enter_noise("noise-left-out", "noise", "the noise is left out", _with_noise(lambda g: 0 * g))
_enter_noise("noise-twice", "noise", "the noise is added twice", _with_noise(lambda g: 2 * g))
_enter_noise("noise-within-4", "noise", "the noise is clipped to +-4", _with_noise(lambda g: np.clip(g, -4, 4)))
_enter_noise("noise-not-negative", "noise", "negative noise becomes 0", _with_noise(lambda g: np.maximum(g, 0)))
_enter_noise(
    "noise-in-float16",
    "working-precision",
    "the noise is kept in float16",
    _with_noise(lambda g: g.astype(np.float16).astype(g.dtype)),
    WIDE,
)
_enter_noise("noise-of-the-first-row", "noise", "all rows have the noise of the first", _with_noise(_first_row))
_enter_noise(
    "noise-masks-nothing", "mask", "noise of -inf is left out", _with_noise(lambda g: np.where(np.isneginf(g), 0, g))
)
_enter_noise(
    "shift-by-the-logits",
    "wrong-shift",
    "the largest logit is subtracted, whatever the noise is",
    _shifted_by_the_logits,
)
_enter_noise("no-shift", "exp-overflow", "exp is taken of the perturbed logits themselves", _unshifted)
_enter_noise("one-hot", "temperature", "the largest takes all, as in a straight-through forward pass", _winner)
_enter_noise(
    "nan-to-zero",
    "nan-swallowed",
    "nan becomes 0",
    lambda z, g, axis=-1, temperature=1: np.nan_to_num(noisy(z, g, axis, temperature)),
)
_enter_noise(
    "coarse-subnormals",
    "subnormal-result",
    "subnormal shares keep their leading digits",
    lambda z, g, axis=-1, temperature=1: coarse(noisy(z, g, axis, temperature)),
    WIDE,
)
_enter_noise(
    "without-the-tail-of-8",
    "tail-elements",
    "what follows the last full block of 8 has no share",
    lambda z, g, axis=-1, temperature=1: _short((z + g) / temperature, axis),
)
_enter_noise(
    "difference-of-noises",
    "noise",
    "the noise of the neighbour is subtracted",
    _with_noise(lambda g: g - np.roll(g, 1, -1) if g.ndim else g),
)
_enter_noise(
    "float32-inside",
    "working-precision",
    "everything is computed in float32",
    lambda z, g, axis=-1, temperature=1: noisy(
        z.astype(np.float32), g.astype(np.float32), axis, np.float32(temperature)
    ),
    ("binary64",),
)
