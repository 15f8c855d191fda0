"""check_program: judge a program in any language against the corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from os import PathLike

from softmax_ref.conformance.declared import declare
from softmax_ref.conformance.judge import LEVELS
from softmax_ref.conformance.programs.keeper import Keeper, StartError
from softmax_ref.conformance.programs.offer import Offer
from softmax_ref.conformance.programs.offered import FunctionRun, Wanted
from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.conformance.programs.protocol import Fault
from softmax_ref.conformance.programs.session import Session
from softmax_ref.conformance.promises import Finding
from softmax_ref.conformance.report import Report
from softmax_ref.conformance.selection import Scope
from softmax_ref.conformance.xfails import read_xfails
from softmax_ref.corpus import ALIASES, CORPUS_FORMATS, CORPUS_FUNCTIONS, formats_of
from softmax_ref.corpus.policies import check_policies

__all__ = ["StartError", "check_program"]


def _quiet(steps: Iterable, label: str, total: int) -> Iterable:
    return steps


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
    keeper = Keeper(command, limits, show)
    try:
        declaration = declare(working_format or keeper.offer.working_format, domain or keeper.offer.domain)
        scope = Scope((select,) if isinstance(select, str) else tuple(select), smoke, declaration)
        declared = check_policies(keeper.offer.policies | (policies or {}))
        called = name or f"{keeper.offer.name} {keeper.offer.version}".strip()
        expected = read_xfails(xfails) if xfails is not None else ()
        wanted = Wanted(None if formats is None else tuple(formats), require, declared, called, scope, expected)
        session = Session(keeper)
        runs = [FunctionRun(f, session, wanted) for f in _functions(keeper.offer, function)]
        scope.refuse_unknown([run.stored for run in runs], wanted.formats)
        fault = _ask(runs, session, progress)
    finally:
        keeper.kill()
    reports = _reports(runs, fault)
    scope.refuse_unmatched(reports)
    return reports


def _ask(runs: list[FunctionRun], session: Session, progress: Callable[[Iterable, str, int], Iterable]) -> Fault | None:
    """Ask for every function, and return what is wrong with the end of the program."""
    try:
        for run in runs:
            run.ask(progress)
        return session.stop()
    except KeyboardInterrupt:
        _interrupt(runs)
        return None


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


def _interrupt(runs: list[FunctionRun]) -> None:
    """Say of each function how far it came; the last one begun was under way."""
    *_, last = [run for run in runs if run.begun] or [None]
    for run in runs:
        if not run.begun:
            run.incomplete = "interrupted before it"
    if last is not None:
        asked = last.runs[-1] if last.runs else None
        done, total = (len(asked.verdicts), len(asked.cases)) if asked else (0, 0)
        last.incomplete = f"interrupted after {done} of {total} cases" + (f" of {asked.format.name}" if asked else "")


def _reports(runs: list[FunctionRun], fault: Fault | None) -> list[Report]:
    reports = [run.report() for run in runs]
    judged = [result for report in reports for result in report.judged]
    if fault is not None and judged:
        judged[-1].findings.append(Finding("stop", fault.flag, "broken", fault.text))
    return reports
