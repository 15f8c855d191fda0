"""What the formulas say: the small numerical reference, in plain NumPy."""

from .averages import boltzmann_operator, entropy, heat_capacity, mean_energy
from .jacobian import logsumexp_hessian, softmax_jacobian
from .log_ratios import clr, clr_inv
from .loss import cross_entropy
from .loss_derivatives import cross_entropy_jvp, cross_entropy_vjp
from .partition import logaddexp, logsumexp
from .partition_derivatives import logaddexp_jvp, logaddexp_vjp, logsumexp_jvp, logsumexp_vjp
from .probabilities import log_softmax, softmax
from .probabilities_derivatives import log_softmax_jvp, log_softmax_vjp, softmax_jvp, softmax_vjp
from .sampling import gumbel_noise, sample_categorical, sample_dirichlet, sample_gumbel_max
from .smooth_argmax import argmax_one_hot
from .sparse import entmax, entmax15, sparsemax
from .sparse_derivatives import entmax15_vjp, entmax_vjp, sparsemax_vjp
from .two_classes import log_logistic, logistic, softplus
from .two_classes_derivatives import (
    log_logistic_jvp,
    log_logistic_vjp,
    logistic_jvp,
    logistic_vjp,
    softplus_jvp,
    softplus_vjp,
)

__all__ = [
    "argmax_one_hot",
    "boltzmann_operator",
    "clr",
    "clr_inv",
    "cross_entropy",
    "cross_entropy_jvp",
    "cross_entropy_vjp",
    "entmax",
    "entmax15",
    "entmax15_vjp",
    "entmax_vjp",
    "entropy",
    "gumbel_noise",
    "heat_capacity",
    "log_logistic",
    "log_logistic_jvp",
    "log_logistic_vjp",
    "log_softmax",
    "log_softmax_jvp",
    "log_softmax_vjp",
    "logaddexp",
    "logaddexp_jvp",
    "logaddexp_vjp",
    "logistic",
    "logistic_jvp",
    "logistic_vjp",
    "logsumexp",
    "logsumexp_hessian",
    "logsumexp_jvp",
    "logsumexp_vjp",
    "mean_energy",
    "sample_categorical",
    "sample_dirichlet",
    "sample_gumbel_max",
    "softmax",
    "softmax_jacobian",
    "softmax_jvp",
    "softmax_vjp",
    "softplus",
    "softplus_jvp",
    "softplus_vjp",
    "sparsemax",
    "sparsemax_vjp",
]
