"""The entries of a document: a case, a promise, a failure, a policy, a flag, each as plain JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from softmax_ref.conformance.reports.legible import legible
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES
from softmax_ref.corpus.policies import POLICIES

if TYPE_CHECKING:
    from softmax_ref.conformance.failures import Failure
    from softmax_ref.conformance.judge import Verdict
    from softmax_ref.conformance.promises import Finding
    from softmax_ref.conformance.report import Report

__all__ = ["case_entry", "failure_entry", "flag_entry", "number", "policy_entries", "promise_entry"]


def policy_entries(report: Report) -> list[dict]:
    """Return the answers to the questions that were met or declared."""
    return [
        {
            "policy": name,
            "question": POLICIES[name]["question"],
            "observed": list(report.policies.get(name, ())),
            "declared": _declared(report, name),
        }
        for name in dict.fromkeys((*report.policies, *(key.rpartition("/")[2] for key in report.declared)))
    ]


def _declared(report: Report, policy: str) -> str | None:
    """Return what is declared of a policy: for all formats, and beside that for single ones."""
    split = [(*key.rpartition("/")[::2], answer) for key, answer in report.declared.items()]
    told = {fmt: answer for fmt, name, answer in split if name == policy}
    return ", ".join(f"{answer} in {fmt}" if fmt else answer for fmt, answer in sorted(told.items())) or None


def flag_entry(name: str, failed: int, total: int) -> dict:
    """Return what a flag warns of, and how much of it fails."""
    note = (NOTES | CONTRACT_NOTES)[name]
    return {"flag": name, "failed": failed, "cases": total, "bug": note["bug"], "effect": note["effect"]}


def case_entry(verdict: Verdict, report: Report, failed: bool) -> dict:
    """Return what became of a case."""
    name = verdict.case.id
    if verdict.skipped is not None:
        return {"id": name, "result": "skipped", "reason": legible(verdict.skipped)}
    found = {"id": name, "result": "failed" if failed else "passed"}
    if name in report.expected:
        found |= {"result": "expected", "reason": legible(report.expected[name].reason)}
    if verdict.case.policy:
        return found | {"outcomes": sorted(verdict.outcomes)}
    return found | (_worst(verdict, report.require) if len(verdict.error) else {})


def promise_entry(fmt: str, finding: Finding, report: Report) -> dict:
    """Return what became of a promise of the array contract."""
    entry = report.expected.get(f"contract/{fmt}/{finding.name}")
    state, text = ("expected", entry.reason) if entry else (finding.state, finding.text)
    return {"format": fmt, "name": finding.name, "flag": finding.flag, "state": state, "text": legible(text)}


def _worst(verdict: Verdict, level: str) -> dict:
    """Return the component that comes nearest to its bound, or is the furthest past it."""
    case, worst = verdict.case, int(np.argmax(verdict.excess(level)))
    return {
        "component": [int(n) for n in np.unravel_index(int(case.at[worst]), case.shape)],
        "got": _bits(verdict, worst),
        "expected": case.record["expected"]["bits"][worst],
        "error": number(verdict.error[worst]),
        "allowed": number(case.tolerances[level][worst]),
    }


def _bits(verdict: Verdict, at: int) -> str | None:
    """Return the bits of a component; None where it is no number of the format."""
    fmt, got = verdict.case.format, verdict.got[at]
    if not (np.isnan(got) or fmt.cast(got) == got):
        return None
    return f"0x{int(fmt.encode(got)):0{fmt.width // 4}x}"


def failure_entry(found: Failure) -> dict:
    """Return a failure."""
    return {
        "case": found.case,
        "flags": list(found.flags),
        "reason": legible(found.reason),
        "component": found.component and list(found.component),
        **{name: number(getattr(found, name)) for name in ("got", "expected", "error", "allowed")},
    }


def number(x: float | None) -> float | str | None:
    """Return a number that JSON has, or the name of one that it has not."""
    return None if x is None else float(x) if np.isfinite(x) else str(float(x))
