"""Logistic, softplus and logarithms that run in float32, drop a nan, or stop at a full vector of eight."""

import numpy as np

from softmax_ref.faults.derived import faults_of, total
from softmax_ref.faults.parts import logistic_textbook, softplus_textbook

DOUBLE = ("binary64",)


@faults_of("log_softmax")("working-precision", "the logarithm of the sum is formed in float32", DOUBLE)
def logarithm_in_single(z, axis=-1):
    d = z - z.max(axis=axis, keepdims=True)
    return d - np.log(total(np.exp(d.astype(np.float32)), axis))


@faults_of("softplus")("working-precision", "everything is computed in float32", DOUBLE)
def softplus_in_single(x):
    return softplus_textbook(x.astype(np.float32))


@faults_of("softplus")("nan-swallowed", "nan becomes 0")
def nan_becomes_zero(x):
    return np.nan_to_num(softplus_textbook(x), posinf=np.inf)


@faults_of("softplus")("tail-elements", "the last entries that fill no vector of eight stay 0")
def last_of_eight_missing(x):
    full = np.arange(x.shape[-1] if x.ndim else 1) < ((x.shape[-1] if x.ndim else 1) // 8 * 8 or 8)
    return np.where(full if x.ndim else True, softplus_textbook(x), 0)


@faults_of("logistic")("working-precision", "everything is computed in float32", DOUBLE)
def logistic_in_single(x):
    return logistic_textbook(x.astype(np.float32))


@faults_of("logistic")("nan-swallowed", "nan becomes one half")
def nan_becomes_one_half(x):
    return np.where(np.isnan(x), x.dtype.type(0.5), logistic_textbook(x))
