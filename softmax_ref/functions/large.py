"""Very many classes: narrower blocks, a sample in the place of the sum, a set of candidates."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import arguments, slices
from .probabilities import softmax
from .slices import quiet


@quiet
def differentiated_softmax(h: ArrayLike, blocks: list[tuple[ArrayLike, ArrayLike]]) -> NDArray:
    r"""Return the softmax over a vocabulary in blocks, each of which sees a part of the features.

    .. math:: p = \operatorname{softmax}(W_1 h_1 + b_1, \dots, W_B h_B + b_B), \qquad h = (h_1, \dots, h_B)

    Parameters
    ----------
    h : array_like of real numbers, shape (..., d), d = d_1 + ... + d_B
        Features; the first d_1 of them belong to the first block, and so on.
    blocks : sequence of pairs (W, b), shapes (V_i, d_i) and (V_i,)
        Weights and intercepts of the V_i classes of each block; frequent classes get the wide blocks.

    Returns
    -------
    ndarray of float64, shape (..., V_1 + ... + V_B)
        Probabilities of all classes, block after block; each row sums to 1.

    Raises
    ------
    ValueError
        There is no block; a shape does not fit or is empty; an argument is not finite.
    TypeError
        An argument is complex, object or string.

    Notes
    -----
    The logits cost sum V_i d_i multiplications instead of V d. It is a model of its own, and not an estimate.

    Claims: C67 (notebooks/11_large_k.ipynb).
    Possible issues: the classes of one block do not see the features of another.

    References
    ----------
    .. [1] Chen, Grangier, Auli (2016), Proc. 54th Annual Meeting of the ACL, 1975-1985.

    Examples
    --------
    >>> differentiated_softmax([1.0, 2.0, 5.0], [([[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0]), ([[0.0]], [0.0])]).round(3)
    array([0.333, 0.333, 0.333])
    """
    pairs = []
    for n, (W, b) in enumerate(blocks):
        W = arguments.finite("differentiated_softmax", f"W of block {n}", W, "V", "d")
        pairs.append((W, arguments.finite("differentiated_softmax", f"b of block {n}", b, len(W))))
    if not pairs:
        raise ValueError("differentiated_softmax: blocks must hold a pair (W, b), got none")
    h = slices.real_array("differentiated_softmax", "h", h).astype(np.float64)
    arguments.refuse("differentiated_softmax", "h", h, ~np.isfinite(h), "be finite")
    ends = np.cumsum([W.shape[1] for W, _ in pairs])
    if h.ndim == 0 or h.shape[-1] != ends[-1]:
        raise ValueError(f"differentiated_softmax: h must have {ends[-1]} features, got shape {h.shape}")
    parts = np.split(h, ends[:-1], axis=-1)
    return softmax(np.concatenate([part @ W.T + b for part, (W, b) in zip(parts, pairs, strict=True)], axis=-1))


@quiet
def importance_sampled_partition(z: ArrayLike, q: ArrayLike, sample: ArrayLike) -> NDArray:
    r"""Estimate the partition function from classes drawn from a distribution q.

    .. math::
        \hat Z = \frac{1}{n} \sum_{t=1}^n \frac{e^{z_{J_t}}}{q_{J_t}}, \qquad
        E \hat Z = Z, \quad \operatorname{Var} \hat Z = \frac{1}{n} \left( \sum_j \frac{e^{2 z_j}}{q_j} - Z^2 \right)

    Parameters
    ----------
    z : array_like of real numbers, shape (K,)
        Logits; -inf is an impossible class.
    q : array_like of real numbers, shape (K,)
        The distribution that the sample is drawn from, above 0 wherever z is above -inf.
    sample : array_like of integers, shape (..., n), n >= 1
        Classes drawn from q independently; each row along the last axis is a sample of its own.

    Returns
    -------
    ndarray of float64, shape (...)
        Estimates of Z = sum exp(z), one for each sample.

    Raises
    ------
    ValueError
        z or q is no row, or their lengths differ; z holds nan or +inf, or nothing but -inf; q is not a distribution or
        lacks a possible class; the sample is empty, or holds a class that is out of range or has q = 0.
    TypeError
        z or q is complex, object or string; the sample holds no integers.

    Notes
    -----
    The estimate is unbiased, and exact for q = softmax(z); its logarithm is too small on average (Jensen).

    Claims: C68 (notebooks/11_large_k.ipynb).
    Possible issues: a class with large exp(z)/q that the sample misses leaves the estimate far too small, unnoticed.

    References
    ----------
    .. [1] Bengio, Senecal (2003), Proc. 9th International Workshop on Artificial Intelligence and Statistics, 17-24.

    Examples
    --------
    >>> importance_sampled_partition(np.log([1.0, 3.0]), [0.5, 0.5], [[0, 1], [1, 1]])
    array([4., 6.])
    """
    z, q, sample = draws("importance_sampled_partition", z, q, sample)
    return (np.exp(z[sample]) / q[sample]).mean(axis=-1)


@quiet
def importance_sampled_gradient(
    z: ArrayLike, q: ArrayLike, sample: ArrayLike, *, self_normalised: bool = True
) -> NDArray:
    r"""Estimate the gradient of log Z, which is softmax(z), from classes drawn from a distribution q.

    .. math::
        \hat p_k = \sum_{t : J_t = k} \frac{w_t}{\sum_s w_s}, \qquad w_t = \frac{e^{z_{J_t}}}{q_{J_t}}

    or, not normalised by itself, with n Z in the place of the sum of the weights.

    Parameters
    ----------
    z : array_like of real numbers, shape (K,)
        Logits; -inf is an impossible class.
    q : array_like of real numbers, shape (K,)
        The distribution that the sample is drawn from, above 0 wherever z is above -inf.
    sample : array_like of integers, shape (..., n), n >= 1
        Classes drawn from q independently; each row along the last axis is a sample of its own.
    self_normalised : bool
        True needs only the sampled logits, and is biased: its mean is not softmax(z), though it tends to it as n grows.
        False is unbiased, and needs all K logits for Z.

    Returns
    -------
    ndarray of float64, shape (..., K)
        Estimates of softmax(z), one for each sample, 0 at the classes that it misses.

    Raises
    ------
    ValueError
        z or q is no row, or their lengths differ; z holds nan or +inf, or nothing but -inf; q is not a distribution or
        lacks a possible class; the sample is empty, or holds a class that is out of range or has q = 0.
    TypeError
        z or q is complex, object or string; the sample holds no integers.

    Notes
    -----
    The self-normalised estimate is a distribution; the other one need not sum to 1.

    Claims: C68 (notebooks/11_large_k.ipynb).
    Possible issues: a self-normalised sample of one class has the estimate 1 there, whatever z and q are. A sample
    that holds impossible classes only gives nan.

    References
    ----------
    .. [1] Bengio, Senecal (2003), Proc. 9th International Workshop on Artificial Intelligence and Statistics, 17-24.

    Examples
    --------
    >>> importance_sampled_gradient(np.log([1.0, 3.0]), [0.5, 0.5], [0, 1])
    array([0.25, 0.75])
    >>> importance_sampled_gradient(np.log([1.0, 3.0]), [0.5, 0.5], [1, 1], self_normalised=False)
    array([0. , 1.5])
    """
    z, q, sample = draws("importance_sampled_gradient", z, q, sample)
    if self_normalised:
        weights = softmax(z[sample] - np.log(q[sample]))
    else:
        weights = softmax(z)[sample] / q[sample] / sample.shape[-1]
    rows = sample.reshape(-1, sample.shape[-1])
    estimates = np.zeros((len(rows), len(z)))
    np.add.at(estimates, (np.arange(len(rows))[:, None], rows), weights.reshape(rows.shape))
    return estimates.reshape(*sample.shape[:-1], len(z))


def target_sampled_softmax(z: ArrayLike, candidates: ArrayLike) -> NDArray:
    r"""Return the softmax over a set of candidates; the other classes get 0.

    .. math:: p_i = \frac{e^{z_i}}{\sum_{j \in C} e^{z_j}} = \frac{\operatorname{softmax}(z)_i}{P(C)}, \qquad i \in C

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K)
        Logits.
    candidates : array_like of integers, shape (C,), or of bool, shape (K,)
        The classes that count, each named once; or True where a class counts.

    Returns
    -------
    ndarray, the shape and floating dtype of z (float64 for integers and booleans)
        The conditional distribution of the class, given that it is a candidate.

    Raises
    ------
    ValueError
        z has no axis; the candidates are none, or no row; one is out of range or named twice; a mask has not length K.
    TypeError
        z is complex, object or string; candidates are neither integers nor booleans.

    Notes
    -----
    The other logits are not looked at, so that they need not be computed.

    Claims: C69 (notebooks/11_large_k.ipynb).
    Possible issues: it is the softmax of another set, and larger than softmax(z) at each candidate.

    References
    ----------
    .. [1] Jean, Cho, Memisevic, Bengio (2015), Proc. 53rd Annual Meeting of the ACL, 1-10.

    Examples
    --------
    >>> target_sampled_softmax(np.log([1.0, 3.0, 4.0]), [0, 1])
    array([0.25, 0.75, 0.  ])
    """
    z = slices.real_array("target_sampled_softmax", "z", z)
    if z.ndim == 0:
        raise ValueError("target_sampled_softmax: z needs an axis of classes, got shape ()")
    return softmax(z, where=mask("target_sampled_softmax", candidates, z.shape[-1]))


def draws(function, z, q, sample):
    """Return logits, a distribution that covers them, and classes drawn from it."""
    z = arguments.logits(function, z)
    q = arguments.distribution(function, "q", q, len(z))
    arguments.refuse(function, "q", q, (q == 0) & (z > -np.inf), "be above 0 wherever z is above -inf")
    sample = arguments.classes(function, "sample", sample, len(z))
    if sample.ndim == 0 or sample.shape[-1] == 0:
        raise ValueError(f"{function}: sample needs at least one class along axis -1, got shape {sample.shape}")
    arguments.refuse(function, "sample", sample, q[sample] == 0, "hold only classes with q above 0")
    return z, q, sample


def mask(function, candidates, K):
    """Return where the candidates are among K classes."""
    candidates = np.asarray(candidates)
    if candidates.dtype == np.bool_:
        slices.same_shape(function, "candidates", candidates, (K,), "one entry for each class,")
        chosen = candidates
    else:
        classes = arguments.classes(function, "candidates", candidates, K)
        if classes.ndim != 1:
            raise ValueError(f"{function}: candidates must have shape (C,), got shape {classes.shape}")
        chosen = np.bincount(classes, minlength=K)
        arguments.refuse(function, "candidates", classes, chosen[classes] > 1, "name each class once")
    if not chosen.any():
        raise ValueError(f"{function}: candidates must hold a class, got none")
    return chosen.astype(bool)
