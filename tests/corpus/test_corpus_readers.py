"""READING.md: its programs in C, JavaScript and R read what Python reads."""

import re
import shutil
import subprocess
from math import prod

import pytest

from softmax_ref.corpus import load
from softmax_ref.corpus.loader import VECTORS
from softmax_ref.corpus.recipes import build_recipe

PAGE = (VECTORS / "READING.md").read_text(encoding="utf-8")
PROGRAMS = {
    name: text
    for name, text in re.findall(
        r"^```(?:c|js|r)\n(?://|#) (\w+\.(?:c|js|R))(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
    )
}
TOOLS = {"c": ("cc", "gcc"), "js": ("node", "nodejs"), "R": ("Rscript",)}
"""The tool chain of each language, under the names that Debian and others give it."""


@pytest.fixture
def run(tmp_path, tool):
    """Run a program of the page with a file of the corpus as its input, and return its lines."""

    def reader(name, file):
        language, path = name.rpartition(".")[2], tmp_path / name
        path.write_text(PROGRAMS[name], encoding="utf-8")
        command = [tool(*TOOLS[language]), str(path)]
        if language == "c":
            command = [str(tmp_path / "reader")]
            strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O1"]
            subprocess.run([tool(*TOOLS["c"]), *strict, "-o", command[0], str(path), "-lm"], check=True)
        with (VECTORS / file).open("rb") as stored:
            done = subprocess.run(command, stdin=stored, capture_output=True, check=False, timeout=120)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode().splitlines()

    return reader


def test_the_page_has_two_programs_in_each_language():
    """Nothing is lost between the page and this test; the readers have about ten lines."""
    assert sorted(PROGRAMS) == ["read.R", "read.c", "read.js", "rows.R", "rows.c", "rows.js"]
    assert all(len(PROGRAMS[name].strip().splitlines()) <= 15 for name in ("read.c", "read.js", "read.R"))


@pytest.mark.parametrize("name", ["read.c", "read.js", "read.R"])
def test_every_language_reads_the_bits(run, name):
    """Each case of softmax in binary32, and the sum of its expected bits."""
    wanted = [
        f"{case.id} {sum(int(bits, 16) for bits in case.record['expected']['bits'])}"
        for case in load("softmax", "binary32")
    ]

    assert run(name, "softmax-binary32.json") == wanted


@pytest.mark.parametrize("name", ["rows.c", "rows.js", "rows.R"])
@pytest.mark.parametrize("function", ["softmax", "softmax_vjp"])
def test_every_language_rebuilds_the_rows_of_recipes(run, name, function):
    """The number of entries of each recipe, and their sum as integers."""
    wanted = [
        f"{case.id} {prod(x['shape'])} {build_recipe({**x['recipe'], 'shift': 0}, tuple(x['shape'])).sum():.0f}"
        for case in load(function, "binary32")
        for x in case.record["inputs"].values()
        if "recipe" in x
    ]

    assert len(wanted) > 3
    assert run(name, f"{function}-binary32.json") == wanted


@pytest.mark.parametrize("function", ["softmax_vjp", "logistic"])
@pytest.mark.parametrize("name", ["read.c", "read.js"])
def test_64_bits_are_exact_in_c_and_javascript(run, name, function):
    """Sums of patterns of binary64, modulo 2^64 as C takes them."""
    wanted = [
        f"{case.id} {sum(int(bits, 16) for bits in case.record['expected']['bits']) % 2**64}"
        for case in load(function, "binary64")
    ]

    lines = (line.split(" ") for line in run(name, f"{function}-binary64.json"))
    assert [f"{case_id} {int(total) % 2**64}" for case_id, total in lines] == wanted


def test_a_missing_tool_chain_is_named(tool, monkeypatch):
    """A plain run skips and says what is missing; CI fails."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setenv("SOFTMAX_REF_ALL_READERS", "0")
    with pytest.raises(pytest.skip.Exception, match="^Rscript is not installed"):
        tool("Rscript")

    monkeypatch.setenv("SOFTMAX_REF_ALL_READERS", "1")
    with pytest.raises(pytest.fail.Exception, match="^cc or gcc is not installed"):
        tool("cc", "gcc")
