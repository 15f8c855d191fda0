"""A check in pieces: a case, a kind of promise, the policies; each can be asked alone, in any order, in any process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from softmax_ref.conformance.adapters import dtype_of
from softmax_ref.conformance.contract import Finding, array_contract, empty_axis, integer_contract
from softmax_ref.conformance.failures import Failure, case_failure
from softmax_ref.conformance.judge import LEVELS, Verdict, judge, telling
from softmax_ref.conformance.memory import first_call
from softmax_ref.conformance.promises import asking, of_copies
from softmax_ref.conformance.report import FormatResult, Report
from softmax_ref.conformance.selection import Scope
from softmax_ref.conformance.told import Told, told_of, told_of_all
from softmax_ref.corpus import ALIASES, CORPUS_FUNCTIONS, Case, formats_of, load
from softmax_ref.corpus.policies import check_policies
from softmax_ref.formats import get_format

__all__ = ["Pieces"]


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
    scope : Scope
        The declared working format and domain.
    offered : sequence of str, optional
        The formats that it takes, where that is known. Default: all.
    seen : bool
        Whether what it does to memory is seen: not of a target that is given copies.

    Raises
    ------
    ValueError
        An unknown function, format, level, policy or outcome, or a domain of unknown names.
    """

    fn: Callable
    function: str
    formats: tuple[str, ...] | None = None
    require: str = "standard"
    declared: dict[str, str] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    offered: Sequence[str] | None = None
    seen: bool = True

    def __post_init__(self):
        _known("function", self.function, (*CORPUS_FUNCTIONS, *ALIASES))
        _known("require", self.require, LEVELS)
        for wanted in self.formats or ():
            _known("formats", wanted, (*formats_of(self.stored), "integer"))
        check_policies(self.declared)
        self.scope.refuse_unknown([self.stored], self.asked)
        for name in ("inside", "first", "findings"):  # one answer for each format, kept for the life of this object
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

    def _inside(self, fmt: str) -> list[Case]:
        return self.scope.inside(load(self.stored, fmt))

    def _first(self, fmt: str) -> Verdict:
        return judge(self.fn, self.inside(fmt)[0], dtype_of(get_format(fmt)))

    def not_offered(self, fmt: str) -> str | None:
        """Return why a format is not judged, or None."""
        if dtype_of(get_format(fmt)) is None:
            return f"not offered: needs the package ml_dtypes for arrays of {fmt}"
        if self.offered is not None and fmt not in self.offered:
            return f"not offered in {fmt}, but in {', '.join(self.offered)}"
        if not self.inside(fmt):
            return f"not judged in {fmt}: nothing is inside of the declaration"
        refusal = _raised(self.first(fmt), "TypeError", "NotOffered") if self.formats is None else None
        return refusal and f"not offered in {fmt}: {refusal}"

    def case(self, case: Case) -> Told:
        """Judge one case."""
        inside = self.scope.declaration.of(case)
        skipped = inside if isinstance(inside, str) else self.not_offered(case.format.name)
        if skipped:
            return Told(skipped=skipped)
        verdict = self.verdict(inside)
        if refusal := _raised(verdict, "NotOffered"):
            return Told(skipped=refusal)
        failure = None if verdict.passes(self.require) else case_failure(verdict, self.require)
        if failure is None and (verdict.flushed.any() or case.policy):
            failure = self.policy_failures.get(case.id)
        return Told({case.id: failure})

    def verdict(self, case: Case) -> Verdict:
        """Run one case."""
        return judge(self.fn, self.scope.declaration.of(case), dtype_of(case.format))

    def contract(self, fmt: str, kind: str) -> Told:
        """Check the promises of one kind in one format."""
        skipped = self.not_offered(fmt)
        if skipped:
            return Told(skipped=skipped)
        return told_of(self.findings(fmt), self.stored, fmt, kind)

    def _findings(self, fmt: str) -> list[Finding]:
        cases, dtype = self.inside(fmt), dtype_of(get_format(fmt))
        with asking(self.scope.asks(self.stored, fmt)):
            contract = list(array_contract(self.fn, cases, dtype, self.require))
        found = [first_call(self.fn, self.first(fmt), dtype), *contract]
        return found if self.seen else [*map(of_copies, found)]

    def integer(self) -> Told:
        """Check what integers give."""
        if self.scope.declaration.text:
            return Told(skipped="not asked of integers: a working format or a domain is declared")
        return told_of_all(integer_contract(self.fn, self.stored), "integer")

    def policies(self) -> Told:
        """Check that every question has one answer, in all formats together."""
        if not self.report.judged:
            return Told(skipped="no format is offered")
        names = dict.fromkeys((*self.report.names, *self.policy_failures))
        return Told({name: self.policy_failures.get(name) for name in names if name.startswith("policy/")})

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
        cases = [case for case in self.inside(fmt) if case.policy or telling(case).any()]
        verdicts = [verdict for verdict in map(self.verdict, cases) if not _raised(verdict, "NotOffered")]
        return verdicts, [], empty_axis(self.fn, self.stored, dtype)


def _raised(verdict: Verdict, *errors: str) -> str | None:
    """Return what a call said that refused to answer, or None."""
    texts = (text for flag, text in verdict.problems if flag == "raises")
    return next((text for text in texts if text.partition(":")[0] in errors), None)


def _known(argument: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise ValueError(f"{argument} needs to be one of {', '.join(known)}, got {value!r}")
