"""From an answer to a request to what can be judged: as many values as there need to be, written as PROTOCOL.md says."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from reprlib import repr as shown

import numpy as np

from softmax_ref.conformance.adapters import Answer
from softmax_ref.conformance.programs.protocol import Fault, words
from softmax_ref.corpus import Case
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES
from softmax_ref.formats import Format

__all__ = ["Reply", "read_reply"]


@dataclass(frozen=True)
class Reply:
    """An answer to one request: what can be judged, or why there is nothing."""

    answer: Answer
    skipped: str | None = None


def read_reply(found: dict, case: Case, promised: bool = False) -> Reply:
    """Return what an answer says of a case; that its seq is the right one is known.

    Parameters
    ----------
    found : dict
        The answer.
    case : Case
        What was asked.
    promised : bool
        Whether the program may hand over problems, as the array contract has them.

    Raises
    ------
    Fault
        Names are missing or too many, or the values are not as many and as written as they need to be.
    """
    names = set(found) - {"seq"}
    problems = _problems(found["problems"]) if promised and "problems" in names else ()
    if promised and names == {"problems"} and problems:
        return Reply(Answer(None, problems))
    names -= {"problems"} if promised else set()
    if names == {"skipped"} or names == {"errored"}:
        (name,) = names
        if not isinstance(found[name], str):
            raise Fault("protocol", f"{name} needs a text, got {words(shown(found[name]))}", lost=False)
        reason = words(found[name])
        return (
            Reply(Answer(None), reason) if name == "skipped" else Reply(Answer(None, (*problems, ("raises", reason))))
        )
    if names != {"y"}:
        got = words(", ".join(sorted(names))) or "nothing"
        raise Fault("protocol", f"an answer needs one of y, skipped and errored beside seq, got {got}", lost=False)
    return Reply(Answer(_values(found["y"], case), problems))


def _problems(found: object) -> tuple[tuple[str, str], ...]:
    pairs = found if isinstance(found, list) else [None]
    for pair in pairs:
        right = isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
        if not right or pair[0] not in NOTES | CONTRACT_NOTES:
            raise Fault("protocol", f"problems needs pairs of a flag and a text, got {words(shown(pair))}", lost=False)
    return tuple((flag, words(text)) for flag, text in pairs)


def _values(y: object, case: Case) -> np.ndarray:
    """Return the numbers of an answer as exact float64 values, in the shape of the case."""
    if not isinstance(y, list):
        raise Fault("protocol", f"y needs a list, got {words(shown(y))}", lost=False)
    size = math.prod(case.shape)
    if len(y) != size:
        raise Fault("shape-changed", f"got {len(y)} values, the case has {size}", lost=False)
    return case.format.decode(_bits(y, case.format)).reshape(case.shape)


def _bits(texts: list, fmt: Format) -> np.ndarray:
    """Return bits from their texts; all at once where all are written alike, as a row has up to 131074."""
    digits = fmt.width // 4
    if set(map(type, texts)) == {str} and set(map(len, texts)) in ({digits}, {digits + 2}):
        joined, prefix = "".join(texts), "0[xX]" if len(texts[0]) > digits else ""
        if re.fullmatch(rf"(?:{prefix}[0-9a-fA-F]{{{digits}}})*", joined):
            plain = joined.replace("0x", "").replace("0X", "")
            return np.frombuffer(bytes.fromhex(plain), f">u{fmt.width // 8}").astype(np.uint64)
    pattern = re.compile(rf"(?:0[xX])?([0-9a-fA-F]{{{digits}}})").fullmatch
    for text in texts:
        if not isinstance(text, str) or not pattern(text):
            raise Fault(
                "protocol", f"y needs {digits} hexadecimal digits a value, got {words(shown(text))}", lost=False
            )
    return np.array([int(text, 16) for text in texts], np.uint64)
