"""The one way in which a file of the corpus is written, and short digests of its cases."""

from __future__ import annotations

import hashlib
import json

__all__ = ["case_digest", "case_line", "cases_text", "object_text"]

VALUES = ("axis", "parameters", "inputs", "expected", "policy", "accepted")
"""What a case says; the rest tells about it."""
ORDER = (
    *("id", "comment", "flags", "axis", "parameters", "inputs", "expected", "tol", "policy", "accepted", "source"),
    *("shape", "recipe", "labels", "mask", "at", "bits", "decimal", "tight", "standard", "family", "generator"),
    *("start", "step", "multiplier", "modulus", "shift", "set"),
)
"""The order of names, wherever they stand; other names follow."""
BY_NAME = ("parameters", "inputs", "accepted")
"""Where names are arguments or answers, in the order of the call."""


def object_text(content: dict) -> str:
    """Return a file that is one object: a name a line."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def cases_text(head: dict, cases: list[dict]) -> str:
    """Return a file of cases: the head in the first line, then one case a line."""
    lines = ",\n".join(case_line(case) for case in cases)
    return json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n"


def case_line(case: dict) -> str:
    """Return a case as it stands in its line, without the comma."""
    return json.dumps(_ordered(case), ensure_ascii=False)


def _ordered(content, by_name: bool = False):
    if not isinstance(content, dict):
        return content
    names = content if by_name else sorted(content, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    return {name: _ordered(content[name], name in BY_NAME) for name in names}


def case_digest(case: dict) -> str:
    """Return 12 hex digits of the values of a case and, after a point, 12 of all that is stored but its source.

    The decimals are no values: they say the same as the bits with more digits.
    """
    values = _without({name: case[name] for name in VALUES if name in case}, "decimal")
    return f"{_short(values)}.{_short(_without(case, 'source'))}"


def _short(content: dict) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _without(content, name: str):
    if isinstance(content, dict):
        return {key: _without(value, name) for key, value in content.items() if key != name}
    return content
