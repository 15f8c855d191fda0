"""Requests to a program, and the lines that it writes: strict, as a device or a pipe may hand on anything."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from softmax_ref.corpus import CORPUS_VERSION, Case
from softmax_ref.formats import Format

__all__ = ["Fault", "encoded", "excerpt", "parsed", "run_request", "start_request", "words"]

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
