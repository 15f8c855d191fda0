"""Sound forms of what has a coldness, a temperature or a tilt, for arrays of one floating type."""

from __future__ import annotations

import numpy as np

from softmax_ref.faults.parts import textbook

__all__ = [
    "add",
    "boltzmann",
    "free_energy",
    "heaviest",
    "logsumexp",
    "noisy",
    "partition_function",
    "policy",
    "scaled",
    "semiring_sum",
    "tilted",
    "weighted",
]


def logsumexp(x, axis=-1):
    """Return max + log sum exp(x - max), for numbers too."""
    top = x.max(axis=axis, keepdims=True)
    d = x - np.where(np.isinf(top), 0, top)
    return (top + np.log(np.exp(d).sum(axis=axis, keepdims=True))).sum(axis=axis)


def heaviest(x, beta, axis):
    """Return the entry that weighs most at a coldness."""
    return (x.min if beta < 0 else x.max)(axis=axis, keepdims=True)


def scaled(energies, beta):
    """Return -beta E; an infinite energy has no weight at coldness 0."""
    return np.where(energies == np.inf, -np.inf, -beta * energies) if beta == 0 else -beta * energies


def weighted(p, v):
    """Return p v, and 0 where p is 0 whatever v is."""
    return np.where(p == 0, 0, p * v)


def boltzmann(energies, axis=-1, beta=1):
    """Return the softmax of -beta E."""
    return textbook(scaled(energies, beta), axis)


def partition_function(energies, axis=-1, beta=1):
    """Return the sum of exp(-beta E)."""
    return np.exp(scaled(energies, beta)).sum(axis=axis)


def free_energy(energies, axis=-1, beta=1):
    """Return -logsumexp(-beta E)/beta."""
    return -logsumexp(-beta * energies, axis) / beta


def policy(q, axis=-1, tau=1):
    """Return the softmax of q/tau."""
    return textbook(q / tau, axis)


def noisy(z, noise, axis=-1, temperature=1):
    """Return the softmax of (z + noise)/temperature."""
    return textbook((z + noise) / temperature, axis)


def tilted(p, x, axis=-1, theta=1):
    """Return p e^(theta x) over its sum, shifted by the largest exponent inside the support."""
    x = np.where(p > 0, x, -np.inf if theta >= 0 else np.inf)
    d = x - heaviest(x, theta, axis)
    weight = p * np.exp(np.where(np.isinf(d), -np.inf, theta * d))
    return weight / weight.sum(axis=axis, keepdims=True)


def add(x, y, beta=1):
    """Return log(e^(beta x) + e^(beta y))/beta."""
    return np.logaddexp(beta * x, beta * y) / beta


def semiring_sum(z, axis=-1, beta=1):
    """Return logsumexp(beta z)/beta."""
    return logsumexp(beta * z, axis) / beta
