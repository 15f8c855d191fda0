"""The score of the corpus: faults caught, false alarms, bugs accounted for."""

from __future__ import annotations

from softmax_ref.faults.catalogue import faults
from softmax_ref.faults.gates import Catch
from softmax_ref.faults.museum import bugs
from softmax_ref.faults.table import distinct_rows

__all__ = ["accounted_for", "summary"]


def accounted_for() -> set[str]:
    """Return the bugs of the museum that a fault re-creates, or that say why none can."""
    recreated = {bug for fault in faults() for bug in fault.bugs}
    return {bug.id for bug in bugs().values() if bug.id in recreated or bug.why_not}


def summary(catches: list[Catch], alarms: dict[str, list[str]], controls: int) -> tuple[list[str], bool]:
    """Return the lines of the score, and whether every gate is passed."""
    missed = [f"passes in {c.format}: {c.fault.name}" for c in catches if not c.sure]
    missed += [
        f"is not named in {c.format}: {c.fault.name} ({c.fault.flag})" for c in catches if c.sure and not c.named
    ]
    false = [f"false alarm: {name}: {', '.join(found[:3])}" for name, found in alarms.items()]
    table: dict[str, dict[str, tuple[str, ...]]] = {}
    for catch in catches:
        table.setdefault(catch.fault.name, {})[catch.format] = catch.sure
    caught = sum(all(row.values()) for row in table.values())
    told, known = len(accounted_for()), len(bugs())
    lines = [
        f"{caught}/{len(table)} faults caught, in {distinct_rows(table)} different ways",
        f"{len(alarms)}/{controls} false alarms",
        f"{told}/{known} museum entries accounted for",
    ]
    return [*missed, *false, *lines], not missed and not false and told == known
