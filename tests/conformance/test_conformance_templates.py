"""softmax-ref init: in each language a program that conforms, and that is caught once its softmax is wrong."""

import os
import re
import shlex
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from softmax_ref.cli import main
from softmax_ref.conformance.programs.checking import check_program
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
"""Languages that take seconds for rows of 65 537 entries: they are asked all the other cases."""


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write the program of a language by the command, change its text, build it, and return what runs it."""
    monkeypatch.chdir(tmp_path)

    def program(language, change=None):
        template = TEMPLATES[language]
        _tools(template)
        done = CliRunner().invoke(main, ["init", language])
        assert done.exit_code == 0, done.output
        *_, build, check = ["", *done.output.splitlines()]
        if change:
            _substitute(tmp_path / template.file, *change)
        if template.build:
            assert build == f"  {template.build}"
            subprocess.run(shlex.split(build), check=True, capture_output=True)
        *start, command = shlex.split(check)
        assert start == ["softmax-ref", "check", "--command"]
        return shlex.split(command)

    return program


def _tools(template):
    """Without its tool chain a language is skipped; in CI it fails."""
    missing = [tool for tool in template.tools if shutil.which(tool) is None]
    if missing:
        message = f"{template.title} is not tried: {' and '.join(missing)} not installed"
        (pytest.fail if os.environ.get("SOFTMAX_REF_ALL_READERS") == "1" else pytest.skip)(message)


def _substitute(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def judged():
    """Judge a program by the command, on some of the cases of its formats."""

    def judge(command, *options):
        return CliRunner().invoke(main, ["check", "--command", shlex.join(command), *options])

    return judge


@pytest.mark.parametrize("language", TEMPLATES)
def test_a_template_conforms(written, judged, language):
    """Both formats, along every axis, with nan and infinities; what it does not offer is not held against it."""
    left_out = ["--select", "!*/long/*"] if language in SLOW else []

    result = judged(written(language), *left_out)

    assert result.exit_code == 0, result.output
    assert re.match(rf"{TEMPLATES[language].file}.* as softmax: CONFORMS at level standard", result.output)
    assert [line.split()[:2] for line in result.output.splitlines() if line.startswith(("binary64", "binary32"))] == [
        ["binary64", "conforms:"],
        ["binary32", "conforms:"],
    ]


@pytest.mark.parametrize("language", TEMPLATES)
def test_without_the_maximum_it_does_not(written, judged, language):
    """One change of its text, exp(z) for exp(z - max z), and the verdict names the overflow."""
    command = written(language, WITHOUT_THE_MAXIMUM[language])

    result = judged(command, "--format", "binary32", "--select", "*/shift/*")

    assert result.exit_code == 1, result.output
    assert "DOES NOT CONFORM" in result.output
    assert "exp-overflow" in result.output
