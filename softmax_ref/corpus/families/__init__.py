"""Families of cases: each a short function that yields drafts for a format; the builder certifies them."""

from softmax_ref.corpus.families.drafts import Draft, Range
from softmax_ref.corpus.families.gradients import JACOBIAN, VJP
from softmax_ref.corpus.families.logits import LOGITS, SWEEP
from softmax_ref.corpus.families.scalars import SCALARS

__all__ = ["FAMILIES", "Draft", "Range"]

FAMILIES = {
    "softmax": [*LOGITS, SWEEP],
    "log_softmax": LOGITS,
    "logsumexp": LOGITS,
    "softmax_vjp": VJP,
    "softmax_jacobian": JACOBIAN,
    "logistic": SCALARS,
    "softplus": SCALARS,
}
"""The families of each function of the corpus."""
