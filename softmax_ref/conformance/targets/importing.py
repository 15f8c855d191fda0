"""From the text of a target to the callable that it names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

__all__ = ["TargetError", "find_callable"]


class TargetError(ValueError):
    """What is wrong with a target, before anything of it is called."""


def find_callable(target: str) -> tuple[Callable, ModuleType]:
    """Return what ``module:name`` or ``file.py:name`` names, and its module; the current folder is searched first.

    Raises
    ------
    TargetError
        It has another form, cannot be imported, is not there or cannot be called.

    Examples
    --------
    >>> find_callable("math:exp")[0](0)
    1.0
    """
    place, colon, path = target.rpartition(":")
    if not colon or not place or not path:
        raise TargetError(f"a target needs the form module:name, got {target!r}")
    try:
        module = _file(Path(place)) if place.endswith(".py") else _module(place)
    except (Exception, SystemExit) as error:  # whatever a module raises on import, it is the target's fault
        raise TargetError(f"{target!r} cannot be imported: {_line(error)}") from None
    found = module
    for part in path.split("."):
        if not hasattr(found, part):
            raise TargetError(f"{target!r} needs a name of {place}, which has no {part!r}")
        found = getattr(found, part)
    if not callable(found):
        raise TargetError(f"{target!r} needs to be callable, got {type(found).__name__}")
    return found, module


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _module(name: str) -> ModuleType:
    sys.path.insert(0, "")
    return import_module(name)


def _file(path: Path) -> ModuleType:
    """Import a file; what stands beside it can be imported by it."""
    name = path.stem if path.stem not in sys.modules else f"target_{path.stem}"
    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)
    sys.path.insert(0, str(path.parent.resolve()))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module
