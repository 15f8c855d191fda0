"""Somebody's tests are run with a fault in the place of their function, and the score says what they let through."""

import sys

import pytest
from click.testing import CliRunner

from softmax_ref.cli import main
from softmax_ref.faults import faults
from softmax_ref.faults.suite import Suite, SuiteError

OPS = """
import numpy as np

def softmax(x, dim=-1, keep=None):
    weight = np.exp(x - x.max(dim, keepdims=True))
    return weight / weight.sum(dim, keepdims=True)
"""
WEAK = "assert abs(softmax(np.array([1.0, 2.0]), dim=0).sum() - 1) < 1e-6"
SHARP = "assert abs(softmax(np.array([1000.0, 1000.0])) - 0.5).max() < 1e-6"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A package with a softmax, imported by its parent, and a script that tests it."""
    package = tmp_path / "mypkg"
    package.mkdir()
    (package / "__init__.py").write_text("from .ops import softmax\n")
    (package / "ops.py").write_text(OPS)
    monkeypatch.chdir(tmp_path)

    def suite(*lines, timeout=60.0):
        text = "\n".join(["import numpy as np", "from mypkg import softmax", *lines])
        (tmp_path / "suite.py").write_text(text + "\n")
        return Suite([sys.executable, "suite.py"], "mypkg.ops:softmax", timeout)

    return suite


def no_shift():
    return [fault for fault in faults() if fault.name == "softmax/no-shift"]


def states(suite):
    suite.make_sure()
    return [outcome.state for outcome in suite.score(no_shift())]


def test_fault_reaches_a_name_that_the_package_took_over(project):
    """`from .ops import softmax` in the package gives the fault, and a sharp test notices it."""
    assert states(project(SHARP)) == ["noticed"]


def test_weak_tests_let_a_fault_through(project):
    """A test of small logits passes without the shift."""
    assert states(project(WEAK)) == ["let through"]


def test_call_that_the_fault_cannot_take_goes_to_the_original(project):
    """An argument that no fault has leaves the function as it is, and the score says that nothing was called."""
    assert states(project(SHARP.replace("])", "]), keep=1", 1))) == ["not called"]


def test_suite_that_hangs_has_noticed(project):
    """A run past the time limit is stopped."""
    suite = project("while not np.isfinite(softmax(np.array([1000.0, 1000.0]))).all():\n    pass", timeout=6.0)

    assert states(suite) == ["hung"]


def test_suite_that_fails_as_it_is_cannot_be_scored(project):
    """What the tests printed is part of the message."""
    with pytest.raises(SuiteError, match="fail before anything is injected(.|\n)*NameError"):
        project("undefined").make_sure()


def test_suite_that_never_calls_the_function_cannot_be_scored(project):
    """A function that raises an exception would be noticed otherwise."""
    with pytest.raises(SuiteError, match="do not call it"):
        project("assert True").make_sure()


def test_sitecustomize_of_the_user_still_runs(project, tmp_path, monkeypatch):
    """The hook executes the sitecustomize that it hides."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import os\nos.environ['OWN'] = 'ran'\n")
    monkeypatch.setenv("PYTHONPATH", str(own))

    assert states(project("import os", "assert os.environ['OWN'] == 'ran'", SHARP)) == ["noticed"]


def test_command_tells_what_is_let_through_and_a_case_that_notices_it(project):
    """The exit status is 1, and each line names the fault, what is wrong and a case to try."""
    suite = project(WEAK)
    options = ["score-suite", "--inject", suite.target, "--fault", "softmax/no-shift", "--", *suite.command]

    result = CliRunner().invoke(main, options)

    assert result.exit_code == 1
    assert "let through: softmax/no-shift: " in result.output
    assert "try softmax/binary64/" in result.output
    assert "the tests notice 0 of 1 faults of softmax" in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--inject", "mypkg.ops", "--", "true"], "--inject needs the form module:function, got 'mypkg.ops'"),
        (["--inject", "a:b", "--function", "sotfmax", "--", "true"], "--function needs to be one of softmax, "),
        (["--inject", "a:b", "--fault", "x/y", "--", "true"], "the catalogue has no fault 'x/y' of softmax"),
        (
            ["--inject", "a:b", "--fault", "softmax/no-shift", "--fault", "softmax/typo", "--", "true"],
            "the catalogue has no fault 'softmax/typo' of softmax",
        ),
        (["--inject", "a:b", "--", "no-such-program"], "no-such-program"),
    ],
)
def test_bad_call_is_the_fault_of_the_call(options, message):
    """The exit status is 2, and one line says which option is wrong."""
    result = CliRunner().invoke(main, ["score-suite", *options])

    assert result.exit_code == 2
    assert message in result.output
