"""Families of results next to the midpoint of two floats: those that were searched for, and those that theory gives.

Between the midpoint and the exact value there is less than a wider format resolves, so whoever rounds twice may end on
the wrong side. That costs the label *exact*, and never a level.
"""

import numpy as np

from softmax_ref.corpus.families.drafts import Draft, Family, Range
from softmax_ref.corpus.hard.record import read

__all__ = ["hard_to_round"]

FLAG = ("hard-to-round",)


def hard_to_round(function: str) -> Family:
    """Return the family of a function; the formats that were not searched have what theory gives."""

    def hard_to_round(r: Range):
        yield from _by_theory(function, r)
        found_for = "softplus" if function == "log_logistic" else function
        for state in read():
            if (state["function"], state["format"]) == (found_for, r.format.name):
                yield from (_found(function, kept, r) for kept in state["kept"])

    return hard_to_round


def _found(function: str, kept: dict, r: Range) -> Draft:
    """Return the draft of a recorded input; log_logistic(x) = -softplus(-x)."""
    values = r.format.decode([int(bits, 16) for bits in kept["bits"]])
    if function == "log_logistic":
        values = -values
    name, what, at = "x" if len(values) == 1 else "z", "the result", f"at-{_hex(values[0], r)}"
    if function in ("softmax", "log_softmax"):
        what, at = f"class {kept['component']}", f"class-{kept['component']}-{at}"
    return Draft(at, f"{what} is {kept['distance']} ulp from the midpoint of two floats", FLAG, {name: values})


def _hex(value: float, r: Range) -> str:
    return f"{int(r.format.encode(value)):0{r.format.width // 4}x}"


def _by_theory(function: str, r: Range):
    u = r.format.unit_roundoff
    if function == "logistic":  # 1/2 + x/4 - x^3/48; the spacing is u above 1/2 and u/2 below
        x = u * np.array([2, 6, 10, -1, -3, -5, -7])
        yield Draft("cube", "1/2 + x/4 is a midpoint, the cube of x decides", FLAG, {"x": x})
    if function == "softmax":
        z = u * np.array([[6, 0], [0, 10], [3, 0], [0, 7]])
        yield Draft("cube", "half plus a quarter of the gap is a midpoint, its cube decides", FLAG, {"z": z})
    if function == "log_softmax":  # numbers of 128 and more are 256 u apart
        yield Draft("speck", "the gaps are midpoints, e^-128 decides", FLAG, {"z": [-128, 128 * u, -128 - 1024 * u]})
