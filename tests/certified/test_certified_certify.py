"""certify: enclosures, exact cases, rounding, shapes, errors."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref import certify
from softmax_ref.certified import CertificationError, rounding, rows
from softmax_ref.certified.definitions import DEFINITIONS
from softmax_ref.certified.near import Near, ball
from softmax_ref.certified.rounding import certified_round, scientific
from softmax_ref.formats import FORMATS, get_format

small = st.floats(-50, 50)


def test_an_offset_of_1e50_is_exact():
    """A 60-digit oracle that forms x - logsumexp(x) fails here; the shift is exact."""
    assert certify("softmax", [1e50, 1e50]).values.tolist() == [0.5, 0.5]


def test_log_logistic_of_500_is_no_zero():
    """A public reference table stores 0.0; the value is -7.124576406741286e-218."""
    assert certify("log_logistic", 500.0).values == -7.124576406741286e-218


def test_logsumexp_keeps_a_subnormal_term():
    """log(1 + e^-740) is about 4.19e-322, a subnormal number and not 0."""
    value = certify("logsumexp", [0.0, -740.0])

    assert value.values == 85 * 5e-324
    assert value.decimal(3) == "4.19e-322"


def test_33_million_equal_logits_tie_to_zero():
    """1/2^25 is half the smallest binary16 number: an exact tie, to even, by grouping and not by summing."""
    certificate = certify("softmax", np.zeros(2**25), format="binary16")

    assert not certificate.bits.any()
    assert certify("softmax", np.zeros(2**25 - 1), format="binary16", at=[0]).bits.tolist() == [1]


@pytest.mark.parametrize(("gap", "bits"), [(-800.0, 0x3F81), (-1e5, 0x3F81), (-1e300, 0x3F81)])
def test_a_tiny_term_decides_a_midpoint(gap, bits):
    """logsumexp([c, c + gap]) with c halfway between bfloat16 numbers lies above c, however little."""
    c = 1 + 2.0**-8

    assert certify("logsumexp", [c, Fraction(c) + Fraction(gap)], format="bfloat16").bits == bits
    assert certify("logsumexp", [c], format="bfloat16").bits == 0x3F80


def test_the_top_class_has_a_negative_logarithm_however_small():
    """log_softmax([0, -1e38]) is -e^-1e38 for the top class: it rounds to -0."""
    certificate = certify("log_softmax", [0.0, -1e38])

    assert np.signbit(certificate.values).tolist() == [True, True]
    assert certificate.values[0] == 0
    assert certificate.decimal(4)[0].startswith("-3.908e-43429448190325")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 1000])
def test_equal_logits_share_exactly(name, count):
    """1/m is recognised as a rational and rounded once."""
    fmt = get_format(name)

    certificate = certify("softmax", [0.1] * count, format=fmt)

    assert set(certificate.bits.tolist()) == {fmt.round(Fraction(1, count))}


@given(st.lists(small, min_size=1, max_size=5), st.sampled_from(["softmax", "log_softmax"]))
def test_values_agree_with_an_evaluation_at_400_digits(z, function):
    """mpmath without a shift, at a precision that forgives everything, rounds to the same binary64."""
    with mpmath.workdps(400):
        total = mpmath.fsum(mpmath.exp(x) for x in z)
        exact = [mpmath.exp(x) / total if function == "softmax" else x - mpmath.log(total) for x in z]
        rounded = [float(x) for x in exact]

    assert certify(function, z).values.tolist() == rounded


@given(st.lists(small, min_size=2, max_size=4), st.lists(small, min_size=4, max_size=4))
def test_the_gradient_agrees_with_an_evaluation_at_400_digits(z, g):
    """p (g - p.g), evaluated without a shift."""
    g = g[: len(z)]
    with mpmath.workdps(400):
        weight = [mpmath.exp(x) for x in z]
        p = [w / mpmath.fsum(weight) for w in weight]
        gbar = mpmath.fsum(a * b for a, b in zip(p, g, strict=True))
        exact = [float(a * (b - gbar)) for a, b in zip(p, g, strict=True)]
    zero = len(set(g)) == 1

    values = certify("softmax_vjp", z, g).values.tolist()

    assert values == ([0.0] * len(z) if zero else exact)


def test_a_mean_that_all_groups_share_is_recognised():
    """Groups of equal logits with equal means of g make the mean rational and the gradient of some exactly 0."""
    certificate = certify("softmax_vjp", [0, 0, 1], [1, 3, 2])

    assert certificate.values[2] == 0
    assert certify("logsumexp_jvp", [0, 0, 1], [1, 3, 2]).values == 2


def test_the_precision_is_the_one_that_was_needed():
    """An easy row needs 64 bits; logits 5e-324 apart need a thousand and more to tell 1/2 from its neighbours."""
    assert certify("softmax", [1.0, 2.0]).precision == 64
    assert certify("log_softmax", [5e-324, 0.0], format="binary64").precision <= 4096
    assert certify("logsumexp", [1e-300, -1e-300]).precision >= 64


def test_decimals_are_correctly_rounded_to_any_length():
    """Thirty digits of e/(1 + e), against mpmath."""
    with mpmath.workdps(60):
        want = mpmath.nstr(mpmath.e / (1 + mpmath.e), 30)

    assert certify("softmax", [0, 1]).decimal(30)[1] == want


def test_nothing_undecided_gets_a_value():
    """A ball that never shrinks ends in an error, not in a guess."""
    from flint import arb

    def fog():
        return Near(Fraction(0), arb(0, 1))

    with pytest.raises(CertificationError, match="the rounding is undecided at 262144 bits"):
        certified_round(fog, get_format("binary64"))


def test_a_broken_shift_changes_the_values(monkeypatch):
    """The regression cases notice an oracle that forgets to subtract the maximum."""
    monkeypatch.setattr(rows.Row, "weight", lambda self, logit: ball(logit).exp())

    assert certify("softmax", [1.0, 2.0]).values.tolist() != [0.2689414213699951, 0.7310585786300049]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("function", DEFINITIONS)
def test_every_function_is_certified_in_every_format(function, name):
    """All functions of the reference, all six formats."""
    definition = DEFINITIONS[function]
    elementwise = definition.logits in ("x0", "xy")
    z = [0.5, -1.0] if elementwise else [[1.0, 2.0, 4.0]]
    pairs = {"xy": [z, [1.0, 1.0]], "sum": [z, z], "masked": [z, [[True, False, True]]]}
    first = pairs.get(definition.logits, [z])
    column = {"row": [[1.0, 0.0, 2.0]], "scalar": 2.0 if elementwise else [2.0], "label": [1]}

    certificate = certify(function, *first, *(column[kind] for kind in definition.columns), format=name)

    assert np.isfinite(certificate.values).all()
    assert certificate.bits.dtype.itemsize * 8 == get_format(name).width
    assert (certificate.format.encode(certificate.values) == certificate.bits).all()


def test_axes_masks_and_beta_mean_what_they_mean_in_the_reference():
    """Slices along any axes; masked slots weigh nothing; beta scales the logits exactly."""
    z = np.arange(12.0).reshape(2, 3, 2) * 5 % 7

    both = certify("softmax", z, axis=(0, 2)).values
    masked = certify("softmax", [1.0, 2.0, math.nan], where=[True, True, False]).values
    scaled = certify("softmax", [1.0, 2.0], beta=0.5).values

    assert both.shape == z.shape
    assert (both[:, 1, :].ravel() == certify("softmax", z[:, 1, :].ravel()).values).all()
    assert masked.tolist() == [*certify("softmax", [1.0, 2.0]).values.tolist(), 0]
    assert scaled.tolist() == certify("softmax", [0.5, 1.0]).values.tolist()


def test_masked_slots_are_not_looked_at_with_negative_beta_either():
    """Under a negative beta it is +inf that weighs nothing."""
    mask = [False, False, True, False, False, True]

    values = certify("softmax", [2, 1, 0, -2, 0, math.inf], beta=-1, where=mask).values

    assert values.tolist() == [0, 0, 1, 0, 0, 0]


def test_derivatives_of_logaddexp_know_nan_and_equal_tangents():
    """A nan beside +inf is no limit; equal tangents add up to themselves exactly."""
    assert np.isnan(certify("logaddexp_vjp", math.inf, math.nan, 1.0).values).all()
    assert certify("logaddexp_jvp", -800.0, 0.0, 1.125, 1.125, format="float8_e5m2").values == 1.0


def test_integers_are_exact_beyond_binary64():
    """2^63 - 1 and 2^63 - 2 differ by 1, though binary64 holds neither."""
    assert certify("softmax", [2**63 - 1, 2**63 - 2]).values.tolist() == certify("softmax", [1, 0]).values.tolist()


@pytest.mark.parametrize(
    ("function", "z", "want"),
    [
        ("softmax", [0, math.nan], [math.nan] * 2),
        ("softmax", [0, math.inf], [math.nan] * 2),
        ("softmax", [-math.inf, 3], [0, 1]),
        ("softmax", [-math.inf] * 2, [math.nan] * 2),
        ("log_softmax", [-math.inf, 3], [-math.inf, 0]),
        ("logsumexp", [math.inf, -math.inf], math.inf),
        ("logsumexp", [-math.inf] * 2, -math.inf),
        ("logsumexp", [], -math.inf),
        ("logistic", [math.inf, -math.inf, math.nan], [1, 0, math.nan]),
        ("log_logistic", [math.inf, -math.inf], [0, -math.inf]),
        ("softplus", [math.inf, -math.inf], [math.inf, 0]),
    ],
)
def test_special_values_follow_the_table(function, z, want):
    """IEEE arithmetic of the definition, with limits where they exist."""
    assert np.array_equal(certify(function, z).values, want, equal_nan=True)


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "message"),
    [
        (("soft", [1]), {}, ValueError, "function needs to be one of softmax, .*, got 'soft'"),
        (("softmax", [1j]), {}, TypeError, r"argument 1 of softmax needs real numbers, got \[1j\]"),
        (("softmax", ["a"]), {}, TypeError, r"argument 1 of softmax needs real numbers, got \['a'\]"),
        (("softmax", np.zeros((3, 0))), {}, ValueError, r"at least one entry along axis -1, got shape \(3, 0\)"),
        (("softmax", [1], [2]), {}, TypeError, "softmax takes 1 arrays, got 2"),
        (("softmax", [1]), {"axis": 1}, ValueError, "got axis 1"),
        (("softmax", [1]), {"gamma": 1}, TypeError, "softmax takes the parameters beta, where, got 'gamma'"),
        (("softmax", [1]), {"beta": math.inf}, ValueError, "needs a finite beta, got inf"),
        (("softmax", [1]), {"where": [1]}, TypeError, "needs a boolean mask, got int64"),
        (("softmax", [1]), {"at": [1]}, ValueError, r"at needs flat indices in 0\.\.0, got \[1\]"),
        (("softmax", [1]), {"format": "half"}, ValueError, "format needs to be one of .*, got 'half'"),
        (("softmax_vjp", [1, 2], [1]), {}, ValueError, r"shape \(2,\), got \(1,\)"),
        (("softmax_vjp", [1], [math.inf]), {}, ValueError, "needs finite cotangents and tangents, got inf"),
        (("cross_entropy", [[1, 2]], [2]), {}, ValueError, r"needs integer labels in 0\.\.1, got 2"),
        (("cross_entropy", [[1, 2]], [1]), {"label_smoothing": 2}, ValueError, r"label_smoothing in \[0, 1\], got 2"),
    ],
)
def test_bad_input_is_named_with_its_value(arguments, keywords, error, message):
    """Argument, rule and value received."""
    with pytest.raises(error, match=message):
        certify(*arguments, **keywords)


@given(st.fractions(max_denominator=10**6), st.integers(1, 25))
def test_scientific_notation_is_the_rounded_number(x, digits):
    """Read back, it is within half a unit of the last digit."""
    text = scientific(x, digits)

    assert abs(Fraction(text) - x) <= abs(x) * Fraction(1, 2 * 10 ** (digits - 1))


def test_the_largest_precision_is_stated():
    """The limit of the loop is a constant that the error message quotes."""
    assert rounding.MAX_PRECISION == 262144
