"""A Python target is contained as every program is: also where it breaks in the middle of the array contract."""

import pytest

from softmax_ref.conformance.programs.checking import check_program
from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.conformance.targets import command_of

TARGETS = """
import os
import time

import numpy as np


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def overwrites(z, axis=-1):
    z -= z.max(axis=axis, keepdims=True)
    return softmax(z, axis)


def aborts(z, axis=-1):
    if z.flags.f_contiguous and z.ndim == 2 and z.shape[0] > 1:
        os.abort()
    return softmax(z, axis)


def always_aborts(z, axis=-1):
    os.abort()


def exits(z, axis=-1):
    os._exit(0) if z.size == 0 else None
    return softmax(z, axis)


def hangs(z, axis=-1):
    time.sleep(1000) if np.ndim(z) == 0 else None
    return softmax(z, axis)


def leaves(z, axis=-1):
    raise SystemExit(0)
"""


@pytest.fixture
def judge(tmp_path):
    """Judge one of the targets by a few cases and the array contract."""
    (tmp_path / "mine.py").write_text(TARGETS)

    def judged(name, *select, promise=60.0):
        command = command_of(f"{tmp_path / 'mine.py'}:{name}", "softmax")
        globs = select or ("softmax/binary32/textbook/*", "contract/binary32/*")
        limits = Limits(case=60.0, promise=promise, row=3)
        [report] = check_program(
            command, formats=["binary32"], select=globs, limits=limits, show=lambda data: None, name=name
        )
        return report

    return judged


def reasons(report):
    return {failure.case: (failure.flags[0], failure.reason) for failure in report.failures}


def test_a_target_that_changes_its_input_is_told_so(judge):
    """The child sees it; the parent never has the array."""
    found = reasons(judge("overwrites", "softmax/binary32/textbook/*"))

    assert len(found) == 3
    assert set(found.values()) == {("input-overwritten", "the input is not what it was before the call")}


def test_a_promise_that_ends_the_process_is_broken_and_the_others_are_asked(judge):
    """The failure names it; the values and every other promise are judged all the same."""
    report = judge("aborts")

    found = reasons(report)
    assert found
    assert {flag for flag, _ in found.values()} == {"crash"}
    assert all(text.startswith("ended by SIGABRT; its last words: ") for _, text in found.values())
    assert all(case.startswith("contract/binary32/") for case in found)
    [result] = report.judged
    assert sum(finding.state == "kept" for finding in result.findings) > 10
    assert report.incomplete is None


@pytest.mark.parametrize(
    ("name", "flag", "text", "promise"),
    [("exits", "exit", "ended with exit status 0", "no rows"), ("hangs", "timeout", "no answer within 3 s", "no axes")],
)
def test_a_promise_that_ends_in_silence_is_named(judge, name, flag, text, promise):
    """It has a time limit of its own, as it is many calls."""
    report = judge(name, f"contract/binary32/{promise}", promise=3.0 if name == "hangs" else 60.0)

    assert reasons(report)[f"contract/binary32/{promise}"] == (flag, text)


@pytest.mark.parametrize("globs", [["contract/binary32/no rows"], ["contract/binary32/no *", "!*/no axes"]])
def test_a_promise_that_is_not_selected_is_not_asked(judge, globs):
    """It would hang."""
    report = judge("hangs", *globs, promise=3.0)

    assert report.conforms, str(report)


def test_a_promise_that_others_need_is_told_where_it_ends_the_process(judge):
    """Repeated calls come before rows alone; nothing passes for want of a question."""
    report = judge("always_aborts", "contract/binary32/rows alone")

    assert reasons(report)["contract/binary32/repeated calls"][0] == "crash"
    assert not report.conforms


def test_a_target_that_always_crashes_is_given_up(judge):
    """After three starts in a row; the report says so."""
    report = judge("always_aborts")

    assert report.incomplete.startswith(
        "not asked: the program was lost 3 times in a row, the last time: ended by SIGABRT"
    )
    assert {flag for flag, _ in reasons(report).values()} == {"crash"}


def test_a_target_that_calls_exit_has_raised(judge):
    """The process goes on: an exception like any other."""
    found = reasons(judge("leaves", "softmax/binary32/textbook/*"))

    assert set(found.values()) == {("raises", "SystemExit: 0")}
