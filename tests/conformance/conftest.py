"""Reading the corpus once for some hundred checks of it."""

import functools
import sys

import pytest

import softmax_ref.conformance.check  # noqa: F401  (the module; the name in the package is the function)


@pytest.fixture(scope="session", autouse=True)
def corpus_read_once():
    """Keep the stored cases between checks: they do not change while the tests run, and cases are read-only."""
    modules = [sys.modules[f"softmax_ref.conformance.{name}"] for name in ("check", "contract")]
    with pytest.MonkeyPatch.context() as patch:
        for module in modules:
            patch.setattr(module, "load", functools.cache(module.load))
        yield
