"""Requests in a file, which are answered elsewhere.

The numbering begins at a number made from the ids of the cases: answers to another selection, or of another corpus
version, carry a seq that is unknown here, and are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from softmax_ref.conformance.programs.protocol import Fault, parsed, run_request, start_request
from softmax_ref.conformance.programs.running import FormatRun, sample
from softmax_ref.conformance.programs.session import Question
from softmax_ref.conformance.selection import Scope, refuse_unmatched
from softmax_ref.corpus import ALIASES, CORPUS_FORMATS, CORPUS_FUNCTIONS, CORPUS_VERSION, formats_of, load
from softmax_ref.formats import get_format

__all__ = ["Selection", "numbered", "requests", "selection_of"]

BLOCK = 1_000_000
"""More than the corpus has cases."""
BLOCKS = 2000
"""So that every seq is an int of 32 bits."""


@dataclass(frozen=True)
class Selection:
    """Which cases are asked.

    Attributes
    ----------
    functions, formats, select : tuple of str
        Names, and globs over ids; empty for all.
    smoke : bool
        Only the smoke set.
    """

    functions: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    smoke: bool = False

    def runs(self) -> list[FormatRun]:
        """Return the cases by function and format, none of them asked yet.

        Raises
        ------
        ValueError
            An unknown function or format, a glob that matches nothing, or nothing is left.
        """
        found, scope = list(self._all()), Scope(self.select, self.smoke)
        refuse_unmatched(self.select, [case.id for run in found for case in run.cases], "requests")
        for run in found:
            run.cases = scope.chosen(run.cases)
            run.questions = [Question(case, run.function) for case in run.cases]
        if not any(run.cases for run in found):
            raise ValueError(f"requests: the selection needs a case, got none that is {scope.text}")
        return [run for run in found if run.cases]

    def _all(self) -> Iterator[FormatRun]:
        _known("functions", self.functions, (*CORPUS_FUNCTIONS, *ALIASES))
        _known("formats", self.formats, CORPUS_FORMATS)
        for function in self.functions or CORPUS_FUNCTIONS:
            stored = ALIASES.get(function, function)
            for fmt in formats_of(stored):
                if not self.formats or fmt in self.formats:
                    yield FormatRun(function, get_format(fmt), load(stored, fmt))


def _known(argument: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"requests: {argument} needs to be one of {', '.join(known)}, got {name!r}")


def selection_of(start: bytes) -> Selection:
    """Return the selection that the first line of a file of requests names.

    Raises
    ------
    ValueError
        It is another line, or of another corpus version.
    """
    try:
        found = parsed(start)
        stored = found["selection"]
        lists = [tuple(map(str, stored[name])) for name in ("functions", "formats", "select")]
    except (Fault, KeyError, TypeError):
        raise ValueError(
            f"judge: --requests needs a file that softmax-ref requests wrote, got {start[:60]!r}"
        ) from None
    if found.get("corpus_version") != CORPUS_VERSION:
        version = found.get("corpus_version")
        raise ValueError(f"judge: the requests need to be of corpus {CORPUS_VERSION}, got {version!r}; ask again")
    return Selection(*lists, smoke=stored.get("smoke") is True)


def requests(selection: Selection) -> Iterator[dict]:
    """Yield all requests: start, each case once, some of them again, stop."""
    runs = selection.runs()
    yield start_request(selection=vars(selection))
    for seq, (run, n, _) in numbered(runs).items():
        yield run_request(run.cases[n], seq, run.function)
    yield {"op": "stop"}


def numbered(runs: Sequence[FormatRun]) -> dict[int, tuple[FormatRun, int, bool]]:
    """Return run, number of the case and whether it is asked again, by seq."""
    ids = "\n".join([CORPUS_VERSION, *(f"{run.function} {case.id}" for run in runs for case in run.cases)])
    found = [(run, n, False) for run in runs for n in range(len(run.cases))]
    found += [(run, n, True) for run in reversed(runs) for n in reversed(sample(run.cases))]
    return dict(enumerate(found, BLOCK * (crc32(ids.encode()) % BLOCKS) + 1))
