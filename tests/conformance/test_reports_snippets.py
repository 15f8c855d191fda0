"""Three lines that show a failure again: they are run here as they are."""

import io
import json
import re
import sys
from contextlib import redirect_stdout
from types import SimpleNamespace

import numpy as np
import pytest

from softmax_ref import check, load
from softmax_ref.conformance.report import Report
from softmax_ref.conformance.reports.reproduce import promise_snippet, snippet
from softmax_ref.conformance.targets import command_of


def run_snippet(text):
    shown = io.StringIO()
    with redirect_stdout(shown), np.errstate(all="ignore"):
        exec(compile(text, "snippet", "exec"), {})  # noqa: S102
    assert text.count("\n") == 2
    return shown.getvalue()


def numbers(shown):
    return [float(text) for text in re.fullmatch(r"got (\S+) right (\S+)\n", shown).groups()]


def report_of(name, function="softmax", command=()):
    return Report(name, function, "standard", [], [], {}, command=command)


@pytest.mark.parametrize("name", ["shift/three-near-1000", "peaks/last-of-129", "rows/far-apart"])
def test_a_snippet_shows_the_failure_again(judged, monkeypatch, name):
    """Three lines, run as they are, print what came and what is right; a long row is loaded."""
    report = judged["wrong"]
    failure = next(f for f in report.failures if f.case.endswith(name))
    case = next(v.case for v in report.judged[0].verdicts if v.case.id == failure.case)
    monkeypatch.setitem(sys.modules, "mine", SimpleNamespace(no_shift=wrong_softmax))

    got, right = numbers(run_snippet(snippet(report, case, failure.component)))

    assert right == failure.expected
    assert got == failure.got or np.isnan([got, failure.got]).all()


def wrong_softmax(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


def first_only(z, axis=-1):
    return z[:1]


def overwrites(z, axis=-1):
    z[...] = 0
    return z + 1


@pytest.mark.parametrize(
    ("fn", "shown"),
    [
        (
            first_only,
            "got array([1.], dtype=float32) right shape (7,) arguments after the call [array([1., 2., 3., 4., ",
        ),
        (overwrites, "arguments after the call [array([0., 0., 0., 0., 0., 0., 0.], dtype=float32)]"),
    ],
)
def test_a_snippet_shows_what_a_call_did_wrong(stored, monkeypatch, fn, shown):
    """Where no component is at fault: all of the result, its right shape, and what became of the arguments."""
    monkeypatch.setitem(sys.modules, "mine", SimpleNamespace(softmax=fn))

    assert shown in run_snippet(snippet(report_of("mine:softmax"), stored("textbook/article-row")))


def test_a_snippet_raises_what_was_raised(stored, monkeypatch):
    """The second line is the call."""
    monkeypatch.setitem(sys.modules, "mine", SimpleNamespace(softmax=lambda z, axis: z.no_such_name))

    with pytest.raises(AttributeError, match="no_such_name"):
        run_snippet(snippet(report_of("mine:softmax"), stored("textbook/article-row")))


def by_memory(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) * z.flags.c_contiguous


def test_a_snippet_asks_for_a_broken_promise_again(monkeypatch):
    """What is printed is what the report tells of that promise alone."""
    report = check(by_memory, formats=["binary32", "integer"], select="contract/*", name="mine:softmax")
    monkeypatch.setitem(sys.modules, "mine", SimpleNamespace(softmax=by_memory))
    layout = next(f for f in report.failures if f.flags == ("memory-layout",))
    integer = next(f for f in report.failures if f.flags == ("integer-input",))

    for failure in (layout, integer):
        assert run_snippet(promise_snippet(report, failure.case)) == f"{failure.reason}\n"


def test_a_promise_has_no_snippet_where_another_question_would_be_asked():
    """A program answers for its promises itself; a declaration changes what is asked."""
    declared = Report("mine:softmax", "softmax", "standard", [], [], {}, declaration="abs(z) <= 8")

    assert promise_snippet(report_of("mine 1.0", command=("./mine",)), "contract/binary32/read-only") is None
    assert promise_snippet(declared, "contract/binary32/read-only") is None
    assert promise_snippet(report_of("mine:softmax"), "contract/binary32/read-only")


@pytest.mark.parametrize(
    ("function", "fmt"),
    [
        ("logaddexp_vjp", "binary64"),
        ("cross_entropy", "binary32"),
        ("entmax", "binary32"),
        ("logsumexp", "binary16"),
        ("softmax_jacobian", "bfloat16"),
    ],
)
def test_a_snippet_knows_every_form_of_call(function, fmt):
    """Pairs, labels, parameters, results without axes, formats of ml_dtypes, rows that are loaded."""
    stored = [c for c in load(function, fmt) if c.policy is None]
    for case in (stored[0], max(stored, key=lambda c: c.inputs[next(iter(c.inputs))].size)):
        at = tuple(int(n) for n in np.unravel_index(int(case.at[-1]), case.shape))

        got, right = numbers(run_snippet(snippet(report_of(f"softmax_ref:{function}"), case, at)))

        assert right == case.values[-1]
        assert case.format.error(got, right, 0.0) <= case.tolerances["standard"][-1] + 1


def test_a_snippet_finds_a_file_as_the_check_does(stored, tmp_path, monkeypatch):
    """A file is no module, and its options say how its function is called."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "mine", None)
    (tmp_path / "mine.py").write_text("def softmax(z, axis=-1):\n    return z * 0 + 0.25\n")
    command = command_of(f"{tmp_path}/mine.py:softmax", "softmax", array="numpy")

    shown = run_snippet(snippet(report_of("mine", command=tuple(command)), stored("textbook/article-row"), (0,)))

    assert numbers(shown)[0] == 0.25


def test_a_snippet_calls_as_the_check_does(stored):
    """Options say whose arrays a callable takes, or that its gradient is asked for."""
    for options in ({"array": "torch"}, {"vjp": "auto"}):
        command = tuple(command_of("mine:softmax", "softmax_vjp", **options))

        text = snippet(report_of("mine", "softmax_vjp", command), stored("textbook/article-row"), (0,))

        [(name, value)] = options.items()
        assert f"f = find_target('mine:softmax', 'softmax_vjp', {name}={value!r}).call\n" in text


PROGRAM = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "start":
        print(json.dumps({"name": "x", "functions": ["softmax"], "formats": ["binary32"]}))
    elif request["op"] == "run":
        print(json.dumps({"seq": request["seq"], "skipped": str(request["shape"])}))
"""


@pytest.mark.parametrize("name", ["textbook/article-row", "peaks/last-of-129"])
def test_a_snippet_asks_a_program_as_the_protocol_says(stored, tmp_path, name):
    """Its whole answer is printed, beside the right bits."""
    (tmp_path / "mine.py").write_text(PROGRAM)
    report, case = report_of("mine 1.0", command=(sys.executable, str(tmp_path / "mine.py"))), stored(name)

    shown = run_snippet(snippet(report, case, (1,)))

    answer = {"seq": 1, "skipped": str(list(case.shape))}
    assert shown == f"status 0 answer {[json.dumps(answer)]} right at 1 {case.record['expected']['bits'][1]}\n"


def test_a_snippet_of_a_program_that_ends_shows_its_status(stored, tmp_path):
    """There is no component then, and no right value to show."""
    (tmp_path / "mine.py").write_text("raise SystemExit(3)")
    report = report_of("mine 1.0", command=(sys.executable, str(tmp_path / "mine.py")))

    assert run_snippet(snippet(report, stored("textbook/article-row"))) == "status 3 answer []\n"


@pytest.mark.parametrize(
    "target", ["./mine --fast", "<lambda>", "mine:softmax; import os", "mine:f\nimport os", "a b:c"]
)
def test_a_snippet_never_writes_a_target_as_code(stored, target):
    """What is no module:name stands behind a comment sign, in one line."""
    text = snippet(report_of(target), stored("textbook/article-row"), (0,))

    assert text.count("\n") == 2
    assert text.startswith("import numpy as np; f = ...  # ")
