"""The smoke set: the fewest cases and promises that still catch 95 of 100 faults.

Found as a set cover of the table, then run against every fault: what is recorded as caught was seen.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction

import numpy as np

from softmax_ref.conformance import check
from softmax_ref.corpus import CORPUS_VERSION
from softmax_ref.corpus.smoke import SMOKE, smoke_beginnings, smoke_set
from softmax_ref.faults.catalogue import Fault
from softmax_ref.faults.table import case_id
from softmax_ref.replacing import replace_file

__all__ = ["SHARE", "passed_by", "smallest", "write_smoke"]

SHARE = Fraction(95, 100)

MARGIN = 3
"""A few faults that a case catches after others pass it when it is asked alone."""

Table = dict[str, dict[str, tuple[str, ...]]]


def members(table: Table, stateful: AbstractSet[str] = frozenset()) -> dict[str, set[str]]:
    """Return, for each case and promise, the faults that it catches alone; one that remembers calls breaks promises."""
    found: dict[str, set[str]] = {}
    for name, row in table.items():
        function = name.partition("/")[0]
        for fmt, places in row.items():
            for place in places:
                whole_run = place.startswith(("policy/", "contract/earlier "))
                if not whole_run and (name not in stateful or place.startswith("contract/")):
                    found.setdefault(case_id(function, fmt, place), set()).add(name)
    return found


def passed_by(faults: Iterable[Fault]) -> list[str]:
    """Return the names of the faults that pass the smoke check."""
    return [f.name for f in faults if check(f.make(), f.function, require=f.level, smoke=True).conforms]


def smallest(table: Table, stateful: AbstractSet[str] = frozenset(), margin: int = 0) -> tuple[list[str], int]:
    """Return the smallest set that catches its share and a margin, and a proved lower bound on its size.

    An integer program: x_c chooses case c, y_f says that fault f is caught; y_f <= sum of the x_c that catch f,
    and the y_f add up to the share. Of cases that catch the same faults the first by name stands for all.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array, hstack, identity, vstack

    first: dict[frozenset[str], str] = {}
    for member, kills in sorted(members(table, stateful).items(), key=lambda item: _order(item[0])):
        first.setdefault(frozenset(kills), member)
    faults = sorted(table)
    index = {name: n for n, name in enumerate(faults)}
    rows, columns = zip(*((index[f], c) for c, kills in enumerate(first) for f in kills), strict=True)
    kills = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(faults), len(first)))
    total = hstack([csr_array((1, len(first))), csr_array(np.ones((1, len(faults))))])
    matrix = vstack([hstack([kills, -identity(len(faults))]), total]).tocsr()
    low = np.append(np.zeros(len(faults)), math.ceil(SHARE * len(faults)) + margin)
    cost = np.append(np.ones(len(first)), np.zeros(len(faults)))
    found = milp(cost, constraints=LinearConstraint(matrix, low), integrality=np.ones(len(cost)), bounds=Bounds(0, 1))
    names = list(first.values())
    return sorted(names[c] for c in np.flatnonzero(found.x[: len(names)] > 0.5)), math.ceil(found.mip_dual_bound - 1e-6)


def _order(member: str) -> tuple[int, str]:
    """Sort cases of the formats that most implementations have first."""
    usual = ("binary32", "binary64")
    fmt = member.split("/")[1]
    return usual.index(fmt) if fmt in usual else len(usual), member


def write_smoke(table: Table, faults: Sequence[Fault]) -> None:
    """Search, run, and write the record."""
    chosen, bound = smallest(table, {f.name for f in faults if f.stateful}, MARGIN)
    record = {"corpus_version": CORPUS_VERSION, "faults": len(faults), "at_least": bound, "cases": chosen}
    _write(record)
    _write(record | {"passed_by": passed_by(faults)})


def _write(record: dict) -> None:
    replace_file(SMOKE, json.dumps(record, indent=1) + "\n")
    smoke_set.cache_clear()
    smoke_beginnings.cache_clear()
