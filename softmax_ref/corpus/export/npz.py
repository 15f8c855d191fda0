"""Cases as one NumPy archive: an array for each part of a case, under the id of the case.

``data["softmax/binary32/textbook/article-row/inputs/z"].view(np.float32)`` are logits. Floats are unsigned bit
patterns, little-endian, in the shape of the call. ``.../expected``, ``.../lowest`` and ``.../highest`` hold the stored
components, which lie at the places ``.../at`` of the flat result; where a case asks a policy, these three have the name
of the outcome before them. ``.../tight`` and ``.../standard`` are the allowed errors in ulp. ``about`` says what this
is, ``ids`` lists the cases.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import numpy as np

from softmax_ref.corpus import Case
from softmax_ref.corpus.export.answers import Answer
from softmax_ref.corpus.export.chosen import Chosen
from softmax_ref.corpus.export.numbers import inputs, parameters

__all__ = ["files"]

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, as np.savez has the time of day in it."""


def files(chosen: Chosen) -> dict[str, bytes]:
    """Return the archive, stored without compression: compressed bytes differ from one zlib to the next."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, array in _arrays(chosen):
            entry = zipfile.ZipInfo(f"{name}.npy", LONG_AGO)
            entry.create_system = 3
            archive.writestr(entry, _npy(array))
    return {"": packed.getvalue()}


def _npy(array: np.ndarray) -> bytes:
    written = io.BytesIO()
    little = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
    np.lib.format.write_array(written, little, version=(1, 0), allow_pickle=False)
    return written.getvalue()


def _arrays(chosen: Chosen) -> Iterator[tuple[str, np.ndarray]]:
    yield "about", np.array("\n".join(chosen.about()))
    yield "ids", np.array([case.id for case in chosen.cases])
    for case in chosen.cases:
        for name, array in _parts(case, chosen.answers[case.id]):
            yield f"{case.id}/{name}", array


def _parts(case: Case, answers: list[Answer]) -> Iterator[tuple[str, np.ndarray]]:
    dtype = np.dtype(f"uint{case.format.width}")
    yield "comment", np.array(case.comment)
    yield "flags", np.array(case.flags, dtype=str)
    if case.axis is not None:
        yield "axis", np.array(case.axis, np.int64)
    for name, x in inputs(case).items():
        yield f"inputs/{name}", x
    for name, bits in parameters(case).items():
        yield f"parameters/{name}", np.array(bits, dtype)
    yield "shape", np.array(case.shape, np.int64)
    yield "at", case.at
    for answer in answers:
        for part in ("expected", "lowest", "highest"):
            yield f"{answer.name}/{part}".lstrip("/"), np.array(getattr(answer, part), dtype)
    for name, allowed in case.tolerances.items():
        yield name, allowed
