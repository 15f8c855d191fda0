"""Gradients that a library takes of a function: the VJP and the JVP of the corpus, from the function itself."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from softmax_ref.conformance.judge import judge
from softmax_ref.conformance.targets.arrays import find_library, in_numpy
from softmax_ref.conformance.targets.finding import find_target
from softmax_ref.conformance.targets.gradients import gradient
from softmax_ref.conformance.targets.importing import TargetError
from softmax_ref.corpus import load

STEP = 2.0**-300


def _jvp(fn, at, along):
    """A derivative by a step into the complex plane, which rounds nothing away."""
    return None, fn(*(x + STEP * 1j * v for x, v in zip(at, along, strict=True))).imag / STEP


def _vjp(fn, *at):
    """The gradient of an elementwise function, argument by argument."""
    zeros = [0 * x for x in at]
    return None, lambda g: tuple(
        g * _jvp(fn, at, [*zeros[:n], x * 0 + 1, *zeros[n + 1 :]])[1] for n, x in enumerate(at)
    )


@pytest.fixture
def jax(monkeypatch):
    """What of JAX is called, on NumPy's arrays: it checks the order of arguments where JAX is not installed."""
    numpy = SimpleNamespace(array=np.array, issubdtype=np.issubdtype, floating=np.floating)
    config = SimpleNamespace(update=lambda name, value: None)
    fake = SimpleNamespace(numpy=numpy, Array=(np.ndarray, np.generic), config=config, vjp=_vjp, jvp=_jvp)
    monkeypatch.setitem(sys.modules, "jax", fake)


def softplus(x):
    return np.log(1 + np.exp(x))


def logaddexp(x, y):
    return np.log(np.exp(x) + np.exp(y))


def logsumexp(z, axis):
    return np.log(np.exp(z).sum(axis))


def cross_entropy(z, labels, label_smoothing=0.0):
    y = logsumexp(z, -1)[..., None] - z
    at = np.take_along_axis(y, labels[..., None], -1)[..., 0]
    return (1 - label_smoothing) * at + label_smoothing * y.mean(-1)


def ordinary(function):
    """Return the cases in the middle of the range, where no formula has to be a careful one."""
    cases = [case for case in load(function, "binary64") if case.policy is None]
    small = [case for case in cases if all((np.abs(x) < 6).all() for x in (*case.inputs.values(), case.values))]
    assert len(small) > 4
    return small


@pytest.mark.parametrize(
    ("fn", "function"),
    [
        (softplus, "softplus_vjp"),
        (softplus, "softplus_jvp"),
        (logaddexp, "logaddexp_vjp"),
        (logaddexp, "logaddexp_jvp"),
        (logsumexp, "logsumexp_jvp"),
        (cross_entropy, "cross_entropy_jvp"),
    ],
)
def test_arguments_and_results_are_in_the_order_of_the_corpus(jax, fn, function):
    """Arguments, then a cotangent, or a tangent for each that is no label; a gradient for each argument."""
    asked = in_numpy(gradient(fn, function, "jax"), find_library("jax"))

    verdicts = [judge(asked, case, np.dtype(float)) for case in ordinary(function)]

    assert [(v.case.id, v.problems) for v in verdicts if not v.passes("standard")] == []


def test_a_gradient_is_asked_of_the_function_that_is_known(jax):
    """The name of the target gives that of the gradient."""
    target = find_target(f"{__file__}:softplus", vjp="auto", array="jax")

    assert target.function == "softplus_vjp"
    assert target.call(np.zeros(2), np.array([1.0, 4.0])).tolist() == [0.5, 2]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("softmax", "torch"), "--vjp needs a function that ends in _vjp or _jvp, got 'softmax'"),
        (("softmax_vjp", "numpy"), "--vjp needs arrays of torch or jax, got numpy; see --array"),
    ],
)
def test_a_gradient_that_cannot_be_taken_is_refused(asked, message):
    """Before anything is called."""
    with pytest.raises(TargetError) as raised:
        gradient(softplus, *asked)

    assert str(raised.value) == message


@pytest.mark.parametrize("library", ["torch", "jax"])
@pytest.mark.parametrize("function", ["softmax_vjp", "softmax_jvp", "logsumexp_vjp", "logaddexp_vjp", "logaddexp_jvp"])
def test_gradients_of_a_library_are_right(library, function):
    """Of a well-known function, through what the library differentiates with."""
    pytest.importorskip(library, reason=f"{library} is among the peers, not in the lock")
    module = {"torch": "torch", "jax": "jax.numpy" if "logadd" in function else "jax.nn"}[library]
    asked = find_target(f"{module}:{function.rpartition('_')[0]}", function, "auto")

    verdicts = [judge(asked.call, case, np.dtype(float)) for case in ordinary(asked.function)]

    assert [(v.case.id, v.problems) for v in verdicts if not v.passes("standard")] == []
