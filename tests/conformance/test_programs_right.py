"""Right programs conform, whatever way they are asked; what they do not offer is not asked."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from softmax_ref.cli import main
from softmax_ref.conformance.programs.checking import check_program
from softmax_ref.conformance.programs.processes import Limits
from softmax_ref.conformance.programs.protocol import Fault, encoded, parsed, read_reply, run_request, words
from softmax_ref.conformance.programs.running import sample
from softmax_ref.conformance.programs.session import Question, Session
from softmax_ref.corpus import CORPUS_FUNCTIONS, CORPUS_VERSION, load

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


def test_a_request_says_nothing_of_what_is_expected():
    """No id, flag, comment, tolerance or result; recipes are written out; every bit of every input is there."""
    for function in CORPUS_FUNCTIONS:
        for case in load(function, "float8_e5m2")[::7]:
            request = parsed(encoded(run_request(case, 3)))

            names = {"op", "seq", "function", "format", "parameters", "inputs", "shape"}
            assert set(request) == names | ({"axis"} if case.axis is not None else set())
            for name, held in request["inputs"].items():
                (kind,) = set(held) - {"shape"}
                x = held[kind] if kind != "bits" else case.format.decode([int(text, 16) for text in held[kind]])
                assert held["shape"] == list(case.inputs[name].shape)
                assert np.array_equal(np.ravel(x), case.inputs[name].ravel(), equal_nan=kind == "bits")
            assert request["parameters"].keys() == case.parameters.keys()


@pytest.mark.parametrize("form", ["0x{}", "0X{}", "{}", "{} upper", "mixed"])
def test_bits_may_be_written_in_several_ways(form):
    """With or without 0x, in either case, also mixed; any nan is nan."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (3,))
    bits = ["3f800000", "ffc0ffee", "80000000"]
    texts = {
        "mixed": ["0x3f800000", "FFC0FFEE", "80000000"],
        "{} upper": [text.upper() for text in bits],
    }.get(form) or [form.format(text) for text in bits]

    result = read_reply({"seq": 1, "y": texts}, case).answer.result

    assert np.array_equal(result, [1.0, np.nan, -0.0], equal_nan=True)
    assert np.signbit(result[2])


@pytest.mark.parametrize(
    "text", ["0x3f80000g", "0x3f80_000", "0x3f8000000x", "+3f80000", " 3f80000", "3f80000\u0661", ""]
)
def test_bits_are_hexadecimal_digits_and_nothing_else(text):
    """Not what int() would take beside them."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))

    for texts in ([text, text], [text, "3f800000"], ["0x3f800000", text]):
        with pytest.raises(Fault, match="needs 8 hexadecimal digits a value"):
            read_reply({"seq": 1, "y": texts}, case)


def test_pieces_of_values_are_no_values():
    """Digits that make right values only when they are joined."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))

    with pytest.raises(Fault, match="needs 8 hexadecimal digits"):
        read_reply({"seq": 1, "y": ["0x3f8000000x", "3f800000"]}, case)


class Scripted:
    """A keeper of a program that says what is written, whatever it is asked."""

    limits, over, row = Limits(), None, 0
    offer = SimpleNamespace(contract=None)

    def __init__(self, *lines, pending=()):
        self.lines, waiting = list(lines), list(pending)
        self.child = SimpleNamespace(pending=lambda: waiting.pop(0), send=lambda *requests: None)

    def run(self):
        return self.child

    def line(self, seconds, size=0):
        return self.lines.pop(0)

    def drop(self, fault):
        self.child = None


def test_a_second_answer_that_comes_late_is_blamed_on_its_request():
    """The one after it has the answer that carries its own seq."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))
    first, second = Question(case, "softmax"), Question(case, "softmax")
    answers = [{"seq": seq, "y": [text] * 2} for seq, text in ((1, "3f800000"), (1, "3f800000"), (2, "00000000"))]
    session = Session(Scripted(*answers, pending=[None, None]))

    replies = [reply for question in (first, second) for _, reply in session.ask([question])]

    assert first.problems == [("two-answers", "answered a second time")]
    assert second.problems == []
    assert [reply.answer.result.tolist() for reply in replies] == [[1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("line", "flag"),
    [(b"done", "two-answers"), (b'{"seq": 1}', "two-answers"), (b'{"seq": 2}', "answer-order"), (b"{}", "two-answers")],
)
def test_a_line_that_nobody_asked_for_is_blamed_on_the_last_request(line, flag):
    """It is found before the next one is sent."""
    case = next(case for case in load("softmax", "binary32") if case.shape == (2,))
    question, answers = Question(case, "softmax"), [{"seq": seq, "skipped": "no"} for seq in (1, 2)]
    session = Session(Scripted(*answers, pending=[None, line, None]))

    replies = [reply for _ in range(2) for _, reply in session.ask([question])]

    assert question.problems == [(flag, f"wrote another line after its answer: {line.decode()!r}")]
    assert [reply.skipped for reply in replies] == ["no", "no"]


def test_brackets_without_end_are_no_answer():
    """However many fit into a line."""
    with pytest.raises(Fault, match="an answer needs fewer brackets"):
        parsed(b"[" * 1_000_000)


def test_words_of_a_program_are_made_fit_to_print():
    """One line, without control characters, not too long."""
    assert words("a\x1b[31m\nb\u202e \ud800c") == "a [31m b c"
    assert len(words("x" * 10**6)) == 203


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
    """Policies, a working format and a domain may stand in the answer to start; what is outside is skipped."""
    nothing = '{"seq": r["seq"], "y": ["0x00000000"] * len(r["inputs"]["z"]["bits"])}'
    command = speaker(nothing, domain="abs(z) <= 5", policies={"all_neg_inf": "zero"})

    [report] = check_program(command, select=["softmax/binary32/textbook/*"], limits=PATIENT)

    assert "domain abs(z) <= 5" in report.declaration
    assert report.declared == {"all_neg_inf": "zero"}
    assert report.skipped == 2
    assert len(report.failures) == 1


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


def test_a_function_that_is_not_offered_is_never_asked(speaker):
    """Nothing was judged, and the report says what there is."""
    [report] = check_program(speaker("None"), "logsumexp", limits=PATIENT)

    assert not report.told
    assert {r.not_offered for r in report.results} == {"not among the functions of the program: softmax"}


def test_what_is_asked_again_is_short_and_spread():
    """At most 16 of a format, from the first case on."""
    cases = load("softmax", "binary32")

    chosen = sample(cases)

    assert 8 <= len(chosen) <= 16
    assert chosen[0] == 0
    assert chosen[-1] > 150
    assert max(np.prod(cases[n].shape) for n in chosen) <= 4096


@pytest.fixture(scope="module")
def offline(tmp_path_factory):
    """Requests in a file, and the answers of a right program."""
    folder = tmp_path_factory.mktemp("offline")
    asked = CliRunner().invoke(main, ["requests", "--format", "binary32", *FEW, "--function", "softmax"])
    assert asked.exit_code == 0, asked.output
    (folder / "requests.jsonl").write_text(asked.output)
    done = subprocess.run(RIGHT.split(), input=asked.output, capture_output=True, text=True, check=True)
    return folder, done.stdout.splitlines(keepends=True)


def judged(offline, lines, *options):
    """Judge lines of answers."""
    folder, _ = offline
    (folder / "answers.jsonl").write_text("".join(lines))
    return CliRunner().invoke(main, ["judge", str(folder / "answers.jsonl"), *options])


@pytest.mark.parametrize("how", ["file", "options"])
def test_answers_from_elsewhere_are_judged(offline, how):
    """In any order, with or without the answer to start; the selection comes from the requests or the options."""
    folder, lines = offline
    options = ("--requests", str(folder / "requests.jsonl"))
    options = options if how == "file" else ("--format", "binary32", "--function", "softmax", *FEW)

    whole = judged(offline, lines, *options)
    turned = judged(offline, lines[:0:-1], *options)

    assert (whole.exit_code, turned.exit_code) == (0, 0), whole.output + turned.output
    assert whole.output.startswith("right 1.0")
    assert turned.output.startswith("answers.jsonl")


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda lines: lines[:2] + lines[3:], "no answer"),
        (lambda lines: [*lines, lines[2]], "answered a second time in line"),
        (lambda lines: [*lines[:-1], lines[-1].replace('"y": ["', '"y": ["0')], "needs 8 hexadecimal digits"),
        (lambda lines: [*lines[:-1], lines[-1].replace('"y": ["3', '"y": ["4')], "asked again, entry 0 is"),
    ],
)
def test_an_answer_that_is_missing_or_wrong_is_a_failure(offline, edit, reason):
    """Status 1, and the report says what was seen."""
    folder, lines = offline

    result = judged(offline, edit(lines), "--requests", str(folder / "requests.jsonl"))

    assert result.exit_code == 1
    assert reason in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("edit", "options", "message"),
    [
        (lambda lines: lines, ("--function", "softmax", "--format", "binary64"), "line 2 needs the seq of a request"),
        (lambda lines: [*lines[:3], '{"seq": 1, "y": []}\n'], None, "line 4 needs the seq of a request"),
        (lambda lines: [*lines[:3], '{"seq": 1, "y": [\n'], None, "line 4: an answer needs to be JSON"),
        (lambda lines: ["{}\n", *lines[1:]], None, "line 1: the answer to start needs name"),
        (lambda lines: lines, ("--function", "hardmax"), "functions needs to be one of softmax, "),
        (lambda lines: lines, ("--function", "softmax", "--select", "softmax/no/*"), "which matches none"),
    ],
)
def test_answers_to_other_questions_are_refused(offline, edit, options, message):
    """Status 2, with the line: they are nobody's verdict."""
    folder, lines = offline

    result = judged(offline, edit(lines), *(options or ("--requests", str(folder / "requests.jsonl"))))

    assert result.exit_code == 2
    assert message in result.output


def test_requests_of_another_corpus_are_refused(offline, tmp_path):
    """Its cases may be others."""
    folder, lines = offline
    start = json.loads((folder / "requests.jsonl").read_text().splitlines()[0]) | {"corpus_version": "0.1.0"}
    (tmp_path / "old.jsonl").write_text(json.dumps(start) + "\n")

    result = judged(offline, lines, "--requests", str(tmp_path / "old.jsonl"))

    assert result.exit_code == 2
    assert f"the requests need to be of corpus {CORPUS_VERSION}, got '0.1.0'" in result.output


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
