"""The rules for comments: facts in the present tense, short, one of a kind in their file."""

import re
from collections.abc import Iterable, Iterator

__all__ = ["MAX_LENGTH", "comment_faults"]

MAX_LENGTH = 70
OTHER_TENSE = re.compile(
    r"\b(was|were|been|had|did|became|gave|went|will|would|shall|should|must|might|could|used to|going to)\b"
)
"""A small honest list, not grammar: words that no fact in the present tense needs. A word that is also a participle,
such as lost or made, is left alone."""
ITSELF = re.compile(r"\b(tests?|tested|checks?|checked|verify|verifies|ensures?|expected)\b")
"""A comment says what is true of the inputs, not what somebody does with them."""


def comment_faults(comments: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield (position, what is wrong) for the comments of one file.

    Examples
    --------
    >>> list(comment_faults(["the logits tie", "all logits were equal"]))
    [(1, "the comment 'all logits were equal' needs the present tense, has 'were'")]
    """
    seen = set()
    for n, comment in enumerate(comments):
        for fault in _faults(comment):
            yield n, f"the comment {comment!r} {fault}"
        if comment in seen:
            yield n, f"the comment {comment!r} is not unique"
        seen.add(comment)


def _faults(comment: str) -> Iterator[str]:
    if len(comment) > MAX_LENGTH:
        yield f"has {len(comment)} characters, at most {MAX_LENGTH} are allowed"
    if not comment or comment != comment.strip():
        yield "needs words, and no space around them"
    if re.match(r"[A-Z][a-z]+\b", comment):
        yield "needs a small letter at its start"
    if comment.endswith("."):
        yield "needs no full stop"
    for rule, needed in ((OTHER_TENSE, "the present tense"), (ITSELF, "a fact about the inputs")):
        found = rule.search(comment)
        if found:
            yield f"needs {needed}, has {found[0]!r}"
