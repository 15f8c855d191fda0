"""Boltzmann sums, policies, perturbed and tilted rows and the log semiring in other styles."""

import numpy as np
from scipy import special

from softmax_ref.faults.catalogue import control
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.thermal_parts import (
    add,
    boltzmann,
    free_energy,
    heaviest,
    logsumexp,
    noisy,
    partition_function,
    policy,
    semiring_sum,
    tilted,
)


def _enter(function, text, name, fn):
    control(function, text, name=name)(in_float32(fn))


def _in_logs(x, axis=-1):
    d = x - x.max(axis=axis, keepdims=True)
    return np.exp(d - np.log(np.exp(d).sum(axis=axis, keepdims=True)))


def _excitations(energies, beta, axis):
    """Return the energy that weighs most, and the weights of all relative to it."""
    ground = -heaviest(-energies, beta, axis)
    with np.errstate(invalid="ignore"):
        gap = energies - ground
    excitation = np.where(np.isinf(gap) | np.isinf(energies), -np.inf, -beta * gap)
    return ground, np.exp(np.where(np.isnan(energies), np.nan, excitation))


def _boltzmann_of_excitations(energies, axis=-1, beta=1):
    _, weight = _excitations(energies, beta, axis)
    return weight / weight.sum(axis=axis, keepdims=True)


def _partition_function_of_excitations(energies, axis=-1, beta=1):
    ground, weight = _excitations(energies, beta, axis)
    return (np.exp(-beta * ground) * weight.sum(axis=axis, keepdims=True)).sum(axis=axis)


def _free_energy_of_excitations(energies, axis=-1, beta=1):
    ground, weight = _excitations(energies, beta, axis)
    return (ground - np.log(weight.sum(axis=axis, keepdims=True)) / beta).sum(axis=axis)


_enter("boltzmann", "the softmax of -beta E", "softmax", boltzmann)
_enter("boltzmann", "weights of excitations", "excitations", _boltzmann_of_excitations)
_enter("partition_function", "term by term", "terms", partition_function)
_enter("partition_function", "ground state times excitations", "excitations", _partition_function_of_excitations)
_enter("free_energy", "-logsumexp(-beta E)/beta", "minus-logsumexp", free_energy)
_enter("free_energy", "the ground state first", "ground-state-first", _free_energy_of_excitations)

_enter("boltzmann_policy", "softmax(q/tau)", "quotient", policy)
_enter(
    "boltzmann_policy",
    "q times 1/tau, in logarithms",
    "reciprocal-in-logs",
    lambda q, axis=-1, tau=1: _in_logs(q * (1 / tau), axis),
)
_enter(
    "boltzmann_policy",
    "shifted, then divided",
    "shift-first",
    lambda q, axis=-1, tau=1: textbook((q - q.max(axis=axis, keepdims=True)) / tau, axis),
)
_enter("gumbel_softmax", "softmax((z + g)/T)", "sum-first", noisy)
_enter(
    "gumbel_softmax",
    "softmax(z/T + g/T)",
    "parts",
    lambda z, noise, axis=-1, temperature=1: textbook(z / temperature + noise / temperature, axis),
)
_enter(
    "gumbel_softmax",
    "SciPy's softmax of (g + z) times 1/T",
    "scipy",
    lambda z, noise, axis=-1, temperature=1: special.softmax((noise + z) * (1 / temperature), axis=axis),
)


def _tilted_in_logs(p, x, axis=-1, theta=1):
    return textbook(np.where(p > 0, theta * x + np.log(p), -np.inf), axis)


_enter("exponential_tilting", "p e^(theta x), shifted inside the support", "product", tilted)
_enter("exponential_tilting", "the softmax of theta x + log p", "in-logs", _tilted_in_logs)


def _add_to_the_extreme(x, y, beta=1):
    m = np.minimum(x, y) if beta < 0 else np.maximum(x, y)
    with np.errstate(invalid="ignore"):
        gap = np.where(x == y, 0, np.abs(x - y))
    return m + np.log1p(np.exp(-np.abs(beta) * gap)) / beta


def _sum_of_distances(z, axis=-1, beta=1):
    m = heaviest(z, beta, axis)
    return (m + np.log(np.exp(beta * (z - m)).sum(axis=axis, keepdims=True)) / beta).sum(axis=axis)


_enter("log_semiring_add", "NumPy's logaddexp", "logaddexp", add)
_enter("log_semiring_add", "the extreme and log1p", "extreme-first", _add_to_the_extreme)
_enter(
    "log_semiring_add",
    "the logsumexp of two",
    "logsumexp",
    lambda x, y, beta=1: logsumexp(beta * np.stack(np.broadcast_arrays(x, y)), 0) / beta,
)
_enter("log_semiring_multiply", "x + y", "sum", lambda x, y: x + y)
_enter("log_semiring_multiply", "x - (-y)", "minus-the-negative", lambda x, y: x - (-y))
_enter("log_semiring_sum", "logsumexp(beta z)/beta", "logsumexp", semiring_sum)
_enter("log_semiring_sum", "the maximum first", "maximum-first", _sum_of_distances)
