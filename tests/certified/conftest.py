"""What the tests of both engines share: rows that are hard somewhere, and the comparison bit for bit."""

import numpy as np
import pytest

from softmax_ref.certified import certify
from softmax_ref.certified.second_engine import rederive
from softmax_ref.formats import FORMATS


@pytest.fixture(scope="session")
def hard_rows():
    """Return the function that draws rows of one length, each from one of the kinds that are hard somewhere."""

    def draw(rng, count):
        k = int(rng.integers(1, 7))
        kinds = (
            lambda: rng.normal(size=k) * 10.0 ** rng.integers(-12, 4),
            lambda: rng.integers(-2, 3, k).astype(float),
            lambda: rng.choice([0.0, -800.0, -1e38, -1e300, -744.4, -5e-324, 1e308], k),
            lambda: np.ldexp(1.0, rng.integers(-1074, 10, k)),
            lambda: rng.normal(size=k) + 2.0 ** rng.integers(0, 60),
        )
        return [kinds[rng.integers(len(kinds))]() for _ in range(count)]

    return draw


@pytest.fixture(scope="session")
def now_and_then_special():
    """Return the function that puts a special value into one row of four."""

    def put(rng, row):
        if rng.random() < 0.25:
            row[rng.integers(len(row))] = rng.choice([np.inf, -np.inf, np.nan, -0.0])
        return row

    return put


@pytest.fixture(scope="session")
def demand_equal_bits():
    """Return the function that demands the same bits of both engines, in every format."""

    def demand(function, inputs, parameters):
        for name in FORMATS:
            first = certify(function, *inputs, format=name, **parameters).bits
            second = rederive(function, *inputs, format=name, **parameters)
            assert first.shape == second.shape, (function, name, inputs, parameters)
            assert first.tolist() == second.tolist(), (function, name, inputs, parameters)

    return demand
