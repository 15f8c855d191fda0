"""The report as text for a terminal or a log."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sized

from rich.console import Console
from rich.table import Table
from rich.text import Text

from softmax_ref.conformance.failures import Failure
from softmax_ref.conformance.judge import Verdict
from softmax_ref.conformance.promises import Finding
from softmax_ref.conformance.report import FormatResult, Report
from softmax_ref.conformance.smallest import arguments_of, component_rows, smallest_failure
from softmax_ref.corpus import CORPUS_VERSION
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES

__all__ = ["render"]

WORDS = ("details", "flags", "kind of bug and its effect", "what was seen")
"""Columns of words, which may wrap; an id or a number is never broken."""
SHOWN = 8
EXPLAINED = 3
REASONS = 2


def render(report: Report, width: int = 120) -> str:
    """Return the text of a report: verdict, formats, what goes wrong, the worst failures."""
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False, markup=False)
    console.print(_first_line(report), soft_wrap=True)
    if report.results or report.integers:
        console.print(_formats(report))
    if report.policies:
        observed = ", ".join(f"{name} = {' or '.join(seen)}" for name, seen in report.policies.items())
        console.print(Text(f"Policies observed: {observed}."))
    if report.failures:
        if report.causes:
            words = "This looks like" if report.causes[0].surely else "Perhaps"
            console.print(Text(f"\n{words}: " + "; or ".join(map(str, report.causes))))
        if report.flag_counts():
            console.print(Text("\nWhat the failures have in common"), _why(report))
        measured = [f for f in report.failures if f.component is not None]
        if measured:
            console.print(Text("\nWorst failures"), _worst(measured))
        if (smallest := smallest_failure(report)) is not None:
            for part in _whole(smallest, report):
                console.print(part)
        seen = [f for f in report.failures if f.component is None]
        if seen:
            console.print(Text("\nBroken promises"), _broken(seen))
    if report.expected:
        console.print(Text("\nExpected failures"), _expected(report))
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def _first_line(report: Report) -> str:
    counts = [(report.skipped, "case", " skipped"), (len(report.expected), "expected failure", "")]
    told = "".join(f", {count} {what}{'s' * (count > 1)}{done}" for count, what, done in counts if count)
    ended = f"; INCOMPLETE: {report.incomplete}" if report.incomplete else ""
    declared = f", declared {report.declaration}" if report.declaration else ""
    selection = f" ({report.selection})" if report.selection else ""
    verdict = f"{_verdict(report)}{ended} (corpus {CORPUS_VERSION}{told})"
    return f"{report.name}{selection} as {report.function}{declared}: {verdict}"


def _verdict(report: Report) -> str:
    if not report.told:
        return "NOTHING WAS JUDGED"
    if report.incomplete and not report.failures:
        return "NOT JUDGED TO THE END"
    if report.conforms:
        return f"CONFORMS at level {report.require}"
    if report.judged and all(failure.case.startswith("contract/integer/") for failure in report.failures):
        return f"CONFORMS at level {report.require} on every float case, BREAKS THE CONTRACT of integer input"
    return f"DOES NOT CONFORM at level {report.require}"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=bool(columns))
    for name in columns:
        right = name in ("cases", "error/ulp", "allowed")
        table.add_column(name, justify="right" if right else "left", overflow="fold", no_wrap=name not in WORDS)
    return table


def _formats(report: Report) -> Table:
    table = _table("format", "verdict", "cases", "details")
    for result in report.results:
        table.add_row(result.format.name, *_format_row(report, result))
    if report.integers:
        table.add_row("integer", *_integer_row(report.integers))
    return table


def _integer_row(findings: list[Finding]) -> tuple[str, str, str]:
    broken = [f for f in findings if f.state == "broken"]
    refused = [f for f in findings if f.state == "refused"]
    if refused and all(f.text.startswith("not asked") for f in refused):
        return "not judged", "-", refused[0].text
    if len(refused) == len(findings):
        return "refused", "-", refused[0].text
    details = broken[0].text if broken else f"{len(refused)} refused" if refused else "the right values"
    return "BROKEN CONTRACT" if broken else "kept", f"{len(findings) - len(broken)}/{len(findings)}", details


def _format_row(report: Report, result: FormatResult) -> tuple[str, str, str]:
    if result.not_offered is not None:
        word = "not judged" if result.not_offered.startswith("not judged: ") else "not offered"
        return word, "-", result.not_offered.removeprefix("not judged: ")
    mine = [name for name in (*(f.case for f in report.failures), *report.expected) if _in_format(name, result)]
    failed = {name for name in mine if not name.startswith(("contract/", "policy/"))}
    unexpected = [name for name in mine if name not in report.expected]
    broken = [f.name for f in result.findings if f.state == "broken"]
    total, level = len(result.judged), report.level(result)
    if not (total or broken):
        kept = [f for f in result.findings if f.state == "kept"]
        return "contract kept" if kept else "not judged", "-", _skipped(result) or f"{len(kept)} promises kept"
    conforms = level and (f"conforms: {level}" if not mine else f"conforms: {level}, but for what is expected")
    verdict = "FAILS" if unexpected or (level is None and len(failed) < total) else conforms or "fails as expected"
    return verdict, f"{total - len(failed)}/{total}", _details(report, result, broken)


def _in_format(name: str, result: FormatResult) -> bool:
    return name.split("/")[1:2] == [result.format.name]


def _details(report: Report, result: FormatResult, broken: list[str]) -> str:
    ulps = [e for v in result.judged if v.case.policy is None for e in v.error.tolist()]
    parts = [f"largest error {max(ulps, default=0):.4g} ulp", result.label or ""]
    parts += [f"array contract broken: {', '.join(broken)}"] if broken else []
    # That text, dates and other kinds are refused is as it should be, and no news.
    told = [f for f in result.findings if f.state == "refused" and f.flag != "other-dtype"]
    refused = [f.name for f in told if "not asked" not in f.text]
    parts += [f"refused: {', '.join(refused)}"] if refused else []
    parts += [_skipped(result)] if result.skipped else []
    return "; ".join(part for part in parts if part)


def _skipped(result: FormatResult) -> str:
    """Return the reasons of the skipped cases, the most frequent first."""
    reasons = Counter(v.skipped for v in result.verdicts if v.skipped is not None)
    told = [f"{reason} ({count} case{'s' * (count > 1)})" for reason, count in reasons.most_common(REASONS)]
    return f"skipped {result.skipped}: " * bool(reasons) + ", ".join([*told, "..."] if len(reasons) > REASONS else told)


def _why(report: Report) -> Table:
    table = _table("flag", "failed", "kind of bug and its effect")
    notes = NOTES | CONTRACT_NOTES
    for flag, failed, total in report.flag_counts()[:EXPLAINED]:
        note = notes[flag]
        table.add_row(flag, f"{failed} of {total}", f"{note['bug']}: {note['effect']}")
    return table


def _worst(failures: list[Failure]) -> Table:
    table = _table("case", "at", "got", "right", "error/ulp", "allowed", "flags")
    for failure in failures[:SHOWN]:
        place = ",".join(map(str, failure.component))
        numbers = f"{failure.got:.9g}", f"{failure.expected:.9g}", f"{failure.error:.3g}", f"{failure.allowed:.3g}"
        flags = ", ".join(failure.flags) + (f" ({failure.reason})" if failure.reason else "")
        table.add_row(failure.case.split("/", 1)[1], place, *numbers, flags)
    return _and_more(table, failures)


def _whole(verdict: Verdict, report: Report) -> Iterator[Text | Table]:
    case = verdict.case
    reason = next(f.reason for f in report.failures if f.case == case.id)
    yield Text(f"\nThe smallest failing case: {case.id}: {case.comment}" + (f" ({reason})" if reason else ""))
    yield Text(arguments_of(case))
    if len(verdict.got):
        table = _table("at", "got", "right", "error/ulp", "allowed")
        for row in component_rows(verdict, report.require):
            table.add_row(*row)
        yield table


def _expected(report: Report) -> Table:
    table = _table("case", "details")
    for name, entry in list(report.expected.items())[:SHOWN]:
        table.add_row(name, entry.reason + (f" ({entry.link})" if entry.link else ""))
    return _and_more(table, report.expected)


def _broken(failures: list[Failure]) -> Table:
    table = _table("where", "flag", "what was seen")
    for failure in failures[:SHOWN]:
        table.add_row(failure.case, failure.flags[0] if failure.flags else "", failure.reason)
    return _and_more(table, failures)


def _and_more(table: Table, failures: Sized) -> Table:
    if len(failures) > SHOWN:
        table.add_row(f"... and {len(failures) - SHOWN} more")
    return table
