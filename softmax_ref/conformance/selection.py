"""What of the corpus a check looks at: globs over ids, the smoke set, and what an implementation declares."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from softmax_ref.conformance.declared import Declaration
from softmax_ref.conformance.judge import Verdict
from softmax_ref.corpus import Case
from softmax_ref.corpus.smoke import smoke_set

__all__ = ["Scope", "matches", "refuse_unmatched", "select"]


def matches(name: str, globs: Sequence[str]) -> bool:
    """Whether globs select an id: one of them matches, and none that starts with "!".

    Parameters
    ----------
    name : str
        Id of a case, or ``contract/format/promise``.
    globs : sequence of str
        ``*`` stands for any text, ``?`` for one character, all else for itself. Without a glob that includes,
        everything is.

    Examples
    --------
    >>> matches("softmax/binary32/shift/near", ["softmax/*", "!*/near"]), matches("softmax/binary32/shift/far", ["!*/near"])
    (False, True)
    """
    wanted = [glob for glob in globs if not glob.startswith("!")]
    left_out = [glob[1:] for glob in globs if glob.startswith("!")]
    return (not wanted or any(_compiled(g).fullmatch(name) for g in wanted)) and not any(
        _compiled(g).fullmatch(name) for g in left_out
    )


@cache
def _compiled(glob: str) -> re.Pattern:
    """Return a glob as an expression; unlike fnmatch it knows no brackets, and minds the case everywhere."""
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in glob), re.DOTALL)


def select(cases: Iterable[Case], globs: Sequence[str] = ()) -> list[Case]:
    """Return the cases that globs select, in their order."""
    return [case for case in cases if matches(case.id, globs)]


def refuse_unmatched(globs: Sequence[str], names: Collection[str], who: str = "check") -> None:
    """Refuse a glob that matches none of the names there are.

    Raises
    ------
    ValueError
        The message names the glob.
    """
    for glob in globs:
        if not any(_compiled(glob.removeprefix("!")).fullmatch(name) for name in names):
            raise ValueError(f"{who}: select needs globs that match an id, got {glob!r}, which matches none")


@dataclass(frozen=True)
class Scope:
    """What a check looks at.

    Attributes
    ----------
    globs : tuple of str
        The selection; empty for everything.
    smoke : bool
        Only the smoke set.
    declaration : Declaration
        What the implementation declares.
    """

    globs: tuple[str, ...] = ()
    smoke: bool = False
    declaration: Declaration = field(default_factory=Declaration)

    @property
    def text(self) -> str:
        """What was selected, in words; empty for everything."""
        parts = ["smoke set only"] * self.smoke + [f"selected {' '.join(self.globs)}"] * bool(self.globs)
        return ", ".join(parts)

    def chosen(self, cases: Iterable[Case]) -> list[Case]:
        """Return the cases to look at."""
        return [c for c in select(cases, self.globs) if not self.smoke or c.id in smoke_set()]

    def divided(self, cases: Iterable[Case]) -> tuple[list[Case], list[Verdict]]:
        """Return the chosen cases as they are judged, and verdicts on those outside of the declaration."""
        pairs = [(case, self.declaration.of(case)) for case in self.chosen(cases)]
        outside = [Verdict(case, skipped=found) for case, found in pairs if isinstance(found, str)]
        return [found for _, found in pairs if not isinstance(found, str)], outside

    def inside(self, cases: Iterable[Case]) -> list[Case]:
        """Return all cases inside of the declaration, chosen or not, as they are judged."""
        return [found for found in map(self.declaration.of, cases) if not isinstance(found, str)]

    def asks(self, function: str, fmt: str, promise: str) -> bool:
        """Whether to look at a promise of the array contract."""
        if self.smoke and f"{function}/{fmt}/contract/{promise}" not in smoke_set():
            return False
        if self.declaration.domain is not None and promise.startswith("beside "):
            return False  # what is put beside a row there need not be inside of any domain
        return matches(f"contract/{fmt}/{promise}", self.globs)
