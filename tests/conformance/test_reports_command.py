"""softmax-ref check writes each form of a report, to standard output or into a file."""

import json
import shlex
import sys
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from softmax_ref.cli import main

PROGRAM = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "start":
        print(json.dumps({"name": "quarter", "functions": ["softmax"], "formats": ["binary32"]}), flush=True)
    elif request["op"] == "run":
        answer = {"y": ["0x3e800000"] * 2} if request["shape"] == [2] else {"skipped": "two logits only"}
        print(json.dumps({"seq": request["seq"]} | answer), flush=True)
    else:
        break
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Judge a program that answers one quarter for each of two logits, and skips all else."""
    (tmp_path / "quarter.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    command = shlex.join([sys.executable, "quarter.py"])
    options = ("--format", "binary32", "--select", "softmax/binary32/*-equal")
    return lambda *more: CliRunner().invoke(main, ["check", "--command", command, *options, *more])


READERS = {
    "json": lambda text: json.loads(text)["footer"]["skipped"],
    "junit": lambda text: len(ElementTree.fromstring(text).findall(".//skipped")),
    "markdown": lambda text: text.count("`two logits only`"),
    "html": lambda text: text.count("<td>two logits only</td>"),
}


@pytest.mark.parametrize("form", READERS)
def test_each_form_is_standard_output_alone(check, form):
    """It can be read as what it is; skipped cases are in it; the status is that of the verdict."""
    result = check("--format", form)

    assert result.exit_code == 1
    assert READERS[form](result.stdout) > 0


def test_a_file_takes_the_form_and_the_terminal_keeps_its_text(check, tmp_path):
    """--output beside --format; nothing of the text stands in the file."""
    result = check("--format", "junit", "--output", "report.xml")

    root = ElementTree.fromstring((tmp_path / "report.xml").read_text(encoding="utf-8"))
    assert root.get("name") == "quarter"
    assert result.stdout.startswith("quarter (selected softmax/binary32/*-equal) as softmax: DOES NOT CONFORM")
    assert result.exit_code == 1
