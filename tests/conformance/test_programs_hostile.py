"""Whatever a program does instead of answering is the verdict on that case, and the run goes on."""

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from softmax_ref.conformance.programs.checking import StartError, check_program
from softmax_ref.conformance.programs.keeper import Keeper
from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.conformance.programs.protocol import Fault
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES

PROGRAMS = Path(__file__).with_name("programs")
THREE = "softmax/binary32/textbook/one-two-eight"
"""The case that the programs stumble over; two others are asked around it."""
LIMITS = Limits(case=1.5, line=1 << 12)
PATIENT = Limits(case=30, line=1 << 12)


def living(mark):
    """Return the processes that have a text in their environment, this one aside."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            found += [path.parent.name] if mark.encode() in path.read_bytes() else []
        except OSError:
            continue
    return found


def running(process):
    """Whether a process is there, and not only its entry in a table."""
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def command(name):
    return [sys.executable, "-S", str(PROGRAMS / "wrong.py"), name]


@pytest.fixture
def judge(monkeypatch):
    """Judge a program by three cases; afterwards nothing that it has started is there."""
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    monkeypatch.setenv("SOFTMAX_REF_TEST", mark)

    def judged(name, limits=PATIENT, select="softmax/binary32/textbook/*", show=lambda data: None):
        [report] = check_program(command(name), formats=["binary32"], select=[select], limits=limits, show=show)
        return report

    yield judged
    deadline = time.monotonic() + 20
    while living(mark) and time.monotonic() < deadline:  # what is killed takes a moment to go
        os.sched_yield()
    assert living(mark) == []


@pytest.mark.parametrize(
    ("name", "flag", "text"),
    [
        ("abort", "crash", "ended by SIGABRT"),
        ("killed", "crash", "ended by SIGKILL"),
        ("shell", "crash", "ended by SIGSEGV (exit status 139)"),
        ("exit", "exit", "ended with exit status 3"),
        ("quit", "exit", "ended with exit status 0"),
        ("complain", "exit", "ended with exit status 1; its last words: mine: out of luck"),
        ("flood", "wrong-seq", "an answer needs the seq of its request, got None"),
        ("endless line", "output-limit", "an answer of more than 4288 bytes: '0123456789abcdef"),
        ("no json", "protocol", "an answer needs to be JSON"),
        ("no utf-8", "protocol", "an answer needs UTF-8"),
        ("no seq", "wrong-seq", "got None"),
        ("seq of another", "wrong-seq", "got seq 1000000000, the request has seq 2"),
        ("two answers", "two-answers", ""),
        ("a comment more", "two-answers", "wrote another line after its answer: 'done!'"),
        ("ahead", "answer-order", "wrote another line after its answer"),
        ("twins", "two-answers", ""),
        ("too few", "shape-changed", "got 2 values, the case has 3"),
        ("endless values", "output-limit", "an answer of more than 4288 bytes"),
        ("decimal", "protocol", "y needs 8 hexadecimal digits a value, got '0.333333'"),
        ("errored", "raises", "out of [31m memory"),
        ("fork", "exit", "ended with exit status 5"),
        ("escape", "exit", "ended with exit status 5"),
        ("unsure", "not-repeatable", "asked again, entry "),
    ],
)
def test_a_program_that_misbehaves_fails_on_that_case_alone(judge, name, flag, text):
    """The failure has the flag and says what was seen; the cases before and after are judged and passed."""
    report = judge(name)

    [failure] = report.failures
    [result] = report.judged
    assert (failure.case, failure.flags[0]) == (THREE, flag)
    assert text in failure.reason
    assert [v.case.id for v in result.verdicts if v.passes("standard")] == [
        v.case.id for v in result.verdicts if v.case.id != THREE
    ]
    assert report.incomplete is None
    assert "\x1b" not in str(report)


@pytest.mark.parametrize(
    ("name", "flag", "text"),
    [
        ("hang", "timeout", "no answer within 1.5 s"),
        ("stubborn", "timeout", "no answer within 1.5 s"),
        ("partial", "timeout", 'no answer within 1.5 s, after \'{"seq": 2'),
        ("seq before", "wrong-seq", "got seq 1 for 2, and no other answer"),
        ("shut", "pipes-closed", "closed its standard output, and runs on"),
    ],
)
def test_a_program_that_goes_silent_is_ended(judge, name, flag, text):
    """It has a time for each answer; what ignores every polite signal is ended too."""
    report = judge(name, LIMITS)

    [failure] = report.failures
    assert (failure.case, failure.flags[0]) == (THREE, flag)
    assert text in failure.reason


def test_a_program_that_closes_its_input_fails_on_the_next_case(judge):
    """It has answered the one before."""
    report = judge("deaf")

    assert {(f.flags[0], f.reason.removeprefix("when it was asked again: ")) for f in report.failures} == {
        ("pipes-closed", "closed its standard input, and runs on")
    }
    assert any(f.case.endswith("zero-ten") for f in report.failures)


@pytest.mark.parametrize("name", ["payload", "forked", "errors", "nothing at all"])
def test_what_is_no_fault_is_none(judge, name):
    """Any nan is nan; processes of its own that end with it; half a megabyte on standard error."""
    report = judge(name, select="softmax/binary32/nan/*" if name == "payload" else "softmax/binary32/textbook/*")

    assert report.conforms, str(report)


def test_the_whole_process_group_is_ended(judge):
    """Also what has no environment by which it could be found."""
    shown = bytearray()

    judge("nameless", show=shown.extend)

    (left,) = map(int, shown.split())
    deadline = time.monotonic() + 20
    while running(left) and time.monotonic() < deadline:
        os.sched_yield()
    assert not running(left)


def test_standard_error_is_passed_on_up_to_a_limit(judge):
    """And read to its end all the same: a full pipe would stop the program."""
    shown = bytearray()

    judge("errors", show=shown.extend)

    assert shown.startswith(b"warning: xxx")
    assert len(shown) < 70_000
    assert b"the rest of standard error is not shown" in shown


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("first of all", "gaps"),
        ("shape", "gaps"),
        ("first entry", "gaps"),
        ("ends", "axes"),
        ("all but axis", "axes"),
        ("seq", "gaps"),
    ],
)
def test_an_answer_from_a_cache_is_caught(judge, name, family):
    """Whatever the cache knows its answers by, short of the whole request."""
    report = judge(name, select=f"softmax/binary32/{family}/*")

    assert not report.conforms


def test_answers_to_requests_that_come_together_need_their_order(judge):
    """One that answers the last one first is right as long as one request is there at a time."""
    report = judge("reorder")

    assert report.failures
    assert {failure.flags[0] for failure in report.failures} == {"answer-order"}


@pytest.mark.parametrize("name", ["lag", "unread"])
def test_a_program_that_never_answers_in_time_is_given_up(judge, name):
    """After three starts in a row nothing more is asked; the report says so and never conforms."""
    report = judge(name, Limits(case=0.3, row=3), select="softmax/binary32/gaps/*")

    assert report.incomplete.startswith("not asked: the program was lost 3 times in a row, the last time: no answer")
    reasons = [failure.reason for failure in report.failures]
    assert len(reasons) == len(report.results[0].verdicts) > 10
    assert sum(reason.startswith("no answer") for reason in reasons) == 3
    assert {failure.flags[0] for failure in report.failures} == {"timeout"}


def test_the_time_of_a_run_is_limited_too(judge):
    """What was not asked has failed, and says why."""
    report = judge("nothing at all", Limits(run=0.0))

    assert report.incomplete == "not asked: the time of the run, 0 s, was over"
    assert [failure.flags[0] for failure in report.failures] == ["timeout"] * 3


def test_the_time_of_a_run_ends_the_wait_for_an_answer():
    """The message names that limit, not the one for an answer."""

    def receive(seconds, size):
        raise Fault("timeout", f"no answer within {seconds:.3g} s")

    keeper = object.__new__(Keeper)  # of no process
    keeper.limits, keeper.child = Limits(run=0.0), SimpleNamespace(receive=receive)
    keeper.renew()

    with pytest.raises(Fault, match="no answer before the time of the run, 0 s, was over"):
        keeper.line(10.0)


def test_starts_are_limited_in_all(judge):
    """Also where right answers stand between the faults."""
    report = judge("exit", Limits(restarts=2), select="softmax/binary32/infinit*")

    assert report.incomplete.startswith("not asked: the program was lost 2 times, the last time: ended with")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
def test_memory_is_limited(judge):
    """An allocation beyond the limit fails as it does where memory is short; the last words tell."""
    report = judge("memory", Limits(case=30, memory=48 << 20))

    [failure] = report.failures
    assert (failure.case, failure.flags[0]) == (THREE, "exit")
    assert failure.reason == "ended with exit status 1; its last words: MemoryError"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("start exit", "no answer to start: ended with exit status 1; its last words: mine: no licence"),
        ("start banner", "no answer to start: an answer needs to be JSON"),
        ("start hang", "no answer to start: no answer within 0.3 s"),
        ("start flood", "no answer to start: an answer of more than 65536 bytes"),
        ("start without formats", "no answer to start: the answer to start needs formats"),
        ("start misspelt", "got 'workingformat'"),
        ("start numbers", "name in the answer to start needs a text, got 3"),
        ("start error", "needs a device"),
    ],
)
def test_a_program_that_does_not_start_is_no_verdict(judge, name, text):
    """Nothing can be judged, and whoever called is told why."""
    with pytest.raises(StartError) as raised:
        judge(name, Limits(start=0.3 if name == "start hang" else 30))

    assert text in str(raised.value)


def test_a_program_that_is_not_there_is_no_verdict():
    """The system says why."""
    with pytest.raises(StartError, match="cannot be started: No such file or directory"):
        check_program(["./nowhere"])


def test_a_program_of_other_functions_is_refused(judge):
    """There is nothing to ask."""
    with pytest.raises(ValueError, match="needs functions of the corpus, got 'gelu'"):
        judge("start nothing")


@pytest.mark.parametrize(
    ("name", "flag", "text"),
    [
        ("stop 3", "exit", "ended with exit status 3"),
        ("stop never", "timeout", "did not end within 1.5 s after stop"),
        ("stop flood", "output-limit", "endless lines after stop"),
    ],
)
def test_a_program_that_does_not_stop_breaks_a_promise(judge, name, flag, text):
    """Every case has passed; the end is a finding of its own."""
    report = judge(name, LIMITS)

    [failure] = report.failures
    assert (failure.case, failure.flags, failure.reason) == ("contract/binary32/stop", (flag,), text)


def test_an_answer_after_stop_is_one_too_many(judge):
    """It is blamed on the request that it names."""
    [failure] = judge("stop late").failures

    assert failure.flags[0] == "two-answers"


def test_every_flag_of_a_program_is_explained():
    """In the notes of the corpus."""
    flags = {"crash", "exit", "timeout", "protocol", "wrong-seq", "two-answers", "answer-order", "output-limit"}

    assert flags | {"pipes-closed", "raises", "shape-changed", "not-repeatable"} <= set(NOTES) | set(CONTRACT_NOTES)
