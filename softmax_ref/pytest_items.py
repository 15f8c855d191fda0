"""The tests that pytest --softmax-ref adds: they belong to no file, and every worker collects the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest

from softmax_ref.conformance.declared import declare
from softmax_ref.conformance.explained import explain_case, explain_promises
from softmax_ref.conformance.pieces import Pieces
from softmax_ref.conformance.selection import Scope, matches, refuse_unmatched
from softmax_ref.conformance.targets.finding import find_target
from softmax_ref.conformance.told import Told, kinds_of
from softmax_ref.conformance.xfails import ExpectedFailure, expected_by, out_of_date, read_xfails
from softmax_ref.corpus import Case, load

__all__ = ["Piece", "Target"]


PROMISES = ("contract", "policy", "*", "?")
"""How an entry starts that may speak of what is no case."""


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

    def collect(self) -> list[Piece]:
        """Return a test for each piece of the check; what is wrong with the call is said in one line."""
        option = self.config.option
        try:
            pieces = self._pieces(option)
            expected = read_xfails(option.softmax_ref_xfails) if option.softmax_ref_xfails else ()
            tests = [
                Piece.from_parent(self, name=name, of=pieces, ask=ask, case=case, expected=expected)
                for name, ask, case in _parts(pieces)
            ]
            refuse_unmatched(option.softmax_ref_select, [test.name for test in tests], "--softmax-ref-select")
        except (OSError, TypeError, ValueError) as error:
            raise self.CollectError(f"softmax-ref: {error}") from None
        chosen = [test for test in tests if matches(test.name, option.softmax_ref_select)]
        if expected:
            ask = partial(_out_of_date, expected, tuple(chosen))
            chosen.append(Piece.from_parent(self, name="xfails", of=pieces, ask=ask, expected=()))
        return chosen

    def _pieces(self, option) -> Pieces:
        found = find_target(self.name, option.softmax_ref_function, option.softmax_ref_vjp, option.softmax_ref_array)
        said = {"working_format": option.softmax_ref_working_format, "domain": option.softmax_ref_domain}
        said = {name: text or found.declared.get(name) for name, text in said.items()}
        policies = found.declared.get("policies", {}) | _pairs(option.softmax_ref_policies)
        formats = tuple(_split(option.softmax_ref_formats)) or None
        asked = (formats, option.softmax_ref_require, policies, Scope(declaration=declare(**said)))
        return Pieces(found.call, found.function, *asked, found.formats, found.contract)


def _parts(pieces: Pieces) -> Iterator[tuple[str, Callable[[], Told], Case | None]]:
    """Yield the name of each test, what it asks, and its case; the same ones whatever the implementation does."""
    yield "judged", pieces.judged, None
    for fmt in pieces.asked:
        for case in load(pieces.stored, fmt):
            yield case.id, partial(pieces.case, case), case
        for kind in kinds_of(pieces.stored, fmt):
            yield f"contract/{fmt}/{kind}", partial(pieces.contract, fmt, kind), None
    if pieces.integers:
        yield "contract/integer", pieces.integer, None
    yield "policies", pieces.policies, None


def _out_of_date(expected: Sequence[ExpectedFailure], tests: Sequence[Piece]) -> Told:
    """Judge again all that is expected to fail: a worker knows not what the others have seen."""
    promises = any(entry.id.startswith(PROMISES) for entry in expected)
    told = [test.ask() for test in tests if (expected_by(expected, test.name) if test.case else promises)]
    judged = {id: failure for one in told for id, failure in one.failures.items()}
    failed = [id for id, failure in judged.items() if failure]
    return Told({failure.case: failure for failure in out_of_date(expected, failed, judged)})


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _pairs(text: str | None) -> dict[str, str]:
    return {name: answer for name, _, answer in (part.partition("=") for part in _split(text))}


class Piece(pytest.Item):
    """One case, or the promises of one kind."""

    def __init__(self, *, of: Pieces, ask: Callable[[], Told], expected: Sequence[ExpectedFailure], case=None, **more):
        super().__init__(**more)
        self.pieces, self.ask, self.expected, self.case = of, ask, expected, case
        self.add_marker("softmax_ref")
        self.extra_keyword_matches.update(case.flags if case else ())

    def runtest(self) -> None:
        """Judge."""
        told = self.ask()
        if told.skipped:
            pytest.skip(told.skipped)
        failures = [failure for failure in told.failures.values() if failure]
        unexpected = [failure for failure in failures if not expected_by(self.expected, failure.case)]
        if unexpected:
            raise NotConforming(self._text(unexpected))
        if failures:
            pytest.xfail("; ".join(dict.fromkeys(expected_by(self.expected, f.case).reason for f in failures)))

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
