"""Literate reference and certified test corpus for the softmax family."""

from importlib import import_module

from softmax_ref.functions import *  # noqa: F403
from softmax_ref.functions import __all__ as _functions

__version__ = "0.1.0"

# Loaded on first use: whoever calls softmax needs neither python-flint nor the judge.
_LATER = {
    "certify": "softmax_ref.certified",
    "check": "softmax_ref.conformance",
    "load": "softmax_ref.corpus",
}

__all__ = [*_functions, *_LATER]


def __getattr__(name: str):
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LATER])
