"""The museum: real bugs of real projects, each with the flag that names its kind and the faults that re-create it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Bug", "bugs"]

ROOMS = Path(__file__).with_name("museum")


@dataclass(frozen=True)
class Bug:
    """A bug that was met.

    Attributes
    ----------
    id, project, link : str
        Its name here, whose code it was in, and the thread.
    functions : tuple of str
        The functions of the corpus that show it.
    flag : str
        The kind of bug, a key of the notes of the corpus.
    what, input, wrong, right : str
        What goes wrong; on which input; what came out; what is right.
    fixed : str
        How the project answered.
    thread : str
        "verified" or "unverified" and the date: whether the thread was read again and says so.
    why_not : str
        Where no pure function can be the bug (a race, a device, a build): the reason. Empty otherwise.
    cases : tuple of str
        ``function/family/slug`` of the cases or ``function/contract/promise`` that would catch it, where no fault
        of the catalogue names it.
    """

    id: str
    project: str
    link: str
    functions: tuple[str, ...]
    flag: str
    what: str
    input: str
    wrong: str
    right: str
    fixed: str
    thread: str
    why_not: str = ""
    cases: tuple[str, ...] = ()


@cache
def bugs() -> dict[str, Bug]:
    """Return every bug by its id, in the order of the ids.

    Raises
    ------
    ValueError
        A field is missing or unknown, or an id is given twice.
    """
    found: dict[str, Bug] = {}
    for room in sorted(ROOMS.glob("*.toml")):
        for name, fields in tomllib.loads(room.read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(f"museum: {name} is given twice, again in {room.name}")
            found[name] = _bug(name, fields, room.name)
    return dict(sorted(found.items()))


def _bug(name: str, fields: dict, room: str) -> Bug:
    try:
        return Bug(
            id=name, **{key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
        )
    except TypeError as error:
        raise ValueError(f"museum: {name} in {room}: {error}") from None
