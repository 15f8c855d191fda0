"""differentiated_softmax, the importance-sampled estimates and target_sampled_softmax."""

import itertools
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref.functions import (
    class_probabilities,
    differentiated_softmax,
    importance_sampled_gradient,
    importance_sampled_partition,
    logsumexp,
    softmax,
    target_sampled_softmax,
)

U = np.finfo(float).eps / 2
PROMISED = 4  # ulp of softmax and logsumexp, the promise of the design; an ulp is at most 2 U of the number
Q = [Fraction(1, 8), Fraction(1, 2), Fraction(1, 8), Fraction(1, 4)]  # exact in binary
MASSES = [3, 5, 1, 16]  # e^z
Z = np.log(MASSES)
P = [Fraction(m, sum(MASSES)) for m in MASSES]


def every_sample(n):
    """Return all samples of n of the four classes, and the probability of each."""
    samples = list(itertools.product(range(4), repeat=n))
    return np.array(samples), [math.prod(Q[j] for j in sample) for sample in samples]


def mean(chances, values):
    """Return the exact mean of floats."""
    return sum(chance * Fraction(float(value)) for chance, value in zip(chances, values, strict=True))


def integer_block(V, d, seed):
    """Return weights and intercepts whose products and sums are exact."""
    rng = np.random.default_rng(seed)
    return rng.integers(-4, 5, size=(V, d)), rng.integers(-4, 5, size=V)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_estimated_partition_function_is_unbiased(n):
    """The mean over all 4^n samples is Z: every estimate has n + 12 roundings, with the logarithm of the mass."""
    samples, chances = every_sample(n)

    estimates = importance_sampled_partition(Z, np.array(Q, float), samples)

    assert abs(mean(chances, estimates) - sum(MASSES)) <= Fraction((n + 12) * U) * sum(MASSES)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_estimated_partition_function_has_the_variance_of_one_draw_over_n(n):
    """(sum m^2/q - Z^2)/n, exactly, up to twice the roundings of the test above."""
    samples, chances = every_sample(n)
    variance = (sum(m**2 / q for m, q in zip(MASSES, Q, strict=True)) - sum(MASSES) ** 2) / n

    estimates = importance_sampled_partition(Z, np.array(Q, float), samples)

    second = sum(c * Fraction(float(e)) ** 2 for c, e in zip(chances, estimates, strict=True))
    allowed = Fraction(3 * (n + 12) * U) * second
    assert abs(second - mean(chances, estimates) ** 2 - variance) <= allowed
    assert variance > 100 * allowed


def test_draws_from_softmax_itself_have_no_variance():
    """With q = softmax(z) every sample gives Z."""
    z, q = np.log([1.0, 2, 1]), [0.25, 0.5, 0.25]

    estimates = importance_sampled_partition(z, q, list(itertools.product(range(3), repeat=3)))

    assert (abs(estimates - 4) <= 15 * U * 4).all()


def test_the_logarithm_of_the_estimate_is_too_small():
    """Jensen: E log < log E, and by much more than rounding."""
    samples, chances = every_sample(2)

    logs = np.log(importance_sampled_partition(Z, np.array(Q, float), samples))

    assert float(mean(chances, logs)) < math.log(sum(MASSES)) - 0.01


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_gradient_with_the_exact_partition_function_is_unbiased(n):
    """The mean over all samples is softmax(z), class by class."""
    samples, chances = every_sample(n)

    estimates = importance_sampled_gradient(Z, np.array(Q, float), samples, self_normalised=False)

    for k in range(4):
        assert abs(mean(chances, estimates[:, k]) - P[k]) <= Fraction((n + 2 * PROMISED + 12) * U) * P[k]


def test_the_self_normalised_gradient_is_biased():
    """With one draw its mean is q, whatever z is; with more draws the bias falls, but is not 0."""
    biases = []
    for n in (1, 2, 3, 4):
        samples, chances = every_sample(n)
        estimates = importance_sampled_gradient(Z, np.array(Q, float), samples)
        means = [mean(chances, estimates[:, k]) for k in range(4)]
        biases.append(sum(abs(m - p) for m, p in zip(means, P, strict=True)))
        assert n > 1 or means == Q

    assert biases == sorted(biases, reverse=True)
    assert biases[-1] > Fraction(1, 20)


@pytest.mark.parametrize("offset", [0.0, 1000.0, -1000.0])
def test_each_self_normalised_estimate_is_the_share_of_its_weights(offset):
    """w = m/q of the sampled classes over their sum; logits of size |z| are off by U |z|, and e^1000 is no obstacle."""
    samples, _ = every_sample(3)
    size = abs(Z + offset).max() + 3
    weights = [m / q for m, q in zip(MASSES, Q, strict=True)]

    estimates = importance_sampled_gradient(Z + offset, np.array(Q, float), samples)

    for sample, estimate in zip(samples.tolist(), estimates, strict=True):
        total = sum(weights[j] for j in sample)
        for k in range(4):
            exact = sample.count(k) * weights[k] / total
            assert abs(Fraction(float(estimate[k])) - exact) <= Fraction((8 * size + 20) * U) * exact


def test_the_estimates_have_the_leading_axes_of_the_samples():
    """(..., n) classes give (...) estimates of Z and (..., K) estimates of its gradient."""
    samples = np.random.default_rng(1).integers(4, size=(2, 3, 5))
    q = np.array(Q, float)

    assert importance_sampled_partition(Z, q, samples).shape == (2, 3)
    assert np.shape(importance_sampled_partition(Z, q, [0, 1])) == ()
    gradients = importance_sampled_gradient(Z, q, samples)
    assert gradients.shape == (2, 3, 4)
    assert np.array_equal(gradients[1, 2], importance_sampled_gradient(Z, q, samples[1, 2]))
    assert importance_sampled_gradient(Z, q, np.zeros((0, 5), int)).shape == (0, 4)


def test_impossible_classes_count_as_nothing():
    """-inf may be drawn or not; its weight is 0, and a sample of nothing else has no self-normalised estimate."""
    z = [0.0, -np.inf]

    assert np.array_equal(importance_sampled_partition(z, [0.5, 0.5], [[0, 1], [1, 1]]), [1, 0])
    assert importance_sampled_partition(z, [1.0, 0.0], [0, 0]) == 1
    assert np.array_equal(importance_sampled_gradient(z, [0.5, 0.5], [0, 1]), [1, 0])
    assert np.array_equal(importance_sampled_gradient(z, [0.5, 0.5], [0, 1], self_normalised=False), [1, 0])
    assert np.isnan(importance_sampled_gradient(z, [0.5, 0.5], [1, 1])[1])


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=10), st.data())
def test_restriction_to_candidates_is_conditioning(z, data):
    """softmax over C is softmax(z) / P(C): two promises, K sums and a division."""
    candidates = data.draw(st.lists(st.integers(0, len(z) - 1), min_size=1, unique=True))
    p = softmax(z)

    found = target_sampled_softmax(z, candidates)

    conditional = p[candidates] / math.fsum(p[candidates])
    assert (abs(found[candidates] - conditional) <= (6 * PROMISED + 4) * U * conditional).all()
    assert not np.delete(found, candidates).any()


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=10), st.data())
def test_the_partition_function_of_the_candidates_is_their_share(z, data):
    """log Z_C = log Z + log P(C), where z + log K + 4 bounds each of the three numbers, and P(C) >= e^-60/K."""
    candidates = data.draw(st.lists(st.integers(0, len(z) - 1), min_size=1, unique=True))
    where = np.isin(np.arange(len(z)), candidates)

    share = math.log(math.fsum(softmax(z)[candidates]))

    size = 2 * max(map(abs, z)) + math.log(len(z)) + 4
    assert abs(logsumexp(z, where=where) - logsumexp(z) - share) <= (6 * PROMISED + 4) * U * size


def test_all_classes_as_candidates_give_softmax():
    """The same bits; integers, a mask and another order name the same set."""
    z = np.random.default_rng(1).normal(size=(3, 7))

    assert np.array_equal(target_sampled_softmax(z, range(7)), softmax(z))
    mask = [True, False, True, False, False, False, True]
    assert np.array_equal(target_sampled_softmax(z, [6, 0, 2]), target_sampled_softmax(z, mask))
    assert target_sampled_softmax(z.astype(np.float32), np.array([6], np.uint8)).dtype == np.float32


def test_other_logits_are_not_looked_at():
    """nan and +inf outside of the candidates do not matter; among them they do."""
    z = [np.nan, 0.0, 0.0, np.inf]

    assert np.array_equal(target_sampled_softmax(z, [1, 2]), [0, 0.5, 0.5, 0])
    assert np.isnan(target_sampled_softmax(z, [0, 1])[1])


def test_one_block_is_a_plain_affine_map():
    """The same bits as class_probabilities, row by row and in a batch of batches."""
    W, b = integer_block(5, 3, 1)
    h = np.random.default_rng(2).integers(-4, 5, size=(2, 4, 3))

    p = differentiated_softmax(h, [(W, b)])

    assert p.shape == (2, 4, 5)
    assert np.array_equal(p[1], class_probabilities(h[1], W, b))
    assert np.array_equal(p[1, 2], differentiated_softmax(h[1, 2], [(W, b)]))


def test_blocks_are_a_matrix_that_is_zero_outside_of_them():
    """Three blocks of other heights and widths are one block-diagonal matrix; integers make both exact."""
    blocks = [integer_block(2, 4, 3), integer_block(5, 2, 4), integer_block(3, 1, 5)]
    W = np.zeros((10, 7))
    for (rows, columns), (part, _) in zip([(0, 0), (2, 4), (7, 6)], blocks, strict=True):
        W[rows : rows + len(part), columns : columns + part.shape[1]] = part
    b = np.concatenate([b for _, b in blocks])
    h = np.random.default_rng(6).integers(-4, 5, size=(8, 7))

    assert np.array_equal(differentiated_softmax(h, blocks), class_probabilities(h, W, b))
    assert np.count_nonzero(W) <= 2 * 4 + 5 * 2 + 3 * 1 < W.size


HALF = [0.5, 0.5]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda f: f([0.0, 0.0], [1.0, 0.0], [0]),
            ValueError,
            "q must be above 0 wherever z is above -inf, got 0.0",
        ),
        (lambda f: f([0.0, 0.0], [0.5, 0.4], [0]), ValueError, "q must sum to 1, got sum 0.9"),
        (lambda f: f([0.0, 0.0], [0.5, 0.25, 0.25], [0]), ValueError, "q must have shape (2,), got shape (3,)"),
        (lambda f: f([0.0, 0.0], HALF, [2]), ValueError, "sample must lie in [0, 2), got 2"),
        (lambda f: f([0.0, 0.0], HALF, [-1]), ValueError, "sample must lie in [0, 2), got -1"),
        (lambda f: f([0.0, 0.0], HALF, [0.5]), TypeError, "sample must be integers, got dtype float64"),
        (
            lambda f: f([0.0, 0.0], HALF, []),
            ValueError,
            "sample needs at least one class along axis -1, got shape (0,)",
        ),
        (lambda f: f([0.0, 0.0], HALF, 0), ValueError, "sample needs at least one class along axis -1, got shape ()"),
        (
            lambda f: f([0.0, -np.inf], [1.0, 0.0], [1]),
            ValueError,
            "sample must hold only classes with q above 0, got 1",
        ),
        (lambda f: f([-np.inf, -np.inf], HALF, [0]), ValueError, "z must hold a logit above -inf, got only -inf"),
        (lambda f: f([0.0, np.nan], HALF, [0]), ValueError, "z must be below +inf, got nan"),
    ],
)
@pytest.mark.parametrize("f", [importance_sampled_partition, importance_sampled_gradient])
def test_samples_that_tell_nothing_are_refused(f, call, error, message):
    """The message names function, argument and value."""
    with pytest.raises(error, match=f"^{f.__name__}: {re.escape(message)}$"):
        call(f)


@pytest.mark.parametrize(
    ("candidates", "error", "message"),
    [
        ([], ValueError, "candidates must hold a class, got none"),
        ([False, False, False], ValueError, "candidates must hold a class, got none"),
        ([0, 3], ValueError, "candidates must lie in [0, 3), got 3"),
        ([-1], ValueError, "candidates must lie in [0, 3), got -1"),
        ([[0], [1]], ValueError, "candidates must have shape (C,), got shape (2, 1)"),
        ([0, 2, 2], ValueError, "candidates must name each class once, got 2"),
        ([True], ValueError, "candidates must have one entry for each class, (3,), got shape (1,)"),
        ([0.0], TypeError, "candidates must be integers, got dtype float64"),
    ],
)
def test_candidates_name_classes(candidates, error, message):
    """Empty, out of range, repeated: there is no set."""
    with pytest.raises(error, match=f"^target_sampled_softmax: {re.escape(message)}$"):
        target_sampled_softmax([0.0, 1.0, 2.0], candidates)


@pytest.mark.parametrize(
    ("h", "blocks", "message"),
    [
        ([1.0], [], "blocks must hold a pair (W, b), got none"),
        ([1.0], [([[1.0, 2.0]], [0.0])], "h must have 2 features, got shape (1,)"),
        (1.0, [([[1.0]], [0.0])], "h must have 1 features, got shape ()"),
        ([np.nan], [([[1.0]], [0.0])], "h must be finite, got nan"),
        ([1.0], [([1.0], [0.0])], "W of block 0 must have shape (V, d), got shape (1,)"),
        ([1.0], [([[1.0]], [0.0, 1.0])], "b of block 0 must have shape (1,), got shape (2,)"),
        ([1.0], [([[1.0]], [np.inf])], "b of block 0 must be finite, got inf"),
    ],
)
def test_blocks_must_fit(h, blocks, message):
    """The message gives the number of the block, counted from 0."""
    with pytest.raises(ValueError, match=f"^differentiated_softmax: {re.escape(message)}$"):
        differentiated_softmax(h, blocks)


def test_a_row_without_classes_is_refused():
    """A number has no axis of classes."""
    with pytest.raises(ValueError, match=r"^target_sampled_softmax: z needs an axis of classes, got shape \(\)$"):
        target_sampled_softmax(1.0, [0])
