"""What the report says of a logistic function that is right until its exponential overflows."""

import numpy as np
import pytest

from softmax_ref import check


def quotient(x):
    x = np.asarray(x)
    return np.asarray(1 / (1 + np.exp(-x))).astype(x.dtype)


@pytest.mark.parametrize("fmt", ["binary64", "binary32"])
def test_the_logistic_quotient_loses_only_what_is_subnormal(fmt):
    """1 / (1 + exp(-x)) is right until exp(-x) overflows, which is where its value turns subnormal."""
    report = check(quotient, function="logistic", formats=[fmt])

    least = {"binary64": 2.0**-1022, "binary32": 2.0**-126}[fmt]
    failed = [failure for failure in report.failures if failure.component is not None]
    assert failed
    assert all(failure.got == 0 and 0 < failure.expected < least for failure in failed)
    assert report.policies["subnormal"] == ("flushed", "gradual")
