"""What a check found: verdicts by format, failures with the worst first, and the text of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import numpy as np

from softmax_ref.conformance.agreement import agreeing, answer_failures, empty_axis_failures, subnormal_failures
from softmax_ref.conformance.causes import Cause, likely_causes
from softmax_ref.conformance.contract import Finding
from softmax_ref.conformance.failures import Failure, broken_promise, case_failure, ranked_flags
from softmax_ref.conformance.judge import LEVELS, Verdict
from softmax_ref.conformance.xfails import ExpectedFailure, expected_by, out_of_date
from softmax_ref.corpus.policies import declared_answer
from softmax_ref.formats import Format

__all__ = ["FormatResult", "Report"]


@dataclass(frozen=True)
class FormatResult:
    """The verdicts and findings of one format; `not_offered` says why there are none."""

    format: Format
    verdicts: list[Verdict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    empty_axis: str | None = None
    not_offered: str | None = None

    @property
    def judged(self) -> list[Verdict]:
        """The verdicts of the cases that were not skipped."""
        return [v for v in self.verdicts if v.skipped is None]

    @property
    def skipped(self) -> int:
        """How many cases were not judged."""
        return len(self.verdicts) - len(self.judged)

    def level(self, mixed: bool, but: Collection[str] = ()) -> str | None:
        """Return the strictest level that every judged case reaches, but for some by id; or None."""
        judged = [v for v in self.judged if v.case.id not in but]
        for level in LEVELS if judged else ():
            if all(v.passes(level) and not (mixed and v.flushed.any()) for v in judged):
                return level
        return None

    @property
    def label(self) -> str | None:
        """ "exact" if every component is correctly rounded, "faithful" if less than 1 ulp off, else None."""
        plain = [v for v in self.judged if v.case.policy is None]
        if not plain or any(v.problems for v in plain) or any(v.flushed.any() for v in plain):
            return None
        if all(np.array_equal(v.got, v.case.values, equal_nan=True) for v in plain):
            return "exact"
        return "faithful" if all((v.error < 1).all() for v in plain) else None

    @property
    def subnormal(self) -> set[str]:
        """The observed answers to the policy of subnormal results."""
        seen = {"flushed"} if any(v.flushed.any() for v in self.verdicts) else set()
        return seen | ({"gradual"} if any(v.gradual.any() for v in self.verdicts) else set())


@dataclass(frozen=True)
class Report:
    """The outcome of `softmax_ref.check`.

    Attributes
    ----------
    name, function, require : str
        What was judged, as what, and the level asked for.
    results : list of FormatResult
        One for each format.
    integers : list of Finding
        What integer arrays gave; empty if not asked.
    declared : dict of str to str
        The declared policies.
    incomplete : str or None
        Why the run ended early; such a report never conforms.
    declaration : str or None
        The declared working format and domain, in words.
    selection : str or None
        What was looked at, where that is not everything.
    xfails : tuple of ExpectedFailure
        What is expected to fail.
    command : tuple of str
        The program that was asked; empty if it was a callable in this process.
    """

    name: str
    function: str
    require: str
    results: list[FormatResult]
    integers: list[Finding]
    declared: dict[str, str]
    incomplete: str | None = None
    declaration: str | None = None
    selection: str | None = None
    xfails: tuple[ExpectedFailure, ...] = ()
    command: tuple[str, ...] = ()

    @property
    def conforms(self) -> bool:
        """Whether the run came to its end, something was judged and nothing failed."""
        return self.incomplete is None and self.told and not self.failures

    @property
    def told(self) -> bool:
        """Whether any call gave an answer to judge."""
        findings = [*self.integers, *(finding for r in self.judged for finding in r.findings)]
        return bool(self._verdicts) or any(finding.state != "refused" for finding in findings)

    @property
    def skipped(self) -> int:
        """How many cases were not judged: neither passed nor failed."""
        return sum(r.skipped for r in self.judged)

    @property
    def judged(self) -> list[FormatResult]:
        """The formats that the implementation offers."""
        return [r for r in self.results if r.not_offered is None]

    @cached_property
    def policies(self) -> dict[str, tuple[str, ...]]:
        """The observed answer to each question; several names where the answers differ or none tells."""
        seen = {name: tuple(sorted(found)) for name, found in agreeing(self._verdicts).items()}
        for key, found in (("empty_axis", self._empty_axis.values()), ("subnormal", chain(*self._subnormal.values()))):
            seen |= {key: answers} if (answers := tuple(sorted(set(found)))) else {}
        return seen

    @property
    def _subnormal(self) -> dict[str, set[str]]:
        return {r.format.name: r.subnormal for r in self.judged if r.subnormal}

    @property
    def _empty_axis(self) -> dict[str, str]:
        return {r.format.name: r.empty_axis for r in self.judged if r.empty_axis}

    @property
    def _verdicts(self) -> list[Verdict]:
        return [v for r in self.judged for v in r.judged]

    @cached_property
    def failures(self) -> list[Failure]:
        """Every failed case and broken promise that was not expected to fail, the worst first; and what of the
        list of expected failures is out of date."""
        stale = out_of_date(self.xfails, [f.case for f in self._found], self.names) if self.xfails else []
        return [*stale, *(f for f in self._found if f.case not in self.expected)]

    @cached_property
    def expected(self) -> dict[str, ExpectedFailure]:
        """The failures that were expected, by id, with the entry that says why."""
        found = {f.case: expected_by(self.xfails, f.case) for f in self._found}
        return {name: entry for name, entry in found.items() if entry is not None}

    @cached_property
    def causes(self) -> list[Cause]:
        """The faults of the catalogue that the failures look like, the likeliest first."""
        return likely_causes(self)

    @cached_property
    def _found(self) -> list[Failure]:
        found = [f for r in self.judged for f in self._case_failures(r)]
        found += answer_failures(self._verdicts, self.declared)
        found += empty_axis_failures(self._empty_axis, self.declared)
        found += subnormal_failures(self._subnormal, self.declared)
        for result in self.judged:
            found += [broken_promise(f, result.format.name) for f in result.findings if f.state == "broken"]
        found += [broken_promise(f, "integer") for f in self.integers if f.state == "broken"]
        return sorted(found, key=lambda f: -f.excess)

    @property
    def names(self) -> list[str]:
        """The ids of all that was judged."""
        promises = [(r.format.name, f) for r in self.judged for f in r.findings] + [
            ("integer", f) for f in self.integers
        ]
        answered = {"empty_axis": self._empty_axis, "subnormal": self._subnormal}
        return [
            *(v.case.id for v in self._verdicts),
            *(f"contract/{fmt}/{f.name}" for fmt, f in promises if f.state != "refused"),
            *(f"policy/{question}" for question in self.policies),
            *(f"policy/{fmt}/{question}" for question, answers in answered.items() for fmt in answers),
        ]

    def _case_failures(self, result: FormatResult) -> list[Failure]:
        declared = declared_answer(self.declared, "subnormal", result.format.name)
        wrong_flush = len(result.subnormal) == 2 or declared == "gradual"
        failures = []
        for verdict in result.judged:
            if not verdict.passes(self.require):
                failures.append(case_failure(verdict, self.require))
            elif wrong_flush and verdict.flushed.any():
                kept = next((v.case.id for v in result.judged if v.gradual.any()), None)
                reason = f"0 here, but subnormal results are kept in {kept}" if kept else "declared gradual"
                failures.append(case_failure(verdict, self.require, reason))
        return failures

    def __str__(self) -> str:
        from softmax_ref.conformance.text import render

        return render(self)

    def to_dict(self) -> dict:
        """Return the report as plain JSON values; a footer tells that it is complete."""
        from softmax_ref.conformance.reports import document

        return document([self])

    def level(self, result: FormatResult) -> str | None:
        """Return the strictest level that a format reaches, expected failures aside, or None."""
        return result.level(mixed=len(result.subnormal) == 2, but=self.expected)

    def flag_counts(self) -> list[tuple[str, int, int]]:
        """Return (flag, failed cases, all cases) for each flag among the failures, the most telling first."""
        return ranked_flags(self.failures, self._verdicts, self.require)
