"""Where a library answers one question of the corpus in two ways: the two cases that show it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from softmax_ref.conformance import Report
from softmax_ref.conformance.judge import Verdict
from softmax_ref.corpus import Case

__all__ = ["Answer", "differing", "empty_axes"]


@dataclass(frozen=True)
class Answer:
    """What a case gave in the stored component `at`."""

    case: Case
    at: int
    got: float

    @property
    def component(self) -> tuple[int, ...]:
        """The index of it in the result."""
        return tuple(int(n) for n in np.unravel_index(int(self.case.at[self.at]), self.case.shape))


PAIRS = 4
"""Pairs of cases that are named, so that one of them can be shown."""


def differing(report: Report, apart: bool) -> dict[str, list[tuple[Answer, Answer]]]:
    """Return, for each question with two answers, pairs of cases that give them: of two formats, or of one."""
    asked: dict[str, list[Verdict]] = {}
    for verdict in (v for result in report.judged for v in result.judged if v.outcomes):
        asked.setdefault(verdict.case.policy, []).append(verdict)
    found = {name: _pairs(verdicts, apart) for name, verdicts in asked.items()}
    if apart:
        found["subnormal"] = _subnormal(report)
    return {name: pairs for name, pairs in found.items() if pairs}


def _pairs(verdicts: list[Verdict], apart: bool) -> list[tuple[Answer, Answer]]:
    pairs = [
        (a, b)
        for a, b in combinations(verdicts, 2)
        if not a.outcomes & b.outcomes and (a.case.format != b.case.format) == apart
    ]
    shortest = sorted(pairs, key=lambda pair: sum(len(v.got) for v in pair))[:PAIRS]
    return [(_answer(a, b), _answer(b, a)) for a, b in shortest]


def _answer(one: Verdict, other: Verdict) -> Answer:
    """Return the first component in which one case does not give what the other one says."""
    said = [one.case.outcomes[name] for name in other.outcomes if name in one.case.outcomes]
    apart = np.all([(one.got != values) & ~(np.isnan(one.got) & np.isnan(values)) for values in said], axis=0)
    return _at(one, int(np.argmax(apart)))


def _at(verdict: Verdict, at: int) -> Answer:
    return Answer(verdict.case, at, float(verdict.got[at]))


def _subnormal(report: Report) -> list[tuple[Answer, Answer]]:
    """Return results that became 0 in a format that does so throughout, and such that another format keeps."""
    sides = []
    for answer in ("flushed", "gradual"):
        verdicts = [v for r in report.judged if r.subnormal == {answer} for v in r.judged if getattr(v, answer).any()]
        shortest = sorted(verdicts, key=lambda v: len(v.got))[:PAIRS]
        sides.append([_at(verdict, int(np.argmax(getattr(verdict, answer)))) for verdict in shortest])
    return list(zip(*sides, strict=False))


def empty_axes(report: Report) -> dict[str, str]:
    """Return what each format gives along an axis without entries, where these are not all one known answer."""
    seen = {r.format.name: r.empty_axis for r in report.judged if r.empty_axis}
    return seen if len(set(seen.values())) > 1 or "other" in seen.values() else {}
