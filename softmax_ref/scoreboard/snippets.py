"""Three lines that reproduce a failure: the imports, the input, the call."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from dataclasses import dataclass

import numpy as np

from softmax_ref.conformance.adapters import RAISED
from softmax_ref.corpus import PAIRS, Case
from softmax_ref.formats import Format, get_format
from softmax_ref.scoreboard.calling import DEFAULTS, graph_text, split
from softmax_ref.scoreboard.libraries import Library, signature

__all__ = ["LITERAL", "agrees", "decimal", "integer_snippet", "run", "snippet", "substituted"]

LITERAL = 24
"""The most entries that are written out."""
DTYPES = {"binary64": "float64", "binary32": "float32", "binary16": "float16"}


@dataclass(frozen=True)
class Form:
    """How a library's arrays are written: from values and a dtype; one value everywhere; a dtype, and those that have
    another name there; how an entry is printed."""

    array: str
    full: str
    dtype: str
    entry: str = "{}"
    names: tuple[tuple[str, str], ...] = ()


FORMS = {
    "numpy": Form("np.array({}, {})", "np.full({}, {}, {})", "np.{}"),
    "torch": Form("torch.tensor({}, dtype={})", "torch.full({}, {}, dtype={})", "torch.{}", "{}.item()"),
    "jax": Form("jnp.array({}, {})", "jnp.full({}, {}, {})", "jnp.{}"),
    "tensorflow": Form("tf.constant({}, {})", "tf.fill({}, tf.constant({}, {}))", "'{}'", "{}.numpy()"),
    "tinygrad": Form(
        "Tensor({}, dtype='{}')",
        "Tensor.full({}, {}, dtype='{}')",
        "{}",
        "{}.contiguous().numpy()",
        (("float8_e4m3fn", "fp8e4m3"), ("float8_e5m2", "fp8e5m2")),
    ),
}
FORMS["onnx"] = FORMS["numpy"]


@dataclass(frozen=True)
class Array:
    """One input as a snippet has it."""

    name: str
    text: str
    dtype: str


def snippet(library: Library, function: str, case: Case, shown: tuple[int, ...] | str, inputs=None) -> str:
    """Return three lines that print one component of a case, or an attribute of the result, such as ``.dtype``.

    Other inputs may take the place of the case's own.
    """
    arrays = [
        _array(library, mine, case, theirs, x, _dtype(x, case.format))
        for mine, (theirs, x) in zip(signature(function), (inputs or case.inputs).items(), strict=True)
    ]
    return _lines(library, function, case, arrays, shown)


def integer_snippet(library: Library, function: str, case: Case, dtype: str, component: tuple[int, ...]) -> str:
    """Return three lines that call a function with integers in place of its first argument."""
    double = get_format("binary64")
    dtypes = [dtype, *(_dtype(x, double) for x in list(case.inputs.values())[1:])]
    arrays = [
        _array(library, mine, case, theirs, x, dtype)
        for mine, (theirs, x), dtype in zip(signature(function), case.inputs.items(), dtypes, strict=True)
    ]
    return _lines(library, function, case, arrays, component)


def _dtype(x: np.ndarray, fmt: Format) -> str:
    return {"f": DTYPES.get(fmt.name, fmt.name), "i": "int64", "b": "bool"}[x.dtype.kind]


def _array(library: Library, name: str, case: Case, theirs: str, x: np.ndarray, dtype: str) -> Array:
    form = FORMS[library.kind]
    written = form.dtype.format(dict(form.names).get(dtype, dtype))
    if form.dtype == "np.{}" and not hasattr(np, dtype):
        written = f"ml_dtypes.{dtype}"
    if x.size == 0 or x.size > LITERAL and x.dtype.kind == "f" and (x == x.ravel()[0]).all():
        entry = decimal(x.ravel()[0], case.format) if x.size else "0"
        return Array(name, form.full.format(x.shape, entry, written), dtype)
    values = _values(x, case.format, dtype) if x.size <= LITERAL else f"stored_case({case.id!r}).inputs[{theirs!r}]"
    return Array(name, form.array.format(values, written), dtype)


def _values(x: np.ndarray, fmt: Format, dtype: str) -> str:
    if x.dtype.kind == "f" and "int" not in dtype:
        return np.vectorize(lambda v: decimal(v, fmt), otypes=[object])(x).tolist().__repr__().replace("'", "")
    return repr((x.astype(int) if x.dtype.kind == "f" else x).tolist())


def decimal(value: float, fmt: Format) -> str:
    """Return the shortest decimal that becomes the value in its format."""
    texts = (f"{value:.{digits}g}" for digits in range(1, 18))
    return repr(float(next((t for t in texts if np.array_equal(fmt.cast(float(t)), value)), str(value))))


def _lines(library: Library, function: str, case: Case, inputs: list[Array], shown) -> str:
    text = "; ".join(array.text for array in inputs)
    needed = [f"from math import {name}" for name in ("inf", "nan") if re.search(rf"[\[ (-]{name}\b", text)]
    needed += ["import ml_dtypes"] * ("ml_dtypes." in text)
    needed += ["from softmax_ref.scoreboard import stored_case"] * ("stored_case(" in text)
    first = "; ".join([library.imports, *needed])
    before, call = split(substituted(library.calls[function], case))
    if library.kind == "onnx":
        types = tuple((array.name, array.dtype) for array in inputs)
        model = graph_text(library.calls[function], case.axis, types)
        feeds = ", ".join(f"'{array.name}': {array.text}" for array in inputs)
        second = f"session = InferenceSession(parse_model('{model}').SerializeToString())"
        return f"{first}\n{second}\nprint(session.run(None, {{{feeds}}})[0]{_index(shown)})"
    second = "; ".join(f"{array.name} = {array.text}" for array in inputs)
    plain = isinstance(ast.parse(call, mode="eval").body, ast.Call | ast.Subscript)
    entry = (call if plain else f"({call})") + _index(shown, function in PAIRS)
    entry = entry if isinstance(shown, str) else FORMS[library.kind].entry.format(entry)
    return f"{first}\n{second}\n{before}print({entry})"


def substituted(call: str, case: Case) -> str:
    """Return a call with the axis and the parameters of a case."""
    for name, value in (DEFAULTS | case.parameters | {"axis": case.axis}).items():
        call = re.sub(rf"\b{name}\b(?!=)", repr(value), call)
    return call


def _index(shown: tuple[int, ...] | str, pair: bool = False) -> str:
    if isinstance(shown, str):
        return f"[0]{shown}" if pair else shown
    if pair:
        return f"[{shown[0]}]{_index(shown[1:])}"
    return f"[{', '.join(map(str, shown))}]" if shown else ""


def run(text: str) -> str:
    """Run a snippet and return what it prints, or the exception that it ends in."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), np.errstate(all="ignore"):
            exec(compile(text, "<snippet>", "exec"), {})  # noqa: S102  three lines of our own making
    except RAISED as error:
        return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"[:160]
    return out.getvalue().strip()


def agrees(printed: str, got: float | None, fmt: Format) -> bool:
    """Whether a snippet printed what the judge was given."""
    try:
        seen = fmt.decode(int(printed, 16)) if printed.startswith("0x") else float(printed)
    except ValueError:
        return False
    return got is not None and bool(np.array_equal(fmt.cast(seen), np.asarray(got), equal_nan=True))
