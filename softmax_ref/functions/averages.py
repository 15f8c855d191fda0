"""Averages under a softmax distribution: entropy, mean energy, heat capacity, the Boltzmann operator."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .expectation import deviations, mean
from .slices import Axis, quiet


@quiet
def entropy(z: ArrayLike, /, *, axis: Axis = -1) -> NDArray:
    r"""Return the entropy of the softmax of logits along an axis.

    .. math::

        H(z) = -\sum_j p_j \log p_j = \log s + \sum_j p_j (m - z_j),
        \qquad s = \sum_j e^{z_j - m}, \quad m = \max_j z_j

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    axis : int, tuple of int or None
        The axis (or axes) summed over; None means all of them.

    Returns
    -------
    ndarray, the shape of z without the axis, and its floating dtype (float64 for integers and booleans)
        Entropies in nats, in [0, log K].

    Raises
    ------
    ValueError
        The axis is empty, or out of range.
    TypeError
        z is complex, object or string.

    Notes
    -----
    No term of the second form is negative, so that the entropy of a confident row keeps all its digits. An entry
    of -inf has probability 0 and adds nothing, the limit of p log p.

    Claims: C12 (notebooks/01_definition.ipynb), C91 (notebooks/07_duality.ipynb), C44, C45
    (notebooks/08_statistical_mechanics.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a slice of only -inf has no distribution and gives nan, and so does a slice with +inf or nan.
    An entropy among the subnormal numbers has lost digits with the probabilities it is made of.

    References
    ----------
    .. [1] Shannon (1948), Bell System Technical Journal 27(3), Section 6.

    Examples
    --------
    >>> float(entropy([7.0, 7.0, 7.0, 7.0]) / np.log(2))
    2.0
    >>> float(entropy([0.0, -40.0])) > 0
    True
    """
    z = slices.real_array("entropy", "z", z)
    rows, table, _ = slices.logits("entropy", z, axis)
    return slices.by_blocks(entropies, slices.result_dtype(z), table).reshape(rows.reduced_shape())[()]


def entropies(x):
    """Return the entropy of the softmax of each row."""
    _, d, low = shifted.shift(x)
    e = shifted.exponentials(d)
    high, rest = shifted.total(e, low)
    log_s, log_s_low = shifted.log_of_sum(high, rest)
    depth = np.where(d == -np.inf, 0, -d)
    reach = (e * (1 + low) * depth).sum(axis=1, keepdims=True) / (high + rest)
    return (log_s + (log_s_low + reach))[:, 0]


@quiet
def mean_energy(energies: ArrayLike, /, *, beta: float = 1.0, axis: Axis = -1) -> NDArray:
    r"""Return the mean energy of the Boltzmann distribution along an axis.

    .. math:: U = \sum_i p_i E_i, \qquad p_i = e^{-\beta E_i} / \sum_j e^{-\beta E_j}

    Parameters
    ----------
    energies : array_like of real numbers, shape (..., K, ...), K >= 1
        Energies of the states.
    beta : float
        Coldness 1/(k_B T), in units of 1/energy; 0 weighs all states equally, negative beta favours high energies.
    axis : int, tuple of int or None
        The axis (or axes) averaged over; None means all of them.

    Returns
    -------
    ndarray, the shape of energies without the axis, and its floating dtype (float64 for integers and booleans)
        Mean energies, in the unit of the energies.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; beta is not finite.
    TypeError
        energies is complex, object or string; beta is not a real number.

    Notes
    -----
    A state of probability 0 adds nothing, also where its energy is infinite: the limit of E e^(-beta E).

    Claims: C43, C45 (notebooks/08_statistical_mechanics.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: where energies of either sign cancel, the error is small beside them, not beside the mean.

    References
    ----------
    .. [1] Gibbs (1902), Elementary Principles in Statistical Mechanics, Chapter IV.

    Examples
    --------
    >>> float(mean_energy([0.0, 1.0], beta=0.0))
    0.5
    >>> float(mean_energy([2.0, np.inf]))
    2.0
    """
    return averaged("mean_energy", "energies", energies, beta, axis, -1)


@quiet
def boltzmann_operator(z: ArrayLike, /, *, beta: float = 1.0, axis: Axis = -1) -> NDArray:
    r"""Return the mean of the logits under their own softmax along an axis.

    .. math:: S_\beta(z) = \sum_i z_i e^{\beta z_i} / \sum_j e^{\beta z_j}

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K, ...), K >= 1
        Logits, dimensionless.
    beta : float
        Coldness 1/T, dimensionless; large beta gives almost the maximum, 0 the plain mean, negative beta almost the
        minimum.
    axis : int, tuple of int or None
        The axis (or axes) averaged over; None means all of them.

    Returns
    -------
    ndarray, the shape of z without the axis, and its floating dtype (float64 for integers and booleans)
        Weighted means, between the minimum and the maximum.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; beta is not finite.
    TypeError
        z is complex, object or string; beta is not a real number.

    Notes
    -----
    An entry of -inf (+inf for negative beta) has probability 0 and adds nothing: the limit of z e^z.

    Claims: C106 (notebooks/06_smooth_max.ipynb), C62 (notebooks/10_decisions.ipynb).
    Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: it is not monotone: raising a logit that lies more than 1/beta below the mean lowers the mean.

    References
    ----------
    .. [1] Asadi, Littman (2017), ICML, Proceedings of Machine Learning Research 70, Section 2.

    Examples
    --------
    >>> float(boltzmann_operator([1.0, 3.0], beta=0.0))
    2.0
    >>> float(boltzmann_operator([0.0, 1000.0]))
    1000.0
    """
    return averaged("boltzmann_operator", "z", z, beta, axis, 1)


def averaged(function, argument, values, beta, axis, sign):
    """Return the mean of values under softmax(sign * beta * values)."""
    values = slices.real_array(function, argument, values)
    beta = slices.real_number(function, "beta", beta)
    rows, table, offset = slices.logits(function, values, axis, argument=argument, downwards=sign * beta < 0)
    means = slices.by_blocks(lambda x, o: average(x, o, beta, sign), slices.result_dtype(values), table, offset)
    return means.reshape(rows.reduced_shape())[()]


def average(x, offset, beta, sign):
    """Return the mean of x + offset under softmax(sign * beta * x) for each row.

    The value at the top class comes off first, without error, and goes back last.
    """
    p = shifted.weights(sign * x, beta)
    top, v, scale = counted(p, x)
    return ((offset + top / scale) + mean(p, v - top) / scale)[:, 0]


def counted(p, v):
    """Return the value at the top class, the values that count and their scale.

    A value of probability 0 counts as the top one: 0 * inf is 0 here. Halves stand where a difference overflows.
    """
    top = np.take_along_axis(v, p.argmax(axis=1, keepdims=True), axis=1)
    v = np.where(p == 0, top, v)
    scale = np.where(np.isfinite(v - top).all(axis=1, keepdims=True), 1.0, 0.5)
    return top * scale, v * scale, scale


@quiet
def heat_capacity(energies: ArrayLike, /, *, beta: float = 1.0, axis: Axis = -1) -> NDArray:
    r"""Return the heat capacity of the Boltzmann distribution along an axis.

    .. math::

        C = \beta^2 \sum_i p_i (E_i - U)^2,
        \qquad U = \sum_i p_i E_i, \quad p_i = e^{-\beta E_i} / \sum_j e^{-\beta E_j}

    Parameters
    ----------
    energies : array_like of real numbers, shape (..., K, ...), K >= 1
        Energies of the states.
    beta : float
        Coldness 1/(k_B T), in units of 1/energy; negative beta favours high energies.
    axis : int, tuple of int or None
        The axis (or axes) summed over; None means all of them.

    Returns
    -------
    ndarray, the shape of energies without the axis, and its floating dtype (float64 for integers and booleans)
        Heat capacities in units of k_B, at least 0.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; beta is not finite.
    TypeError
        energies is complex, object or string; beta is not a real number.

    Notes
    -----
    The mean comes off before the squares: a difference of mean squares would lose what a common offset hides.
    A state of probability 0 adds nothing, also where its energy is infinite.

    Claims: C43, C45 (notebooks/08_statistical_mechanics.ipynb), C62 (notebooks/10_decisions.ipynb).
    Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a slice without a distribution gives nan: only +inf (beta > 0), or some nan or -inf. A result
    among the subnormal numbers has lost digits with the probabilities it is made of.

    References
    ----------
    .. [1] Chan, Golub, LeVeque (1983), The American Statistician 37(3), Section 1.

    Examples
    --------
    >>> float(heat_capacity([5.0, 5.0]))
    0.0
    >>> bool(np.isclose(heat_capacity([0.0, 2.0]), 1 / np.cosh(1) ** 2))
    True
    """
    energies = slices.real_array("heat_capacity", "energies", energies)
    beta = slices.real_number("heat_capacity", "beta", beta)
    rows, table, _ = slices.logits("heat_capacity", energies, axis, argument="energies", downwards=beta > 0)
    capacities = slices.by_blocks(lambda x: scaled_variance(x, beta), slices.result_dtype(energies), table)
    return capacities.reshape(rows.reduced_shape())[()]


def scaled_variance(x, beta):
    """Return beta^2 times the variance of x under softmax(-beta x) for each row."""
    p = shifted.weights(-x, beta)
    _, v, scale = counted(p, x)
    y = deviations(p, v) * (beta / scale)
    return mean(p, y * y)[:, 0]
