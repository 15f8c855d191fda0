"""Labels that are counted from 1, cut, read in another order, or taken for padding; labels that are no class."""

import numpy as np

from softmax_ref.faults.derived import faults_of, loss_of, rows_of, targets
from softmax_ref.faults.parts import log_textbook, lse_textbook, textbook

wrong = faults_of("cross_entropy")


def _wide(y):
    return np.asarray(y).astype(np.int64)


def _clipped(z, y):
    return np.clip(_wide(y), 0, rows_of(z).shape[-1] - 1)


def _is_no_class(z, y):
    return (_wide(y) < 0) | (_wide(y) >= rows_of(z).shape[-1])


def _checked(z, y):
    if _is_no_class(z, y).any():
        raise IndexError("a label is no class")
    return _wide(y)


LABELS = {
    "counted-from-1": ("labels are counted from 1", lambda z, y: np.maximum(_wide(y) - 1, 0)),
    "one-too-high": ("the class after the label is read", lambda z, y: (_wide(y) + 1) % rows_of(z).shape[-1]),
    "cut-to-8-bits": ("labels are cut to eight bits", lambda z, y: _wide(y).astype(np.uint8)),
    "cut-to-16-bits": ("labels are cut to sixteen bits", lambda z, y: _wide(y).astype(np.uint16)),
    "reversed": ("labels are read from the last row up", lambda z, y: y[::-1] if y.ndim else y),
    "first-for-all": (
        "the label of the first row serves all",
        lambda z, y: np.full_like(y, y.flat[0] if y.size else 0),
    ),
    "likeliest": (
        "the likeliest class is taken for the label",
        lambda z, y: rows_of(z).argmax(axis=-1).reshape(np.shape(y)),
    ),
}
for _slug, (_text, _read) in LABELS.items():
    wrong("label-index", _text, name=f"labels-{_slug}")(
        lambda z, y, label_smoothing=0.0, read=_read: loss_of(z, read(z, _checked(z, y)), label_smoothing)
    )


@wrong("label-index", "label 0 is taken for padding")
def label_0_is_padding(z, y, label_smoothing=0.0):
    return np.where(_wide(y) == 0, 0, loss_of(z, y, label_smoothing))


@wrong("label-index", "the logit of the label is left out")
def logit_missing(z, y, label_smoothing=0.0):
    _checked(z, y)
    return lse_textbook(rows_of(z))


@wrong("label-index", "the entropy of the probabilities")
def entropy(z, y, label_smoothing=0.0):
    _checked(z, y)
    p = textbook(rows_of(z))
    return -np.where(p == 0, 0, p * log_textbook(rows_of(z))).sum(axis=-1)


@wrong("label-out-of-range", "labels are clipped to the classes")
def labels_clipped(z, y, label_smoothing=0.0):
    return loss_of(z, _clipped(z, y), label_smoothing)


@wrong("label-out-of-range", "a label that is no class has loss 0", bugs=["tf-sparse-xent-label-oob"])
def no_class_is_free(z, y, label_smoothing=0.0):
    return np.where(_is_no_class(z, y), 0, loss_of(z, _clipped(z, y), label_smoothing))


@wrong("label-out-of-range", "a label that is no class has an empty target")
def empty_target(z, y, label_smoothing=0.0):
    logs, t = log_textbook(rows_of(z)), targets(rows_of(z), _clipped(z, y), label_smoothing)
    t = np.where(_is_no_class(z, y)[..., None], 0, t)
    return -np.where(t > 0, t * logs, 0).sum(axis=-1)
