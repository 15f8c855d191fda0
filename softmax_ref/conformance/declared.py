r"""What an implementation declares, and by which bound its cases are judged then.

An implementation that computes in a format w answers, wherever the inputs and parameters of a case are numbers
of w, as it answers to the case of w with the same numbers. The theorem for that case, evaluated in w, says

.. math:: \lvert computed - exact \rvert \le t_w \, ulp_w(y_w)

with the bound t_w that the corpus has for it: that of the vectors, or in binary16 and bfloat16 the one of
`softmax_ref.corpus.native`. If every number of w is one of the case's format f, nothing more is rounded, and the
bound is t_w ulp_w(y_w)/ulp_f(y_f) ulp; else one rounding into f comes on top, half an ulp at a number of at most
abs(y) + t_w ulp_w(y_w). What may be computed as less than the smallest normal number of w may also become 0.
Where an input is no number of w it would be rounded first: such a case is outside of the declaration, and is not
judged. So is one whose result leaves the range of w, or whose bound in w would be too wide to test anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Context, Decimal
from functools import cache

import numpy as np

from softmax_ref.conformance.domain import Domain, parse_domain
from softmax_ref.corpus import Case, formats_of, load
from softmax_ref.corpus.native import NATIVE_FORMATS, native_tolerances
from softmax_ref.formats import Format, get_format

__all__ = ["WORKING_FORMATS", "Declaration", "declare"]

WORKING_FORMATS = ("binary64", "binary32", *NATIVE_FORMATS)


@dataclass(frozen=True)
class Declaration:
    """What an implementation declares of itself.

    Attributes
    ----------
    working : Format or None
        The format that it computes in. None: the format of its inputs, or binary32 where that is narrower.
    domain : Domain or None
        The inputs that it is made for. None: all.
    """

    working: Format | None = None
    domain: Domain | None = None

    @property
    def text(self) -> str | None:
        """The declaration in words, for the first line of a report."""
        parts = [f"working format {self.working.name}"] if self.working else []
        parts += [f"domain {self.domain.text}"] if self.domain else []
        return ", ".join(parts) or None

    def of(self, case: Case) -> Case | str:
        """Return a case with the bound of the declaration, or say why it is outside."""
        if self.domain is not None and not self.domain.holds(case):
            return "outside the declared domain"
        if self.working is None or self.working == _usual(case.format):
            return case
        return _judged_in(self.working.name, case.function, case.format.name)[case.id]


def declare(working_format: str | None = None, domain: str | None = None) -> Declaration:
    """Read a declaration.

    Raises
    ------
    ValueError
        An unknown working format, or a domain that cannot be read.
    """
    if working_format is not None and working_format not in WORKING_FORMATS:
        known = ", ".join(WORKING_FORMATS)
        raise ValueError(f"check: working_format needs to be one of {known}, got {working_format!r}")
    return Declaration(
        None if working_format is None else get_format(working_format), None if domain is None else parse_domain(domain)
    )


def _usual(fmt: Format) -> Format:
    """Return the format in which an implementation is taken to compute, if it does not say."""
    return fmt if fmt.precision >= 24 else get_format("binary32")


@cache
def _judged_in(work: str, function: str, fmt: str) -> dict[str, Case | str]:
    """Return the cases of a file with their bounds for a working format: constants, as the cases are."""
    return {case.id: _computed_in(get_format(work), case, _usual(case.format)) for case in load(function, fmt)}


def _computed_in(work: Format, case: Case, usual: Format) -> Case | str:
    """Return a case with its bound for a working format, or say why there is none."""
    same = _same_in(work, case)
    if same is None:
        # What is computed in a wider format keeps the usual bound all the more.
        return case if _holds(work, usual) else f"not the numbers of a stored case in {work.name}"
    allowed = _allowed(same)
    if allowed is None:
        return f"without a bound in {work.name} that tests anything"
    if (np.isinf(same.values) & ~np.isinf(case.values)).any():
        return f"past the range of {work.name}"
    tol = {level: _in_ulp(case, same, work, case.tolerances[level], allowed[level]) for level in case.tolerances}
    if _holds(work, usual):
        tol = {level: np.minimum(tol[level], case.tolerances[level]) for level in tol}
    return replace(case, record=case.record | {"tol": {level: _rounded_up(x) for level, x in tol.items()}})


def _rounded_up(bounds: np.ndarray) -> list[str]:
    """Return bounds as a case stores them, rounded up to four digits."""
    context = Context(prec=4, rounding=ROUND_CEILING)
    return [f"{float(context.plus(Decimal(repr(bound)))):g}" for bound in bounds.tolist()]


def _in_ulp(case: Case, same: Case, work: Format, usual: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return the bound of the working format in ulp of the case's format."""
    size, unit = np.abs(case.values), case.format.ulp(case.values)
    with np.errstate(invalid="ignore", over="ignore"):
        reach = allowed * work.ulp(same.values)
        reach = np.where(size - reach < 2.0**work.emin, np.maximum(reach, size + unit), reach)
        if not _holds(case.format, work):
            reach = reach + case.format.ulp(size + reach) / 2
        # A policy speaks where the values are nan: 1/3 may be rounded either way, in the working format.
        coarser = usual * 2.0 ** max(0, case.format.precision - work.precision)
        fixed = (usual == 0) | np.isinf(case.values)
        return np.where(fixed, usual, np.where(np.isnan(case.values), coarser, reach / unit))


def _holds(fmt: Format, other: Format) -> bool:
    """Whether every number of another format is one of this format."""
    return fmt.precision >= other.precision and fmt.emin <= other.emin and fmt.emax >= other.emax


def _same_in(work: Format, case: Case) -> Case | None:
    """Return the case of the working format with the same numbers, if there is one."""
    if work == case.format:
        return case
    if work.name not in formats_of(case.function):
        return None
    found = _by_place(case.function, work.name).get(case.id.split("/", 2)[2])
    return found if found is not None and _equal(found, case) else None


def _equal(one: Case, other: Case) -> bool:
    """Whether two cases ask for the same components at the same numbers."""
    if (one.axis, one.parameters, one.shape, one.at.tolist()) != (
        other.axis,
        other.parameters,
        other.shape,
        other.at.tolist(),
    ):
        return False
    pairs = zip(one.inputs.values(), other.inputs.values(), strict=True)
    return all(np.array_equal(x, y, equal_nan=x.dtype.kind == "f") for x, y in pairs)


@cache
def _by_place(function: str, fmt: str) -> dict[str, Case]:
    return {case.id.split("/", 2)[2]: case for case in load(function, fmt)}


def _allowed(same: Case) -> dict[str, np.ndarray] | None:
    """Return the bounds of a case for computing in its own format, or None where that tests nothing."""
    if same.format.name not in NATIVE_FORMATS:
        return same.tolerances
    stored = native_tolerances().get(same.id)
    return stored and {level: np.array([float(t) for t in allowed]) for level, allowed in stored.items()}
