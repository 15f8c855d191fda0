"""Requests and answers, line by line: what a request holds, what an answer may be, and who is blamed for a line too many."""

from types import SimpleNamespace

import numpy as np
import pytest

from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.conformance.programs.protocol import Fault, encoded, parsed, run_request, words
from softmax_ref.conformance.programs.replies import read_reply
from softmax_ref.conformance.programs.running import sample
from softmax_ref.conformance.programs.session import Question, Session
from softmax_ref.corpus import CORPUS_FUNCTIONS, load


def test_a_request_says_nothing_of_what_is_expected():
    """No id, flag, comment, tolerance or result; recipes are written out; every bit of every input is there."""
    for function in CORPUS_FUNCTIONS:
        for case in load(function, "float8_e5m2")[::7]:
            request = parsed(encoded(run_request(case, 3)))

            names = {"op", "seq", "function", "format", "parameters", "inputs", "shape"}
            assert set(request) == names | ({"axis"} if case.axis is not None else set())
            for name, held in request["inputs"].items():
                (kind,) = set(held) - {"shape"}
                x = held[kind] if kind != "bits" else case.format.decode([int(text, 16) for text in held[kind]])
                assert held["shape"] == list(case.inputs[name].shape)
                assert np.array_equal(np.ravel(x), case.inputs[name].ravel(), equal_nan=kind == "bits")
            assert request["parameters"].keys() == case.parameters.keys()


@pytest.mark.parametrize("form", ["0x{}", "0X{}", "{}", "{} upper", "mixed"])
def test_bits_may_be_written_in_several_ways(form):
    """With or without 0x, in either case, also mixed; any nan is nan."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (3,))
    bits = ["3f800000", "ffc0ffee", "80000000"]
    texts = {
        "mixed": ["0x3f800000", "FFC0FFEE", "80000000"],
        "{} upper": [text.upper() for text in bits],
    }.get(form) or [form.format(text) for text in bits]

    result = read_reply({"seq": 1, "y": texts}, case).answer.result

    assert np.array_equal(result, [1.0, np.nan, -0.0], equal_nan=True)
    assert np.signbit(result[2])


@pytest.mark.parametrize(
    "text", ["0x3f80000g", "0x3f80_000", "0x3f8000000x", "+3f80000", " 3f80000", "3f80000\u0661", ""]
)
def test_bits_are_hexadecimal_digits_and_nothing_else(text):
    """Not what int() would take beside them."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))

    for texts in ([text, text], [text, "3f800000"], ["0x3f800000", text]):
        with pytest.raises(Fault, match="needs 8 hexadecimal digits a value"):
            read_reply({"seq": 1, "y": texts}, case)


def test_pieces_of_values_are_no_values():
    """Digits that make right values only when they are joined."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))

    with pytest.raises(Fault, match="needs 8 hexadecimal digits"):
        read_reply({"seq": 1, "y": ["0x3f8000000x", "3f800000"]}, case)


class Scripted:
    """A keeper of a program that says what is written, whatever it is asked."""

    limits, over, row = Limits(), None, 0
    offer = SimpleNamespace(contract=None)

    def __init__(self, *lines, pending=()):
        self.lines, waiting = list(lines), list(pending)
        self.child = SimpleNamespace(pending=lambda: waiting.pop(0), send=lambda *requests: None)

    def run(self):
        return self.child

    def line(self, seconds, size=0):
        return self.lines.pop(0)

    def drop(self, fault):
        self.child = None


def test_a_second_answer_that_comes_late_is_blamed_on_its_request():
    """The one after it has the answer that carries its own seq."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))
    first, second = Question(case, "softmax"), Question(case, "softmax")
    answers = [{"seq": seq, "y": [text] * 2} for seq, text in ((1, "3f800000"), (1, "3f800000"), (2, "00000000"))]
    session = Session(Scripted(*answers, pending=[None, None]))

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
    session = Session(Scripted(*answers, pending=[None, line, None]))

    replies = [reply for _ in range(2) for _, reply in session.ask([question])]

    assert question.problems == [(flag, f"wrote another line after its answer: {line.decode()!r}")]
    assert [reply.skipped for reply in replies] == ["no", "no"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b'{"seq": 1, "y": [', 'got \'{"seq": 1, "y": [\''),
        (b"", "an answer needs to be JSON (Expecting value: line 1 column 1 (char 0)), got ''"),
        (b"[1, 2]", "an answer needs to be a JSON object, got '[1, 2]'"),
        (b'{"seq": 1, "y": [NaN]}', "an answer needs to be JSON (NaN is no JSON), got "),
        (b'{"seq": 1, "seq": 1}', "an answer needs to be JSON (a name stands twice), got "),
        (b'{"seq": "\xff\xfe"}', "an answer needs UTF-8, got "),
        (b"[" * 1_000_000, "an answer needs fewer brackets, got '[[["),
    ],
)
def test_a_line_that_is_no_answer_is_quoted(line, text):
    """However much of it there is; nobody knows then which request comes next."""
    with pytest.raises(Fault) as raised:
        parsed(line)

    assert text in raised.value.text
    assert (raised.value.flag, raised.value.lost) == ("protocol", True)
    assert len(raised.value.text) < 200


@pytest.mark.parametrize(
    ("answer", "flag", "text"),
    [
        ({"y": ["3f80000"] * 2}, "protocol", "y needs 8 hexadecimal digits a value, got '3f80000'"),
        ({"y": ["03f800000"] * 2}, "protocol", "y needs 8 hexadecimal digits a value, got '03f800000'"),
        ({"y": [1, 0]}, "protocol", "y needs 8 hexadecimal digits a value, got 1"),
        ({"y": "3f800000"}, "protocol", "y needs a list, got '3f800000'"),
        ({"y": ["3f800000"] * 3}, "shape-changed", "got 3 values, the case has 2"),
        (
            {"y": [], "skipped": "tired"},
            "protocol",
            "an answer needs one of y, skipped and errored beside seq, got skipped, y",
        ),
        ({"y": [], "time": 3}, "protocol", "an answer needs one of y, skipped and errored beside seq, got time, y"),
        ({}, "protocol", "an answer needs one of y, skipped and errored beside seq, got nothing"),
        ({"skipped": 3}, "protocol", "skipped needs a text, got 3"),
        (
            {"y": [], "problems": []},
            "protocol",
            "an answer needs one of y, skipped and errored beside seq, got problems, y",
        ),
    ],
)
def test_an_answer_in_another_form_is_a_fault_of_its_case_alone(answer, flag, text):
    """The next request has an answer of its own."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))

    with pytest.raises(Fault) as raised:
        read_reply({"seq": 1} | answer, case)

    assert (raised.value.flag, raised.value.text, raised.value.lost) == (flag, text, False)


def test_words_of_a_program_are_made_fit_to_print():
    """One line, without control characters, not too long."""
    assert words("a\x1b[31m\nb\u202e \ud800c") == "a [31m b c"
    assert len(words("x" * 10**6)) == 203


def test_what_is_asked_again_is_short_and_spread():
    """At most 16 of a format, from the first case on."""
    cases = load("softmax", "binary32")

    chosen = sample(cases)

    assert 8 <= len(chosen) <= 16
    assert chosen[0] == 0
    assert chosen[-1] > 150
    assert max(np.prod(cases[n].shape) for n in chosen) <= 4096
