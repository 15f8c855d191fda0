"""What the formulas say: the small numerical reference, in plain NumPy."""

from .averages import boltzmann_operator, entropy, heat_capacity, mean_energy
from .boltzmann import boltzmann, free_energy, partition_function
from .generative import gaussian_naive_bayes_logits, lda_logits, multinomial_naive_bayes_logits
from .gumbel import gumbel_softmax
from .jacobian import logsumexp_hessian, softmax_jacobian
from .large import (
    differentiated_softmax,
    importance_sampled_gradient,
    importance_sampled_partition,
    target_sampled_softmax,
)
from .log_ratios import clr, clr_inv
from .logistic_regression import class_probabilities, fit_logistic_regression, log_loss
from .loss import cross_entropy
from .loss_derivatives import cross_entropy_jvp, cross_entropy_vjp
from .partition import logaddexp, logsumexp
from .partition_derivatives import logaddexp_jvp, logaddexp_vjp, logsumexp_jvp, logsumexp_vjp
from .policy import boltzmann_policy
from .probabilities import log_softmax, softmax
from .probabilities_derivatives import log_softmax_jvp, log_softmax_vjp, softmax_jvp, softmax_vjp
from .sampling import gumbel_noise, sample_categorical, sample_dirichlet, sample_gumbel_max
from .semiring import log_semiring_add, log_semiring_multiply, log_semiring_sum
from .smooth_argmax import argmax_one_hot
from .sparse import entmax, entmax15, sparsemax
from .sparse_derivatives import entmax15_vjp, entmax_vjp, sparsemax_vjp
from .tilting import exponential_tilting
from .trees import balanced_tree, expected_depth, hierarchical_softmax, huffman_tree, tree_logits
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
    "balanced_tree",
    "boltzmann",
    "boltzmann_operator",
    "boltzmann_policy",
    "class_probabilities",
    "clr",
    "clr_inv",
    "cross_entropy",
    "cross_entropy_jvp",
    "cross_entropy_vjp",
    "differentiated_softmax",
    "entmax",
    "entmax15",
    "entmax15_vjp",
    "entmax_vjp",
    "entropy",
    "expected_depth",
    "exponential_tilting",
    "fit_logistic_regression",
    "free_energy",
    "gaussian_naive_bayes_logits",
    "gumbel_noise",
    "gumbel_softmax",
    "heat_capacity",
    "hierarchical_softmax",
    "huffman_tree",
    "importance_sampled_gradient",
    "importance_sampled_partition",
    "lda_logits",
    "log_logistic",
    "log_logistic_jvp",
    "log_logistic_vjp",
    "log_loss",
    "log_semiring_add",
    "log_semiring_multiply",
    "log_semiring_sum",
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
    "multinomial_naive_bayes_logits",
    "partition_function",
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
    "target_sampled_softmax",
    "tree_logits",
]
