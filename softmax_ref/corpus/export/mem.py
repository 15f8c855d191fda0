"""Cases as memory images for $readmemh of Verilog: hexadecimal words, one a line, with their addresses commented.

``cases.mem`` has eight 32-bit words for a case: the address in ``inputs.mem``, how many words of all arguments lie
there, the entries of the first argument, the entries K of a slice (0 without an axis), the distance between two entries
of a slice, the address in ``expected.mem``, how many components are stored there, and the entries of the whole result.
``inputs.mem`` has the arguments of a case one after the other, each in row-major order, then its parameters.
``expected.mem`` has the correctly rounded components, ``positions.mem`` their places in the result, and
``tolerance.mem`` two words for each: the lowest and the highest accepted number. Where both are nan, any nan is right.
Cases that ask a policy have several right answers, and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

from softmax_ref.corpus import Case
from softmax_ref.corpus.export.answers import Answer
from softmax_ref.corpus.export.chosen import Chosen
from softmax_ref.corpus.export.numbers import inputs, parameters

__all__ = ["files"]

INDEX = 32
"""Bits of an address, a count or a position."""


@dataclass
class _Memory:
    """Words of one width, and the comments before them."""

    width: int
    words: int = 0
    lines: list[str] = field(default_factory=list)

    def add(self, comment: str, words: Sequence[int]) -> int:
        """Append words, and return the address of the first."""
        start = self.words
        self.lines.append(f"// {start}: {comment}")
        self.lines += [f"{word:0{self.width // 4}x}" for word in words]
        self.words += len(words)
        return start


def files(chosen: Chosen) -> dict[str, bytes]:
    """Return the five images by name.

    Raises
    ------
    ValueError
        Words of one width are needed: one function, in one format; and a class label has to fit.
    """
    if len(chosen.tables) != 1:
        names = ", ".join(f"{function} in {fmt}" for function, fmt in chosen.tables)
        raise ValueError(f"export: mem needs one function in one format, got {names}")
    cases = [case for case in chosen.cases if not case.policy]
    width = chosen.cases[0].format.width
    widths = {"cases": INDEX, "inputs": width, "expected": width, "positions": INDEX, "tolerance": width}
    memories = {name: _Memory(width) for name, width in widths.items()}
    for case in cases:
        _add(case, *chosen.answers[case.id], memories)
    left_out = [f"left out: {case.id} asks a policy" for case in chosen.cases if case.policy]
    return {
        f"{name}.mem": _text((*chosen.about(), *left_out, f"{len(cases)} cases, {memory.words} words"), memory)
        for name, memory in memories.items()
    }


def _text(head: Sequence[str], memory: _Memory) -> bytes:
    return "\n".join([*(f"// {line}" for line in head), *memory.lines, ""]).encode()


def _add(case: Case, answer: Answer, memories: dict[str, _Memory]) -> None:
    words, shape = list(_words(case)), next(iter(case.inputs.values())).shape
    along = (0, 0) if case.axis is None else (shape[case.axis], prod(shape[case.axis % len(shape) + 1 :]))
    ends = [end for pair in zip(answer.lowest, answer.highest, strict=True) for end in pair]
    given = memories["inputs"].add(f"{case.id}: {_names(case)}", words)
    wanted = memories["expected"].add(case.id, answer.expected)
    memories["positions"].add(case.id, case.at.tolist())
    memories["tolerance"].add(case.id, ends)
    row = [given, len(words), prod(shape), *along, wanted, len(case.at), prod(case.shape)]
    memories["cases"].add(case.id, row)


def _words(case: Case) -> Iterator[int]:
    for name, x in inputs(case).items():
        for entry in x.ravel().tolist():
            if not 0 <= entry < 1 << case.format.width:
                raise ValueError(f"export: {name} of {case.id} needs words of {case.format.width} bits, got {entry}")
            yield int(entry)
    yield from parameters(case).values()


def _names(case: Case) -> str:
    arrays = [f"{name}{list(x.shape)}" for name, x in case.inputs.items()]
    return ", ".join([*arrays, *case.parameters])
