"""sample_categorical, sample_gumbel_max, gumbel_noise and sample_dirichlet.

The laws are checked with the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart, which holds for every n and
every law: the empirical distribution function of n draws is further than e from the true one with a probability of at
most 2 exp(-2 n e^2). The distance allowed here belongs to a probability of one in 10^9.
"""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc

from softmax_ref.functions import gumbel_noise, sample_categorical, sample_dirichlet, sample_gumbel_max, softmax

DRAWS = 100_000
ALLOWED = math.sqrt(math.log(2 / 1e-9) / (2 * DRAWS))
ARTICLE = np.array([1.0, 2, 3, 4, 1, 2, 3])
SAMPLERS = [sample_categorical, sample_gumbel_max]


class Given(np.random.Generator):
    """A generator whose uniform numbers are the given ones."""

    def __new__(cls, numbers):
        """Make the generator; what it would draw by itself is never used."""
        made = super().__new__(cls, np.random.PCG64(0))
        made.numbers = np.asarray(numbers)
        return made

    def __init__(self, numbers):
        super().__init__(np.random.PCG64(0))

    def random(self, size=None):
        """Return the given numbers."""
        assert size == self.numbers.shape
        return self.numbers


def rng():
    return np.random.default_rng(2024)


def distance_of_classes(classes, p):
    """Return the largest distance between the two distribution functions of classes."""
    counts = np.bincount(classes, minlength=len(p))
    return abs(counts.cumsum() / counts.sum() - np.cumsum(p)).max()


def distance(sample, cumulative):
    """Return the largest distance between the empirical distribution function of numbers and the true one."""
    exact = cumulative(np.sort(sample))
    steps = np.arange(len(sample) + 1) / len(sample)
    return max(abs(exact - steps[:-1]).max(), abs(exact - steps[1:]).max())


@given(
    st.lists(st.one_of(st.floats(-30, 30), st.just(-np.inf)), min_size=1, max_size=9).filter(lambda z: max(z) > -1e9)
)
def test_inversion_gives_each_class_its_share_of_the_unit_interval(z):
    """Of n equidistant uniform numbers, an interval of length p holds n p up to 1; each sum is rounded K times."""
    n, p = 1000, softmax(z)

    classes = sample_categorical(z, Given((np.arange(n) + 0.5) / n), size=n)

    assert (abs(np.bincount(classes, minlength=len(z)) - n * p) <= 1 + n * len(z) * np.finfo(float).eps).all()


def test_an_impossible_class_is_not_drawn_at_either_end():
    """The least and the largest uniform number fall on possible classes."""
    ends = Given([0.0, 1 - 2.0**-53])

    assert sample_categorical([-np.inf, 0.0, 1.0, -np.inf], ends, size=2).tolist() == [1, 2]


def test_no_draw_falls_behind_the_last_class():
    """Ten times 0.1 add up to less than 1, and the largest uniform number is not below that."""
    assert np.cumsum(np.full(10, 0.1))[-1] == 1 - 2.0**-53

    assert sample_categorical(np.zeros(10), Given([1 - 2.0**-53]), size=1).tolist() == [9]


@pytest.mark.parametrize("sample", SAMPLERS)
@pytest.mark.parametrize("z", [ARTICLE, ARTICLE - 1e6, [0.0, -np.inf, 2.0], [-1e308, 1e308], [7.0]])
def test_classes_are_drawn_with_the_probabilities_of_softmax(sample, z):
    """Both ways have the same law, which is softmax(z)."""
    classes = sample(z, rng(), size=DRAWS)

    assert distance_of_classes(classes, softmax(z)) <= ALLOWED


def test_other_noise_has_another_law():
    """With normal noise of the same variance the argmax is not softmax, and the distance says so."""
    noise = rng().normal(scale=np.pi / math.sqrt(6), size=(DRAWS, len(ARTICLE)))

    assert distance_of_classes((ARTICLE + noise).argmax(axis=-1), softmax(ARTICLE)) > ALLOWED


def test_gumbel_noise_has_the_law_of_gumbel():
    """P(g <= x) = exp(-exp(-x)); of -g, with the tails exchanged, the law is another one."""
    g = gumbel_noise(DRAWS, rng())

    assert distance(g, lambda x: np.exp(-np.exp(-x))) <= ALLOWED
    assert distance(-g, lambda x: np.exp(-np.exp(-x))) > ALLOWED


def test_the_gumbel_draw_is_the_argmax_of_logits_and_gumbel_noise():
    """The same generator gives the same noise; a common offset of the logits changes no draw."""
    noise = gumbel_noise((50, 7), rng())

    classes = sample_gumbel_max(ARTICLE, rng(), size=50)

    assert np.array_equal(classes, (ARTICLE + noise).argmax(axis=-1))
    assert np.array_equal(classes, sample_gumbel_max(ARTICLE + 2.0**52, rng(), size=50))


@pytest.mark.parametrize("i", range(3))
def test_each_entry_of_a_dirichlet_draw_has_a_beta_law(i):
    """Entry i is Beta(alpha_i, alpha_0 - alpha_i), for shapes below and above 1; without u^(1/alpha) all are 1 more."""
    alpha = np.array([0.05, 0.5, 2.5])

    p = sample_dirichlet(alpha, rng(), size=DRAWS)[:, i]

    assert distance(p, lambda x: betainc(alpha[i], alpha.sum() - alpha[i], x)) <= ALLOWED
    assert distance(p, lambda x: betainc(alpha[i] + 1, alpha.sum() - alpha[i] + 2, x)) > ALLOWED


def test_the_share_of_one_entry_in_two_has_a_beta_law():
    """p_1/(p_1 + p_2) is Beta(alpha_1, alpha_2), whatever the other entries do."""
    p = sample_dirichlet([1.5, 0.5, 3.0], rng(), size=DRAWS)

    assert distance(p[:, 0] / (p[:, 0] + p[:, 1]), lambda x: betainc(1.5, 0.5, x)) <= ALLOWED


@pytest.mark.parametrize("tiny", [1e-300, 1e-310, 5e-324])
def test_tiny_concentrations_give_a_corner_each(tiny):
    """In the limit of small alpha the draw is one-hot, at i with probability alpha_i/alpha_0."""
    alpha = tiny * np.array([1.0, 2, 5])

    p = sample_dirichlet(alpha, rng(), size=DRAWS)

    assert np.array_equal(np.sort(p, axis=-1), np.tile([0.0, 0, 1], (DRAWS, 1)))
    assert distance_of_classes(p.argmax(axis=-1), np.array([1, 2, 5]) / 8) <= ALLOWED


def test_concentrations_of_all_sizes_give_a_distribution():
    """From the smallest to the largest float, together: no draw is nan, all the mass is at the largest."""
    assert np.array_equal(sample_dirichlet([5e-324, 1e-300, 1.7e308], rng()), [0, 0, 1])
    assert np.array_equal(sample_dirichlet([0.3], rng(), size=2), [[1], [1]])


@pytest.mark.parametrize("sample", SAMPLERS)
def test_the_size_is_the_shape_of_the_draw(sample):
    """None gives a number, n a row of n, a tuple any shape, zero draws included."""
    assert np.shape(sample([1.0, 2], rng())) == ()
    assert sample([1.0, 2], rng()) in (0, 1)
    assert sample([1.0, 2], rng(), size=3).shape == (3,)
    assert sample([1.0, 2], rng(), size=(2, 0)).shape == (2, 0)
    assert sample([1.0, 2], rng(), size=np.int8(2)).dtype.kind == "i"


def test_noise_and_distributions_have_the_size_too():
    """A distribution has one axis more."""
    assert isinstance(gumbel_noise(None, rng()), float)
    assert gumbel_noise((2, 3), rng()).shape == (2, 3)
    assert sample_dirichlet([1.0, 2], rng()).shape == (2,)
    assert sample_dirichlet([1, 2], rng(), size=(4, 3)).shape == (4, 3, 2)


@pytest.mark.parametrize("sample", [*SAMPLERS, sample_dirichlet])
def test_the_same_seed_gives_the_same_draw_and_the_next_draw_is_another(sample):
    """Nothing but the generator is random, and its state moves on."""
    g = rng()

    assert np.array_equal(sample(ARTICLE, rng(), size=20), sample(ARTICLE, rng(), size=20))
    assert not np.array_equal(sample(ARTICLE, g, size=20), sample(ARTICLE, g, size=20))


@pytest.mark.parametrize("wrong", [None, 7, np.random.RandomState(0), np.random])
def test_randomness_comes_from_a_generator(wrong):
    """A seed, the legacy class and the module with its global state are refused by name."""
    for name, call in (
        ("gumbel_noise", lambda: gumbel_noise(3, wrong)),
        ("sample_categorical", lambda: sample_categorical([0.0], wrong)),
        ("sample_gumbel_max", lambda: sample_gumbel_max([0.0], wrong)),
        ("sample_dirichlet", lambda: sample_dirichlet([1.0], wrong)),
    ):
        with pytest.raises(TypeError, match=rf"^{name}: rng must be a numpy\.random\.Generator, got "):
            call()


@pytest.mark.parametrize("sample", SAMPLERS)
@pytest.mark.parametrize(
    ("z", "message"),
    [
        ([-np.inf, -np.inf], "z must hold a logit above -inf, got only -inf"),
        ([0.0, np.nan], "z must be below +inf, got nan"),
        ([0.0, np.inf], "z must be below +inf, got inf"),
        ([], "z must not be empty, got shape (0,)"),
        ([[0.0]], "z must have shape (K,), got shape (1, 1)"),
        (0.0, "z must have shape (K,), got shape ()"),
    ],
)
def test_logits_without_a_distribution_are_refused(sample, z, message):
    """There is nothing to draw from."""
    with pytest.raises(ValueError, match=f"^{sample.__name__}: {re.escape(message)}$"):
        sample(z, rng())


@pytest.mark.parametrize(
    ("alpha", "message"),
    [
        ([1.0, 0.0], "alpha must be above 0, got 0.0"),
        ([1.0, -2.0], "alpha must be above 0, got -2.0"),
        ([1.0, np.inf], "alpha must be finite, got inf"),
        ([1.0, np.nan], "alpha must be finite, got nan"),
        ([], "alpha must not be empty, got shape (0,)"),
    ],
)
def test_concentrations_are_positive(alpha, message):
    """0 is a corner and no law over the simplex."""
    with pytest.raises(ValueError, match=f"^sample_dirichlet: {re.escape(message)}$"):
        sample_dirichlet(alpha, rng())


@pytest.mark.parametrize("size", [-1, (2, -1)])
def test_a_negative_size_is_refused(size):
    """The name of the argument is the caller's."""
    with pytest.raises(
        ValueError, match=f"^sample_categorical: size must not be negative, got {re.escape(str(size))}$"
    ):
        sample_categorical([0.0], rng(), size=size)
    with pytest.raises(ValueError, match="^gumbel_noise: shape must not be negative, got "):
        gumbel_noise(size, rng())


def test_a_size_that_is_no_integer_is_refused():
    """Neither 2.0 nor text."""
    with pytest.raises(
        TypeError, match=r"^sample_dirichlet: size must be an integer or a tuple of integers, got 2\.0$"
    ):
        sample_dirichlet([1.0], rng(), size=2.0)
    with pytest.raises(TypeError, match="^sample_gumbel_max: z must hold real numbers, got dtype "):
        sample_gumbel_max(["a"], rng())
