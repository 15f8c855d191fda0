"""The document of a run: plain JSON values that every other form of a report is made from.

`report.schema.json` says what is in it. The footer comes last and counts: a file without it is truncated.
"""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from softmax_ref.conformance.reports.entries import (
    case_entry,
    failure_entry,
    flag_entry,
    number,
    policy_entries,
    promise_entry,
)
from softmax_ref.conformance.reports.legible import legible
from softmax_ref.corpus import CORPUS_VERSION

if TYPE_CHECKING:
    from softmax_ref.conformance.report import FormatResult, Report

__all__ = ["SCHEMA_VERSION", "document", "to_json"]

SCHEMA_VERSION = 1
RESULTS = ("passed", "failed", "skipped", "expected")
"""What can become of a case; `expected` failed, as a list of expected failures says."""
STATES = ("kept", "broken", "refused", "expected")
"""What can become of a promise."""
LINE = 4
"""Depth from which JSON stands in one line: a case, a promise or a failure each."""


def document(reports: Sequence[Report], date: str | None = None) -> dict:
    """Return reports as plain JSON values.

    Parameters
    ----------
    reports : sequence of Report
        One for each function of one implementation.
    date : str, optional
        When it was judged. Absent by default: the same run then gives the same bytes.
    """
    parts = [_part(report) for report in reports]
    counts = Counter(case["result"] for part in parts for case in part["cases"])
    return {
        "header": _header(reports) | {"date": date},
        "conforms": bool(parts) and all(part["conforms"] for part in parts),
        "reports": parts,
        "footer": {
            "reports": len(parts),
            "cases": counts.total(),
            **{result: counts[result] for result in RESULTS},
            "promises": sum(len(part["promises"]) for part in parts),
            "failures": sum(len(part["failures"]) for part in parts),
        },
    }


def to_json(plain: dict) -> str:
    """Return a document as text: a line for each case, each promise and each failure."""
    return _lines(plain, 0) + "\n"


def _lines(value, depth: int) -> str:
    if depth == LINE or not value or not isinstance(value, (dict, list)):
        return json.dumps(value, allow_nan=False)
    if isinstance(value, dict):
        inner, ends = [f"{json.dumps(key)}: {_lines(one, depth + 1)}" for key, one in value.items()], "{}"
    else:
        inner, ends = [_lines(one, depth + 1) for one in value], "[]"
    indent = "\n" + " " * depth
    return ends[0] + indent + " " + f",{indent} ".join(inner) + indent + ends[1]


def _header(reports: Sequence[Report]) -> dict:
    return {
        "schema_version": SCHEMA_VERSION,
        "package_version": version("softmax_ref"),
        "corpus_version": CORPUS_VERSION,
        "implementation": legible(", ".join(dict.fromkeys(report.name for report in reports))),
        "functions": [report.function for report in reports],
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
    }


def _part(report: Report) -> dict:
    failed = {failure.case for failure in report.failures}
    cases = [case_entry(v, report, v.case.id in failed) for r in report.judged for v in r.verdicts]
    found = [(r.format.name, r.findings) for r in report.judged] + [("integer", report.integers)]
    promises = [promise_entry(fmt, finding, report) for fmt, findings in found for finding in findings]
    return {
        "implementation": legible(report.name),
        "function": report.function,
        "require": report.require,
        "selection": legible(report.selection) if report.selection else None,
        "declaration": report.declaration and legible(report.declaration),
        "conforms": report.conforms,
        "incomplete": report.incomplete and legible(report.incomplete),
        "formats": list(_formats(report, cases, promises)),
        "policies": policy_entries(report),
        "causes": [
            vars(cause) | {"agreement": round(cause.agreement, 3), "surely": cause.surely} for cause in report.causes
        ],
        "flags": [flag_entry(*counted) for counted in report.flag_counts()],
        "cases": cases,
        "promises": promises,
        "expected": [
            {"id": name, "reason": legible(entry.reason), "link": entry.link and legible(entry.link)}
            for name, entry in report.expected.items()
        ],
        "failures": [failure_entry(f) for f in report.failures],
    }


def _formats(report: Report, cases: list[dict], promises: list[dict]) -> Iterator[dict]:
    """Yield what became of each format; integers are one, of which there are no cases."""
    for r in report.results:
        if r.not_offered is None:
            yield _format(r.format.name, cases, promises) | _accuracy(r, report)
        else:
            yield {"format": r.format.name} | _absent(r.not_offered)
    if report.integers:
        yield _format("integer", cases, promises) | {"level": None, "label": None, "largest_error": None}


def _absent(reason: str) -> dict:
    mark = "not judged: "
    verdict = "not judged" if reason.startswith(mark) else "not offered"
    return {"verdict": verdict, "reason": legible(reason.removeprefix(mark))}


def _format(name: str, cases: list[dict], promises: list[dict]) -> dict:
    results = Counter(case["result"] for case in cases if case["id"].split("/")[1] == name)
    states = Counter(promise["state"] for promise in promises if promise["format"] == name)
    told = results.total() > results["skipped"] or states.total() > states["refused"]
    fails = results["failed"] or states["broken"]
    return {
        "format": name,
        "verdict": "fails" if fails else "conforms" if told else "not judged",
        "cases": {"all": results.total()} | {result: results[result] for result in RESULTS},
        "promises": {"all": states.total()} | {state: states[state] for state in STATES},
    }


def _accuracy(result: FormatResult, report: Report) -> dict:
    ulps = [e for v in result.judged if v.case.policy is None for e in v.error.tolist()]
    return {"level": report.level(result), "label": result.label, "largest_error": number(max(ulps, default=None))}
