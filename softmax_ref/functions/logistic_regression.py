"""Multinomial logistic regression: softmax of an affine map, its log loss, and the fit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import arguments, slices
from .loss import cross_entropy
from .loss_derivatives import cross_entropy_vjp
from .probabilities import softmax
from .slices import quiet


@quiet
def class_probabilities(X: ArrayLike, W: ArrayLike, b: ArrayLike) -> NDArray:
    r"""Return the probability of each class for each row of features.

    .. math:: P(y = k \mid x) = \operatorname{softmax}(W x + b)_k

    Parameters
    ----------
    X : array_like of real numbers, shape (N, F)
        A row of F features for each of N cases.
    W : array_like of real numbers, shape (K, F)
        Weights: a row for each of K classes, in the inverse units of the features.
    b : array_like of real numbers, shape (K,)
        Intercepts, dimensionless.

    Returns
    -------
    ndarray of float64, shape (N, K)
        Probabilities; each row sums to 1 within K units of roundoff.

    Raises
    ------
    ValueError
        A shape does not fit or is empty; X, W or b is not finite.
    TypeError
        X, W or b is complex, object or string.

    Notes
    -----
    Adding one vector to every row of W, or one number to all of b, changes nothing.

    Claims: C46, C47 (notebooks/09_classification.ipynb).
    Possible issues: an overflow of the logits W x + b makes the row nan.

    References
    ----------
    .. [1] Bishop (2006), Pattern Recognition and Machine Learning, Springer, Section 4.3.4.

    Examples
    --------
    >>> class_probabilities([[1.0, 5.0]], [[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0])
    array([[0.5, 0.5]])
    """
    X, W, b = affine_map("class_probabilities", X, W, b)
    return softmax(X @ W.T + b)


@quiet
def log_loss(
    X: ArrayLike, labels: ArrayLike, W: ArrayLike, b: ArrayLike, *, penalty: float = 0.0
) -> tuple[np.float64, NDArray, NDArray]:
    r"""Return the mean log loss of a logistic regression, with a ridge penalty, and its gradient.

    .. math::
        L(W, b) = -\frac{1}{N} \sum_n \log p_{n, y_n} + \frac{c}{2} \left(\|W\|^2 + \|b\|^2\right), \qquad
        \frac{\partial L}{\partial w_k} = \frac{1}{N} \sum_n (p_{nk} - \delta_{k, y_n}) x_n + c\, w_k

    Parameters
    ----------
    X : array_like of real numbers, shape (N, F)
        A row of F features for each of N cases.
    labels : array_like of integers, shape (N,)
        The class of each case, counted from 0.
    W : array_like of real numbers, shape (K, F)
        Weights: a row for each of K classes.
    b : array_like of real numbers, shape (K,)
        Intercepts, dimensionless.
    penalty : float
        The weight c >= 0 of the squares.

    Returns
    -------
    loss : float64
        The mean loss in nats, with the penalty.
    dW : ndarray of float64, shape (K, F)
        The gradient with respect to W.
    db : ndarray of float64, shape (K,)
        The gradient with respect to b; without a penalty it sums to 0 up to rounding.

    Raises
    ------
    ValueError
        A shape does not fit or is empty; X, W or b is not finite; a label or the penalty is out of range.
    TypeError
        X, W or b is complex, object or string; labels are not integers; the penalty is not a real number.

    Notes
    -----
    The intercepts are penalised too. So the loss is c-strongly convex, and a gradient of norm g leaves the loss at most
    g^2/(2c) above its minimum, whose rows of W (and entries of b) sum to 0.

    Claims: C46, C47, C50 (notebooks/09_classification.ipynb).
    Possible issues: without a penalty, classes that a plane separates have no best W: the loss falls for ever.

    References
    ----------
    .. [1] Bishop (2006), Pattern Recognition and Machine Learning, Springer, Section 4.3.4.
    .. [2] Boyd, Vandenberghe (2004), Convex Optimization, Cambridge University Press, Section 9.1.2.

    Examples
    --------
    >>> loss, dW, db = log_loss([[1.0]], [0], [[0.0], [0.0]], [0.0, 0.0])
    >>> dW
    array([[-0.5],
           [ 0.5]])
    """
    X, W, b = affine_map("log_loss", X, W, b)
    labels = arguments.classes("log_loss", "labels", labels, len(b))
    slices.same_shape("log_loss", "labels", labels, X.shape[:1], "one entry for each row of X,")
    return loss_and_gradient(X, labels, W, b, nonnegative("log_loss", penalty))


@quiet
def fit_logistic_regression(
    X: ArrayLike, labels: ArrayLike, *, penalty: float, tolerance: float = 1e-6
) -> tuple[NDArray, NDArray]:
    r"""Return the weights and intercepts of the least log loss, found by SciPy's L-BFGS-B.

    .. math:: (W, b) = \operatorname{argmin} L, \qquad L(W, b) - \min L \le \frac{\|\nabla L(W, b)\|^2}{2c}

    with L and its penalty c as in log_loss.

    Parameters
    ----------
    X : array_like of real numbers, shape (N, F)
        A row of F features for each of N cases; features of one size are best.
    labels : array_like of integers, shape (N,)
        The class of each case, counted from 0; the largest one gives K.
    penalty : float
        The weight c > 0 of the squares of W and b.
    tolerance : float
        The largest Euclidean norm of the gradient at the result.

    Returns
    -------
    W : ndarray of float64, shape (K, F)
        Weights: a row for each class.
    b : ndarray of float64, shape (K,)
        Intercepts.

    Raises
    ------
    ValueError
        A shape does not fit or is empty; X is not finite; a label is negative; penalty or tolerance is not positive.
    TypeError
        X is complex, object or string; labels are not integers; penalty or tolerance is not a real number.
    RuntimeError
        The minimiser stopped with a gradient above the tolerance.
    ModuleNotFoundError
        SciPy is not installed.

    Notes
    -----
    Claims: C46, C47, C50 (notebooks/09_classification.ipynb).
    Possible issues: the loss is flat to rounding where the gradient is near 1e-8; a smaller tolerance may not be met.

    References
    ----------
    .. [1] Byrd, Lu, Nocedal, Zhu (1995), SIAM Journal on Scientific Computing 16(5), 1190-1208.
    .. [2] Boyd, Vandenberghe (2004), Convex Optimization, Cambridge University Press, Section 9.1.2.

    Examples
    --------
    >>> W, b = fit_logistic_regression([[-1.0], [1.0]], [0, 1], penalty=0.5)
    >>> class_probabilities([[-1.0], [1.0]], W, b).argmax(axis=-1)
    array([0, 1])
    """
    try:
        from scipy.optimize import minimize
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "fit_logistic_regression: the minimiser needs SciPy, got none; pip install scipy"
        ) from None
    X = arguments.finite("fit_logistic_regression", "X", X, "N", "F")
    labels = arguments.classes("fit_logistic_regression", "labels", labels, np.inf)
    slices.same_shape("fit_logistic_regression", "labels", labels, X.shape[:1], "one entry for each row of X,")
    penalty, tolerance = (
        slices.positive_number("fit_logistic_regression", name, value)
        for name, value in (("penalty", penalty), ("tolerance", tolerance))
    )
    start = np.zeros((labels.max() + 1) * (X.shape[1] + 1))
    # No entry of the gradient above tolerance / sqrt(size): then its norm is not above the tolerance.
    options = {"gtol": tolerance / np.sqrt(start.size), "ftol": 0.0, "maxiter": 10_000, "maxfun": 20_000}
    found = minimize(flat_objective, start, (X, labels, penalty), "L-BFGS-B", jac=True, options=options)
    norm = np.linalg.norm(found.jac)
    if not norm <= tolerance:
        raise RuntimeError(
            f"fit_logistic_regression: the gradient must come below tolerance {tolerance}, got norm {norm:.2g}; "
            "raise tolerance or penalty"
        )
    both = found.x.reshape(-1, X.shape[1] + 1)
    return both[:, :-1].copy(), both[:, -1].copy()


def affine_map(function, X, W, b):
    """Return features, weights and intercepts whose shapes fit."""
    X = arguments.finite(function, "X", X, "N", "F")
    W = arguments.finite(function, "W", W, "K", X.shape[1])
    return X, W, arguments.finite(function, "b", b, len(W))


def nonnegative(function, penalty):
    """Return the penalty as a float that is not negative."""
    penalty = slices.real_number(function, "penalty", penalty)
    if penalty < 0:
        raise ValueError(f"{function}: penalty must not be negative, got {penalty}")
    return penalty


def loss_and_gradient(X, labels, W, b, penalty):
    """Return the loss and its gradient for arguments that have been checked."""
    z = X @ W.T + b
    loss = cross_entropy(z, labels).mean() + penalty / 2 * ((W**2).sum() + (b**2).sum())
    dz = cross_entropy_vjp(z, labels, np.full(len(X), 1 / len(X)))
    return loss, dz.T @ X + penalty * W, dz.sum(axis=0) + penalty * b


def flat_objective(flat, X, labels, penalty):
    """Return the loss and its gradient for weights and intercepts in one row: each class after the other."""
    both = flat.reshape(-1, X.shape[1] + 1)
    loss, dW, db = loss_and_gradient(X, labels, both[:, :-1], both[:, -1], penalty)
    return loss, np.column_stack([dW, db]).ravel()
