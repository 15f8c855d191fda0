"""What is exported: the chosen cases, those left out for their size, and the words at the head of every form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import prod

from softmax_ref.corpus import CORPUS_VERSION, Case
from softmax_ref.corpus.export.answers import Answer, answers
from softmax_ref.corpus.loader import vector_files

__all__ = ["Chosen", "choose", "size_of"]


@dataclass(frozen=True)
class Chosen:
    """Cases to export.

    Attributes
    ----------
    cases, left_out : tuple of Case
        Those to write, and those with more numbers than allowed.
    level : str
        The level of the lowest and highest accepted numbers.
    most : int
        The numbers that a case may hold.
    answers : dict of str to list of Answer
        What each case accepts, by its id.
    """

    cases: tuple[Case, ...]
    left_out: tuple[Case, ...]
    level: str
    most: int
    answers: dict[str, list[Answer]]

    @cached_property
    def tables(self) -> dict[tuple[str, str], list[Case]]:
        """The cases of each function and format, in the order of the corpus."""
        return {key: list(found) for key, found in groupby(self.cases, lambda c: (c.function, c.format.name))}

    def about(self) -> Iterator[str]:
        """Yield the lines of the head: what this is, from where, and what may be done with it."""
        files = vector_files().manifest["files"]
        yield f"{len(self.cases)} certified cases of softmax_ref, corpus {CORPUS_VERSION}; bounds of level {self.level}"
        yield "CC0 1.0: no rights reserved, https://creativecommons.org/publicdomain/zero/1.0/"
        for function, fmt in self.tables:
            name = f"{function}-{fmt}.json"
            yield f"made from {name}, SHA-256 {files[name]['sha256']}"
        for case in self.left_out:
            yield f"left out: {case.id} holds {size_of(case)} numbers, more than {self.most}"


def choose(cases: Iterable[Case], level: str, most: int, steps: Callable[[Sequence], Iterable] = iter) -> Chosen:
    """Set aside the cases that hold too many numbers, and find out what the others accept.

    Parameters
    ----------
    cases : iterable of Case
        The cases.
    level : {"standard", "tight"}
        Of the bounds.
    most : int
        The numbers that a case may hold.
    steps : callable
        Passes the cases through, and may show how far the work is.

    Raises
    ------
    ValueError
        Nothing is left.
    """
    cases = list(cases)
    kept = tuple(case for case in cases if size_of(case) <= most)
    if not kept:
        smallest = min(map(size_of, cases), default=None)
        reason = "no case is selected" if smallest is None else f"every case holds more than {most} numbers"
        raise ValueError(f"export: {reason}" + ("" if smallest is None else f"; --max-entries {smallest} keeps one"))
    left_out = tuple(case for case in cases if size_of(case) > most)
    return Chosen(kept, left_out, level, most, {case.id: answers(case, level) for case in steps(kept)})


def size_of(case: Case) -> int:
    """Return how many numbers the inputs of a case hold, recipes written out."""
    return sum(prod(stored["shape"]) for stored in case.record["inputs"].values())
