"""From the shell: what a program declares of itself, and the options that declare, select and expect."""

import shlex
import sys

import pytest
from click.testing import CliRunner

from softmax_ref.cli import main

PROGRAM = """
import json, math, struct, sys

DECLARED = json.loads(sys.argv[1])


def number(bits):
    return struct.unpack(">e", bytes.fromhex(bits[2:]))[0]


def rounded(x):
    return struct.unpack(">e", struct.pack(">e", x))[0]


def row(z):
    if not all(map(math.isfinite, z)):
        return [math.nan] * len(z)
    weights = [rounded(math.exp(rounded(x - max(z)))) for x in z]
    total = 0.0
    for weight in weights:
        total = rounded(total + weight)
    return [rounded(weight / total) for weight in weights]


for line in sys.stdin:
    q = json.loads(line)
    if q["op"] == "stop":
        break
    if q["op"] == "start":
        answer = {"name": "half", "version": "1", "functions": ["softmax"], "formats": ["binary16"]} | DECLARED
    elif len(q["shape"]) > 1:
        answer = {"seq": q["seq"], "skipped": "one row only"}
    else:
        y = row([number(bits) for bits in q["inputs"]["z"]["bits"]])
        answer = {"seq": q["seq"], "y": [struct.pack(">e", p).hex() for p in y]}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    """Return what `softmax-ref check` says of a softmax in binary16 that declares something."""
    path = tmp_path_factory.mktemp("half") / "half.py"
    path.write_text(PROGRAM)

    def run(declared, *options):
        command = shlex.join([sys.executable, "-S", str(path), declared])
        found = CliRunner().invoke(main, ["check", "--command", command, "--select", "softmax/*/t*", *options])
        return found.exit_code, found.output

    return run


DOMAIN = '{"domain": "finite(z)"}'
BOTH = '{"domain": "finite(z)", "working_format": "binary16"}'


def test_program_is_judged_by_what_it_declares(check):
    """The first line tells it, with what was skipped; the same answers fail without it."""
    status, text = check(BOTH)

    assert status == 0, text
    first = text.splitlines()[0]
    assert first.startswith(
        "half 1 (selected softmax/*/t*) as softmax, declared working format binary16, domain finite"
    )
    assert "CONFORMS at level standard" in first
    assert "cases skipped)" in first
    assert check(DOMAIN)[0] == 1


def test_option_goes_before_what_a_program_says(check):
    """Whoever judges may ask for more than the program claims."""
    status, text = check(BOTH, "--working-format", "binary32", "--domain", "abs(z) <= 10")

    assert status == 1
    assert "declared working format binary32, domain abs(z) <= 10: DOES NOT CONFORM" in text
    assert "--working-format binary16 would judge it so" not in text  # as a working format is declared


@pytest.mark.parametrize(
    ("declared", "options", "message"),
    [
        ('{"domain": "z is small"}', (), "check: domain needs conditions joined by 'and'"),
        ('{"working_format": "binary8"}', (), "working_format"),
        (BOTH, ("--domain", "abs(x) <= 3"), "check: domain needs names of softmax: z, K, got 'x'"),
        (BOTH, ("--working-format", "half"), "check: working_format needs to be one of binary64, "),
        (BOTH, ("--select", "softmax/nothing/*"), "select needs globs that match an id, got 'softmax/nothing/*'"),
        (BOTH, ("--xfails", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_declaration_that_cannot_be_read_is_a_fault_of_the_call(check, declared, options, message):
    """One line, and exit status 2."""
    status, text = check(declared, *options)

    assert status == 2
    assert message in text
    assert text.startswith("softmax-ref: ")
    assert len(text.splitlines()) == 1


def test_expected_failures_leave_the_status_0_until_one_passes(check, tmp_path):
    """A list in TOML, by id or glob."""
    path = tmp_path / "xfails.toml"
    path.write_text('[[xfail]]\nid = "softmax/binary16/*"\nreason = "in half precision"\n')

    excused = check(DOMAIN, "--xfails", str(path))
    path.write_text('[[xfail]]\nid = "softmax/binary16/textbook/*"\nreason = "once"\n')
    stale = check(BOTH, "--xfails", str(path))

    assert excused[0] == 0, excused[1]
    assert "in half precision" in excused[1]
    assert stale[0] == 1
    assert "is expected to fail (once), and passes" in stale[1]
