"""Searching, and going on with a search.

The state of a search is how many counters of its stream it has used up and what it kept. So an interrupted search goes
on where it stopped, and any two ways to the same count end in the same record.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from softmax_ref.certified.rounding import scientific
from softmax_ref.corpus.hard import lines, scan
from softmax_ref.corpus.hard.distance import result_distance
from softmax_ref.corpus.hard.record import RECORD, read, write
from softmax_ref.formats import Format, get_format

__all__ = ["advance", "limit", "search"]

Point = tuple[tuple[float, ...], int, int]
"""Inputs, component, and the counter that found it."""

ROWS = 1 << 15
LINES = 1 << 6


def limit(state: dict) -> int | None:
    """Return how many counters a stream has: single arguments of binary32 can all be looked at."""
    if state["format"] == "binary32" and state["classes"] == 1:
        return sum(map(len, scan.arguments(state["function"])))
    return None


def advance(state: dict, count: int) -> Iterator[dict]:
    """Use up so many more counters, and yield the state after each batch.

    Parameters
    ----------
    state : dict
        From `fresh`, or as recorded.
    count : int
        How many; fewer where the stream ends.
    """
    fmt = get_format(state["format"])
    best = _best([], [_point(kept, fmt) for kept in state["kept"]], state, fmt)
    done, results = state["done"], state["results"]
    end = min(done + count, limit(state) or done + count)
    while done < end:
        stop = min(end, done + (ROWS if fmt.name == "binary32" else LINES))
        looked_at, points = _batch(state, done, stop, float(best[-1][0]) if len(best) == _places(state) else 1.0)
        best = _best(best, points, state, fmt)
        done, results = stop, results + looked_at
        yield state | {"done": done, "results": results, "kept": [_kept(d, point, fmt) for d, point in best]}


def _best(best: list, points: list[Point], state: dict, fmt: Format) -> list:
    """Return the pairs (distance, point) to keep; of points with one distance, such as shifted rows, the least."""
    new = ((result_distance(state["function"], *point[:2], fmt), point) for point in points)
    least = dict(sorted([*best, *new], reverse=True))
    return sorted(least.items())[: _places(state)]


def _places(state: dict) -> int:
    """How many inputs are kept: eight of each function and format, four of each number of classes."""
    return 8 if state["classes"] == 1 else 4


def _batch(state: dict, start: int, stop: int, within: float) -> tuple[int, list[Point]]:
    """Return how many results were looked at, and the points near a midpoint."""
    stream = state["function"], state["classes"], state["seed"]
    if state["format"] == "binary32":
        components = state["classes"] if state["function"] in ("softmax", "log_softmax") else 1
        return (stop - start) * components, list(scan.near_midpoints(*stream, start, stop))
    looked_at, points = 0, []
    for n in range(start, stop):
        line = lines.Line(*stream, n)
        length, found = line.near_midpoints(min(within, lines.WITHIN))
        looked_at += length
        points += ((line.inputs(k), line.component, n) for k in found)
    return looked_at, points


def _point(kept: dict, fmt: Format) -> Point:
    inputs = tuple(float(fmt.decode(int(bits, 16))) for bits in kept["bits"])
    return inputs, kept["component"], kept["counter"]


def _kept(distance: Fraction, point: Point, fmt: Format) -> dict:
    inputs, component, counter = point
    bits = [f"0x{int(b):0{fmt.width // 4}x}" for b in fmt.encode(inputs)]
    return {"counter": counter, "bits": bits, "component": component, "distance": scientific(distance, 3)}


def search(
    count: int, path: Path = RECORD, function: str | None = None, fmt: str | None = None
) -> Iterator[tuple[dict, int]]:
    """Go on with the recorded searches; yield (state, counters of this task still to come) after each batch.

    Parameters
    ----------
    count : int
        How many more counters each task uses up: rows in binary32, lines of neighbouring floats in binary64.
    path : Path
        The record. It is written after each task, and when the search is interrupted.
    function, fmt : str, optional
        Only these tasks.
    """
    states = read(path)
    for n, start in enumerate(states):
        if function not in (None, start["function"]) or fmt not in (None, start["format"]):
            continue
        try:
            for state in advance(start, count):
                states[n] = state
                yield state, start["done"] + count - state["done"]
        finally:
            write(states, path)
