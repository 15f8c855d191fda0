"""What the pictures of a report show: counts of errors, and errors against the distance from the maximum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from softmax_ref.conformance.judge import Verdict
from softmax_ref.conformance.report import FormatResult
from softmax_ref.corpus import Case

__all__ = ["Cloud", "cloud", "histogram"]

EDGES = (0.5, 1, 2, 4, 8, 16, 64, 256, 2.0**16)
"""Upper ends of the bins, in ulp; the last two bins hold larger errors, and what has no finite error."""
FARTHEST = 1000.0
"""exp(-1000) is 0 in every format: all larger distances stand at the end of the axis."""
SMALLEST, LARGEST = 2.0**-6, 2.0**20
"""Errors in ulp where the axis starts and where it ends."""
TICKS_ACROSS = (0, 1, 3, 10, 30, 100, 300, 1000)
TICKS_UP = (
    (2.0**-6, "≤ 1/64"),
    (0.5, "0.5"),
    (4, "4"),
    (64, "64"),
    (1024, "1024"),
    (2.0**15, "2¹⁵"),
    (2.0**20, "≥ 2²⁰"),
    (np.inf, "nan, inf"),
)
STEPS = 40
WIDTH, HEIGHT = 400.0, 200.0


@dataclass(frozen=True)
class Cloud:
    """Errors against distances, in coordinates of a picture of WIDTH x HEIGHT.

    Attributes
    ----------
    argument : str
        Name of the argument whose distance is meant.
    elementwise : bool
        Whether it is the distance from 0, not from the maximum.
    within, outside : list of (x, y)
        Components inside their bounds and outside; one point where several coincide.
    bound : list of (x, y)
        The smallest bound near each distance, of results that have to be rounded.
    counts : list of (label, within, outside, largest error)
        The same in numbers, by distance.
    """

    argument: str
    elementwise: bool
    within: list[tuple[float, float]]
    outside: list[tuple[float, float]]
    bound: list[tuple[float, float]]
    counts: list[tuple[str, int, int, float]]


def histogram(result: FormatResult, level: str) -> list[tuple[str, int, int]]:
    """Return (errors, components within their bounds, components outside) for each bin."""
    verdicts = _measured(result)
    errors = _joined(v.error for v in verdicts)
    outside = _joined(_outside(v, level) for v in verdicts).astype(bool)
    bins = np.where(np.isfinite(errors), np.searchsorted(EDGES, errors), len(EDGES) + 1)
    counts = [np.bincount(bins[chosen], minlength=len(EDGES) + 2) for chosen in (~outside, outside)]
    labels = [f"at most {edge:g}" for edge in EDGES] + [f"more than {EDGES[-1]:g}", "nan or infinite"]
    return [(label, int(a), int(b)) for label, a, b in zip(labels, *counts, strict=True)]


def cloud(result: FormatResult, level: str) -> Cloud | None:
    """Return the errors of a format against distances; None where results do not belong to single entries."""
    verdicts = [v for v in _measured(result) if _distances(v.case) is not None]
    if not verdicts:
        return None
    distance = _joined(_distances(v.case) for v in verdicts)
    error, outside = _joined(v.error for v in verdicts), _joined(_outside(v, level) for v in verdicts).astype(bool)
    allowed = _joined(v.case.tolerances[level] for v in verdicts)
    x, y = across(distance), up(error)
    case = verdicts[0].case
    return Cloud(
        next(iter(case.inputs)),
        case.axis is None,
        _points(x[~outside], y[~outside]),
        _points(x[outside], y[outside]),
        _lowest(x[allowed > 0], up(allowed[allowed > 0])),
        _counted(distance, error, outside),
    )


def across(distance: ArrayLike) -> np.ndarray:
    """Return where a distance stands from left to right: 0 at the left end, then by its logarithm."""
    return WIDTH * np.log1p(np.minimum(distance, FARTHEST)) / np.log1p(FARTHEST)


def up(error: ArrayLike) -> np.ndarray:
    """Return where an error stands from the top down: its logarithm; the line at the top is for nan and infinity."""
    logarithm = np.log2(np.clip(error, SMALLEST, LARGEST))
    height = (logarithm - np.log2(SMALLEST)) / (np.log2(LARGEST) - np.log2(SMALLEST) + 2)
    return HEIGHT * (1 - np.where(np.isfinite(error), height, 1))


def _measured(result: FormatResult) -> list[Verdict]:
    return [v for v in result.judged if v.case.policy is None and len(v.error)]


def _joined(arrays: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0), *arrays])


def _outside(verdict: Verdict, level: str) -> np.ndarray:
    return (verdict.excess(level) > 1) & ~verdict.flushed


def _distances(case: Case) -> np.ndarray | None:
    z = next(iter(case.inputs.values()))
    if z.shape != case.shape:
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(z) if case.axis is None else _top(case, z) - z
    return np.where(np.isnan(distance), 0.0, distance).ravel()[case.at]


def _top(case: Case, z: np.ndarray) -> np.ndarray:
    """Return the maximum of each slice, of what the mask keeps where there is one."""
    kept = np.where(case.inputs["mask"], z, -np.inf) if "mask" in case.inputs else z
    return np.max(kept, axis=case.axis, keepdims=True, initial=-np.inf)


def _points(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    """Return the places of a picture that hold a point: half a unit apart, each once."""
    return sorted({(round(2 * a) / 2, round(2 * b) / 2) for a, b in zip(x.tolist(), y.tolist(), strict=True)})


def _lowest(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    """Return the smallest bound in each of STEPS steps; further down means smaller."""
    step = np.minimum((x / WIDTH * STEPS).astype(int), STEPS - 1)
    return [(n * WIDTH / STEPS, round(float(y[step == n].max()), 1)) for n in np.unique(step).tolist()]


def _counted(distance: np.ndarray, error: np.ndarray, outside: np.ndarray) -> list[tuple[str, int, int, float]]:
    ends = (0.0, 1.0, 10.0, 100.0, FARTHEST, np.inf)
    rows = []
    for low, high in zip((-1.0, *ends), ends, strict=False):
        here = (distance > low) & (distance <= high)
        label = "0" if high == 0 else f"more than {low:g}" if np.isinf(high) else f"{low:g} to {high:g}"
        if here.any():
            rows.append((label, int((here & ~outside).sum()), int((here & outside).sum()), float(error[here].max())))
    return rows
