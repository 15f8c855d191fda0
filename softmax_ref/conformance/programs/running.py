"""One function of a program in one format: every case once, some of them again, then the promises."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from softmax_ref.conformance.judge import Verdict, judge_answer
from softmax_ref.conformance.programs.promised import contract
from softmax_ref.conformance.programs.protocol import Fault
from softmax_ref.conformance.programs.replies import Reply
from softmax_ref.conformance.programs.session import Question, Session
from softmax_ref.conformance.promises import Finding
from softmax_ref.conformance.report import FormatResult
from softmax_ref.conformance.selection import Scope
from softmax_ref.corpus import Case
from softmax_ref.formats import Format

__all__ = ["FormatRun", "another", "sample", "verdict"]

AGAIN = 16
"""Cases of a format that are asked three times."""
SHORT = 4096
"""Entries of inputs and result, up to which a case is asked again."""
TOGETHER = 4
"""Requests that stand in the pipe at once, when cases are asked for the third time."""


def sample(cases: Sequence[Case]) -> list[int]:
    """Return which cases are asked again: short ones, spread over all."""
    short = [n for n, case in enumerate(cases) if _entries(case) <= SHORT]
    step = max(1, math.ceil(len(short) / AGAIN))
    return short[::step]


def _entries(case: Case) -> int:
    shapes = [stored["shape"] for stored in case.record["inputs"].values()]
    return sum(map(math.prod, [*shapes, case.shape]))


def shuffled(numbers: Sequence[int]) -> list[int]:
    """Return numbers in an order that looks random and is always the same."""
    return random.Random(len(numbers)).sample(numbers, len(numbers))


def verdict(case: Case, reply: Reply | Fault) -> Verdict:
    """Return what a reply says of a case."""
    if isinstance(reply, Fault):
        return Verdict(case, ((reply.flag, reply.text),))
    return replace(judge_answer(case, reply.answer), skipped=reply.skipped)


def another(first: Reply, again: Reply | Fault) -> tuple[str, str] | None:
    """Return the problem of a second answer that is not the first."""
    if isinstance(again, Fault):
        return again.flag, f"when it was asked again: {again.text}"
    one, two = first.answer.result, again.answer.result
    if one is None or two is None:
        same = one is two and (first.skipped is None) == (again.skipped is None)
        return None if same else ("not-repeatable", "asked again, it has an answer once and none once")
    different = ~((one == two) & (np.signbit(one) == np.signbit(two)) | np.isnan(one) & np.isnan(two)).ravel()
    if not different.any():
        return None
    at = int(np.argmax(different))
    return "not-repeatable", f"asked again, entry {at} is {two.ravel()[at]:.9g}; it was {one.ravel()[at]:.9g}"


@dataclass
class FormatRun:
    """What is asked of one format, and what came back.

    Attributes
    ----------
    function : str
        The name by which the function is asked for.
    format : Format
        Of the cases.
    cases : list of Case
        Those that are asked, as they are judged.
    outside : list of Verdict
        On those outside of what the program declares.
    optional : bool
        Whether a refusal of the first case means that the format is not offered.
    not_offered : str or None
        Why nothing is asked.
    """

    function: str
    format: Format
    cases: list[Case]
    outside: list[Verdict] = field(default_factory=list)
    optional: bool = True
    not_offered: str | None = None
    questions: list[Question] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    empty_axis: str | None = None

    def ask(self, session: Session, progress: Callable[[Iterable, str, int], Iterable]) -> None:
        """Ask every case, and a sample of them twice more: backwards, and several at once in another order."""
        again = set(sample(self.cases))
        kept: dict[int, Reply] = {}
        for n, case in enumerate(progress(self.cases, f"{self.function} {self.format.name}", len(self.cases))):
            question = Question(case, self.function)
            ((_, reply),) = session.ask([question])
            if n == 0 and self.optional and (refusal := _refusal(reply)):
                self.not_offered = refusal
                return
            self.questions.append(question)
            self.verdicts.append(verdict(case, reply))
            if n in again and isinstance(reply, Reply):
                kept[n] = reply
        self._again(session, kept)

    def _again(self, session: Session, kept: dict[int, Reply]) -> None:
        for numbers in _orders(list(kept)):
            if session.over is not None:
                return
            questions = {id(self.questions[n]): n for n in numbers}
            for question, reply in session.ask([self.questions[n] for n in numbers]):
                problem = another(kept[questions[id(question)]], reply)
                if problem and session.over is None:
                    question.blame(*problem)

    def promises(self, session: Session, function: str, level: str, scope: Scope) -> None:
        """Ask for the promises of the array contract in this format."""
        if self.not_offered is None and (self.verdicts or not self.cases):
            asked = (self.function, function, self.format.name, level, scope)
            self.findings, self.empty_axis = contract(session, *asked)

    def result(self) -> FormatResult:
        """Return the verdicts, with all that came to light after each."""
        if self.not_offered is not None:
            return FormatResult(self.format, not_offered=self.not_offered)
        judged = [_blamed(v, question) for v, question in zip(self.verdicts, self.questions, strict=True)]
        if judged and all(v.skipped is not None for v in judged):
            return FormatResult(self.format, not_offered=judged[0].skipped or "skipped, without a reason")
        return FormatResult(self.format, judged + self.outside, self.findings, self.empty_axis)


def _orders(numbers: list[int]) -> Iterator[list[int]]:
    yield from ([n] for n in reversed(numbers))
    mixed = shuffled(numbers)
    yield from (mixed[start : start + TOGETHER] for start in range(0, len(mixed), TOGETHER))


def _refusal(reply: Reply | Fault) -> str | None:
    problems = () if isinstance(reply, Fault) else reply.answer.problems
    return next((text for flag, text in problems if flag == "raises" and text.startswith("TypeError:")), None)


def _blamed(found: Verdict, question: Question) -> Verdict:
    if not question.problems:
        return found
    return replace(found, problems=(*found.problems, *question.problems), skipped=None)
