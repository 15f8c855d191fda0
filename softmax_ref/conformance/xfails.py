"""Failures that are expected: a list with reasons, which fails the run as soon as it is out of date."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from os import PathLike

from softmax_ref.conformance.failures import Failure
from softmax_ref.conformance.selection import matches
from softmax_ref.corpus import CORPUS_FORMATS
from softmax_ref.corpus.loader import vector_files
from softmax_ref.corpus.policies import POLICIES

__all__ = ["ExpectedFailure", "expected_by", "out_of_date", "read_xfails"]

FORM = "[[xfail]] entries with id, reason and maybe link"


@dataclass(frozen=True)
class ExpectedFailure:
    """An entry of the list.

    Attributes
    ----------
    id : str
        Id of a case, ``contract/format/promise``, ``policy/question`` or ``policy/format/question``; ``*`` and ``?``
        stand for what they match.
    reason : str
        Why it fails.
    link : str or None
        Where more is said of it.
    """

    id: str
    reason: str
    link: str | None = None

    def covers(self, name: str) -> bool:
        """Whether the entry speaks of an id."""
        return matches(name, [self.id])


def read_xfails(path: str | PathLike) -> tuple[ExpectedFailure, ...]:
    """Read a list in TOML.

    Raises
    ------
    ValueError
        The file is not of this form, an entry has no reason, or an id stands twice.
    OSError
        The file cannot be read.
    """
    with open(path, "rb") as file:
        try:
            stored = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"xfails: {path} needs to be TOML, {error}") from None
    entries = stored.get("xfail", [])
    if set(stored) - {"xfail"} or not isinstance(entries, list):
        raise ValueError(f"xfails: {path} needs {FORM}, got {', '.join(sorted(stored))}")
    found = tuple(_entry(path, entry) for entry in entries)
    twice = {entry.id for entry in found if [e.id for e in found].count(entry.id) > 1}
    if twice:
        raise ValueError(f"xfails: {path} needs each id once, got {min(twice)!r} twice")
    return found


def _entry(path, stored) -> ExpectedFailure:
    if not isinstance(stored, dict) or set(stored) - {"id", "reason", "link"}:
        raise ValueError(f"xfails: {path} needs {FORM}, got {stored!r}")
    for name in ("id", "reason"):
        if not isinstance(stored.get(name), str) or not stored[name].strip():
            raise ValueError(f"xfails: {path} needs a text as {name} of each entry, got {stored!r}")
    if not isinstance(stored.get("link", ""), str) or stored["id"].startswith("!"):
        raise ValueError(f"xfails: {path} needs {FORM}, got {stored!r}")
    return ExpectedFailure(**stored)


def expected_by(entries: Iterable[ExpectedFailure], name: str) -> ExpectedFailure | None:
    """Return the first entry that speaks of an id."""
    return next((entry for entry in entries if entry.covers(name)), None)


def out_of_date(entries: Sequence[ExpectedFailure], failed: Collection[str], judged: Collection[str]) -> list[Failure]:
    """Return a failure for each entry that passes, or that matches nothing there is.

    Parameters
    ----------
    entries : sequence of ExpectedFailure
        The list.
    failed, judged : collection of str
        Ids that failed, and all that were judged. What was not judged this time says nothing of an entry.
    """
    found = []
    for entry in entries:
        if any(entry.covers(name) for name in failed):
            continue
        if any(entry.covers(name) for name in judged):
            found.append(Failure(f"xfails/{entry.id}", (), f"is expected to fail ({entry.reason}), and passes"))
        elif entry.id.startswith("contract/"):
            if _of_a_judged_format(entry.id, judged):
                found.append(Failure(f"xfails/{entry.id}", (), "is expected to fail, and matches no promise"))
        elif not any(map(entry.covers, _ids())):
            found.append(Failure(f"xfails/{entry.id}", (), "is expected to fail, and no case or policy has this id"))
    return found


def _of_a_judged_format(name: str, judged: Collection[str]) -> bool:
    """Whether a promise that was not judged would have been: others of its format were, or there is no such format."""
    fmt = name.split("/")[1]
    unknown = not {"*", "?"} & {*fmt} and fmt not in (*CORPUS_FORMATS, "integer")
    return unknown or any(other.startswith(f"contract/{fmt}/") for other in judged)


@cache
def _ids() -> tuple[str, ...]:
    """Return the id of every stored case and of every policy, in all formats together and in each."""
    policies = [
        f"{start}/{name}" for name in POLICIES for start in ("policy", *(f"policy/{f}" for f in CORPUS_FORMATS))
    ]
    return (*vector_files().parsed("ids.json")["digests"], *policies)
