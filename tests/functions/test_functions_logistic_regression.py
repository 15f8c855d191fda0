"""class_probabilities, log_loss and fit_logistic_regression."""

import math
import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from softmax_ref import certify
from softmax_ref.functions import class_probabilities, fit_logistic_regression, log_loss, softmax

U = np.finfo(float).eps / 2
PROMISED = 4  # ulp of softmax and of the gradient, the promise of the design; an ulp is at most 2 U of the number
PENALTY = 0.01


def problem(N=20, F=5, K=4, seed=1):
    """Return features, labels, weights and intercepts."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N, F)), rng.integers(K, size=N), rng.normal(size=(K, F)), rng.normal(size=K)


def integers(N=6, F=3, K=4, seed=1):
    """Return features, weights and intercepts whose products and sums are exact."""
    rng = np.random.default_rng(seed)
    return (rng.integers(-4, 5, size=shape) for shape in ((N, F), (K, F), K))


def norm(dW, db):
    return math.hypot(*dW.ravel(), *db)


def rounding(X, W, b, loss):
    """Bound the error of a loss: F + 2 roundings in a logit, which counts twice, and N + K + 30 in the mean."""
    logits = (abs(X) @ abs(W).T + abs(b)).max()
    return U * (2 * (X.shape[1] + 2) * logits + (len(X) + len(b) + 30) * loss)


def test_the_probabilities_are_the_softmax_of_an_affine_map():
    """One inner product a class, plus its intercept: the same bits where integers make the logits exact."""
    X, W, b = integers()

    p = class_probabilities(X, W, b)

    for x, row in zip(X.tolist(), p, strict=True):
        z = [
            float(sum(w * f for w, f in zip(weights, x, strict=True)) + c)
            for weights, c in zip(W.tolist(), b, strict=True)
        ]
        exact = certify("softmax", z).values
        assert np.array_equal(row, softmax(z))
        assert (abs(row - exact) <= PROMISED * np.spacing(exact)).all()


def test_the_parameters_are_redundant():
    """One vector added to every row of W and one number to all of b change no bit, where the logits are exact."""
    X, W, b = integers()

    assert np.array_equal(class_probabilities(X, W + [5, -7, 3], b + 11), class_probabilities(X, W, b))
    assert not np.array_equal(class_probabilities(X, W + [[1], [0], [0], [0]], b), class_probabilities(X, W, b))


def test_weights_of_zero_cost_log_k():
    """Without knowledge every class has 1/K."""
    X, labels, W, b = problem()

    loss, _, _ = log_loss(X, labels, 0 * W, 0 * b)

    assert abs(loss - math.log(4)) <= (PROMISED * 2 + len(X)) * U * loss


def test_the_loss_is_the_mean_negative_logarithm_of_the_right_class():
    """The penalty is half the weight times the sum of all squares, intercepts included."""
    X, labels, W, b = problem()
    squares = (W**2).sum() + (b**2).sum()
    p = class_probabilities(X, W, b)[np.arange(len(X)), labels]

    loss = log_loss(X, labels, W, b, penalty=0.3)[0]

    assert abs(loss - (-np.log(p).mean() + 0.15 * squares)) <= (len(X) + W.size + 30) * U * loss


@pytest.mark.parametrize("penalty", [0.0, 0.25])
def test_the_gradient_is_probability_minus_one_hot(penalty):
    """(p - onehot)^T X / N + c W: both sides have sums of N terms with a few roundings each."""
    X, labels, W, b = problem()
    p, onehot = class_probabilities(X, W, b), np.eye(4)[labels]
    allowed = 2 * (len(X) + 2 * PROMISED + 4) * U

    _, dW, db = log_loss(X, labels, W, b, penalty=penalty)

    wanted = (p - onehot).T @ X / len(X) + penalty * W
    assert (abs(dW - wanted) <= allowed * ((p + onehot).T @ abs(X) / len(X) + penalty * abs(W))).all()
    assert (abs(db - (p - onehot).mean(axis=0) - penalty * b) <= allowed * ((p + onehot).mean(axis=0) + abs(b))).all()


@given(st.integers(0, 10_000))
def test_the_gradient_is_the_slope_of_the_loss(seed):
    """Central differences along a line; the third derivative is the third cumulant of a slope of the logits.

    With slopes of range R it is at most R Var <= R^3/4, so the difference is off by h^2 R^3/24, and by rounding / h.
    """
    X, labels, W, b = problem(seed=seed)
    V, v = np.random.default_rng(seed + 1).normal(size=(2, 4, 6))[0, :, :5], np.ones(4)
    h = 2.0**-14

    (up, _, _), (down, _, _) = (log_loss(X, labels, W + t * V, b + t * v, penalty=PENALTY) for t in (h, -h))
    _, dW, db = log_loss(X, labels, W, b, penalty=PENALTY)

    R = np.ptp(X @ V.T + v, axis=-1).max()
    allowed = h**2 * R**3 / 24 + 2 * rounding(X, abs(W) + h * abs(V), abs(b) + h, up) / h
    assert abs((up - down) / (2 * h) - ((dW * V).sum() + (db * v).sum())) <= allowed


@given(st.integers(0, 10_000))
def test_the_loss_is_strongly_convex(seed):
    """At the middle it is at least c/8 times the squared distance below the mean of the ends."""
    X, labels, W, b = problem(seed=seed)
    _, _, V, v = problem(seed=seed + 1)

    left, right, middle = (
        log_loss(X, labels, A, a, penalty=PENALTY)[0] for A, a in ((W, b), (V, v), ((W + V) / 2, (b + v) / 2))
    )

    slack = 3 * rounding(X, abs(W) + abs(V), abs(b) + abs(v), left + right)
    assert middle <= (left + right) / 2 - PENALTY / 8 * norm(W - V, b - v) ** 2 + slack


@pytest.fixture(scope="module")
def digits():
    """Return 400 handwritten digits, with pixels from 0 to 1."""
    X, labels = load_digits(return_X_y=True)
    return X[:400] / 16, labels[:400]


@pytest.fixture(scope="module")
def fitted(digits):
    """Return the weights and intercepts of the digits."""
    return fit_logistic_regression(*digits, penalty=PENALTY)


def test_the_fit_is_as_near_to_the_minimum_as_its_gradient_says(digits, fitted):
    """The gradient is below the tolerance, and no neighbour in 20 directions is lower than the bound allows."""
    loss, dW, db = log_loss(*digits, *fitted, penalty=PENALTY)
    rng = np.random.default_rng(3)

    assert norm(dW, db) <= 1e-6
    for size in np.geomspace(1e-6, 1, 20):
        step = size * rng.normal(size=(10, 65))
        moved = (fitted[0] + step[:, :-1], fitted[1] + step[:, -1])
        there = log_loss(*digits, *moved, penalty=PENALTY)[0]
        assert there >= loss - 1e-6**2 / (2 * PENALTY) - 2 * rounding(digits[0], *moved, there)


def test_scikit_learn_finds_the_same_minimum(digits, fitted):
    """Each is within g^2/(2c) of the least loss and within g/c of its place, where g is the norm of its gradient.

    Its C is 1/(N c). A feature that is always 1 makes its intercepts penalised ones.
    """
    X, labels = digits
    model = LogisticRegression(C=1 / (len(X) * PENALTY), fit_intercept=False, tol=1e-6, max_iter=10_000)
    theirs = model.fit(np.column_stack([X, np.ones(len(X))]), labels).coef_
    theirs = theirs[:, :-1], theirs[:, -1]

    (ours_loss, *ours_slope), (their_loss, *their_slope) = (
        log_loss(X, labels, *found, penalty=PENALTY) for found in (fitted, theirs)
    )

    g, h = norm(*ours_slope), norm(*their_slope)
    slack = rounding(X, *fitted, ours_loss) + rounding(X, *theirs, their_loss)
    assert abs(ours_loss - their_loss) <= max(g, h) ** 2 / (2 * PENALTY) + slack
    assert max(g, h) ** 2 / (2 * PENALTY) <= 1e-6 * ours_loss
    assert norm(fitted[0] - theirs[0], fitted[1] - theirs[1]) <= (g + h) / PENALTY + slack


def test_the_penalty_removes_the_redundancy(digits, fitted):
    """The gradient's rows sum to c times the rows of W: at the minimum these sum to 0."""
    W, b = fitted
    allowed = math.sqrt(len(b)) * 1e-6 / PENALTY

    assert W.shape == (10, 64)
    assert norm(W.sum(axis=0), b.sum(keepdims=True)) <= allowed


def test_most_digits_are_recognised(digits, fitted):
    """Nine in ten of those that it was fitted to, where guessing gives one in ten."""
    X, labels = digits

    assert (class_probabilities(X, *fitted).argmax(axis=-1) == labels).mean() > 0.9


def test_two_points_have_a_minimum_in_closed_form():
    """x = -1 and 1 for two classes: W = (-w, w) with c w (1 + e^(2w)) = 1, no intercepts; the fit is within g/c.

    The root is found to 1e-11, five times what brentq asks for.
    """
    c, g = 0.25, 1e-8
    w = brentq(lambda w: c * w * (1 + math.exp(2 * w)) - 1, 0, 2)

    W, b = fit_logistic_regression([[-1.0], [1.0]], [0, 1], penalty=c, tolerance=g)

    assert norm(W - [[-w], [w]], b) <= g / c + 1e-11


def test_without_scipy_the_fit_says_what_to_install(monkeypatch):
    """Only the fit needs it."""
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)

    message = "fit_logistic_regression: the minimiser needs SciPy, got none; pip install scipy"
    with pytest.raises(ModuleNotFoundError, match=f"^{re.escape(message)}$"):
        fit_logistic_regression([[1.0]], [0], penalty=1.0)


def test_a_fit_that_misses_its_tolerance_is_no_fit():
    """The gradient that was reached is in the message."""
    X, labels, _, _ = problem()

    with pytest.raises(
        RuntimeError, match=r"^fit_logistic_regression: the gradient must come below tolerance 1e-30, got"
    ):
        fit_logistic_regression(X, labels, penalty=0.1, tolerance=1e-30)


ONE = ([[1.0]], [0], [[0.0], [0.0]], [0.0, 0.0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: log_loss(ONE[0], [2], *ONE[2:]), ValueError, "log_loss: labels must lie in [0, 2), got 2"),
        (lambda: log_loss(ONE[0], [-1], *ONE[2:]), ValueError, "log_loss: labels must lie in [0, 2), got -1"),
        (lambda: log_loss(ONE[0], [0.0], *ONE[2:]), TypeError, "log_loss: labels must be integers, got dtype float64"),
        (
            lambda: log_loss(ONE[0], [0, 1], *ONE[2:]),
            ValueError,
            "log_loss: labels must have one entry for each row of X, (1,), got shape (2,)",
        ),
        (lambda: log_loss(*ONE, penalty=-1), ValueError, "log_loss: penalty must not be negative, got -1.0"),
        (lambda: log_loss(*ONE, penalty=math.nan), ValueError, "log_loss: penalty must be finite, got nan"),
        (
            lambda: class_probabilities([1.0], *ONE[2:]),
            ValueError,
            "class_probabilities: X must have shape (N, F), got shape (1,)",
        ),
        (
            lambda: class_probabilities([[1.0, 2.0]], *ONE[2:]),
            ValueError,
            "class_probabilities: W must have shape (K, 2), got shape (2, 1)",
        ),
        (
            lambda: class_probabilities(ONE[0], ONE[2], [0.0]),
            ValueError,
            "class_probabilities: b must have shape (2,), got shape (1,)",
        ),
        (
            lambda: class_probabilities([[math.nan]], *ONE[2:]),
            ValueError,
            "class_probabilities: X must be finite, got nan",
        ),
        (
            lambda: fit_logistic_regression([[1.0]], [0], penalty=0),
            ValueError,
            "fit_logistic_regression: penalty must be positive, got 0",
        ),
        (
            lambda: fit_logistic_regression([[1.0]], [0], penalty=1, tolerance=-1.0),
            ValueError,
            "fit_logistic_regression: tolerance must be positive, got -1.0",
        ),
        (
            lambda: fit_logistic_regression([[1.0], [2.0]], [0, -1], penalty=1),
            ValueError,
            "fit_logistic_regression: labels must lie in [0, inf), got -1",
        ),
        (
            lambda: fit_logistic_regression(np.zeros((0, 2)), [], penalty=1),
            ValueError,
            "fit_logistic_regression: X must not be empty, got shape (0, 2)",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, error, message):
    """The message names function, argument and value."""
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call()
