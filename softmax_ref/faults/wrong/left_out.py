"""What counts for nothing and still spoils the result: p log p at p = 0, a number that is masked, a sign of a branch."""

import numpy as np

from softmax_ref.faults.derived import faults_of
from softmax_ref.faults.parts import log_textbook, softplus_textbook, textbook


@faults_of("entropy")(
    "zero-log-zero",
    "p log p is formed with p = 0 and log p = -inf",
    bugs=["torch-categorical-entropy", "trl-entropy-f16"],
)
def probability_times_its_logarithm(z, axis=-1):
    return -(textbook(z, axis) * log_textbook(z, axis)).sum(axis=axis)


@faults_of("log_softmax")(
    "all-masked",
    "the only class of its row is 0 where a number of its own is nan",
    bugs=["torch-mps-masked-logsoftmax"],
)
def masked_row_of_one(z, axis=-1):
    result = log_textbook(z, axis)
    return np.where(np.isneginf(z), 0, result) if z.ndim and z.shape[axis] == 1 else result


@faults_of("log_softmax")(
    "all-masked",
    "a row of only -inf gives log(1/K) alone and nan beside other rows",
    bugs=["allennlp-masked-logsoftmax"],
)
def masked_row_alone_is_uniform(z, axis=-1):
    alone = z.ndim == 1 and np.isneginf(z).all()
    return log_textbook(np.zeros_like(z) if alone else z, axis)


@faults_of("log_logistic")(
    "working-precision", "the sign of the branch is always minus", bugs=["gensim-minus-one-power"]
)
def branch_always_minus(x):
    return -softplus_textbook(x)
