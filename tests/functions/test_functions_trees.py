"""balanced_tree, huffman_tree, hierarchical_softmax, tree_logits and expected_depth."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref import certify
from softmax_ref.functions import (
    balanced_tree,
    expected_depth,
    hierarchical_softmax,
    huffman_tree,
    logistic,
    softmax,
    tree_logits,
)
from softmax_ref.functions.trees import Tree

U = np.finfo(float).eps / 2
PROMISED = 4  # ulp of logistic and softmax, the promise of the design; an ulp is at most 2 U of the number
ARTICLE = [1.0, 2, 3, 4, 1, 2, 3]
COUNTS = st.lists(st.integers(0, 1000), min_size=1, max_size=30)


def trees(K):
    """Return a balanced tree, and the most lopsided one there is."""
    return balanced_tree(K), huffman_tree([2**i for i in range(K)])


def leaves(tree, slot):
    """Return the leaves below a node, by going down."""
    inner = len(tree.left)
    if slot >= inner:
        return [slot - inner]
    return leaves(tree, tree.left[slot]) + leaves(tree, tree.right[slot])


def depth(tree, leaf):
    """Return the number of inner nodes that have the leaf below them."""
    return sum(leaf in leaves(tree, node) for node in range(len(tree.left)))


def kraft(tree):
    """Return the sum of 2^-depth, exactly."""
    return sum(Fraction(1, 2**d) for d in tree.depths)


def least_total(weights):
    """Return the least sum of weight times depth over all binary trees, by trying every pair to join first."""
    if len(weights) == 1:
        return 0
    return min(
        w + v + least_total((*(weights[:i] + weights[i + 1 : j] + weights[j + 1 :]), w + v))
        for i, w in enumerate(weights)
        for j, v in enumerate(weights)
        if i < j
    )


@pytest.mark.parametrize("K", [1, 2, 3, 7, 8, 9, 33])
def test_a_tree_has_every_leaf_once_and_parents_come_first(K):
    """K - 1 inner nodes; each slot but the root is a child once, and its parent has a smaller number."""
    for tree in trees(K):
        assert sorted(tree.left + tree.right) == list(range(1, 2 * K - 1))
        assert all(node < min(pair) for node, pair in enumerate(zip(tree.left, tree.right, strict=True)))
        assert sorted(leaves(tree, 0)) == list(range(K))
        assert [depth(tree, leaf) for leaf in range(K)] == list(tree.depths)
        assert kraft(tree) == 1


@pytest.mark.parametrize("K", range(1, 40))
def test_a_balanced_tree_needs_log2_k_decisions(K):
    """No leaf is deeper than ceil(log2 K), none is higher than floor(log2 K)."""
    depths = set(balanced_tree(K).depths)

    assert depths <= {K.bit_length() - 1, (K - 1).bit_length()}


def test_a_lopsided_tree_is_as_deep_as_there_are_inner_nodes():
    """Frequencies that double give a chain; two thousand levels are no recursion."""
    assert huffman_tree([2**i for i in range(60)]).depths == (59, *range(59, 0, -1))
    assert max(huffman_tree(np.ldexp(1.0, np.arange(-1000, 1000))).depths) == 1999


@given(st.lists(st.one_of(st.integers(0, 20), st.integers(0, 2**62)), min_size=1, max_size=6))
def test_no_tree_beats_huffman(counts):
    """The least total over all ways to join is the total of huffman_tree: integers, and an exhaustive search."""
    depths = huffman_tree(counts).depths

    assert sum(n * d for n, d in zip(counts, depths, strict=True)) == least_total(tuple(counts))


@given(COUNTS.filter(sum))
def test_the_expected_depth_is_within_a_bit_of_the_entropy(counts):
    """H2 <= E[depth] < H2 + 1 (one class: 0), up to the rounding of K + 4 terms and logarithms."""
    p = np.array(counts) / sum(counts)
    entropy = -math.fsum(a * math.log2(a) for a in p if a)
    slack = 4 * (len(p) + 4) * U * (entropy + 1)

    found = expected_depth(huffman_tree(counts), p)

    assert entropy - slack <= found <= entropy + 1 + slack


@given(COUNTS.filter(all))
def test_the_excess_over_the_entropy_is_a_divergence(counts):
    """E[depth] - H2(p) = KL(p || 2^-depth) in bits, up to the rounding of the terms, whose sizes are added."""
    p, tree = np.array(counts) / sum(counts), balanced_tree(len(counts))
    terms = [(a * math.log2(a), a * (math.log2(a) + d)) for a, d in zip(p, tree.depths, strict=True)]
    slack = 8 * U * sum(abs(term) + abs(other) + d for (term, other), d in zip(terms, tree.depths, strict=True))

    excess = expected_depth(tree, p) + math.fsum(term for term, _ in terms)

    assert abs(excess - math.fsum(other for _, other in terms)) <= slack


def test_the_vector_of_the_article_needs_2_209_decisions():
    """With certified probabilities: 2.20915783 decisions, between the entropy and log2 7, five at most."""
    p = certify("softmax", ARTICLE)
    tree = huffman_tree(p.values)
    entropy = certify("entropy", ARTICLE).values / math.log(2)

    exact = sum(Fraction(a) * d for a, d in zip(p.decimal(30), tree.depths, strict=True))
    assert abs(exact - Fraction("2.20915783")) < Fraction(1, 10**8)
    assert abs(expected_depth(tree, p.values) - exact) <= 7 * 2 * U * exact
    assert entropy < exact < math.log2(7) < exact + 1
    assert sorted(tree.depths) == [1, 3, 3, 3, 4, 5, 5]


def test_ties_are_broken_in_the_order_of_the_classes():
    """The same frequencies give the same tree everywhere: classes before joined subtrees, first come first."""
    assert huffman_tree([1, 1, 1, 1]) == Tree(left=(2, 5, 3), right=(1, 6, 4), depths=(2, 2, 2, 2))
    assert huffman_tree([1, 1, 2]).depths == (2, 2, 1)
    assert huffman_tree([2, 1, 1]) == Tree(left=(2, 3), right=(1, 4), depths=(1, 2, 2))
    assert huffman_tree([0, 0, 0]).depths == (2, 2, 1)


def test_integers_are_added_without_overflow():
    """In int64 the sum of the first two would be -2, and everything would be joined to it."""
    assert huffman_tree(np.array([2**63 - 1] * 4)).depths == (2, 2, 2, 2)


@given(st.lists(st.floats(-800, 800), max_size=20))
def test_the_leaves_sum_to_one(z):
    """Every level loses at most two logistics and a product, and the sum K - 1 additions."""
    K = len(z) + 1

    for tree in trees(K):
        p = hierarchical_softmax(z, tree)
        assert (p >= 0).all()
        allowed = (max(tree.depths) * (2 * PROMISED + 1) + K) * U
        assert abs(math.fsum(p) - 1) <= allowed / (1 - allowed)


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=12))
def test_a_leaf_has_the_product_of_the_branches_on_its_path(z):
    """logistic(z) to the left and logistic(-z) to the right, multiplied from the root down: the same bits."""
    for tree in trees(len(z) + 1):
        p = hierarchical_softmax(z, tree)

        for leaf in range(len(z) + 1):
            product = 1.0
            for node, logit in enumerate(z):
                if leaf in leaves(tree, tree.left[node]):
                    product *= logistic(logit)
                elif leaf in leaves(tree, tree.right[node]):
                    product *= logistic(-logit)
            assert p[leaf] == product


def test_rare_branches_keep_their_digits():
    """At a node logit of 50 the right branch is exp(-50) and not 1 - 1."""
    p = hierarchical_softmax([50.0], balanced_tree(2))

    assert abs(p[1] - math.exp(-50)) <= PROMISED * np.spacing(math.exp(-50))
    assert np.array_equal(hierarchical_softmax([np.inf, -np.inf], balanced_tree(3)), [0, 0, 1])


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=20))
def test_every_flat_softmax_is_a_hierarchical_one(z):
    """With the log mass ratios as node logits, each leaf gets its softmax.

    A logarithm of a sum is off by at most U (|z| + log K + 8) a level, so a node logit by 4 U depth (|z| + log K + 8).
    The logarithm of a branch probability moves by no more than its logit, and d of them are multiplied.
    """
    p, size = softmax(z), max(map(abs, z)) + math.log(len(z)) + 8

    for tree in trees(len(z)):
        d = max(tree.depths)
        allowed = (4 * d * d * size + d * (2 * PROMISED + 1) + 2 * PROMISED) * U
        assert (abs(hierarchical_softmax(tree_logits(z, tree), tree) - p) <= 2 * allowed * p).all()


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=7))
def test_no_other_node_logits_give_the_same_distribution(z):
    """The logarithms of the leaves give the node logits back, with the error of the test above and that of the leaves.

    A logarithm moves by the relative error of its leaf and by U of itself, which is at most the depth times 11.
    """
    for tree in trees(len(z) + 1):
        d = max(tree.depths)
        size = 11 * d + math.log(len(z) + 1) + 8
        allowed = (4 * d * size + 2 * d * (2 * PROMISED + 1) + 2 * size) * U
        again = tree_logits(np.log(hierarchical_softmax(z, tree)), tree)
        assert (abs(again - z) <= 2 * allowed).all()


def test_node_logits_are_log_mass_ratios():
    """Masses 1, 2, 3, 4 on a balanced tree: 3 to 7 at the root, then 1 to 2 and 3 to 4."""
    logits = tree_logits(np.log([1.0, 2, 3, 4]), balanced_tree(4))

    assert (abs(logits - np.log([3 / 7, 1 / 2, 3 / 4])) <= 16 * U).all()


def test_subtrees_without_mass_decide_nothing():
    """-inf is a leaf of probability 0; below a node without mass the logit is 0, and the leaves get 0."""
    z, tree = [-np.inf, 0.0, -np.inf, -np.inf], balanced_tree(4)

    assert np.array_equal(tree_logits(z, tree), [np.inf, -np.inf, 0])
    assert np.array_equal(hierarchical_softmax(tree_logits(z, tree), tree), [0, 1, 0, 0])


def test_nan_stays_below_its_node():
    """The leaves on the other side do not know of it."""
    p = hierarchical_softmax([0.0, np.nan, 0.0], balanced_tree(4))

    assert np.array_equal(np.isnan(p), [True, True, False, False])
    assert np.array_equal(p[2:], [0.25, 0.25])


def test_rows_are_the_leading_axes():
    """(..., K - 1) node logits and (..., K) leaves, one class and no rows included."""
    z = np.random.default_rng(1).normal(size=(2, 3, 6))
    tree = balanced_tree(7)

    p = hierarchical_softmax(z, tree)
    assert p.shape == (2, 3, 7)
    assert np.array_equal(p[1, 2], hierarchical_softmax(z[1, 2], tree))
    assert np.array_equal(tree_logits(p, tree)[1, 2], tree_logits(p[1, 2], tree))
    assert np.array_equal(hierarchical_softmax(np.zeros((2, 0)), balanced_tree(1)), [[1], [1]])
    assert tree_logits(np.zeros((0, 7)), tree).shape == (0, 6)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: balanced_tree(0), ValueError, "balanced_tree: K must be at least 1, got 0"),
        (lambda: balanced_tree(2.0), TypeError, "balanced_tree: K must be an integer, got 2.0"),
        (lambda: huffman_tree([]), ValueError, "huffman_tree: frequencies must not be empty, got shape (0,)"),
        (lambda: huffman_tree([1, -1]), ValueError, "huffman_tree: frequencies must not be negative, got -1.0"),
        (lambda: huffman_tree([1, np.nan]), ValueError, "huffman_tree: frequencies must be finite, got nan"),
        (lambda: huffman_tree([1, np.inf]), ValueError, "huffman_tree: frequencies must be finite, got inf"),
        (lambda: huffman_tree(["a"]), TypeError, "huffman_tree: frequencies must hold real numbers, got dtype <U1"),
        (
            lambda: hierarchical_softmax([0.0, 0.0], balanced_tree(2)),
            ValueError,
            "hierarchical_softmax: z needs a logit for each inner node, 1 in all, got shape (2,)",
        ),
        (
            lambda: tree_logits([0.0], balanced_tree(2)),
            ValueError,
            "tree_logits: z needs a logit for each leaf, 2 in all, got shape (1,)",
        ),
        (
            lambda: tree_logits(0.0, balanced_tree(1)),
            ValueError,
            "tree_logits: z needs a logit for each leaf, 1 in all, got shape ()",
        ),
        (
            lambda: expected_depth(balanced_tree(2), [0.5, 0.6]),
            ValueError,
            "expected_depth: p must sum to 1, got sum 1.1",
        ),
        (
            lambda: expected_depth(balanced_tree(2), [1.0]),
            ValueError,
            "expected_depth: p must have shape (2,), got shape (1,)",
        ),
        (
            lambda: expected_depth(balanced_tree(2), [1.5, -0.5]),
            ValueError,
            "expected_depth: p must not be negative, got -0.5",
        ),
        (
            lambda: hierarchical_softmax([0.0], 2),
            TypeError,
            "hierarchical_softmax: tree must come from balanced_tree or huffman_tree, got 2",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, error, message):
    """The message names function, argument and value."""
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call()


def test_the_probabilities_of_any_dtype_are_a_distribution():
    """A softmax in float32 sums to 1 as far as float32 can tell; its entries are within 4 of their ulp."""
    p = softmax(np.array(ARTICLE, np.float32))

    assert abs(expected_depth(huffman_tree(p), p) - 2.20915783) <= PROMISED * 2.0**-23 * 2.21 + 1e-8
