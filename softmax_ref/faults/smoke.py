"""The smoke set: the fewest cases that still catch 95 of 100 faults, found as a set cover and recorded."""

from __future__ import annotations

import json
import math
import os
from fractions import Fraction

import numpy as np

from softmax_ref.corpus import CORPUS_VERSION
from softmax_ref.corpus.smoke import SMOKE
from softmax_ref.faults.table import case_id

__all__ = ["SHARE", "caught", "smallest", "write_smoke"]

SHARE = Fraction(95, 100)

Table = dict[str, dict[str, tuple[str, ...]]]


def members(table: Table) -> dict[str, set[str]]:
    """Return, for each case, the faults that it catches; the array contract of a format counts as one case."""
    found: dict[str, set[str]] = {}
    for name, row in table.items():
        function = name.partition("/")[0]
        for fmt, places in row.items():
            for place in places:
                if not place.startswith("policy/"):
                    contract = place.startswith("contract/")
                    member = f"{function}/{fmt}/contract" if contract else case_id(function, fmt, place)
                    found.setdefault(member, set()).add(name)
    return found


def caught(table: Table, chosen: list[str]) -> int:
    """Count the faults that a set of cases catches."""
    found = members(table)
    return len(set().union(*(found.get(member, set()) for member in chosen)))


def smallest(table: Table) -> tuple[list[str], int]:
    """Return the smallest set of cases that catches its share, and a proved lower bound on its size.

    An integer program: x_c chooses case c, y_f says that fault f is caught; y_f <= sum of the x_c that catch f,
    and the y_f add up to the share. Of cases that catch the same faults the first by name stands for all.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array, hstack, identity, vstack

    first: dict[frozenset[str], str] = {}
    for member, kills in sorted(members(table).items(), key=lambda item: _order(item[0])):
        first.setdefault(frozenset(kills), member)
    faults = sorted(table)
    index = {name: n for n, name in enumerate(faults)}
    rows, columns = zip(*((index[f], c) for c, kills in enumerate(first) for f in kills), strict=True)
    kills = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(faults), len(first)))
    total = hstack([csr_array((1, len(first))), csr_array(np.ones((1, len(faults))))])
    matrix = vstack([hstack([kills, -identity(len(faults))]), total]).tocsr()
    low = np.append(np.zeros(len(faults)), math.ceil(SHARE * len(faults)))
    cost = np.append(np.ones(len(first)), np.zeros(len(faults)))
    found = milp(cost, constraints=LinearConstraint(matrix, low), integrality=np.ones(len(cost)), bounds=Bounds(0, 1))
    names = list(first.values())
    return sorted(names[c] for c in np.flatnonzero(found.x[: len(names)] > 0.5)), math.ceil(found.mip_dual_bound - 1e-6)


def _order(member: str) -> tuple[int, str]:
    """Sort cases of the formats that most implementations have first."""
    usual = ("binary32", "binary64")
    fmt = member.split("/")[1]
    return usual.index(fmt) if fmt in usual else len(usual), member


def write_smoke(table: Table) -> dict:
    """Search, write the record, and return it."""
    chosen, bound = smallest(table)
    record = {
        "corpus_version": CORPUS_VERSION,
        "faults": len(table),
        "caught": caught(table, chosen),
        "at_least": bound,
        "cases": chosen,
    }
    beside = SMOKE.with_suffix(".new")
    beside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8", newline="\n")
    os.replace(beside, SMOKE)
    return record
