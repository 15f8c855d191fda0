"""Statistical mechanics: the Boltzmann distribution, its partition function and its free energy."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .semiring import scaled_log_sum
from .slices import Axis, quiet

FAR = 1e5
"""Beyond this size of the exponent, exp is 0 or inf in every floating dtype."""


@quiet
def boltzmann(energies: ArrayLike, /, *, beta: float = 1.0, axis: Axis = -1) -> NDArray:
    r"""Map the energies of states to their probabilities along an axis.

    .. math:: p_i = e^{-\beta(E_i - m)} / \sum_j e^{-\beta(E_j - m)}, \qquad m = \min_j E_j

    Parameters
    ----------
    energies : array_like of real numbers, shape (..., K, ...), K >= 1
        Energies of the states.
    beta : float
        Coldness 1/(k_B T), in units of 1/energy; 0 weighs all states equally, negative beta favours high energies.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape and floating dtype of energies (float64 for integers and booleans)
        Probabilities in [0, 1]; each slice sums to 1 within K units of roundoff.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; beta is not finite.
    TypeError
        energies is complex, object or string; beta is not a real number.

    Notes
    -----
    This is softmax of -beta E: the lowest energy is the most probable. For negative beta m is the highest energy.

    Claims: C42, C44, C45 (notebooks/08_statistical_mechanics.ipynb).
    Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a slice without a state of finite energy gives nan, and so does one with nan or -inf (+inf for
    negative beta).

    References
    ----------
    .. [1] Gibbs (1902), Elementary Principles in Statistical Mechanics, Chapter IV.

    Examples
    --------
    >>> boltzmann([1000.0, 1000.0, np.inf])
    array([0.5, 0.5, 0. ])
    >>> boltzmann([0.0, 1000.0], beta=-1.0)
    array([0., 1.])
    """
    energies, beta, rows, table, _ = system("boltzmann", energies, beta, axis)
    dtype = slices.result_dtype(energies)
    return rows.restore(slices.by_blocks(lambda x: shifted.weights(-x, beta), dtype, table))


def system(function, energies, beta, axis):
    """Return the energies and beta, checked, and the slices with their table and what was taken off each row."""
    energies = slices.real_array(function, "energies", energies)
    beta = slices.real_number(function, "beta", beta)
    laid = slices.logits(function, energies, axis, argument="energies", downwards=beta >= 0)
    return energies, beta, *laid


@quiet
def partition_function(energies: ArrayLike, /, *, beta: float = 1.0, axis: Axis = -1) -> NDArray:
    r"""Return the sum of the Boltzmann factors of energies along an axis.

    .. math:: Z = \sum_j e^{-\beta E_j} = e^{-\beta m} \sum_j e^{-\beta(E_j - m)}, \qquad m = \min_j E_j

    Parameters
    ----------
    energies : array_like of real numbers, shape (..., K, ...), K >= 1
        Energies of the states.
    beta : float
        Coldness 1/(k_B T), in units of 1/energy; at 0 the sum counts the states, negative beta favours high energies.
    axis : int, tuple of int or None
        The axis (or axes) summed over; None means all of them.

    Returns
    -------
    ndarray, the shape of energies without the axis, and its floating dtype (float64 for integers and booleans)
        Sums, positive numbers without a unit.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; beta is not finite.
    TypeError
        energies is complex, object or string; beta is not a real number.

    Notes
    -----
    The common factor is the square of a root that neither overflows nor underflows before the result does.

    Claims: C43 (notebooks/08_statistical_mechanics.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: a sum beyond the range of the dtype is inf, and one below it 0; free_energy has neither limit.

    References
    ----------
    .. [1] Gibbs (1902), Elementary Principles in Statistical Mechanics, Chapter IV.

    Examples
    --------
    >>> float(partition_function([3.0, -4.0, np.inf], beta=0.0))
    2.0
    >>> float(partition_function([-1000.0, 0.0]))
    inf
    """
    energies, beta, rows, table, offset = system("partition_function", energies, beta, axis)
    sums = slices.by_blocks(lambda x, o: boltzmann_sum(x, o, beta), slices.result_dtype(energies), table, offset)
    return sums.reshape(rows.reduced_shape())[()]


def boltzmann_sum(x, offset, beta):
    """Return the sum of exp(-beta (x + offset)) for each row."""
    _, d, low = shifted.shift(-x, beta)
    s = sum(shifted.total(shifted.exponentials(d), low))
    m = -((x.max if beta < 0 else x.min)(axis=-1, keepdims=True) + offset)
    # At beta = 0 an infinite energy keeps its limit, as in softmax.
    top = np.where(np.isinf(m), -m if beta < 0 else m, beta * m)
    # Far beyond the range of exp the error of the exponent exceeds 1, and the sign of 1 + error would be wrong.
    top_low = np.where(np.abs(top) < FAR, shifted.product_error(beta, m, top), 0)
    root = np.exp(top / 2)
    return np.where(np.isinf(top), np.exp(top), (root * (1 + top_low) * s) * root)[:, 0]


@quiet
def free_energy(energies: ArrayLike, /, *, beta: float = 1.0, axis: Axis = -1) -> NDArray:
    r"""Return the free energy of a system along an axis.

    .. math:: F = -\frac{1}{\beta} \log \sum_j e^{-\beta E_j} = m - \frac{1}{\beta} \log \sum_j e^{-\beta(E_j - m)}

    Parameters
    ----------
    energies : array_like of real numbers, shape (..., K, ...), K >= 1
        Energies of the states.
    beta : float
        Coldness 1/(k_B T), in units of 1/energy, other than 0; negative beta favours high energies.
    axis : int, tuple of int or None
        The axis (or axes) summed over; None means all of them.

    Returns
    -------
    ndarray, the shape of energies without the axis, and its floating dtype (float64 for integers and booleans)
        Free energies in the unit of the energies; at most the minimum m (at least the maximum for negative beta).

    Raises
    ------
    ValueError
        The axis is empty, or out of range; beta is 0 (log K / 0 diverges) or not finite.
    TypeError
        energies is complex, object or string; beta is not a real number.

    Notes
    -----
    A smooth minimum: within log K / beta of m.

    Claims: C45 (notebooks/08_statistical_mechanics.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: where m and the logarithm cancel, the error is small beside them, not beside the result.

    References
    ----------
    .. [1] Gibbs (1902), Elementary Principles in Statistical Mechanics, Chapter IV.

    Examples
    --------
    >>> float(free_energy([-1000.0, 0.0]))
    -1000.0
    >>> float(free_energy([3.0, np.inf], beta=0.5))
    3.0
    """
    slices.nonzero_number("free_energy", "beta", beta, "log K / 0 diverges")
    energies, beta, rows, table, offset = system("free_energy", energies, beta, axis)
    values = slices.by_blocks(lambda x, o: scaled_log_sum(x, o, -beta), slices.result_dtype(energies), table, offset)
    return values.reshape(rows.reduced_shape())[()]
