"""The files of the corpus: canonical JSON, one case a line, written by this module alone.

Building twice gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from softmax_ref.corpus.families import FAMILIES, Range, families_of
from softmax_ref.corpus.files import SCHEMA_VERSION
from softmax_ref.corpus.loader import CORPUS_VERSION, VECTORS
from softmax_ref.corpus.notes import NOTES
from softmax_ref.corpus.offered import CORPUS_FORMATS, formats_of
from softmax_ref.corpus.policies import POLICIES
from softmax_ref.corpus.records import record
from softmax_ref.formats import Format, get_format

__all__ = ["MAX_CASES", "build", "cases_of"]

MAX_CASES = 240


def build(directory: Path = VECTORS, functions=tuple(FAMILIES), formats=CORPUS_FORMATS) -> Iterator[tuple[Path, int]]:
    """Write every file of the corpus, then the manifest; yield (path, cases) for each.

    Parameters
    ----------
    directory : Path
        Where to write. Files appear whole or not at all.
    functions, formats : sequence of str
        Which files, of those there are; the manifest covers all files of the directory's current build.
    """
    entries = {}
    for function in functions:
        for name in (f for f in formats_of(function) if f in formats):
            cases = list(cases_of(function, get_format(name)))
            path = directory / f"{function}-{name}.json"
            entries[path.name] = {"cases": len(cases), "sha256": _write(path, _file(function, name, cases))}
            yield path, len(cases)
    notes = json.dumps({"notes": NOTES, "policies": POLICIES}, indent=1, ensure_ascii=False) + "\n"
    entries["notes.json"] = {"sha256": _write(directory / "notes.json", notes)}
    manifest = {"schema": SCHEMA_VERSION, "corpus_version": CORPUS_VERSION, "files": entries}
    _write(directory / "manifest.json", json.dumps(manifest, indent=1) + "\n")


def _write(path: Path, text: str) -> str:
    data = text.encode()
    beside = path.with_suffix(".new")
    beside.write_bytes(data)
    os.replace(beside, path)
    return hashlib.sha256(data).hexdigest()


def _file(function: str, fmt: str, cases: list[dict]) -> str:
    head = {"schema": SCHEMA_VERSION, "corpus_version": CORPUS_VERSION, "function": function, "format": fmt}
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    return json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n"


def cases_of(function: str, fmt: Format) -> Iterator[dict]:
    """Yield the cases of one file as they are stored.

    Raises
    ------
    ValueError
        A family breaks a rule of the corpus; the message starts with "corpus bug".
    """
    comments, count = set(), 0
    for family in families_of(function, fmt):
        for draft in family(Range(fmt)):
            case = record(function, fmt, family.__name__.replace("_", "-"), draft)
            count += 1
            fault = _broken_rule(case["comment"], comments, count)
            if fault:
                raise ValueError(f"corpus bug: {case['id']}: {fault}")
            comments.add(case["comment"])
            yield case


def _broken_rule(comment: str, seen: set[str], count: int) -> str | None:
    if comment in seen:
        return f"the comment {comment!r} is not unique"
    if len(comment) > 70:
        return f"the comment has {len(comment)} characters, at most 70 are allowed"
    return f"a file has at most {MAX_CASES} cases" if count > MAX_CASES else None
