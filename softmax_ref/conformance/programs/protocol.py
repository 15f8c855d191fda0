"""Requests to a program and its answers, as PROTOCOL.md says: strict, as a device or a pipe may hand on anything."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from reprlib import repr as shown

import numpy as np

from softmax_ref.conformance.adapters import Answer
from softmax_ref.corpus import CORPUS_VERSION, Case
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES
from softmax_ref.formats import Format

__all__ = ["Fault", "Reply", "encoded", "excerpt", "parsed", "read_reply", "run_request", "start_request", "words"]

EXCERPT = 60
"""Characters of an answer that a verdict quotes."""
WORDS = 200
"""Characters of a reason that a verdict repeats."""


class Fault(Exception):
    """What is wrong with a program apart from the values: the flag and the text of a verdict.

    Attributes
    ----------
    flag, text : str
        Of the verdict.
    lost : bool
        Whether nobody knows which request comes next: the program needs a new start.
    """

    def __init__(self, flag: str, text: str, lost: bool = True) -> None:
        super().__init__(text)
        self.flag, self.text, self.lost = flag, text, lost


@dataclass(frozen=True)
class Reply:
    """An answer to one request: what can be judged, or why there is nothing."""

    answer: Answer
    skipped: str | None = None


def start_request(**more) -> dict:
    """Return the first request of all."""
    return {"op": "start", "protocol": 1, "corpus_version": CORPUS_VERSION} | more


def run_request(case: Case, seq: int, function: str | None = None) -> dict:
    """Return the request of a case: never its id, its flags or what is expected.

    Examples
    --------
    >>> from softmax_ref.corpus import load
    >>> request = run_request(load("softmax", "float8_e5m2")[3], 7)
    >>> request["seq"], request["axis"], sorted(request)
    (7, -1, ['axis', 'format', 'function', 'inputs', 'op', 'parameters', 'seq', 'shape'])
    """
    request = {"op": "run", "seq": seq, "function": function or case.function, "format": case.format.name}
    request |= {} if case.axis is None else {"axis": case.axis}
    request["parameters"] = {name: number["bits"] for name, number in case.record["parameters"].items()}
    request["inputs"] = {name: _input(case, name, stored) for name, stored in case.record["inputs"].items()}
    return request | {"shape": list(case.shape)}


def _input(case: Case, name: str, stored: dict) -> dict:
    held = {key: stored[key] for key in ("shape", "bits", "labels", "mask") if key in stored}
    return held | ({"bits": _hexadecimal(case.format, case.inputs[name])} if "recipe" in stored else {})


def _hexadecimal(fmt: Format, values: np.ndarray) -> list[str]:
    digits = fmt.width // 4
    plain = fmt.encode(values).astype(f">u{fmt.width // 8}").tobytes().hex().encode()
    letters = np.frombuffer(plain, np.uint8).reshape(-1, digits)
    prefix = np.broadcast_to(np.frombuffer(b"0x", np.uint8), (len(letters), 2))
    return np.hstack([prefix, letters]).view(f"S{digits + 2}").ravel().astype(str).tolist()


def encoded(request: dict) -> bytes:
    """Return a request as a line."""
    return json.dumps(request, separators=(",", ":")).encode() + b"\n"


def words(text: str) -> str:
    """Return a program's words in one line that a terminal and a table can show, cut where they are long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * WORDS]).split())
    return line[:WORDS] + "..." * (len(line) > WORDS)


def excerpt(line: bytes) -> str:
    """Return the beginning of an answer, quoted.

    Examples
    --------
    >>> print(excerpt(b'debug: \\x1b[31m on'))
    'debug: \\x1b[31m on'
    """
    return ascii(line[:EXCERPT].decode("utf-8", "replace")) + "..." * (len(line) > EXCERPT)


def parsed(line: bytes) -> dict:
    """Return the object of a line.

    Raises
    ------
    Fault
        It is no JSON object, in UTF-8, with each name once and numbers that JSON knows.
    """
    try:
        found = json.loads(line.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise Fault("protocol", f"an answer needs UTF-8, got {excerpt(line)}") from None
    except RecursionError:
        raise Fault("protocol", f"an answer needs fewer brackets, got {excerpt(line)}") from None
    except ValueError as error:
        raise Fault("protocol", f"an answer needs to be JSON ({words(str(error))}), got {excerpt(line)}") from None
    if not isinstance(found, dict):
        raise Fault("protocol", f"an answer needs to be a JSON object, got {excerpt(line)}")
    return found


def _once(pairs: Sequence[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(text: str):
    raise ValueError(f"{text} is no JSON")


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
