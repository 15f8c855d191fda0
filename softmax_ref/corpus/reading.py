"""From bytes to JSON objects: plain UTF-8, one case a line, no number that is not an integer, no name twice."""

from __future__ import annotations

import json

__all__ = ["Malformed", "parse_cases", "parse_object", "refuse_repeated"]

HEAD_END = '"cases": ['
CASES_END = "]}\n"


class Malformed(ValueError):
    """What is wrong with a file, and in which of its lines."""

    def __init__(self, reason: str, line: int | None = None):
        super().__init__(reason)
        self.line = line


def parse_object(data: bytes) -> dict:
    """Return the JSON object that a whole file is."""
    text = _text(data)
    found, end = _scan(_UNIQUE, text, 1)
    if text[end:].strip():
        raise Malformed(f"one object is needed, more follows: {text[end:].strip()!r:.60}", text.count("\n", 0, end) + 1)
    return found


def parse_cases(data: bytes) -> tuple[dict, list[dict]]:
    """Return the head of a file of cases, and its cases, of which the first is in line 2.

    A name that is given twice has its last value: `refuse_repeated` tells.

    Raises
    ------
    Malformed
        The file is truncated or not of this form.
    """
    lines = _lines(data)
    head, _ = _scan(_UNIQUE, lines[0] + "]}", 1)
    del head["cases"]
    return head, [_case(_PLAIN, line, n) for n, line in enumerate(lines[1:], start=2)]


def refuse_repeated(data: bytes) -> None:
    """Refuse a file of cases with an object that has a name twice."""
    for n, line in enumerate(_lines(data)[1:], start=2):
        _case(_UNIQUE, line, n)


def _lines(data: bytes) -> list[str]:
    """Return the head and the lines of the cases, each of which ends with a comma."""
    text = _text(data)
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n" + CASES_END):
        raise Malformed("the file is truncated, its last line needs to be ]}", len(lines))
    if not lines[0].endswith(HEAD_END):
        raise Malformed(f"the first line needs to end with {HEAD_END}", 1)
    if len(lines) < 3:
        raise Malformed("the file has no case", 2)
    lines[-2] += ","
    return lines[:-1]


def _case(decoder: json.JSONDecoder, line: str, n: int) -> dict:
    record, end = _scan(decoder, line, n)
    if line[end:] != ",":
        raise Malformed(f"a line needs one case, and a comma unless it is the last, got {line[end:]!r:.60} after it", n)
    return record


def _text(data: bytes) -> str:
    """Return the text, or say why it is none that every reader understands alike."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise Malformed("the file starts with a byte order mark", 1)
    if b"\r" in data:
        raise Malformed("the line has a carriage return", data.count(b"\n", 0, data.index(b"\r")) + 1)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(f"the byte {data[error.start]:#04x} is not UTF-8", line) from None


def _scan(decoder: json.JSONDecoder, text: str, line: int) -> tuple[dict, int]:
    """Return the object at the start of a text, and where it ends."""
    try:
        found, end = decoder.raw_decode(text)
    except json.JSONDecodeError as error:
        raise Malformed(f"{error.msg}, column {error.colno}", line + error.lineno - 1) from None
    except RecursionError:
        raise Malformed("the object is nested too deeply", line) from None
    except ValueError as error:
        raise Malformed(str(error), line) from None
    if type(found) is not dict:
        raise Malformed(f"an object is needed, got {found!r:.60}", line)
    return found, end


def _no_number(text: str):
    raise ValueError(f"{text:.60} is no integer; other numbers of the corpus are strings")


def _distinct(pairs: list[tuple]) -> dict:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError(f"a name is given twice among {[name for name, _ in pairs]}")
    return result


_PLAIN = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number)
_UNIQUE = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number, object_pairs_hook=_distinct)
