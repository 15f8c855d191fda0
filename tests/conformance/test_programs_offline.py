"""Answers that were made elsewhere are judged as those of a program, and never as answers to other questions."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from softmax_ref.cli import main
from softmax_ref.conformance.programs.requested import Selection, requests
from softmax_ref.corpus import CORPUS_VERSION

RIGHT = [sys.executable, "-S", str(Path(__file__).with_name("programs") / "right.py")]
FEW = (
    "--function",
    "softmax",
    "--format",
    "binary32",
    "--select",
    "softmax/*/textbook/*",
    "--select",
    "softmax/*/axes/*",
)


@pytest.fixture(scope="module")
def offline(tmp_path_factory):
    """Requests in a file, and the answers of a right program."""
    folder = tmp_path_factory.mktemp("offline")
    asked = CliRunner().invoke(main, ["requests", *FEW])
    assert asked.exit_code == 0, asked.output
    (folder / "requests.jsonl").write_text(asked.output)
    done = subprocess.run(RIGHT, input=asked.output, capture_output=True, text=True, check=True)
    return folder, done.stdout.splitlines(keepends=True)


def judged(offline, lines, *options):
    """Judge lines of answers."""
    folder, _ = offline
    (folder / "answers.jsonl").write_text("".join(lines))
    return CliRunner().invoke(main, ["judge", str(folder / "answers.jsonl"), *options])


@pytest.mark.parametrize("how", ["file", "options"])
def test_answers_from_elsewhere_are_judged(offline, how):
    """In any order, with or without the answer to start; the selection comes from the requests or the options."""
    folder, lines = offline
    options = ("--requests", str(folder / "requests.jsonl"))
    options = options if how == "file" else FEW

    whole = judged(offline, lines, *options)
    turned = judged(offline, lines[:0:-1], *options)

    assert (whole.exit_code, turned.exit_code) == (0, 0), whole.output + turned.output
    assert whole.output.startswith("right 1.0")
    assert turned.output.startswith("answers.jsonl")


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda lines: lines[:2] + lines[3:], "no answer"),
        (lambda lines: [*lines, lines[2]], "answered a second time in line"),
        (lambda lines: [*lines[:-1], lines[-1].replace('"y": ["', '"y": ["0')], "needs 8 hexadecimal digits"),
        (lambda lines: [*lines[:-1], lines[-1].replace('"y": ["3', '"y": ["4')], "asked again, entry 0 is"),
    ],
)
def test_an_answer_that_is_missing_or_wrong_is_a_failure(offline, edit, reason):
    """Status 1, and the report says what was seen."""
    folder, lines = offline

    result = judged(offline, edit(lines), "--requests", str(folder / "requests.jsonl"))

    assert result.exit_code == 1
    assert reason in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("edit", "options", "message"),
    [
        (lambda lines: lines, ("--function", "softmax", "--format", "binary64"), "line 2 needs the seq of a request"),
        (lambda lines: [*lines[:3], '{"seq": 1, "y": []}\n'], None, "line 4 needs the seq of a request"),
        (lambda lines: [*lines[:3], '{"seq": 1, "y": [\n'], None, "line 4: an answer needs to be JSON"),
        (lambda lines: ["{}\n", *lines[1:]], None, "line 1: the answer to start needs name"),
        (lambda lines: lines, ("--function", "hardmax"), "functions needs to be one of softmax, "),
        (lambda lines: lines, ("--function", "softmax", "--select", "softmax/no/*"), "which matches none"),
        (
            lambda lines: lines,
            ("--function", "argmax_one_hot", "--format", "integer"),
            "formats needs to be one of binary64",
        ),
        (lambda lines: lines, (*FEW, "--domain", "abs(q) <= 3"), "domain needs names of softmax: z, K, got 'q'"),
    ],
)
def test_answers_to_other_questions_are_refused(offline, edit, options, message):
    """Status 2, with the line: they are nobody's verdict."""
    folder, lines = offline

    result = judged(offline, edit(lines), *(options or ("--requests", str(folder / "requests.jsonl"))))

    assert result.exit_code == 2
    assert message in result.output


def test_what_is_outside_of_a_declaration_is_not_judged(offline):
    """Nor is it said that it was not offered."""
    _, lines = offline

    some = judged(offline, lines, *FEW, "--domain", "abs(z) <= 5").output
    none = judged(offline, lines, *FEW, "--domain", "K <= 0").output

    assert "CONFORMS at level standard" in some
    assert ": outside the declared domain (" in some
    assert "NOTHING WAS JUDGED" in none
    assert "not offered" not in none


def test_requests_of_another_corpus_are_refused(offline, tmp_path):
    """Its cases may be others."""
    folder, lines = offline
    start = json.loads((folder / "requests.jsonl").read_text().splitlines()[0]) | {"corpus_version": "0.1.0"}
    (tmp_path / "old.jsonl").write_text(json.dumps(start) + "\n")

    result = judged(offline, lines, "--requests", str(tmp_path / "old.jsonl"))

    assert result.exit_code == 2
    assert f"the requests need to be of corpus {CORPUS_VERSION}, got '0.1.0'" in result.output


def test_the_numbers_of_requests_tell_the_corpus(monkeypatch):
    """The same cases may have other numbers in another version; without the requests at hand, seq is all there is."""

    def numbers():
        asked = requests(Selection(("softmax",), ("float8_e5m2",), ("*/textbook/*",)))
        return {request["seq"] for request in asked if "seq" in request}

    here = numbers()
    monkeypatch.setattr("softmax_ref.conformance.programs.requested.CORPUS_VERSION", "0.1.0")

    assert len(here) > 2
    assert here.isdisjoint(numbers())
