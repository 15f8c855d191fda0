"""Other calls of softmax: by coldness, by temperature, with a mask. Both engines mean the same by them."""

import numpy as np
import pytest

from softmax_ref import certify
from softmax_ref.certified.second_engine import rederive

Z = np.array([[0.5, -1.0, 3.0], [2.0, 2.0, -7.0]])
G = np.array([[1.0, 0.0, -2.0], [0.5, 3.0, 1.0]])
MASK = np.array([[True, False, True], [False, True, True]])
CALLS = {
    "softmax_beta": ((Z,), {"beta": -0.375}, ("softmax", (Z,), {"beta": -0.375})),
    "softmax_beta_vjp": ((Z, G), {"beta": 1.25}, ("softmax_vjp", (Z, G), {"beta": 1.25})),
    "softmax_temperature": ((Z,), {"temperature": 4.0}, ("softmax", (Z,), {"beta": 0.25})),
    "softmax_temperature_vjp": ((Z, G), {"temperature": 0.5}, ("softmax_vjp", (Z, G), {"beta": 2.0})),
    "masked_softmax": ((Z, MASK), {}, ("softmax", (Z,), {"where": MASK})),
}


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("form", CALLS)
def test_a_calling_form_is_the_function_it_calls(form, axis):
    """The same bits as softmax or its gradient with beta or where."""
    inputs, parameters, (function, others, more) = CALLS[form]

    got = certify(form, *inputs, axis=axis, **parameters)

    assert (got.bits == certify(function, *others, axis=axis, **more).bits).all()


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("form", CALLS)
def test_the_second_engine_derives_the_same_bits(form, axis):
    """Two ways without common code."""
    inputs, parameters, _ = CALLS[form]

    assert (
        rederive(form, *inputs, format="binary32", axis=axis, **parameters)
        == certify(form, *inputs, format="binary32", axis=axis, **parameters).bits
    ).all()


def _bits(result):
    return np.asarray(getattr(result, "bits", result)).tolist()


@pytest.mark.parametrize("engine", [certify, lambda *a, **k: rederive(*a, format="binary64", **k)])
def test_a_temperature_is_divided_by_exactly(engine):
    """1/3 is no float: 900/3 is 300, and e^-300 tells it from 900 times a rounded 1/3."""
    divided = engine("softmax_temperature", [0.0, -900.0], temperature=3.0)
    plain = engine("softmax", [0.0, -300.0])
    multiplied = engine("softmax_beta", [0.0, -900.0], beta=1 / 3)

    assert _bits(divided) == _bits(plain) != _bits(multiplied)


@pytest.mark.parametrize("hidden", [np.nan, np.inf, 1e308])
def test_what_a_mask_leaves_out_is_not_looked_at(hidden):
    """nan, +inf and the largest logit behind a mask: 0 there, and the others do not see them."""
    z, mask = [1.0, hidden, 2.0], [True, False, True]

    got = certify("masked_softmax", z, mask)

    assert got.values[1] == 0
    assert got.values[[0, 2]].tolist() == certify("softmax", [1.0, 2.0]).values.tolist()
    assert (rederive("masked_softmax", z, mask, format="binary64") == got.bits).all()


@pytest.mark.parametrize("engine", [certify, lambda *a: rederive(*a, format="binary64")])
def test_a_mask_is_boolean_and_has_the_shape_of_the_logits(engine):
    """Numbers are no mask; a shorter mask is refused."""
    with pytest.raises(TypeError, match="boolean"):
        engine("masked_softmax", [1.0, 2.0], [1.0, 0.0])
    with pytest.raises(ValueError, match="shape"):
        engine("masked_softmax", [1.0, 2.0], [True])


def test_a_mask_that_keeps_nothing_is_a_slice_of_nothing():
    """As a slice of only -inf: nan."""
    assert np.isnan(certify("masked_softmax", [1.0, 2.0], [False, False]).values).all()
