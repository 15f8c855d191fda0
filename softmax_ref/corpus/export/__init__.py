"""The reference cases in forms that other tools read: a C header, NumPy archives, tables, memory images.

Every form is the same bytes for the same cases, on every machine and day. Each says in its head which version of the
corpus it holds, the checksums of the files it was made from, and that it is in the public domain.
"""

from softmax_ref.corpus.export.chosen import Chosen, choose
from softmax_ref.corpus.export.writing import FORMS, write

__all__ = ["FORMS", "Chosen", "choose", "write"]
