"""A plain right implementation of many functions: what is wrong with arrays is planted into these."""

from __future__ import annotations

import numpy as np

from softmax_ref.faults.parts import in_float32, log_textbook, lse_textbook, textbook

__all__ = ["SOUND"]


def _over(fn):
    """Return a function that reduces an axis which its parts keep."""
    return lambda *arrays, axis=-1, **more: fn(*arrays, axis=axis, **more).sum(axis=axis)


def _weighted(p, value):
    return np.where(p == 0, 0, p * value)


def _vjp(z, g, axis=-1):
    p = textbook(z, axis)
    return p * (g - (p * g).sum(axis=axis, keepdims=True))


def _jacobian(z):
    p = textbook(z)
    return p[..., None] * np.eye(z.shape[-1], dtype=z.dtype) - p[..., :, None] * p[..., None, :]


def _logistic(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), np.where(np.isnan(x), x, small / (1 + small)))


def _softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _argmax(z, axis=-1):
    top = z == z.max(axis=axis, keepdims=True)
    return (top / np.where(top.any(axis=axis, keepdims=True), top.sum(axis=axis, keepdims=True), np.nan)).astype(
        z.dtype
    )


def _support(z):
    """Return the sorted differences to the maximum, their ranks, and the first ones themselves."""
    d = z - z.max(axis=-1, keepdims=True)
    return d, -np.sort(-d, axis=-1), np.arange(1, d.shape[-1] + 1, dtype=d.dtype)


def _sparsemax(z, axis=-1):
    d, r, n = _support(np.moveaxis(np.atleast_1d(z), axis, -1))
    sums = np.cumsum(r, axis=-1)
    size = np.maximum((1 + n * r > sums).sum(axis=-1, keepdims=True), 1)
    tau = (np.take_along_axis(sums, size - 1, -1) - 1) / size.astype(d.dtype)
    return np.moveaxis(np.maximum(d - tau, 0), -1, axis).reshape(z.shape)


def _entmax15(z, axis=-1):
    x, r, n = _support(np.moveaxis(np.atleast_1d(z), axis, -1) / 2)
    mean, squares = np.cumsum(r, axis=-1) / n, np.cumsum(r * r, axis=-1) / n
    taus = mean - np.sqrt(np.maximum((1 - n * (squares - mean * mean)) / n, 0))
    size = np.maximum((taus <= r).sum(axis=-1, keepdims=True), 1)
    share = np.maximum(x - np.take_along_axis(taus, size - 1, -1), 0) ** 2
    return np.moveaxis(share, -1, axis).reshape(z.shape)


def _sparsemax_vjp(z, g, axis=-1):
    p = _sparsemax(z, axis)
    kept = np.where(np.isnan(p), np.nan, p > 0).astype(z.dtype)
    return kept * (g - (kept * g).sum(axis=axis, keepdims=True) / kept.sum(axis=axis, keepdims=True))


def _entropy(z, axis=-1):
    return -_weighted(textbook(z, axis), log_textbook(z, axis))


def _mean_energy(energies, beta=1.0, axis=-1):
    return _weighted(textbook(-beta * energies, axis), energies)


def _heat_capacity(energies, beta=1.0, axis=-1):
    p = textbook(-beta * energies, axis)
    mean = _weighted(p, energies).sum(axis=axis, keepdims=True)
    return beta**2 * _weighted(p, (energies - mean) ** 2)


def _clr(p, axis=-1):
    logs = np.log(p)
    return logs - logs.mean(axis=axis, keepdims=True)


def _boltzmann(energies, beta=1.0, axis=-1):
    return textbook(np.where(energies == np.inf, -np.inf, -beta * energies) if beta == 0 else -beta * energies, axis)


def _tilted(p, x, theta=1.0, axis=-1):
    tilt = np.where(p > 0, theta * np.where(p > 0, x, 0), -np.inf)
    weight = p * np.exp(tilt - tilt.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


def _softmax_beta(z, beta=1.0, axis=-1):
    if beta == 0:
        return textbook(np.where(np.isneginf(z), z, z * 0), axis)
    return textbook(beta * (z - (z.min if beta < 0 else z.max)(axis=axis, keepdims=True)), axis)


def _masked_softmax(z, mask, axis=-1):
    kept = np.where(mask, z, -np.inf)
    return textbook(kept, axis)


def _cross_entropy(z, labels, label_smoothing=0.0):
    logs, labels = log_textbook(z), np.asarray(labels).astype(np.int64)
    if labels.size and not 0 <= labels.min() <= labels.max() < z.shape[-1]:
        raise IndexError("a label is no class")
    own = np.take_along_axis(logs, labels[..., None], axis=-1)[..., 0]
    rest = 0 if label_smoothing == 0 else label_smoothing * logs.mean(axis=-1)
    return -((1 - label_smoothing) * own + rest)


def _log_softmax_vjp(z, g, axis=-1):
    return g - textbook(z, axis) * g.sum(axis=axis, keepdims=True)


SOUND = {
    name: in_float32(fn)
    for name, fn in {
        "softmax": textbook,
        "log_softmax": log_textbook,
        "logsumexp": lse_textbook,
        "softmax_vjp": _vjp,
        "softmax_jacobian": _jacobian,
        "logistic": _logistic,
        "softplus": _softplus,
        "argmax_one_hot": _argmax,
        "sparsemax": _sparsemax,
        "sparsemax_vjp": _sparsemax_vjp,
        "entmax15": _entmax15,
        "entropy": _over(_entropy),
        "mean_energy": _over(_mean_energy),
        "heat_capacity": _over(_heat_capacity),
        "clr": _clr,
        "boltzmann": _boltzmann,
        "free_energy": lambda energies, beta=1.0, axis=-1: -lse_textbook(-beta * energies, axis) / beta,
        "gumbel_softmax": lambda z, noise, temperature=1.0, axis=-1: textbook((z + noise) / temperature, axis),
        "exponential_tilting": _tilted,
        "log_semiring_add": lambda x, y, beta=1.0: np.logaddexp(beta * x, beta * y) / beta,
        "softmax_beta": _softmax_beta,
        "masked_softmax": _masked_softmax,
        "cross_entropy": _cross_entropy,
        "log_softmax_vjp": _log_softmax_vjp,
        "logsumexp_vjp": lambda z, g, axis=-1: textbook(z, axis) * (np.expand_dims(g, axis) if z.ndim else g),
        "logaddexp": np.logaddexp,
        "log_logistic": lambda x: -_softplus(-x),
        "log_semiring_sum": lambda z, beta=1.0, axis=-1: lse_textbook(beta * z, axis) / beta,
    }.items()
}
"""By the name of the function; all formats, integers, any axis."""
