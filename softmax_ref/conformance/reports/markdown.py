"""Markdown for the summary of a job or a comment: the verdict, what to look at first, the rest folded away."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

__all__ = ["to_markdown"]

WORST = 10
EXPLAINED = 3
LONGEST = 50_000
"""Characters after which functions have their headings only: a comment on GitHub has at most 65536."""


def to_markdown(plain: dict) -> str:
    """Return a document of `reports.document` as GitHub's Markdown."""
    header = plain["header"]
    lines, size = [], 0
    if len(plain["reports"]) > 1:
        rows = ((part["function"], verdict(part), str(len(part["failures"]))) for part in plain["reports"])
        lines += _table(("function", "verdict", "failures"), rows)
    for part in plain["reports"]:
        told = list(_part(part))
        size += sum(map(len, told))
        lines += told if size < LONGEST else told[:1]
    left_out = ["Too much for a comment: the details of some functions are in the other forms of this report.\n"]
    lines += left_out * (size >= LONGEST)
    lines.append(f"softmax_ref {header['package_version']}, corpus {header['corpus_version']}")
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """Return a text that nothing of Markdown is read in, in a table too: a span of code.

    Examples
    --------
    >>> print(code("a|b `c`"))
    `` a\\|b `c` ``
    """
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    padding = " " if text[:1] in ("`", "") or text[-1:] in ("`", "") else ""
    return f"{fence}{padding}{text}{padding}{fence}".replace("|", "\\|")


def _part(part: dict) -> Iterator[str]:
    declared = f", declared {code(part['declaration'])}" if part["declaration"] else ""
    yield f"### {code(part['implementation'])} as {part['function']}{declared}: {verdict(part)}\n"
    if part["selection"]:
        yield f"Looked at: {code(part['selection'])}\n"
    if part["incomplete"]:
        yield f"**Incomplete:** {code(part['incomplete'])}\n"
    columns = ("format", "verdict", "passed", "failed", "skipped", "largest error / ulp", "promises broken")
    yield from _table(columns, (_format(entry) for entry in part["formats"]))
    if part["causes"]:
        words = "This looks like" if part["causes"][0]["surely"] else "Perhaps"
        yield f"**{words}:** {'; or '.join(_cause(cause) for cause in part['causes'])}\n"
    for flag in part["flags"][:EXPLAINED]:
        told = f"{_sentence(flag['bug'])}: {_sentence(flag['effect'])}"
        yield f"- **{flag['flag']}** ({flag['failed']} of {flag['cases']}): {told}"
    yield ""
    measured = [f for f in part["failures"] if f["component"] is not None]
    yield from _folded(f"the worst of {len(measured)} failures in value", _worst(measured[:WORST]), measured)
    seen = [f for f in part["failures"] if f["component"] is None]
    rows = ((code(f["case"]), code(f["reason"])) for f in seen[:WORST])
    yield from _folded(
        f"{len(seen)} broken promises and other failures", _table(("where", "what was seen"), rows), seen
    )
    rows = ((p["policy"], " or ".join(p["observed"]) or "no answer", p["declared"] or "") for p in part["policies"])
    yield from _folded("policies", _table(("policy", "observed", "declared"), rows), part["policies"])
    skipped = [case for case in part["cases"] if case["result"] in ("skipped", "expected")]
    rows = ((code(case["id"]), case["result"], code(case["reason"])) for case in skipped[:WORST])
    yield from _folded(
        f"{len(skipped)} cases skipped or expected to fail", _table(("case", "", "reason"), rows), skipped
    )


def verdict(part: dict) -> str:
    """Return the verdict on one function in words."""
    if part["incomplete"] and not part["failures"]:
        return "not judged to the end"
    if part["conforms"]:
        return f"conforms at level {part['require']}"
    return f"does not conform at level {part['require']}" if part["failures"] else "nothing was judged"


def _cause(cause: dict) -> str:
    passed = f"; {cause['passed']} of its own pass here" if cause["passed"] else ""
    shared = f"{cause['common']} of {cause['failed']} failures in common{passed}"
    return f"{_sentence(cause['text'])} ({code(cause['name'])}: {shared})"


def _format(entry: dict) -> tuple[str, ...]:
    if "reason" in entry:
        return entry["format"], f"{entry['verdict']}: {code(entry['reason'])}", *[""] * 5
    said = f"**{entry['verdict']}**" if entry["verdict"] == "fails" else entry["verdict"]
    level = f": {entry['level']}" if entry["level"] and entry["verdict"] == "conforms" else ""
    counts = (str(entry["cases"][name]) for name in ("passed", "failed", "skipped"))
    error = "" if entry["largest_error"] is None else f"{float(entry['largest_error']):.4g}"
    return entry["format"], said + level, *counts, error, str(entry["promises"]["broken"])


def _worst(failures: list[dict]) -> Iterator[str]:
    columns = ("case", "at", "got", "right", "error / ulp", "allowed", "flags")
    return _table(columns, (_failure(f) for f in failures))


def _failure(f: dict) -> tuple[str, ...]:
    numbers = (f"{float(f[name]):.9g}" for name in ("got", "expected"))
    sizes = (f"{float(f[name]):.3g}" for name in ("error", "allowed"))
    return code(f["case"]), ",".join(map(str, f["component"])), *numbers, *sizes, ", ".join(f["flags"])


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _folded(summary: str, lines: Iterable[str], content: Sequence) -> Iterator[str]:
    if content:
        yield f"<details><summary>{html.escape(summary)}</summary>\n"
        yield from lines
        yield "</details>\n"


def _sentence(text: str) -> str:
    """Escape a sentence of ours: it may speak of x_i or of a*b."""
    return re.sub(r"([\\`*_{}\[\]<>|~#])", r"\\\1", text)
