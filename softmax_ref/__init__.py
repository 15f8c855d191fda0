"""Literate reference and certified test corpus for the softmax family."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softmax_ref.certified import certify  # noqa: F401
    from softmax_ref.conformance import check  # noqa: F401
    from softmax_ref.corpus import load  # noqa: F401
    from softmax_ref.functions import *

__version__ = "0.1.0"

# Everything is loaded on first use: whoever calls softmax needs neither python-flint nor the judge, and pytest, which
# loads the plugins of all installed packages into every run, needs no NumPy.
_LATER = {
    "certify": "softmax_ref.certified",
    "check": "softmax_ref.conformance",
    "load": "softmax_ref.corpus",
}


def __getattr__(name: str):
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    functions = import_module("softmax_ref.functions")
    if name == "__all__":
        return [*functions.__all__, *_LATER]
    if name not in (*functions.__all__, *_LATER):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_LATER[name]) if name in _LATER else functions, name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
