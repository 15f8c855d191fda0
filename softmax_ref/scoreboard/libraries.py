"""The libraries that are judged: how to get each, and the call for each function as its users write it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

__all__ = ["Library", "libraries", "library", "signature"]

TABLE = Path(__file__).with_name("libraries.toml")


@dataclass(frozen=True)
class Library:
    """One library.

    Attributes
    ----------
    id, title : str
        A short name; what it is called.
    get : str
        The command that installs it.
    kind : str
        Whose arrays its calls take, or the program that calls it.
    imports : str
        The line that a call needs before it.
    calls : dict of str to str
        For each function of the corpus that it offers, the call: an expression, or ``with X as a: b; expression``.
    packages : tuple of str
        The packages whose versions are told.
    refuses : str or None
        What it says where it does not offer a format: a regular expression.
    above : dict of str to float or None
        Below which value, or at which, a parameter is not offered.
    version : tuple of str
        What prints the version of a library in another language.
    """

    id: str
    title: str
    get: str
    kind: str
    imports: str
    calls: dict[str, str]
    packages: tuple[str, ...] = ()
    refuses: str | None = None
    above: dict[str, float] | None = None
    version: tuple[str, ...] = ()

    def versions(self) -> dict[str, str]:
        """Return the versions of its Python packages; a package that is missing raises ImportError."""
        return {name: metadata.version(name) for name in self.packages}


@cache
def _table() -> dict:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def libraries() -> tuple[Library, ...]:
    """Return the libraries in the order of the scoreboard."""
    return tuple(
        Library(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
        for entry in _table()["library"]
    )


def library(name: str) -> Library:
    """Return a library by its id.

    Raises
    ------
    ValueError
        There is none of this id.

    Examples
    --------
    >>> library("scipy").calls["softmax"]
    'special.softmax(z, axis=axis)'
    """
    found = next((entry for entry in libraries() if entry.id == name), None)
    if found is None:
        known = ", ".join(entry.id for entry in libraries())
        raise ValueError(f"scoreboard: library needs to be one of {known}, got {name!r}")
    return found


def signature(function: str) -> tuple[str, ...]:
    """Return the names of the arrays of a function, in the order of the corpus.

    Examples
    --------
    >>> signature("softmax_vjp")
    ('z', 'g')
    """
    return tuple(_table()["signatures"][function].split())
