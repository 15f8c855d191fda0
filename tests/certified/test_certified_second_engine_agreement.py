"""Both engines agree bit for bit: every function, every format, special values, near ties and random inputs."""

import numpy as np
import pytest

from softmax_ref.certified import rows

ROWS = ("softmax", "log_softmax", "logsumexp", "softmax_jacobian", "logsumexp_hessian")
ROWS_BESIDE = ("softmax_vjp", "softmax_jvp", "log_softmax_vjp", "log_softmax_jvp", "logsumexp_jvp", "logsumexp_vjp")
LOSSES = ("cross_entropy", "cross_entropy_vjp", "cross_entropy_jvp")
ELEMENTS = ("logistic", "log_logistic", "softplus")
PAIRS = ("logaddexp", "logaddexp_vjp", "logaddexp_jvp")
FUNCTIONS = (
    *(ROWS + ROWS_BESIDE + LOSSES + ELEMENTS + PAIRS),
    *(f"{name}_{kind}" for name in ELEMENTS for kind in ("vjp", "jvp")),
)
ROUNDS = 8

# Midpoints of some format: 1 + half an ulp, half the smallest subnormal, the overflow thresholds, and 802 of bfloat16.
MIDPOINTS = (
    *(1 + 2.0**-k for k in (3, 4, 8, 11, 24, 53)),
    *(2.0**-k for k in (10, 17, 25, 134, 150)),
    *(464.0, 61440.0, 65520.0, 802.0),
)


def logits(rng):
    """Draw a row from one of the kinds of input that went wrong somewhere, now and then with special values."""
    k = int(rng.integers(1, 7))
    kinds = (
        lambda: rng.normal(size=k) * 10.0 ** rng.integers(-12, 4),
        lambda: rng.integers(-2, 3, k).astype(float),
        lambda: rng.choice([0.0, -800.0, -1e38, -1e300, -744.4, -5e-324, 1e-300, 1e308], k),
        lambda: rng.choice(MIDPOINTS, k) * rng.choice([-1.0, 1.0], k) - rng.choice([0.0, 1000.0, 1e6], k),
        lambda: np.ldexp(1.0, rng.integers(-1074, 10, k)) * rng.choice([-1.0, 1.0], k),
        lambda: rng.choice(MIDPOINTS) + np.append(rng.choice([-700.0, -2000.0, -1e200], k - 1), 0.0),
    )
    z = kinds[rng.integers(len(kinds))]()
    if rng.random() < 0.25:
        z[rng.integers(k)] = rng.choice([np.inf, -np.inf, -np.inf, np.nan, -0.0])
    return z


def beside(rng, shape):
    """Draw finite cotangents or tangents: random, small integers, or midpoints and their like."""
    kinds = (
        lambda: rng.normal(size=shape) * 10.0 ** rng.integers(-20, 20),
        lambda: rng.integers(-2, 3, shape).astype(float),
        lambda: rng.choice(MIDPOINTS, shape) * rng.choice([-1.0, 0.0, 1.0], shape),
        lambda: np.full(shape, rng.choice(MIDPOINTS)) + rng.choice([0.0, 1.0], shape),
        lambda: np.full(shape, rng.choice([1e308, 5e-324, -1.0])),
    )
    return kinds[rng.integers(len(kinds))]()


def parameters(rng, function, z):
    drawn = {}
    if function in ("softmax", "softmax_vjp", "softmax_jvp") and rng.random() < 0.4:
        drawn["beta"] = float(rng.choice([0.0, 0.5, -1.0, 3.0, 1e-300, 1e300, 0.1]))
    if function in ("softmax", "log_softmax", "logsumexp") and rng.random() < 0.3:
        drawn["where"] = rng.random(z.shape) < 0.7
    if function in LOSSES and rng.random() < 0.6:
        drawn["label_smoothing"] = float(rng.choice([0.1, 0.5, 1.0, 2.0**-30]))
    return drawn


def arguments(rng, function):
    """Draw the arrays of a call."""
    z = logits(rng)
    if function in ROWS:
        return (z,)
    if function in LOSSES:
        extra = {"cross_entropy_vjp": (), "cross_entropy_jvp": z.shape}.get(function)
        label = np.int64(rng.integers(len(z)))
        return (z, label) if extra is None else (z, label, beside(rng, extra))
    if function in PAIRS:
        other = rng.permutation(np.resize(logits(rng), z.shape))
        count = PAIRS.index(function)
        return (z, other, *(beside(rng, z.shape) for _ in range(count)))
    if function in ELEMENTS:
        return (z,)
    return (z, beside(rng, () if function == "logsumexp_vjp" else z.shape))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_engines_agree(function, demand_equal_bits):
    """The comparison of exponential sums and the balls give the same bits."""
    rng = np.random.default_rng([20, FUNCTIONS.index(function)])

    for _ in range(ROUNDS):
        inputs = arguments(rng, function)
        demand_equal_bits(function, inputs, parameters(rng, function, inputs[0]))


@pytest.mark.parametrize(
    ("function", "inputs", "drawn"),
    [
        (
            "softmax",
            ([2.0, 1.0, 0.0, -2.0, 0.0, np.inf],),
            {"beta": -1.0, "where": [False, False, True, False, False, True]},
        ),
        ("logaddexp_vjp", (np.inf, np.nan, 1.0), {}),
        ("logaddexp_jvp", (np.inf, np.nan, 1.0, 1.0), {}),
        ("logaddexp_jvp", (-800.0, 0.0, 1.125, 1.125), {}),  # a midpoint of float8_e5m2
    ],
)
def test_engines_agree_where_the_first_was_wrong(function, inputs, drawn, demand_equal_bits):
    """A mask at negative beta, nan beside +inf, and a tie that p + q = 1 keeps: once faults of the first engine."""
    demand_equal_bits(function, inputs, drawn)


def test_a_wrong_exponential_in_the_first_engine_is_noticed(monkeypatch, demand_equal_bits):
    """A relative error of 2^-40 in the arguments of the balls changes bits that the second engine keeps."""
    z = np.random.default_rng(7).normal(size=20)
    exact = rows.ball
    demand_equal_bits("softmax", (z,), {})
    monkeypatch.setattr(rows, "ball", lambda x: exact(x) * (1 + exact(1) / 2**40))

    with pytest.raises(AssertionError, match="binary64"):
        demand_equal_bits("softmax", (z,), {})
