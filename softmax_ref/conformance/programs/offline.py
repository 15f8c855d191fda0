"""Answers in a file, to requests in another: for a device, a simulator, a machine without Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from softmax_ref.conformance.declared import Declaration, declare
from softmax_ref.conformance.judge import LEVELS, Verdict
from softmax_ref.conformance.programs.offer import Offer, read_offer
from softmax_ref.conformance.programs.protocol import Fault, parsed
from softmax_ref.conformance.programs.replies import Reply, read_reply
from softmax_ref.conformance.programs.requested import Selection, numbered, requests, selection_of
from softmax_ref.conformance.programs.running import FormatRun, another, verdict
from softmax_ref.conformance.report import Report
from softmax_ref.conformance.selection import Scope
from softmax_ref.conformance.xfails import ExpectedFailure
from softmax_ref.corpus.policies import check_policies

__all__ = ["Selection", "judge_answers", "requests", "selection_of"]

MISSING = Fault("protocol", "no answer")


@dataclass
class _Sheet:
    """Answers by seq, as they are read."""

    numbered: dict[int, tuple[FormatRun, int, bool]]
    replies: dict[int, Reply | Fault] = field(default_factory=dict)

    def take(self, line: bytes, number: int) -> None:
        """Read one answer."""
        try:
            found = parsed(line)
        except Fault as fault:
            raise ValueError(f"judge: line {number}: {fault.text}") from None
        seq = found.get("seq")
        if type(seq) is not int or seq not in self.numbered:
            known = f"{min(self.numbered)} to {max(self.numbered)}"
            raise ValueError(f"judge: line {number} needs the seq of a request, {known}, got {seq!r}")
        run, n, _ = self.numbered[seq]
        if seq in self.replies:
            run.questions[n].blame("two-answers", f"answered a second time in line {number}")
            return
        try:
            self.replies[seq] = read_reply(found, run.cases[n])
        except Fault as fault:
            self.replies[seq] = fault


def judge_answers(
    lines: Iterable[bytes],
    selection: Selection,
    require: str = "standard",
    policies: dict[str, str] | None = None,
    name: str = "answers",
    working_format: str | None = None,
    domain: str | None = None,
    expected: Sequence[ExpectedFailure] = (),
) -> list[Report]:
    """Judge answers that were made elsewhere, in any order.

    Parameters
    ----------
    lines : iterable of bytes
        The answers; the first one may be the answer to start.
    selection : Selection
        That of the requests.
    require, policies, name, working_format, domain
        As in `softmax_ref.check`.
    expected : sequence of ExpectedFailure
        As `softmax_ref.conformance.xfails.read_xfails` returns them.

    Returns
    -------
    list of Report
        One for each function; a case without an answer has failed.

    Raises
    ------
    ValueError
        A line cannot be read, or answers nothing that was asked; the message has its number.
    """
    if require not in LEVELS:
        raise ValueError(f"judge: require needs to be one of {', '.join(LEVELS)}, got {require!r}")
    runs = selection.runs()
    sheet, offer = _read(lines, numbered(runs))
    said = offer or Offer(name, (), ())
    declaration = declare(working_format or said.working_format, domain or said.domain)
    _refuse_unknown(declaration, runs)
    for run in runs:
        _judge(run, sheet, declaration)
        run.not_offered = offer and _not_offered(run, offer, sheet)
    declared, scope = check_policies(said.policies | (policies or {})), Scope(selection.select, selection.smoke)
    more = {"declaration": declaration.text, "selection": scope.text, "xfails": tuple(expected)}
    called = f"{said.name} {said.version}".strip()
    return [
        Report(called, f, require, [run.result() for run in runs if run.function == f], [], declared, **more)
        for f in dict.fromkeys(run.function for run in runs)
    ]


def _read(lines: Iterable[bytes], questions: dict[int, tuple[FormatRun, int, bool]]) -> tuple[_Sheet, Offer | None]:
    sheet, offer = _Sheet(questions), None
    for number, line in enumerate(lines, 1):
        if number == 1 and b'"seq"' not in line:
            offer = _offer(line)
        elif line.strip():
            sheet.take(line, number)
    return sheet, offer


def _refuse_unknown(declaration: Declaration, runs: Sequence[FormatRun]) -> None:
    if declaration.domain is not None:
        functions = ", ".join(dict.fromkeys(run.function for run in runs))
        declaration.domain.refuse_unknown([case for run in runs for case in run.cases], functions)


def _offer(line: bytes) -> Offer:
    try:
        return read_offer(parsed(line))
    except Fault as fault:
        raise ValueError(f"judge: line 1: {fault.text}") from None


def _judge(run: FormatRun, sheet: _Sheet, declaration: Declaration) -> None:
    """Give each case its verdict, and compare the second answers with the first."""
    mine = [(n, again, sheet.replies.get(seq, MISSING)) for seq, (of, n, again) in sheet.numbered.items() if of is run]
    first = {n: reply for n, again, reply in mine if not again}
    for n, again, reply in mine:
        if again and isinstance(first[n], Reply) and (problem := another(first[n], reply)):
            run.questions[n].blame(*problem)
    asked = []
    for n, question in enumerate(run.questions):
        case = declaration.of(question.case)
        if isinstance(case, str):
            run.outside.append(Verdict(question.case, skipped=case))
        else:
            run.verdicts.append(verdict(case, first[n]))
            asked.append(question)
    run.questions = asked


def _not_offered(run: FormatRun, offer: Offer, sheet: _Sheet) -> str | None:
    """Return why a format has no answers, where the program says that it does not offer it."""
    if any(sheet.numbered[seq][0] is run for seq in sheet.replies):
        return None
    if run.function not in offer.functions:
        return "not among the functions of the program"
    return None if run.format.name in offer.formats else "not among the formats of the program"
