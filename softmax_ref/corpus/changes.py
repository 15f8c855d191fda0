"""What changed from one version of the corpus to the next, by case id.

Each case has two digests: of its values and of all that is stored. ``ids.json`` holds those of the current version, and
what the version before had instead; ``changes.json`` is the list for readers. From version 1.0 on a value keeps its id.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from softmax_ref.corpus.canonical import case_digest
from softmax_ref.corpus.loader import VECTORS, vector_files

__all__ = ["base_of", "compare", "digests_of", "file_of", "history", "ids_content", "listing"]

STABLE = (1, 0, 0)


def file_of(case_id: str) -> str:
    """Return the name of the file that holds a case."""
    function, fmt, _ = case_id.split("/", 2)
    return f"{function}-{fmt}.json"


def digests_of(cases: list[dict]) -> dict[str, str]:
    """Return the digests of cases by id."""
    return {case["id"]: case_digest(case) for case in cases}


def base_of(ids: dict, version: str) -> tuple[str | None, dict[str, str]]:
    """Return the version before a version, and its digests, from the content of ids.json.

    Parameters
    ----------
    ids : dict
        ``corpus_version``, ``digests``, and ``before``: the version before, with what differs there; None is no case.
    version : str
        The version that is being built: that of the content, or a later one.

    Examples
    --------
    >>> ids = {"corpus_version": "0.2.0", "digests": {"a": "1", "b": "2"}}
    >>> ids["before"] = {"corpus_version": "0.1.0", "differences": {"b": None, "c": "3"}}
    >>> base_of(ids, "0.2.0")
    ('0.1.0', {'a': '1', 'c': '3'})
    >>> base_of(ids, "0.3.0")
    ('0.2.0', {'a': '1', 'b': '2'})
    """
    if ids["corpus_version"] != version:
        return ids["corpus_version"], ids["digests"]
    merged = ids["digests"] | ids["before"]["differences"]
    return ids["before"]["corpus_version"], {name: digest for name, digest in merged.items() if digest is not None}


def ids_content(version: str, digests: dict[str, str], base_version: str | None, base: dict[str, str]) -> dict:
    """Return the content of ids.json."""
    differing = {name: base.get(name) for name in sorted({*digests, *base}) if digests.get(name) != base.get(name)}
    before = {"corpus_version": base_version, "differences": differing}
    return {"corpus_version": version, "digests": digests, "before": before}


def compare(base: dict[str, str], digests: dict[str, str]) -> dict:
    """Return what is new, changed in value, revised in words or tolerances, and gone.

    A file in which everything is new, or in which everything is only revised, is given with its count.
    """
    both = [name for name in digests if base.get(name, digests[name]) != digests[name]]
    changed = [name for name in both if _value(base[name]) != _value(digests[name])]
    worded = [name for name in both if _value(base[name]) == _value(digests[name])]
    return {
        "added": _by_file([name for name in digests if name not in base], digests),
        "changed": {name: [_value(base[name]), _value(digests[name])] for name in changed},
        "revised": _by_file(worded, digests),
        "removed": {name: _value(digest) for name, digest in base.items() if name not in digests},
    }


def _value(digest: str) -> str:
    return digest.partition(".")[0]


def _by_file(ids: list[str], digests: dict[str, str]) -> dict[str, int | list[str]]:
    """Return family/slug of cases by file, or their number where it is every case of the file."""
    total, chosen = {}, {}
    for name in digests:
        total[file_of(name)] = total.get(file_of(name), 0) + 1
    for name in ids:
        chosen.setdefault(file_of(name), []).append(name.split("/", 2)[2])
    return {file: len(slugs) if len(slugs) == total[file] else slugs for file, slugs in chosen.items()}


def refuse_changed_values(version: str | None, base: dict[str, str], digests: dict[str, str], log: list[dict]) -> None:
    """Refuse that an id of a stable version, which is the base, gets other values, or that a removed id comes back.

    Raises
    ------
    ValueError
        The message starts with "corpus bug" and names the id.
    """
    if version is None or tuple(map(int, version.split("."))) < STABLE:
        return
    for name, (old, new) in compare(base, digests)["changed"].items():
        raise ValueError(f"corpus bug: {name}: the values changed from {old} to {new}; they need a new id")
    removed = {name for entry in log for name in entry["removed"]}
    for name in sorted((digests.keys() - base.keys()) & removed):
        raise ValueError(f"corpus bug: {name}: the id was removed in an earlier version; the case needs a new id")


def history(ids: dict, log: list[dict], version: str, digests: dict[str, str], skipped=frozenset()) -> tuple:
    """Return the contents of ids.json and of the log for a version, from what they are now.

    Parameters
    ----------
    ids, log : dict, list of dict
        What is stored; empty before the first version.
    version, digests : str, dict of str to str
        What is built.
    skipped : set of str
        Files that are not built this time: they are neither here nor gone.
    """
    before, base = base_of(ids, version) if ids else (None, {})
    base = {name: digest for name, digest in base.items() if file_of(name) not in skipped}
    log = [entry for entry in log if entry["corpus_version"] != version]
    refuse_changed_values(before, base, digests, log)
    entry = {"corpus_version": version, "cases": len(digests)} | compare(base, digests)
    return ids_content(version, digests, before, base), [*log, entry]


def listing(version: str | None = None, directory: Path = VECTORS) -> list[str]:
    """Return the lines that tell about every version, or about the changes of one.

    Raises
    ------
    ValueError
        There is no such version; the message lists those there are.
    """
    log = {entry["corpus_version"]: entry for entry in vector_files(directory).parsed("changes.json")["versions"]}
    if version is None:
        return [f"{name}: {entry['cases']} cases, {_counts(entry)}" for name, entry in log.items()]
    if version not in log:
        raise ValueError(f"changes: version needs to be one of {', '.join(log)}, got {version!r}")
    return list(_lines(log[version]))


def _counts(entry: dict) -> str:
    sizes = {kind: [n if isinstance(n, int) else len(n) for n in entry[kind].values()] for kind in ("added", "revised")}
    sizes |= {kind: [len(entry[kind])] for kind in ("changed", "removed")}
    return ", ".join(f"{sum(sizes[kind])} {kind}" for kind in ("added", "changed", "revised", "removed"))


def _lines(entry: dict) -> Iterator[str]:
    for kind in ("added", "revised"):
        for file, cases in entry[kind].items():
            function, _, fmt = file.removesuffix(".json").rpartition("-")
            if isinstance(cases, int):
                yield f"{kind} {file}: {cases} cases, all"
            else:
                yield from (f"{kind} {function}/{fmt}/{slug}" for slug in cases)
    yield from (f"changed {name}: {old} -> {new}" for name, (old, new) in entry["changed"].items())
    yield from (f"removed {name}: {digest}" for name, digest in entry["removed"].items())
