"""The stories that the catalogue and the museum tell of a fault, of a case, of a bug."""

from __future__ import annotations

from collections import Counter

from softmax_ref.corpus import Case
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES
from softmax_ref.faults.catalogue import Fault, faults
from softmax_ref.faults.museum import Bug, bugs
from softmax_ref.faults.suite import Outcome
from softmax_ref.faults.table import alone, case_id, read_table

__all__ = ["bug_story", "case_story", "fault_line", "fault_story", "suite_story"]

SHOWN = 6


def fault_line(fault: Fault) -> str:
    """Return a fault in one line."""
    return f"{fault.name:44} {', '.join(fault.formats):44} {fault.text}"


def fault_story(fault: Fault) -> str:
    """Return what is wrong with a fault, which bugs it re-creates and which cases catch it."""
    lines = [f"{fault.name}: {fault.text}", "", *_kind(fault.flag), ""]
    lines += [f"re-creates {name}: {bugs()[name].what}" for name in fault.bugs if name in bugs()]
    return "\n".join([*lines, *_catches(fault)])


def case_story(case: Case) -> str:
    """Return what a case is for: its input, what goes wrong there, who hit it, how to mend it."""
    lines = [f"{case.id}: {case.comment}", "", *_call(case), ""]
    for flag in case.flags:
        lines += [*_kind(flag), ""]
    found = _caught_by(case)
    only = alone(read_table()).get(case.id, [])
    lines += [f"catches {len(found)} faults of the catalogue: {_some([f.name for f in found])}"] if found else []
    lines += [f"alone catches {_some(only)}"] if only else []
    met = dict.fromkeys(name for f in found for name in f.bugs) | dict.fromkeys(
        b.id for b in bugs().values() if b.flag in case.flags and case.function in b.functions
    )
    for name in list(met)[:SHOWN]:
        lines += ["", *_met(bugs()[name])] if name in bugs() else []
    lines += ["", f"and {len(met) - SHOWN} more: {', '.join(list(met)[SHOWN:])}"] if len(met) > SHOWN else []
    return "\n".join(lines)


def bug_story(bug: Bug) -> str:
    """Return the story of a bug, the faults that re-create it and the cases that catch these."""
    lines = [*_met(bug), f"  the thread is {bug.thread}", "", *_kind(bug.flag), ""]
    mine = [fault for fault in faults() if bug.id in fault.bugs]
    for fault in mine:
        lines += [f"fault {fault.name}: {fault.text}", *_catches(fault)]
    lines += [f"no fault re-creates it: {bug.why_not}"] if bug.why_not else []
    lines += [f"its effect shows in {_some(list(bug.cases))}"] if bug.cases else []
    return "\n".join(lines)


def suite_story(outcomes: list[Outcome]) -> str:
    """Return what tests let through, each with a case that would notice it, and the score."""
    states = Counter(outcome.state for outcome in outcomes)
    noticed = states["noticed"] + states["hung"]
    lines = []
    for state in ("let through", "not called"):
        lines += [_let_through(o.fault, state) for o in outcomes if o.state == state]
    function = outcomes[0].fault.function
    lines += [f"the tests notice {noticed} of {len(outcomes)} faults of {function}"]
    lines += [f"{states['hung']} of them by running into the time limit"] if states["hung"] else []
    return "\n".join(lines)


def _let_through(fault: Fault, state: str) -> str:
    row = read_table().get(fault.name, {})
    fmt, places = next(((fmt, places) for fmt, places in row.items() if places), ("", ()))
    hint = f"; try {case_id(fault.function, fmt, places[0])}" if places else ""
    return f"{state}: {fault.name}: {fault.text}{hint}"


def _catches(fault: Fault) -> list[str]:
    found = read_table().get(fault.name, {})
    return [f"  caught in {fmt} by {_some(list(places))}" for fmt, places in found.items()]


def _kind(flag: str) -> list[str]:
    note = (NOTES | CONTRACT_NOTES)[flag]
    lines = [f"{flag}: {note['bug']}", f"  effect: {note['effect']}"]
    return lines + ([f"  to mend: {note['fix']}"] if "fix" in note else [])


def _met(bug: Bug) -> list[str]:
    return [
        f"{bug.id} ({bug.project}): {bug.what}",
        f"  on {bug.input}: {bug.wrong}; right: {bug.right}",
        f"  fixed: {bug.fixed}",
        f"  {bug.link}",
    ]


def _call(case: Case) -> list[str]:
    """Return the inputs and the right values as a reader would write them."""
    stored = {name: _shown(x["decimal"], x["shape"]) for name, x in case.record["inputs"].items() if "decimal" in x}
    stored |= {
        name: f"a recipe of shape {tuple(x['shape'])}" for name, x in case.record["inputs"].items() if "recipe" in x
    }
    expected = case.record["expected"]
    lines = [f"{name} = {text}" for name, text in stored.items()]
    lines += [f"{name} = {number['decimal']}" for name, number in case.record["parameters"].items()]
    return [*lines, f"right: {_shown(expected['decimal'], expected['shape'])}"]


def _shown(decimals: list[str], shape: list[int]) -> str:
    text = ", ".join(d[:12] if len(d) > 12 and "e" not in d else d for d in decimals[:8])
    more = f", ... {len(decimals)} in all" if len(decimals) > 8 else ""
    return f"[{text}{more}]" + (f" of shape {tuple(shape)}" if len(shape) > 1 else "")


def _caught_by(case: Case) -> list[Fault]:
    """Return the faults that a case catches, those of its own flags first, and of these the ones that few cases catch."""
    where, fmt = case.id.split("/", 2)[2], case.format.name
    places = {name: row.get(fmt, ()) for name, row in read_table().items()}
    found = [f for f in faults() if f.function == case.function and where in places.get(f.name, ())]
    return sorted(found, key=lambda f: (f.flag not in case.flags, len(places[f.name])))


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
