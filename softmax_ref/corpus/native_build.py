"""Evaluating the theorems in the narrow formats themselves, for `corpus.native`.

A theorem counts roundings, and takes for granted that nothing in between leaves the range. In a vector this
holds because the narrow formats are computed in binary32; in binary16 products of inputs, their squares and sums
soon pass 65504. Functions that only subtract, exponentiate and add probabilities are safe: a difference
that overflows is an exp of 0. For the others a case needs the room that `fits` asks for.

A theorem also drops some products of errors, which is nothing at u = 2^-24. At u = 2^-8 it is, unless they are part
of b/(1 - b), or below the rounding into the output format, which a native computation has no need of. The functions
with a threshold count roundings to first order alone, so they have no bound here; clr has one while
(3 E + S + 8) u stays below a half.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from softmax_ref.corpus.bounds import EXP_ERROR, LEVELS
from softmax_ref.corpus.loader import CORPUS_FUNCTIONS, CORPUS_VERSION, Case, load
from softmax_ref.corpus.native import NATIVE, NATIVE_FORMATS, native_tolerances
from softmax_ref.corpus.offered import formats_of
from softmax_ref.corpus.records import rounded_up
from softmax_ref.corpus.theorems import BoundError
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.replacing import replace_file

__all__ = ["fits", "native_record", "write_native"]

WITHOUT_PRODUCTS = (
    *("softmax", "log_softmax", "logsumexp", "masked_softmax", "argmax_one_hot"),
    *("logistic", "log_logistic", "softplus", "logaddexp"),
)


FEW = 8
"""One in so many cases of a file needs a bound."""
FIRST_ORDER = ("sparsemax", "sparsemax_vjp", "entmax15", "entmax15_vjp", "entmax", "entmax_vjp")


def fits(case: Case) -> bool:
    """Whether products of inputs and parameters, squares, and sums of four times as many stay in the range; and
    few enough roundings add up."""
    if (
        case.function == "clr"
        and (case.inputs["p"].shape[case.axis] + 3 * EXP_ERROR + 8) * case.format.unit_roundoff > 0.5
    ):
        return False
    if case.function in WITHOUT_PRODUCTS:
        return True
    largest = [_largest(x) + 1 for x in case.inputs.values() if x.dtype.kind == "f"]
    factors = [max(abs(p), 1 / abs(p) if p else 1.0) for p in case.parameters.values()]
    width = max(x.size for x in case.inputs.values())
    with np.errstate(over="ignore"):
        products = max(math.prod(largest), max(largest) ** 2) * math.prod(factors)
    return 4 * (width + 1) * products <= case.format.max


def _largest(x: np.ndarray) -> float:
    return float(np.max(np.abs(x), initial=0.0, where=np.isfinite(x)))


def native_record(case: Case) -> dict[str, list[str]] | None:
    """Return the allowed errors of a case by level, or None where there is no bound that tests anything."""
    if case.function in FIRST_ORDER or not fits(case):
        return None
    along = {} if case.axis is None else {"axis": case.axis}
    given = {"values": case.values, "fmt": case.format, "at": case.at, "work": case.format} | along | case.parameters
    try:
        with np.errstate(all="ignore"):
            allowed = {n: tolerances(case.function, *case.inputs.values(), level=n, **given) for n in LEVELS}
    except BoundError:
        return None
    # Where the vector allows nothing, or one ulp to a policy, so does this.
    least = {n: case.tolerances[n] for n in LEVELS}
    fixed = {n: (least[n] == 0) | np.isnan(case.values) for n in LEVELS}
    return {n: [rounded_up(x) for x in np.where(fixed[n], least[n], allowed[n]).tolist()] for n in LEVELS}


def _telling(records: dict) -> dict:
    """Return the records of a file, none of them if so few have a bound that zeros might pass them all."""
    bounded = [r for r in records.values() if r is not None]
    return records if FEW * len(bounded) >= len(records) else dict.fromkeys(records)


def write_native(path: Path = NATIVE) -> Iterator[tuple[str, int]]:
    """Evaluate every case of the narrow formats and write the file; yield (function, cases) as it goes."""
    lines = []
    for function in CORPUS_FUNCTIONS:
        records = {}
        for fmt in (f for f in NATIVE_FORMATS if f in formats_of(function)):
            records |= _telling({case.id: native_record(case) for case in load(function, fmt)})
        lines += [f"{json.dumps(name)}: {json.dumps(r)}" for name, r in records.items() if r is not None]
        yield function, len(records)
    text = f'{{"corpus_version": "{CORPUS_VERSION}", "cases": {{\n' + ",\n".join(lines) + "\n}}\n"
    replace_file(path, text)
    native_tolerances.cache_clear()
