"""check_program: judge a program in any language against the corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from os import PathLike

from softmax_ref.conformance.declared import declare
from softmax_ref.conformance.judge import LEVELS
from softmax_ref.conformance.programs.offer import Offer
from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.conformance.programs.protocol import Fault
from softmax_ref.conformance.programs.running import FormatRun, promised
from softmax_ref.conformance.programs.session import Session, StartError
from softmax_ref.conformance.promises import Finding
from softmax_ref.conformance.report import Report
from softmax_ref.conformance.selection import Scope
from softmax_ref.conformance.xfails import ExpectedFailure, read_xfails
from softmax_ref.corpus import ALIASES, CORPUS_FORMATS, CORPUS_FUNCTIONS, formats_of, load
from softmax_ref.corpus.policies import check_policies
from softmax_ref.formats import get_format

__all__ = ["StartError", "check_program"]


def _quiet(steps: Iterable, label: str, total: int) -> Iterable:
    return steps


@dataclass(frozen=True)
class _Wanted:
    """What is judged, and how."""

    formats: tuple[str, ...] | None
    require: str
    policies: dict[str, str]
    name: str
    scope: Scope
    expected: tuple[ExpectedFailure, ...]


def check_program(
    command: Sequence[str],
    function: str | None = None,
    formats: Sequence[str] | None = None,
    require: str = "standard",
    policies: dict[str, str] | None = None,
    name: str | None = None,
    smoke: bool = False,
    select: Sequence[str] = (),
    working_format: str | None = None,
    domain: str | None = None,
    xfails: str | PathLike | None = None,
    limits: Limits | None = None,
    progress: Callable[[Iterable, str, int], Iterable] = _quiet,
    show: Callable[[bytes], None] | None = None,
) -> list[Report]:
    """Judge a program that speaks the protocol of PROTOCOL.md, contained in a process group of its own.

    A crash, a hang or nonsense is the verdict on the case that was asked; the program is started again, and the
    next case is asked. Ctrl-C ends the program, and gives the report so far.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments.
    function : str, optional
        A function of the corpus or an alias. Default: every one that the program offers.
    formats, require, policies, smoke, select, working_format, domain, xfails
        As in `softmax_ref.check`; what is given here goes before what the program says of itself.
    name : str, optional
        What the reports call the program. Default: its own name and version.
    limits : Limits, optional
        Of time, memory, output and starts.
    progress : callable, optional
        Takes the cases of a format, a label and their number, and yields the cases.
    show : callable, optional
        Takes what the program writes to standard error; default: to standard error.

    Returns
    -------
    list of Report
        One for each function.

    Raises
    ------
    ValueError
        An unknown function, format, level, policy or outcome; a program that offers nothing of the corpus.
    StartError
        The program cannot be started, or does not answer to start.
    """
    _check_names(function, formats, require)
    session = Session(command, limits or Limits(), show)
    try:
        declaration = declare(working_format or session.offer.working_format, domain or session.offer.domain)
        scope = Scope((select,) if isinstance(select, str) else tuple(select), smoke, declaration)
        declared = check_policies(session.offer.policies | (policies or {}))
        called = name or f"{session.offer.name} {session.offer.version}".strip()
        expected = read_xfails(xfails) if xfails is not None else ()
        wanted = _Wanted(None if formats is None else tuple(formats), require, declared, called, scope, expected)
        runs = [_Run(f, session, wanted) for f in _functions(session.offer, function)]
        scope.refuse_unknown([run.stored for run in runs], wanted.formats)
        try:
            for run in runs:
                run.ask(progress)
            fault = session.stop()
        except KeyboardInterrupt:
            fault = None
            _interrupt(runs)
    finally:
        session.kill()
    reports = _reports(runs, fault)
    scope.refuse_unmatched(reports)
    return reports


def _check_names(function: str | None, formats: Sequence[str] | None, require: str) -> None:
    known = formats_of(ALIASES.get(function, function)) if function in (*CORPUS_FUNCTIONS, *ALIASES) else CORPUS_FORMATS
    asked = [("function", function, (*CORPUS_FUNCTIONS, *ALIASES))] if function is not None else []
    asked += [("formats", wanted, (*known, "integer")) for wanted in formats or ()]
    for argument, value, names in (*asked, ("require", require, LEVELS)):
        if value not in names:
            raise ValueError(f"check: {argument} needs to be one of {', '.join(names)}, got {value!r}")


def _functions(offer: Offer, function: str | None) -> list[str]:
    if function is not None:
        return [function]
    known = [name for name in (*CORPUS_FUNCTIONS, *ALIASES) if name in offer.functions]
    if not known:
        raise ValueError(f"check: the program needs functions of the corpus, got {', '.join(offer.functions)!r}")
    return known


@dataclass
class _Run:
    """One function of a program."""

    function: str
    session: Session
    wanted: _Wanted
    runs: list[FormatRun] = field(default_factory=list)
    integers: list[Finding] = field(default_factory=list)
    incomplete: str | None = None
    begun: bool = False

    @property
    def stored(self) -> str:
        return ALIASES.get(self.function, self.function)

    def ask(self, progress: Callable[[Iterable, str, int], Iterable]) -> None:
        """Ask all formats, then integers."""
        self.begun = True
        self.session.renew()
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
        offer, reason = self.session.offer, None
        if self.function not in offer.functions:
            reason = f"not among the functions of the program: {', '.join(offer.functions)}"
        elif fmt not in offer.formats:
            reason = "not among the formats of the program"
        scope, cases = self.wanted.scope, [] if reason else load(self.stored, fmt)
        chosen = scope.chosen(cases)
        if not chosen and not reason and not scope.may_ask(self.stored, fmt):
            reason = f"not judged: {scope.text} has nothing in this format"
        asked = scope.inside(chosen), scope.outside(chosen)
        return FormatRun(self.function, get_format(fmt), *asked, self.wanted.formats is None, reason)

    def _integers(self) -> list[Finding]:
        wanted, session = self.wanted, self.session
        if wanted.scope.declaration.text and session.offer.contract:
            return [Finding("integers", "integer-input", "refused", "not asked: something is declared")]
        return promised(session, self.function, self.stored, "integer", wanted.require, wanted.scope)[0]

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
            command=tuple(self.session.command),
        )


def _interrupt(runs: list[_Run]) -> None:
    for run in runs:
        asked = run.runs[-1] if run.runs else None
        if not run.begun:
            run.incomplete = "interrupted before it"
        elif run is runs[-1] or not next(other for other in runs[runs.index(run) + 1 :]).begun:
            done, total = (len(asked.verdicts), len(asked.cases)) if asked else (0, 0)
            where = f"after {done} of {total} cases of {asked.format.name}" if asked else "at its beginning"
            run.incomplete = f"interrupted {where}"


def _reports(runs: list[_Run], fault: Fault | None) -> list[Report]:
    reports = [run.report() for run in runs]
    judged = [result for report in reports for result in report.judged]
    if fault is not None and judged:
        judged[-1].findings.append(Finding("stop", fault.flag, "broken", fault.text))
    return reports
