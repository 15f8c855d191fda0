"""softmax-ref init: in each language a program that conforms, and that is caught once its softmax is wrong."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from softmax_ref.cli import main
from softmax_ref.conformance.templates import FOLDER, TEMPLATES

WITHOUT_THE_MAXIMUM = {
    "c": ("expf(z[i] - m)", "expf(z[i])"),
    "cpp": ("std::exp(z[i] - m)", "std::exp(z[i])"),
    "java": ("(float) Math.exp(z[i] - m)", "(float) Math.exp(z[i])"),
    "javascript": ("Math.exp(x - m)", "Math.exp(x)"),
    "octave": ("exp(z - max(z))", "exp(z)"),
    "perl": ("exp($_ - $m)", "exp($_)"),
    "r": ("exp(z - max(z))", "exp(z)"),
    "rust": ("Vec<f32> = z.iter().map(|x| (x - m).exp())", "Vec<f32> = z.iter().map(|x| (x - 0.0 * m).exp())"),
}
"""What makes the softmax in binary32 a wrong one."""
SLOW = ("octave", "r")
"""Languages that take seconds for rows of 65 537 entries: they are asked all other cases."""
FROM_THE_SHELL = ("c", "javascript")
"""Languages that are judged as a user does it, by the installed command in a process of its own."""
STRICT = {language: ["-Wall", "-Wextra", "-Wpedantic", "-Werror"] for language in ("c", "cpp")}


@pytest.fixture(scope="module")
def written(tmp_path_factory, tool):
    """Write the program of a language by the command, change its text, build it once, and return folder and command."""
    done = {}

    def program(language, change=None):
        if (language, change) not in done:
            for name in TEMPLATES[language].tools:
                tool(name)
            folder = tmp_path_factory.mktemp(language)
            done[language, change] = folder, _written(TEMPLATES[language], folder, change)
        return done[language, change]

    return program


def _written(template, folder, change):
    result = CliRunner().invoke(main, ["init", template.name, str(folder)])
    assert result.exit_code == 0, result.output
    steps = [line.strip() for line in result.output.splitlines()[1:]]
    assert steps == [f"cd {folder}", *filter(None, [template.build]), template.check]
    if change:
        _substitute(folder / template.file, *change)
    if template.build:
        command = [*shlex.split(template.build), *STRICT.get(template.name, [])]
        assert subprocess.run(command, cwd=folder, check=True, capture_output=True).stderr == b""
    *judge, program = shlex.split(template.check)
    assert judge == ["softmax-ref", "check", "--command"]
    return program


def _substitute(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def judged(written, monkeypatch):
    """Judge a program by the one command that init names; return exit status and report."""

    def judge(language, *options, change=None):
        folder, program = written(language, change)
        command = ["check", "--command", program, *options]
        if language in FROM_THE_SHELL:
            installed = Path(sys.executable).with_name("softmax-ref")
            done = subprocess.run([installed, *command], cwd=folder, capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr
        monkeypatch.chdir(folder)
        result = CliRunner().invoke(main, command)
        return result.exit_code, result.output

    return judge


@pytest.mark.parametrize("language", TEMPLATES)
def test_a_template_conforms(judged, language):
    """Both formats, along every axis, with nan and infinities; what it does not offer is not held against it."""
    left_out = ["--select", "!*/long/*"] if language in SLOW else []

    status, report = judged(language, *left_out)

    assert status == 0, report
    assert re.match(rf"{TEMPLATES[language].file}.* as softmax: CONFORMS at level standard", report)
    assert len(re.findall("^binary(?:64|32) +conforms: ", report, re.MULTILINE)) == 2
    assert len(re.findall(" not offered ", report)) == 4


@pytest.mark.parametrize("language", TEMPLATES)
def test_without_the_maximum_it_does_not(judged, language):
    """One change of its text, exp(z) for exp(z - max z), and the verdict names the overflow."""
    status, report = judged(
        language, "--format", "binary32", "--select", "*/shift/*", change=WITHOUT_THE_MAXIMUM[language]
    )

    assert status == 1, report
    assert re.match(rf"{TEMPLATES[language].file}.* as softmax: DOES NOT CONFORM at level standard", report)
    assert re.search("^exp-overflow +[1-9]", report, re.MULTILINE)


DIALOGUE = [
    ({"op": "start", "protocol": 1, "corpus_version": "1.0"}, None),
    ({"bits": ["3F800000", "00000000", "0X3f800000", "0x3F800000"], "shape": [2, 2], "axis": 0}, 4),
    ({"bits": ["0x7f800000", "0xff800000", "0x7fc00000"], "shape": [3], "axis": 0}, 3),
    ({"bits": ["0x3ff0000000000000"], "shape": [], "axis": -1, "format": "binary64"}, 1),
    ({"bits": [], "shape": [0, 2], "axis": -1}, 0),
    ({"bits": ["0x00000000"], "shape": [1], "axis": -1, "function": "logsumexp"}, None),
    ({"bits": ["0x0000"], "shape": [1], "axis": -1, "format": "binary16"}, None),
]
"""What no case of the corpus asks, and how many values the answer has."""


def _request(seq, asked):
    if "op" in asked:
        return asked
    run = {"op": "run", "seq": seq, "format": "binary32", "function": "softmax", "parameters": {}} | asked
    return run | {"inputs": {"z": {"shape": run["shape"], "bits": run.pop("bits")}}}


@pytest.mark.parametrize("language", TEMPLATES)
def test_a_template_answers_all_that_the_protocol_allows(written, language):
    """Bits in any spelling, JSON with spaces and without, no axis, no entry; the end of input ends it as stop does."""
    folder, program = written(language)
    requests = [_request(seq, asked) for seq, (asked, _) in enumerate(DIALOGUE)]
    lines = "".join(json.dumps(r, separators=[(",", ":"), (", ", ": ")][n % 2]) + "\n" for n, r in enumerate(requests))

    done = subprocess.run(
        shlex.split(program), cwd=folder, input=lines.encode(), capture_output=True, check=False, timeout=60
    )

    start, *answers = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, done.stderr) == (0, b"")
    assert (start["functions"], start["formats"]) == (["softmax"], ["binary32", "binary64"])
    assert [answer["seq"] for answer in answers] == list(range(1, len(DIALOGUE)))
    assert [len(answer["y"]) if "y" in answer else None for answer in answers] == [n for _, n in DIALOGUE[1:]]
    assert [answer.get("skipped") for answer in answers[-2:]] == ["not offered"] * 2
    assert [int(bits, 16) for bits in answers[0]["y"]] == [0x3F000000, 0x3E89B2B1, 0x3F000000, 0x3F3B26A8]
    assert int(answers[2]["y"][0], 16) == 0x3FF0000000000000


@pytest.mark.parametrize("language", TEMPLATES)
def test_a_template_is_one_short_file(language):
    """Fewer than 80 lines of at most 120 characters, with one mark where the user's own softmax goes."""
    template = TEMPLATES[language]
    lines = template.text.splitlines()

    assert [path.name for path in (FOLDER / language).iterdir()] == [template.file]
    assert len(lines) < 80
    assert max(map(len, lines)) <= 120
    assert sum("Your softmax here" in line for line in lines) == 1
    assert sum(WITHOUT_THE_MAXIMUM[language][0] in line for line in lines) == 1


def test_a_file_that_is_there_is_kept(tmp_path):
    """Exit status 2 and one line; --force replaces it."""
    run, mine = CliRunner(), tmp_path / "mine.c"
    mine.write_text("mine")

    kept = run.invoke(main, ["init", "C", str(tmp_path)])
    assert (kept.exit_code, mine.read_text()) == (2, "mine")
    assert kept.output == (
        f"softmax-ref: init: {mine} is there already; choose another folder, or --force to replace it\n"
    )

    assert run.invoke(main, ["init", "C", str(tmp_path), "--force"]).exit_code == 0
    assert mine.read_text() == TEMPLATES["c"].text


def test_init_makes_the_folder_and_names_the_steps(tmp_path, monkeypatch):
    """The folder is quoted for the shell; here, there is no folder to go to."""
    monkeypatch.chdir(tmp_path)

    there, here = (CliRunner().invoke(main, ["init", "node", *folder]).output for folder in (["a b/c"], []))

    steps = ["  cd 'a b/c'\n", '  softmax-ref check --command "node mine.mjs"\n']
    assert there == "wrote a b/c/mine.mjs; put your softmax where it says so, then:\n" + "".join(steps)
    assert here == "wrote mine.mjs; put your softmax where it says so, then:\n" + steps[1]
    assert (tmp_path / "a b/c/mine.mjs").read_text() == (tmp_path / "mine.mjs").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fortran",), f"init: language needs to be one of {', '.join(TEMPLATES)}, got 'fortran'"),
        ((), f"init: a language is missing, one of {', '.join(TEMPLATES)}"),
    ],
)
def test_an_unknown_language_is_one_line_and_status_2(arguments, message):
    """The message names those there are."""
    result = CliRunner().invoke(main, ["init", *arguments])

    assert (result.exit_code, result.output) == (2, f"softmax-ref: {message}\n")


def test_a_folder_that_cannot_be_made_is_one_line_and_status_2(tmp_path):
    """A file stands where the folder would be."""
    (tmp_path / "file").write_text("")

    result = CliRunner().invoke(main, ["init", "r", str(tmp_path / "file" / "folder")])

    assert result.exit_code == 2
    assert result.output == f"softmax-ref: init: {tmp_path}/file/folder cannot be written: Not a directory\n"


def test_the_languages_are_listed():
    """Name, title, file and tools, one language a line."""
    result = CliRunner().invoke(main, ["init", "--list"])

    assert [line.split()[0] for line in result.output.splitlines()] == sorted(TEMPLATES) == list(TEMPLATES)
    assert "c           C           mine.c     needs cc\n" in result.output
