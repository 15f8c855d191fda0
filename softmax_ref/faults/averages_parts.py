"""Sound means over softmax weights, and log-ratios, for arrays of one floating type."""

from __future__ import annotations

import numpy as np

from softmax_ref.faults.parts import log_textbook, textbook
from softmax_ref.faults.thermal_parts import weighted

__all__ = ["clr", "entropy", "heat_capacity", "mean_energy", "operator"]


def entropy(z, axis=-1):
    """Return -sum p log p."""
    return -weighted(textbook(z, axis), log_textbook(z, axis)).sum(axis=axis)


def mean_energy(energies, axis=-1, beta=1):
    """Return sum p E, p the softmax of -beta E."""
    return weighted(textbook(-beta * energies, axis), energies).sum(axis=axis)


def operator(z, axis=-1, beta=1):
    """Return sum p z, p the softmax of beta z."""
    return weighted(textbook(beta * z, axis), z).sum(axis=axis)


def heat_capacity(energies, axis=-1, beta=1):
    """Return beta^2 times the variance of the energy."""
    p = textbook(-beta * energies, axis)
    mean = weighted(p, energies).sum(axis=axis, keepdims=True)
    return beta**2 * weighted(p, (energies - mean) ** 2).sum(axis=axis)


def clr(p, axis=-1):
    """Return log p minus its mean."""
    logs = np.log(p)
    return logs - logs.mean(axis=axis, keepdims=True)
