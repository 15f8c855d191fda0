"""JUnit XML, Markdown and the terminal: read back by parsers that are not ours."""

import io
import re
from collections import Counter
from html import unescape
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from softmax_ref.conformance.reports import document, render
from softmax_ref.conformance.reports.legible import legible
from softmax_ref.conformance.reports.markdown import code
from softmax_ref.conformance.reports.terminal import colours

KINDS = ["right", "wrong", "skipped", "expected", "incomplete", "nothing", "hostile"]


@pytest.fixture
def suites(rendered):
    """Return the root of the JUnit XML of a report."""
    return lambda kind: ElementTree.fromstring(rendered(kind, "junit"))


@pytest.fixture
def tokens(rendered):
    """Return what Markdown is made of, the content of paragraphs and cells included."""

    def read(kind):
        parsed = MarkdownIt("commonmark").enable("table").parse(rendered(kind, "markdown"))
        return [*parsed, *(child for token in parsed for child in token.children or ())]

    return read


@pytest.mark.parametrize("kind", KINDS)
def test_junit_counts_are_those_of_its_tests(suites, kind):
    """In each suite and over all; a test has one outcome at most, and its name stands once."""
    root = suites(kind)

    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for group in (root, *root):
        assert int(group.get("tests")) == len(group.findall(".//testcase"))
        for count, tag in kinds.items():
            assert int(group.get(count)) == len(group.findall(f".//{tag}"))
    for test in root.iter("testcase"):
        assert len(test) <= 1
        assert test.get("classname")
    names = Counter((test.get("classname"), test.get("name")) for test in root.iter("testcase"))
    assert max(names.values()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_junit_fails_where_the_report_does(suites, judged, kind):
    """A failure of the report is a failed test; a report that does not conform has a test that says why."""
    root, report = suites(kind), judged[kind]

    failed = {test.get("name") for test in root.iter("testcase") if test.find("failure") is not None}
    bad = int(root.get("failures")) + int(root.get("errors"))
    assert failed == {legible(failure.case) for failure in report.failures}
    assert (bad == 0) == report.conforms


def test_junit_has_a_suite_for_each_format(suites):
    """And one for the run as a whole."""
    names = [suite.get("name") for suite in suites("skipped")]

    assert names == ["softmax/binary32", "softmax/binary16", "softmax/run"]


def test_junit_skips_what_was_not_judged(suites):
    """Skipped cases and formats that are not offered, with reasons; never a pass."""
    root = suites("skipped")

    messages = Counter(skipped.get("message") for skipped in root.iter("skipped"))
    assert messages["only in binary32"] == 1
    assert sum("alert(1)" in message for message in messages.elements()) == 5


def test_junit_tells_the_numbers_of_a_failure(suites, stored):
    """Where, what came, what is right, how far off, how much is allowed."""
    case = stored("shift/three-near-1000")

    [test] = [test for test in suites("wrong").iter("testcase") if test.get("name") == case.id]

    text = test.find("failure").text
    assert text == test.find("failure").get("message")
    assert text.startswith(f"at [0]: got nan, right is {float(case.values[0])!r}, off by inf ulp, allowed")


@pytest.mark.parametrize("kind", KINDS)
def test_markdown_holds_no_html_but_details(tokens, kind):
    """What comes from an implementation is code, of which nothing is read."""
    found = [token.content for token in tokens(kind) if token.type in ("html_block", "html_inline")]

    tags = {tag for content in found for tag in re.findall(r"</?[a-z]+", content)}
    assert tags <= {"<details", "</details", "<summary", "</summary"}


def test_markdown_shows_a_name_as_it_is(tokens, judged):
    """Pipes, backticks and asterisks of a hostile name survive in one span of code."""
    spans = [token.content for token in tokens("hostile") if token.type == "code_inline"]

    assert legible(judged["hostile"].name).replace("|", "\\|") in spans


@pytest.mark.parametrize("text", ["", "a", "`", "``a`", "a|b", "|", " ", "a`", "\\", "a\\|b"])
def test_a_span_of_code_keeps_its_text_in_a_table(text):
    """Whatever it holds, the cell holds it and the next cell is there."""
    table = f"| x | y |\n|---|---|\n| {code(text)} | next |\n"

    parsed = MarkdownIt("commonmark").enable("table").parse(table)

    cells = [token.children for token in parsed if token.type == "inline"][2:]
    assert [child.content for child in cells[0]] == [text or "  "]
    assert [child.content for child in cells[1]] == ["next"]


def test_markdown_is_short(rendered, judged):
    """It fits a comment, however much fails: the worst ten of each, and how many there are."""
    text = rendered("wrong", "markdown")

    measured = [f for f in judged["wrong"].failures if f.component is not None]
    assert len(text) < 10_000
    assert f"the worst of {len(measured)} failures in value" in text
    assert text.partition("broken promises")[0].count("\n| `softmax/binary32/") == 10


def test_markdown_of_many_functions_fits_a_comment(judged):
    """Each has its line in the table and its heading; the details of the last are left out, and it says so."""
    text = render([judged["wrong"]] * 40, "markdown")

    assert len(text) < 65_536
    assert text.count("| softmax | does not conform at level standard |") == 40
    assert text.count("### `mine:no_shift` as softmax: does not conform") == 40
    assert "Too much for a comment" in text
    assert "Too much" not in render([judged["wrong"], judged["right"]], "markdown")


def test_the_likely_cause_is_named_in_every_form(rendered, judged):
    """What the failures look like: the text of the fault, and how much they have in common."""
    [cause, *_] = judged["wrong"].causes

    for form in ("terminal", "markdown", "html"):
        text = " ".join(unescape(rendered("wrong", form)).split())
        assert f"{cause.common} of {cause.failed} failures in common" in text, form
        assert cause.name in text, form


@pytest.mark.parametrize(("kind", "said"), [("right", "conforms"), ("wrong", "does not conform")])
def test_markdown_starts_with_the_verdict(rendered, judged, kind, said):
    """A heading with the name, the function, the verdict."""
    first = rendered(kind, "markdown").splitlines()[0]

    assert first == f"### `{judged[kind].name}` as softmax: {said} at level standard"


def test_markdown_shows_at_a_glance_what_fails(rendered):
    """In bold, and nothing else of the table is."""
    assert "| binary32 | **fails** | " in rendered("wrong", "markdown")
    assert "| binary32 | conforms: tight | " in rendered("right", "markdown")


def test_colour_is_only_colour(judged):
    """Without its escape sequences the text is the same; a verdict is green or red."""
    for kind, colour in (("right", "\x1b[32mCONFORMS"), ("wrong", "\x1b[1;31mDOES NOT CONFORM")):
        plain = render([judged[kind]], "terminal")
        painted = render([judged[kind]], "terminal", colour=True)
        assert colour in painted
        assert "\x1b" not in plain
        assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


def test_no_control_character_reaches_a_terminal(rendered):
    """Neither of a name nor of a message; halves of pairs, which cannot be written, are escaped too."""
    text = rendered("hostile", "terminal")

    assert "\x1b" not in text
    assert "\\x1b[31m" in text
    assert text.encode()


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("variables", "stream", "wanted"),
    [
        ({}, Terminal(), True),
        ({}, io.StringIO(), False),
        ({"NO_COLOR": "1"}, Terminal(), False),
        ({"TERM": "dumb"}, Terminal(), False),
        ({"FORCE_COLOR": "1"}, io.StringIO(), True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, Terminal(), False),
    ],
)
def test_colours_are_for_terminals(monkeypatch, variables, stream, wanted):
    """NO_COLOR wins over all; a dumb terminal has none; FORCE_COLOR asks for them in a file."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert colours(stream) is wanted


@pytest.mark.parametrize(
    ("variables", "terminal", "shown"),
    [({}, True, True), ({}, False, False), ({"CI": "true"}, True, False), ({"TERM": "dumb"}, True, False)],
)
def test_progress_is_for_people(monkeypatch, variables, terminal, shown):
    """It is shown on a terminal, and neither in CI nor on a dumb one."""
    from softmax_ref.cli import shared

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(shared.sys, "stderr", Terminal() if terminal else io.StringIO())
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert list(shared.progress([1, 2], "working", 2)) == [1, 2]
    assert ("working" in shared.sys.stderr.getvalue()) is shown


def test_the_document_is_what_all_are_made_of(judged):
    """to_dict is the document of one report."""
    assert judged["wrong"].to_dict() == document([judged["wrong"]])
