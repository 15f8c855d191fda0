"""The smoke set: a few cases that catch nearly every fault of the catalogue, for a check within a second."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

__all__ = ["SMOKE", "smoke_beginnings", "smoke_set"]

SMOKE = Path(__file__).with_name("smoke.json")


@cache
def smoke_set() -> frozenset[str]:
    """Return the ids of the smoke set: cases, and promises of the array contract."""
    return frozenset(json.loads(SMOKE.read_text(encoding="utf-8"))["cases"])


@cache
def smoke_beginnings() -> frozenset[str]:
    """Return what ids of the smoke set begin with: ``function/format`` and ``function/format/family``."""
    return frozenset("/".join(name.split("/")[:parts]) for name in smoke_set() for parts in (2, 3))
