"""The list of changes: complete, told by id, and strict from version 1.0 on."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref.corpus import CORPUS_VERSION, builder, load
from softmax_ref.corpus.canonical import case_digest
from softmax_ref.corpus.changes import base_of, compare, digests_of, history, listing
from softmax_ref.corpus.loader import VECTORS

IDS = json.loads((VECTORS / "ids.json").read_text(encoding="utf-8"))
LOG = json.loads((VECTORS / "changes.json").read_text(encoding="utf-8"))["versions"]
ONE, TWO, THREE = (f"softmax/binary32/family/{name}" for name in ("one", "two", "three"))
DIGESTS = st.dictionaries(
    st.sampled_from([f"f/{fmt}/a/{n}" for fmt in ("x", "y") for n in range(4)]),
    st.sampled_from(["1.1", "1.2", "2.1", "2.2"]),
)


def test_the_stored_digests_are_those_of_the_cases():
    """Every case of the corpus, and nothing else."""
    assert IDS["corpus_version"] == CORPUS_VERSION
    assert IDS["digests"] == digests_of([case.record for case in load()])


def test_the_versions_are_listed_with_their_cases():
    """0.1.0 has 3908 cases; the last entry is the current version, and the counts go on from one to the next."""
    assert [entry["corpus_version"] for entry in LOG][:2] == ["0.1.0", "0.2.0"]
    assert LOG[0]["cases"] == 3908
    assert (LOG[-1]["corpus_version"], LOG[-1]["cases"]) == (CORPUS_VERSION, len(load()))
    for before, after in pairwise(LOG):
        added = sum(n if isinstance(n, int) else len(n) for n in after["added"].values())
        assert after["cases"] == before["cases"] + added - len(after["removed"])


def test_the_last_entry_is_what_the_digests_say():
    """The changes are those between what ids.json says of the version before and of this one."""
    before, base = base_of(IDS, CORPUS_VERSION)

    assert before == LOG[-2]["corpus_version"]
    assert len(base) == LOG[-2]["cases"]
    assert {name: LOG[-1][name] for name in ("added", "changed", "revised", "removed")} == compare(base, IDS["digests"])


def test_a_digest_tells_values_from_words():
    """Bits, shapes and answers are values; the comment, flags, tolerances and decimals are not; the source is neither."""
    record = next(case.record for case in load("softmax", "binary32") if case.policy)

    def parts(**change):
        digest = case_digest(json.loads(json.dumps(record | change)))
        return [a == b for a, b in zip(digest.split("."), case_digest(record).split("."), strict=True)]

    assert parts() == [True, True]
    assert parts(source={"family": "x", "generator": "9.9.9"}) == [True, True]
    assert parts(comment="other") == parts(flags=["other"]) == parts(tol={}) == [True, False]
    assert parts(expected=record["expected"] | {"decimal": ["nan", "nan", "0"]}) == [True, False]
    assert parts(expected=record["expected"] | {"bits": ["0x0"]}) == [False, False]
    assert parts(axis=0) == parts(accepted={}) == parts(inputs={}) == parts(parameters={"beta": {}}) == [False, False]


def test_changes_are_told_by_kind():
    """New, other values, other words, gone."""
    base = {ONE: "a.a", TWO: "b.b", THREE: "c.c"}

    assert compare(base, {ONE: "a.x", TWO: "x.b", "f/g/h/i": "d.d"}) == {
        "added": {"f-g.json": 1},
        "changed": {TWO: ["b", "x"]},
        "revised": {"softmax-binary32.json": ["family/one"]},
        "removed": {THREE: "c"},
    }


@given(DIGESTS, DIGESTS, DIGESTS)
def test_building_twice_changes_nothing(first, second, third):
    """The history is a function of the released versions: builds in between, of any content, leave no trace."""
    ids, log = history({}, [], "0.1.0", first)

    once = history(ids, log, "0.2.0", third)
    twice = history(*history(ids, log, "0.2.0", second), "0.2.0", third)

    assert once == twice
    assert base_of(once[0], "0.2.0") == ("0.1.0", first)
    assert base_of(once[0], "0.3.0") == ("0.2.0", third)


@pytest.mark.parametrize(
    ("version", "digests", "message"),
    [
        ("1.0.1", {ONE: "x.x", TWO: "b.b"}, f"corpus bug: {ONE}: the values changed from a to x; they need a new id"),
        ("2.0.0", {ONE: "x.a", TWO: "b.b"}, f"corpus bug: {ONE}: the values changed from a to x; they need a new id"),
        (
            "1.0.1",
            {ONE: "a.a", TWO: "b.b", THREE: "c.c"},
            f"corpus bug: {THREE}: the id was removed in an earlier version",
        ),
    ],
)
def test_a_stable_id_keeps_its_values(version, digests, message):
    """After version 1.0 other values under an old id are refused, and so is an id that comes back."""
    ids, log = history({}, [], "0.9.0", {ONE: "z.z", TWO: "b.b", THREE: "c.c"})
    ids, log = history(ids, log, "1.0.0", {ONE: "a.a", TWO: "b.b"})

    with pytest.raises(ValueError, match=f"^{message}"):
        history(ids, log, version, digests)


@pytest.mark.parametrize("digests", [{ONE: "a.x"}, {}, {ONE: "a.a", TWO: "x.x"}])
def test_a_stable_version_may_gain_lose_and_reword(digests):
    """Another tolerance, a case less and a case more are no other values."""
    ids, log = history({}, [], "1.0.0", {ONE: "a.a"})

    assert history(ids, log, "1.1.0", digests)[1][-1]["cases"] == len(digests)


def test_the_builder_refuses_a_changed_value_under_an_old_id(tmp_path, monkeypatch):
    """Planted: the package of 1.0.0 says something else about one case."""
    fixed = IDS | {"corpus_version": "1.0.0", "digests": dict(IDS["digests"])}
    fixed["digests"]["softplus/bfloat16/textbook/halves"] = "0" * 12 + "." + "0" * 12
    (tmp_path / "vectors").mkdir()
    for name in builder.BY_HAND:
        (tmp_path / "vectors" / name).write_bytes((VECTORS / name).read_bytes())
    (tmp_path / "vectors" / "ids.json").write_text(json.dumps(fixed))
    (tmp_path / "vectors" / "changes.json").write_text(json.dumps({"versions": LOG}))
    monkeypatch.setattr(builder, "VECTORS", tmp_path / "vectors")
    monkeypatch.setattr(builder, "CORPUS_VERSION", "1.1.0")

    with pytest.raises(ValueError, match="^corpus bug: softplus/bfloat16/textbook/halves: the values changed from 0"):
        list(builder.build(tmp_path, functions=("softplus",), formats=("bfloat16",)))

    assert not list(tmp_path.glob("*.json"))


def test_the_list_is_read_by_people():
    """Versions with their counts; one version with its files and ids; an unknown one lists those there are."""
    assert listing()[0] == "0.1.0: 3908 cases, 3908 added, 0 changed, 0 revised, 0 removed"
    assert "added softmax-binary32.json: 75 cases, all" in listing("0.1.0")
    with pytest.raises(ValueError, match=r"changes: version needs to be one of 0\.1\.0, 0\.2\.0.*, got '7\.0\.0'"):
        listing("7.0.0")
