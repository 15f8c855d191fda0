"""The files of a corpus that can be trusted: named by a manifest, unchanged, well-formed.

Whatever is wrong is refused with the file, the line where there is one, and the reason. Nothing is ever executed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from softmax_ref.corpus.canonical import case_digest
from softmax_ref.corpus.reading import Malformed, parse_cases, parse_object, refuse_repeated
from softmax_ref.corpus.structure import check_cases, check_names, check_types
from softmax_ref.formats import get_format

__all__ = ["SCHEMA_VERSION", "CorpusError", "VectorFiles"]

SCHEMA_VERSION = 1
MAX_BYTES = 1 << 26
"""No file of the corpus is near 64 MiB; a larger one is not read at all."""
MANIFEST = "manifest.json"
DIGESTS = "ids.json"
PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*")
SHA256 = re.compile(r"[0-9a-f]{64}")
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


class CorpusError(ValueError):
    """A file of the corpus is missing, changed or malformed. Never the fault of an implementation."""


@contextmanager
def _blaming(path: Path) -> Iterator[None]:
    """Name the file, and the line where it is known."""
    try:
        yield
    except Malformed as fault:
        raise CorpusError(f"{path}{f':{fault.line}' if fault.line else ''}: {fault}") from None
    except RecursionError:
        raise CorpusError(f"{path}: an object is nested too deeply") from None


@dataclass(frozen=True)
class VectorFiles:
    """The files of one directory, as its manifest names them.

    Attributes
    ----------
    directory : Path
        Where the files are.
    known : set of str
        The names that a manifest may hold.
    """

    directory: Path
    known: AbstractSet[str] = field(compare=False, repr=False)

    @cached_property
    def manifest(self) -> dict:
        """The schema, the version of the corpus, and the checksum of each file."""
        path = self.directory / MANIFEST
        if not path.exists():
            raise CorpusError(f"{path}: the manifest is missing; run 'softmax-ref corpus build'")
        with _blaming(path):
            data = _bytes(path)
            manifest = parse_object(data)
            _check_manifest(manifest, data, self.known)
        alien = sorted(
            {found.name for found in self.directory.glob("*.json")} - {MANIFEST, "schema.json", *manifest["files"]}
        )
        if alien:
            raise CorpusError(f"{self.directory / alien[0]}: the manifest does not know this file; remove it")
        return manifest

    def read(self, name: str) -> bytes:
        """Return the bytes of a file, which are those that the manifest was made for."""
        path = self.directory / name
        if name not in self.manifest["files"] or not path.exists():
            raise CorpusError(f"{path}: the file is missing")
        with _blaming(path):
            data = _bytes(path)
            digest, wanted = hashlib.sha256(data).hexdigest(), self.manifest["files"][name]["sha256"]
            if digest != wanted:
                line, reason = self._first_change(name, data)
                raise Malformed(f"{reason}the checksum is {digest[:12]}..., the manifest says {wanted[:12]}...", line)
        return data

    def parsed(self, name: str) -> dict:
        """Return the object that a file is."""
        data = self.read(name)
        with _blaming(self.directory / name):
            return parse_object(data)

    def cases(self, function: str, fmt: str) -> list[dict]:
        """Return the records of one file; the first is in line 2."""
        name = f"{function}-{fmt}.json"
        data = self.read(name)
        with _blaming(self.directory / name):
            head, records = parse_cases(data)
            colons = check_cases(records, function, get_format(fmt))
            if data.count(b":", data.index(b"\n")) != colons:
                refuse_repeated(data)
            self._check_head(head, len(records), function, fmt)
        return records

    def _check_head(self, head: dict, count: int, function: str, fmt: str) -> None:
        version = self.manifest["corpus_version"]
        wanted = {"schema": SCHEMA_VERSION, "corpus_version": version, "function": function, "format": fmt}
        if head != wanted:
            raise Malformed(f"the head needs {json.dumps(wanted)}, got {json.dumps(head):.200}", 1)
        listed = self.manifest["files"][f"{function}-{fmt}.json"].get("cases")
        if count != listed:
            raise Malformed(f"the file has {count} cases, the manifest says {listed}", count + 2)

    def _first_change(self, name: str, data: bytes) -> tuple[int | None, str]:
        """Return the line in which a touched file first differs from what the digests of the cases say."""
        try:
            _, records = parse_cases(data)
        except Malformed as fault:
            return (fault.line, f"{fault}; ") if name.partition("-")[2] else (None, "")
        with suppress(CorpusError, KeyError, AttributeError, TypeError):
            digests = self.parsed(DIGESTS)["digests"]
            for line, record in enumerate(records, start=2):
                if digests.get(record["id"]) != case_digest(record):
                    return line, f"{record['id']} was changed; "
        return None, ""


def _bytes(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise Malformed(f"the file has {size} bytes, at most {MAX_BYTES} are read")
    return path.read_bytes()


def _check_manifest(manifest: dict, data: bytes, known: AbstractSet[str]) -> None:
    if manifest.get("schema") != SCHEMA_VERSION or type(manifest["schema"]) is not int:
        found = manifest.get("schema")
        raise Malformed(f"schema {found!r:.60} is unknown, this version reads {SCHEMA_VERSION}", _line(data, "schema"))
    check_names([manifest], "the manifest", frozenset(("schema", "corpus_version", "files")))
    version, files = manifest["corpus_version"], manifest["files"]
    if type(version) is not str or not VERSION.fullmatch(version):
        raise Malformed(f"corpus_version needs three numbers, got {version!r:.60}", _line(data, "corpus_version"))
    check_types([files], dict, "files needs an object")
    for before, name in zip(["", *files], files, strict=False):
        fault = _wrong_entry(name, files[name], before, known)
        if fault:
            raise Malformed(f"{name!r:.60} {fault}", _line(data, name))


def _line(data: bytes, name: str) -> int:
    """Return the line in which a name stands first."""
    return data.count(b"\n", 0, max(data.find(f'"{name}":'.encode()), 0)) + 1


def _wrong_entry(name: str, entry, before: str, known: AbstractSet[str]) -> str | None:
    if not PLAIN_NAME.fullmatch(name):
        return "is no plain file name"
    if name not in known:
        return "is no file that this version knows"
    if name < before:
        return f"needs to stand before {before!r}; run 'softmax-ref corpus build'"
    check_names([entry], name, frozenset(("sha256",)), frozenset(("cases",)))
    if type(entry["sha256"]) is not str or not SHA256.fullmatch(entry["sha256"]):
        return f"needs a SHA-256 of 64 digits, got {entry['sha256']!r:.80}"
    return None
