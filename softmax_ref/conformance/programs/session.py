"""Asking a program: whatever it does instead of answering is a fault of one question, and the next is asked."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from reprlib import repr as shown

from softmax_ref.conformance.programs.keeper import Keeper
from softmax_ref.conformance.programs.protocol import Fault, excerpt, parsed, run_request, words
from softmax_ref.conformance.programs.replies import Reply, read_reply
from softmax_ref.corpus import Case

__all__ = ["Question", "Session"]

EXTRA = 64
"""Lines without a request that are read before the program is started again."""


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
    """Questions to a program, numbered, and who is to blame for lines that nobody asked for.

    Parameters
    ----------
    keeper : Keeper
        Keeps the program under way.
    """

    def __init__(self, keeper: Keeper) -> None:
        self.keeper, self.seq, self.child = keeper, 0, keeper.child
        self.answered: dict[int, Question] = {}
        self.last: Question | None = None

    @property
    def over(self) -> Fault | None:
        """Why nothing more is asked."""
        return self.keeper.over

    def ask(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Reply | Fault]]:
        """Ask several questions at once; after a fault that leaves the program lost, the rest have no answer."""
        try:
            numbers = self.send(*(run_request(q.case, 0, q.function) for q in questions))
        except Fault as fault:
            yield questions[0], fault
            return
        for seq, question in zip(numbers, questions, strict=True):
            reply = self._reply(seq, question.case)
            self.answered[seq] = self.last = question
            if isinstance(reply, Fault):
                self.lose(reply)
            yield question, reply
            if isinstance(reply, Fault) and reply.lost:
                return

    def send(self, *requests: dict) -> range:
        """Send requests to the program, under way and with nothing unread; return their numbers."""
        if self.keeper.child is not None:
            self._unread()
        child = self.keeper.run()
        if child is not self.child:
            self.child, self.answered, self.last = child, {}, None
        numbers = range(self.seq + 1, self.seq + 1 + len(requests))
        self.seq += len(requests)
        child.send(*(request | {"seq": seq} for request, seq in zip(requests, numbers, strict=True)))
        return numbers

    def lose(self, fault: Fault) -> None:
        """Give up a program that is lost, if it is."""
        if fault.lost:
            self.keeper.drop(fault)

    def stop(self) -> Fault | None:
        """Ask the program to end, and return what is wrong with how it does."""
        if self.keeper.child is None:
            return None
        try:
            for line in self.keeper.child.finish(self.keeper.limits.case):
                self._unasked(line)
        except Fault as fault:
            return fault
        finally:
            self.keeper.kill()
        return None

    def _reply(self, seq: int, case: Case) -> Reply | Fault:
        try:
            reply = read_reply(self._answer(seq, case), case, self.keeper.offer.contract is not None)
        except Fault as fault:
            return fault
        self.keeper.row = 0
        return reply

    def _answer(self, seq: int, case: Case) -> dict:
        """Return the answer to a request; those that repeat an earlier one are read over, and blamed on that."""
        deadline, size = time.monotonic() + self.keeper.limits.case, math.prod(case.shape)
        repeated: list[int] = []
        while len(repeated) < EXTRA:
            try:
                found = self.keeper.line(deadline - time.monotonic(), size)
            except Fault as fault:
                if fault.flag != "timeout" or not repeated:
                    raise
                break
            got = found.get("seq")
            if type(got) is not int:
                raise Fault("wrong-seq", f"an answer needs the seq of its request, got {words(shown(got))}")
            if got == seq:
                for earlier in repeated:
                    self.answered[earlier].blame("two-answers", "answered a second time")
                return found
            if got not in self.answered:
                raise _stray(got, seq, self.seq)
            repeated.append(got)
        raise Fault("wrong-seq", f"got seq {repeated[-1]} for {seq}, and no other answer")

    def _unread(self) -> None:
        """Read what was written since the last answer; nothing should be."""
        try:
            for _ in range(EXTRA):
                line = self.keeper.child.pending()
                if line is None:
                    return
                self._unasked(line)
            raise Fault("output-limit", "endless lines without a request")
        except Fault as fault:
            self._blame(fault.flag, fault.text)
            self.keeper.kill()

    def _unasked(self, line: bytes) -> None:
        """Blame a line that nobody asked for on the question that it repeats, or on the last one."""
        try:
            seq = parsed(line).get("seq")
        except Fault:
            seq = None
        seq = seq if type(seq) is int else 0
        text = f"wrote another line after its answer: {excerpt(line)}"
        if seq in self.answered:
            self.answered[seq].blame("two-answers", text)
        else:
            self._blame("answer-order" if seq > self.seq else "two-answers", text)

    def _blame(self, flag: str, text: str) -> None:
        if self.last is not None:
            self.last.blame(flag, text)


def _stray(got: int, seq: int, newest: int) -> Fault:
    if seq < got <= newest:
        return Fault("answer-order", f"answered seq {got} before {seq}")
    return Fault("wrong-seq", f"got seq {got}, the request has seq {seq}")
