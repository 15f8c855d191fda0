"""Labels: class indices of any integer type, and none that is out of range."""

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.report import Report


def loss(z, labels, label_smoothing=0.0):
    """The textbook form, in float32 for narrow floats; labels index, so that -1 wraps around."""
    work = np.float64 if z.dtype.kind in "iub" else z.dtype if z.dtype.itemsize >= 4 else np.float32
    x = np.atleast_1d(z).astype(work)
    d = x - x.max(axis=-1, keepdims=True)
    logs = d - np.log(np.exp(d).sum(axis=-1, keepdims=True))
    at = np.take_along_axis(logs, labels[..., None].astype(np.intp), -1)[..., 0]
    e = work(label_smoothing) if isinstance(work, type) else work.type(label_smoothing)
    mixed = at if e == 0 else logs.mean(axis=-1) if e == 1 else (1 - e) * at + e * logs.mean(axis=-1)
    return (-mixed).astype(z.dtype if z.dtype.kind in "fV" else work)


def out_of_range(z, labels):
    return (labels < 0) | (labels >= np.atleast_1d(z).shape[-1])


def refusing(z, labels, label_smoothing=0.0):
    if out_of_range(z, labels).any():
        raise ValueError("labels must be classes")
    return loss(z, labels, label_smoothing)


def telling(z, labels, label_smoothing=0.0):
    wrong = out_of_range(z, labels)
    return np.where(wrong, z.dtype.type(np.nan), loss(z, np.where(wrong, 0, labels), label_smoothing))


def clipping(z, labels, label_smoothing=0.0):
    return loss(z, np.clip(labels, 0, np.atleast_1d(z).shape[-1] - 1), label_smoothing)


def ignoring(z, labels, label_smoothing=0.0):
    wrong = out_of_range(z, labels)
    return np.where(wrong, z.dtype.type(0), loss(z, np.where(wrong, 0, labels), label_smoothing))


def as_bytes(z, labels, label_smoothing=0.0):
    """Read the memory of int64 labels, whatever their type is."""
    wide = np.frombuffer(labels.tobytes().ljust(8 * labels.size, b"\0"), np.int64)[: labels.size]
    return refusing(z, wide.reshape(labels.shape) % np.atleast_1d(z).shape[-1], label_smoothing)


def int64_alone(z, labels, label_smoothing=0.0):
    if labels.dtype != np.int64:
        raise TypeError("labels must be int64")
    return refusing(z, labels, label_smoothing)


def findings(report: Report, name: str) -> set[str]:
    return {f.state for r in report.judged for f in r.findings if f.name == name}


@pytest.mark.parametrize("fn", [refusing, telling, loss])
def test_a_label_out_of_range_is_refused_or_makes_nan(fn):
    """An exception, or nan in its row: both tell the caller; -1 may be the last class, as indices of Python go."""
    report = check(fn, "cross_entropy")

    assert report.conforms, str(report)
    assert findings(report, "labels out of range") == {"kept"}


@pytest.mark.parametrize("fn", [clipping, ignoring])
def test_a_finite_loss_of_no_class_breaks_the_contract(fn):
    """Clipped to the last class, or taken for a loss of 0: every stored case passes."""
    report = check(fn, "cross_entropy", ["binary32"])

    assert {f.flags for f in report.failures} == {("label-out-of-range",)}


def test_labels_of_other_types_may_be_refused_but_not_misread():
    """int64 alone is an honest answer; bytes read as int64 are not."""
    alone, misread = (check(fn, "cross_entropy", ["binary64"]) for fn in (int64_alone, as_bytes))

    assert alone.conforms
    assert findings(alone, "labels of other integer types") == {"refused"}
    assert findings(misread, "labels of other integer types") == {"broken"}


def test_functions_without_labels_are_not_asked():
    """softmax has no labels."""
    report = check(lambda z, axis=-1: np.exp(z - z.max(axis=axis, keepdims=True)), "softmax", ["binary64"])

    assert findings(report, "labels out of range") == set()
