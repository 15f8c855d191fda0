"""Arguments are checked once, and results are rounded once."""

import ml_dtypes
import numpy as np
import pytest

from softmax_ref.functions import logsumexp, slices, softmax, softmax_vjp


def test_a_table_and_back_is_the_array():
    """restore() undoes table() for every choice of axes."""
    array = np.arange(24.0).reshape(2, 3, 4)

    for axis in (0, 1, 2, (0, 2), (2, 0), (1,), (), None):
        rows = slices.Slices("f", array.shape, axis)
        assert rows.table(array).shape == (rows.height, rows.width)
        assert np.array_equal(rows.restore(rows.table(array)), array)


def test_no_axis_makes_every_entry_a_row_of_one():
    """An empty tuple of axes leaves slices of one entry, as NumPy's reductions do."""
    assert np.array_equal(softmax([[1.0, 2.0]], axis=()), [[1, 1]])
    assert np.array_equal(logsumexp([[1.0, 2.0]], axis=()), [[1, 2]])


@pytest.mark.parametrize("axis", [1.0, "0", [0], (0, 1.5)])
def test_an_axis_that_is_no_integer_is_refused(axis):
    """Floats, strings and lists are no axes."""
    with pytest.raises(TypeError, match=r"^softmax: axis must be an integer, a tuple of integers or None, got "):
        softmax(np.zeros((2, 2)), axis=axis)


def test_naming_an_axis_twice_is_refused():
    """-1 and 1 are the same axis of a matrix."""
    message = r"^softmax: axis names the same axis twice, got \(1, -1\) for shape \(2, 2\)$"

    with pytest.raises(ValueError, match=message):
        softmax(np.zeros((2, 2)), axis=(1, -1))


@pytest.mark.parametrize("where", [[1, 0], [1.0, 0.0], ["a", "b"]])
def test_a_mask_that_is_not_boolean_is_refused(where):
    """0 and 1 may be meant as logits or as indices: only booleans are a mask."""
    with pytest.raises(TypeError, match=r"^softmax: where must hold booleans, got dtype "):
        softmax([1.0, 2.0], where=where)


def test_a_mask_of_another_shape_is_refused():
    """The mask broadcasts to the logits, never the other way round."""
    message = r"^softmax: where must broadcast to the shape \(2,\) of z, got shape \(3, 2\)$"

    with pytest.raises(ValueError, match=message):
        softmax([1.0, 2.0], where=np.ones((3, 2), bool))


@pytest.mark.parametrize("beta", ["1", 1j, None, [1.0], 10**400])
def test_a_beta_that_is_no_real_number_is_refused(beta):
    """The message names argument and value."""
    with pytest.raises(TypeError, match=r"^softmax: beta must be a real number, got "):
        softmax([1.0, 2.0], beta=beta)
    with pytest.raises(TypeError, match=r"^softmax_vjp: beta must be a real number, got "):
        softmax_vjp([1.0, 2.0], [1.0, 2.0], beta=beta)


@pytest.mark.parametrize("beta", [np.inf, -np.inf, np.nan])
def test_a_beta_that_is_not_finite_is_refused(beta):
    """Infinite beta is the arg max, which is another function."""
    with pytest.raises(ValueError, match=rf"^softmax: beta must be finite, got {beta}$"):
        softmax([1.0, 2.0], beta=beta)


def test_float64_is_rounded_to_bfloat16_once():
    """Above the midpoint of two bfloat16 by less than a float32 shows is still above it."""
    above = 1 + 2.0**-8 + 2.0**-40
    bfloat16 = np.dtype(ml_dtypes.bfloat16)

    y = slices.rounded(np.array([above, -above, 1 + 2.0**-8, np.inf, -np.inf, np.nan]), bfloat16).astype(float)

    assert np.array_equal(y, [1 + 2.0**-7, -1 - 2.0**-7, 1, np.inf, -np.inf, np.nan], equal_nan=True)


def test_float64_just_below_a_midpoint_goes_down():
    """float32 shows it as the midpoint itself, which ties to even may send up."""
    below = np.array([1 + 2.0**-8 - 2.0**-40, 1 + 3 * 2.0**-8 - 2.0**-40])

    y = slices.rounded(below, np.dtype(ml_dtypes.bfloat16)).astype(float)

    assert np.array_equal(y, [1, 1 + 2.0**-7])


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2"])
def test_every_eight_bit_float_survives_rounding(name):
    """What is representable already is not changed, signed zeros and subnormals included."""
    codes = np.arange(256, dtype=np.uint8).view(getattr(ml_dtypes, name))
    values = codes.astype(np.float64)

    back = slices.rounded(values, codes.dtype).astype(np.float64)

    assert np.array_equal(back, values, equal_nan=True)
    assert np.array_equal(np.signbit(back[values == 0]), np.signbit(values[values == 0]))


def test_results_below_float32_round_to_zero_in_bfloat16():
    """A result under the smallest float32 keeps its sign on its way to 0."""
    y = slices.rounded(np.array([1e-300, -1e-300]), np.dtype(ml_dtypes.bfloat16)).astype(float)

    assert np.array_equal(y, [0, 0])
    assert np.array_equal(np.signbit(y), [False, True])


def test_64_bit_integers_shift_exactly_over_their_whole_range():
    """The distance of the extremes of int64 exceeds int64, and is right all the same."""
    z = np.array([[-(2**63), 2**63 - 1, 2**63 - 2]])

    down, top = slices.integer_shift(z, None, False)
    up, bottom = slices.integer_shift(z, None, True)

    assert np.array_equal(down, [[-(2.0**64), 0, -1]])
    assert np.array_equal(up, [[0, 2.0**64, 2.0**64]])
    assert (top[0, 0], bottom[0, 0]) == (2.0**63, -(2.0**63))


def test_shapes_that_do_not_broadcast_are_named():
    """Elementwise functions give all shapes in the message."""
    with pytest.raises(ValueError, match=r"^f: x, y must broadcast together, got shapes \(2,\) and \(3,\)$"):
        slices.elementwise("f", np.add, x=np.zeros(2), y=np.zeros(3))
