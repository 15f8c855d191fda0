"""What the tests of the bounds share: how much of the allowed error an algorithm uses."""

import numpy as np
import pytest
from hypothesis import reject

from softmax_ref import certify
from softmax_ref.corpus.theorems import BoundError
from softmax_ref.corpus.tolerances import tolerances
from softmax_ref.formats import get_format


@pytest.fixture(scope="session")
def excess():
    """Return the function that measures the largest error over the allowed one: more than 1 is outside."""
    fmt = get_format("binary64")

    def measure(function, form, *inputs, level="standard", **parameters):
        values = np.ravel(certify(function, *inputs, **parameters).values)
        try:
            given = {"values": values, "fmt": fmt, "level": level}
            allowed = tolerances(function, *inputs, **given, **parameters)
            far = np.ldexp(tolerances(function, *inputs, **given, scale=128, **parameters), 128 - 1074)
        except BoundError:
            reject()  # so does the builder; too many of these fail the test
        with np.errstate(all="ignore"):
            got = np.ravel(form(*inputs, *parameters.values()))
        # The certified value itself is rounded, by half an ulp at most. Beside 0 the ulp is 2^-1074, and too many to count.
        with np.errstate(all="ignore"):
            ratio = np.where(np.isinf(allowed), np.abs(got - values) / far, fmt.error(got, values) / (allowed + 0.5))
        return float(ratio.max())

    return measure
