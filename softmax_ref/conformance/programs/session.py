"""Asking a program: whatever it does instead of answering is a fault of one question, and the next is asked."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from reprlib import repr as shown

from softmax_ref.conformance.declared import Declaration
from softmax_ref.conformance.programs.child import Child
from softmax_ref.conformance.programs.offer import Offer, read_findings, read_offer
from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.conformance.programs.protocol import (
    Fault,
    Reply,
    excerpt,
    parsed,
    read_reply,
    run_request,
    start_request,
    words,
)
from softmax_ref.conformance.promises import Finding
from softmax_ref.corpus import Case

__all__ = ["Question", "Session", "StartError"]

EXTRA = 64
"""Lines without a request that are read before the program is started again."""
FINDINGS = 1 << 14
"""Values that stand for the size of a list of findings."""
PROMISES = 5
"""Promises of a format that may end the program, before no more of them are asked."""
SLOWER = 6
"""A promise is many calls: how many times the limit of a case it may take."""


class StartError(Exception):
    """A program does not start, or not as the protocol says: nothing can be judged.

    Attributes
    ----------
    told : bool
        Whether the program itself has said why.
    """

    def __init__(self, text: str, told: bool = False) -> None:
        super().__init__(text)
        self.told = told


@dataclass
class Question:
    """A case that is asked, once or again.

    Attributes
    ----------
    case : Case
        The case.
    function : str
        The name by which the function is asked for.
    problems : list of (flag, text)
        What was wrong with the program, beside or instead of its first answer.
    """

    case: Case
    function: str
    problems: list[tuple[str, str]] = field(default_factory=list)

    def blame(self, flag: str, text: str) -> None:
        """Note a problem, each kind once."""
        if flag not in [known for known, _ in self.problems]:
            self.problems.append((flag, text))


class Session:
    """A program under way: started when it is needed, again after each fault, and stopped at the end.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments.
    limits : Limits
        Of time, memory, output and starts.
    show : callable, optional
        Takes what the program writes to standard error.

    Raises
    ------
    StartError
        The first start fails.
    """

    def __init__(
        self, command: Sequence[str], limits: Limits | None = None, show: Callable[[bytes], None] | None = None
    ) -> None:
        self.command, self.limits, self.show = list(command), limits or Limits(), show
        self.until = time.monotonic() + self.limits.run
        self.child: Child | None = None
        self.seq, self.row, self.restarts = 0, 0, 0
        self.answered: dict[int, Question] = {}
        self.last: Question | None = None
        self.asking: str | None = None
        self.over: Fault | None = None
        try:
            self.offer: Offer = self._start()
        except OSError as error:
            raise StartError(f"cannot be started: {error.strerror or error}") from None
        except Fault as fault:
            self.kill()
            told = fault.flag == "error"
            raise StartError(fault.text if told else f"no answer to start: {fault.text}", told) from None
        except BaseException:
            self.kill()
            raise

    def renew(self) -> None:
        """Begin another run: its time is counted from now."""
        self.until = time.monotonic() + self.limits.run

    def ask(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Reply | Fault]]:
        """Ask several questions at once; after a fault that leaves the program lost, the rest have no answer."""
        try:
            self._ready()
            first = self.seq + 1
            self._send(*(run_request(q.case, n, q.function) for n, q in enumerate(questions, first)))
        except Fault as fault:
            yield questions[0], fault
            return
        for seq, question in enumerate(questions, first):
            try:
                reply = read_reply(self._answer(seq, question.case), question.case, self.offer.contract is not None)
                self.row = 0
            except Fault as fault:
                reply = fault
            self.answered[seq] = self.last = question
            if isinstance(reply, Fault) and reply.lost:
                self._drop(reply)
                yield question, reply
                return
            yield question, reply

    def contract(
        self,
        function: str,
        fmt: str,
        level: str,
        promises: list[str] | None = None,
        declaration: Declaration | None = None,
    ) -> tuple[list[Finding], str | None]:
        """Ask for the promises of the array contract; one that ends the program is broken, and the others are asked.

        Parameters
        ----------
        function, fmt, level : str
            What is asked; the format may be "integer".
        promises : list of str, optional
            Only these.
        declaration : Declaration, optional
            What bounds the cases that they are asked with.

        Returns
        -------
        list of Finding, str or None
            What was found, and the observed answer to an empty axis.
        """
        broken: list[Finding] = []
        while True:
            only = {} if promises is None else {"promises": promises}
            only |= _declared(declaration)
            request = {"op": "contract", "function": function, "format": fmt, "level": level} | only
            self.asking = None
            try:
                found = self._findings(request | {"without": [finding.name for finding in broken]})
                return [*broken, *found[0]], found[1]
            except Fault as fault:
                if self.over is None and fault.lost:
                    self._drop(fault)
                again = fault.lost and self.asking not in (None, *(finding.name for finding in broken))
                broken.append(Finding(self.asking or "the array contract", fault.flag, "broken", fault.text))
                if not again or self.over is not None or len(broken) >= PROMISES:
                    return broken, None

    def stop(self) -> Fault | None:
        """Ask the program to end, and return what is wrong with how it does."""
        if self.child is None:
            return None
        try:
            for line in self.child.finish(self.limits.case):
                self._unasked(line)
        except Fault as fault:
            return fault
        finally:
            self.kill()
        return None

    def kill(self) -> None:
        """End the program and what it has started."""
        if self.child is not None:
            child, self.child = self.child, None
            child.kill()

    def _start(self) -> Offer:
        self.child = Child(self.command, self.limits, self.show)
        self.answered, self.last = {}, None
        self.child.send(start_request())
        return read_offer(parsed(self.child.receive(self.limits.start)))

    def _drop(self, fault: Fault) -> None:
        """End a program that is lost; the next question starts it again, if that has not been too often."""
        self.kill()
        self.row, self.restarts = self.row + 1, self.restarts + 1
        many, in_all = self.limits.row, self.limits.restarts
        if self.row >= many or self.restarts >= in_all:
            times = f"{many} times in a row" if self.row >= many else f"{in_all} times"
            self.over = Fault(fault.flag, f"not asked: the program was lost {times}, the last time: {fault.text}")

    def _ready(self) -> None:
        """Have the program under way, with nothing unread."""
        if self.over is None and time.monotonic() >= self.until:
            self.over = Fault("timeout", f"not asked: the time of the run, {self.limits.run:.3g} s, was over")
        if self.over is not None:
            raise self.over
        if self.child is not None:
            self._unread()
        try:
            if self.child is None:
                self._start()
        except OSError as error:
            self.over = Fault("exit", f"not asked: the program cannot be started again: {error.strerror or error}")
            raise self.over from None
        except Fault as fault:
            again = Fault("protocol" if fault.flag == "error" else fault.flag, f"was started again: {fault.text}")
            self._drop(again)
            raise again from None

    def _unread(self) -> None:
        """Read what was written since the last answer; nothing should be."""
        try:
            for _ in range(EXTRA):
                line = self.child.pending()
                if line is None:
                    return
                self._unasked(line)
            raise Fault("output-limit", "endless lines without a request")
        except Fault as fault:
            self._blame(fault.flag, fault.text)
            self.kill()

    def _unasked(self, line: bytes) -> None:
        """Blame a line that nobody asked for on the question that it repeats, or on the last one."""
        try:
            seq = parsed(line).get("seq")
        except Fault:
            seq = None
        question = self.answered.get(seq) if isinstance(seq, int) else None
        text = f"wrote another line after its answer: {excerpt(line)}"
        if question is not None:
            question.blame("two-answers", text)
        else:
            self._blame("answer-order" if isinstance(seq, int) and seq > self.seq else "two-answers", text)

    def _blame(self, flag: str, text: str) -> None:
        if self.last is not None:
            self.last.blame(flag, text)

    def _send(self, *requests: dict) -> None:
        self.seq += len(requests)
        self.child.send(*requests)

    def _line(self, seconds: float, size: int = 0) -> dict:
        left = min(seconds, self.until - time.monotonic())
        return parsed(self.child.receive(max(left, 0.0), size))

    def _answer(self, seq: int, case: Case) -> dict:
        """Return the answer to a request; those that repeat an earlier one are read over, and blamed on that."""
        deadline, size = time.monotonic() + self.limits.case, math.prod(case.shape)
        repeated: list[tuple[int, dict]] = []
        while len(repeated) < EXTRA:
            try:
                found = self._line(deadline - time.monotonic(), size)
            except Fault as fault:
                if fault.flag != "timeout" or not repeated:
                    raise
                break
            got = found.get("seq")
            if type(got) is not int:
                raise Fault("wrong-seq", f"an answer needs the seq of its request, got {words(shown(got))}")
            if got == seq:
                for earlier, _ in repeated:
                    self.answered[earlier].blame("two-answers", "answered a second time")
                return found
            if got not in self.answered:
                raise _stray(got, seq, self.seq)
            repeated.append((got, found))
        raise Fault("wrong-seq", f"got seq {repeated[-1][0]} for {seq}, and no other answer")

    def _findings(self, request: dict) -> tuple[list[Finding], str | None]:
        self._ready()
        self._send({**request, "seq": self.seq + 1})
        while True:
            found = self._line(SLOWER * self.limits.case, FINDINGS)
            if found.get("seq") != self.seq:
                raise Fault("wrong-seq", f"got seq {words(shown(found.get('seq')))}, the request has {self.seq}")
            if set(found) != {"seq", "asking"}:
                return read_findings(found)
            self.asking, self.row = words(str(found["asking"])), 0


def _declared(declaration: Declaration | None) -> dict[str, str]:
    """Return the part of a request that names what is declared, if anything is."""
    if declaration is None:
        return {}
    working = {"working_format": declaration.working.name} if declaration.working else {}
    return working | ({"domain": declaration.domain.text} if declaration.domain else {})


def _stray(got: int, seq: int, newest: int) -> Fault:
    if seq < got <= newest:
        return Fault("answer-order", f"answered seq {got} before {seq}")
    return Fault("wrong-seq", f"got seq {got}, the request has seq {seq}")
