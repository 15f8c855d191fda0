"""From what was asked for to a target: a function in NumPy's form, and what it offers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from softmax_ref.conformance.targets.arrays import find_library, in_numpy
from softmax_ref.conformance.targets.gradients import gradient
from softmax_ref.conformance.targets.importing import TargetError, find_callable
from softmax_ref.conformance.targets.known import form_of, in_form
from softmax_ref.corpus import ALIASES, formats_of

__all__ = ["Target", "find_target"]


DECLARED = ("working_format", "domain", "policies")


@dataclass(frozen=True)
class Target:
    """An implementation, ready to be called.

    Attributes
    ----------
    function : str
        What it computes.
    call : callable
        In NumPy's form; raises `NotOffered` for a call that is skipped.
    formats : tuple of str
        What it takes.
    contract : bool
        Whether the array contract can be asked of it wholly: what it does to memory is seen.
    version : str
        Of its package, as far as that tells.
    declared : dict
        What the file of the target says of it: `working_format`, `domain`, `policies`.
    """

    function: str
    call: Callable
    formats: tuple[str, ...]
    contract: bool
    version: str
    declared: dict[str, object] = field(default_factory=dict)


def find_target(text: str, function: str | None = None, vjp: str | None = None, array: str = "auto") -> Target:
    """Return the target of a text; see `softmax_ref.conformance.targets.command_of`.

    Raises
    ------
    TargetError
        There is no such target, or it cannot be asked for that.
    """
    if text.endswith(".onnx") or text.startswith("onnx:"):
        if vjp or array not in ("auto", "numpy"):
            raise TargetError(
                f"a model of ONNX has no gradient and takes NumPy's arrays, got {text!r} with --vjp or --array"
            )
        return _onnx(text, function)
    fn, module = find_callable(text)
    form = form_of(text, fn, function, bool(vjp))
    call = in_form(fn, form)
    arrays = (form.array or _arrays(fn, module)) if array == "auto" else array
    if vjp:
        call = gradient(call, form.function, arrays)
    seen = True
    if arrays != "numpy":
        library = find_library(arrays)
        call, seen = in_numpy(call, library), not library.unseen
    return Target(form.function, call, _formats(form.function), seen, _version(module), _declared(text, module))


def _formats(function: str) -> tuple[str, ...]:
    return formats_of(ALIASES.get(function, function))


def _arrays(fn: Callable, module: ModuleType) -> str:
    """Return whose arrays a callable takes: as its file says, else by the package that it comes from."""
    said = getattr(module, "array", None)
    if isinstance(said, str):
        return said
    tops = {name.partition(".")[0] for name in (module.__name__, getattr(fn, "__module__", None) or "")}
    return next((name for name in ("torch", "jax", "cupy") if name in tops), "numpy")


def _declared(text: str, module: ModuleType) -> dict[str, object]:
    """Return what a file declares of the target in it; the names of a module may mean anything."""
    if not text.rpartition(":")[0].endswith(".py"):
        return {}
    return {name: getattr(module, name) for name in DECLARED if hasattr(module, name)}


def _version(module: ModuleType) -> str:
    top = sys.modules.get(module.__name__.partition(".")[0], module)
    return str(getattr(top, "__version__", ""))


def _onnx(text: str, function: str | None) -> Target:
    from softmax_ref.conformance.targets.onnx_models import OPERATORS, operator, read_model

    if text.endswith(".onnx"):
        call, fmt = read_model(Path(text))
        offered, function = (fmt,), function or "softmax"
    else:
        name = text.partition(":")[2]
        call = operator(name)
        function = function or OPERATORS[name][0]
        offered = _formats(function)
    return Target(function, call, offered, True, sys.modules["onnxruntime"].__version__)
