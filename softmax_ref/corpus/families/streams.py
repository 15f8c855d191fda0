"""Rows in which whole stretches are -inf: a kernel that reads in tiles meets a tile without a finite logit."""

import numpy as np

from softmax_ref.corpus.families.drafts import Range, draft

__all__ = ["STREAMS"]


def streams(r: Range):
    """-inf at the beginning, in the middle, at the end; over whole tiles of 4 to 32."""
    for count in (4, 8, 16, 32, 61):
        row = np.r_[np.full(count, -np.inf), 2, 0, 1]
        yield draft(f"leading-{count}", f"the first {count} logits are -inf", "empty-state", row)
    yield draft(
        "middle-32",
        "16 logits, 32 of -inf, 16 logits",
        "empty-state",
        np.r_[_steps(16), np.full(32, -np.inf), _steps(16)],
    )
    yield draft("trailing-32", "the last 32 logits are -inf", "empty-state", np.r_[_steps(32), np.full(32, -np.inf)])
    yield draft(
        "one-among-64",
        "a single finite logit stands among 63 of -inf",
        "empty-state",
        np.r_[np.full(40, -np.inf), -3, np.full(23, -np.inf)],
    )
    yield draft(
        "beside-leading",
        "of two rows one begins with 16 of -inf, the other is plain",
        "empty-state row-mixing",
        [np.r_[np.full(16, -np.inf), _steps(8)], np.r_[_steps(16), _steps(8)]],
    )


def _steps(count: int) -> np.ndarray:
    return np.arange(count) % 5 - 2.0


STREAMS = [streams]
