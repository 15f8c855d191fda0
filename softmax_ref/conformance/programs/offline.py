"""Requests in a file and answers in another: for a device, a simulator, a machine without Python.

The numbering begins at a number made from the ids of the cases: answers to another selection, or of another corpus
version, carry a seq that is unknown here, and are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from softmax_ref.conformance.declared import Declaration, declare
from softmax_ref.conformance.judge import LEVELS, Verdict
from softmax_ref.conformance.programs.offer import Offer, read_offer
from softmax_ref.conformance.programs.protocol import Fault, Reply, parsed, read_reply, run_request, start_request
from softmax_ref.conformance.programs.running import FormatRun, another, sample, verdict
from softmax_ref.conformance.programs.session import Question
from softmax_ref.conformance.report import Report
from softmax_ref.conformance.selection import Scope, refuse_unmatched
from softmax_ref.conformance.xfails import ExpectedFailure
from softmax_ref.corpus import ALIASES, CORPUS_FORMATS, CORPUS_FUNCTIONS, CORPUS_VERSION, formats_of, load
from softmax_ref.corpus.policies import check_policies
from softmax_ref.formats import get_format

__all__ = ["Selection", "judge_answers", "requests", "selection_of"]

BLOCK = 1_000_000
"""More than the corpus has cases."""
MISSING = Fault("protocol", "no answer")
BLOCKS = 2000
"""So that every seq is an int of 32 bits."""


@dataclass(frozen=True)
class Selection:
    """Which cases are asked.

    Attributes
    ----------
    functions, formats, select : tuple of str
        Names, and globs over ids; empty for all.
    smoke : bool
        Only the smoke set.
    """

    functions: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    smoke: bool = False

    def runs(self) -> list[FormatRun]:
        """Return the cases by function and format, none of them asked yet.

        Raises
        ------
        ValueError
            An unknown function or format, a glob that matches nothing, or nothing is left.
        """
        for argument, known in (("functions", (*CORPUS_FUNCTIONS, *ALIASES)), ("formats", CORPUS_FORMATS)):
            for name in getattr(self, argument):
                if name not in known:
                    raise ValueError(f"requests: {argument} needs to be one of {', '.join(known)}, got {name!r}")
        scope, found = Scope(self.select, self.smoke), []
        for function in self.functions or CORPUS_FUNCTIONS:
            stored = ALIASES.get(function, function)
            for fmt in formats_of(stored):
                if not self.formats or fmt in self.formats:
                    found.append(FormatRun(function, get_format(fmt), load(stored, fmt)))
        refuse_unmatched(self.select, [case.id for run in found for case in run.cases], "requests")
        for run in found:
            run.cases = scope.chosen(run.cases)
            run.questions = [Question(case, run.function) for case in run.cases]
        if not any(run.cases for run in found):
            raise ValueError(f"requests: nothing is selected by {self}")
        return [run for run in found if run.cases]


def selection_of(start: bytes) -> Selection:
    """Return the selection that the first line of a file of requests names.

    Raises
    ------
    ValueError
        It is another line, or of another corpus version.
    """
    try:
        found = parsed(start)
        stored = found["selection"]
        lists = [tuple(map(str, stored[name])) for name in ("functions", "formats", "select")]
    except (Fault, KeyError, TypeError):
        raise ValueError(
            f"judge: --requests needs a file that softmax-ref requests wrote, got {start[:60]!r}"
        ) from None
    if found.get("corpus_version") != CORPUS_VERSION:
        version = found.get("corpus_version")
        raise ValueError(f"judge: the requests need to be of corpus {CORPUS_VERSION}, got {version!r}; ask again")
    return Selection(*lists, smoke=stored.get("smoke") is True)


def requests(selection: Selection) -> Iterator[dict]:
    """Yield all requests: start, each case once, some of them again, stop."""
    runs = selection.runs()
    yield start_request(selection=vars(selection))
    for seq, (run, n, _) in _numbered(runs).items():
        yield run_request(run.cases[n], seq, run.function)
    yield {"op": "stop"}


def _numbered(runs: Sequence[FormatRun]) -> dict[int, tuple[FormatRun, int, bool]]:
    """Return run, number of the case and whether it is asked again, by seq."""
    ids = "\n".join([CORPUS_VERSION, *(f"{run.function} {case.id}" for run in runs for case in run.cases)])
    found = [(run, n, False) for run in runs for n in range(len(run.cases))]
    found += [(run, n, True) for run in reversed(runs) for n in reversed(sample(run.cases))]
    return dict(enumerate(found, BLOCK * (crc32(ids.encode()) % BLOCKS) + 1))


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
    sheet, offer = _Sheet(_numbered(runs)), None
    for number, line in enumerate(lines, 1):
        if number == 1 and b'"seq"' not in line:
            offer = _offer(line)
        elif line.strip():
            sheet.take(line, number)
    said = offer or Offer(name, (), ())
    declaration = declare(working_format or said.working_format, domain or said.domain)
    _fill(sheet, declaration)
    for run in runs:
        run.not_offered = offer and _not_offered(run, offer, sheet)
    declared, scope = check_policies(said.policies | (policies or {})), Scope(selection.select, selection.smoke)
    more = {"declaration": declaration.text, "selection": scope.text, "xfails": tuple(expected)}
    called = f"{said.name} {said.version}".strip()
    return [
        Report(called, f, require, [run.result() for run in runs if run.function == f], [], declared, **more)
        for f in dict.fromkeys(run.function for run in runs)
    ]


def _offer(line: bytes) -> Offer:
    try:
        return read_offer(parsed(line))
    except Fault as fault:
        raise ValueError(f"judge: line 1: {fault.text}") from None


def _fill(sheet: _Sheet, declaration: Declaration) -> None:
    """Give each case its verdict, and compare the second answers with the first."""
    firsts: dict[str, Reply | Fault] = {}
    for seq, (run, n, again) in sheet.numbered.items():
        reply = sheet.replies.get(seq, MISSING)
        place = f"{run.function} {run.cases[n].id}"
        if not again:
            firsts[place] = reply
            judged = declaration.of(run.cases[n])
            outside = isinstance(judged, str)
            run.verdicts.append(Verdict(run.cases[n], skipped=judged) if outside else verdict(judged, reply))
        elif isinstance(firsts[place], Reply) and (problem := another(firsts[place], reply)):
            run.questions[n].blame(*problem)


def _not_offered(run: FormatRun, offer: Offer, sheet: _Sheet) -> str | None:
    """Return why a format has no answers, where the program says that it does not offer it."""
    if any(sheet.numbered[seq][0] is run for seq in sheet.replies):
        return None
    if run.function not in offer.functions:
        return "not among the functions of the program"
    return None if run.format.name in offer.formats else "not among the formats of the program"
