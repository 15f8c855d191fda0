"""What takes longer than loading: the schema, the canonical form, exact decimals, comments, digests."""

import hashlib
import json
import shutil
import sys

import pytest

from softmax_ref.corpus import CorpusError, load
from softmax_ref.corpus.canonical import case_line, cases_text, object_text
from softmax_ref.corpus.comments import comment_faults
from softmax_ref.corpus.loader import VECTORS, vector_files
from softmax_ref.corpus.reading import parse_cases
from softmax_ref.corpus.validation import schema_validator, validate

NAME = "logistic-bfloat16.json"


@pytest.fixture
def folder(tmp_path):
    """The packaged files of one function in one format, and all that is not a case."""
    kept = [NAME, *(name for name, entry in vector_files().manifest["files"].items() if "cases" not in entry)]
    for name in kept:
        shutil.copy(VECTORS / name, tmp_path)
    _seal(tmp_path, kept)
    return tmp_path


def _seal(path, names=None):
    """Write the manifest of what is there."""
    names = names or json.loads((path / "manifest.json").read_text())["files"]
    entries = vector_files().manifest["files"]
    files = {n: entries[n] | {"sha256": hashlib.sha256((path / n).read_bytes()).hexdigest()} for n in sorted(names)}
    (path / "manifest.json").write_text(object_text(vector_files().manifest | {"files": files}))


def _faults(path):
    return [fault.removeprefix(f"{path}/") for _, _, faults in validate(path) for fault in faults]


def _edit(path, name, old, new):
    text = (path / name).read_text(encoding="utf-8")
    assert old in text
    (path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    _seal(path)


def test_the_packaged_files_are_valid():
    """Every file of the manifest, with the JSON Schema, and not one fault."""
    found = list(validate())

    assert [fault for _, _, faults in found for fault in faults] == []
    assert [name for name, _, _ in found] == ["manifest.json", *vector_files().manifest["files"]]
    assert sum(cases for _, cases, _ in found) == len(load())


def test_a_folder_of_one_file_is_valid(folder):
    """What the tests damage is sound before."""
    assert _faults(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"parameters": {}', '"parameters":  {}', "2: the line is not in canonical form"),
        ('"parameters": {}, "inputs": {', '"inputs": {', None),
        ('"comment": "a', '"comment": "\\u0061', "2: the line is not in canonical form"),
        ('"0.98201379"', '"0.983"', "2: the decimal 0.983 does not round to 0x3f7b"),
        ('"generator": "0.2.0"', '"generator": 2', "2: 2 is not of type 'string', by the schema"),
        ('"flags": ["', '"flags": ["luck", "', "2: the flag 'luck' has no note"),
        ('"comment": "', '"comment": "it was so: ', "2: the comment 'it was so: "),
        ('"tight": ["0.', '"tight": ["1.', "2: logistic/bfloat16/textbook/halves is "),
    ],
)
def test_what_loading_does_not_look_for_is_found(folder, old, new, message):
    """A resealed fault is named with its line; a lost name is refused as the loader does it."""
    _edit(folder, NAME, old, new)

    message = message or "2: logistic/bfloat16/textbook/halves: the case lacks the name 'parameters'"
    assert any(fault.startswith(f"{NAME}:{message}") for fault in _faults(folder)), _faults(folder)


def test_files_without_cases_have_a_canonical_form_too(folder):
    """One name a line, in the notes and in the manifest."""
    _edit(folder, "notes.json", "{\n", "{\n\n")
    assert "notes.json: the file is not in canonical form" in _faults(folder)

    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace("{\n", "{\n\n", 1))
    assert _faults(folder)[0] == "manifest.json: the file is not in canonical form"


def test_a_file_that_nobody_knows_is_found(folder):
    """Whatever its name, even where the loader would not look."""
    (folder / "notes.txt").write_text("")

    assert _faults(folder) == ["notes.txt: the manifest does not know this file"]


def test_a_changed_file_does_not_end_the_validation(folder):
    """The reason is that of the loader, and the other files are validated all the same."""
    (folder / NAME).write_bytes((folder / NAME).read_bytes()[:-1])
    (folder / "READING.md").write_text("")

    found = _faults(folder)
    assert [fault.partition(":")[0] for fault in found] == ["READING.md", NAME]
    assert "the file is truncated, its last line needs to be ]}; the checksum is" in found[1]


def test_no_manifest_is_an_error(tmp_path):
    """There is nothing to validate."""
    with pytest.raises(CorpusError, match="the manifest is missing"):
        list(validate(tmp_path))


def test_without_jsonschema_the_rest_is_validated(folder, monkeypatch):
    """The loader's own structure is checked in any case."""
    monkeypatch.setitem(sys.modules, "jsonschema", None)

    assert schema_validator() is None
    _edit(folder, NAME, '"generator": "0.2.0"', '"generator": 2')
    assert all("by the schema" not in fault for fault in _faults(folder))


def test_every_stored_file_is_canonical():
    """Written again from what is read, each file is the same byte for byte."""
    for name, entry in vector_files().manifest["files"].items():
        data = (VECTORS / name).read_bytes()
        if "cases" in entry:
            assert cases_text(*parse_cases(data)).encode() == data, name
        elif name.endswith(".json") and name != "schema.json":
            assert object_text(json.loads(data)).encode() == data, name


def test_the_canonical_form_does_not_depend_on_the_order_of_names():
    """Names have one order, but for arguments and answers, which keep that of the call."""
    record = load("softmax_vjp", "binary32")[0].record
    backwards = {
        name: dict(reversed(value.items())) if name in ("expected", "tol", "source") else value
        for name, value in reversed(record.items())
    }

    assert list(backwards) != list(record)
    assert case_line(backwards) == case_line(record)
    assert case_line(record | {"inputs": dict(reversed(record["inputs"].items()))}) != case_line(record)


@pytest.mark.parametrize(
    ("comment", "fault"),
    [
        ("the sum was rounded", "needs the present tense, has 'was'"),
        ("results will be nan", "needs the present tense, has 'will'"),
        ("the shift should hold", "needs the present tense, has 'should'"),
        ("a naive exp would overflow", "needs the present tense, has 'would'"),
        ("checks that the shift holds", "needs a fact about the inputs, has 'checks'"),
        ("a test of the shift", "needs a fact about the inputs, has 'test'"),
        ("The shift holds", "needs a small letter at its start"),
        ("the shift holds.", "needs no full stop"),
        ("the shift holds ", "needs words, and no space around them"),
        ("", "needs words, and no space around them"),
        ("a" * 71, "has 71 characters, at most 70 are allowed"),
    ],
)
def test_a_comment_that_is_no_short_fact_in_the_present_is_refused(comment, fault):
    """Each rule of the comments, planted."""
    assert list(comment_faults(["the logits tie", comment])) == [(1, f"the comment {comment!r} {fault}")]


@pytest.mark.parametrize("comment", ["2^-149 is the smallest", "-inf is kept", "K = 1", "NaN spreads", "wasted digits"])
def test_a_fact_is_accepted(comment):
    """Symbols, abbreviations, and words that only contain a forbidden one."""
    assert [fault for _, fault in comment_faults([comment])] == []


def test_comments_are_one_of_a_kind():
    """The second of two equal comments is refused."""
    assert list(comment_faults(["tied", "tied"])) == [(1, "the comment 'tied' is not unique")]
