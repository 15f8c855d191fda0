"""Expected failures: told and not counted against, until one passes or matches nothing."""

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.xfails import ExpectedFailure, out_of_date, read_xfails
from softmax_ref.corpus import CORPUS_VERSION


def no_shift(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


@pytest.fixture
def listed(tmp_path):
    """Return a list of expected failures as a file."""

    def write(*entries):
        path = tmp_path / "xfails.toml"
        lines = ["[[xfail]]\n" + "".join(f'{name} = "{value}"\n' for name, value in e.items()) for e in entries]
        path.write_text("\n".join(lines))
        return path

    return write


def _checked(path, **more):
    return check(no_shift, formats=["binary64"], xfails=path, **({"select": "softmax/*/shift/*"} | more))


def test_expected_failure_does_not_fail_the_run(listed):
    """The report tells it with reason and link, and conforms at the level of all the rest."""
    path = listed({"id": "softmax/binary64/shift/*", "reason": "no shift yet", "link": "https://example.org/1"})
    elsewhere = _checked(path, select="softmax/*/textbook/*")
    plain = check(no_shift, formats=["binary64"], select="softmax/*/shift/*")
    excused = _checked(path)

    assert not plain.conforms
    assert excused.conforms
    assert len(excused.expected) == len(plain.failures) > 3
    told = f"(corpus {CORPUS_VERSION}, {len(plain.failures)} expected failures)"
    assert f"CONFORMS at level standard {told}" in str(excused)
    assert "no shift yet (https://example.org/1)" in str(excused)
    assert elsewhere.conforms  # what was not judged this time says nothing of the entry


def test_entry_that_passes_fails_the_run(listed):
    """It is named, with its reason."""
    report = _checked(
        listed({"id": "softmax/*", "reason": "r"}, {"id": "softmax/binary64/textbook/*", "reason": "old"}),
        select=["softmax/*/shift/*", "softmax/*/textbook/*"],
    )

    assert [(f.case, f.reason) for f in report.failures] == [
        ("xfails/softmax/binary64/textbook/*", "is expected to fail (old), and passes")
    ]
    assert not report.conforms
    assert "have in common" not in str(report)  # there is nothing else that fails


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("softmax/binary64/shift/three-near-999", "is expected to fail, and no case or policy has this id"),
        ("policy/subnormel", "is expected to fail, and no case or policy has this id"),
        ("policy/binary31/subnormal", "is expected to fail, and no case or policy has this id"),
        ("contract/binary31/rows alone", "is expected to fail, and matches no promise"),
        ("contract/binary64/rows are lonely", "is expected to fail, and matches no promise"),
    ],
)
def test_entry_that_matches_nothing_fails_the_run(listed, name, reason):
    """A case of the corpus and a promise that was asked are something; a slip of the pen is not."""
    path = listed({"id": "softmax/*", "reason": "r"}, {"id": "contract/*", "reason": "r"}, {"id": name, "reason": "r"})
    report = _checked(path, select=["softmax/*/shift/*", "contract/*"])

    assert [(f.case, f.reason) for f in report.failures] == [(f"xfails/{name}", reason)]


def test_promises_and_policies_can_be_expected_to_fail(listed):
    """By the ids under which they are reported."""
    path = listed({"id": "softmax/*", "reason": "r"})
    first = _checked(path, select=())
    entries = [{"id": f.case, "reason": "r"} for f in first.failures]
    second = _checked(listed({"id": "softmax/*", "reason": "r"}, *entries), select=())

    assert {f.case.split("/")[0] for f in first.failures} == {"contract", "policy"}
    assert second.conforms
    assert "conforms: tight, but for what is expected" in str(second)


def test_entry_of_another_function_or_format_is_no_matter(listed):
    """One list serves several runs."""
    path = listed(
        {"id": "softmax/*/shift/*", "reason": "r"},
        {"id": "log_softmax/binary64/shift/three-near-1000", "reason": "r"},
        {"id": "softmax/binary16/shift/three-near-1000", "reason": "r"},
        {"id": "contract/binary16/rows are lonely", "reason": "r"},
        {"id": "contract/*/rows are lonely", "reason": "r"},
        {"id": "policy/binary16/subnormal", "reason": "r"},
    )

    assert _checked(path).conforms


def test_expected_failure_hides_no_other():
    """An id is a whole id: neither its beginning nor its end is enough."""
    entry = ExpectedFailure("softmax/binary64/shift/two", "r")

    assert not entry.covers("softmax/binary64/shift/two-largest")
    assert not entry.covers("log_softmax/binary64/shift/two")
    assert out_of_date([entry], [], []) != []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id = 3\n", r"needs \[\[xfail\]\] entries with id, reason and maybe link, got id"),
        ('[[xfail]]\nid = "a"\n', "needs a text as reason of each entry, got {'id': 'a'}"),
        ('[[xfail]]\nid = "a"\nreason = " "\n', "needs a text as reason"),
        ('[[xfail]]\nreason = "r"\n', "needs a text as id"),
        ('[[xfail]]\nid = "a"\nreason = "r"\nwhen = "now"\n', r"needs \[\[xfail\]\] entries"),
        ('[[xfail]]\nid = "!a"\nreason = "r"\n', r"needs \[\[xfail\]\] entries"),
        ('[[xfail]]\nid = "a"\nreason = "r"\nlink = 3\n', r"needs \[\[xfail\]\] entries"),
        ('[[xfail]]\nid = "a"\nreason = "r"\n[[xfail]]\nid = "a"\nreason = "s"\n', "needs each id once, got 'a' twice"),
        ("xfail = 3\n", r"needs \[\[xfail\]\] entries"),
        ("xfail = [3]\n", r"needs \[\[xfail\]\] entries"),
        ("[[xfail]\n", "needs to be TOML, "),
        (b"\xff", "needs to be TOML, "),
    ],
)
def test_list_that_is_none_is_refused(tmp_path, text, message):
    """The message names the file and what is wrong with it."""
    path = tmp_path / "list.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(ValueError, match=f"xfails: .*list.toml {message}"):
        read_xfails(path)


def test_list_that_is_missing_is_refused(tmp_path):
    """As any file that cannot be read."""
    with pytest.raises(FileNotFoundError):
        check(no_shift, xfails=tmp_path / "nothing.toml")
