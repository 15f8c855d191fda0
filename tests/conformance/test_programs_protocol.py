"""Requests and answers, line by line: what a request holds, and what an answer may be."""

import numpy as np
import pytest

from softmax_ref.conformance.programs.offer import read_findings, read_offer
from softmax_ref.conformance.programs.protocol import Fault, encoded, parsed, run_request, words
from softmax_ref.conformance.programs.replies import read_reply
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


@pytest.mark.parametrize(
    "problems", [{}, [], ["raises"], [["raises"]], [["raises", 3]], [["unheard-of", "text"]], [["raises", "a", "b"]]]
)
def test_problems_are_pairs_of_a_flag_and_a_text(problems):
    """Of a program that says that it hands them over; with none of them there is a result."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))
    handed = {"seq": 1, "problems": [["raises", "a\nb"]]}

    assert read_reply(handed, case, promised=True).answer.problems == (("raises", "a b"),)
    with pytest.raises(Fault, match="needs one of y, skipped and errored beside seq|needs pairs of a flag and a text"):
        read_reply({"seq": 1, "problems": problems}, case, promised=True)
    with pytest.raises(Fault, match="needs one of y, skipped and errored beside seq, got problems"):
        read_reply(handed, case)


OFFER = {"name": "mine", "functions": ["softmax"], "formats": ["binary32"]}


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"functions": "softmax"}, "functions in the answer to start needs a list of texts, got 'softmax'"),
        ({"formats": [32]}, "formats in the answer to start needs a list of texts, got [32]"),
        ({"policies": {"all_neg_inf": None}}, "policies in the answer to start needs texts by name, got {"),
        ({"contract": 1}, "contract in the answer to start needs true or false, got 1"),
        ({"seq": 1}, "the answer to start has names name, version, working_format, "),
    ],
)
def test_an_answer_to_start_has_known_names_and_kinds(more, text):
    """A slip in it would change what is judged."""
    assert read_offer(OFFER | {"domain": "abs(z) <= 88"}).domain == "abs(z) <= 88"
    with pytest.raises(Fault) as raised:
        read_offer(OFFER | more)

    assert raised.value.text.startswith(text)


KEPT = {"name": "rows alone", "flag": "row-mixing", "state": "kept", "text": ""}


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"findings": {}},
        {"findings": [KEPT], "more": 1},
        {"findings": [KEPT], "empty_axis": "nothing"},
        *(
            {"findings": [KEPT | wrong]}
            for wrong in ({"state": "passed"}, {"flag": "unheard-of"}, {"text": 3}, {"n": 1})
        ),
    ],
)
def test_findings_are_written_as_the_protocol_says(found):
    """Nothing is kept by a word that nobody knows."""
    assert read_findings({"seq": 1, "findings": [KEPT]})[0][0].state == "kept"
    with pytest.raises(Fault) as raised:
        read_findings({"seq": 1} | found)

    assert (raised.value.flag, raised.value.lost) == ("protocol", False)


def test_words_of_a_program_are_made_fit_to_print():
    """One line, without control characters, not too long."""
    assert words("a\x1b[31m\nb\u202e \ud800c") == "a [31m b c"
    assert len(words("x" * 10**6)) == 203
