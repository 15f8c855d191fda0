"""Python targets in a process of their own: the verdict of the process they are in, and nothing that they print."""

import sys
from dataclasses import asdict

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.integers import integer_contract
from softmax_ref.conformance.programs.checking import StartError, check_program
from softmax_ref.conformance.programs.protocol import run_request
from softmax_ref.conformance.targets import command_of
from softmax_ref.conformance.targets.answering import Answering
from softmax_ref.conformance.targets.finding import Target, find_target
from softmax_ref.conformance.targets.importing import TargetError, find_callable
from softmax_ref.corpus import load

MINE = """
import atexit
import os
import stat
import sys
from functools import partial

import numpy as np

working_format = "binary64"
domain = "abs(z) <= 88"
policies = {"all_neg_inf": "nan"}

def right(z, axis=-1):
    x = np.asarray(z, float)
    weight = np.exp(x - x.max(axis=axis, keepdims=True))
    p = weight / weight.sum(axis=axis, keepdims=True)
    return p if z.dtype.kind in "biu" else p.astype(z.dtype)

def no_shift(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)

def chatty(z, axis=-1):
    print("computing", z.shape)
    os.write(1, b'{"seq": 1, "y": []}\\n')
    assert sys.stdin.read() == ""
    return right(z, axis)

def slow_to_end(z, axis=-1):
    atexit.register(lambda: print("pipes at the end:", sum(map(is_pipe, range(3, 20)))))
    return right(z, axis)

def is_pipe(n):
    try:
        return stat.S_ISFIFO(os.fstat(n).st_mode)
    except OSError:
        return False

def powers(z, base, axis=-1):
    return right(z * np.log(base), axis)

class Layer:
    def __call__(self, z, axis=-1):
        return right(z, axis)

    def forward(self, z, axis=-1):
        return right(z, axis)

layer = Layer()
natural = partial(powers, base=np.e)
short = lambda z, axis=-1: right(z, axis)
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """A file with right and wrong implementations."""
    path = tmp_path_factory.mktemp("targets") / "mine.py"
    path.write_text(MINE)
    return path


def judged(mine, name, formats, **more):
    """Return the report of the process, and what was written to standard error."""
    passed_on = []
    command = command_of(f"{mine}:{name}", "softmax")
    (found,) = check_program(command, "softmax", formats, name=name, show=passed_on.append, **more)
    return found, b"".join(passed_on)


@pytest.mark.parametrize("name", ["right", "no_shift"])
def test_the_verdict_is_that_of_a_check_in_this_process(mine, name):
    """The same cases, promises, policies, failures and worst errors, in a wide and a narrow format."""
    fn = getattr(find_callable(f"{mine}:right")[1], name)
    asked = ["binary32", "float8_e5m2"]
    declared = {"policies": {"all_neg_inf": "nan"}, "working_format": "binary64", "domain": "abs(z) <= 88"}

    found, _ = judged(mine, name, asked)

    assert found.conforms is (name == "right")
    assert found.to_dict() == check(fn, "softmax", asked, name=name, **declared).to_dict()


def test_what_a_target_prints_is_no_answer(mine):
    """It goes to standard error, also past Python; and what it reads is empty, so that no request is lost."""
    found, passed_on = judged(mine, "chatty", ["float8_e5m2"], select="*/axes/*")

    assert found.conforms, str(found)
    assert b"computing (3, 2)" in passed_on
    assert b'{"seq": 1, "y": []}' in passed_on


def test_the_pipes_stay_open_until_the_process_is_gone(mine):
    """What a library does at its end may take a while, and is no program that closes its output and runs on."""
    found, passed_on = judged(mine, "slow_to_end", ["float8_e5m2"], select="*/axes/columns")

    assert found.conforms, str(found)
    assert b"pipes at the end: 2" in passed_on


@pytest.mark.parametrize("name", ["layer", "layer.forward", "natural", "short"])
def test_whatever_can_be_called_is_a_target(mine, name):
    """An object, a method, a partial and a lambda of a file; the file says what it declares."""
    target, written = find_target(f"{mine}:{name}"), []
    answering = Answering("mine", target, written.append)

    answering.start({})
    answering.run(run_request(load("softmax", "binary32")[0], 1))

    assert target.function == "softmax"
    assert written[0]["domain"] == "abs(z) <= 88"
    assert written[0]["contract"] is True
    assert len(written[1]["y"]) == 7


def test_a_name_of_the_corpus_is_what_a_target_computes():
    """Its own name, else softmax; a well-known one of another name is known; what is said goes before."""
    assert find_target("softmax_ref:logsumexp").function == "logsumexp"
    assert find_target("math:exp").function == "softmax"
    assert find_target("scipy.special:log_expit").function == "log_logistic"
    assert find_target("softmax_ref:softmax", "clr_inv").function == "clr_inv"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mine", "a target needs the form module:name, got 'mine'"),
        ("nowhere.py:softmax", "'nowhere.py:softmax' cannot be imported: FileNotFoundError: "),
        ("nowhere:softmax", "'nowhere:softmax' cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
        ("math:hardmax", "'math:hardmax' needs a name of math, which has no 'hardmax'"),
        ("math:pi", "'math:pi' needs to be callable, got float"),
    ],
)
def test_a_target_that_is_not_there_is_named(text, message):
    """One line that says what is missing."""
    with pytest.raises(TargetError) as raised:
        find_callable(text)

    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


def test_a_target_that_is_not_there_is_an_answer_to_start():
    """The process says so in the protocol, and the check is a fault of the call."""
    with pytest.raises(StartError, match="'math:hardmax' needs a name of math, which has no 'hardmax'"):
        check_program(command_of("math:hardmax"))


def test_a_file_named_like_a_module_in_use_takes_nothing_s_place(tmp_path):
    """The module of that name stays what it was."""
    (tmp_path / "json.py").write_text("softmax = len")

    found, module = find_callable(f"{tmp_path}/json.py:softmax")

    assert found is len
    assert module.__name__ == "target_json"
    assert hasattr(sys.modules["json"], "dumps")


class _Counting:
    """A softmax that is wrong at first, and writes its results where the ones before were."""

    def __init__(self):
        self.calls, self.results = 0, {}

    def __call__(self, z, axis=-1):
        self.calls += 1
        weight, result = np.exp(z - z.max(axis=axis, keepdims=True)), self.results.setdefault(z.shape, np.empty_like(z))
        result[...] = weight / weight.sum(axis=axis, keepdims=True) * (0.5 if self.calls == 1 else 1)
        return result


def answers(fn, *requests, seen=True):
    """Return what a target answers to requests, in this process."""
    written = []
    answering = Answering("mine", Target("softmax", fn, ("binary64",), seen, ""), written.append)
    for request in requests:
        getattr(answering, request["op"])(request)
    return written


def contract(**more):
    return {"op": "contract", "seq": 2, "function": "softmax", "format": "binary64", "level": "standard"} | more


def test_the_first_call_of_all_is_remembered_until_the_contract():
    """A wrong first answer is no accident of the run: the promise compares it with a later one."""
    first = run_request(load("softmax", "binary64")[0], 1)

    *_, found = answers(_Counting(), first, first, contract(promises=["the first call"]))

    assert [(f["name"], f["state"]) for f in found["findings"]] == [("the first call", "broken")]


def test_promises_are_asked_for_by_name_and_left_out_by_name():
    """Or by globs over ids; each is announced before it is looked at, what is left out is neither announced nor found."""
    fn = find_callable("softmax_ref:softmax")[0]

    *asked, found = answers(fn, contract(promises=["Fortran order", "negative strides"]))
    *few, chosen = answers(fn, contract(select=["softmax/*", "contract/*/* strides", "!*/every *"]))
    without = ["Fortran order", "an empty axis"]
    *fewer, rest = answers(fn, contract(promises=["Fortran order", "negative strides"], without=without))

    assert [f["name"] for f in found["findings"]] == ["Fortran order", "negative strides"]
    assert {"Fortran order", "negative strides", "an empty axis"} < {line["asking"] for line in asked}
    assert found["empty_axis"] == "error"
    assert [f["name"] for f in chosen["findings"]] == ["negative strides"]
    assert [line["asking"] for line in few] == ["repeated calls", "negative strides", "an empty axis"]
    assert [f["name"] for f in rest["findings"]] == ["negative strides"]
    assert "empty_axis" not in rest
    assert "Fortran order" not in {line["asking"] for line in fewer}


def test_of_copies_no_promise_about_memory_is_kept():
    """Whoever is given copies may write into them; all else is asked as ever."""
    memory = ["Fortran order", "a result after the next call", "earlier arguments"]

    *_, found = answers(find_callable("softmax_ref:softmax")[0], contract(promises=[*memory, "rows alone"]), seen=False)

    states = dict.fromkeys(memory, "refused") | {"rows alone": "kept"}
    assert {f["name"]: f["state"] for f in found["findings"]} == states
    assert found["findings"][0]["text"] == "it is given copies, and what it does to memory is not seen"


def test_integers_are_a_format_of_the_contract():
    """The findings of this process, in its order, each announced; there is no empty axis of integers."""
    fn = find_callable("softmax_ref:softmax")[0]

    *asked, found = answers(fn, contract(format="integer"))

    assert found == {"seq": 2, "findings": [asdict(finding) for finding in integer_contract(fn, "softmax")]}
    assert [line["asking"] for line in asked] == [finding["name"] for finding in found["findings"]]


@pytest.mark.parametrize(
    ("fn", "names", "said"),
    [
        (lambda z, axis: z, "problems y", ["result-aliased", "the result shares memory with an input"]),
        (lambda z, axis: z.astype("f4"), "problems y", ["dtype-changed", "got float32 for float64"]),
        (lambda z, axis: z.astype(int), "problems", ["dtype-changed", "got int64 for float64"]),
        (lambda z, axis: z[:2] + 1, "problems", ["shape-changed", "got shape (2,), the case has (7,)"]),
    ],
)
def test_what_is_wrong_with_a_call_is_told_beside_the_values(fn, names, said):
    """As in this process; what is no result to judge has no values."""
    (answer,) = answers(fn, run_request(load("softmax", "binary64")[0], 1))

    assert " ".join(sorted({*answer} - {"seq"})) == names
    assert answer["problems"] == [said]


def test_an_exception_is_an_answer():
    """Its type and its first line."""
    (answer,) = answers(lambda z, axis: 1 / 0, run_request(load("softmax", "binary64")[0], 1))

    assert answer == {"seq": 1, "errored": "ZeroDivisionError: division by zero"}


def test_a_format_without_its_package_is_skipped(monkeypatch):
    """The reason names the package; nothing is called."""
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)

    (answer,) = answers(lambda z, axis: 1 / 0, run_request(load("softmax", "bfloat16")[0], 1))

    assert answer == {"seq": 1, "skipped": "needs the package ml_dtypes for arrays of bfloat16"}
