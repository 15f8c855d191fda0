"""Hierarchical softmax: a binary tree of two-way decisions in the place of one decision between K classes."""

import heapq
import math
import operator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import arguments, slices
from .partition import logaddexp
from .slices import quiet
from .two_classes import logistic


class Tree(NamedTuple):
    """A binary tree over K leaves: nodes 0 to K - 2 are inner ones, each before its children; leaf i is K - 1 + i.

    Attributes
    ----------
    left, right : tuple of int, length K - 1
        The children of each inner node.
    depths : tuple of int, length K
        The number of decisions from the root to each leaf.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    depths: tuple[int, ...]


def balanced_tree(K: int) -> Tree:
    r"""Return the tree whose levels are all full but for the last one: the children of node n are 2n + 1 and 2n + 2.

    .. math:: \lfloor \log_2 K \rfloor \le \text{depth of a leaf} \le \lceil \log_2 K \rceil

    Parameters
    ----------
    K : int, at least 1
        The number of classes.

    Returns
    -------
    Tree
        A tree of K leaves and K - 1 inner nodes, with the fields left, right and depths.

    Raises
    ------
    ValueError
        K is below 1.
    TypeError
        K is not an integer.

    Notes
    -----
    Claims: C65 (notebooks/11_large_k.ipynb).
    Possible issues: only one leaf costs log2 K decisions; all of them still cost K - 1.

    References
    ----------
    .. [1] Morin, Bengio (2005), Proc. 10th International Workshop on Artificial Intelligence and Statistics, 246-252.

    Examples
    --------
    >>> balanced_tree(4)
    Tree(left=(1, 3, 5), right=(2, 4, 6), depths=(2, 2, 2, 2))
    """
    try:
        K = operator.index(K)
    except TypeError:
        raise TypeError(f"balanced_tree: K must be an integer, got {K!r}") from None
    if K < 1:
        raise ValueError(f"balanced_tree: K must be at least 1, got {K}")
    return rooted([(2 * n + 1, 2 * n + 2) for n in range(K - 1)])


def huffman_tree(frequencies: ArrayLike) -> Tree:
    r"""Return a tree of least expected depth: the two rarest subtrees are joined until one is left.

    .. math:: H_2(p) \le \sum_i p_i d_i < H_2(p) + 1

    Parameters
    ----------
    frequencies : array_like of real numbers, shape (K,), K >= 1
        How often each class occurs, at least 0: counts, or probabilities.

    Returns
    -------
    Tree
        A tree of K leaves and K - 1 inner nodes, with the fields left, right and depths.

    Raises
    ------
    ValueError
        There is no frequency; one is negative or not finite.
    TypeError
        The frequencies are complex, object or string.

    Notes
    -----
    Of equal frequencies the class that comes first is taken first, and any class before any joined subtree;
    of these the one that was joined first.

    Claims: C66 (notebooks/11_large_k.ipynb).
    Possible issues: floating-point frequencies are added with rounding; a tree that is best by less may be missed.

    References
    ----------
    .. [1] Huffman (1952), Proceedings of the IRE 40(9), 1098-1101.
    .. [2] Cover, Thomas (2006), Elements of Information Theory, Wiley, Sections 5.4 and 5.8.

    Examples
    --------
    >>> huffman_tree([5, 1, 1, 1]).depths
    (1, 3, 3, 2)
    """
    counted = arguments.finite("huffman_tree", "frequencies", frequencies, "K")
    arguments.refuse("huffman_tree", "frequencies", counted, counted < 0, "not be negative")
    inner = len(counted) - 1
    # Python's own integers cannot overflow. The second entry decides between equal frequencies.
    heap = [(f, i, inner + i) for i, f in enumerate(np.asarray(frequencies).tolist())]
    heapq.heapify(heap)
    pairs = []
    for node in reversed(range(inner)):
        (f, _, left), (g, _, right) = heapq.heappop(heap), heapq.heappop(heap)
        pairs.append((left, right))
        heapq.heappush(heap, (f + g, 2 * inner - node, node))
    return rooted(pairs[::-1])


@quiet
def hierarchical_softmax(z: ArrayLike, tree: Tree) -> NDArray:
    r"""Return the probability of each leaf of a tree: the product of the branch probabilities on its path.

    .. math::
        p_i = \prod_{n \text{ on the path to } i} \sigma(\pm z_n), \qquad
        + \text{ to the left}, \; - \text{ to the right}

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K - 1)
        The logit of going left at each inner node; infinite ones decide for sure.
    tree : Tree
        The tree, of balanced_tree or huffman_tree.

    Returns
    -------
    ndarray of float64, shape (..., K)
        Probabilities in [0, 1]; each row sums to 1 up to rounding.

    Raises
    ------
    ValueError
        The last axis of z has not the length K - 1.
    TypeError
        z is complex, object or string; tree is no Tree.

    Notes
    -----
    The two branch probabilities are the logistic function at z and at -z: no subtraction from 1 loses the rare branch.

    Claims: C64 (notebooks/11_large_k.ipynb).
    Possible issues: nan at a node makes all leaves below it nan, and no others.

    References
    ----------
    .. [1] Morin, Bengio (2005), Proc. 10th International Workshop on Artificial Intelligence and Statistics, 246-252.

    Examples
    --------
    >>> hierarchical_softmax([0.0, 0.0, 0.0], balanced_tree(4))
    array([0.25, 0.25, 0.25, 0.25])
    """
    inner = inner_nodes("hierarchical_softmax", tree)
    z = last_axis("hierarchical_softmax", z, inner, "inner node")
    goes_left, goes_right = logistic(z), logistic(-z)
    mass = np.ones((*z.shape[:-1], 2 * inner + 1))
    for node, (left, right) in enumerate(zip(tree.left, tree.right, strict=True)):
        mass[..., left] = mass[..., node] * goes_left[..., node]
        mass[..., right] = mass[..., node] * goes_right[..., node]
    return mass[..., inner:].copy()


@quiet
def tree_logits(z: ArrayLike, tree: Tree) -> NDArray:
    r"""Return the logits of the inner nodes that make a tree give the softmax of z.

    .. math:: a_n = \operatorname{LSE}(z_i : i \text{ left of } n) - \operatorname{LSE}(z_i : i \text{ right of } n)

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K)
        The logits of a flat softmax; for given probabilities, their logarithms.
    tree : Tree
        The tree, of balanced_tree or huffman_tree.

    Returns
    -------
    ndarray of float64, shape (..., K - 1)
        The logit of going left at each inner node: the logarithm of the ratio of the masses left and right.

    Raises
    ------
    ValueError
        The last axis of z has not the length K.
    TypeError
        z is complex, object or string; tree is no Tree.

    Notes
    -----
    So every flat softmax is a hierarchical one; for other node logits the two disagree.

    Claims: C64 (notebooks/11_large_k.ipynb).
    Possible issues: below a node without mass nothing is decided, and its logit is 0; +inf and nan give nan.

    References
    ----------
    .. [1] Morin, Bengio (2005), Proc. 10th International Workshop on Artificial Intelligence and Statistics, 246-252.

    Examples
    --------
    >>> tree_logits(np.log([0.25, 0.25, 0.25, 0.25]), balanced_tree(4))
    array([0., 0., 0.])
    """
    inner = inner_nodes("tree_logits", tree)
    z = last_axis("tree_logits", z, inner + 1, "leaf")
    mass = np.concatenate([np.zeros((*z.shape[:-1], inner)), z], axis=-1)
    logits = np.zeros((*z.shape[:-1], inner))
    for node in reversed(range(inner)):
        left, right = mass[..., tree.left[node]], mass[..., tree.right[node]]
        mass[..., node] = logaddexp(left, right)
        logits[..., node] = np.where((left == -np.inf) & (right == -np.inf), 0, left - right)
    return logits


def expected_depth(tree: Tree, p: ArrayLike) -> float:
    r"""Return the expected number of decisions to a leaf.

    .. math:: \sum_i p_i d_i = H_2(p) + \frac{1}{\log 2} \operatorname{KL}(p \,\|\, 2^{-d})

    Parameters
    ----------
    tree : Tree
        The tree, of balanced_tree or huffman_tree.
    p : array_like of real numbers, shape (K,)
        The probability of each leaf.

    Returns
    -------
    float
        Decisions (bits), at least the entropy of p in bits.

    Raises
    ------
    ValueError
        p has another shape, or is not a distribution.
    TypeError
        p is complex, object or string; tree is no Tree.

    Notes
    -----
    Claims: C65, C66 (notebooks/11_large_k.ipynb).
    Possible issues: the frequencies that made a Huffman tree must be divided by their sum.

    References
    ----------
    .. [1] Cover, Thomas (2006), Elements of Information Theory, Wiley, Section 5.4.

    Examples
    --------
    >>> expected_depth(huffman_tree([0.5, 0.25, 0.25]), [0.5, 0.25, 0.25])
    1.5
    """
    inner_nodes("expected_depth", tree)
    p = arguments.distribution("expected_depth", "p", p, len(tree.depths))
    return math.fsum(p * tree.depths)


def rooted(pairs):
    """Return the tree of the pairs of children of the inner nodes, parents first."""
    depths = [0] * (2 * len(pairs) + 1)
    for node, children in enumerate(pairs):
        for child in children:
            depths[child] = depths[node] + 1
    left, right = zip(*pairs, strict=True) if pairs else ((), ())
    return Tree(left, right, tuple(depths[len(pairs) :]))


def inner_nodes(function, tree):
    """Return the number of inner nodes, or raise TypeError."""
    if not isinstance(tree, Tree):
        raise TypeError(f"{function}: tree must come from balanced_tree or huffman_tree, got {tree!r}")
    return len(tree.left)


def last_axis(function, z, length, each):
    """Return z as float64 with the given length of its last axis."""
    z = slices.real_array(function, "z", z).astype(np.float64)
    if z.ndim == 0 or z.shape[-1] != length:
        raise ValueError(f"{function}: z needs a logit for each {each}, {length} in all, got shape {z.shape}")
    return z
