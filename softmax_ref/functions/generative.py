"""Generative classifiers: a model of each class gives logits whose softmax is the posterior."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import arguments
from .slices import quiet


@quiet
def lda_logits(X: ArrayLike, means: ArrayLike, covariance: ArrayLike, priors: ArrayLike) -> NDArray:
    r"""Return the logits of linear discriminant analysis: Gaussian classes that share their covariance.

    .. math::
        z_k = a \cdot m_k - \tfrac12 \|m_k\|^2 + \log \pi_k, \qquad
        a = L^{-1} (x - \bar\mu), \quad m_k = L^{-1} (\mu_k - \bar\mu), \quad \Sigma = L L^{\mathsf T}

    Parameters
    ----------
    X : array_like of real numbers, shape (N, F)
        A row of F features for each of N cases.
    means : array_like of real numbers, shape (K, F)
        The mean of each of K classes, in the units of the features.
    covariance : array_like of real numbers, shape (F, F)
        The covariance of every class, symmetric and positive definite.
    priors : array_like of real numbers, shape (K,)
        The probability of each class before x is seen; 0 is allowed.

    Returns
    -------
    ndarray of float64, shape (N, K)
        Logits in nats, affine in x; their softmax is the posterior.

    Raises
    ------
    ValueError
        A shape does not fit or is empty; an argument is not finite; covariance is not symmetric or not positive
        definite; priors are not a distribution.
    TypeError
        An argument is complex, object or string.

    Notes
    -----
    What all classes share is left out: x^T S^-1 x of the density, and the mean of the means, so that features far from
    0 do not cancel.

    Claims: C48 (notebooks/09_classification.ipynb).
    Possible issues: the error grows with the condition number of covariance; nearly dependent features are the cause.

    References
    ----------
    .. [1] Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, Springer, Section 4.3.

    Examples
    --------
    >>> lda_logits([[0.0], [1.0]], [[-1.0], [1.0]], [[1.0]], [0.5, 0.5]).argmax(axis=-1)
    array([0, 1])
    """
    X, means, priors = class_tables("lda_logits", X, means, priors)
    root = cholesky_root("lda_logits", covariance, X.shape[1])
    centre = means.mean(axis=0)
    a, m = (solved(root, (points - centre).T) for points in (X, means))
    return a.T @ m - (m**2).sum(axis=0) / 2 + np.log(priors)


@quiet
def gaussian_naive_bayes_logits(X: ArrayLike, means: ArrayLike, variances: ArrayLike, priors: ArrayLike) -> NDArray:
    r"""Return the logits of Gaussian naive Bayes: in each class the features are independent and normal.

    .. math::
        z_k = \log \pi_k - \frac12 \sum_f \left( \log(2 \pi v_{kf}) + \frac{(x_f - \mu_{kf})^2}{v_{kf}} \right)

    Parameters
    ----------
    X : array_like of real numbers, shape (N, F)
        A row of F features for each of N cases.
    means : array_like of real numbers, shape (K, F)
        The mean of each feature in each of K classes.
    variances : array_like of real numbers, shape (K, F)
        The variance of each feature in each class, above 0, in squared units of the feature.
    priors : array_like of real numbers, shape (K,)
        The probability of each class before x is seen; 0 is allowed.

    Returns
    -------
    ndarray of float64, shape (N, K)
        Logits in nats: the log density of class and features together; their softmax is the posterior.

    Raises
    ------
    ValueError
        A shape does not fit or is empty; an argument is not finite; a variance is not above 0; priors are not a
        distribution.
    TypeError
        An argument is complex, object or string.

    Notes
    -----
    The logits are quadratic in x; with variances that the classes share they differ by affine functions only.

    Claims: C49 (notebooks/09_classification.ipynb).
    Possible issues: features that are not independent are counted twice, and the posterior is too sure.

    References
    ----------
    .. [1] Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, Springer, Section 6.6.3.

    Examples
    --------
    >>> gaussian_naive_bayes_logits([[1.0]], [[-1.0], [1.0]], [[1.0], [1.0]], [0.5, 0.5]).argmax(axis=-1)
    array([1])
    """
    X, means, priors = class_tables("gaussian_naive_bayes_logits", X, means, priors)
    v = arguments.finite("gaussian_naive_bayes_logits", "variances", variances, *means.shape)
    arguments.refuse("gaussian_naive_bayes_logits", "variances", v, v <= 0, "be above 0")
    # (x - mu)/s is squared after the division, so that no square overflows before its time.
    squares = [(((X - mean) / scale) ** 2).sum(axis=1) for mean, scale in zip(means, np.sqrt(v), strict=True)]
    return np.log(priors) - (np.log(2 * np.pi) + np.log(v)).sum(axis=1) / 2 - np.transpose(squares) / 2


@quiet
def multinomial_naive_bayes_logits(X: ArrayLike, feature_log_probabilities: ArrayLike, priors: ArrayLike) -> NDArray:
    r"""Return the logits of multinomial naive Bayes: in each class the features are counts of independent draws.

    .. math:: z_k = \log \pi_k + \sum_f x_f \log \theta_{kf}

    Parameters
    ----------
    X : array_like of real numbers, shape (N, F)
        Counts, at least 0: how often each of F features occurs in each of N cases.
    feature_log_probabilities : array_like of real numbers, shape (K, F)
        The logarithm of the probability of each feature in each of K classes, in nats, finite and at most 0.
    priors : array_like of real numbers, shape (K,)
        The probability of each class before x is seen; 0 is allowed.

    Returns
    -------
    ndarray of float64, shape (N, K)
        Logits in nats, affine in x; their softmax is the posterior.

    Raises
    ------
    ValueError
        A shape does not fit or is empty; an argument is not finite; a count is below 0; a log-probability is above 0;
        priors are not a distribution.
    TypeError
        An argument is complex, object or string.

    Notes
    -----
    The multinomial coefficient is the same for every class and is left out.

    Claims: C49 (notebooks/09_classification.ipynb).
    Possible issues: a feature that a class never showed has the logarithm -inf, which is refused: smooth the counts.

    References
    ----------
    .. [1] Manning, Raghavan, Schuetze (2008), Introduction to Information Retrieval, Cambridge University Press,
       Section 13.2.

    Examples
    --------
    >>> theta = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> multinomial_naive_bayes_logits([[3, 1], [0, 2]], np.log(theta), [0.5, 0.5]).argmax(axis=-1)
    array([0, 1])
    """
    X, log_theta, priors = class_tables(
        "multinomial_naive_bayes_logits", X, feature_log_probabilities, priors, name="feature_log_probabilities"
    )
    arguments.refuse("multinomial_naive_bayes_logits", "X", X, X < 0, "not be negative")
    arguments.refuse(
        "multinomial_naive_bayes_logits", "feature_log_probabilities", log_theta, log_theta > 0, "be at most 0"
    )
    return X @ log_theta.T + np.log(priors)


def class_tables(function, X, table, priors, name="means"):
    """Return features, a table with a row for each class, and priors, whose shapes fit."""
    X = arguments.finite(function, "X", X, "N", "F")
    table = arguments.finite(function, name, table, "K", X.shape[1])
    return X, table, arguments.distribution(function, "priors", priors, len(table))


def cholesky_root(function, covariance, F):
    """Return the lower triangle L with L L^T = covariance, or raise ValueError."""
    S = arguments.finite(function, "covariance", covariance, F, F)
    asymmetry = abs(S - S.T).max()
    if asymmetry > F * np.finfo(float).eps * abs(S).max():
        raise ValueError(f"{function}: covariance must be symmetric, got entries that differ by {asymmetry:.2g}")
    try:
        return np.linalg.cholesky(S)
    except np.linalg.LinAlgError:
        least = np.linalg.eigvalsh(S)[0]
        raise ValueError(
            f"{function}: covariance must be positive definite, got {least:.2g} as its least eigenvalue"
        ) from None


def solved(L, columns):
    """Return L^-1 columns by forward substitution, for a lower triangle L."""
    y = np.empty_like(columns)
    for i, row in enumerate(L):
        y[i] = (columns[i] - row[:i] @ y[:i]) / row[i]
    return y
