"""Who is to blame for a line too many, and how often a program is asked, without a process."""

from types import SimpleNamespace

import numpy as np
import pytest

from softmax_ref.conformance.adapters import Answer
from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.conformance.programs.promised import contract
from softmax_ref.conformance.programs.protocol import Fault
from softmax_ref.conformance.programs.replies import Reply
from softmax_ref.conformance.programs.running import TOGETHER, FormatRun, another, sample
from softmax_ref.conformance.programs.session import Question, Session
from softmax_ref.conformance.selection import Scope
from softmax_ref.corpus import load
from softmax_ref.formats import get_format


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
        """Start again: the new process says the lines that follow."""
        self.child = SimpleNamespace(**vars(self.child))


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


@pytest.mark.parametrize("seq", ["1", 1.0, True, None])
def test_a_seq_is_an_integer(seq):
    """Not what is equal to one."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))

    ((_, fault),) = Session(Scripted({"seq": seq, "skipped": "no"})).ask([Question(case, "softmax")])

    assert (fault.flag, fault.text) == ("wrong-seq", f"an answer needs the seq of its request, got {seq!r}")


def test_a_new_process_has_answered_nothing():
    """What it says to a request of the process before it repeats no answer of its own."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))
    questions = [Question(case, "softmax") for _ in range(3)]
    session = Session(Scripted({"seq": 1, "skipped": "no"}, Fault("crash", "ended"), {"seq": 1, "skipped": "no"}))

    replies = [reply for question in questions for _, reply in session.ask([question])]

    assert [getattr(reply, "flag", None) for reply in replies] == [None, "crash", "wrong-seq"]
    assert [question.problems for question in questions] == [[], [], []]


@pytest.mark.parametrize(
    ("first", "again", "text"),
    [
        ([0.0, 1.0], [-0.0, 1.0], "asked again, entry 0 is -0; it was 0"),
        ([np.nan, 1.0], [np.nan, 0.5], "asked again, entry 1 is 0.5; it was 1"),
        ([np.nan, -0.0], [np.nan, -0.0], None),
        ([1.0], None, "asked again, it has an answer once and none once"),
        (None, None, None),
    ],
)
def test_a_second_answer_is_the_first_one_bit_for_bit(first, again, text):
    """But any nan is nan."""
    replies = [Reply(Answer(x if x is None else np.array(x))) for x in (first, again)]

    assert another(*replies) == (text and ("not-repeatable", text))


def test_what_is_skipped_once_and_failed_once_is_another_answer():
    """Neither has values."""
    skipped, failed = Reply(Answer(None), "only on Sundays"), Reply(Answer(None, (("raises", "out of memory"),)))

    assert another(skipped, failed)[0] == another(failed, skipped)[0] == "not-repeatable"


def test_a_sample_is_asked_backwards_and_then_several_at_once():
    """In another order: what remembers the last answer, or mixes up those that wait, is met."""
    asked = []

    class Recording:
        over = None

        def ask(self, questions):
            asked.append([question.case.id for question in questions])
            return [(question, Reply(Answer(None), "no")) for question in questions]

    cases = load("softmax", "binary32")
    FormatRun("softmax", get_format("binary32"), cases).ask(Recording(), lambda steps, label, total: steps)

    ids = [[case.id] for case in cases]
    some = [ids[n] for n in sample(cases)]
    together = [id for group in asked[len(ids) + len(some) :] for id in group]
    assert asked[: len(ids) + len(some)] == ids + some[::-1]
    assert sorted(together) == sorted(id for (id,) in some)
    assert together not in ([id for (id,) in some], [id for (id,) in some[::-1]])
    assert len(asked[-2]) == TOGETHER


@pytest.mark.parametrize(("line", "row"), [({"seq": 1, "skipped": "no"}, 0), (Fault("exit", "ended"), 2)])
def test_starts_in_a_row_are_those_without_an_answer_between(line, row):
    """Any answer ends the row."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))
    keeper = Scripted(line)
    keeper.row = 2

    list(Session(keeper).ask([Question(case, "softmax")]))

    assert keeper.row == row


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
