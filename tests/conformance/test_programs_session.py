"""Who is to blame for a line too many, and how often a program is asked, without a process."""

from types import SimpleNamespace

import numpy as np
import pytest

from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.conformance.programs.promised import contract
from softmax_ref.conformance.programs.protocol import Fault
from softmax_ref.conformance.programs.running import sample
from softmax_ref.conformance.programs.session import Question, Session
from softmax_ref.conformance.selection import Scope
from softmax_ref.corpus import load


class Scripted:
    """A keeper of a program that says what is written, whatever it is asked."""

    limits, over, row = Limits(), None, 0

    def __init__(self, *lines, pending=(), contract=None):
        self.lines, self.sent, waiting = list(lines), [], list(pending)
        self.offer = SimpleNamespace(contract=contract)
        self.child = SimpleNamespace(pending=lambda: waiting.pop(0) if waiting else None, send=self.sent.append)

    def run(self):
        return self.child

    def line(self, seconds, size=0):
        found = self.lines.pop(0)
        if isinstance(found, Fault):
            raise found
        return found

    def drop(self, fault):
        """Stay as it is: what would be started again says the lines that follow."""


def test_a_second_answer_that_comes_late_is_blamed_on_its_request():
    """The one after it has the answer that carries its own seq."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))
    first, second = Question(case, "softmax"), Question(case, "softmax")
    answers = [{"seq": seq, "y": [text] * 2} for seq, text in ((1, "3f800000"), (1, "3f800000"), (2, "00000000"))]
    session = Session(Scripted(*answers))

    replies = [reply for question in (first, second) for _, reply in session.ask([question])]

    assert first.problems == [("two-answers", "answered a second time")]
    assert second.problems == []
    assert [reply.answer.result.tolist() for reply in replies] == [[1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("line", "flag"),
    [(b"done", "two-answers"), (b'{"seq": 1}', "two-answers"), (b'{"seq": 2}', "answer-order"), (b"{}", "two-answers")],
)
def test_a_line_that_nobody_asked_for_is_blamed_on_the_last_request(line, flag):
    """It is found before the next one is sent."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))
    question, answers = Question(case, "softmax"), [{"seq": seq, "skipped": "no"} for seq in (1, 2)]
    session = Session(Scripted(*answers, pending=[None, line]))

    replies = [reply for _ in range(2) for _, reply in session.ask([question])]

    assert question.problems == [(flag, f"wrote another line after its answer: {line.decode()!r}")]
    assert [reply.skipped for reply in replies] == ["no", "no"]


def promised(*lines):
    """Return what is found of a program that says these lines of its promises, and which ones it was asked to leave out."""
    keeper = Scripted(*lines, contract=True)
    found, _ = contract(Session(keeper), "softmax", "softmax", "binary32", "standard", Scope())
    assert keeper.lines == []
    return [(finding.name, finding.flag) for finding in found], [request["without"] for request in keeper.sent]


def asking(seq, name):
    return [{"seq": seq, "asking": name}, Fault("crash", "ended by SIGSEGV")]


def test_a_program_that_ends_at_every_promise_is_asked_for_five():
    """Each time without those before."""
    lines = [line for seq, name in enumerate("abcde", 1) for line in asking(seq, name)]

    found, left_out = promised(*lines)

    assert found == [(name, "crash") for name in "abcde"]
    assert left_out == [list("abcde"[:n]) for n in range(5)]


def test_a_program_that_asks_for_what_is_left_out_is_asked_no_more():
    """It would go on for ever."""
    assert promised(*asking(1, "a"), *asking(2, "a"))[0] == [("a", "crash")] * 2


def test_findings_of_another_request_are_none():
    """Nothing is known of any promise then."""
    assert promised({"seq": 7, "findings": []})[0] == [("the array contract", "wrong-seq")]


def test_what_is_asked_again_is_short_and_spread():
    """At most 16 of a format, from the first case on."""
    cases = load("softmax", "binary32")

    chosen = sample(cases)

    assert 8 <= len(chosen) <= 16
    assert chosen[0] == 0
    assert chosen[-1] > 150
    assert max(np.prod(cases[n].shape) for n in chosen) <= 4096
