"""Families of the 8-bit formats, by function."""

from softmax_ref.corpus.families.eight_bits.rows import LOGITS, SWEEP

__all__ = ["EIGHT_BITS"]

EIGHT_BITS = {
    "softmax": [*LOGITS, SWEEP],
}
"""The families of each function that has files in eight bits."""
