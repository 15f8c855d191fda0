"""Arguments are used as scratch memory, or come back as results."""

import numpy as np

from softmax_ref.faults.catalogue import fault
from softmax_ref.faults.plants import fits
from softmax_ref.faults.sound import SOUND


def _writes(which, value, when=lambda x: True):
    """Return what leaves something in one argument after the call."""

    def plant(fn):
        def wrapped(*arrays, **keywords):
            result = np.asarray(fn(*arrays, **keywords))
            target = arrays[which]
            if fits(target) and when(target):
                target[...] = value(target, result, keywords.get("axis", -1)).astype(target.dtype)
            return result

        return wrapped

    return plant


def _shifted(x, result, axis):
    with np.errstate(invalid="ignore"):
        wide = x.astype(np.float64)
        return wide - wide.max(axis=axis, keepdims=True) if x.size else wide


def _answer(x, result, axis):
    return np.broadcast_to(result, x.shape) if result.shape == x.shape else x * 0


def _negated(x, result, axis):
    return -x.astype(np.float64)


def _cleared(x, result, axis):
    return np.zeros(x.shape)


def _sorted(x, result, axis):
    return np.sort(x.astype(np.float64), axis=axis) if x.ndim else x.astype(np.float64)


def _unmasked(x, result, axis):
    return np.where(np.isneginf(x.astype(np.float64)), -30000.0, x.astype(np.float64))


def _packed(x):
    return x.flags.c_contiguous


def _wide(x):
    return x.ndim > 0 and max(x.shape) > 128


def _single(x):
    return x.ndim == 2 and len(x) == 1


OVERWRITES = {
    ("softmax", "shifts-in-place"): ("the maximum is subtracted in place", 0, _shifted, None, ()),
    ("softmax", "shifts-packed-in-place"): (
        "the maximum is subtracted in place of packed arrays",
        0,
        _shifted,
        _packed,
        (),
    ),
    ("softmax", "shifts-wide-in-place"): ("the maximum of wide rows is subtracted in place", 0, _shifted, _wide, ()),
    ("softmax", "single-row-in-place"): ("a batch of one row is overwritten", 0, _cleared, _single, ()),
    ("softmax", "unmasks-in-place"): ("-inf becomes -30000 in the caller's array", 0, _unmasked, None, ()),
    ("log_softmax", "shifts-in-place"): ("the maximum is subtracted in place", 0, _shifted, None, ()),
    ("logsumexp", "shifts-in-place"): ("the maximum is subtracted in place", 0, _shifted, None, ()),
    ("logistic", "negates-in-place"): ("the argument is negated in place", 0, _negated, None, ()),
    ("softplus", "answers-in-place"): ("the result is written over the argument", 0, _answer, None, ()),
    ("sparsemax", "sorts-in-place"): ("the logits are sorted in place", 0, _sorted, None, ()),
    ("entmax15", "sorts-in-place"): ("the logits are sorted in place", 0, _sorted, None, ()),
    ("softmax_jacobian", "shifts-in-place"): ("the maximum is subtracted in place", 0, _shifted, None, ()),
    ("softmax_vjp", "cotangent-overwritten"): (
        "the gradient is written over the cotangent",
        1,
        _answer,
        None,
        ("apex-bwd-inplace",),
    ),
    ("softmax_vjp", "wide-cotangent-overwritten"): (
        "the gradient of wide rows is written over the cotangent",
        1,
        _answer,
        _wide,
        (),
    ),
    ("softmax_vjp", "logits-overwritten"): ("the probabilities are written over the logits", 0, _answer, None, ()),
    ("sparsemax_vjp", "cotangent-overwritten"): ("the gradient is written over the cotangent", 1, _answer, None, ()),
    ("gumbel_softmax", "noise-overwritten"): ("the perturbed logits are formed in the noise", 1, _answer, None, ()),
    ("exponential_tilting", "scores-overwritten"): ("the scores are shifted in place", 1, _shifted, None, ()),
    ("exponential_tilting", "weights-overwritten"): ("the base weights are normalised in place", 0, _answer, None, ()),
    ("log_semiring_add", "second-overwritten"): ("the sum is formed in the second term", 1, _answer, None, ()),
    ("entropy", "shifts-in-place"): ("the maximum is subtracted in place", 0, _shifted, None, ()),
    ("boltzmann", "negates-in-place"): ("the energies are negated in place", 0, _negated, None, ()),
    ("clr", "answers-in-place"): ("the log-ratios are written over the parts", 0, _answer, None, ()),
}
for (_function, _slug), (_text, _which, _value, _when, _bugs) in OVERWRITES.items():
    _plant = _writes(_which, _value, _when or (lambda x: True))
    fault(_function, "input-overwritten", _text, bugs=_bugs, name=_slug)(_plant(SOUND[_function]))
