"""ONNX: a model file, or a model of one operator, run through onnxruntime on the processor."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np

from softmax_ref.conformance.adapters import describe
from softmax_ref.conformance.targets.arrays import NotOffered
from softmax_ref.conformance.targets.importing import TargetError

__all__ = ["OPERATORS", "operator", "read_model"]

OPERATORS = {
    # operator: what it computes, and what it calls the axis
    "Softmax": ("softmax", "axis"),
    "LogSoftmax": ("log_softmax", "axis"),
    "ReduceLogSumExp": ("logsumexp", "axes"),
    "Softplus": ("softplus", None),
    "Sigmoid": ("logistic", None),
}
OPSET = 17
"""The last in which ReduceLogSumExp has its axes as an attribute."""
TYPES = {
    "tensor(double)": "binary64",
    "tensor(float)": "binary32",
    "tensor(float16)": "binary16",
    "tensor(bfloat16)": "bfloat16",
    "tensor(float8e4m3fn)": "float8_e4m3fn",
    "tensor(float8e5m2)": "float8_e5m2",
}


def _package(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise TargetError(f"ONNX needs the package {name}: pip install {name} ({error})") from None


def operator(name: str) -> Callable:
    """Return an operator as a function in NumPy's form; a model is built for each dtype, rank and axis."""
    if name not in OPERATORS:
        raise TargetError(f"an operator needs to be one of {', '.join(OPERATORS)}, got {name!r}")
    onnx, runtime = _package("onnx"), _package("onnxruntime")

    @cache
    def session(dtype: np.dtype, axes: int, axis: int | None):
        return _session(runtime, _one_node(onnx, name, dtype, axes, axis).SerializeToString())

    def called(x: np.ndarray, axis: int | None = None) -> np.ndarray:
        return session(x.dtype, x.ndim, axis).run(None, {"x": x})[0]

    return called


def _one_node(onnx, name: str, dtype: np.dtype, axes: int, axis: int | None):
    helper, form = onnx.helper, OPERATORS[name][1]
    attributes = {"axis": {"axis": axis}, "axes": {"axes": [axis], "keepdims": 0}, None: {}}[form]
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    result = [None] * (axes - (form == "axes"))
    values = [helper.make_tensor_value_info(n, kind, shape) for n, shape in (("x", [None] * axes), ("y", result))]
    graph = helper.make_graph([helper.make_node(name, ["x"], ["y"], **attributes)], name, values[:1], values[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def _session(runtime, model: bytes | str):
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong is raised, and told once
    try:
        return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own NotImplemented and Fail have no base in common
        raise NotOffered(describe(error)) from None


def read_model(path: Path) -> tuple[Callable, str]:
    """Return a model file as a function in NumPy's form, and the format that it takes.

    The arguments are its inputs in their order, the result is its first output, and the axis is the last.
    """
    try:
        session = _session(_package("onnxruntime"), str(path))
    except NotOffered as error:
        raise TargetError(f"{str(path)!r} cannot be run: {error}") from None
    inputs = session.get_inputs()
    fmt = TYPES.get(inputs[0].type)
    if fmt is None:
        raise TargetError(f"{str(path)!r} needs an input of a float type, got {inputs[0].type}")

    def called(*arrays: np.ndarray, axis: int = -1) -> np.ndarray:
        if axis not in (-1, arrays[0].ndim - 1):
            raise NotOffered("a model file is asked along the last axis only")
        for x, given in zip(inputs, arrays, strict=True):
            if not _fits(x.shape, given.shape):
                raise NotOffered(f"the model takes the shape {x.shape} as {x.name}")
        return session.run(None, {x.name: given for x, given in zip(inputs, arrays, strict=True)})[0]

    return called, fmt


def _fits(wanted: list, shape: tuple[int, ...]) -> bool:
    """Whether a shape has the lengths that a model fixes; the others have names, or none."""
    return len(wanted) == len(shape) and all(not isinstance(n, int) or n == m for n, m in zip(wanted, shape))
