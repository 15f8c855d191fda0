"""What an implementation declares of itself: the format it computes in, and the inputs it is made for.

The domain is a text such as ``abs(z) <= 88 and K <= 1024``; it is read here, and never evaluated as code.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from softmax_ref.corpus import Case

__all__ = ["GRAMMAR", "Clause", "Domain", "parse_domain"]

GRAMMAR = (
    "abs(NAME) <= NUMBER, NAME >= NUMBER, NAME <= NUMBER, max(NAME) - min(NAME) <= NUMBER, K <= NUMBER, finite(NAME)"
)
_NAME, _SAME, _NUMBER = r"(?P<name>[A-Za-z_]\w*)", "(?P=name)", r"(?P<number>[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)"


def _form(*tokens: str) -> re.Pattern:
    """Return the form of some tokens, with or without spaces between them."""
    return re.compile(r"\s*".join(["", *tokens, ""]))


_FORMS = {
    "abs": _form("abs", r"\(", _NAME, r"\)", "<=", _NUMBER),
    "spread": _form("max", r"\(", _NAME, r"\)", "-", "min", r"\(", _SAME, r"\)", "<=", _NUMBER),
    "finite": _form("finite", r"\(", _NAME, r"\)"),
    "least": _form(_NAME, ">=", _NUMBER),
    "most": _form(_NAME, "<=", _NUMBER),
}
CLASSES = "K"
"""The number of entries of a slice."""
DEFAULTS = {"beta": 1.0, "temperature": 1.0, "tau": 1.0, "theta": 1.0, "alpha": 1.5, "label_smoothing": 0.0}
"""What a parameter is where a case does not give it."""


@dataclass(frozen=True)
class Clause:
    """One condition on the inputs of a case.

    Attributes
    ----------
    kind : {"abs", "spread", "finite", "least", "most"}
        Which form of the grammar.
    name : str
        An input, a parameter, or K.
    number : float
        Its bound.
    """

    kind: str
    name: str
    number: float = math.nan

    def holds(self, case: Case) -> bool:
        """Whether a case is inside; a nan is outside of every bound, and a name that a case lacks bounds nothing."""
        x = _named(case, self.name)
        return x is None or bool(np.all(_TESTS[self.kind](x, self.number)))


def _named(case: Case, name: str) -> np.ndarray | None:
    """Return what a case has under a name, the slices along the last axis."""
    if name in case.parameters or name in DEFAULTS:
        return np.array(case.parameters.get(name, DEFAULTS.get(name)))
    if name == CLASSES:
        first = next(iter(case.inputs.values()))
        axis = -1 if case.axis is None else case.axis
        return np.array(first.shape[axis] if first.ndim and not _elementwise(case) else 1)
    if name not in case.inputs:
        return None
    x = case.inputs[name]
    return x if case.axis is None or x.ndim == 0 else np.moveaxis(x, case.axis, -1)


def _elementwise(case: Case) -> bool:
    return case.axis is None and "z" not in case.inputs


def _spread(x: np.ndarray, number: float) -> np.ndarray:
    x = np.atleast_1d(x)
    with np.errstate(invalid="ignore", over="ignore"):
        return x.max(axis=-1, initial=-np.inf) - x.min(axis=-1, initial=np.inf) <= number


_TESTS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "abs": lambda x, number: np.abs(x) <= number,
    "spread": _spread,
    "finite": lambda x, number: np.isfinite(x),
    "least": lambda x, number: x >= number,
    "most": lambda x, number: x <= number,
}


@dataclass(frozen=True)
class Domain:
    """The inputs that an implementation is made for.

    Attributes
    ----------
    text : str
        As declared.
    clauses : tuple of Clause
        All of which hold inside.
    """

    text: str
    clauses: tuple[Clause, ...]

    def holds(self, case: Case) -> bool:
        """Whether all inputs of a case are inside."""
        return all(clause.holds(case) for clause in self.clauses)

    def refuse_unknown(self, cases: list[Case], function: str) -> None:
        """Refuse a name that no case of a function has.

        Raises
        ------
        ValueError
            The message lists the names there are.
        """
        known = sorted({name for case in cases for name in (*case.inputs, *case.parameters)}) + [CLASSES]
        for clause in self.clauses:
            if clause.name not in known:
                raise ValueError(f"check: domain needs names of {function}: {', '.join(known)}, got {clause.name!r}")


def parse_domain(text: str) -> Domain:
    """Read a domain.

    Parameters
    ----------
    text : str
        Conditions joined by "and", each in one of the forms of `GRAMMAR`.

    Raises
    ------
    ValueError
        A condition is in none of the forms.

    Examples
    --------
    >>> [clause.kind for clause in parse_domain("abs(z) <= 88 and K <= 1024").clauses]
    ['abs', 'most']
    """
    if not isinstance(text, str):
        raise TypeError(f"check: domain needs a text, got {text!r}")
    return Domain(text, tuple(_clause(part) for part in re.split(r"\band\b", text)))


def _clause(text: str) -> Clause:
    for kind, form in _FORMS.items():
        found = form.fullmatch(text)
        if found:
            return Clause(kind, found["name"], float(found.groupdict().get("number") or "nan"))
    raise ValueError(f"check: domain needs conditions joined by 'and', each one of {GRAMMAR}, got {text.strip()!r}")
