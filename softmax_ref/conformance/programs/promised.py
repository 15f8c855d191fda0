"""Asking a program for the promises of the array contract, of which each may end it."""

from __future__ import annotations

from reprlib import repr as shown

from softmax_ref.conformance.programs.offer import read_findings
from softmax_ref.conformance.programs.protocol import Fault, words
from softmax_ref.conformance.programs.session import Session
from softmax_ref.conformance.promises import Finding
from softmax_ref.conformance.selection import Scope, matches
from softmax_ref.corpus.smoke import smoke_set

__all__ = ["contract"]

FINDINGS = 1 << 14
"""Values that stand for the size of a list of findings."""
PROMISES = 5
"""Promises of a format that may end the program, before no more of them are asked."""


def contract(
    session: Session, name: str, function: str, fmt: str, level: str, scope: Scope
) -> tuple[list[Finding], str | None]:
    """Ask for the promises of the array contract; one that ends the program is broken, and the others are asked.

    It is told even where it was not selected, as others may need it; unless it was left out by name.

    Parameters
    ----------
    session : Session
        With the program; one that cannot be asked for promises is asked for none.
    name, function : str
        The function, as the program and as the corpus calls it.
    fmt, level : str
        What is asked; the format may be "integer".
    scope : Scope
        Which promises, and what is declared.

    Returns
    -------
    list of Finding, str or None
        What was found, and the observed answer to an empty axis.
    """
    if session.over is not None or not session.keeper.offer.contract or not scope.may_ask(function, fmt):
        return [], None
    request = {"op": "contract", "function": name, "format": fmt, "level": level} | _asked(function, fmt, scope)
    broken, found, empty = _ask(session, request)
    asks, left_out = scope.asks(function, fmt), [glob for glob in scope.globs if glob.startswith("!")]
    told = [finding for finding in broken if matches(f"contract/{fmt}/{finding.name}", left_out)]
    return [*told, *(finding for finding in found if asks(finding.name))], empty


def _ask(session: Session, request: dict) -> tuple[list[Finding], list[Finding], str | None]:
    """Return the promises that have ended the program, and what was found of the others."""
    broken: list[Finding] = []
    while len(broken) < PROMISES and session.over is None:
        asking: list[str] = []
        without = [finding.name for finding in broken]
        try:
            return broken, *_findings(session, request | {"without": without}, asking)
        except Fault as fault:
            session.lose(fault)
            ended = asking[-1] if asking else "the array contract"
            broken.append(Finding(ended, fault.flag, "broken", fault.text))
            if not fault.lost or not asking or ended in without:
                break
    return broken, [], None


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


def _asked(function: str, fmt: str, scope: Scope) -> dict:
    """Return the part of a request that says which promises are asked for, and what is declared."""
    start = f"{function}/{fmt}/contract/"
    named = sorted(id.removeprefix(start) for id in smoke_set() if id.startswith(start))
    working, domain = scope.declaration.working, scope.declaration.domain
    asked = {
        "promises": named if scope.smoke else None,
        "select": list(scope.globs) or None,
        "working_format": working and working.name,
        "domain": domain and domain.text,
    }
    return {key: value for key, value in asked.items() if value is not None}
