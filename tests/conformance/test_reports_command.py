"""softmax-ref check writes each form of a report, to standard output or into a file."""

import json
import shlex
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from softmax_ref.cli import main
from softmax_ref.cli.reporting import conclude

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


def test_one_run_writes_several_files(check, tmp_path):
    """The suffix of each tells its form; the terminal keeps its text, and nothing else stands in the folder."""
    names = {"json": "a.json", "junit": "a.xml", "markdown": "a.md", "html": "a.html"}

    result = check(*(f"--output={name}" for name in names.values()), "--output", "a.txt")

    texts = {form: (tmp_path / name).read_text(encoding="utf-8") for form, name in names.items()}
    assert all(READERS[form](text) > 0 for form, text in texts.items())
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == result.stdout
    assert result.stdout.startswith("quarter (selected softmax/binary32/*-equal) as softmax: DOES NOT CONFORM")
    assert {path.name for path in tmp_path.iterdir()} == {"quarter.py", "a.txt", *names.values()}
    assert result.exit_code == 1


def test_a_form_that_is_asked_for_needs_no_suffix(check, tmp_path):
    """--format beside one --output, whatever its name."""
    result = check("--format", "junit", "--output", "report")

    assert READERS["junit"]((tmp_path / "report").read_text(encoding="utf-8")) > 0
    assert result.stdout.startswith("quarter")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--output", "report"),
            "--output needs a file that ends in .xml, .md, .html, .json, .txt, or a --format, got 'rep",
        ),
        (("--output", "no/a.xml"), "--output needs a folder that exists, got 'no/a.xml'"),
        (("--format", "json", "--format", "html"), "--format takes one form, of one report, got json, html; "),
        (("--format", "json", "--output=a.md", "--output=b.md"), "of one report, got json for 2 files; the suffix of"),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is_judged(check, monkeypatch, arguments, message):
    """One line, status 2; the program is not even started."""
    monkeypatch.setattr("softmax_ref.conformance.programs.checking.check_program", None)

    result = check(*arguments)

    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert message in result.output


@pytest.mark.parametrize("option", ["--format=html", "--output=a.html"])
def test_a_page_that_cannot_be_made_is_said_before_anything_is_judged(check, monkeypatch, option):
    """Without jinja2 there is none; the other forms need nothing."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.setattr("softmax_ref.conformance.programs.checking.check_program", None)

    result = check(option)

    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "a page needs the package jinja2: pip install 'softmax_ref[report]'" in result.output


def test_a_file_that_cannot_be_written_leaves_the_text_on_the_terminal(check, tmp_path, monkeypatch):
    """Status 2, as the report that was asked for is not there."""
    monkeypatch.setattr("softmax_ref.replacing.os.replace", _full)

    result = check("--output", "a.json")

    assert result.exit_code == 2
    assert result.stdout.startswith("quarter")
    assert "softmax-ref: --output cannot be written: " in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["quarter.py"]


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (["right"], 0),
        (["right", "wrong"], 1),
        (["nothing"], 1),
        (["incomplete"], 2),
        (["incomplete", "wrong"], 1),
        (["right", "incomplete"], 2),
    ],
)
def test_the_status_is_the_verdict_on_all_reports(judged, kinds, status):
    """What failed has failed even if the run ended early; else nothing can be said of a run that did."""
    with pytest.raises(SystemExit) as ended:
        conclude([judged[kind] for kind in kinds], "terminal", {})

    assert ended.value.code == status


def test_what_failed_before_the_end_has_failed(judged):
    """One report that holds both."""
    with pytest.raises(SystemExit) as ended:
        conclude([replace(judged["wrong"], incomplete="interrupted")], "terminal", {})

    assert ended.value.code == 1


def _full(*paths):
    raise OSError(28, "No space left on device")
