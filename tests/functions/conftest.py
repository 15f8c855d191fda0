"""Exact values for the tests of the numerical reference, from ball arithmetic."""

import math

import flint
import numpy as np
import pytest


@pytest.fixture
def balls():
    """Return flint.arb at 2500 bits: exp(-1000) next to 1 keeps more than 300 digits."""
    before = flint.ctx.prec
    flint.ctx.prec = 2500
    yield flint.arb
    flint.ctx.prec = before


@pytest.fixture
def ulps(balls):
    """Return the function that measures the largest error of an array in units in the last place of exact values."""

    def error(computed, exact):
        limits, value = np.finfo(computed.dtype), float(exact)
        if not math.isfinite(computed):
            return 0.0 if float(computed) == value else math.inf
        ulp = max(math.ldexp(1.0, math.frexp(value)[1] - limits.nmant - 1), float(limits.smallest_subnormal))
        return float(abs((balls(float(computed)) - exact) / balls(ulp)))

    def worst(computed, exact):
        computed = np.ravel(computed)
        assert len(computed) == len(exact)
        return max(error(c, e) for c, e in zip(computed, exact, strict=True))

    return worst


@pytest.fixture
def exact_softmax(balls):
    """Return the function that encloses softmax of a row of floats."""

    def probabilities(z, beta=1.0):
        top = max(balls(float(v)) * balls(beta) for v in z if v > -math.inf)
        terms = [(balls(float(v)) * balls(beta) - top).exp() if v > -math.inf else balls(0) for v in z]
        return [t / sum(terms, balls(0)) for t in terms]

    return probabilities
