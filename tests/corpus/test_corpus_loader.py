"""The loader: what it refuses, with the file, the line and the reason; that it runs nothing, and is quick."""

import ast
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import softmax_ref
from softmax_ref.corpus import CorpusError, load
from softmax_ref.corpus.canonical import cases_text, object_text
from softmax_ref.corpus.changes import digests_of
from softmax_ref.corpus.files import MAX_BYTES
from softmax_ref.corpus.loader import CORPUS_VERSION, VECTORS, read_notes
from softmax_ref.corpus.structure import MAX_ENTRIES

NAME = "softmax-binary32.json"
HEAD = {"schema": 1, "corpus_version": CORPUS_VERSION, "function": "softmax", "format": "binary32"}
CHOSEN = ("textbook/article-row", "textbook/one-two-eight", "widths/127", "all-masked/three")


@pytest.fixture(scope="session")
def records():
    """Two short cases, a recipe in line 4, and a policy in line 5."""
    stored = {case.id.split("/", 2)[2]: case.record for case in load("softmax", "binary32")}
    return [stored[name] for name in CHOSEN]


class Folder:
    """A small corpus of one file, which a test may damage and seal again."""

    def __init__(self, path, records):
        self.path, self.records, self.entries = path, records, {}
        self.write({NAME: cases_text(HEAD, records), "ids.json": object_text({"digests": digests_of(records)})})

    def write(self, texts):
        """Write files, and a manifest with their checksums."""
        for name, text in texts.items():
            data = text if isinstance(text, bytes) else text.encode()
            (self.path / name).write_bytes(data)
            counted = {"cases": len(self.records)} if "-" in name else {}
            self.entries[name] = counted | {"sha256": hashlib.sha256(data).hexdigest()}
        files = dict(sorted(self.entries.items()))
        self.manifest({"schema": 1, "corpus_version": CORPUS_VERSION, "files": files})

    def manifest(self, content):
        """Write a manifest."""
        (self.path / "manifest.json").write_text(content if isinstance(content, str) else object_text(content))

    def refusal(self):
        """Return what the loader says about the folder, from the name of the file on."""
        with pytest.raises(CorpusError) as caught:
            load("softmax", "binary32", directory=self.path)
        return str(caught.value).removeprefix(f"{self.path}/")


@pytest.fixture
def folder(tmp_path, records):
    """A copy of the four cases."""
    return Folder(tmp_path, json.loads(json.dumps(records)))


def test_the_small_corpus_is_accepted(folder):
    """What the tests damage is sound before."""
    assert [case.id.split("/", 2)[2] for case in load("softmax", "binary32", directory=folder.path)] == list(CHOSEN)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"tight": ["15"', '"tight": [NaN', "2: NaN is no integer; other numbers of the corpus are strings"),
        ('"tight": ["15"', '"tight": [-Infinity', "2: -Infinity is no integer"),
        ('"tight": ["15"', '"tight": [1e999', "2: 1e999 is no integer"),
        ('"bits": ["0x3f800000"', '"bits": [1.0', "2: 1.0 is no integer"),
        (
            '"axis": -1',
            '"axis": -1, "axis": 0',
            "2: a name is given twice among ['id', 'comment', 'flags', 'axis', 'ax",
        ),
        (
            '{"shape": [7], "bits"',
            '{"shape": [7], "shape": [7], "bits"',
            "2: a name is given twice among ['shape', 'sh",
        ),
        ("one-two-eight", "article-row", "3: softmax/binary32/textbook/article-row: an id occurs twice, first in line"),
        ('"schema": 1', '"schema": 2', '1: the head needs {"schema": 1, "corpus_version": '),
        ('"schema": 1', '"schema": 1, "author": "me"', '1: the head needs {"schema": 1, "corpus_version": '),
        (CORPUS_VERSION, "0.0.9", "1: the head needs "),
        ('"format": "binary32"', '"format": "binary64"', "1: the head needs "),
        ('"cases": [\n', '"cases": []\n', '1: the first line needs to end with "cases": ['),
        ("},\n{", "}\n{", "2: a line needs one case, and a comma unless it is the last, got '' after it"),
        ("},\n{", "},{", "2: a line needs one case, and a comma unless it is the last, got ',{"),
        ("}\n]}", "},\n]}", "5: a line needs one case, and a comma unless it is the last, got ',,' after it"),
        ('{"id": "softmax/binary32/t', '[{"id": "softmax/binary32/t', "2: "),
        ("]}\n", "]}", "6: the file is truncated, its last line needs to be ]}"),
        ("]}\n", "]}\n\n", "7: the file is truncated, its last line needs to be ]}"),
        ("]}\n", "]}\n{}\n", "7: the file is truncated, its last line needs to be ]}"),
        ('"comment": "', '"comment": "\\u0007', "2: softmax/binary32/textbook/article-row: a comment needs printable"),
        ('"comment": "', '"comment": "\\ud800', "2: softmax/binary32/textbook/article-row: a comment needs printable"),
        ('"comment": "', '"comment": "\n', "2: Unterminated string starting at, column"),
        ('"comment": "', '"comment": "\t', "2: Invalid control character at, column"),
        ('"axis": -1', '"axis": ' + "9" * 5000, "2: Exceeds the limit"),
        ('"axis": -1', '"axis": ' + "[" * 100_000 + "]" * 100_000, "2: the object is nested too deeply"),
    ],
)
def test_a_malformed_text_is_refused(folder, old, new, message):
    """Even with a fresh checksum: no number but integers, no name twice, one case a line."""
    text = (folder.path / NAME).read_text()
    assert old in text
    cut = text.rindex(old) if old.startswith(("]}", "}\n]")) else text.index(old)

    folder.write({NAME: text[:cut] + new + text[cut + len(old) :]})

    assert folder.refusal().startswith(f"{NAME}:{message}")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"\xef\xbb\xbf" + data, "1: the file starts with a byte order mark"),
        (lambda data: data.replace(b"\n", b"\r\n"), "1: the line has a carriage return"),
        (lambda data: data.replace(b"],\n", b"],\r\n"), None),
        (lambda data: data.replace(b'"comment": "t', b'"comment": "\xe9', 1), "2: the byte 0xe9 is not UTF-8"),
        (lambda data: data.decode().encode("utf-16"), "1: the byte 0xff is not UTF-8"),
        (lambda data: b"", "1: the file is truncated, its last line needs to be ]}"),
        (lambda data: b"[]", "1: the file is truncated, its last line needs to be ]}"),
        (lambda data: data[: data.index(b"\n") + 1] + b"]}\n", "2: the file has no case"),
    ],
)
def test_a_file_in_another_encoding_is_refused(folder, damage, message):
    """Plain UTF-8 without a mark, lines that end with a line feed."""
    folder.write({NAME: damage((folder.path / NAME).read_bytes())})

    if message is not None:
        assert folder.refusal().startswith(f"{NAME}:{message}")


def _set(*path_and_value):
    """Return a change of one entry of a record."""
    *path, last, value = path_and_value

    def change(record):
        for name in path:
            record = record[name]
        record[last] = value

    return change


def _drop(*path):
    def change(record):
        for name in path[:-1]:
            record = record[name]
        del record[path[-1]]

    return change


RECORDS = [
    # line, change, reason
    (2, _set("flag", []), "the case has the unknown name 'flag'"),
    (2, _drop("tol"), "the case lacks the name 'tol'"),
    (2, _set("id", "log_softmax/binary32/textbook/article-row"), "the id needs to be softmax/binary32/textbook/slug"),
    (2, _set("id", "softmax/binary64/textbook/article-row"), "the id needs to be softmax/binary32/textbook/slug"),
    (2, _set("id", "softmax/binary32/other/article-row"), "the id needs to be softmax/binary32/textbook/slug"),
    (2, _set("id", "textbook/article-row"), "the id needs to be softmax/binary32/textbook/slug"),
    (2, _set("id", ["softmax"]), "id needs text, got ['softmax']"),
    (2, _set("source", "family", "other"), "the id needs to be softmax/binary32/other/slug"),
    (2, _set("source", None), "source needs an object, got None"),
    (2, _set("comment", 3), "comment needs text, got 3"),
    (2, _set("flags", []), "flags needs different names, got []"),
    (2, _set("flags", ["epsilon", "epsilon"]), "flags needs different names, got ['epsilon', 'epsilon']"),
    (2, _set("flags", "epsilon"), "flags needs a list, got 'epsilon'"),
    (2, _set("flags", [["epsilon"]]), "a flag needs text, got ['epsilon']"),
    (2, _set("axis", 1), "the axis needs to be one of 1, got 1"),
    (4, _set("axis", -3), "the axis needs to be one of 2, got -3"),
    (2, _set("axis", True), "the axis needs to be one of 1, got True"),
    (2, _set("parameters", {"gamma": {}}), "parameters has the unknown name 'gamma'"),
    (2, _set("parameters", {"beta": {"bits": "0x3f800000"}}), "a parameter lacks the name 'decimal'"),
    (2, _set("parameters", {"beta": {"bits": "0x3f800000", "decimal": "2"}}), "the decimal 2 is not 0x3f800000"),
    (2, _set("inputs", []), "inputs needs an object, got []"),
    (2, _set("inputs", "q", {}), "inputs has the unknown name 'q'"),
    (2, _set("inputs", "z", [1]), "an input needs an object, got [1]"),
    (2, _set("inputs", "z", "recipe", {}), "an input has the unknown name 'recipe'"),
    (2, _drop("inputs", "z", "decimal"), "an input lacks the name 'decimal'"),
    (2, _set("inputs", "z", "shape", [8]), "bits needs 8 entries for the shape [8], got 7"),
    (2, _set("inputs", "z", "shape", [-7]), "a shape needs at most 8 lengths and 16777216 entries, got (-7,)"),
    (2, _set("inputs", "z", "shape", [7] + 8 * [1]), "a shape needs at most 8 lengths and 16777216 entries, got (7, 1"),
    (2, _set("inputs", "z", "shape", ["7"]), "a length needs an integer, got '7'"),
    (2, _set("inputs", "z", "shape", [True, 7]), "a length needs an integer, got True"),
    (2, _set("inputs", "z", "bits", 0, "0x3f80000"), "bits of binary32 need 0x and 8 digits from 0 to f, got '0x3f80"),
    (2, _set("inputs", "z", "bits", 0, "0x13f800000"), "bits of binary32 need 0x and 8 digits from 0 to f, got '0x13"),
    (2, _set("inputs", "z", "bits", 0, "0x3F800000"), "bits of binary32 need 0x and 8 digits from 0 to f, got '0x3F8"),
    (2, _set("inputs", "z", "bits", 0, 1), "bits of binary32 need 0x and 8 digits from 0 to f, got 1"),
    (2, _set("inputs", "z", "bits", {}), "bits needs a list, got {}"),
    (2, _set("inputs", "z", "decimal", 0, "1.5"), "the decimal 1.5 is not 0x3f800000, which is 1.0"),
    (2, _set("inputs", "z", "decimal", 0, "inf"), "the decimal inf is not 0x3f800000, which is 1.0"),
    (2, _set("inputs", "z", "decimal", 0, "nan"), "the decimal nan is not 0x3f800000, which is 1.0"),
    (2, _set("inputs", "z", "decimal", 0, "1e999"), "a decimal needs digits with a point and an exponent"),
    (2, _set("inputs", "z", "decimal", 0, "1e+999"), "the decimal 1e+999 is not 0x3f800000, which is 1.0"),
    (2, _set("inputs", "z", "decimal", 0, "1_0"), "a decimal needs digits with a point and an exponent"),
    (2, _set("inputs", "z", "decimal", 0, " 1"), "a decimal needs digits with a point and an exponent"),
    (2, _set("inputs", "z", "decimal", 0, "1e-999999999"), "a decimal needs digits with a point and an exponent"),
    (2, _set("inputs", "z", "decimal", 0, "1." + "0" * 5000), "a decimal needs digits with a point and an exponent"),
    (2, _set("expected", "bits", 0, "0x3cc1a9d1"), "the decimal 0.02364054302159 is not 0x3cc1a9d1"),
    (2, _set("expected", "bits", 0, "0xbcc1a9d0"), "the decimal 0.02364054302159 is not 0xbcc1a9d0"),
    (2, _set("expected", "bits", 0, "0x7f800000"), "the decimal 0.02364054302159 is not 0x7f800000, which is inf"),
    (
        2,
        _set("expected", "shape", [10**12]),
        "a shape needs at most 8 lengths and 16777216 entries, got (1000000000000",
    ),
    (2, _set("expected", "shape", [7, 2]), "bits needs 14 entries for the shape [7, 2], got 7"),
    (2, _set("expected", "bits", []), "bits needs 7 entries for the shape [7], got 0"),
    (2, _set("tol", "tight", 0, "inf"), "a tolerance needs a finite decimal, got 'inf'"),
    (2, _set("tol", "tight", 0, "1e+320"), "a tolerance needs a finite decimal, got '1e+320'"),
    (2, _set("tol", "tight", 0, "-1"), "a tolerance needs a finite decimal, got '-1'"),
    (2, _set("tol", "tight", ["1"]), "tight needs 7 entries, got 1"),
    (2, _set("tol", "loose", []), "tol has the unknown name 'loose'"),
    (2, _drop("tol", "standard"), "tol lacks the name 'standard'"),
    (4, _set("expected", "at", 0, 1), "at needs rising indices below 254, got [1, 1"),
    (4, _set("expected", "at", -1, 254), "at needs rising indices below 254, got ["),
    (4, _set("expected", "at", 0, -1), "at needs rising indices below 254, got [-1"),
    (4, _set("expected", "at", "all"), "at needs a list, got 'all'"),
    (4, _drop("expected", "at"), "bits needs 254 entries for the shape [2, 127], got 8"),
    (4, _set("inputs", "z", "shape", [10**6, 10**6]), "a shape needs at most 8 lengths and 16777216 entries"),
    (4, _set("inputs", "z", "recipe", "modulus", 0), "a recipe needs a modulus from 1, no negative multiplier"),
    (4, _set("inputs", "z", "recipe", "multiplier", -1), "a recipe needs a modulus from 1, no negative multiplier"),
    (4, _set("inputs", "z", "recipe", "multiplier", 2**52), "a recipe needs a modulus from 1, no negative multiplier"),
    (4, _set("inputs", "z", "recipe", "shift", 10**6), "a recipe needs a modulus from 1, no negative multiplier"),
    (4, _set("inputs", "z", "recipe", "start", "1"), "a recipe needs integers, got '1'"),
    (4, _set("inputs", "z", "recipe", "set", [[254, 1]]), "set needs pairs of an index below 254 and an integer up to"),
    (4, _set("inputs", "z", "recipe", "set", [[1]]), "set needs pairs of an index below 254 and an integer up to 2^53"),
    (4, _set("inputs", "z", "recipe", "set", [1]), "set needs pairs, got 1"),
    (4, _set("inputs", "z", "recipe", "code", "1"), "a recipe has the unknown name 'code'"),
    (4, _set("inputs", "mask", {"shape": [2], "mask": [True, 1]}), "a mask needs true or false, got 1"),
    (4, _set("inputs", "labels", {"shape": [2], "labels": [0, -1]}), "a label needs an index from 0, got -1"),
    (4, _set("inputs", "labels", {"shape": [2], "labels": [0, True]}), "a label needs an integer, got True"),
    (4, _set("inputs", "labels", {"shape": [2], "labels": [0]}), "labels needs 2 entries for the shape [2], got 1"),
    (5, _set("policy", "luck"), "policy needs one of all_neg_inf, "),
    (5, _set("policy", ["all_neg_inf"]), "policy needs a name, got ['all_neg_inf']"),
    (5, _drop("policy"), "policy needs a name, got None"),
    (5, _drop("accepted"), "accepted needs an object, got None"),
    (5, _drop("accepted", "uniform"), "accepted lacks the name 'uniform'"),
    (5, _set("accepted", "zero", []), "zero needs 3 entries, got 0"),
    (5, _set("accepted", "zero", 0, "0x0"), "bits of binary32 need 0x and 8 digits from 0 to f, got '0x0'"),
]


@pytest.mark.parametrize(("line", "change", "reason"), RECORDS)
def test_a_wrong_record_is_refused(folder, line, change, reason):
    """Even with a fresh checksum: the line, the id, and what is wrong with it."""
    record = folder.records[line - 2]
    change(record)
    folder.write({NAME: cases_text(HEAD, folder.records)})

    name = f"{record['id']}: " if isinstance(record["id"], str) else ""
    assert folder.refusal().startswith(f"{NAME}:{line}: {name}{reason}")


@pytest.mark.parametrize("depth", [*range(20, 1000, 60), 10_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"z": ', "}")])
def test_nesting_of_any_depth_is_refused(folder, depth, opening, closing):
    """Where the stack ends is nobody's business: a wrong type or too deep a nesting, never a RecursionError."""
    text = (folder.path / NAME).read_text()
    sealed = (folder.path / "manifest.json").read_text()

    folder.write({NAME: text.replace('"axis": -1', f'"axis": {opening * depth}1{closing * depth}', 1)})

    assert folder.refusal().startswith(NAME)
    folder.manifest(sealed)
    assert folder.refusal().startswith(NAME)


def test_a_shape_of_a_million_million_entries_allocates_nothing(folder):
    """A recipe of that size is refused before anything is built."""
    folder.records[2]["inputs"]["z"]["shape"] = [10**12]
    folder.write({NAME: cases_text(HEAD, folder.records)})

    assert "entries, got (1000000000000,)" in folder.refusal()
    assert MAX_ENTRIES * np.dtype(np.float64).itemsize < 1 << 28


def test_a_huge_file_is_not_read(folder):
    """More than 64 MiB, here of nothing, are refused by their size."""
    with (folder.path / NAME).open("r+b") as file:
        file.truncate(MAX_BYTES + 1)

    assert folder.refusal() == f"{NAME}: the file has {MAX_BYTES + 1} bytes, at most {MAX_BYTES} are read"


def test_a_file_that_ends_at_any_byte_is_refused(folder):
    """Every proper beginning of a file of one case, under the old checksum and under a fresh one."""
    del folder.records[2:], folder.records[0]
    whole = cases_text(HEAD, folder.records).encode()
    folder.write({NAME: whole})
    sealed = (folder.path / "manifest.json").read_text()

    for size in range(len(whole)):
        folder.write({NAME: whole[:size]})
        assert folder.refusal().startswith(f"{NAME}:")
        folder.manifest(sealed)
        assert "; the checksum is " in folder.refusal()


@given(st.data())
def test_a_byte_that_changes_is_noticed(tmp_path_factory, records, data):
    """Any other byte anywhere: the checksum tells."""
    folder = Folder(tmp_path_factory.mktemp("folder"), records)
    content = bytearray((folder.path / NAME).read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
    (folder.path / NAME).write_bytes(content)

    assert "the checksum is" in folder.refusal()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_corpus_are_a_corpus_error(tmp_path_factory, records, junk):
    """Whatever stands in a file, sealed or not, nothing but a CorpusError comes out."""
    folder = Folder(tmp_path_factory.mktemp("folder"), records)
    whole = (folder.path / NAME).read_bytes()

    for content in (junk, whole[:700] + junk, whole[:700] + junk + whole[700 + len(junk) :]):
        if content != whole:
            folder.write({NAME: content})
            assert folder.refusal().startswith(NAME)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(st.data(), JUNK)
def test_any_value_in_any_place_is_accepted_or_a_corpus_error(tmp_path_factory, records, data, junk):
    """Types that nobody thought of lead to no other exception."""
    folder = Folder(tmp_path_factory.mktemp("folder"), json.loads(json.dumps(records)))
    place = folder.records[data.draw(st.integers(0, 3))]
    name = data.draw(st.sampled_from(sorted(place)))
    while isinstance(place[name], (dict, list)) and place[name] and data.draw(st.booleans()):
        place = place[name]
        name = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    place[name] = junk
    folder.write({NAME: cases_text(HEAD, folder.records).encode("utf-8", "replace")})

    try:
        cases = load("softmax", "binary32", directory=folder.path)
    except CorpusError:
        return
    for case in cases:
        for read in (case.inputs, case.values, case.tolerances, case.outcomes, case.parameters):
            assert read is not None


def test_an_edited_case_is_named_with_its_line(folder):
    """The digests of the cases tell which line differs from what was sealed."""
    path = folder.path / NAME
    path.write_text(path.read_text().replace('"tight": ["17.8"', '"tight": ["18.8"'))

    assert folder.refusal().startswith(
        f"{NAME}:3: softmax/binary32/textbook/one-two-eight was changed; the checksum is "
    )


def test_an_edit_outside_of_the_cases_is_told_by_the_checksum(folder):
    """A space more changes no case."""
    path = folder.path / NAME
    path.write_text(path.read_text().replace('"axis": -1', '"axis":  -1', 1))

    assert folder.refusal().startswith(f"{NAME}: the checksum is ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m | {"schema": 99}, "2: schema 99 is unknown, this version reads 1"),
        (lambda m: m | {"schema": True}, "2: schema True is unknown, this version reads 1"),
        (lambda m: m | {"author": "me"}, " the manifest has the unknown name 'author'"),
        (lambda m: m | {"corpus_version": "1.0"}, "3: corpus_version needs three numbers, got '1.0'"),
        (lambda m: m | {"files": []}, " files needs an object, got []"),
        (lambda m: m | {"files": m["files"] | {"../x.json": {}}}, "12: '../x.json' is no plain file name"),
        (lambda m: m | {"files": m["files"] | {"/etc/passwd": {}}}, "12: '/etc/passwd' is no plain file name"),
        (lambda m: m | {"files": m["files"] | {"a\\b.json": {}}}, "1: 'a\\\\b.json' is no plain file name"),
        (lambda m: m | {"files": m["files"] | {"..": {}}}, "12: '..' is no plain file name"),
        (lambda m: m | {"files": m["files"] | {"x-binary32.json": {}}}, "12: 'x-binary32.json' is no file that this"),
        (lambda m: m | {"files": dict(reversed(m["files"].items()))}, "9: 'ids.json' needs to stand before 'softmax-b"),
        (lambda m: m | {"files": m["files"] | {NAME: None}}, " softmax-binary32.json needs an object, got None"),
        (lambda m: m | {"files": m["files"] | {NAME: {"sha256": "0"}}}, "8: 'softmax-binary32.json' needs a SHA-256"),
        (lambda m: json.dumps(m)[:-1], "1: Expecting ',' delimiter"),
        (lambda m: json.dumps(m) + "{}", "1: one object is needed, more follows: '{}'"),
        (lambda m: '{"schema": 1, "schema": 1}', "1: a name is given twice among ['schema', 'schema']"),
        (lambda m: "[" * 100_000, "1: the object is nested too deeply"),
        (lambda m: "[]", "1: an object is needed, got []"),
        (lambda m: '{"schema": NaN}', "1: NaN is no integer"),
    ],
)
def test_a_wrong_manifest_is_refused(folder, change, message):
    """Unknown schema, entries that are strange or out of order, names that lead elsewhere."""
    content = json.loads((folder.path / "manifest.json").read_text())
    content["files"] = dict(sorted(content["files"].items()))

    folder.manifest(change(content))

    assert folder.refusal().startswith(f"manifest.json:{message}")


def test_a_missing_or_stray_file_is_refused(folder):
    """A file of the manifest that is not there, one that it does not know, and no manifest at all."""
    (folder.path / "logistic-binary32.json").write_text("{}")
    assert folder.refusal() == "logistic-binary32.json: the manifest does not know this file; remove it"

    (folder.path / "logistic-binary32.json").unlink()
    (folder.path / NAME).unlink()
    assert folder.refusal() == f"{NAME}: the file is missing"

    (folder.path / "manifest.json").unlink()
    assert folder.refusal() == "manifest.json: the manifest is missing; run 'softmax-ref corpus build'"


def test_a_wrong_count_is_refused(folder):
    """A case less than the manifest says, with a fresh checksum."""
    text = cases_text(HEAD, folder.records[:3])
    folder.write({NAME: text})

    assert folder.refusal() == f"{NAME}:5: the file has 3 cases, the manifest says 4"


def test_notes_are_refused_like_cases(folder):
    """The same checks of checksum and text."""
    folder.write({"notes.json": '{"notes": {}, "notes": {}}'})
    with pytest.raises(CorpusError, match=r"notes\.json:1: a name is given twice"):
        read_notes(folder.path)

    (folder.path / "notes.json").write_text("{}")
    with pytest.raises(CorpusError, match=r"notes\.json: the checksum is"):
        read_notes(folder.path)


def _modules(start):
    """The modules of this package that a module imports, directly or not, with their syntax trees."""
    found, waiting = {}, [start]
    while waiting:
        name = waiting.pop()
        path = Path(softmax_ref.__file__).parents[1].joinpath(*name.split(".")).with_suffix(".py")
        if name in found or not path.exists():
            continue
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(found[name]):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("softmax_ref"):
                waiting += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


EXECUTING = {"eval", "exec", "compile", "__import__", "getattr", "setattr", "globals", "breakpoint", "memoryview"}
PERMITTED = {
    *("__future__", "collections.abc", "contextlib", "dataclasses", "fractions", "functools", "hashlib", "itertools"),
    *("decimal", "json", "math", "numpy", "numpy.typing", "pathlib", "re"),
}


def _executes(tree):
    """Names that run text as code, imports that could, and methods of NumPy that read pickles."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in EXECUTING:
            yield node.id
        if isinstance(node, ast.Attribute) and node.attr in {"load", "loads", "fromfile", "system", "Popen"}:
            yield ast.unparse(node)
        imported = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        imported += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (name for name in imported if not name.startswith("softmax_ref") and name not in PERMITTED)


def test_the_loader_executes_nothing():
    """No eval, no pickle, no YAML, no process in any module that it imports; json.loads reads the schema of the package."""
    modules = _modules("softmax_ref.corpus.loader")

    assert {"softmax_ref.corpus.files", "softmax_ref.corpus.structure", "softmax_ref.formats"} <= set(modules)
    assert {name: set(_executes(tree)) for name, tree in modules.items() if set(_executes(tree))} == {
        "softmax_ref.corpus.structure": {"json.loads"}
    }


@pytest.mark.parametrize("line", ["import pickle", "eval('1')", "import yaml", "np.load(x)", "from os import system"])
def test_code_that_executes_is_found(line):
    """Each of these would be refused in the loader."""
    assert list(_executes(ast.parse(line)))


def test_loading_imports_numpy_and_the_standard_library_only():
    """What the loader needs at run time."""
    tops = {
        name.partition(".")[0]
        for tree in _modules("softmax_ref.corpus.loader").values()
        for node in ast.walk(tree)
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", "")])
        if name
    }

    assert tops - set(sys.stdlib_module_names) == {"numpy", "softmax_ref"}


def test_the_packaged_corpus_is_read_once():
    """A second load gives the same cases, without reading."""
    assert load("softmax", "binary32")[0] is load("softmax", "binary32", directory=VECTORS)[0]
