"""No file of the corpus is passed by a stub: zeros, uniform, one-hot, nan, or a flush of small results."""

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.adapters import arguments, dtype_of
from softmax_ref.corpus import CORPUS_FUNCTIONS, PAIRS, formats_of, load
from softmax_ref.formats import get_format

FILES = [(function, fmt) for function in CORPUS_FUNCTIONS for fmt in formats_of(function)]


REDUCED = (
    *("logsumexp", "entropy", "mean_energy", "heat_capacity", "boltzmann_operator"),
    *("partition_function", "free_energy", "log_semiring_sum", "cross_entropy", "cross_entropy_jvp"),
    "logsumexp_jvp",
)


def shape_of(function, z, axis):
    if function == "softmax_jacobian":
        return (*z.shape, z.shape[-1]) if z.ndim else (1, 1)
    shape = z.max(axis=axis).shape if function in REDUCED else z.shape
    return (2, *shape) if function in PAIRS else shape


def along(g, z, axis):
    """Return cotangents of the slices of z with the axis put back."""
    return np.expand_dims(g, axis) if z.ndim else g


def label_targets(z, labels):
    """Return True at the label of each row."""
    return np.arange(z.shape[-1]) == labels[..., None] if z.ndim else np.ones((), bool)


def constant(function, value):
    """Return the stub that gives one number everywhere."""
    return lambda *arrays, axis=-1, **more: np.full(shape_of(function, arrays[0], axis), value, arrays[0].dtype)


def uniform(function):
    """Return the stub that spreads the mass evenly, its logarithm, or its derivative."""

    def stub(*arrays, axis=-1, **more):
        z = arrays[0]
        count = z.shape[axis] if z.ndim else 1
        share, last = np.float64(1 / count), arrays[-1].astype(np.float64)
        result = {
            "log_softmax": lambda: np.full(z.shape, np.log(share)),
            "logsumexp": lambda: z.astype(np.float64).mean(axis=axis) + np.log(count),
            "softmax_vjp": lambda: (
                share * (arrays[-1].astype(np.float64) - arrays[-1].astype(np.float64).mean(axis=axis, keepdims=True))
            ),
            "softmax_jacobian": lambda: np.broadcast_to(share * (np.eye(count) - share), shape_of(function, z, axis)),
            "logistic": lambda: np.full(z.shape, 0.5),
            "softplus": lambda: np.full(z.shape, np.log(2)),
            "entropy": lambda: np.full(shape_of(function, z, axis), np.log(count)),
            "mean_energy": lambda: z.astype(np.float64).mean(axis=axis),
            "boltzmann_operator": lambda: z.astype(np.float64).mean(axis=axis),
            "heat_capacity": lambda: more.get("beta", 1) ** 2 * z.astype(np.float64).var(axis=axis),
            "clr": lambda: np.zeros(z.shape),
            "partition_function": lambda: np.full(shape_of(function, z, axis), float(count)),
            "free_energy": lambda: z.astype(np.float64).mean(axis=axis) - np.log(count) / more.get("beta", 1),
            "log_semiring_sum": lambda: z.astype(np.float64).mean(axis=axis) + np.log(count) / more.get("beta", 1),
            "log_semiring_add": lambda: (z.astype(np.float64) + arrays[-1].astype(np.float64)) / 2 + np.log(2),
            "log_semiring_multiply": lambda: 2 * z.astype(np.float64),
            "masked_softmax": lambda: arrays[1] / np.maximum(arrays[1].sum(axis=axis, keepdims=True), 1),
            "softmax_beta_vjp": lambda: more.get("beta", 1) * uniform("softmax_vjp")(*arrays, axis=axis),
            "softmax_temperature_vjp": lambda: uniform("softmax_vjp")(*arrays, axis=axis) / more.get("temperature", 1),
            "cross_entropy": lambda: np.full(z.shape[:-1], np.log(count)),
            "cross_entropy_vjp": lambda: (share - label_targets(*arrays[:2])) * arrays[2][..., None],
            "cross_entropy_jvp": lambda: ((share - label_targets(*arrays[:2])) * arrays[2]).sum(axis=-1),
            "log_softmax_vjp": lambda: last - share * last.sum(axis=axis, keepdims=True),
            "log_softmax_jvp": lambda: last - last.mean(axis=axis, keepdims=True),
            "logsumexp_vjp": lambda: np.broadcast_to(share * along(last, z, axis), z.shape),
            "logsumexp_jvp": lambda: last.mean(axis=axis),
            "logaddexp": lambda: (z.astype(np.float64) + last) / 2 + np.log(2),
            "logaddexp_vjp": lambda: np.stack([last / 2, last / 2]),
            "logaddexp_jvp": lambda: (arrays[-2].astype(np.float64) + last) / 2,
            "log_logistic": lambda: np.full(z.shape, -np.log(2)),
            "logistic_vjp": lambda: last / 4,
            "log_logistic_vjp": lambda: last / 2,
            "softplus_vjp": lambda: last / 2,
        }.get(function, lambda: np.full(z.shape, share))()
        return result.astype(z.dtype)

    return stub


def one_hot(function):
    """Return the stub that gives all to the largest, its logarithm, or its derivative."""

    def stub(*arrays, axis=-1, **more):
        z = arrays[0]
        top = (z == z.max(axis=axis, keepdims=True)) if z.ndim else np.ones((), bool)
        last = arrays[-1].astype(np.float64)
        result = {
            "log_softmax": lambda: np.where(top, 0.0, -np.inf),
            "logsumexp": lambda: z.max(axis=axis),
            "softmax_vjp": lambda: np.zeros(z.shape),
            "softmax_jacobian": lambda: np.zeros(shape_of(function, z, axis)),
            "logistic": lambda: (z > 0).astype(np.float64),
            "softplus": lambda: np.maximum(z, 0),
            "entropy": lambda: np.zeros(shape_of(function, z, axis)),
            "mean_energy": lambda: z.min(axis=axis),
            "boltzmann_operator": lambda: z.max(axis=axis),
            "heat_capacity": lambda: np.zeros(shape_of(function, z, axis)),
            "clr": lambda: np.where(top, np.log(z.shape[axis] if z.ndim else 1), 0.0),
            "partition_function": lambda: np.exp(-more.get("beta", 1) * z.astype(np.float64).min(axis=axis)),
            "free_energy": lambda: z.min(axis=axis),
            "log_semiring_sum": lambda: z.max(axis=axis),
            "log_semiring_add": lambda: np.maximum(z, arrays[-1]),
            "log_semiring_multiply": lambda: np.maximum(z, arrays[-1]),
            "softmax_beta_vjp": lambda: np.zeros(z.shape),
            "softmax_temperature_vjp": lambda: np.zeros(z.shape),
            "cross_entropy": lambda: np.where((top & label_targets(*arrays[:2])).any(axis=-1), 0.0, np.inf),
            "cross_entropy_vjp": lambda: (1.0 * top - label_targets(*arrays[:2])) * arrays[2][..., None],
            "cross_entropy_jvp": lambda: ((1.0 * top - label_targets(*arrays[:2])) * arrays[2]).sum(axis=-1),
            "log_softmax_vjp": lambda: last - top * last.sum(axis=axis, keepdims=True),
            "log_softmax_jvp": lambda: last - (top * last).sum(axis=axis, keepdims=True),
            "logsumexp_vjp": lambda: top * along(last, z, axis),
            "logsumexp_jvp": lambda: (top * last).sum(axis=axis),
            "logaddexp": lambda: np.maximum(z, arrays[-1]),
            "logaddexp_vjp": lambda: np.stack([last * (z >= arrays[1]), last * (z < arrays[1])]),
            "logaddexp_jvp": lambda: np.where(z >= arrays[1], arrays[2], last),
            "log_logistic": lambda: np.minimum(z, 0),
            "logistic_vjp": lambda: np.zeros(z.shape),
            "log_logistic_vjp": lambda: last * (z < 0),
            "softplus_vjp": lambda: last * (z > 0),
        }.get(function, lambda: top)()
        return np.asarray(result).astype(z.dtype)

    return stub


def identity(function):
    """Return the stub that gives back what it got; its first entry where an axis is summed."""

    def stub(*arrays, axis=-1, **more):
        z = arrays[0]
        shape = shape_of(function, z, axis)
        if len(shape) > z.ndim:
            z = np.stack([z, z]) if shape[0] == 2 and shape[1:] == z.shape else z[..., None] + 0 * z[..., None, :]
        return np.array(np.take(z, 0, axis=axis) if z.ndim > len(shape) else z.reshape(shape))

    return stub


STUBS = {
    "identity": identity,
    "zeros": lambda function: constant(function, 0),
    "nan": lambda function: constant(function, np.nan),
    "uniform": uniform,
    "one-hot": one_hot,
}


@pytest.mark.parametrize("stub", STUBS)
@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_a_stub_passes_no_file(function, fmt, stub):
    """Cases of values fail, not only promises of the contract."""
    report = check(STUBS[stub](function), function=function, formats=[fmt])

    failed = [
        failure
        for failure in report.failures
        if failure.component is not None and not failure.case.startswith("contract")
    ]
    assert len(failed) > len(load(function, fmt)) / 4


FLUSH_IS_RIGHT = [
    *(
        (name, fmt)
        for name in ("log_softmax", "logsumexp", "logaddexp", "cross_entropy", "entropy", "clr")
        for fmt in ("binary16", "bfloat16")
    ),
    *((name, "bfloat16") for name in ("sparsemax", "entmax15", "entmax")),
    *((name, "bfloat16") for name in ("free_energy", "log_semiring_add", "log_semiring_sum")),
    *(("argmax_one_hot", fmt) for fmt in formats_of("argmax_one_hot")),
    *((name, "float8_e5m2") for name in ("logistic", "log_logistic", "softplus")),
]
"""Files that the flush passes because it is right: computed in binary32, such a result has rounded to 0 before.

A share above a threshold of size 1/K is a difference of such numbers, and 1/m is never small. No argument of
float8_e5m2 has a result of these between the smallest normal number and twice that.
"""


def small(form):
    """Return below what the stub flushes; in eight bits normal numbers too, for to flush the others is a policy."""
    if form.width == 8:
        return 2 * 2.0**form.emin
    return 2.0**-20 if form.precision >= 24 else 8 * form.tiny


def flushed_passes(function, fmt):
    """Say whether the certified values themselves, with small ones set to 0, pass every case of a file."""
    form = get_format(fmt)
    least = small(form)
    answers = {}
    dtype = dtype_of(form)
    for case in load(function, fmt):
        key = tuple(x.tobytes() for x in arguments(case, dtype)), case.axis, *case.parameters.items()
        answers[key] = case

    def stub(*arrays, axis=None, **parameters):
        case = answers[tuple(np.ascontiguousarray(x).tobytes() for x in arrays), axis, *parameters.items()]
        values = np.where(np.abs(case.values) < least, 0.0, case.values)
        result = np.zeros(int(np.prod(case.shape)), np.float64)
        result[case.at] = values
        return result.reshape(case.shape).astype(dtype)

    report = check(stub, function=function, formats=[fmt])
    stored = {case.id for case in load(function, fmt) if case.policy is None}
    return not any(f.case in stored and f.component is not None for f in report.failures)


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_a_flush_of_small_results_passes_no_file(function, fmt):
    """The certified values with small ones set to 0 fail a case of every file, those listed aside."""
    if dtype_of(get_format(fmt)) is None:
        pytest.skip(f"no arrays of {fmt}")

    assert flushed_passes(function, fmt) == ((function, fmt) in FLUSH_IS_RIGHT)
