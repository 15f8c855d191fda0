"""What of the corpus a check looks at: globs over ids, the smoke set, and what an implementation declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from softmax_ref.conformance.declared import Declaration
from softmax_ref.conformance.judge import Verdict
from softmax_ref.conformance.promises import Finding
from softmax_ref.corpus import Case, load
from softmax_ref.corpus.smoke import smoke_set

if TYPE_CHECKING:
    from softmax_ref.conformance.report import FormatResult

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
    def text(self) -> str | None:
        """What was selected, in words; None for everything."""
        parts = ["smoke set only"] * self.smoke + [f"selected {' '.join(self.globs)}"] * bool(self.globs)
        return ", ".join(parts) or None

    def chosen(self, cases: Iterable[Case]) -> list[Case]:
        """Return the cases to look at."""
        return [c for c in select(cases, self.globs) if not self.smoke or c.id in smoke_set()]

    def inside(self, cases: Iterable[Case]) -> list[Case]:
        """Return the cases inside of the declaration, with the bounds they are judged by."""
        return [found for found in map(self.declaration.of, cases) if not isinstance(found, str)]

    def outside(self, cases: Iterable[Case]) -> list[Verdict]:
        """Return the verdicts on the cases outside of the declaration: not judged."""
        pairs = [(case, self.declaration.of(case)) for case in cases]
        return [Verdict(case, skipped=found) for case, found in pairs if isinstance(found, str)]

    def may_ask(self, function: str, fmt: str) -> bool:
        """Whether any promise of the array contract may be asked in a format; "integer" is one here."""
        start = f"{function}/{fmt}/contract/"
        if self.smoke and not any(name.startswith(start) for name in smoke_set()):
            return False
        wanted = [glob for glob in self.globs if not glob.startswith("!")]
        return not wanted or any(_may_match(glob, f"contract/{fmt}/") for glob in wanted)

    def asks(self, function: str, fmt: str) -> Callable[[str], bool]:
        """Return what says of a promise of the array contract whether to look at it."""

        def asks(promise: str) -> bool:
            if self.smoke and f"{function}/{fmt}/contract/{promise}" not in smoke_set():
                return False
            if self.declaration.domain is not None and promise.startswith("beside "):
                return False  # what is put beside a row there need not be inside of any domain
            return matches(f"contract/{fmt}/{promise}", self.globs)

        return asks

    def refuse_unknown(self, function: str, formats: Sequence[str]) -> None:
        """Refuse a domain of names that a function does not have, and a glob that can match nothing of it.

        Raises
        ------
        ValueError
            The message says which.
        """
        cases = [case for fmt in formats for case in load(function, fmt)]
        if self.declaration.domain is not None:
            self.declaration.domain.refuse_unknown(cases, function)
        refuse_unmatched([g for g in self.globs if not _of_promises(g)], [case.id for case in cases])

    def refuse_unmatched(self, function: str, results: Sequence[FormatResult], integers: Sequence[Finding]) -> None:
        """Refuse a glob that neither a case nor a promise matches; the names of promises are known in the end."""
        globs = [glob for glob in self.globs if _of_promises(glob)]
        if not globs:
            return
        names = [case.id for r in results for case in load(function, r.format.name)]
        names += [f"contract/{r.format.name}/{f.name}" for r in results for f in r.findings]
        refuse_unmatched(
            [g for g in globs if not g.startswith("!")], names + [f"contract/integer/{f.name}" for f in integers]
        )


def _of_promises(glob: str) -> bool:
    """Whether a glob may be about promises of the array contract."""
    return _may_match(glob.removeprefix("!"), "contract/")


def _may_match(glob: str, start: str) -> bool:
    """Whether a glob may match an id with a given beginning."""
    plain = re.match(r"[^*?]*", glob).group()
    return plain.startswith(start) or (plain != glob and start.startswith(plain))
