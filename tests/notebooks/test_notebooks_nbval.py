"""nbval in this project cannot be talked into passing, and its verdict does not depend on the processor."""

import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from softmax_ref.literate.notebooks import FOLDER

SIMD = np.show_config(mode="dicts")["SIMD Extensions"]


def nbval(folder, *options, **environment):
    """Run nbval on a folder in a process of its own; return its exit status and what it printed."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-rA", "-W", "error", "-p", "no:cacheprovider"]
    environment = {**inherited, **environment}
    done = subprocess.run([*command, *options, "."], cwd=folder, capture_output=True, text=True, env=environment)
    return done.returncode, done.stdout + done.stderr


def edit(n, **fields):
    return lambda nb: nb.cells[n].update(fields)


def digest(old, new):
    def change(nb):
        data = nb.cells[4].outputs[0].data
        assert old in data["text/plain"]
        data["text/plain"] = data["text/plain"].replace(old, new)

    return change


def strip(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.update(execution_count=None, outputs=[])


# name: how it is spoiled
SPOILED = {
    "honest": lambda nb: None,
    "colour": lambda nb: nb.cells[4].update(source=nb.cells[4].source.replace("heights)", "heights, color='r')", 1)),
    "digit": edit(3, outputs=[nbformat.v4.new_output("stream", text="1.1\n")]),
    "height": digest("max=0.75", "max=0.76"),
    "stripped": strip,
    "ignored": edit(3, source="# NBVAL_IGNORE_OUTPUT\nassert total == 1\nprint(total)"),
    "text": lambda nb: nb.update(cells=nb.cells[:1]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, executed):
    """Notebooks spoiled in one way each, guarded by the project's own conftest."""
    folder = tmp_path_factory.mktemp("spoiled")
    (folder / "pytest.ini").write_text("[pytest]\n")
    for name in ("conftest.py", "matplotlibrc"):
        (folder / name).write_bytes((FOLDER / name).read_bytes())
    for name, spoil in SPOILED.items():
        nb = nbformat.reads(executed, as_version=4)
        spoil(nb)
        nbformat.write(nb, folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def verdicts(folder):
    """What nbval says about each spoiled notebook: the set of its outcomes."""
    _, output = nbval(folder, "--continue-on-collection-errors")
    found = re.findall(r"^(PASSED|FAILED|ERROR) (?:\S*/)?(\w+)\.ipynb", output, re.MULTILINE)
    return {name: {outcome for outcome, of in found if of == name} for name in SPOILED}


def test_honest_notebook_passes(verdicts):
    """The guard leaves an honest notebook alone."""
    assert verdicts["honest"] == {"PASSED"}


def test_new_colour_passes(verdicts):
    """A picture may change its looks."""
    assert verdicts["colour"] == {"PASSED"}


@pytest.mark.parametrize("name", ["digit", "height"])
def test_wrong_number_fails(verdicts, name):
    """A changed digit fails, in a print or in the digest of a picture."""
    assert verdicts[name] == {"PASSED", "FAILED"}


@pytest.mark.parametrize("name", ["stripped", "ignored", "text"])
def test_vacuous_notebook_is_an_error(verdicts, name):
    """What nbval would pass without comparing is not even collected."""
    assert verdicts[name] == {"ERROR"}


def test_lax_mode_is_an_error(folder):
    """--nbval-lax compares nothing, so it is refused for the honest notebook too."""
    status, output = nbval(folder, "--nbval-lax", "--collect-only")

    assert status not in (0, 5)
    assert "honest.ipynb: --nbval-lax compares nothing" in output


def test_sanitizing_is_an_error(folder):
    """A pattern that matches everything would make everything equal."""
    (folder / "all.cfg").write_text("[all]\nregex: .*\nreplace: x\n")

    status, output = nbval(folder, f"--nbval-sanitize-with={folder / 'all.cfg'}", "--collect-only")

    assert status not in (0, 5)
    assert "honest.ipynb: --nbval-sanitize-with can rewrite any output" in output


@pytest.mark.parametrize("missing", ["X86_V4", "X86_V4 X86_V3"])
def test_outputs_do_not_depend_on_the_processor(missing):
    """The notebooks pass with the vector instructions of older processors, whose exp differs in the last bit."""
    if not set(missing.split()) & set(SIMD["found"]):
        pytest.skip(f"NumPy uses {SIMD['found']} of this processor: without {missing} it computes as it does anyway")

    status, output = nbval(FOLDER, NPY_DISABLE_CPU_FEATURES=missing)

    assert status == 0, output
