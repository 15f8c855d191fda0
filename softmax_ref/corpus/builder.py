"""The files of the corpus: canonical JSON, one case a line, written by this module alone.

Building twice gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from softmax_ref.corpus.canonical import cases_text, object_text
from softmax_ref.corpus.changes import digests_of, history
from softmax_ref.corpus.comments import comment_faults
from softmax_ref.corpus.exhaustive import digests as digests_of_all
from softmax_ref.corpus.families import FAMILIES, Range, families_of
from softmax_ref.corpus.files import SCHEMA_VERSION
from softmax_ref.corpus.loader import CORPUS_VERSION, VECTORS, vector_files
from softmax_ref.corpus.notes import NOTES
from softmax_ref.corpus.offered import CORPUS_FORMATS, formats_of
from softmax_ref.corpus.policies import POLICIES
from softmax_ref.corpus.records import record
from softmax_ref.corpus.structure import check_cases
from softmax_ref.formats import Format, get_format
from softmax_ref.replacing import replace_file

__all__ = ["MAX_CASES", "build", "cases_of"]

MAX_CASES = 240
BY_HAND = ("LICENSE-CC0", "READING.md", "schema.json")
"""What nobody builds: it is copied beside the rest, and has its checksum in the manifest."""


def build(directory: Path = VECTORS, functions=tuple(FAMILIES), formats=CORPUS_FORMATS) -> Iterator[tuple[Path, int]]:
    """Certify every case, then write all files; yield (path, cases) for each file of cases.

    Parameters
    ----------
    directory : Path
        Where to write. Files appear whole or not at all, the manifest last.
    functions, formats : sequence of str
        Which files, of those there are. Other files of the directory stay, if they are what its manifest says.
    """
    texts, entries, digests = {}, {}, {}
    for function in functions:
        for fmt in (f for f in formats_of(function) if f in formats):
            name, cases = f"{function}-{fmt}.json", list(cases_of(function, get_format(fmt)))
            check_cases(cases, function, get_format(fmt))
            texts[name], entries[name] = cases_text(_head(function, fmt), cases), {"cases": len(cases)}
            digests |= digests_of(cases)
            yield directory / name, len(cases)
    for name, entry, cases in _kept(directory, {*texts}):
        entries[name] = entry
        digests |= digests_of(cases)
    texts |= _beside(digests, {*entries})
    for name, text in texts.items():
        entries[name] = entries.get(name, {}) | {"sha256": _write(directory / name, text)}
    manifest = {"schema": SCHEMA_VERSION, "corpus_version": CORPUS_VERSION, "files": dict(sorted(entries.items()))}
    _write(directory / "manifest.json", object_text(manifest))


def _kept(directory: Path, built: set[str]) -> Iterator[tuple[str, dict, list[dict]]]:
    """Yield name, entry and cases of the files that are not built this time, as the loader reads them."""
    rest = [(function, fmt) for function in FAMILIES for fmt in formats_of(function)]
    rest = [(f"{function}-{fmt}.json", function, fmt) for function, fmt in rest]
    if not (directory / "manifest.json").exists() or built.issuperset(name for name, *_ in rest):
        return
    files = vector_files(directory)
    for name, function, fmt in rest:
        if name in files.manifest["files"] and name not in built:
            if files.manifest["corpus_version"] != CORPUS_VERSION:
                raise ValueError(f"corpus bug: {name} is of an earlier version than {CORPUS_VERSION}; build all files")
            yield name, files.manifest["files"][name], files.cases(function, fmt)


def _head(function: str, fmt: str) -> dict:
    return {"schema": SCHEMA_VERSION, "corpus_version": CORPUS_VERSION, "function": function, "format": fmt}


def _beside(digests: dict[str, str], present: set[str]) -> dict[str, str]:
    """Return the files without cases; what changed is counted from what the package held before."""
    absent = {f"{function}-{fmt}.json" for function in FAMILIES for fmt in formats_of(function)} - present
    ids, log = (json.loads((VECTORS / name).read_text(encoding="utf-8")) for name in ("ids.json", "changes.json"))
    ids, versions = history(ids, log["versions"], CORPUS_VERSION, dict(sorted(digests.items())), absent)
    by_hand = {name: (VECTORS / name).read_text(encoding="utf-8") for name in BY_HAND}
    return by_hand | {
        "changes.json": object_text({"versions": versions}),
        "digests.json": object_text({"digests": _of_all_inputs()}),
        "ids.json": object_text(ids),
        "notes.json": object_text({"notes": NOTES, "policies": POLICIES}),
    }


def _of_all_inputs() -> dict[str, dict[str, str]]:
    found = {}
    for function, fmt, sha in digests_of_all():
        found.setdefault(function, {})[fmt] = sha
    return found


def _write(path: Path, text: str) -> str:
    data = text.encode()
    replace_file(path, data)
    return hashlib.sha256(data).hexdigest()


def cases_of(function: str, fmt: Format) -> Iterator[dict]:
    """Yield the cases of one file as they are stored.

    Raises
    ------
    ValueError
        A family breaks a rule of the corpus; the message starts with "corpus bug".
    """
    where = f"corpus bug: {function}/{fmt.name}"
    drafts = [(_slug(family), draft) for family in families_of(function, fmt) for draft in family(Range(fmt))]
    for n, fault in comment_faults(draft.comment for _, draft in drafts):
        raise ValueError(f"{where}/{drafts[n][0]}/{drafts[n][1].slug}: {fault}")
    if len(drafts) > MAX_CASES:
        raise ValueError(f"{where}: a file has at most {MAX_CASES} cases, got {len(drafts)}")
    for family, draft in drafts:
        yield record(function, fmt, family, draft)


def _slug(family) -> str:
    return family.__name__.replace("_", "-")
