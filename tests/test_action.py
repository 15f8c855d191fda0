"""The composite GitHub Action: its options are those of the command, and its steps run here as they would there."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

import softmax_ref
from softmax_ref.cli import main

ROOT = Path(softmax_ref.__file__).parents[1]
FILE = ROOT / ".github" / "actions" / "softmax-ref" / "action.yml"


@pytest.fixture(scope="module")
def action():
    """The parsed file; outside of a checkout there is none."""
    if not FILE.exists():
        pytest.skip("not a checkout")
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@pytest.fixture
def run(action, mine, tool, tmp_path):
    """Run a step in a folder that holds mine.py, as a runner does; return what it wrote where."""
    bash = tool("bash")
    (tmp_path / "mine.py").write_text(mine)
    (tmp_path / "a" / "shift" / "file").mkdir(parents=True)  # what a glob of ids would match as one of files

    def step(number, path="", **inputs):
        given = {name: stored["default"] for name, stored in action["inputs"].items()} | inputs
        chosen, files = (
            action["runs"]["steps"][number],
            {n: tmp_path / n for n in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")},
        )
        values = {n: given[re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", v)[1]] for n, v in chosen["env"].items()}
        scripts = os.pathsep.join(filter(None, [path, str(Path(sys.executable).parent), os.environ["PATH"]]))
        fixed = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(FILE.parent), "PATH": scripts}
        done = subprocess.run(
            [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", chosen["run"]],
            env=os.environ | {n: str(p) for n, p in files.items()} | fixed | values,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done, *(p.read_text() if p.exists() else "" for p in files.values())

    return step


def test_every_option_it_passes_is_one_of_the_command(action):
    """Asked of the command itself; and every input is passed on."""
    text = "\n".join(step["run"] for step in action["runs"]["steps"])
    known = {name for option in main.commands["check"].params for name in option.opts}

    assert set(re.findall(r"(?<= )--[a-z-]+|(?<=\()--[a-z-]+", text)) - {"--quiet"} <= known
    used = {value for step in action["runs"]["steps"] for value in step["env"].values()}
    assert used == {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]}
    assert "${{" not in text, "an input inside of a script would be run as a part of it"


def test_it_fails_where_the_implementation_does(run, tmp_path):
    """The summary of the job, the outputs, the exit status and the JUnit file say the same."""
    chosen = {"formats": "binary32", "select": "*/shift/* !*/first-*", "junit": "junit.xml"}

    wrong, summary, outputs = run(1, target="mine:naive", **chosen)

    assert wrong.returncode == 1, wrong.stderr
    assert "three-near-1000" in summary
    assert outputs == f"conforms=false\nreport={tmp_path / 'softmax-ref.json'}\n"
    cases = ElementTree.parse(tmp_path / "junit.xml").getroot().iter("testcase")
    assert sum(case.find("failure") is not None for case in cases) > 0


def test_it_passes_where_the_implementation_does(run):
    """Policies and formats go through, with commas or spaces between."""
    chosen = {"formats": "binary32, binary64", "select": "*/all-masked/*", "policies": "all_neg_inf=nan"}

    right, summary, outputs = run(1, target="mine:softmax", **chosen)

    assert right.returncode == 0, right.stderr
    assert summary.startswith("#")
    assert outputs.startswith("conforms=true\n")


def test_a_wrong_call_is_no_verdict(run):
    """Exit status 2, no output that says conforms; a text with spaces stays one argument."""
    wrong, summary, outputs = run(1, target="mine:softmax", domain="abs(z) less than 88; touch bad")

    assert wrong.returncode == 2
    assert "softmax-ref: check: domain needs" in wrong.stderr
    assert (summary, outputs) == ("", "")


def test_it_installs_its_own_commit_or_a_release(run, tmp_path):
    """The folder of this project, or the version that is asked for."""
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "python"
    fake.write_text('#!/bin/sh\necho "$@"\n')
    fake.chmod(0o755)

    own, release = (run(0, path=str(fake.parent), version=version)[0] for version in ("", "1.2.3"))

    assert (Path(own.stdout.split()[-1]) / "pyproject.toml").samefile(ROOT / "pyproject.toml")
    assert release.stdout.split() == ["-m", "pip", "install", "--quiet", "softmax_ref==1.2.3"]
