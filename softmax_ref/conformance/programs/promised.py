"""Asking a program for the promises of the array contract, of which each may end it."""

from __future__ import annotations

from reprlib import repr as shown

from softmax_ref.conformance.declared import Declaration
from softmax_ref.conformance.programs.offer import read_findings
from softmax_ref.conformance.programs.protocol import Fault, words
from softmax_ref.conformance.programs.session import Session
from softmax_ref.conformance.promises import Finding

__all__ = ["UNNAMED", "contract"]

UNNAMED = "the array contract"
"""The name of a finding where the program did not come to a promise."""
FINDINGS = 1 << 14
"""Values that stand for the size of a list of findings."""
PROMISES = 5
"""Promises of a format that may end the program, before no more of them are asked."""


def contract(
    session: Session,
    function: str,
    fmt: str,
    level: str,
    promises: list[str] | None = None,
    declaration: Declaration | None = None,
) -> tuple[list[Finding], str | None]:
    """Ask for the promises of the array contract; one that ends the program is broken, and the others are asked.

    Parameters
    ----------
    function, fmt, level : str
        What is asked; the format may be "integer".
    promises : list of str, optional
        Only these.
    declaration : Declaration, optional
        What bounds the cases that they are asked with.

    Returns
    -------
    list of Finding, str or None
        What was found, and the observed answer to an empty axis.
    """
    request = {"op": "contract", "function": function, "format": fmt, "level": level} | _declared(declaration)
    request |= {} if promises is None else {"promises": promises}
    broken: list[Finding] = []
    while True:
        asking: list[str] = []
        try:
            found, empty = _findings(session, request | {"without": [finding.name for finding in broken]}, asking)
            return [*broken, *found], empty
        except Fault as fault:
            session.lose(fault)
            name = asking[-1] if asking else UNNAMED
            again = fault.lost and asking and name not in [finding.name for finding in broken]
            broken.append(Finding(name, fault.flag, "broken", fault.text))
            if not again or session.over is not None or len(broken) >= PROMISES:
                return broken, None


def _findings(session: Session, request: dict, asking: list[str]) -> tuple[list[Finding], str | None]:
    """Send one request and read its answers; the names of what is being asked are kept in a list."""
    (seq,) = session.send(request)
    while True:
        found = session.keeper.line(session.keeper.limits.promise, FINDINGS)
        if found.get("seq") != seq:
            raise Fault("wrong-seq", f"got seq {words(shown(found.get('seq')))}, the request has seq {seq}")
        if set(found) != {"seq", "asking"}:
            return read_findings(found)
        asking.append(words(str(found["asking"])))
        session.keeper.row = 0


def _declared(declaration: Declaration | None) -> dict[str, str]:
    """Return the part of a request that names what is declared, if anything is."""
    if declaration is None:
        return {}
    working = {"working_format": declaration.working.name} if declaration.working else {}
    return working | ({"domain": declaration.domain.text} if declaration.domain else {})
