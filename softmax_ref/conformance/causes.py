"""The likely cause: whose failures in the table of faults and cases are most like these?

The table is read as data; the faulty implementations themselves are not needed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from softmax_ref.conformance.precision import computed_in
from softmax_ref.corpus import ALIASES, CORPUS_VERSION

if TYPE_CHECKING:
    from softmax_ref.conformance.report import Report

__all__ = ["LIKELY", "Cause", "likely_causes"]

TABLE = Path(__file__).parents[1] / "faults" / "table.json"
LIKELY = 0.5
"""Agreement below which nothing is told.

A sample of 150 faults, judged afresh in all formats: the first cause told is of the right class in 145. With the fault
itself taken out of the table, 85 are told something, and the first cause is of the right class in 29 of 36 with an
agreement of at least 0.8, in 23 of 49 below. Hence the words of `Cause.surely`.
"""
SURELY = 0.8
NEARLY = 0.9
"""Causes whose agreement is this share of the best are told with it."""

Places = Mapping[str, frozenset[str]]
"""Places (``family/slug`` or ``contract/promise``) by format."""


@dataclass(frozen=True)
class Cause:
    """A fault of the catalogue that fails in much the same places.

    Attributes
    ----------
    name, flag, text : str
        The fault, the class of its cause, and what is wrong with it; or a format that has fewer digits.
    agreement : float
        From 0 to 1; 1 where the same cases and promises fail.
    common, failed, passed : int
        Failures that are the fault's too, all failures where it has any, and failures of the fault that passed here.
    """

    name: str
    flag: str
    text: str
    agreement: float
    common: int
    failed: int
    passed: int

    @property
    def surely(self) -> bool:
        """Whether the agreement is good enough to say more than perhaps."""
        return self.agreement >= SURELY

    def __str__(self) -> str:
        passed = f"; {self.passed} of its own pass here" if self.passed else ""
        return f"{self.text} ({self.name}: {self.common} of {self.failed} failures in common{passed})"


def likely_causes(report: Report, most: int = 3) -> list[Cause]:
    """Return the faults that a report looks like, the likeliest first; none where none is alike."""
    failed, fewer = _failed(report), computed_in(report)
    if fewer or not failed:
        return [_of_precision(work, told) for work, told in fewer.items()]
    judged, flags = _judged(report), _flags(report)
    function = ALIASES.get(report.function, report.function)
    rows = [(n, row) for n, row in _table().items() if n.startswith(f"{function}/") and row["flag"] in flags]
    found = [_compared(name, row, failed, judged) for name, row in rows]
    found = sorted((cause for cause in found if cause.agreement >= LIKELY), key=lambda c: (-c.agreement, c.name))
    return [cause for cause in found if cause.agreement >= NEARLY * found[0].agreement][:most]


def _of_precision(work: str, told: list[tuple[str, int, int]]) -> Cause:
    """Return a format with fewer digits as a cause: all that its bounds judge agrees with them."""
    inputs = ", ".join(fmt for fmt, *_ in told)
    text = f"inputs of {inputs} are computed in {work} throughout; --working-format {work} would judge it so"
    passed, failed = (sum(counts) for counts in zip(*(rest for _, *rest in told), strict=True))
    return Cause(f"working format {work}", "working-precision", text, 1.0, passed, failed, 0)


def _compared(name: str, row: dict, failed: Places, judged: Places) -> Cause:
    """Compare where a fault fails with what failed, among the places that were judged."""
    places = {fmt: places & judged[fmt] for fmt, places in row["places"].items() if fmt in judged}
    places = {fmt: found for fmt, found in places.items() if found}
    # Integers fail beside most faults, and are recorded of those alone that are about integers.
    both, either = failed.keys() & places.keys(), failed.keys() - {"integer"} | places.keys()
    common = sum(len(failed[fmt] & places[fmt]) for fmt in both)
    here, there = (sum(len(found[fmt]) for fmt in both) for found in (failed, places))
    agreement = common / (here + there - common) * (len(both) / len(either)) ** 0.5 if common else 0.0
    return Cause(name, row["flag"], row["text"], agreement, common, here, there - common)


def _flags(report: Report) -> set[str]:
    """Return the classes that come into question: those of the failures, or the one thing wrong with most answers."""
    plain = Counter(v.problems[0][0] for r in report.judged for v in r.judged if v.problems)
    flag, count = plain.most_common(1)[0] if plain else ("", 0)
    return {flag} if 2 * count > len(report.failures) else {flag for f in report.failures for flag in f.flags}


def _failed(report: Report) -> Places:
    return _by_format([*(failure.case for failure in report.failures), *report.expected])


def _judged(report: Report) -> Places:
    promises = [(r.format.name, r.findings) for r in report.judged] + [("integer", report.integers)]
    return _by_format(
        [v.case.id for r in report.judged for v in r.judged]
        + [f"contract/{fmt}/{f.name}" for fmt, findings in promises for f in findings if f.state != "refused"]
    )


def _by_format(ids: list[str]) -> Places:
    """Return the places of cases and promises; policies have none, as they are about several formats."""
    found: dict[str, set[str]] = {}
    for name in ids:
        first, _, rest = name.partition("/")
        if first not in ("policy", "xfails"):
            fmt, _, place = rest.partition("/")
            found.setdefault(fmt, set()).add(f"contract/{place}" if first == "contract" else place)
    return {fmt: frozenset(places) for fmt, places in found.items()}


@cache
def _table() -> dict[str, dict]:
    """Return each fault with its flag, its text and its places; nothing if the table is of another corpus."""
    stored = json.loads(TABLE.read_text(encoding="utf-8"))
    if stored["corpus_version"] != CORPUS_VERSION:
        return {}
    return {
        name: row | {"places": {fmt: frozenset(places) for formats, places in row["places"] for fmt in formats.split()}}
        for name, row in stored["faults"].items()
    }
