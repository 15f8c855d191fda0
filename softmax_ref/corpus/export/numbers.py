"""The numbers of a case as every form writes them: bit patterns, labels, masks, in row-major order."""

from __future__ import annotations

import numpy as np

from softmax_ref.corpus import Case
from softmax_ref.formats import Format

__all__ = ["hexadecimal", "inputs", "parameters", "partial"]


def inputs(case: Case) -> dict[str, np.ndarray]:
    """Return the arguments in the order of the call: floats as unsigned bit patterns, labels int64, masks bool."""
    return {name: _bits(x, case.format) if x.dtype.kind == "f" else x for name, x in case.inputs.items()}


def _bits(x: np.ndarray, fmt: Format) -> np.ndarray:
    return fmt.encode(x).astype(f"uint{fmt.width}").reshape(x.shape)


def parameters(case: Case) -> dict[str, int]:
    """Return the further arguments as bit patterns."""
    return {name: int(stored["bits"], 16) for name, stored in case.record["parameters"].items()}


def partial(case: Case) -> bool:
    """Whether only some components of the result are stored."""
    return "at" in case.record["expected"]


def hexadecimal(bits: int, fmt: Format) -> str:
    """Return all digits of a bit pattern.

    Examples
    --------
    >>> from softmax_ref.formats import get_format
    >>> hexadecimal(1, get_format("binary16"))
    '0x0001'
    """
    return f"0x{int(bits):0{fmt.width // 4}x}"
