"""Text of implementations, made safe to show: what cannot be seen is escaped, and what is endless is cut."""

from __future__ import annotations

import unicodedata

__all__ = ["legible", "seen"]

LONGEST = 500
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Categories of Unicode: controls, directions, halves of pairs, private, unassigned, separators of lines."""


def legible(text: str) -> str:
    r"""Return a text in one line, whose every character is seen as what it is.

    Names and messages come from programs under test. An escape sequence could colour or erase a verdict on
    a terminal, a change of direction could turn it round, and XML allows few control characters at all.

    Examples
    --------
    >>> legible("red \x1b[31m alert")
    'red \\x1b[31m alert'
    """
    return seen(text[:LONGEST]) + " ..." * (len(text) > LONGEST)


def seen(line: str) -> str:
    """Return a line with every character that cannot be seen escaped."""
    return "".join(_escaped(c) if unicodedata.category(c) in UNSEEN else c for c in line)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
