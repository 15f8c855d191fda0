"""Replacing a function by a fault, in whatever form its callers call it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np

from softmax_ref.faults.catalogue import faults

__all__ = ["CANARY", "replace"]

CANARY = "canary"
"""The name of the fault that raises: tests that pass with it never call the function."""
OTHER_NAMES = {"dim": "axis", "axes": "axis"}


def replace(module, name: str, fault: str, mark: str) -> None:
    """Put a fault in the place of a function; the file `mark` appears when it is called.

    Parameters
    ----------
    module : module
        Where the function is.
    name : str
        Its name there.
    fault : str
        A name of the catalogue, or `CANARY`.
    mark : str
        Path of the file.
    """
    original = getattr(module, name)
    wrong = _canary if fault == CANARY else next(f for f in faults() if f.name == fault).make()
    setattr(module, name, _in_the_form_of(original, wrong, Path(mark)))


def _canary(*arrays, **keywords):
    raise RuntimeError("softmax_ref: the injected function was called")


def _in_the_form_of(original: Callable, wrong: Callable, mark: Path) -> Callable:
    """Return the fault with the signature of the original; a call that the fault cannot take goes to the original."""
    signature = inspect.signature(original)
    count = _arrays_of(wrong)

    @functools.wraps(original)
    def injected(*args, **keywords):
        bound = signature.bind(*args, **keywords)
        given = list(bound.arguments.items())
        more = {OTHER_NAMES.get(key, key): value for key, value in _flat(given[count:], signature)}
        arrays = [np.asarray(value) for _, value in given[:count]]
        if not _takes(wrong, more):
            return original(*args, **keywords)
        mark.touch()
        return wrong(*arrays, **more)

    return injected


def _flat(given: list, signature: inspect.Signature) -> list:
    """Spread the arguments that a function collects in **keywords."""
    spread = []
    for key, value in given:
        collects = signature.parameters[key].kind is inspect.Parameter.VAR_KEYWORD
        spread += list(value.items()) if collects else [(key, value)]
    return [(key, value) for key, value in spread if value is not None]


def _arrays_of(wrong: Callable) -> int:
    """Count the arguments without a default: the arrays."""
    parameters = inspect.signature(wrong).parameters.values()
    return sum(p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in parameters) or 1


def _takes(wrong: Callable, keywords: dict) -> bool:
    parameters = inspect.signature(wrong).parameters
    return any(p.kind is p.VAR_KEYWORD for p in parameters.values()) or set(keywords) <= set(parameters)
