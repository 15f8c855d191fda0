"""The reference cases: families that build them, vectors that store them, the loader that reads them.

Reading needs NumPy alone; building (`corpus.builder`) and verifying (`corpus.verify`) need python-flint
and mpmath.
"""

from softmax_ref.corpus.loader import ALIASES, CORPUS_FUNCTIONS, CORPUS_VERSION, PAIRS, Case, CorpusError, load
from softmax_ref.corpus.offered import CORPUS_FORMATS, formats_of

__all__ = [
    "ALIASES",
    "CORPUS_FORMATS",
    "CORPUS_FUNCTIONS",
    "CORPUS_VERSION",
    "PAIRS",
    "Case",
    "CorpusError",
    "formats_of",
    "load",
]
