"""Reading the corpus: checksum, structure, then cases as NumPy arrays.

Needs NumPy and nothing else. Refuses what it cannot trust, with the file, the line and the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Context, Decimal
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from softmax_ref.corpus.files import CorpusError, VectorFiles
from softmax_ref.corpus.offered import CORPUS_FORMATS, formats_of
from softmax_ref.corpus.recipes import build_recipe
from softmax_ref.formats import Format, get_format

__all__ = [
    "ALIASES",
    "CORPUS_FORMATS",
    "CORPUS_FUNCTIONS",
    "CORPUS_VERSION",
    "PAIRS",
    "Case",
    "CorpusError",
    "load",
    "read_notes",
]

CORPUS_VERSION = "0.2.0"
VECTORS = Path(__file__).with_name("vectors")
CORPUS_FUNCTIONS = (
    *("softmax", "log_softmax", "logsumexp", "softmax_vjp", "softmax_jacobian", "logistic", "softplus"),
    *("argmax_one_hot", "sparsemax", "sparsemax_vjp", "entmax15", "entmax15_vjp", "entmax", "entmax_vjp"),
    *("entropy", "mean_energy", "heat_capacity", "boltzmann_operator", "clr"),
    *("boltzmann", "partition_function", "free_energy", "boltzmann_policy", "gumbel_softmax", "exponential_tilting"),
    *("log_semiring_add", "log_semiring_multiply", "log_semiring_sum"),
    *("softmax_beta", "softmax_temperature", "softmax_beta_vjp", "softmax_temperature_vjp", "masked_softmax"),
    *("cross_entropy", "cross_entropy_vjp", "cross_entropy_jvp"),
    *("log_softmax_vjp", "log_softmax_jvp", "logsumexp_vjp", "logsumexp_jvp"),
    *("logaddexp", "logaddexp_vjp", "logaddexp_jvp"),
    *("log_logistic", "logistic_vjp", "log_logistic_vjp", "softplus_vjp"),
)
OTHER_FILES = ("LICENSE-CC0", "READING.md", "changes.json", "digests.json", "ids.json", "notes.json", "schema.json")
ALIASES = {
    "softmax_jvp": "softmax_vjp",
    "logsumexp_hessian": "softmax_jacobian",
    "clr_inv": "softmax",
    "logistic_jvp": "logistic_vjp",
    "log_logistic_jvp": "log_logistic_vjp",
    "softplus_jvp": "softplus_vjp",
}
"""Other names of functions of the corpus: the same formula, and the same cases."""
DIGITS = Context(prec=20)
"""Operands are exact, and a difference or a quotient is rounded once to 20 digits."""
PAIRS = ("logaddexp_vjp",)
"""Functions with two results of one shape, which are stored one after the other along a new first axis."""


@dataclass(frozen=True)
class Case:
    """One stored case.

    Attributes
    ----------
    id, comment : str
        ``function/format/family/slug``; a fact.
    function : str
        What is computed.
    format : Format
        Of inputs and results.
    flags : tuple of str
        What could go wrong here.
    axis : int or None
        The axis of the slices; None where the function takes no axis.
    policy : str or None
        The question this case asks.
    record : dict
        The case as stored.
    """

    id: str
    comment: str
    function: str
    format: Format
    flags: tuple[str, ...]
    axis: int | None
    policy: str | None
    record: dict = field(repr=False)

    @cached_property
    def inputs(self) -> dict[str, np.ndarray]:
        """The arguments by name: numbers as exact float64 arrays, labels as int64, masks as bool."""
        return {name: self._input(stored) for name, stored in self.record["inputs"].items()}

    def _input(self, stored: dict) -> np.ndarray:
        for name, dtype in (("labels", np.int64), ("mask", np.bool_)):
            if name in stored:
                return np.array(stored[name], dtype).reshape(stored["shape"])
        if "recipe" in stored:
            return build_recipe(stored["recipe"], tuple(stored["shape"]))
        return self._decode(stored["bits"]).reshape(stored["shape"])

    def _decode(self, bits: list[str]) -> np.ndarray:
        return self.format.decode(np.array([int(b, 16) for b in bits], np.uint64))

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shapes of the arguments."""
        return [tuple(stored["shape"]) for stored in self.record["inputs"].values()]

    @cached_property
    def parameters(self) -> dict[str, float]:
        """The further keyword arguments, such as beta: numbers of the format."""
        stored = self.record["parameters"].items()
        return {name: float(self.format.decode(int(number["bits"], 16))) for name, number in stored}

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the result."""
        return tuple(self.record["expected"]["shape"])

    @cached_property
    def at(self) -> np.ndarray:
        """Flat indices of the components that are stored."""
        size = int(np.prod(self.shape, dtype=np.int64))
        return np.array(self.record["expected"].get("at", range(size)), np.int64)

    @cached_property
    def values(self) -> np.ndarray:
        """The correctly rounded values of the stored components, flat."""
        return self._decode(self.record["expected"]["bits"])

    @cached_property
    def offsets(self) -> np.ndarray:
        """(exact value - correctly rounded value) in ulp, from the stored decimals."""
        offsets = np.zeros(len(self.values))
        units = self.format.ulp(self.values)
        for n, (text, value) in enumerate(zip(self.record["expected"]["decimal"], self.values.tolist(), strict=True)):
            if np.isfinite(value) and text not in ("nan", "inf", "-inf"):
                exact, ulp = DIGITS.subtract(Decimal(text), Decimal(value)), Decimal(float(units[n]))
                offsets[n] = float(DIGITS.divide(exact, ulp))
        return offsets

    @cached_property
    def tolerances(self) -> dict[str, np.ndarray]:
        """Allowed error in ulp by level; inf where float64 cannot count so many, see `reaches`."""
        return {level: np.array([float(t) for t in stored]) for level, stored in self.record["tol"].items()}

    @cached_property
    def reaches(self) -> dict[str, np.ndarray]:
        """Allowed error by level as a distance of numbers, not in ulp."""
        units = [Decimal(unit) for unit in self.format.ulp(self.values).tolist()]
        return {
            level: np.array([float(Decimal(t) * unit) for t, unit in zip(stored, units, strict=True)])
            for level, stored in self.record["tol"].items()
        }

    @cached_property
    def outcomes(self) -> dict[str, np.ndarray]:
        """For a policy case, the values of every accepted outcome by name."""
        return {name: self._decode(bits) for name, bits in self.record.get("accepted", {}).items()}


def load(function: str | None = None, format: str | None = None, *, directory: Path = VECTORS) -> list[Case]:
    """Return the stored cases, of one function and one format or of all.

    Parameters
    ----------
    function : str, optional
        One of `CORPUS_FUNCTIONS`, or one of their `ALIASES`.
    format : str, optional
        One of `CORPUS_FORMATS`.
    directory : Path
        Where the files are.

    Raises
    ------
    ValueError
        There is no such function or format, or no file of the two; the message lists those there are.
    CorpusError
        A file is missing, truncated, edited, malformed or of another schema.

    Examples
    --------
    >>> case = load("softmax", "binary32")[0]
    >>> case.id, case.inputs["z"].tolist()
    ('softmax/binary32/textbook/article-row', [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0])
    """
    known_functions = (*CORPUS_FUNCTIONS, *ALIASES)
    for name, value, known in (("function", function, known_functions), ("format", format, CORPUS_FORMATS)):
        if value is not None and value not in known:
            raise ValueError(f"load: {name} needs to be one of {', '.join(known)}, got {value!r}")
    function = ALIASES.get(function, function)
    if function is not None and format not in (None, *formats_of(function)):
        raise ValueError(f"load: the corpus has no {function} in {format}, but in {', '.join(formats_of(function))}")
    functions = CORPUS_FUNCTIONS if function is None else (function,)
    known = [(f, fmt) for f in functions for fmt in formats_of(f) if format in (None, fmt)]
    if directory == VECTORS:
        return [case for f, fmt in known for case in _read_packaged(f, fmt)]
    files = vector_files(directory)
    return [case for f, fmt in known for case in _read_cases(files, f, fmt)]


def read_notes(directory: Path = VECTORS) -> dict:
    """Return what each flag and each policy means."""
    return vector_files(directory).parsed("notes.json")


def vector_files(directory: Path = VECTORS) -> VectorFiles:
    """Return the files of a directory, none of which is read yet."""
    vectors = (f"{function}-{fmt}.json" for function in CORPUS_FUNCTIONS for fmt in formats_of(function))
    return VectorFiles(directory, frozenset((*vectors, *OTHER_FILES)))


def _read_cases(files: VectorFiles, function: str, fmt: str) -> list[Case]:
    return [
        Case(
            id=record["id"],
            comment=record["comment"],
            function=function,
            format=get_format(fmt),
            flags=tuple(record["flags"]),
            axis=record.get("axis"),
            policy=record.get("policy"),
            record=record,
        )
        for record in files.cases(function, fmt)
    ]


@cache
def _packaged() -> VectorFiles:
    return vector_files()


@cache
def _read_packaged(function: str, fmt: str) -> tuple[Case, ...]:
    """Read a file of the package once: cases are constants, and their decimals take a while to parse."""
    return tuple(_read_cases(_packaged(), function, fmt))
