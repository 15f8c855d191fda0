"""Boltzmann sums, policies, perturbed and tilted rows, the log semiring: right styles pass, wrong ones fail.

All are written out here in NumPy or SciPy. A fault is caught in every format, by a case that carries one of the flags
named beside it.
"""

import functools

import numpy as np
import pytest
from scipy import special

from softmax_ref import check, functions

ALL = ("binary64", "binary32", "binary16", "bfloat16")


def in_float32(fn):
    """Compute narrow floats in float32 and integers in float64; round once at the end."""

    @functools.wraps(fn)
    def wrapped(*arrays, **keywords):
        dtype = np.asarray(arrays[0]).dtype
        integers = dtype.kind in "iub"
        work = np.dtype(np.float64 if integers else dtype if dtype.itemsize >= 4 else np.float32)
        parameters = {k: v if k == "axis" else work.type(v) for k, v in keywords.items()}
        y = np.asarray(fn(*(np.asarray(x).astype(work) for x in arrays), **parameters))
        return y if integers else y.astype(dtype)

    return wrapped


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def in_logs(x, axis=-1):
    d = x - x.max(axis=axis, keepdims=True)
    return np.exp(d - np.log(np.exp(d).sum(axis=axis, keepdims=True)))


def lse(x, axis=-1):
    top = x.max(axis=axis, keepdims=True)
    d = x - np.where(np.isinf(top), 0, top)
    return (top + np.log(np.exp(d).sum(axis=axis, keepdims=True))).sum(axis=axis)


def lowest(E, beta, axis):
    """The energy of the most probable state."""
    return (E.max if beta < 0 else E.min)(axis=axis, keepdims=True)


def highest(x, beta, axis):
    return (x.min if beta < 0 else x.max)(axis=axis, keepdims=True)


def boltzmann(E, axis=-1, beta=1):
    """At coldness 0 the product 0 * inf needs care in each style."""
    x = np.where(E == np.inf, -np.inf, -beta * E) if beta == 0 else -beta * E
    return softmax(x, axis)


def boltzmann_of_excitations(E, axis=-1, beta=1):
    excitation = E - lowest(E, beta, axis)
    w = np.exp(np.where(np.isinf(excitation), -np.inf, -beta * excitation))
    return w / w.sum(axis=axis, keepdims=True)


def partition_function(E, axis=-1, beta=1):
    return np.exp(np.where(E == np.inf, -np.inf, -beta * E) if beta == 0 else -beta * E).sum(axis=axis)


def partition_function_of_excitations(E, axis=-1, beta=1):
    ground = lowest(E, beta, axis)
    excitation = np.where(np.isinf(E), np.inf, E - ground) if beta >= 0 else np.where(np.isinf(E), -np.inf, E - ground)
    w = np.exp(np.where(np.isinf(excitation), -np.inf, -beta * excitation))
    return (np.exp(-beta * ground) * w.sum(axis=axis, keepdims=True)).sum(axis=axis)


def free_energy(E, axis=-1, beta=1):
    return -lse(-beta * E, axis) / beta


def free_energy_of_excitations(E, axis=-1, beta=1):
    ground = lowest(E, beta, axis)
    return (ground - np.log(np.exp(-beta * (E - ground)).sum(axis=axis, keepdims=True)) / beta).sum(axis=axis)


def tilted(p, x, axis=-1, theta=1):
    """p e^(theta x), shifted by the maximum inside the support."""
    x = np.where(p > 0, x, -np.inf if theta >= 0 else np.inf)
    d = x - highest(x, theta, axis)
    w = p * np.exp(np.where(np.isinf(d), -np.inf, theta * d))
    return w / w.sum(axis=axis, keepdims=True)


def tilted_in_logs(p, x, axis=-1, theta=1):
    return softmax(np.where(p > 0, theta * x + np.log(p), -np.inf), axis)


def add(x, y, beta=1):
    return np.logaddexp(beta * x, beta * y) / beta


def add_to_the_extreme(x, y, beta=1):
    m = np.minimum(x, y) if beta < 0 else np.maximum(x, y)
    gap = np.where(x == y, 0, np.abs(x - y))
    return m + np.log1p(np.exp(-np.abs(beta) * gap)) / beta


def semiring_sum(z, axis=-1, beta=1):
    return lse(beta * z, axis) / beta


def semiring_sum_of_distances(z, axis=-1, beta=1):
    m = highest(z, beta, axis)
    return (m + np.log(np.exp(beta * (z - m)).sum(axis=axis, keepdims=True)) / beta).sum(axis=axis)


RIGHT = {
    "boltzmann": {"softmax of -beta E": boltzmann, "excitations": boltzmann_of_excitations},
    "partition_function": {"term by term": partition_function, "excitations": partition_function_of_excitations},
    "free_energy": {"-logsumexp(-beta E)/beta": free_energy, "ground state first": free_energy_of_excitations},
    "boltzmann_policy": {
        "softmax(q/tau)": lambda q, axis=-1, tau=1: softmax(q / tau, axis),
        "times 1/tau, in logs": lambda q, axis=-1, tau=1: in_logs(q * (1 / tau), axis),
        "shift, then divide": lambda q, axis=-1, tau=1: softmax((q - q.max(axis=axis, keepdims=True)) / tau, axis),
    },
    "gumbel_softmax": {
        "softmax((z + g)/T)": lambda z, noise, axis=-1, temperature=1: softmax((z + noise) / temperature, axis),
        "parts over T": lambda z, noise, axis=-1, temperature=1: softmax(z / temperature + noise / temperature, axis),
        "SciPy": lambda z, noise, axis=-1, temperature=1: special.softmax((noise + z) * (1 / temperature), axis=axis),
    },
    "exponential_tilting": {"p e^(theta x)": tilted, "softmax of theta x + log p": tilted_in_logs},
    "log_semiring_add": {"logaddexp": add, "extreme and log1p": add_to_the_extreme},
    "log_semiring_multiply": {"sum": lambda x, y: x + y, "difference": lambda x, y: x - (-y)},
    "log_semiring_sum": {"logsumexp(beta z)/beta": semiring_sum, "maximum first": semiring_sum_of_distances},
}
STYLES = [(function, style) for function, styles in RIGHT.items() for style in styles]


@pytest.mark.parametrize(("function", "style"), STYLES)
def test_right_implementations_conform(function, style):
    """Every format, integers and the array contract included."""
    report = check(in_float32(RIGHT[function][style]), function=function)

    assert report.conforms, str(report)


@pytest.mark.parametrize("function", RIGHT)
def test_our_own_functions_reach_the_strict_level(function):
    """The reference conforms at level tight in every format."""
    report = check(getattr(functions, function), function=function, require="tight")

    assert report.conforms, str(report)


# Wrong


def swapped(fn, name, value):
    """Call with another value of a parameter: a function of the right one."""
    return lambda *arrays, **k: fn(*arrays, **(k | {name: value(k.get(name, 1))}))


def with_inputs(fn, change):
    return lambda *arrays, **k: fn(*change(*arrays), **k)


def scaled(fn, factor):
    """Multiply the result by a function of beta."""
    return lambda *arrays, beta=1, **k: fn(*arrays, beta=beta, **k) * factor(beta)


def policy(q, axis=-1, tau=1):
    return softmax(q / tau, axis)


def noisy(z, noise, axis=-1, temperature=1):
    return softmax((z + noise) / temperature, axis)


def boltzmann_without_shift(E, axis=-1, beta=1):
    w = np.exp(-beta * E)
    return w / w.sum(axis=axis, keepdims=True)


def boltzmann_shifted_upside_down(E, axis=-1, beta=1):
    w = np.exp(-beta * (E - highest(E, beta, axis)))
    return w / w.sum(axis=axis, keepdims=True)


def boltzmann_shifted_down_always(E, axis=-1, beta=1):
    w = np.exp(-beta * (E - E.min(axis=axis, keepdims=True)))
    return w / w.sum(axis=axis, keepdims=True)


def policy_without_shift(q, axis=-1, tau=1):
    w = np.exp(q / tau)
    return w / w.sum(axis=axis, keepdims=True)


def shifted_by_the_logits(z, noise, axis=-1, temperature=1):
    w = np.exp((z - z.max(axis=axis, keepdims=True) + noise) / temperature)
    return w / w.sum(axis=axis, keepdims=True)


def noise_not_divided(z, noise, axis=-1, temperature=1):
    return softmax(z / temperature + noise, axis)


def logits_not_divided(z, noise, axis=-1, temperature=1):
    return softmax(z + noise / temperature, axis)


def noisy_winner(z, noise, axis=-1, temperature=1):
    return ((z + noise) == (z + noise).max(axis=axis, keepdims=True)).astype(z.dtype)


def tilted_without_shift(p, x, axis=-1, theta=1):
    w = p * np.exp(theta * x)
    return w / w.sum(axis=axis, keepdims=True)


def tilted_beside_the_support(p, x, axis=-1, theta=1):
    w = p * np.exp(theta * x - (theta * x).max(axis=axis, keepdims=True))
    return w / w.sum(axis=axis, keepdims=True)


def tilted_unnormalised(p, x, axis=-1, theta=1):
    return p * np.exp(theta * (x - highest(x, theta, axis)))


def tilted_with_epsilon(p, x, axis=-1, theta=1):
    return softmax(theta * x + np.log(p + x.dtype.type(1e-6)), axis)


def added_without_shift(x, y, beta=1):
    return np.log(np.exp(beta * x) + np.exp(beta * y)) / beta


def summed_without_shift(z, axis=-1, beta=1):
    return np.log(np.exp(beta * z).sum(axis=axis)) / beta


def mean_of_exponentials(E, axis=-1, beta=1):
    return np.exp(-beta * E).mean(axis=axis)


def free_energy_without_shift(E, axis=-1, beta=1):
    return -np.log(np.exp(-beta * E).sum(axis=axis)) / beta


def on_the_last_axis(fn):
    return lambda *arrays, axis=-1, **k: fn(*arrays, **k) if np.ndim(arrays[0]) else fn(*arrays, axis=axis, **k)


COLD = "coldness"
WRONG = {
    "boltzmann": {
        "the sign of the energy": (swapped(boltzmann, "beta", lambda b: -b), "energy-sign"),
        "beta left out": (swapped(boltzmann, "beta", lambda b: 1), COLD),
        "T in place of 1/T": (swapped(boltzmann, "beta", lambda b: 1 / b if b else 0), COLD),
        "abs(beta)": (swapped(boltzmann, "beta", abs), COLD),
        "no shift": (boltzmann_without_shift, "exp-overflow exp-underflow"),
        "shift by the highest energy": (boltzmann_shifted_upside_down, "wrong-shift"),
        "always the last axis": (on_the_last_axis(boltzmann), "axis"),
    },
    "partition_function": {
        "the sign of the energy": (swapped(partition_function, "beta", lambda b: -b), "energy-sign"),
        "beta left out": (swapped(partition_function, "beta", lambda b: 1), COLD),
        "T in place of 1/T": (swapped(partition_function, "beta", lambda b: 1 / b if b else 0), COLD),
        "the mean": (mean_of_exponentials, "working-precision energy-sign"),
        "its logarithm": (lambda E, axis=-1, beta=1: lse(-beta * E, axis), "working-precision energy-sign"),
        "shifted and not shifted back": (
            lambda E, axis=-1, beta=1: np.exp(-beta * (E - lowest(E, beta, axis))).sum(axis=axis),
            "working-precision energy-sign",
        ),
        "always the last axis": (on_the_last_axis(partition_function), "axis"),
    },
    "free_energy": {
        "the sign of the energy": (with_inputs(free_energy, lambda E: (-E,)), "energy-sign"),
        "without -1/beta": (scaled(free_energy, lambda b: -b), "energy-sign"),
        "without the sign": (scaled(free_energy, lambda b: -1), "energy-sign"),
        "without 1/beta": (scaled(free_energy, lambda b: b), COLD),
        "beta left out": (swapped(free_energy, "beta", lambda b: 1), COLD),
        "T in place of 1/T": (swapped(free_energy, "beta", lambda b: 1 / b), COLD),
        "no shift": (free_energy_without_shift, "exp-overflow exp-underflow"),
        "the lowest energy": (lambda E, axis=-1, beta=1: E.min(axis=axis), "working-precision ties"),
        "always the last axis": (on_the_last_axis(free_energy), "axis"),
    },
    "boltzmann_policy": {
        "times tau": (swapped(policy, "tau", lambda t: 1 / t), "temperature"),
        "tau left out": (swapped(policy, "tau", lambda t: 1), "temperature"),
        "the sign of the values": (with_inputs(policy, lambda q: (-q,)), "working-precision"),
        "no shift": (policy_without_shift, "exp-overflow exp-underflow"),
        "always the last axis": (on_the_last_axis(policy), "axis"),
    },
    "gumbel_softmax": {
        "noise not divided by the temperature": (noise_not_divided, "temperature noise"),
        "logits not divided by the temperature": (logits_not_divided, "temperature noise"),
        "noise subtracted": (with_inputs(noisy, lambda z, g: (z, -g)), "noise"),
        "noise left out": (with_inputs(noisy, lambda z, g: (z, 0 * z)), "noise"),
        "times the temperature": (swapped(noisy, "temperature", lambda t: 1 / t), "temperature"),
        "temperature left out": (swapped(noisy, "temperature", lambda t: 1), "temperature"),
        "shift by the largest logit": (shifted_by_the_logits, "wrong-shift"),
        "one-hot": (noisy_winner, "working-precision noise"),
        "always the last axis": (on_the_last_axis(noisy), "axis"),
    },
    "exponential_tilting": {
        "without p": (with_inputs(tilted, lambda p, x: (np.ones_like(p), x)), "base-weights"),
        "p squared": (with_inputs(tilted, lambda p, x: (p * p, x)), "base-weights"),
        "not normalised": (tilted_unnormalised, "base-weights"),
        "the sign of theta": (swapped(tilted, "theta", lambda t: -t), COLD),
        "theta left out": (swapped(tilted, "theta", lambda t: 1), COLD),
        "1/theta": (swapped(tilted, "theta", lambda t: 1 / t if t else 0), COLD),
        "no shift": (tilted_without_shift, "exp-overflow exp-underflow"),
        "shift by the maximum outside the support": (tilted_beside_the_support, "wrong-shift"),
        "log(p + 1e-6)": (tilted_with_epsilon, "mask base-weights"),
        "always the last axis": (on_the_last_axis(tilted), "axis"),
    },
    "log_semiring_add": {
        "beta left out": (swapped(add, "beta", lambda b: 1), COLD),
        "without 1/beta": (scaled(add, lambda b: b), COLD),
        "T in place of 1/T": (swapped(add, "beta", lambda b: 1 / b), COLD),
        "no shift": (added_without_shift, "exp-overflow exp-underflow"),
        "the maximum": (lambda x, y, beta=1: np.maximum(x, y), "ties working-precision"),
        "logarithm to base 2": (lambda x, y, beta=1: np.logaddexp2(beta * x, beta * y) / beta, "working-precision"),
        "the sum": (lambda x, y, beta=1: x + y, "working-precision"),
    },
    "log_semiring_multiply": {
        "the product": (lambda x, y: x * y, "working-precision"),
        "the difference": (lambda x, y: x - y, "working-precision"),
        "the addition": (np.logaddexp, "working-precision"),
    },
    "log_semiring_sum": {
        "beta left out": (swapped(semiring_sum, "beta", lambda b: 1), COLD),
        "without 1/beta": (scaled(semiring_sum, lambda b: b), COLD),
        "T in place of 1/T": (swapped(semiring_sum, "beta", lambda b: 1 / b), COLD),
        "no shift": (summed_without_shift, "exp-overflow exp-underflow"),
        "the maximum": (lambda z, axis=-1, beta=1: z.max(axis=axis), "working-precision ties"),
        "always the last axis": (on_the_last_axis(semiring_sum), "axis"),
    },
}
FAULTS = [(function, fault) for function, faults in WRONG.items() for fault in faults]


@pytest.mark.parametrize(("function", "fault"), FAULTS)
def test_faults_are_caught_and_named_in_every_format(function, fault):
    """A case fails that carries one of the flags."""
    implementation, flags = WRONG[function][fault]

    report = check(in_float32(implementation), function=function)

    assert len(report.judged) == len(ALL)
    for result in report.judged:
        named = {flag for f in report.failures if f.case.split("/")[1] == result.format.name for flag in f.flags}
        assert named & set(flags.split()), (result.format.name, str(report))


LEFT_OUT = [pair for pair in FAULTS if pair[1].endswith("left out") and not pair[1].startswith("noise")]


@pytest.mark.parametrize(("function", "fault"), LEFT_OUT)
def test_a_parameter_left_out_fails_only_where_there_is_one(function, fault):
    """Cases at the default coldness or temperature pass."""
    report = check(in_float32(WRONG[function][fault][0]), function=function, formats=["binary32"])
    failed = {f.case for f in report.failures}

    plain = {v.case.id for v in report.results[0].verdicts if not v.case.parameters}
    assert plain
    assert failed
    assert not failed & plain


@pytest.mark.parametrize("function", RIGHT)
def test_a_computation_in_float32_is_no_binary64(function):
    """Half the digits fail in binary64."""
    right = next(iter(RIGHT[function].values()))

    def narrow(*arrays, **k):
        return np.asarray(right(*(x.astype(np.float32) for x in arrays), **k)).astype(arrays[0].dtype)

    report = check(narrow, function=function, formats=["binary64"])

    assert any("working-precision" in f.flags for f in report.failures)
