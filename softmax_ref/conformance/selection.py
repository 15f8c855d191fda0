"""What of the corpus a check looks at: globs over ids, the smoke set, and what an implementation declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from softmax_ref.conformance.declared import Declaration
from softmax_ref.conformance.judge import Verdict
from softmax_ref.corpus import Case, formats_of, load
from softmax_ref.corpus.smoke import smoke_beginnings, smoke_set

if TYPE_CHECKING:
    from softmax_ref.conformance.report import Report

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


def refuse_unmatched(globs: Sequence[str], names: Collection[str], who: str = "check", note: str = "") -> None:
    """Refuse a glob that matches none of the names there are.

    Raises
    ------
    ValueError
        The message names the glob.
    """
    for glob in globs:
        if not any(_compiled(glob.removeprefix("!")).fullmatch(name) for name in names):
            raise ValueError(f"{who}: select needs globs that match an id, got {glob!r}, which matches none{note}")


WITHHELD = " that was asked; where the plain answers are wrong, or differ from call to call, most promises are not"
"""Why a glob of promises may match none: their names are known by asking alone."""


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

    def cases(self, function: str, fmt: str) -> list[Case]:
        """Return the cases of a format; none, and nothing is read, where the smoke set has nothing in it."""
        return [] if self.smoke and f"{function}/{fmt}" not in smoke_beginnings() else load(function, fmt)

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
        if self.smoke and f"{function}/{fmt}/contract" not in smoke_beginnings():
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

    def refuse_unknown(self, functions: Sequence[str], formats: Sequence[str] | None = None) -> None:
        """Refuse a domain of names that no function has, and a glob that no case matches and no promise can.

        Parameters
        ----------
        functions : sequence of str
            Functions of the corpus, all that are judged together.
        formats : sequence of str, optional
            Those that are judged. Default: all.

        Raises
        ------
        ValueError
            The message says which.
        """
        if not self.globs and self.declaration.domain is None:
            return
        pairs = [(f, fmt) for f in functions for fmt in formats_of(f) if formats is None or fmt in formats]
        cases = [case for function, fmt in pairs for case in load(function, fmt)]
        if self.declaration.domain is not None:
            self.declaration.domain.refuse_unknown(cases, ", ".join(functions))
        refuse_unmatched([g for g in self.globs if not _of_promises(g)], [case.id for case in cases])

    def refuse_unmatched(self, reports: Sequence[Report]) -> None:
        """Refuse a glob that neither a case nor a promise matches: the names of promises are known in the end.

        Raises
        ------
        ValueError
            The message says which.
        """
        globs = [glob for glob in self.globs if _of_promises(glob) and not glob.startswith("!")]
        broken = any(f.state == "broken" for report in reports for r in report.results for f in r.findings)
        if not globs or broken or any(report.incomplete for report in reports):
            return  # a run that ended early, or a broken promise without which others are not asked, hides names
        names = [v.case.id for report in reports for r in report.results for v in r.verdicts]
        for report in reports:
            named = [(r.format.name, r.findings) for r in report.results] + [("integer", report.integers)]
            names += [f"contract/{fmt}/{f.name}" for fmt, findings in named for f in findings]
        refuse_unmatched(globs, names, note=WITHHELD)


def _of_promises(glob: str) -> bool:
    """Whether a glob may be about promises of the array contract."""
    return _may_match(glob.removeprefix("!"), "contract/")


def _may_match(glob: str, start: str) -> bool:
    """Whether a glob may match an id with a given beginning."""
    plain = re.match(r"[^*?]*", glob).group()
    return plain.startswith(start) or (plain != glob and start.startswith(plain))
