"""What all tests share: examples that are the same on every machine, tools that are there or not.

To look further, with fresh examples: HYPOTHESIS_PROFILE=explore make test.
"""

import os
import shutil

import hypothesis
import pytest

# A busy machine is no fault of the code, and CI must not fail by luck.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="session")
def tool():
    """Return the function that finds a program by any of its names; without it a test is skipped, in CI it fails."""

    def find(*names):
        found = next(filter(None, map(shutil.which, names)), None)
        if found is None:
            message = f"{' or '.join(names)} is not installed"
            (pytest.fail if os.environ.get("SOFTMAX_REF_ALL_READERS") == "1" else pytest.skip)(message)
        return found

    return find


@pytest.fixture(scope="session")
def mine():
    """Return a module of one's own as text: a softmax that subtracts the maximum, and one that does not."""
    return """
import numpy as np

def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)

def naive(z, axis=-1):
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)
"""
