"""Calls of a library in NumPy's form: the line that its users write, on its own arrays."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from subprocess import CalledProcessError

import numpy as np

from softmax_ref.conformance.targets.arrays import NotOffered, find_library
from softmax_ref.scoreboard.libraries import Library, signature

__all__ = ["DEFAULTS", "callable_of", "graph_text", "split"]

DEFAULTS = {"alpha": 1.5, "label_smoothing": 0.0}


def _namespace(library: Library) -> dict:
    """Return the names that the import line of a library gives."""
    names: dict = {}
    exec(library.imports, names)  # noqa: S102  a line of our own table
    return names


def callable_of(library: Library, function: str) -> Callable:
    """Return a function of a library in NumPy's calling form.

    What its call has no place for is not offered: another axis than the last, a parameter that it does not take.
    """
    text, arrays = library.calls[function], signature(function)
    run = _graph(text) if library.kind == "onnx" else _expression(library, text)
    into, back = _conversion(library.kind)

    def called(*given, axis=-1, **parameters):
        _offered(library, text, given[0], axis, parameters)
        try:
            returned = run(dict(zip(arrays, map(into, given), strict=True)), DEFAULTS | parameters | {"axis": axis})
            return tuple(map(back, returned)) if isinstance(returned, tuple | list) else back(returned)
        except Exception as error:
            if library.refuses and re.search(library.refuses, str(error)):
                raise TypeError(f"{library.title} refuses it: {str(error).splitlines()[0][:120]}") from None
            raise

    return called


def _offered(library: Library, text: str, first: np.ndarray, axis: int, parameters: dict) -> None:
    last = axis in (-1, np.ndim(first) - 1)
    if not (last or re.search(r"\baxis\b", text)):
        raise NotOffered("only along the last axis")
    for name, value in parameters.items():
        if name not in text and value != DEFAULTS.get(name):
            raise NotOffered(f"has no {name}")
        if value <= (library.above or {}).get(name, -np.inf):
            raise NotOffered(f"only with {name} above {library.above[name]:g}")


def _expression(library: Library, text: str) -> Callable:
    first, last = split(text)
    names, code = _namespace(library), compile(f"{first}found = {last}", f"<{library.id}>", "exec")

    def run(arrays, parameters):
        here = names | arrays | parameters
        exec(code, here)  # noqa: S102  a line of our own table
        return here["found"]

    return run


def split(call: str) -> tuple[str, str]:
    """Return what a call does first, and its expression.

    Examples
    --------
    >>> split("with tape(z) as t: y = f(z); t.gradient(y, z)")
    ('with tape(z) as t: y = f(z); ', 't.gradient(y, z)')
    >>> split("f(z)")
    ('', 'f(z)')
    """
    at = max(call.find(mark) + len(mark) for mark in (": ", "; ") if mark in call) if call.startswith("with ") else 0
    return call[:at], call[at:]


def _graph(text: str) -> Callable:
    """Return what runs the body of an ONNX graph; a session is made for each dtype and axis."""
    from onnx.parser import parse_model
    from onnxruntime import InferenceSession, SessionOptions

    parse_model(graph_text(text, -1, (("z", "float64"), ("labels", "int64"))))  # a slip of ours is not its failure

    @cache
    def session(axis: int, types: tuple[tuple[str, str], ...]):
        options = SessionOptions()
        options.log_severity_level = 4
        return InferenceSession(parse_model(graph_text(text, axis, types)).SerializeToString(), options)

    def run(arrays, parameters):
        for name, x in arrays.items():
            if x.dtype.name not in ONNX_TYPES:
                raise TypeError(f"ONNX has no tensors of {x.dtype} here ({name})")
        types = tuple((name, x.dtype.name) for name, x in arrays.items())
        return session(parameters["axis"], types).run(None, arrays)[0]

    return run


ONNX_TYPES = {
    "float64": "double",
    "float32": "float",
    "float16": "float16",
    **{name: name for name in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool")},
}


def graph_text(call: str, axis: int | None, types: tuple[tuple[str, str], ...]) -> str:
    """Return the text of an ONNX model whose inputs have the named dtypes and any shape."""
    inputs = ", ".join(f"{ONNX_TYPES[dtype]}[] {name}" for name, dtype in types)
    body = call.replace("{axis}", str(axis))
    return f'<ir_version: 8, opset_import: ["" : 18]> g ({inputs}) => ({ONNX_TYPES[types[0][1]]}[] y) {{ {body} }}'


def _conversion(kind: str) -> tuple[Callable, Callable]:
    if kind in ("torch", "jax"):
        library = find_library(kind)
        return (_without_negative_strides(library.into) if kind == "torch" else library.into), library.back
    return {"numpy": _numpy, "onnx": _numpy, "tensorflow": _tensorflow, "tinygrad": _tinygrad}[kind]()


def _without_negative_strides(into: Callable) -> Callable:
    return lambda x: into(x.copy() if any(step < 0 for step in x.strides) else x)


def _numpy():
    return (lambda x: x), np.asarray


def _tensorflow():
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")
    return tf.convert_to_tensor, lambda y: y.numpy()


def _tinygrad():
    import ml_dtypes
    from tinygrad import Tensor, dtypes

    theirs = {"bfloat16": dtypes.bfloat16, "float8_e4m3fn": dtypes.fp8e4m3, "float8_e5m2": dtypes.fp8e5m2}
    ours = {dtype: getattr(ml_dtypes, name) for name, dtype in theirs.items()}
    bits = {1: dtypes.uint8, 2: dtypes.uint16}

    @cache
    def compiles(name):
        try:
            return bool(Tensor([1.0], dtype=theirs[name]).numpy())
        except CalledProcessError:
            return False

    def into(x):
        x = np.ascontiguousarray(x).reshape(x.shape)
        if x.dtype.name in theirs:
            if not compiles(x.dtype.name):
                raise TypeError(f"tinygrad's compiler, the clang of this machine, has no {x.dtype}")
            return Tensor(x.view(f"u{x.itemsize}")).bitcast(theirs[x.dtype.name])
        if x.dtype.isbuiltin != 1:
            raise TypeError(f"tinygrad has no arrays of {x.dtype} here")
        return Tensor(x)

    def back(y):
        if y.dtype in ours:
            return y.bitcast(bits[y.dtype.itemsize]).numpy().view(ours[y.dtype])
        return y.numpy()

    return into, back
