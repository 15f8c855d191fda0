"""What a target answers to each request of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace

import numpy as np

from softmax_ref.conformance.adapters import Answer, attempt, dtype_of
from softmax_ref.conformance.contract import Finding, array_contract, empty_axis, integer_contract
from softmax_ref.conformance.declared import declare
from softmax_ref.conformance.judge import Verdict, judge, judge_answer
from softmax_ref.conformance.memory import first_call
from softmax_ref.conformance.promises import asked, asking, of_copies
from softmax_ref.conformance.selection import Scope
from softmax_ref.conformance.targets.arrays import NotOffered
from softmax_ref.conformance.targets.bits import asks, decoded, encoded
from softmax_ref.conformance.targets.finding import Target
from softmax_ref.corpus import ALIASES, Case, load
from softmax_ref.formats import get_format

__all__ = ["Answering"]


class Answering:
    """The answers of one target: a method for each kind of request, named as it is.

    Parameters
    ----------
    name : str
        What the target is called.
    target : Target
        What is called.
    write : callable
        Takes an answer.
    """

    def __init__(self, name: str, target: Target, write: Callable[[dict], None]):
        self.name, self.target, self.write = name, target, write
        self.first: dict[str, tuple[dict, Answer]] = {}

    def start(self, request: dict) -> None:
        """Say what is offered."""
        said = {"name": self.name, "version": self.target.version, **self.target.declared}
        offered = {"functions": [self.target.function], "formats": [*self.target.formats]}
        self.write(said | offered | {"contract": True})

    def run(self, request: dict) -> None:
        """Call the target with the inputs of a request."""
        fmt = get_format(request["format"])
        dtype, skipped = dtype_of(fmt), []
        if dtype is None:
            skipped.append(f"needs the package ml_dtypes for arrays of {fmt.name}")
        else:
            arrays, parameters = decoded(request, fmt, dtype)
            answer = attempt(self._telling(skipped), arrays, request.get("axis"), parameters, tuple(request["shape"]))
            self.first.setdefault(fmt.name, (request, _kept(answer)))
        self.write({"seq": request["seq"]} | ({"skipped": skipped[0]} if skipped else encoded(answer, fmt, dtype)))

    def _telling(self, skipped: list[str]) -> Callable:
        """Return the target; of a call that it does not offer, the reason is left in a list."""

        def called(*arrays, **keywords):
            try:
                return self.target.call(*arrays, **keywords)
            except NotOffered as error:
                skipped.append(str(error))
                raise

        return called

    def contract(self, request: dict) -> None:
        """Look at the promises of the array contract, and write the name of each before."""
        function = ALIASES.get(request["function"], request["function"])
        without, wanted = request.get("without", ()), _wanted(function, request)

        def ask(name: str) -> bool:
            if wanted(name):
                self.write({"seq": request["seq"], "asking": name})
            return wanted(name)

        integers, more = request["format"] == "integer", {}
        with asking(ask):
            found = (self._integers if integers else self._arrays)(function, request)
            findings = [finding if self.target.contract else of_copies(finding) for finding in found]
        if not integers and "an empty axis" not in without:  # a policy, and no promise to be asked for by name
            self.write({"seq": request["seq"], "asking": "an empty axis"})
            more["empty_axis"] = self._empty_axis(function, request)
        kept = [asdict(f) for f in findings if wanted(f.name)]
        self.write({"seq": request["seq"], "findings": kept} | more)

    def _integers(self, function: str, request: dict) -> Iterator[Finding]:
        return integer_contract(self.target.call, function)

    def _arrays(self, function: str, request: dict) -> Iterator[Finding]:
        fmt = get_format(request["format"])
        fn, dtype, cases = self.target.call, dtype_of(fmt), _scope(request).inside(load(function, fmt.name))
        if asked("the first call"):
            yield first_call(fn, self._first(cases, dtype), dtype)
        if "repeated calls" not in request.get("without", ()):  # where they cannot be asked, nothing can
            self.write({"seq": request["seq"], "asking": "repeated calls"})
            yield from array_contract(fn, cases, dtype, request["level"])

    def _first(self, cases: Sequence[Case], dtype: np.dtype) -> Verdict:
        """Return the verdict on the first call of this process in this format, which may be now."""
        request, answer = self.first.get(cases[0].format.name, (None, None))
        case = request and next((case for case in cases if asks(request, case, dtype)), None)
        return judge_answer(case, answer) if case else judge(self.target.call, cases[0], dtype)

    def _empty_axis(self, function: str, request: dict) -> str | None:
        return empty_axis(self.target.call, function, dtype_of(get_format(request["format"])))


def _scope(request: dict) -> Scope:
    """Return the selection and the declaration of a request."""
    declaration = declare(request.get("working_format"), request.get("domain"))
    return Scope(tuple(request.get("select", ())), declaration=declaration)


def _wanted(function: str, request: dict) -> Callable[[str], bool]:
    """Return what says of a promise whether a request asks for it."""
    only, without = request.get("promises"), request.get("without", ())
    selects = _scope(request).asks(function, request["format"])
    return lambda name: name not in without and (only is None or name in only) and selects(name)


def _kept(answer: Answer) -> Answer:
    """Return an answer that later calls do not change."""
    return replace(answer, result=None if answer.result is None else answer.result.copy(), parts=())
