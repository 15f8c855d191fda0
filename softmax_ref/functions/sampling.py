"""Random draws: a class, the noise that makes argmax a draw, and a whole distribution."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import arguments
from .probabilities import softmax
from .slices import quiet

Size = int | tuple[int, ...] | None


def gumbel_noise(shape: Size, rng: np.random.Generator) -> NDArray:
    r"""Draw independent numbers from the standard Gumbel distribution.

    .. math:: g = -\log(-\log u), \quad u \text{ uniform on } (0, 1); \qquad P(g \le x) = e^{-e^{-x}}

    Parameters
    ----------
    shape : int, tuple of int, or None for a single number
        The shape of the result.
    rng : numpy.random.Generator
        The source of randomness; its state moves on.

    Returns
    -------
    ndarray of float64 (a number for None), of the given shape
        Noise, dimensionless, always finite: the mean is Euler's constant, the variance pi^2/6.

    Raises
    ------
    ValueError
        The shape is negative.
    TypeError
        The shape holds no integers; rng is no numpy.random.Generator.

    Notes
    -----
    Claims: C58, C105 (notebooks/10_decisions.ipynb).
    Possible issues: u is a multiple of 2^-53, so that every number lies between -3.7 and 36.8.

    References
    ----------
    .. [1] Maddison, Tarlow, Minka (2014), Advances in Neural Information Processing Systems 27, Section 2.

    Examples
    --------
    >>> gumbel_noise((2, 3), np.random.default_rng(1)).shape
    (2, 3)
    """
    return arguments.generator("gumbel_noise", rng).gumbel(size=arguments.shape("gumbel_noise", "shape", shape))[()]


@quiet
def sample_categorical(z: ArrayLike, rng: np.random.Generator, /, *, size: Size = None) -> NDArray:
    r"""Draw classes with the probabilities of softmax, by inversion of the cumulative sums.

    .. math:: i = \min \{k : u < p_1 + \dots + p_k\}, \qquad u \text{ uniform on } [0, 1)

    Parameters
    ----------
    z : array_like of real numbers, shape (K,), K >= 1
        Logits, dimensionless.
    rng : numpy.random.Generator
        The source of randomness; its state moves on.
    size : int, tuple of int, or None for a single draw
        The shape of the draw.

    Returns
    -------
    ndarray of integers (a number for None), of shape size
        Classes, counted from 0.

    Raises
    ------
    ValueError
        z is no row; it holds nan or +inf, or nothing but -inf; size is negative.
    TypeError
        z is complex, object or string; size holds no integers; rng is no numpy.random.Generator.

    Notes
    -----
    A class of probability 0 is never drawn. One uniform number is used for each draw, whatever K is.

    Claims: C58, C108 (notebooks/10_decisions.ipynb).
    Possible issues: u is a multiple of 2^-53, and a class of smaller probability is drawn too often or never.

    References
    ----------
    .. [1] Devroye (1986), Non-Uniform Random Variate Generation, Springer, Chapter III, Section 2.

    Examples
    --------
    >>> sample_categorical([-np.inf, 0.0], np.random.default_rng(1), size=4)
    array([1, 1, 1, 1])
    """
    cumulative = softmax(arguments.logits("sample_categorical", z)).cumsum()
    rng = arguments.generator("sample_categorical", rng)
    u = rng.random(arguments.shape("sample_categorical", "size", size))
    # The last sum becomes exactly 1, and u is below 1: no draw falls behind the last class.
    return np.searchsorted(cumulative / cumulative[-1], u, side="right")


@quiet
def sample_gumbel_max(z: ArrayLike, rng: np.random.Generator, /, *, size: Size = None) -> NDArray:
    r"""Draw classes with the probabilities of softmax, as the argmax of the logits plus Gumbel noise.

    .. math:: i = \operatorname{argmax}_k (z_k + g_k), \qquad P(i = k) = \operatorname{softmax}(z)_k

    Parameters
    ----------
    z : array_like of real numbers, shape (K,), K >= 1
        Logits, dimensionless; utilities of a random utility model.
    rng : numpy.random.Generator
        The source of randomness; its state moves on.
    size : int, tuple of int, or None for a single draw
        The shape of the draw.

    Returns
    -------
    ndarray of integers (a number for None), of shape size
        Classes, counted from 0.

    Raises
    ------
    ValueError
        z is no row; it holds nan or +inf, or nothing but -inf; size is negative.
    TypeError
        z is complex, object or string; size holds no integers; rng is no numpy.random.Generator.

    Notes
    -----
    Neither a sum nor a division is needed. K random numbers are used for each draw, and held in memory.

    Claims: C58, C105 (notebooks/10_decisions.ipynb).
    Possible issues: the noise spans less than 41, and a class further than that below the top one is never drawn.

    References
    ----------
    .. [1] Maddison, Tarlow, Minka (2014), Advances in Neural Information Processing Systems 27, Section 2.

    Examples
    --------
    >>> sample_gumbel_max([-np.inf, 0.0], np.random.default_rng(1), size=4)
    array([1, 1, 1, 1])
    """
    z = arguments.logits("sample_gumbel_max", z)
    draws = arguments.shape("sample_gumbel_max", "size", size)
    noise = arguments.generator("sample_gumbel_max", rng).gumbel(size=(*draws, len(z)))
    # A common offset changes nothing, but a large one would drown the noise.
    return ((z - z.max()) + noise).argmax(axis=-1)


@quiet
def sample_dirichlet(alpha: ArrayLike, rng: np.random.Generator, /, *, size: Size = None) -> NDArray:
    r"""Draw distributions from the Dirichlet distribution: the softmax of the logarithms of gamma variates.

    .. math::
        p = \operatorname{softmax}(\log \gamma_1, \dots, \log \gamma_K), \qquad
        \log \gamma_k = \log \gamma'_k + \log(u_k) / \alpha_k

    with gamma variates of shape alpha_k + 1 on the right, and u_k uniform on (0, 1).

    Parameters
    ----------
    alpha : array_like of real numbers, shape (K,), K >= 1
        Concentrations, each of them finite and above 0, dimensionless.
    rng : numpy.random.Generator
        The source of randomness; its state moves on.
    size : int, tuple of int, or None for a single draw
        The shape of the draw.

    Returns
    -------
    ndarray of float64, shape (\*size, K)
        Distributions; their mean is alpha / sum(alpha).

    Raises
    ------
    ValueError
        alpha is no row, or not finite, or not above 0; size is negative.
    TypeError
        alpha is complex, object or string; size holds no integers; rng is no numpy.random.Generator.

    Notes
    -----
    A gamma variate of a tiny shape is 0 in floating point, its logarithm is not: no draw is 0/0, whatever alpha is.

    Claims: C108 (notebooks/10_decisions.ipynb).
    Possible issues: the draw is a distribution over classes, not a class.

    References
    ----------
    .. [1] Devroye (1986), Non-Uniform Random Variate Generation, Springer, Chapter XI, Section 4.
    .. [2] Marsaglia, Tsang (2000), ACM Transactions on Mathematical Software 26(3), 363-372.

    Examples
    --------
    >>> sample_dirichlet([1e-300, 1e-300], np.random.default_rng(1)).sum()
    np.float64(1.0)
    """
    alpha = arguments.finite("sample_dirichlet", "alpha", alpha, "K")
    arguments.refuse("sample_dirichlet", "alpha", alpha, alpha <= 0, "be above 0")
    draws = (*arguments.shape("sample_dirichlet", "size", size), len(alpha))
    rng = arguments.generator("sample_dirichlet", rng)
    log_gamma = np.log(rng.standard_gamma(alpha + 1, draws))
    # -log(u)/alpha can overflow for every class at once; beside the least of them it does not.
    top = alpha.max()
    race = rng.standard_exponential(draws) * (top / alpha)
    return softmax(log_gamma - (race - race.min(axis=-1, keepdims=True)) / top)
