"""Rows of the scoreboard: one for each function and format, from the report of a check."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from softmax_ref.conformance import Report
from softmax_ref.conformance.judge import Verdict
from softmax_ref.conformance.promises import Finding
from softmax_ref.conformance.report import FormatResult
from softmax_ref.scoreboard.differing import differing, empty_axes

__all__ = ["POLICIES", "alone", "failing_cases", "rows_of", "without_refusals"]

REFUSED, REFUSES = "NotOffered: ", " refuses it: "
POLICIES = "policies"
"""In the place of a format: whether the formats answer alike."""
SHORT = 8
"""An input of so many numbers fits on a line."""


def without_refusals(report: Report) -> Report:
    """Return a report in which what the call has no place for is skipped, and no failure."""
    results = [
        replace(result, verdicts=list(map(_skipping, result.verdicts)), findings=list(map(_refusing, result.findings)))
        for result in report.results
    ]
    return replace(report, results=results, integers=list(map(_refusing, report.integers)))


def _skipping(verdict: Verdict) -> Verdict:
    refusal = next((text for _, text in verdict.problems if text.startswith(REFUSED) or REFUSES in text), None)
    return verdict if refusal is None else Verdict(verdict.case, skipped=refusal.removeprefix(REFUSED))


def _refusing(finding: Finding) -> Finding:
    return replace(finding, state="refused") if REFUSED in finding.text and finding.state == "broken" else finding


def rows_of(report: Report) -> list[dict]:
    """Return the rows of a report: one for each format alone, one for integers, one for what all formats say."""
    rows = [_row(report, result) for result in report.results]
    rows += [_integers(report)] if report.integers else []
    rows += [_policies(report)] if sum(bool(result.judged) for result in report.judged) > 1 and report.policies else []
    return [{key: value for key, value in row.items() if value not in (None, {})} for row in rows]


def alone(report: Report, fmt: str) -> Report:
    """Return the report of one format, without integers."""
    return replace(report, results=[r for r in report.results if r.format.name == fmt], integers=[])


def _row(report: Report, result: FormatResult) -> dict:
    row = {"function": report.function, "format": result.format.name}
    if result.not_offered is not None or not result.judged:
        return row | {"verdict": "not offered", "why": result.not_offered or _reasons(result)}
    report = alone(report, result.format.name)
    failing = {failure.case for failure in report.failures}
    passed = Counter(_side(v) for v in result.judged if v.case.id not in failing)
    total = Counter(map(_side, result.judged))
    level = report.level(result)
    return row | {
        "verdict": _verdict(report, result),
        "level": level,
        "label": result.label if level else None,
        "cases": {"passed": passed.total(), "judged": total.total(), "skipped": result.skipped},
        "axes": {side: [passed[side], total[side]] for side in ("last", "other") if total[side]},
        "skipped": _reasons(result),
        "worst": _worst(result),
        "policies": {name: sorted(seen) for name, seen in report.policies.items()},
        "flags": {flag: [failed, of] for flag, failed, of in report.flag_counts()},
        "broken": _broken(result.findings),
    }


def _broken(findings: list[Finding]) -> dict | None:
    """Return the names of the broken promises, and what was seen of the first."""
    broken = [f for f in findings if f.state == "broken"]
    return {"promises": [f.name for f in broken], "seen": broken[0].text} if broken else None


def _verdict(report: Report, result: FormatResult) -> str:
    """Return conforms, fails, or what kind of failure it is where every case fails in one plain way."""
    if report.conforms:
        return "conforms"
    flags = [{flag for flag, _ in v.problems} for v in result.judged]
    if all("dtype-changed" in seen for seen in flags):
        return "other dtype"
    if all("raises" in seen for seen in flags):
        return "raises"
    return "breaks a promise" if report.level(result) and all(map(_is_promise, report.failures)) else "fails"


def _is_promise(failure) -> bool:
    return failure.case.startswith(("contract/", "policy/"))


def _side(verdict: Verdict) -> str:
    axis = verdict.case.axis
    rank = next(iter(verdict.case.inputs.values())).ndim
    return "last" if axis in (None, -1, rank - 1) else "other"


def _reasons(result: FormatResult) -> str | None:
    return "; ".join(sorted({v.skipped for v in result.verdicts if v.skipped is not None})) or None


def _worst(result: FormatResult) -> dict | None:
    """Return the largest error of a component, in ulp, and its case; policies and flushed results aside."""
    found = [(np.max(v.error[~v.flushed]), v.case.id) for v in result.judged if _is_measured(v)]
    if not found:
        return None
    error, case = max(found, key=lambda pair: pair[0])
    return {"ulp": short(error), "case": case}


def _is_measured(verdict: Verdict) -> bool:
    return verdict.case.policy is None and len(verdict.error) and not verdict.flushed.all()


def short(number: float) -> float | str:
    """Return three digits of a number; JSON has no infinities."""
    return float(f"{number:.3g}") if np.isfinite(number) else str(float(number))


def _integers(report: Report) -> dict:
    broken = [f for f in report.integers if f.state == "broken"]
    refused = sum(f.state == "refused" for f in report.integers)
    verdict = "fails" if broken else "refuses" if refused == len(report.integers) else "conforms"
    judged = len(report.integers) - refused
    return {
        "function": report.function,
        "format": "integer",
        "verdict": verdict,
        "cases": {"passed": judged - len(broken), "judged": judged, "skipped": refused},
        "broken": _broken(report.integers),
    }


def _policies(report: Report) -> dict:
    """Return the row that compares the formats: one question has one answer."""
    seen = {
        question: f"{one.case.id} gave {one.got:.9g}, but {other.case.id} gave {other.got:.9g}"
        for question, [(one, other), *_] in differing(report, apart=True).items()
    }
    empty = empty_axes(report)
    if len(set(empty.values())) > 1:
        seen["empty_axis"] = ", but ".join(f"{answer} in {fmt}" for fmt, answer in empty.items())
    broken = {"promises": list(seen), "seen": next(iter(seen.values()))} if seen else None
    verdict = "fails" if seen else "conforms"
    return {"function": report.function, "format": POLICIES, "verdict": verdict, "broken": broken}


def failing_cases(report: Report, fmt: str) -> list:
    """Return (case, failure) of one format: of the smallest inputs, the worst failure first."""
    report = alone(report, fmt)
    cases = {v.case.id: v.case for result in report.results for v in result.judged}
    known = [(cases[f.case], f) for f in report.failures if f.case in cases]
    return sorted(known, key=lambda pair: ("raises" in pair[1].flags, *_telling(*pair)))


def _telling(case, failure) -> tuple:
    """Among inputs that fit on a line the worst failure comes first, then the shortest input."""
    size = _size(case)
    return max(size, SHORT), -failure.excess, size, case.id


def _size(case) -> int:
    return sum(x.size for x in case.inputs.values())
