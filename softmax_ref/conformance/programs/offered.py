"""A function that a program offers, in all its formats: from what is wanted to a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from softmax_ref.conformance.programs.promised import contract
from softmax_ref.conformance.programs.running import FormatRun
from softmax_ref.conformance.programs.session import Session
from softmax_ref.conformance.promises import Finding
from softmax_ref.conformance.report import Report
from softmax_ref.conformance.selection import Scope
from softmax_ref.conformance.xfails import ExpectedFailure
from softmax_ref.corpus import ALIASES, formats_of
from softmax_ref.formats import get_format

__all__ = ["FunctionRun", "Wanted"]


@dataclass(frozen=True)
class Wanted:
    """What is judged, and how.

    Attributes
    ----------
    formats : tuple of str or None
        Float formats and "integer"; None for all.
    require, policies, name
        As in `softmax_ref.check`.
    scope : Scope
        Which cases and promises.
    expected : tuple of ExpectedFailure
        The list of expected failures.
    """

    formats: tuple[str, ...] | None
    require: str
    policies: dict[str, str]
    name: str
    scope: Scope
    expected: tuple[ExpectedFailure, ...]


@dataclass
class FunctionRun:
    """One function of a program: what is asked of it, and what came back.

    Attributes
    ----------
    function : str
        The name by which it is asked for.
    session : Session
        With the program.
    wanted : Wanted
        What is judged.
    incomplete : str or None
        Why the run ended early.
    begun : bool
        Whether anything was asked.
    """

    function: str
    session: Session
    wanted: Wanted
    runs: list[FormatRun] = field(default_factory=list)
    integers: list[Finding] = field(default_factory=list)
    incomplete: str | None = None
    begun: bool = False

    @property
    def stored(self) -> str:
        """The function of the corpus, of which this may be an alias."""
        return ALIASES.get(self.function, self.function)

    def ask(self, progress: Callable[[Iterable, str, int], Iterable]) -> None:
        """Ask all formats, then integers."""
        self.begun = True
        self.session.keeper.renew()
        wanted = self.wanted
        for fmt in formats_of(self.stored):
            if wanted.formats is None or fmt in wanted.formats:
                self.runs.append(self._format(fmt))
                if self.runs[-1].not_offered is None:
                    self.runs[-1].ask(self.session, progress)
                    self.runs[-1].promises(self.session, self.stored, wanted.require, wanted.scope)
        if wanted.formats is None or "integer" in wanted.formats:
            self.integers = self._integers()
        self.incomplete = self.session.over and self.session.over.text

    def _format(self, fmt: str) -> FormatRun:
        offer, reason = self.session.keeper.offer, None
        if self.function not in offer.functions:
            reason = f"not among the functions of the program: {', '.join(offer.functions)}"
        elif fmt not in offer.formats:
            reason = "not among the formats of the program"
        scope, cases = self.wanted.scope, [] if reason else self.wanted.scope.cases(self.stored, fmt)
        chosen = scope.chosen(cases)
        if not chosen and not reason and not scope.may_ask(self.stored, fmt):
            reason = f"not judged: {scope.text} has nothing in this format"
        asked = scope.inside(chosen), scope.outside(chosen)
        return FormatRun(self.function, get_format(fmt), *asked, self.wanted.formats is None, reason)

    def _integers(self) -> list[Finding]:
        wanted, session = self.wanted, self.session
        if wanted.scope.declaration.text and session.keeper.offer.contract:
            return [Finding("integers", "integer-input", "refused", "not asked: something is declared")]
        return contract(session, self.function, self.stored, "integer", wanted.require, wanted.scope)[0]

    def report(self) -> Report:
        """Return what was found."""
        results, wanted = [run.result() for run in self.runs], self.wanted
        return Report(
            wanted.name,
            self.function,
            wanted.require,
            results,
            self.integers,
            wanted.policies,
            incomplete=self.incomplete,
            declaration=wanted.scope.declaration.text,
            selection=wanted.scope.text,
            xfails=wanted.expected,
            command=tuple(self.session.keeper.command),
        )
