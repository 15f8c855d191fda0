"""lda_logits, gaussian_naive_bayes_logits and multinomial_naive_bayes_logits.

Logits that differ by at most e, apart from what a row has in common, have posteriors whose ratios lie within
exp(-2e) and exp(2e). So a bound for the rounding of the logits is one for the posteriors.
"""

import re

import numpy as np
import pytest
from scipy.stats import multinomial, multivariate_normal, norm
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB, MultinomialNB

from softmax_ref.functions import (
    gaussian_naive_bayes_logits,
    lda_logits,
    logsumexp,
    multinomial_naive_bayes_logits,
    softmax,
)

U = np.finfo(float).eps / 2
PRIORS = np.array([0.5, 0.125, 0.375])


def lengths(table):
    return np.sqrt((table**2).sum(axis=-1))


def lda_error(X, means, covariance, priors):
    """Bound the error of a logit of lda_logits, to first order, doubled.

    Factor and substitutions together solve with covariance + D, where |D| <= (3F + 1) U |L| |L^T| (Higham 2002, Theorem
    10.4), and the norm of |L| |L^T| is at most F times that of the covariance. The inner product of a and m moves by
    no more than |a| |m| |D| / least eigenvalue. F + 4 roundings are left: the products, the differences, the sum.
    """
    F, condition = X.shape[1], np.linalg.cond(covariance)
    L, centre = np.linalg.cholesky(covariance), means.mean(axis=0)
    a, m = (lengths(np.linalg.solve(L, (points - centre).T).T) for points in (X, means))
    size = (a.max() + m.max()) * m.max()
    return 2 * U * ((F * (3 * F + 1) + F + 4) * condition * size + 3 * size - np.log(priors).min())


def scikit_lda_error(X, model):
    """Bound the error of a logit of a model from the residual of its coefficients w: covariance w = mean + r.

    w is off by covariance^-1 r, and its logit by (x - mean/2) times that; F + 3 roundings are left.
    """
    w, means, covariance = model.coef_, model.means_, model.covariance_
    F, sizes = X.shape[1], abs(model.coef_) @ abs(covariance) + abs(means)
    residual = lengths(w @ covariance - means) + (F + 2) * U * lengths(sizes)
    reach = lengths(X).max() + lengths(means).max()
    rest = (F + 3) * U * (abs(X).max(axis=0) + abs(means).max(axis=0)) @ abs(w).max(axis=0)
    return 2 * (reach * residual.max() / np.linalg.eigvalsh(covariance)[0] + rest - U * np.log(model.priors_).min())


def gaussian_error(X, means, variances, priors):
    """Bound the error of a logit, to first order: every term has at most 7 roundings, 2 logarithms of 4, F sums."""
    squares = (X[:, None] - means) ** 2 / variances
    sizes = (squares + abs(np.log(variances)) + 2).sum(axis=-1) - np.log(priors)
    return (X.shape[1] + 10) * U * sizes.max()


def multinomial_error(X, log_theta, priors):
    """Bound the error of a logit: F products and their sum."""
    return (X.shape[1] + 2) * U * (X @ abs(log_theta).T - np.log(priors)).max()


def largest_ratio(z, other):
    """Return the largest logarithm of a ratio of posteriors that two tables of logits can give."""
    return np.ptp(z - other, axis=-1).max()


def posteriors_agree(z, q, error):
    """Compare softmax(z) with q, whose own softmax costs 4 (|z| + K + 10) roundings more."""
    p = softmax(z)
    allowed = 2 * error + 4 * (np.ptp(z, axis=-1).max() + z.shape[-1] + 10) * U
    assert allowed < 0.01
    return (abs(p - q) <= np.expm1(allowed) * p + 2 * np.finfo(float).smallest_subnormal).all()


@pytest.mark.parametrize("solver", ["lsqr", "eigen"])
@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_linear_discriminant_analysis_agrees_with_scikit_learn(load, solver):
    """The two logits differ by what the classes share, and by two bounded errors; the posteriors by twice these."""
    X, y = load(return_X_y=True)
    model = LinearDiscriminantAnalysis(solver=solver, store_covariance=True, priors=PRIORS).fit(X, y)
    parameters = (model.means_, model.covariance_, model.priors_)
    error = lda_error(X, *parameters) + scikit_lda_error(X, model)

    z = lda_logits(X, *parameters)

    assert largest_ratio(z, model.decision_function(X)) <= 2 * error
    assert posteriors_agree(z, model.predict_proba(X), error)
    assert not posteriors_agree(z - np.log(PRIORS), model.predict_proba(X), error)


@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_gaussian_naive_bayes_agrees_with_scikit_learn(load):
    """The log joint densities agree, and so do the posteriors."""
    X, y = load(return_X_y=True)
    model = GaussianNB(priors=PRIORS).fit(X, y)
    parameters = (model.theta_, model.var_, model.class_prior_)
    error = 2 * gaussian_error(X, *parameters)

    z = gaussian_naive_bayes_logits(X, *parameters)

    assert (abs(z - model.predict_joint_log_proba(X)) <= error).all()
    assert posteriors_agree(z, model.predict_proba(X), error)
    assert not posteriors_agree(z + np.log(model.var_).sum(axis=-1) / 2, model.predict_proba(X), error)


def test_multinomial_naive_bayes_agrees_with_scikit_learn():
    """Counts of grey levels in handwritten digits; the smoothing is theirs."""
    X, y = load_digits(return_X_y=True)
    model = MultinomialNB().fit(X, y)
    priors = np.exp(model.class_log_prior_)
    error = 2 * multinomial_error(X, model.feature_log_prob_, priors)

    z = multinomial_naive_bayes_logits(X, model.feature_log_prob_, priors)

    assert (abs(z - model.predict_joint_log_proba(X)) <= error).all()
    assert posteriors_agree(z, model.predict_proba(X), error)
    assert not posteriors_agree(z - np.log(priors), model.predict_proba(X), error)


def model(K=3, F=4):
    """Return features, means, a covariance, variances and counts."""
    rng = np.random.default_rng(5)
    A = rng.normal(size=(F, F))
    return rng.normal(size=(9, F)), rng.normal(size=(K, F)), A @ A.T + np.eye(F), rng.uniform(0.5, 2, (K, F))


def test_gaussian_classes_with_one_covariance_have_the_posterior_of_lda():
    """Bayes' rule on SciPy's normal densities, whose own error is of the size of ours."""
    X, means, covariance, _ = model()
    joint = np.column_stack([multivariate_normal(m, covariance).logpdf(X) for m in means]) + np.log(PRIORS)
    size = abs(joint).max()

    z = lda_logits(X, means, covariance, PRIORS)

    assert largest_ratio(z, joint) <= 4 * (lda_error(X, means, covariance, PRIORS) + 20 * U * size)


def test_the_logits_of_lda_are_affine_and_need_their_intercepts():
    """z(x) + z(y) = z(x + y) + z(0), and z(0) is not 0."""
    X, means, covariance, _ = model()
    zero = np.zeros((1, 4))

    def logits(X):
        return lda_logits(X, means, covariance, PRIORS)

    error = lda_error(np.vstack([X, X + X[::-1]]), means, covariance, PRIORS)
    assert (abs(logits(X) + logits(X[::-1]) - logits(X + X[::-1]) - logits(zero)) <= 4 * error).all()
    assert np.ptp(logits(zero)) > 4 * error


def test_features_far_from_zero_keep_their_digits():
    """A common offset of features and means that is exact changes no bit; x^T S^-1 mu would lose 2^60."""
    X, means = np.array([[1.0, 2], [3, -1]]), np.array([[0.0, 0], [2, 0], [4, 6]])
    covariance = np.array([[2.0, 0.5], [0.5, 1]])

    z = lda_logits(X + 2.0**30, means + 2.0**30, covariance, PRIORS)

    assert np.array_equal(z, lda_logits(X, means, covariance, PRIORS))


def test_shared_variances_make_naive_bayes_linear():
    """With one diagonal covariance the two classifiers are one."""
    X, means, _, variances = model()
    v = variances[0]
    error = gaussian_error(X, means, v, PRIORS) + lda_error(X, means, np.diag(v), PRIORS)

    z = gaussian_naive_bayes_logits(X, means, np.tile(v, (3, 1)), PRIORS)

    assert largest_ratio(z, lda_logits(X, means, np.diag(v), PRIORS)) <= 2 * error


def test_the_logits_of_gaussian_naive_bayes_are_log_densities():
    """Their LSE is the log density of the features, as SciPy's normal density adds it up."""
    X, means, _, variances = model()
    joint = sum(norm(means[:, f], np.sqrt(variances[:, f])).logpdf(X[:, [f]]) for f in range(4)) + np.log(PRIORS)

    z = gaussian_naive_bayes_logits(X, means, variances, PRIORS)

    assert (abs(logsumexp(z) - logsumexp(joint)) <= 3 * gaussian_error(X, means, variances, PRIORS)).all()


def test_the_logits_of_multinomial_naive_bayes_lack_one_coefficient():
    """SciPy's log probability mass is larger by the multinomial coefficient, which is the same for all classes."""
    X = np.array([[3, 0, 1], [0, 0, 0], [7, 2, 2]])
    theta = np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]])
    priors = [0.25, 0.75]
    mass = np.column_stack([[multinomial.logpmf(x, x.sum(), t) for x in X] for t in theta]) + np.log(priors)
    # The factorials of the coefficient are at most 11!, the other terms at most 11 log 8.
    size = np.log(40_000_000) + 11 * np.log(8)

    z = multinomial_naive_bayes_logits(X, np.log(theta), priors)

    assert largest_ratio(z, mass) <= 2 * 20 * U * size


@pytest.mark.parametrize("scale", [2.0**-30, 1.0, 2.0**30])
def test_a_covariance_may_be_asymmetric_by_rounding_only(scale):
    """Whatever the units: one unit in the last place is rounding, 2^20 of them are a mistake."""
    X, means = scale * np.eye(2), scale * np.eye(2)

    assert lda_logits(X, means, scale**2 * np.array([[1, 0.5], [0.5 + 2.0**-53, 1]]), [0.5, 0.5]).shape == (2, 2)
    with pytest.raises(ValueError, match="^lda_logits: covariance must be symmetric, got entries that differ by "):
        lda_logits(X, means, scale**2 * np.array([[1, 0.5], [0.5 + 2.0**-33, 1]]), [0.5, 0.5])


@pytest.mark.parametrize("f", [lda_logits, gaussian_naive_bayes_logits, multinomial_naive_bayes_logits])
def test_a_class_without_prior_has_no_posterior(f):
    """Its logit is -inf, and the others share the posterior."""
    table = np.array([[-1.0, -2], [-2, -1]])
    spread = {lda_logits: [np.eye(2)], gaussian_naive_bayes_logits: [np.ones((2, 2))]}.get(f, [])

    p = softmax(f([[1, 0], [0, 1]], table, *spread, [1.0, 0.0]))

    assert np.array_equal(p, [[1, 0], [1, 0]])


X1, M1, S1, P1 = [[1.0, 2]], [[0.0, 0], [1, 1]], [[1.0, 0], [0, 1]], [0.5, 0.5]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: lda_logits(X1, M1, [[1, 2], [2, 1]], P1),
            "lda_logits: covariance must be positive definite, got -1 as its least eigenvalue",
        ),
        (
            lambda: lda_logits(X1, M1, [[1, 0.5], [0, 1]], P1),
            "lda_logits: covariance must be symmetric, got entries that differ by 0.5",
        ),
        (lambda: lda_logits(X1, M1, [[1.0]], P1), "lda_logits: covariance must have shape (2, 2), got shape (1, 1)"),
        (lambda: lda_logits(X1, M1, [[1, 0], [0, np.nan]], P1), "lda_logits: covariance must be finite, got nan"),
        (lambda: lda_logits(X1, M1, S1, [0.5, 0.4]), "lda_logits: priors must sum to 1, got sum 0.9"),
        (lambda: lda_logits(X1, M1, S1, [1.5, -0.5]), "lda_logits: priors must not be negative, got -0.5"),
        (lambda: lda_logits(X1, M1, S1, [1.0]), "lda_logits: priors must have shape (2,), got shape (1,)"),
        (lambda: lda_logits([[1.0]], M1, S1, P1), "lda_logits: means must have shape (K, 1), got shape (2, 2)"),
        (lambda: lda_logits([[np.inf, 0]], M1, S1, P1), "lda_logits: X must be finite, got inf"),
        (
            lambda: gaussian_naive_bayes_logits(X1, M1, [[1.0, 1], [1, 0]], P1),
            "gaussian_naive_bayes_logits: variances must be above 0, got 0.0",
        ),
        (
            lambda: gaussian_naive_bayes_logits(X1, M1, [1.0, 1], P1),
            "gaussian_naive_bayes_logits: variances must have shape (2, 2), got shape (2,)",
        ),
        (
            lambda: multinomial_naive_bayes_logits([[-1, 2]], np.log([[0.5, 0.5]]), [1]),
            "multinomial_naive_bayes_logits: X must not be negative, got -1.0",
        ),
        (
            lambda: multinomial_naive_bayes_logits([[1, 2]], [[0.5, 0.5]], [1]),
            "multinomial_naive_bayes_logits: feature_log_probabilities must be at most 0, got 0.5",
        ),
        (
            lambda: multinomial_naive_bayes_logits([[1, 2]], [[0, -np.inf]], [1]),
            "multinomial_naive_bayes_logits: feature_log_probabilities must be finite, got -inf",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, message):
    """The message names function, argument and value."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()
