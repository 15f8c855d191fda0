"""Right programs conform, whatever way they are asked; what they do not offer is not asked."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from softmax_ref.cli import main
from softmax_ref.conformance.programs.checking import check_program
from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.corpus import load

PROGRAMS = Path(__file__).with_name("programs")
RIGHT = f"{sys.executable} -S {PROGRAMS / 'right.py'}"
WRONG = f"{sys.executable} -S {PROGRAMS / 'wrong.py'}"
PATIENT = Limits(case=60)
FEW = ("--select", "softmax/*/textbook/*", "--select", "softmax/*/axes/*", "--select", "softmax/*/long/70000*")

SPEAKER = """
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    if r["op"] == "stop":
        break
    print(json.dumps({OFFER} if r["op"] == "start" else {ANSWER}), flush=True)
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run softmax-ref in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, arguments)


@pytest.fixture
def speaker(tmp_path):
    """Return the command of a program with an answer to start, and one to every request."""

    def made(answer, **offer):
        path = tmp_path / "speaker.py"
        offer = {"name": "speaker", "functions": ["softmax"], "formats": ["binary32"]} | offer
        path.write_text(SPEAKER.replace("{OFFER}", repr(offer)).replace("{ANSWER}", answer))
        return [sys.executable, "-S", str(path)]

    return made


def test_a_right_program_conforms(run):
    """In each format that it offers, also where a request is longer than a pipe; the others are named."""
    result = run("check", "--command", RIGHT, *FEW, "--timeout", "60")

    assert result.exit_code == 0, result.output
    assert result.output.startswith("right 1.0 (selected softmax/*/textbook/* softmax/*/axes/*")
    assert "as softmax: CONFORMS at level standard" in result.output
    assert result.output.count("conforms: ") == 3
    assert result.output.count("not among the formats of the program") == 3


def test_a_format_that_is_skipped_as_a_whole_is_not_offered(speaker):
    """With the reason of the first case."""
    command = speaker('{"seq": r["seq"], "skipped": "no device"}')

    [report] = check_program(command, select=["softmax/binary32/textbook/*"], limits=PATIENT)

    assert not report.told
    assert next(r for r in report.results if r.format.name == "binary32").not_offered == "no device"


@pytest.mark.parametrize(("formats", "offered"), [(None, False), (["binary32"], True)])
def test_a_type_error_at_first_is_a_refusal_unless_the_format_was_asked_for(speaker, formats, offered):
    """As it is for a Python function."""
    command = speaker('{"seq": r["seq"], "errored": "TypeError: no float32"}')

    [report] = check_program(command, formats=formats, select=["softmax/binary32/textbook/*"], limits=PATIENT)

    reasons = {r.format.name: r.not_offered for r in report.results}
    assert (reasons["binary32"] is None) is offered
    assert [failure.flags[0] for failure in report.failures] == ["raises"] * 3 * offered


def test_a_declaration_is_judged_and_told(speaker):
    """Policies and a domain may stand in the answer to start, or be given and go before; what is outside is skipped."""
    nothing = '{"seq": r["seq"], "y": ["0x00000000"] * len(r["inputs"]["z"]["bits"])}'
    command = speaker(nothing, domain="abs(z) <= 5", policies={"all_neg_inf": "zero"})

    [report] = check_program(command, select=["softmax/binary32/textbook/*"], limits=PATIENT)
    given = {"domain": "K <= 2", "policies": {"all_neg_inf": "nan"}}
    [other] = check_program(command, select=["softmax/binary32/textbook/*"], limits=PATIENT, **given)

    assert "domain abs(z) <= 5" in report.declaration
    assert report.declared == {"all_neg_inf": "zero"}
    assert report.skipped == 2
    assert len(report.failures) == 1
    assert (other.declaration, other.declared) == ("domain K <= 2", {"all_neg_inf": "nan"})


@pytest.mark.parametrize("offer", [{"policies": {"all_neg_inf": "maybe"}}, {"domain": "z is small"}])
def test_a_declaration_that_means_nothing_is_refused(speaker, offer):
    """Before anything is asked."""
    with pytest.raises(ValueError, match="check: "):
        check_program(speaker("None", **offer))


def test_all_functions_that_a_program_offers_are_judged(speaker):
    """One report for each, in the order of the corpus; names that it does not know mean nothing."""
    nothing = '{"seq": r["seq"], "skipped": r["function"]}'
    command = speaker(nothing, functions=["logsumexp", "gelu", "softmax", "clr_inv"], formats=["binary32", "tf32"])

    reports = check_program(command, smoke=True, limits=PATIENT)

    assert [report.function for report in reports] == ["softmax", "logsumexp", "clr_inv"]
    assert reports[2].results[1].not_offered == "clr_inv"


def test_a_function_that_cannot_be_asked_leaves_the_others(speaker):
    """Time and starts in a row are counted for each."""
    answer = 'sys.exit(1) if r["function"] == "softmax" else {"seq": r["seq"], "skipped": "no"}'
    command = speaker(answer, functions=["softmax", "logsumexp"])

    softmax, logsumexp = check_program(command, select="*/binary32/textbook/*", limits=Limits(case=60, row=2))

    assert softmax.incomplete.startswith("not asked: the program was lost 2 times in a row")
    assert logsumexp.incomplete is None


def test_a_function_that_is_not_offered_is_never_asked(speaker):
    """Nothing was judged, and the report says what there is."""
    [report] = check_program(speaker("None"), "logsumexp", limits=PATIENT)

    assert not report.told
    assert {r.not_offered for r in report.results} == {"not among the functions of the program: softmax"}


def test_a_report_of_an_interrupted_run_is_marked_and_readable():
    """Ctrl-C after one case: what was judged is told, and nothing conforms."""

    def progress(steps, label, total):
        yield next(iter(steps))
        raise KeyboardInterrupt

    [report] = check_program(RIGHT.split(), formats=["binary32"], progress=progress, limits=PATIENT)

    assert report.incomplete == f"interrupted after 1 of {len(load('softmax', 'binary32'))} cases of binary32"
    assert not report.conforms
    assert "INCOMPLETE" in str(report)
    assert report.failures == []


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_ends_the_program_and_the_report_is_written(sent):
    """In a shell: status 2, as nothing has failed, and no process is left."""
    # Where the tests run in the background, the shell has told them to ignore SIGINT, and they pass that on.
    start = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from softmax_ref.cli import main; main(sys.argv[1:])"
    )
    options = ["--format", "binary32", "--timeout", "600", "--select", "softmax/binary32/textbook/*"]
    command = [sys.executable, "-c", start, "check", "--command", f"{WRONG} tell", *options]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        child = int(process.stderr.readline().split()[-1])
        process.send_signal(sent)
        output, _ = process.communicate()

    assert process.returncode == 2
    assert "INCOMPLETE: interrupted after 1 of 3 cases of binary32" in " ".join(output.split())
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check",), "check needs either TARGET or --command"),
        (("check", "mine:softmax", "--command", "./mine"), "check needs either TARGET or --command"),
        (("check", "--command", "./mine"), "'./mine': cannot be started: No such file or directory"),
        (("check", "--command", "'"), "--command needs words as in a shell"),
        (("check", "--command", ""), "--command needs a program"),
        (("check", "mine:softmax", "--format", "yaml"), "binary64, binary32, binary16, "),
        (("requests", "--format", "float32"), "formats needs to be one of binary64, "),
    ],
)
def test_a_faulty_call_is_one_line(run, arguments, message):
    """Status 2."""
    result = run(*arguments)

    assert result.exit_code == 2
    assert message in result.output
    assert result.output.count("\n") == 1
