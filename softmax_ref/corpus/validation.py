"""All that can be said about the files without certifying anything: slower than loading, and stricter.

Beyond what the loader refuses: the JSON Schema (where jsonschema is installed), the canonical form byte for byte,
decimals that round to their bits, the rules for comments, notes for all flags, digests for all cases, and no file more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from softmax_ref.corpus.canonical import cases_text, object_text
from softmax_ref.corpus.changes import digests_of
from softmax_ref.corpus.comments import comment_faults
from softmax_ref.corpus.files import CorpusError, VectorFiles
from softmax_ref.corpus.loader import VECTORS, vector_files
from softmax_ref.corpus.reading import parse_cases
from softmax_ref.corpus.recipes import build_recipe
from softmax_ref.formats import Format, get_format

__all__ = ["schema_validator", "validate"]


def validate(directory: Path = VECTORS) -> Iterator[tuple[str, int, list[str]]]:
    """Yield, for each file of a directory, its name, its cases and what is wrong with it.

    Parameters
    ----------
    directory : Path
        Where the files are.

    Raises
    ------
    CorpusError
        The manifest itself cannot be read.
    """
    files, validator = vector_files(directory), None
    entries = files.manifest["files"]
    yield "manifest.json", 0, _validated(files, lambda: _manifest_faults(files))
    with suppress(CorpusError):  # which the schema's own line tells
        validator = schema_validator(directory)
    for name, entry in entries.items():
        if "cases" in entry:
            faults = _validated(files, lambda name=name: _case_faults(files, name, validator))
        else:
            faults = _validated(files, lambda name=name: _object_faults(files, name))
        yield name, entry.get("cases", 0), faults


def schema_validator(directory: Path = VECTORS):
    """Return a validator for files of cases, or None where jsonschema is not installed."""
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        return None
    return Draft202012Validator(vector_files(directory).parsed("schema.json"))


def _validated(files: VectorFiles, faults) -> list[str]:
    """Return what is wrong, which may be that a file is refused."""
    try:
        return [f"{files.directory / place}: {reason}" for place, reason in faults()]
    except CorpusError as error:
        return [str(error)]


def _manifest_faults(files: VectorFiles) -> Iterator[tuple[str, str]]:
    name = "manifest.json"
    if (files.directory / name).read_bytes() != object_text(files.manifest).encode():
        yield name, "the file is not in canonical form"
    for stray in sorted(path.name for path in files.directory.iterdir()):
        if stray not in files.manifest["files"] and stray != name:
            yield stray, "the manifest does not know this file"


def _object_faults(files: VectorFiles, name: str) -> Iterator[tuple[str, str]]:
    """Check a file without cases; what people write, pages and the schema, has no canonical form."""
    data = files.read(name)
    if name.endswith(".json"):
        text = object_text(files.parsed(name))
        if name != "schema.json" and data != text.encode():
            yield name, "the file is not in canonical form"


def _case_faults(files: VectorFiles, name: str, validator) -> Iterator[tuple[str, str]]:
    data = files.read(name)
    function, _, fmt = name.removesuffix(".json").rpartition("-")
    records, head = files.cases(function, fmt), parse_cases(data)[0]
    text = cases_text(head, records)
    if data != text.encode():
        pairs = zip(data.decode().split("\n"), text.split("\n"), strict=False)
        yield f"{name}:{1 + next(n for n, (a, b) in enumerate(pairs) if a != b)}", "the line is not in canonical form"
    for error in validator.iter_errors(head | {"cases": records}) if validator else ():
        path = list(error.absolute_path)
        yield f"{name}:{path[1] + 2 if len(path) > 1 else 1}", f"{error.message:.200}, by the schema"
    for n, fault in comment_faults(record["comment"] for record in records):
        yield f"{name}:{n + 2}", fault
    notes, digests = files.parsed("notes.json")["notes"], files.parsed("ids.json")["digests"]
    told = digests_of(records)
    for line, record in enumerate(records, start=2):
        yield from (
            (f"{name}:{line}", f"the flag {flag!r} has no note") for flag in record["flags"] if flag not in notes
        )
        yield from ((f"{name}:{line}", fault) for fault in _number_faults(record, get_format(fmt)))
        if digests.get(record["id"]) != told[record["id"]]:
            yield f"{name}:{line}", f"{record['id']} is {told[record['id']]}, ids.json says {digests.get(record['id'])}"


def _number_faults(record: dict, fmt: Format) -> Iterator[str]:
    """Say which decimal rounds to something else than its bits, exactly, and which recipe leaves the format."""
    numbers = [*record["parameters"].values()]
    pairs = [(number["bits"], number["decimal"]) for number in numbers]
    for stored in (record["expected"], *record["inputs"].values()):
        pairs += zip(stored.get("bits", ()), stored.get("decimal", ()), strict=True)
        if "recipe" in stored:
            values = build_recipe(stored["recipe"], tuple(stored["shape"]))
            if (fmt.cast(values) != values).any():
                yield f"the recipe {stored['recipe']} gives values that are no numbers of {fmt.name}"
    for bits, text in dict.fromkeys(pairs):
        if text not in ("nan", "inf", "-inf") and not _rounds_to(Fraction(text), int(bits, 16), fmt):
            yield f"the decimal {text} does not round to {bits}"


def _rounds_to(exact: Fraction, bits: int, fmt: Format) -> bool:
    """Whether a decimal rounds to bits, but for the sign of zero; past the range nan or the largest number will do."""
    magnitude, past = bits & ~fmt.sign_bit, abs(exact) > Fraction(fmt.max)
    if past and not fmt.infinity:
        return magnitude in (fmt.max_bits, fmt.nan_bits)
    return fmt.round(exact) & ~fmt.sign_bit == magnitude and (magnitude == 0 or (exact < 0) == (bits != magnitude))
