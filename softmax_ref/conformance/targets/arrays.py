"""Arrays of other libraries: from NumPy and back, bit for bit, and a function on them in NumPy's form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np

from softmax_ref.conformance.adapters import describe, dtype_of
from softmax_ref.conformance.targets.importing import TargetError
from softmax_ref.formats import FORMATS

__all__ = ["Library", "NotOffered", "find_library", "in_numpy"]


class NotOffered(Exception):
    """A call that a target does not offer: skipped, neither right nor wrong."""


@dataclass(frozen=True)
class Library:
    """The arrays of one library.

    Attributes
    ----------
    name : str
        What it is called, and imported as.
    into : callable
        An array of it from a NumPy array; the memory is shared where the library can write into it.
    back : callable
        A NumPy array from an array of it.
    unseen : bool
        Whether it may write into its arrays where NumPy does not see it: they are copies.
    """

    name: str
    into: Callable[[np.ndarray], object]
    back: Callable[[object], np.ndarray]
    unseen: bool = False


def find_library(name: str) -> Library:
    """Return the library of a name: torch, jax, cupy, or any module of the array API standard.

    Raises
    ------
    TargetError
        It is not installed, or knows no arrays.
    """
    try:
        module = import_module(name)
    except ImportError as error:
        raise TargetError(f"arrays of {name} need the package {name}: {error}") from None
    if name not in _LIBRARIES and not hasattr(module, "from_dlpack"):
        raise TargetError(f"--array needs a module with from_dlpack, as the array API standard has, got {name!r}")
    return _LIBRARIES.get(name, _standard)(module)


def in_numpy(fn: Callable, library: Library) -> Callable:
    """Return a function of NumPy arrays from one of a library's arrays."""

    def called(*arrays, **keywords):
        try:
            returned = fn(*map(library.into, arrays), **keywords)
        except NotImplementedError as error:  # the library has no such operation for this dtype
            raise NotOffered(describe(error)) from None
        if isinstance(returned, tuple | list):
            return tuple(map(library.back, returned))
        return library.back(returned)

    return called


def _checked(returned, kind: type, name: str):
    if not isinstance(returned, kind):
        raise ValueError(f"the result needs to be an array of {name}, got {type(returned).__name__}")
    return returned


def _torch(torch: ModuleType) -> Library:
    """Torch shares memory with NumPy; a format that NumPy itself lacks passes as integers of its bits."""
    own = {dtype: getattr(torch, name) for name, dtype in _extra().items() if hasattr(torch, name)}
    numpys = {theirs: ours for ours, theirs in own.items()}

    def into(x: np.ndarray):
        try:
            bits = torch.from_numpy(x.view(f"int{8 * x.itemsize}") if x.dtype in own else x)
        except (TypeError, ValueError) as error:  # a dtype, or negative strides
            raise NotOffered(f"torch has no such arrays: {describe(error)}") from None
        return bits.view(own[x.dtype]) if x.dtype in own else bits

    def back(returned) -> np.ndarray:
        tensor = _checked(returned, torch.Tensor, "torch").detach().cpu()
        if tensor.dtype not in numpys:
            return tensor.numpy()
        return tensor.view(getattr(torch, f"int{8 * tensor.element_size()}")).numpy().view(numpys[tensor.dtype])

    return Library("torch", into, back)


def _extra() -> dict[str, np.dtype]:
    """Return the dtypes of ml_dtypes by the name of their format."""
    dtypes = {name: dtype_of(fmt) for name, fmt in FORMATS.items()}
    return {name: dtype for name, dtype in dtypes.items() if dtype is not None and dtype.isbuiltin != 1}


def _jax(jax: ModuleType) -> Library:
    """JAX never writes into an array; it is given a copy of its own."""
    jax.config.update("jax_enable_x64", True)

    def into(x: np.ndarray):
        return jax.numpy.array(x, dtype=x.dtype, copy=True)

    return Library("jax", into, lambda returned: np.array(_checked(returned, jax.Array, "jax")))


def _cupy(cupy: ModuleType) -> Library:
    def into(x: np.ndarray):
        if x.dtype.isbuiltin != 1:
            raise NotOffered(f"cupy has no arrays of {x.dtype}")
        return cupy.asarray(x)

    return Library("cupy", into, lambda returned: cupy.asnumpy(_checked(returned, cupy.ndarray, "cupy")), unseen=True)


def _standard(module: ModuleType) -> Library:
    """Any module of the array API standard: through DLPack, which shares memory."""
    kind = type(module.from_dlpack(np.zeros(1)))

    def into(x: np.ndarray):
        try:
            return module.from_dlpack(x)
        except Exception as error:  # NumPy and the library have several for a dtype that they cannot hand over
            raise NotOffered(f"{module.__name__} has no arrays of {x.dtype}: {describe(error)}") from None

    return Library(module.__name__, into, lambda returned: np.from_dlpack(_checked(returned, kind, module.__name__)))


_LIBRARIES = {"torch": _torch, "jax": _jax, "cupy": _cupy}
