"""A cross-entropy without its shift, of other targets, of another label, or reduced."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.derived import faults_of, loss_of, mixed, own, rows_of, targets, total
from softmax_ref.faults.parts import in_float32, log_textbook, textbook

UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
wrong = faults_of("cross_entropy")


@wrong("exp-overflow", "logsumexp is formed without a shift")
def no_shift(z, y, label_smoothing=0.0):
    z = rows_of(z)
    return mixed(z - np.log(total(np.exp(z), -1)), y, label_smoothing)


@wrong(
    "cancellation-in-logsumexp",
    "logsumexp(z) - z at the label: a common offset costs digits",
    UP_TO_BFLOAT16,
    ["torch-cpu-xent-1e8"],
)
def offset_cancels(z, y, label_smoothing=0.0):
    z = rows_of(z)
    top = z.max(axis=-1, keepdims=True)
    return mixed(z - (top + np.log(total(np.exp(z - top), -1))), y, label_smoothing)


@wrong("log-of-zero", "the logarithm is taken of a probability that has underflowed")
def log_of_softmax(z, y, label_smoothing=0.0):
    return mixed(np.log(textbook(rows_of(z))), y, label_smoothing)


@wrong("log-of-zero", "1e-12 is added to the probability")
def log_plus_epsilon(z, y, label_smoothing=0.0):
    return mixed(np.log(textbook(rows_of(z)) + z.dtype.type(1e-12)), y, label_smoothing)


@wrong("log-of-zero", "probabilities are raised to the smallest normal number, and losses end at 87 or 708")
def log_of_a_raised_probability(z, y, label_smoothing=0.0):
    return mixed(np.log(np.maximum(textbook(rows_of(z)), np.finfo(z.dtype).tiny)), y, label_smoothing)


@wrong("double-softmax", "softmax is applied before the loss", bugs=["bolts-double-softmax", "scico-double-softmax"])
def double_softmax(z, y, label_smoothing=0.0):
    return loss_of(textbook(rows_of(z)), y, label_smoothing)


@wrong(
    "target-infinity",
    "a target of 0 is multiplied by a log-probability of -inf",
    bugs=["optax-ce-neginf", "tfp-categorical-xla"],
)
def zero_times_infinity(z, y, label_smoothing=0.0):
    z = rows_of(z)
    return -(targets(z, y, label_smoothing) * log_textbook(z)).sum(axis=-1)


@wrong("target-infinity", "a smoothing of 0 is multiplied by the mean of log-probabilities, which is -inf")
def no_smoothing_times_infinity(z, y, label_smoothing=0.0):
    logs = log_textbook(rows_of(z))
    return -((1 - label_smoothing) * own(logs, y) + label_smoothing * logs.mean(axis=-1))


@wrong("mask", "log-probabilities of -inf become the smallest number", UP_TO_BFLOAT16)
def infinity_made_finite(z, y, label_smoothing=0.0):
    return mixed(np.maximum(log_textbook(rows_of(z)), np.finfo(z.dtype).min), y, label_smoothing)


@wrong("log-base", "the logarithm has base 2")
def base_two(z, y, label_smoothing=0.0):
    return loss_of(z, y, label_smoothing) / z.dtype.type(np.log(2))


@wrong("clipped-input", "losses end at 100")
def clipped(z, y, label_smoothing=0.0):
    return np.minimum(loss_of(z, y, label_smoothing), 100)


@wrong("global-shift", "one shift serves the whole batch")
def global_shift(z, y, label_smoothing=0.0):
    d = rows_of(z) - np.max(z, initial=-np.inf)
    return mixed(d - np.log(total(np.exp(d), -1)), y, label_smoothing)


@wrong("axis", "the classes of a square matrix are read along its first axis")
def square_transposed(z, y, label_smoothing=0.0):
    return loss_of(z.T if z.ndim == 2 and z.shape[0] == z.shape[1] else z, y, label_smoothing)


@wrong("working-precision", "the loss lacks its sign")
def negative(z, y, label_smoothing=0.0):
    return -loss_of(z, y, label_smoothing)


@wrong("working-precision", "the squared distance of probabilities and targets")
def squared_distance(z, y, label_smoothing=0.0):
    z = rows_of(z)
    return ((textbook(z) - targets(z, y, label_smoothing)) ** 2).sum(axis=-1)


@wrong("working-precision", "everything is computed in float32", ("binary64",))
def in_single(z, y, label_smoothing=0.0):
    return loss_of(z.astype(np.float32), y, label_smoothing).astype(z.dtype)


@wrong("loss-reduced", "each row gets the mean of the batch")
def mean_for_each(z, y, label_smoothing=0.0):
    return np.full(np.shape(y), loss_of(z, y, label_smoothing).mean())


@wrong("loss-reduced", "the mean of the batch")
def mean(z, y, label_smoothing=0.0):
    return loss_of(z, y, label_smoothing).mean()


@wrong("loss-reduced", "the sum of the batch")
def added_up(z, y, label_smoothing=0.0):
    return loss_of(z, y, label_smoothing).sum()


@wrong("smoothing", "label smoothing is not looked at")
def smoothing_ignored(z, y, label_smoothing=0.0):
    return loss_of(z, y)


@wrong("smoothing", "label smoothing is spread over the other classes alone")
def spread_over_the_others(z, y, label_smoothing=0.0):
    logs = log_textbook(rows_of(z))
    others = (logs.sum(axis=-1) - own(logs, y)) / max(logs.shape[-1] - 1, 1)
    return -((1 - label_smoothing) * own(logs, y) + label_smoothing * others) if label_smoothing else loss_of(z, y)


@wrong("smoothing", "the factor 1 - e of the label is left out")
def label_not_scaled(z, y, label_smoothing=0.0):
    rest = log_textbook(rows_of(z)).mean(axis=-1)
    return loss_of(z, y) - (label_smoothing * rest if label_smoothing else 0)


@wrong("smoothing", "log-probabilities are added up where their mean is meant")
def sum_for_mean(z, y, label_smoothing=0.0):
    rest = log_textbook(rows_of(z)).sum(axis=-1)
    return (1 - label_smoothing) * loss_of(z, y) - (label_smoothing * rest if label_smoothing else 0)


@wrong("smoothing", "e and 1 - e are exchanged")
def weights_exchanged(z, y, label_smoothing=0.0):
    return loss_of(z, y, 1 - label_smoothing if label_smoothing else 0)


@wrong("smoothing", "classes with logit -inf are left out of the smoothed mean")
def infinity_left_out(z, y, label_smoothing=0.0):
    logs = log_textbook(rows_of(z))
    kept = ~np.isneginf(logs)
    mean = np.where(kept, logs, 0).sum(axis=-1) / kept.sum(axis=-1)
    return -((1 - label_smoothing) * own(logs, y) + label_smoothing * mean) if label_smoothing else loss_of(z, y)


@wrong("smoothing", "the entropy of the targets is subtracted")
def divergence(z, y, label_smoothing=0.0):
    t = targets(rows_of(z), y, label_smoothing)
    return loss_of(z, y, label_smoothing) + (t * np.log(np.where(t > 0, t, 1))).sum(axis=-1)


@wrong("truncated-parameter", "label smoothing is cut to an integer")
def smoothing_cut(z, y, label_smoothing=0.0):
    return loss_of(z, y, int(label_smoothing))


@fault("cross_entropy", "sticky-default", "label smoothing stays where it is not given", formats=ALL, stateful=True)
def smoothing_sticks():
    kept = [0.0]

    @in_float32
    def wrapped(z, y, label_smoothing=None):
        kept[0] = kept[0] if label_smoothing is None else label_smoothing
        return loss_of(z, y, kept[0])

    return wrapped
