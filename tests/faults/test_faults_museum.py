"""The museum accounts for every bug: with a fault that re-creates it, or with the reason why none can."""

import re
from dataclasses import fields

import pytest

from softmax_ref.corpus import CORPUS_FUNCTIONS, load
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES
from softmax_ref.faults import faults, museum
from softmax_ref.faults.museum import bugs
from softmax_ref.faults.page import PAGE, museum_page
from softmax_ref.faults.score import accounted_for

RECREATED = {bug for fault in faults() for bug in fault.bugs}


@pytest.mark.parametrize("bug", bugs().values(), ids=lambda bug: bug.id)
def test_bug_is_accounted_for(bug):
    """Its flag is explained, and faults re-create it; or the reason why none can stands beside cases for its effect."""
    assert bug.flag in NOTES | CONTRACT_NOTES
    assert set(bug.functions) <= set(CORPUS_FUNCTIONS)
    assert re.fullmatch(r"(verified|unverified) \d{4}-\d\d-\d\d", bug.thread)
    assert bug.link.startswith("https://")
    assert (bug.id in RECREATED) != bool(bug.why_not)


def test_faults_name_only_bugs_of_the_museum():
    """A bug that a fault names has an entry."""
    assert RECREATED - set(bugs()) == set()


def test_museum_has_every_bug_that_it_was_given():
    """222 bugs, each once."""
    assert len(bugs()) == 222
    assert accounted_for() == set(bugs())


def test_page_is_what_the_museum_says():
    """The stored page is the one that would be written now: a row for each bug, with a fault or a reason."""
    assert PAGE.read_text(encoding="utf-8") == museum_page()
    assert museum_page().count("\n| [") == len(bugs())


def test_bug_that_cannot_be_re_created_names_cases_that_exist():
    """Where no fault can be the bug, its effect shows in stored cases, or it says that none can."""
    known = {f"{case.function}/{case.id.split('/', 2)[2]}" for case in load()}
    named = {case for bug in bugs().values() for case in bug.cases if "/contract/" not in case}

    assert named <= known


def test_entry_with_an_unknown_field_is_refused(tmp_path, monkeypatch):
    """The message names the bug and the file."""
    (tmp_path / "room.toml").write_text('[some-bug]\nproject = "p"\ncolour = "red"\n')
    monkeypatch.setattr(museum, "ROOMS", tmp_path)

    with pytest.raises(ValueError, match="museum: some-bug in room.toml: .*colour"):
        bugs.__wrapped__()


def test_bug_given_twice_is_refused(tmp_path, monkeypatch):
    """Two rooms cannot hold the same bug."""
    entry = next(iter(bugs().values()))
    text = "\n".join(
        f"{f.name} = {list(v) if isinstance(v := getattr(entry, f.name), tuple) else v!r}"
        for f in fields(entry)
        if f.name != "id"
    )
    for room in ("a.toml", "b.toml"):
        (tmp_path / room).write_text(f"[{entry.id}]\n{text}\n")
    monkeypatch.setattr(museum, "ROOMS", tmp_path)

    with pytest.raises(ValueError, match=f"museum: {entry.id} is given twice, again in b.toml"):
        bugs.__wrapped__()
