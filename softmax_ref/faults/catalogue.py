"""The catalogue: each faulty implementation with what is wrong with it, each right one with its style.

An implementation is written in NumPy's calling form and registers itself by a decorator, in a module of
`softmax_ref.faults.wrong` or `softmax_ref.faults.right`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from softmax_ref.conformance import Report, check
from softmax_ref.corpus import CORPUS_FORMATS
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES

__all__ = ["ALL", "NARROW", "WIDE", "Control", "Fault", "control", "controls", "fault", "faults"]

WIDE = ("binary64", "binary32")
NARROW = ("binary16", "bfloat16")
ALL = (*WIDE, *NARROW)


@dataclass(frozen=True)
class _Entry:
    name: str
    function: str
    text: str
    formats: tuple[str, ...]
    level: str
    make: Callable[[], Callable] = field(repr=False)

    def check(self, fmt: str) -> Report:
        """Judge a fresh copy in one format."""
        return check(self.make(), self.function, [fmt], self.level, name=self.name)


@dataclass(frozen=True)
class Fault(_Entry):
    """A faulty implementation.

    Attributes
    ----------
    name, function, text : str
        ``function/slug``; what it pretends to compute; what is wrong, in one line.
    formats : tuple of str
        Where the corpus shows it: formats, or "integer" for what integer arrays give.
    level : {"standard", "tight"}
        The pass mark that it misses.
    make : callable
        Returns a fresh implementation, without memory of earlier calls.
    flag : str
        The class of its cause, a key of the notes of the corpus.
    bugs : tuple of str
        Entries of the museum that it re-creates.
    stateful : bool
        Whether it remembers calls, so that a case alone may not show what the whole run shows.
    """

    flag: str
    bugs: tuple[str, ...] = ()
    stateful: bool = False


@dataclass(frozen=True)
class Control(_Entry):
    """A right implementation in a style of its own; every format passes at its level."""


_ENTRIES: dict[str, _Entry] = {}


def _register(entry: _Entry) -> None:
    if entry.name in _ENTRIES:
        raise ValueError(f"catalogue: the name {entry.name!r} is taken")
    for fmt in entry.formats:
        if fmt not in (*CORPUS_FORMATS, "integer"):
            raise ValueError(f"catalogue: {entry.name} names the format {fmt!r}, which is unknown")
    _ENTRIES[entry.name] = entry


def _name(function: str, implementation: Callable, slug: str | None) -> str:
    return f"{function}/{slug or implementation.__name__.replace('_', '-')}"


def fault(
    function: str,
    flag: str,
    text: str,
    *,
    formats: Sequence[str] = WIDE,
    bugs: Sequence[str] = (),
    level: str = "standard",
    name: str | None = None,
    stateful: bool = False,
) -> Callable[[Callable], Callable]:
    """Return the decorator that registers a faulty implementation.

    Parameters
    ----------
    function, flag, text, formats, bugs, level
        As in `Fault`.
    name : str, optional
        The slug; default: the name of the decorated function.
    stateful : bool
        The decorated function takes no argument and makes an implementation that remembers calls.

    Raises
    ------
    ValueError
        A name is taken; a format or flag is unknown.
    """
    if flag not in NOTES and flag not in CONTRACT_NOTES:
        raise ValueError(f"catalogue: a fault of {function} names the flag {flag!r}, which has no note")

    def register(fn: Callable) -> Callable:
        make = fn if stateful else lambda: fn
        slug = _name(function, fn, name)
        _register(Fault(slug, function, text, tuple(formats), level, make, flag, tuple(bugs), stateful))
        return fn

    return register


def control(
    function: str, text: str, *, formats: Sequence[str] = ALL, level: str = "standard", name: str | None = None
) -> Callable[[Callable], Callable]:
    """Return the decorator that registers a right implementation; arguments as for `fault`."""

    def register(fn: Callable) -> Callable:
        _register(Control(_name(function, fn, name), function, text, tuple(formats), level, lambda: fn))
        return fn

    return register


def faults() -> tuple[Fault, ...]:
    """Return every faulty implementation."""
    return tuple(entry for entry in _entries() if isinstance(entry, Fault))


def controls() -> tuple[Control, ...]:
    """Return every right implementation."""
    return tuple(entry for entry in _entries() if isinstance(entry, Control))


@cache
def _entries() -> tuple[_Entry, ...]:
    for package in ("softmax_ref.faults.wrong", "softmax_ref.faults.right"):
        for module in pkgutil.iter_modules(import_module(package).__path__, package + "."):
            import_module(module.name)
    return tuple(sorted(_ENTRIES.values(), key=lambda entry: entry.name))
