"""The tests that pytest --softmax-ref adds: they belong to no file, and every worker collects the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

import pytest

from softmax_ref.cli.shared import CallError, import_target
from softmax_ref.conformance.explained import explain_case, explain_promises
from softmax_ref.conformance.pieces import Pieces, Told, kinds_of
from softmax_ref.corpus import ALIASES, CORPUS_FUNCTIONS, load

__all__ = ["Piece", "Target"]


class NotConforming(Exception):
    """A verdict, and no fault of the plugin: its text is all there is to show."""


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Put the targets beside the files and folders of the session."""
    report = yield
    if isinstance(collector, pytest.Session) and report.passed:
        names = dict.fromkeys(collector.config.option.softmax_ref_targets)
        report.result = [*report.result, *(Target.from_parent(collector, name=name, nodeid=name) for name in names)]
    return report


class Target(pytest.Collector):
    """One function to judge."""

    def collect(self) -> Iterator[Piece]:
        """Yield a test for each piece of the check."""
        pieces = self._pieces()
        select = self.config.option.softmax_ref_select or "*"
        found = [piece for piece in self._all(pieces) if fnmatchcase(piece.name, select)]
        if not found:
            raise self.CollectError(f"--softmax-ref-select: no id matches, got {select!r}")
        return iter(found)

    def _pieces(self) -> Pieces:
        """Import the target; what is wrong with the call is said in one line."""
        option = self.config.option
        name = self.name.partition(":")[2].rpartition(".")[2]
        function = option.softmax_ref_function or (name if name in (*CORPUS_FUNCTIONS, *ALIASES) else "softmax")
        require, policies = option.softmax_ref_require or "standard", _pairs(option.softmax_ref_policies)
        formats = tuple(option.softmax_ref_formats.split(",")) if option.softmax_ref_formats else None
        try:
            return Pieces(import_target(self.name), function, formats, require, policies)
        except (CallError, ValueError) as error:
            raise self.CollectError(f"softmax-ref: {error}") from None

    def _all(self, pieces: Pieces) -> Iterator[Piece]:
        def piece(name: str, ask: Callable[[], Told], case=None) -> Piece:
            return Piece.from_parent(self, name=name, ask=ask, pieces=pieces, case=case)

        yield piece("judged", pieces.judged)
        for fmt in pieces.asked:
            for case in load(pieces.stored, fmt):
                yield piece(case.id, lambda case=case: pieces.case(case), case)
            for kind in kinds_of(pieces.stored, fmt):
                yield piece(f"contract/{fmt}/{kind}", lambda fmt=fmt, kind=kind: pieces.contract(fmt, kind))
        if pieces.integers:
            yield piece("contract/integer", pieces.integer)
        yield piece("policies", pieces.policies)


def _pairs(text: str | None) -> dict[str, str]:
    return {name: answer for name, _, answer in (pair.partition("=") for pair in (text or "").split(",") if pair)}


class Piece(pytest.Item):
    """One case, or the promises of one kind."""

    def __init__(self, *, ask: Callable[[], Told], pieces: Pieces, case=None, **more):
        super().__init__(**more)
        self.ask, self.pieces, self.case = ask, pieces, case
        self.add_marker("softmax_ref")
        self.extra_keyword_matches.update(case.flags if case else ())

    def runtest(self) -> None:
        """Judge."""
        told = self.ask()
        if told.skipped:
            pytest.skip(told.skipped)
        failures = [failure for failure in told.failures.values() if failure]
        if failures:
            raise NotConforming(self._text(failures))

    def _text(self, failures) -> str:
        if self.case is None:
            return explain_promises(failures)
        return explain_case(self.pieces.verdict(self.case), failures[0], self.pieces.require)

    def repr_failure(self, excinfo, style=None):
        """Show a verdict without a traceback."""
        if isinstance(excinfo.value, NotConforming):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        """Name the case; there is no line of a file."""
        return self.path, 0, self.name
