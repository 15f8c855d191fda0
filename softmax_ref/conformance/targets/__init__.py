"""Implementations in Python, of array libraries and in ONNX, as programs that speak the protocol.

``python -m softmax_ref.conformance.targets TARGET`` is the program. A target is

- ``module:name`` or ``path/to/mine.py:name``: a function, a method, a partial, an object that can be called;
- ``model.onnx``, or ``onnx:Softmax`` for one operator, run through onnxruntime.

A file of one's own says the rest. It names a callable in NumPy's form, ``softmax(z, axis=-1)``, and maybe whose
arrays that takes (a module of the array API standard), and what it declares:

.. code:: python

    import torch

    array = "torch"  # else NumPy's, or those of the package that the callable comes from
    working_format = "binary32"  # these three as in `softmax_ref.check`; all may be left out
    domain = "abs(z) <= 88"
    policies = {"all_neg_inf": "nan"}

    class Kernel(torch.nn.Module):
        def forward(self, z, axis=-1):
            return torch.softmax(z, axis)

    softmax = Kernel()

``softmax-ref check mine.py:softmax`` judges it. The array contract is asked of all of them: arrays of other libraries
share the memory of NumPy's where they can, and what a library has no arrays for is refused.
"""

from __future__ import annotations

import sys

__all__ = ["command_of"]


def command_of(target: str, function: str | None = None, *, vjp: str | None = None, array: str = "auto") -> list[str]:
    """Return the command that speaks the protocol for a target.

    Parameters
    ----------
    target : str
        As in `softmax_ref.conformance.targets`.
    function : str, optional
        What it computes; default: its own name where that is a function of the corpus, else softmax.
    vjp : {"auto"}, optional
        The target is the function itself, and its gradient is asked for, taken by torch or JAX.
    array : str
        Which arrays it takes: auto, numpy, torch, jax, cupy, or a module of the array API standard.

    Examples
    --------
    >>> command_of("mine:softmax", "softmax")[1:]
    ['-m', 'softmax_ref.conformance.targets', 'mine:softmax', '--function', 'softmax']
    """
    command = [sys.executable, "-m", __name__, target]
    command += ["--function", function] if function else []
    command += ["--vjp", vjp] if vjp else []
    return command + (["--array", array] if array != "auto" else [])
