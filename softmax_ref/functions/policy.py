"""Reinforcement learning: from the values of actions to the probabilities of choosing them."""

from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import Axis, quiet


@quiet
def boltzmann_policy(values: ArrayLike, /, *, tau: float = 1.0, axis: Axis = -1) -> NDArray:
    r"""Map the values of actions to the probabilities of choosing them along an axis.

    .. math:: P(a) = e^{(q_a - m)/\tau} / \sum_b e^{(q_b - m)/\tau}, \qquad m = \max_b q_b

    Parameters
    ----------
    values : array_like of real numbers, shape (..., K, ...), K >= 1
        Expected rewards q of K actions.
    tau : float
        Temperature above 0, in the unit of the values. Large tau explores, small tau exploits the best action.
    axis : int, tuple of int or None
        The axis (or axes) normalised over; None means all of them.

    Returns
    -------
    ndarray, the shape and floating dtype of values (float64 for integers and booleans)
        Probabilities in [0, 1]; each slice sums to 1 within K units of roundoff.

    Raises
    ------
    ValueError
        The axis is empty, or out of range; tau is not finite, or not positive.
    TypeError
        values is complex, object or string; tau is not a real number.

    Notes
    -----
    This is softmax of q/tau. The division is carried out with its remainder: 1/tau would be rounded.

    Claims: C59, C60, C61, C62 (notebooks/10_decisions.ipynb). Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: as tau goes to 0, m best actions keep 1/m each. A slice of only -inf has no distribution and
    gives nan, and so does a slice with +inf or nan.

    References
    ----------
    .. [1] Sutton, Barto (1998), Reinforcement Learning: An Introduction, Section 2.3.

    Examples
    --------
    >>> boltzmann_policy([1.0, 3.0, 3.0], tau=1e-3)
    array([0. , 0.5, 0.5])
    """
    values = slices.real_array("boltzmann_policy", "values", values)
    tau = slices.positive_number("boltzmann_policy", "tau", tau)
    rows, table, _ = slices.logits("boltzmann_policy", values, axis, argument="values")
    return rows.restore(slices.by_blocks(lambda x: policy(x, tau), slices.result_dtype(values), table))


def policy(x, tau):
    """Return the softmax of x / tau for each row."""
    if tau > 2:
        # Halves are exact where they matter, and the difference of two finite halves cannot overflow.
        x, tau = x / 2, tau / 2
    _, d, low = shifted.shift(x)
    q, low = shifted.quotient(d, low, tau)
    return shifted.normalized(shifted.exponentials(q), low)
