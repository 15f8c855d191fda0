"""Tolerances of narrow formats for implementations that compute in the narrow format itself.

The vectors take binary16 and bfloat16 as computed in binary32 and rounded once. Here the same theorems are
evaluated with the unit roundoff and the smallest subnormal of the narrow format; `native_build` writes them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from softmax_ref.corpus.loader import CORPUS_VERSION, CorpusError

__all__ = ["NATIVE", "NATIVE_FORMATS", "native_tolerances"]

NATIVE = Path(__file__).with_name("native.json")
NATIVE_FORMATS = ("binary16", "bfloat16")
"""With fewer digits the bound of nearly every case exceeds a tenth, and would test nothing."""


@cache
def native_tolerances() -> dict[str, dict[str, list[str]]]:
    """Return, by case, the allowed errors by level; a case that is missing has no bound that tests anything.

    Raises
    ------
    CorpusError
        The file is of another version of the corpus.
    """
    stored = json.loads(NATIVE.read_text(encoding="utf-8"))
    if stored["corpus_version"] != CORPUS_VERSION:
        raise CorpusError(f"corpus bug: {NATIVE} is of corpus {stored['corpus_version']}, this is {CORPUS_VERSION}")
    return stored["cases"]
