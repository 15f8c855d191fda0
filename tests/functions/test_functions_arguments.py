"""The arguments of the models: what is refused, and with which words."""

import re

import ml_dtypes
import numpy as np
import pytest

from softmax_ref.functions import arguments, softmax


def test_a_size_is_a_shape():
    """None is a single number, n is a row, a tuple is itself; integers of NumPy count."""
    assert arguments.shape("f", "size", None) == ()
    assert arguments.shape("f", "size", 3) == (3,)
    assert arguments.shape("f", "size", (0, np.int8(2))) == (0, 2)


@pytest.mark.parametrize("size", [-1, (2, -1)])
def test_a_size_is_not_negative(size):
    """0 is a size: it gives an empty result."""
    with pytest.raises(ValueError, match=f"^f: size must not be negative, got {re.escape(str(size))}$"):
        arguments.shape("f", "size", size)


@pytest.mark.parametrize(
    ("value", "dimensions", "wanted"),
    [
        (np.zeros(2), ("N", "F"), "(N, F)"),
        (np.zeros((2, 3)), ("N", 2), "(N, 2)"),
        (np.zeros((0, 3)), ("N", 2, "F"), "(N, 2, F)"),
        (np.zeros(2), (3,), "(3,)"),
        (1.0, ("K",), "(K,)"),
    ],
)
def test_the_shape_that_is_asked_for_is_in_the_message(value, dimensions, wanted):
    """A letter is any length but 0, a number is that length."""
    with pytest.raises(ValueError, match=rf"^f: X must have shape {re.escape(wanted)}, got shape "):
        arguments.array("f", "X", value, *dimensions)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0)])
def test_an_empty_array_is_said_to_be_empty(shape):
    """A letter is any length but 0."""
    with pytest.raises(ValueError, match=rf"^f: X must not be empty, got shape {re.escape(str(shape))}$"):
        arguments.array("f", "X", np.zeros(shape), "N", "F")


def test_an_array_is_a_copy_in_float64():
    """What is done to it is not done to the caller's array."""
    given = np.ones((2, 3))

    made = arguments.finite("f", "X", given, "N", 3)
    made[0, 0] = 7

    assert given[0, 0] == 1
    assert arguments.finite("f", "X", np.ones(2, np.float16), "K").dtype == np.float64


@pytest.mark.parametrize("dtype", [np.longdouble, np.float64, np.float32, np.float16, ml_dtypes.bfloat16])
def test_a_softmax_is_a_distribution_in_its_own_dtype(dtype):
    """Its sum is off by at most K units of roundoff of that dtype; ten times that is another distribution."""
    p = softmax(np.linspace(-3, 3, 50).astype(dtype))
    more = 1 + 10 * 50 * max(float(np.spacing(np.ones((), dtype))), 2.0**-52)

    assert np.array_equal(arguments.distribution("f", "p", p, 50), p.astype(float))
    with pytest.raises(ValueError, match="^f: p must sum to 1, got sum "):
        arguments.distribution("f", "p", (p.astype(float) * more).astype(dtype), 50)


@pytest.mark.parametrize(
    ("p", "message"),
    [
        ([0.5, 0.25], "must sum to 1, got sum 0.75"),
        ([0.5, 0.75], "must sum to 1, got sum 1.25"),
        ([1.5, -0.5], "must not be negative, got -0.5"),
        ([np.nan, 1.0], "must be finite, got nan"),
        ([1.0], "must have shape (2,), got shape (1,)"),
    ],
)
def test_what_is_no_distribution_is_refused(p, message):
    """0 is a probability; integers count as float64."""
    assert np.array_equal(arguments.distribution("f", "p", [1, 0], 2), [1, 0])
    with pytest.raises(ValueError, match=f"^f: p {re.escape(message)}$"):
        arguments.distribution("f", "p", p, 2)


def test_classes_are_counted_from_zero():
    """Both ends are classes, what lies beside them is not; an empty list has no wrong dtype."""
    assert arguments.classes("f", "labels", np.array([0, 2], np.uint8), 3).dtype == np.intp
    assert arguments.classes("f", "labels", [], 3).shape == (0,)
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match=rf"^f: labels must lie in \[0, 3\), got {wrong}$"):
            arguments.classes("f", "labels", [0, wrong], 3)
    with pytest.raises(TypeError, match="^f: labels must be integers, got dtype float64$"):
        arguments.classes("f", "labels", [0.0], 3)


def test_one_possible_class_is_enough():
    """-inf is an impossible class; nothing else that is not finite is a logit."""
    assert np.array_equal(arguments.logits("f", [-np.inf, 0]), [-np.inf, 0])
    for wrong in ([0, np.inf], [0, np.nan], [-np.inf]):
        with pytest.raises(ValueError, match="^f: z must "):
            arguments.logits("f", wrong)
