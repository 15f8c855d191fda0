"""A promise of the array contract: kept, broken, or refused with an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

__all__ = ["Finding", "Problem", "asked", "asking", "of_copies", "promise"]

NOT_OFFERED = "NotOffered: "
"""What a target raises that has no such arrays, or no such call: a refusal anywhere."""

MEMORY = ("memory-layout", "byte-order", "input-overwritten", "result-aliased")
"""Flags of promises that say nothing where a target is given copies."""

_ask: ContextVar[Callable[[str], bool]] = ContextVar("ask", default=lambda name: True)


@contextmanager
def asking(ask: Callable[[str], bool]) -> Iterator[None]:
    """Tell `ask` the name of each promise before it is looked at; where that says no, it is left out."""
    token = _ask.set(ask)
    try:
        yield
    finally:
        _ask.reset(token)


def asked(name: str) -> bool:
    """Whether to look at a promise."""
    return _ask.get()(name)


@dataclass(frozen=True)
class Finding:
    """One promise of the contract: kept, broken, or the call was refused with an exception.

    Attributes
    ----------
    name, flag : str
        Which promise; its key in the notes of the corpus.
    state : {"kept", "broken", "refused"}
        A refusal is allowed where the contract says so, and is never counted as kept.
    text : str
        What was seen.
    """

    name: str
    flag: str
    state: str
    text: str = ""


@dataclass(frozen=True)
class Problem:
    """What was wrong with one call.

    Attributes
    ----------
    flag : str or None
        The plain cause, such as "raises" or "shape-changed"; None where the values are wrong.
    text : str
        What was seen.
    """

    flag: str | None
    text: str


def promise(name: str, flag: str, problems: Iterable[Problem | None], *, refusable: bool = False) -> Iterator[Finding]:
    """Yield the finding of a promise, if it is asked: broken by the first problem.

    Parameters
    ----------
    name, flag : str
        Of the promise; a problem with a plain cause of its own is reported with that flag.
    problems : iterable of Problem or None
        One for each call, computed as it is asked for: nothing is called after the first problem.
    refusable : bool
        Whether an exception is an answer.
    """
    if asked(name):
        yield _found(name, flag, problems, refusable)


def _found(name: str, flag: str, problems: Iterable[Problem | None], refusable: bool) -> Finding:
    refused = None
    for problem in problems:
        if problem is None:
            continue
        if problem.flag != "raises":
            return Finding(name, problem.flag or flag, "broken", problem.text)
        if not refusable and NOT_OFFERED not in problem.text:
            return Finding(name, flag, "broken", problem.text)
        refused = refused or problem
    return Finding(name, flag, "kept") if refused is None else Finding(name, flag, "refused", refused.text)


def of_copies(finding: Finding) -> Finding:
    """Return a finding of a target that is given copies of its arguments: what it does to memory nobody sees."""
    if finding.flag not in MEMORY:
        return finding
    return replace(finding, state="refused", text="it is given copies, and what it does to memory is not seen")
