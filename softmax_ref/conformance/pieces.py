"""A check in pieces: a case, a kind of promise, the policies; each can be asked alone, in any order, in any process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property

from softmax_ref.conformance.adapters import dtype_of
from softmax_ref.conformance.contract import Finding, array_contract, empty_axis, integer_contract
from softmax_ref.conformance.failures import Failure, broken_promise, case_failure
from softmax_ref.conformance.judge import LEVELS, Verdict, judge, telling
from softmax_ref.conformance.memory import first_call
from softmax_ref.conformance.report import FormatResult, Report
from softmax_ref.corpus import ALIASES, CORPUS_FUNCTIONS, Case, formats_of, load
from softmax_ref.corpus.policies import check_policies
from softmax_ref.formats import get_format

__all__ = ["Pieces", "Told", "kinds_of"]

PLAIN = ("raises", "dtype-changed", "shape-changed", "input-overwritten")
"""What any call may do wrong: where no promise is broken in this way, all is well."""
PROMISES = (
    "not-repeatable",
    "result-aliased",
    "memory-layout",
    "axis",
    "row-mixing",
    "empty-array",
    "zero-dimensional",
)
OTHERS = "other-promises"


@dataclass(frozen=True)
class Told:
    """What a piece of a check tells.

    Attributes
    ----------
    failures : dict of str to Failure or None
        For each case or promise by its id: how it failed, or None.
    skipped : str or None
        Why nothing was judged; never a pass.
    """

    failures: dict[str, Failure | None] = field(default_factory=dict)
    skipped: str | None = None


def kinds_of(function: str, fmt: str) -> tuple[str, ...]:
    """Return the kinds of promises that are asked of a function in a format, whatever the implementation does."""
    names = {name for case in load(function, fmt)[:9] for name in case.inputs}
    labels = ("label-type", "label-out-of-range") if "labels" in names else ()
    parameters = ("parameter",) if any(case.parameters for case in load(function, fmt)) else ()
    wide = {"binary64": ("byte-order", "other-dtype"), "binary32": ("byte-order",)}.get(fmt, ())
    return (*PLAIN, *PROMISES, *wide, *labels, *parameters, OTHERS)


@dataclass(frozen=True, eq=False)
class Pieces:
    """One implementation, to be asked piece by piece.

    Parameters
    ----------
    fn : callable
        The implementation.
    function : str
        What it computes.
    formats : sequence of str, optional
        As in `softmax_ref.check`: default is all that the implementation takes, and integers.
    require : str
        The level that every component has to reach.
    declared : dict of str to str
        Declared policies.

    Raises
    ------
    ValueError
        An unknown function, format, level, policy or outcome.
    """

    fn: Callable
    function: str
    formats: tuple[str, ...] | None = None
    require: str = "standard"
    declared: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        _known("function", self.function, (*CORPUS_FUNCTIONS, *ALIASES))
        _known("require", self.require, LEVELS)
        for wanted in self.formats or ():
            _known("formats", wanted, (*formats_of(self.stored), "integer"))
        check_policies(self.declared)
        for name in ("first", "findings"):  # one answer for each format, kept for the life of this object
            object.__setattr__(self, name, cache(getattr(self, f"_{name}")))

    @property
    def stored(self) -> str:
        """The function under the name of its files."""
        return ALIASES.get(self.function, self.function)

    @property
    def asked(self) -> tuple[str, ...]:
        """The formats that are judged if the implementation takes them."""
        return tuple(f for f in formats_of(self.stored) if self.formats is None or f in self.formats)

    @property
    def integers(self) -> bool:
        """Whether integers are asked about."""
        return self.formats is None or "integer" in self.formats

    def _first(self, fmt: str) -> Verdict:
        return judge(self.fn, load(self.stored, fmt)[0], dtype_of(get_format(fmt)))

    def not_offered(self, fmt: str) -> str | None:
        """Return why a format is not judged, or None."""
        if dtype_of(get_format(fmt)) is None:
            return f"not offered: needs the package ml_dtypes for arrays of {fmt}"
        raised = [text for flag, text in self.first(fmt).problems if flag == "raises" and text.startswith("TypeError:")]
        return f"not offered in {fmt}: {raised[0]}" if raised and self.formats is None else None

    def case(self, case: Case) -> Told:
        """Judge one case."""
        skipped = self.not_offered(case.format.name)
        if skipped:
            return Told(skipped=skipped)
        verdict = self.verdict(case)
        failure = None if verdict.passes(self.require) else case_failure(verdict, self.require)
        if failure is None and (verdict.flushed.any() or case.policy):
            failure = self.policy_failures.get(case.id)
        return Told({case.id: failure})

    def verdict(self, case: Case) -> Verdict:
        """Run one case."""
        return judge(self.fn, case, dtype_of(case.format))

    def contract(self, fmt: str, kind: str) -> Told:
        """Check the promises of one kind in one format."""
        skipped = self.not_offered(fmt)
        if skipped:
            return Told(skipped=skipped)
        kinds = kinds_of(self.stored, fmt)
        mine = [f for f in self.findings(fmt) if kind == (f.flag if f.flag in kinds else OTHERS)]
        return _told(
            mine, fmt, "" if kind in (*PLAIN, OTHERS) else "not asked: calls differ, or their values are wrong"
        )

    def _findings(self, fmt: str) -> list[Finding]:
        cases, dtype = load(self.stored, fmt), dtype_of(get_format(fmt))
        return [first_call(self.fn, self.first(fmt), dtype), *array_contract(self.fn, cases, dtype, self.require)]

    def integer(self) -> Told:
        """Check what integers give."""
        return _told(list(integer_contract(self.fn, self.stored)), "integer", "no integers fit this function")

    def policies(self) -> Told:
        """Check that every question has one answer, in all formats together."""
        if not self.report.judged:
            return Told(skipped="no format is offered")
        failed = {id: failure for id, failure in self.policy_failures.items() if id.startswith("policy/")}
        return Told({f"policy/{question}": None for question in self.report.policies} | failed)

    def judged(self) -> Told:
        """Fail where nothing can be judged: all skipped is no pass."""
        reasons = {fmt: self.not_offered(fmt) for fmt in self.asked}
        refused = self.integer() if self.integers and None not in reasons.values() else Told()
        if None in reasons.values() or refused.failures:
            return Told({"judged": None})
        reason = "; ".join(["nothing was judged", *filter(None, reasons.values())])
        return Told({"judged": Failure("judged", (), reason)})

    @cached_property
    def policy_failures(self) -> dict[str, Failure]:
        """What fails by the policies alone, by id."""
        return {failure.case: failure for failure in self.report.failures}

    @cached_property
    def report(self) -> Report:
        """The report of the cases that tell a policy."""
        results = [FormatResult(get_format(f), *self._telling(f)) for f in self.asked if self.not_offered(f) is None]
        return Report("", self.function, self.require, results, [], self.declared)

    def _telling(self, fmt: str) -> tuple[list[Verdict], list[Finding], str | None]:
        dtype = dtype_of(get_format(fmt))
        cases = [case for case in load(self.stored, fmt) if case.policy or telling(case).any()]
        return [self.verdict(case) for case in cases], [], empty_axis(self.fn, self.stored, dtype)


def _known(argument: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise ValueError(f"{argument} needs to be one of {', '.join(known)}, got {value!r}")


def _told(findings: Iterable[Finding], fmt: str, unasked: str) -> Told:
    """Tell of findings; where all are refused, nothing was judged."""
    findings = list(findings)
    failures = {
        f"contract/{fmt}/{f.name}": broken_promise(f, fmt) if f.state == "broken" else None
        for f in findings
        if f.state != "refused"
    }
    if failures or not findings:
        return Told(failures, unasked if not failures and unasked else None)
    return Told(skipped=f"refused: {findings[0].text}")
