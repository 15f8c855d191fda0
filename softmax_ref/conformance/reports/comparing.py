"""Two reports compared: what passed and does not pass any more, what became better, what else is new.

A case or a promise that passed in the old report and does not pass in the new one is a regression, whatever
stands in its place: it fails, it is skipped, it is expected to fail, or it was not judged. A case that the
corpus itself has left out, or added, says nothing of the implementation. So is an error that grew by more than
a slack, in ulp, though the case is still passed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from softmax_ref.conformance.reports.document import SCHEMA_VERSION

__all__ = ["SLACK", "Comparison", "ReportError", "compare", "read_report"]

SLACK = 0.5
"""An error that grew by this much, in ulp, may be another order of summation on another machine."""
GOOD, BAD = ("passed", "kept"), ("failed", "broken")


class ReportError(ValueError):
    """A file is no report, or not a whole one, or two reports cannot be compared."""


@dataclass
class Comparison:
    """What differs, as lines of text; `regressions` decide the exit status.

    Attributes
    ----------
    regressions, fixed, news : list of str
        What is worse; what is better; what is only different.
    """

    regressions: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)
    news: list[str] = field(default_factory=list)


def read_report(path: Path) -> dict:
    """Return a report in JSON.

    Raises
    ------
    ReportError
        The file cannot be read, is no report, or is truncated; the message names it.
    """
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ReportError(f"{path} is no whole JSON file, so it is truncated or no report: {error}") from None
    try:
        return _whole(plain, path)
    except (KeyError, TypeError, AttributeError):
        raise ReportError(f"{path} is no report of 'softmax-ref check --format json'") from None


def _whole(plain: dict, path: Path) -> dict:
    if plain["header"]["schema_version"] != SCHEMA_VERSION:
        stored = plain["header"]["schema_version"]
        raise ReportError(f"{path} has schema version {stored!r}, and this package reads {SCHEMA_VERSION}")
    if "footer" not in plain:
        raise ReportError(f"{path} has no footer: it is truncated")
    for name in ("cases", "promises", "failures"):
        found = sum(len(part[name]) for part in plain["reports"])
        if found != plain["footer"][name]:
            raise ReportError(
                f"{path} has {found} {name}, and its footer counts {plain['footer'][name]}: it is damaged"
            )
    for part in plain["reports"]:
        _states(part), _failures(part), _policies(part), _levels(part)
    return plain


def compare(old: dict, new: dict, slack: float = SLACK) -> Comparison:
    """Compare two documents.

    Parameters
    ----------
    old, new : dict
        As `read_report` gives them.
    slack : float
        By how many ulp the error of a case may grow.

    Raises
    ------
    ReportError
        They are of different functions.
    """
    functions = [", ".join(part["function"] for part in plain["reports"]) for plain in (old, new)]
    if functions[0] != functions[1]:
        raise ReportError(f"the reports are of different functions: {functions[0]} and {functions[1]}")
    found = Comparison(news=[*_changed("header", *(_header(plain) for plain in (old, new)))])
    other = old["header"]["corpus_version"] != new["header"]["corpus_version"]
    for before, after in zip(old["reports"], new["reports"], strict=True):
        _compare_part(before, after, other, slack, found)
    return found


def _compare_part(old: dict, new: dict, other_corpus: bool, slack: float, found: Comparison) -> None:
    before, after, why = _states(old), _states(new), _failures(new)
    lost = [name for name, state in before.items() if state in GOOD and after.get(name) not in GOOD]
    dropped = [name for name in lost if name not in after and other_corpus and _judged(new, name)]
    failed = [name for name in lost if after.get(name) in BAD]
    found.regressions += [f"{name}: {after[name]}, was {before[name]}: {why.get(name, '')}" for name in failed]
    gone = [name for name in lost if name not in dropped and name not in failed]
    found.regressions += _grouped((_place(name), _instead(new, name, after)) for name in gone)
    found.regressions += _grown(old, new, slack)
    found.fixed += [f"{n}: {after[n]}, was {s}" for n, s in before.items() if s not in GOOD and after.get(n) in GOOD]
    found.news += _grouped((_place(name), "left out of the corpus") for name in dropped)
    added = [name for name in after if name not in before]
    found.news += _grouped((_place(name), f"new in this report, {after[name]}") for name in added)
    known = [n for n, s in before.items() if s not in (*GOOD, *BAD) and after.get(n) in BAD]
    found.news += [f"{name}: {after[name]}, was {before[name]}: {why.get(name, '')}" for name in known]
    found.news += _changed(f"{new['function']}, policy", _policies(old), _policies(new))
    found.news += _changed(new["function"], _levels(old), _levels(new))


def _header(plain: dict) -> dict[str, str]:
    header = plain["header"]
    names = ("implementation", "package_version", "corpus_version")
    return {name.replace("_", " "): header[name] for name in names} | header["machine"]


def _states(part: dict) -> dict[str, str]:
    """Return what became of each case and promise, by a name that has the function and the format."""
    promises = {f"{part['function']}/{p['format']}/contract/{p['name']}": p["state"] for p in part["promises"]}
    return {case["id"]: case["result"] for case in part["cases"]} | promises


def _failures(part: dict) -> dict[str, str]:
    """Return the text of each failure, by the names of `_states`."""
    found = {}
    for f in part["failures"]:
        kind, _, rest = f["case"].partition("/")
        fmt, _, promise = rest.partition("/")
        name = f"{part['function']}/{fmt}/contract/{promise}" if kind == "contract" else f["case"]
        numbers = f"got {f['got']} for {f['expected']}, off by {f['error']} ulp, allowed {f['allowed']}"
        found[name] = f["reason"] or numbers
    return found


def _policies(part: dict) -> dict[str, str]:
    return {policy["policy"]: " or ".join(policy["observed"]) or "no answer" for policy in part["policies"]}


def _levels(part: dict) -> dict[str, str]:
    """Return the verdict on each format, and on the whole."""
    levels = {f["format"]: f"{f['verdict']} {f.get('level') or ''}".strip() for f in part["formats"]}
    return {"all": "conforms" if part["conforms"] else "does not conform"} | levels


def _judged(part: dict, name: str) -> bool:
    """Whether a format was looked at to the end and as a whole, so that a missing case is the corpus's doing."""
    fmt = name.split("/")[1]
    verdicts = {entry["format"]: entry["verdict"] for entry in part["formats"]}
    return part["incomplete"] is None and part["selection"] is None and verdicts.get(fmt) in ("conforms", "fails")


def _place(name: str) -> str:
    return "/".join(name.split("/")[:2])


def _instead(part: dict, name: str, states: dict[str, str]) -> str:
    """Say why what passed is not shown to pass any more."""
    if name in states:
        reasons = {case["id"]: case.get("reason") for case in part["cases"]}
        return f"{states[name]}, was good: {reasons.get(name) or 'no reason'}"
    entries = {entry["format"]: entry for entry in part["formats"]}
    entry = entries.get(name.split("/")[1])
    if entry is not None and "reason" in entry:
        return f"{entry['verdict']} any more: {entry['reason']}"
    return "not judged any more" + (f": {part['incomplete']}" if part["incomplete"] else "")


def _grouped(found: Iterator[tuple[str, str]]) -> Iterator[str]:
    for (place, text), count in Counter(found).items():
        yield f"{place}: {count} {'case or promise' if count == 1 else 'cases and promises'} {text}"


def _grown(old: dict, new: dict, slack: float) -> Iterator[str]:
    before = {case["id"]: float(case["error"]) for case in old["cases"] if "error" in case}
    for case in new["cases"]:
        earlier, error = before.get(case["id"]), float(case.get("error", 0))
        if earlier is not None and case["result"] == "passed" and error > earlier + slack:
            yield f"{case['id']}: off by {error:.4g} ulp, was {earlier:.4g}"


def _changed(what: str, before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield f"{what} {name}: {after.get(name, 'none')}, was {before.get(name, 'none')}"
