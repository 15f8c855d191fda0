"""nbval in this project cannot be talked into passing, and its verdict does not depend on the processor."""

import importlib.util
import os
import re
import subprocess
import sys
from types import SimpleNamespace

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


def recolour(nb):
    nb.cells[4].source = nb.cells[4].source.replace("heights)", "heights, color='r')", 1)


def renumber(nb):
    nb.cells[3].outputs[0].text = "1.1\n"
    data = nb.cells[4].outputs[0].data
    assert "max=0.75" in data["text/plain"]
    data["text/plain"] = data["text/plain"].replace("max=0.75", "max=0.76")


def strip(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.update(execution_count=None, outputs=[])


def ignore(nb):
    nb.cells[3].source = f"# NBVAL_IGNORE_OUTPUT\n{nb.cells[3].source}"


def leave_text(nb):
    del nb.cells[1:]


SPOILED = {spoil.__name__: spoil for spoil in (recolour, renumber, strip, ignore, leave_text)}


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
    """What nbval says about each spoiled notebook, cell by cell."""
    _, output = nbval(folder, "--continue-on-collection-errors")
    found = re.findall(r"^(PASSED|FAILED|ERROR) (?:\S*/)?(\w+)\.ipynb(?:::Cell (\d))?", output, re.MULTILINE)
    return {name: {cell: outcome for outcome, of, cell in found if of == name} for name in SPOILED}


def test_honest_notebook_in_a_new_colour_passes(verdicts):
    """The guard leaves an honest notebook alone, and a picture may change its looks."""
    assert verdicts["recolour"] == dict.fromkeys("0123", "PASSED")


def test_wrong_number_fails(verdicts):
    """A changed digit fails, in a print and in the digest of a picture."""
    assert verdicts["renumber"] == {"0": "PASSED", "1": "FAILED", "2": "FAILED", "3": "PASSED"}


@pytest.mark.parametrize("name", ["strip", "ignore", "leave_text"])
def test_vacuous_notebook_is_an_error(verdicts, name):
    """What nbval would pass without comparing is not even collected."""
    assert verdicts[name] == {"": "ERROR"}


def test_options_that_look_away_are_errors(folder):
    """Lax mode compares nothing, and a pattern that matches everything makes everything equal."""
    (folder / "all.cfg").write_text("[all]\nregex: .*\nreplace: x\n")

    status, output = nbval(folder, "--nbval-lax", f"--nbval-sanitize-with={folder / 'all.cfg'}", "--collect-only")

    assert status not in (0, 5)
    assert "recolour.ipynb: --nbval-lax compares nothing" in output
    assert "recolour.ipynb: --nbval-sanitize-with can rewrite any output" in output


@pytest.mark.parametrize(("asked", "given"), [(2000, 120), (30, 30)])
def test_dead_kernel_is_noticed_within_minutes(asked, given, monkeypatch):
    """nbval's own limit of 2000 seconds a cell is replaced; one that somebody chose is kept."""
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    spec = importlib.util.spec_from_file_location("guard", FOLDER / "conftest.py")
    guard = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(guard)
    option = SimpleNamespace(nbval_cell_timeout=asked, nbval_current_env=False)

    guard.pytest_configure(SimpleNamespace(option=option))

    assert (option.nbval_cell_timeout, option.nbval_current_env) == (given, True)


@pytest.mark.parametrize("missing", ["X86_V4", "X86_V4 X86_V3"])
def test_outputs_do_not_depend_on_the_processor(missing):
    """The notebooks pass with the vector instructions of older processors, whose exp differs in the last bit."""
    if not set(missing.split()) & set(SIMD["found"]):
        pytest.skip(f"NumPy uses {SIMD['found']} of this processor: without {missing} it computes as it does anyway")

    status, output = nbval(FOLDER, NPY_DISABLE_CPU_FEATURES=missing)

    assert status == 0, output
