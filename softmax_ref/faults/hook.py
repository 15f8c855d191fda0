"""Puts a fault in the place of a function of somebody's package, in every Python process that a test run starts.

A copy of this file is the `sitecustomize` of those processes, so it is executed before any test: it imports nothing but
the standard library until the module that holds the function is imported.
"""

import importlib.machinery
import importlib.util
import json
import os
import sys

VARIABLE = "SOFTMAX_REF_INJECT"


class _Loader:
    """Executes a module as its own loader does, then replaces one of its functions."""

    def __init__(self, loader, patch):
        self._loader, self._patch = loader, patch

    def exec_module(self, module):
        self._loader.exec_module(module)
        self._patch(module)

    def __getattr__(self, name):
        return getattr(self._loader, name)


class _Finder:
    """Finds the module as the other finders do, and lends it the loader above."""

    def __init__(self, name, patch):
        self._name, self._patch = name, patch

    def find_spec(self, name, path=None, target=None):
        if name != self._name:
            return None
        others = [finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec")]
        spec = next((s for finder in others if (s := finder.find_spec(name, path, target))), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._patch)
        return spec


def install(order):
    """Await the import of the module of an order: {"module", "name", "fault", "mark"}."""

    def patch(module):
        from softmax_ref.faults.injection import replace

        replace(module, order["name"], order["fault"], order["mark"])

    sys.meta_path.insert(0, _Finder(order["module"], patch))


def run_the_next(name):
    """Execute the sitecustomize that this one hides, if there is one."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec(name, path)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if __name__ == "sitecustomize":
    if VARIABLE in os.environ:
        install(json.loads(os.environ[VARIABLE]))
    run_the_next("sitecustomize")
