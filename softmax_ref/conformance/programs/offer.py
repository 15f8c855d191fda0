"""What a program says of itself in its answer to start."""

from __future__ import annotations

from dataclasses import dataclass, field
from reprlib import repr as shown

from softmax_ref.conformance.programs.protocol import Fault, words
from softmax_ref.conformance.promises import Finding
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES

__all__ = ["Offer", "read_findings", "read_offer"]


@dataclass(frozen=True)
class Offer:
    """An answer to start.

    Attributes
    ----------
    name, version : str
        Of the program.
    functions, formats : tuple of str
        What it offers; names that the corpus does not have mean nothing to it.
    policies : dict of str to str
        Declared answers to the questions of the corpus.
    working_format, domain : str or None
        What it computes in, and which inputs it is made for.
    contract : bool or None
        Whether it can be asked for the promises of the array contract; None: it hands over no problems either.
    """

    name: str
    functions: tuple[str, ...]
    formats: tuple[str, ...]
    version: str = ""
    policies: dict[str, str] = field(default_factory=dict)
    working_format: str | None = None
    domain: str | None = None
    contract: bool | None = None


_KINDS = {
    "name": (lambda x: isinstance(x, str), "a text"),
    "version": (lambda x: isinstance(x, str), "a text"),
    "working_format": (lambda x: isinstance(x, str), "a text"),
    "domain": (lambda x: isinstance(x, str), "a text"),
    "functions": (lambda x: isinstance(x, list) and all(isinstance(y, str) for y in x), "a list of texts"),
    "formats": (lambda x: isinstance(x, list) and all(isinstance(y, str) for y in x), "a list of texts"),
    "policies": (lambda x: isinstance(x, dict) and all(isinstance(y, str) for y in x.values()), "texts by name"),
    "contract": (lambda x: isinstance(x, bool), "true or false"),
}


def read_offer(found: dict) -> Offer:
    """Return what an answer to start offers.

    Raises
    ------
    Fault
        It has other names, or values of other kinds, or says in "error" why the program cannot start.

    Examples
    --------
    >>> read_offer({"name": "mine", "functions": ["softmax"], "formats": ["binary32"]}).formats
    ('binary32',)
    """
    if set(found) == {"error"}:
        raise Fault("error", words(str(found["error"])))
    missing = [name for name in ("name", "functions", "formats") if name not in found]
    if missing:
        raise Fault("protocol", f"the answer to start needs {', '.join(missing)}, got {words(shown(found))}")
    for name, value in found.items():
        if name not in _KINDS:
            raise Fault("protocol", f"the answer to start has names {', '.join(_KINDS)}, got {words(shown(name))}")
        right, kind = _KINDS[name]
        if not right(value):
            raise Fault("protocol", f"{name} in the answer to start needs {kind}, got {words(shown(value))}")
    texts = {name: words(found[name]) for name in ("name", "version", "working_format", "domain") if name in found}
    lists = {name: tuple(found[name]) for name in ("functions", "formats")}
    return Offer(**{**found, **texts, **lists})


def read_findings(found: dict) -> tuple[list[Finding], str | None]:
    """Return the findings of an answer to contract, and the observed answer to an empty axis.

    Raises
    ------
    Fault
        They are not written as the protocol says.
    """
    findings = found.get("findings")
    if not set(found) <= {"seq", "findings", "empty_axis"} or not isinstance(findings, list):
        raise Fault("protocol", f"an answer to contract needs findings, got {words(shown(found))}", lost=False)
    for finding in findings:
        if not _right(finding):
            raise Fault(
                "protocol", f"a finding needs name, flag, state and text, got {words(shown(finding))}", lost=False
            )
    empty = found.get("empty_axis")
    if empty not in (None, "error", "empty", "other"):
        raise Fault("protocol", f"empty_axis needs error, empty or other, got {words(shown(empty))}", lost=False)
    return [Finding(**{name: words(text) for name, text in finding.items()}) for finding in findings], empty


def _right(finding: object) -> bool:
    return (
        isinstance(finding, dict)
        and set(finding) == {"name", "flag", "state", "text"}
        and all(isinstance(text, str) for text in finding.values())
        and finding["state"] in ("kept", "broken", "refused")
        and finding["flag"] in NOTES | CONTRACT_NOTES
    )
