"""The stored scoreboard: claims are reproduced, what was measured before is accounted for, the page loads nothing."""

import copy
import json
import re
from html.parser import HTMLParser

import pytest

from softmax_ref.corpus import CORPUS_VERSION
from softmax_ref.scoreboard import SCORES, libraries, scores, stored_case
from softmax_ref.scoreboard.findings import disagreements, findings
from softmax_ref.scoreboard.page import to_html, to_markdown
from softmax_ref.scoreboard.stored import PAGE, write_scores
from softmax_ref.scoreboard.view import row_of

BOARD = scores()
CLAIMED = [row for row in BOARD["rows"] if row["verdict"] not in ("conforms", "not offered", "refuses")]
FAILURES = [(row, told) for row in CLAIMED if (f := row.get("failure")) for told in (f, f.get("against")) if told]


def test_at_least_ten_libraries_are_judged_by_this_corpus():
    """Each library of the table has rows, versions and a machine; no row is of anything else."""
    ids = [about["id"] for about in BOARD["libraries"]]

    assert ids == [of.id for of in libraries()]
    assert len(ids) >= 10
    assert {row["library"] for row in BOARD["rows"]} == set(ids)
    assert BOARD["corpus_version"] == CORPUS_VERSION
    assert all(about["versions"] and about["machine"]["processor"] for about in BOARD["libraries"])


def test_every_function_of_the_table_has_a_row_and_its_stored_call():
    """A call that was changed since it was judged would be told by this."""
    judged = {(row["library"], row["function"]) for row in BOARD["rows"]}

    assert judged == {(of.id, function) for of in libraries() for function in of.calls}
    assert {a["id"]: a["calls"] for a in BOARD["libraries"]} == {of.id: of.calls for of in libraries()}


def test_no_failure_is_claimed_without_a_snippet():
    """Beside every verdict that blames a library stand three lines, what they printed, and the certified value."""
    bare = [row for row in CLAIMED if not row.get("failure")]

    assert [(row["library"], row["function"], row["format"]) for row in bare] == []
    assert len(CLAIMED) > 100
    assert all(len(failure["snippet"].splitlines()) <= 3 for _, failure in FAILURES)
    assert not re.search(r"/tmp/|/home/|/root/|/work/", json.dumps(BOARD))


def test_the_value_beside_a_snippet_is_the_certified_one():
    """It is a decimal of the case that is named, an accepted outcome of its policy, or the dtype that was asked for."""
    for row, failure in FAILURES:
        if failure["case"] == "policy/empty_axis":
            continue
        case = stored_case(failure["case"])
        known = {*case.record["expected"]["decimal"], f"an array of {row['format']}", "nan", "an error"}
        accepted = {f"{x:.10g}" for values in case.outcomes.values() for x in values} if case.policy else set()
        assert set(failure["right"].split(" or ")) <= known | accepted, row


def test_what_a_snippet_prints_is_not_the_certified_value():
    """A number beside a number differs from it, unless the dtype is what is wrong."""
    for row in CLAIMED:
        failure = row["failure"]
        assert failure["prints"] not in ("", failure["right"]), row


def test_stored_bytes_are_those_of_the_writer(tmp_path):
    """One row a line: a diff shows one row."""
    write_scores(BOARD, tmp_path / "again.json")

    assert (tmp_path / "again.json").read_bytes() == SCORES.read_bytes()


def test_what_was_measured_before_reappears_or_is_explained():
    """The rows say what the findings say of them."""
    assert list(disagreements(BOARD)) == []
    assert len(findings()) >= 17
    assert all(entry.seen for entry in findings() if entry.state != "explained")
    assert {entry.state for entry in findings()} <= {"reappears", "explained", "in part"}


def test_a_finding_that_the_rows_do_not_show_is_told():
    """Another verdict, another policy, a row that is gone."""
    board = copy.deepcopy(BOARD)
    entry = next(entry for entry in findings() if any("verdict" in seen for seen in entry.seen))
    seen = next(seen for seen in entry.seen if "verdict" in seen)
    row_of(board, *seen["row"].split())["verdict"] = "not offered"

    assert any(text.startswith(f"{entry.id}: {seen['row']}: verdict") for text in disagreements(board))
    assert len(list(disagreements({"rows": [], "libraries": []}))) >= len([e for e in findings() if e.seen])


class Page(HTMLParser):
    """What a page loads, where its links lead, what they may lead to."""

    def __init__(self):
        super().__init__()
        self.loads, self.links, self.ids, self.text = [], [], [], []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.ids += [named["id"]] if "id" in named else []
        self.links += [named["href"]] if tag == "a" else []
        self.loads += [tag] if tag in ("script", "img", "link", "iframe", "object") else []

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_loads_nothing_and_its_links_lead_somewhere():
    """One file: no script, no image, no address; each link is to a row or a section of it."""
    page = Page()
    page.feed(to_html(BOARD))

    assert page.loads == []
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)
    assert set(page.links) >= {f"#{of.id}" for of in libraries()}


def test_the_page_holds_every_snippet():
    """Each failure with its three lines, and what they printed."""
    page = Page()
    page.feed(to_html(BOARD))
    text = "".join(page.text)

    assert [failure for _, failure in FAILURES if failure["snippet"] not in text] == []
    assert all(failure["prints"] in text for _, failure in FAILURES)


def test_the_stored_page_in_markdown_is_that_of_the_data():
    """It is written with the data."""
    assert PAGE.read_text(encoding="utf-8") == to_markdown(BOARD)


@pytest.mark.parametrize("of", libraries(), ids=lambda of: of.id)
def test_every_pinned_package_is_in_the_lock(of):
    """The versions that were recorded are those that the lock installs."""
    lock = SCORES.with_name("peers.lock").read_text(encoding="utf-8")
    recorded = next(about for about in BOARD["libraries"] if about["id"] == of.id)["versions"]
    pinned = {name: version.partition("+")[0] for name, version in recorded.items() if name in of.packages}

    assert all(re.search(rf"^{re.escape(n)}=={re.escape(v)}[ \\]", lock, re.MULTILINE) for n, v in pinned.items())
