"""From the inputs of a request to arrays, and from a result to the bits of an answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from softmax_ref.conformance.adapters import Answer, arguments
from softmax_ref.corpus import Case
from softmax_ref.formats import Format

__all__ = ["asks", "decoded", "encoded"]


def decoded(request: dict, fmt: Format, dtype: np.dtype) -> tuple[list[np.ndarray], dict[str, float]]:
    """Return the arrays of a request, numbers in a dtype, and its further arguments."""
    parameters = {name: float(fmt.decode(int(bits, 16))) for name, bits in request["parameters"].items()}
    return [_array(held, dtype) for held in request["inputs"].values()], parameters


def asks(request: dict, case: Case, dtype: np.dtype) -> bool:
    """Whether a request is the one of a case."""
    if (request.get("axis"), request["shape"]) != (case.axis, list(case.shape)):
        return False
    arrays, parameters = decoded(request, case.format, dtype)
    same = zip(arrays, arguments(case, dtype), strict=True)
    return parameters == case.parameters and all(x.shape == y.shape and x.tobytes() == y.tobytes() for x, y in same)


def _array(held: dict, dtype: np.dtype) -> np.ndarray:
    if "labels" in held:
        return np.array(held["labels"], np.int64).reshape(held["shape"])
    if "mask" in held:
        return np.array(held["mask"], np.bool_).reshape(held["shape"])
    return _from_hex(held["bits"], dtype).reshape(held["shape"])


def _from_hex(texts: Sequence[str], dtype: np.dtype) -> np.ndarray:
    """Return numbers from their bits, the most significant digit first."""
    bits = np.frombuffer(bytes.fromhex("".join(texts).replace("0x", "")), f">u{dtype.itemsize}")
    return bits.astype(f"u{dtype.itemsize}").view(dtype)


def _hex(x: np.ndarray, dtype: np.dtype) -> list[str]:
    digits = 2 * dtype.itemsize
    text = (
        np.ascontiguousarray(x.ravel(), dtype).view(f"u{dtype.itemsize}").astype(f">u{dtype.itemsize}").tobytes().hex()
    )
    return [text[start : start + digits] for start in range(0, len(text), digits)]


def encoded(answer: Answer, fmt: Format, dtype: np.dtype) -> dict:
    """Return what an answer says: the bits of a result, what was raised, and the problems of the call.

    A result in another dtype has a problem already, and its numbers are rounded to the format.
    """
    if answer.result is None and answer.problems[0][0] == "raises":
        return {"errored": answer.problems[0][1]}
    said = {"problems": [*map(list, answer.problems)]} if answer.problems else {}
    if answer.result is None:
        return said
    own = answer.result.dtype.newbyteorder("=") == dtype
    values = answer.result if own else fmt.cast(answer.result.astype(np.float64)).astype(dtype)
    return said | {"y": _hex(values, dtype)}
