"""The second engine: rounding against brute force, known hard cases, exact cases, and a third evaluation by mpmath."""

import ast
import sys
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softmax_ref.certified import second_engine
from softmax_ref.certified.second_engine import rederive
from softmax_ref.certified.second_engine.exponentials import ExpSum, exp_enclosure, ln2
from softmax_ref.certified.second_engine.quantities import Rational
from softmax_ref.certified.second_engine.rounding import FORMATS, magnitude, midpoint, round_to_format

EIGHT_BITS = ("float8_e4m3fn", "float8_e5m2")
NARROW = (*EIGHT_BITS, "binary16", "bfloat16")
NAN = {
    "binary64": 0x7FF8000000000000,
    "binary32": 0x7FC00000,
    "binary16": 0x7E00,
    "bfloat16": 0x7FC0,
    "float8_e4m3fn": 0x7F,
    "float8_e5m2": 0x7E,
}
TINY = Fraction(1, 2**300)


def doubles(bits):
    return np.asarray(bits, dtype=np.uint64).view(np.float64)


def rounded(name, value):
    return round_to_format(name, Rational(value))


# Rounding


@pytest.mark.parametrize("name", NARROW)
def test_every_finite_code_rounds_to_itself(name):
    """Each code is a fixed point of rounding, with either sign; -0 is not the code of an exact value."""
    fmt = FORMATS[name]
    values = [magnitude(fmt, code) for code in range(fmt.largest + 1)]

    assert [rounded(name, v) for v in values] == list(range(fmt.largest + 1))
    assert [rounded(name, -v) for v in values[1:]] == [fmt.sign_bit | code for code in range(1, fmt.largest + 1)]


@pytest.mark.parametrize("name", NARROW)
def test_midpoints_tie_to_the_even_code(name):
    """Halfway between two codes the even one wins; a nudge of 2^-300 to either side decides otherwise."""
    fmt = FORMATS[name]

    for code in range(0, fmt.largest, 1 if name in EIGHT_BITS else 7):
        halfway = midpoint(fmt, code)
        assert rounded(name, halfway) == code + code % 2
        assert rounded(name, halfway - TINY) == code
        assert rounded(name, halfway + TINY) == code + 1


@pytest.mark.parametrize("name", EIGHT_BITS)
def test_rounding_takes_the_nearest_value(name):
    """On a grid finer than the format the nearest value is chosen, as a search through all of them finds."""
    fmt = FORMATS[name]
    values = [magnitude(fmt, code) for code in range(fmt.largest + 1)]
    third = values[1] / 3

    for n in range(0, 400):
        nearest = min(range(len(values)), key=lambda code: (abs(values[code] - n * third), code % 2))
        assert rounded(name, n * third) == nearest


@pytest.mark.parametrize(
    ("name", "threshold"),
    [
        ("binary64", Fraction(2) ** 1024 - Fraction(2) ** 970),
        ("binary32", Fraction(2) ** 128 - Fraction(2) ** 103),
        ("binary16", Fraction(65520)),
        ("bfloat16", Fraction(2) ** 128 - Fraction(2) ** 119),
        ("float8_e5m2", Fraction(61440)),
    ],
)
def test_overflow_begins_at_the_threshold_of_ieee_754(name, threshold):
    """From 2^emax (2 - u) on, the tie included, the result is infinite."""
    fmt = FORMATS[name]

    assert rounded(name, threshold - TINY) == fmt.largest
    assert rounded(name, threshold) == fmt.infinity
    assert rounded(name, -threshold) == fmt.infinity | fmt.sign_bit


def test_e4m3fn_overflows_to_nan_above_464():
    """448 is the last value; the grid would go on to 480, so 464 still ties to 448 and more is nan, of either sign."""
    assert magnitude(FORMATS["float8_e4m3fn"], 0x7E) == 448
    assert rounded("float8_e4m3fn", 464) == 0x7E
    assert rounded("float8_e4m3fn", 464 + TINY) == 0x7F
    assert rounded("float8_e4m3fn", -500) == 0x7F


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_binary64_values_keep_their_own_bits(x):
    """A float64 is its own nearest binary64, down to the subnormals; an exact zero is +0.0."""
    assert doubles([rounded("binary64", Fraction(x))])[0] == x


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_narrowing_agrees_with_the_processor(x):
    """binary64 to binary32 and binary16 is what IEEE hardware does."""
    with np.errstate(over="ignore", under="ignore"):
        single, half = np.float32(x), np.float16(x)

    assert np.array([rounded("binary32", Fraction(x))], dtype=np.uint32).view(np.float32)[0] == single
    assert np.array([rounded("binary16", Fraction(x))], dtype=np.uint16).view(np.float16)[0] == half


# Exponentials


@settings(max_examples=200, deadline=None)
@given(st.fractions(max_denominator=10**6), st.sampled_from([8, 40, 112, 500]))
def test_exp_lies_inside_its_enclosure(x, bits):
    """exp(x), evaluated by mpmath with 200 more bits, is enclosed with relative width below 2^-bits."""
    lo, hi, e = exp_enclosure(x, bits)

    with mpmath.workprec(bits + 200 + x.numerator.bit_length()):
        scaled = mpmath.ldexp(mpmath.exp(mpmath.mpf(x.numerator) / x.denominator), -e)
        assert lo <= scaled <= hi
    assert (hi - lo) << bits <= lo


@pytest.mark.parametrize("x", [1e308, -1e308, 5e-324, -5e-324, 709.78, -745.13, 2.0**70, -(2.0**70)])
def test_exp_of_an_extreme_float_is_enclosed(x):
    """Exponents of a thousand bits are ordinary numbers."""
    lo, hi, e = exp_enclosure(Fraction(x), 120)

    with mpmath.workprec(4000):
        assert lo <= mpmath.ldexp(mpmath.exp(mpmath.mpf(x)), -e) <= hi


@pytest.mark.parametrize("width", [1, 63, 64, 100, 257, 5000, 131072])
def test_ln2_is_at_most_three_units_short(width):
    """The stored multiple of ln 2 never exceeds the constant."""
    with mpmath.workprec(width + 50):
        short = mpmath.ldexp(mpmath.log(2), width) - ln2(width)

    assert 0 <= short <= 3


def test_a_sum_is_zero_only_by_identity():
    """e^1 - e^(1 + 2^-900) is negative, however small; a sum without terms is 0."""
    near = ExpSum({Fraction(1): 1, 1 + Fraction(1, 2**900): -1})

    assert near.sign() == -1
    assert (near + near * -1).sign() == 0


def test_an_undecided_sign_is_an_error(monkeypatch):
    """Past the cap nothing is guessed."""
    monkeypatch.setattr("softmax_ref.certified.second_engine.exponentials.MOST_BITS", 512)

    with pytest.raises(ArithmeticError, match="no sign within the cap, got 512 bits"):
        ExpSum({Fraction(1): 1, 1 + Fraction(1, 2**900): -1}).sign()


# Known hard cases


def test_equal_huge_logits_share_the_mass():
    """[1e50, 1e50] gives 1/2 twice; 60 digits without grouping fail here."""
    assert doubles(rederive("softmax", [1e50, 1e50], format="binary64")).tolist() == [0.5, 0.5]


def test_log_logistic_keeps_a_tiny_result():
    """log_logistic(500) is -exp(-500) to first order, far below the spacing of floats at 1."""
    assert doubles(rederive("log_logistic", 500.0, format="binary64")) == -7.124576406741286e-218


def test_logsumexp_keeps_a_subnormal_result():
    """log(1 + exp(-740)) is a subnormal number and no zero."""
    assert doubles(rederive("logsumexp", [0.0, -740.0], format="binary64")) == float(mpmath.exp(-740))


def test_a_row_of_2_to_25_equal_logits_ties_to_zero():
    """2^-25 is halfway between 0 and the smallest binary16, and 0 is even."""
    assert rederive("softmax", np.zeros(2**25), format="binary16", at=[0]).tolist() == [0]


def test_the_top_log_probability_is_negative_zero():
    """-exp(-1e38) is negative and rounds to zero."""
    assert rederive("log_softmax", [0.0, -1e38], format="binary64").tolist()[0] == 1 << 63


@pytest.mark.parametrize("rest", [-800.0, -1e38, -1e300])
def test_a_tiny_term_breaks_the_tie_of_logsumexp(rest):
    """LSE([c, rest]) exceeds c by a tiny amount, so at a midpoint c it rounds up; alone it ties to even."""
    c = 1 + 2.0**-8  # halfway between 1 and the next bfloat16

    assert rederive("logsumexp", [c], format="bfloat16") == 0x3F80
    assert rederive("logsumexp", [c, rest], format="bfloat16") == 0x3F81


def test_a_tiny_term_breaks_the_tie_of_a_large_logarithm():
    """802 is halfway between two bfloat16, the lower even; softplus(802) and -log p exceed it by exp(-802)."""
    assert rederive("logsumexp", [802.0], format="bfloat16") == 0x4448
    assert rederive("softplus", 802.0, format="bfloat16") == 0x4449
    assert rederive("log_softmax", [0.0, -802.0], format="bfloat16", at=[1]) == 0xC449
    assert rederive("log_logistic", -802.0, format="bfloat16") == 0xC449
    assert rederive("cross_entropy", [802.0, 0.0], 1, format="bfloat16") == 0x4449


@pytest.mark.parametrize("rest", [-800.0, -1e38, -1e300])
def test_a_tiny_term_does_not_lift_a_tie_of_softmax(rest):
    """1024 equal logits tie between 0 and the smallest e4m3fn, to the even 0; with a further class they fall below."""
    assert rederive("softmax", np.zeros(1024), format="float8_e4m3fn", at=[0]) == 0
    assert rederive("softmax", [*np.zeros(1024), rest], format="float8_e4m3fn", at=[0]) == 0


@pytest.mark.parametrize(("rest", "g", "code"), [(-1e38, 1.0, 0x3F81), (-1e38, -1.0, 0x3F80), (-800.0, 1.0, 0x3F81)])
def test_a_tiny_weight_breaks_the_tie_of_a_mean(rest, g, code):
    """sum_j p_j v_j with almost all the weight on a midpoint leans towards the other value."""
    c = 1 + 2.0**-8

    assert rederive("logsumexp_jvp", [0.0, rest], [c, c + g], format="bfloat16") == code
    assert rederive("logsumexp_jvp", [0.0, rest], [c, c], format="bfloat16") == 0x3F80


@pytest.mark.parametrize("d", [800.0, 1e5, 1e38, 1e300])
def test_a_second_order_speck_breaks_the_tie_of_a_gradient(d):
    """With z = (0, 0, -d) and g = (a, 0, 0) the gradient a p (1 - p) is a/4 less about a exp(-2 d)/16.

    The terms of order exp(-d) cancel identically; a/4 is the midpoint 1 + 3/256, whose even neighbour is above.
    """
    a = 4 * (1 + 3 * 2.0**-8)

    assert rederive("softmax_vjp", [0.0, 0.0], [a, 0.0], format="bfloat16", at=[0]) == 0x3F82
    assert rederive("softmax_vjp", [0.0, 0.0, -d], [a, 0.0, 0.0], format="bfloat16", at=[0]) == 0x3F81


@pytest.mark.parametrize(("v", "code"), [(1.125, 0x3C), (61440.0, 0x7C), (-61440.0, 0xFC)])
def test_equal_tangents_of_logaddexp_pass_exactly(v, code):
    """(p + q) v is v whatever p, so a midpoint of e5m2 still ties to even, at overflow to infinity."""
    assert rederive("logaddexp_jvp", -800.0, 0.0, v, v, format="float8_e5m2") == code


# Exact cases


@pytest.mark.parametrize("m", [1, 2, 3, 7, 10])
def test_equal_logits_share_equally(m):
    """The probability is 1/m, correctly rounded."""
    assert (doubles(rederive("softmax", np.full(m, 0.1), format="binary64")) == 1 / m).all()


def test_constant_cotangent_has_zero_gradient():
    """sum_j p_j (g - g) is exactly 0, and +0.0."""
    assert not rederive("softmax_vjp", [0.3, 1.7, -2.0], [0.1] * 3, format="binary64").any()


def test_equal_groups_with_equal_means_have_a_rational_mean():
    """(v_1 + v_2) / 2 = v_3 makes the weighted mean v_3, whatever the probabilities."""
    assert doubles(rederive("logsumexp_jvp", [1.0, 1.0, 5.0], [1.0, 3.0, 2.0], format="binary64")) == 2.0
    assert not rederive("log_softmax_jvp", [1.0, 1.0, 5.0], [1.0, 3.0, 2.0], format="binary64", at=[2]).any()


def test_full_smoothing_of_equal_logits_is_log_k():
    """The targets are uniform, so the loss is log K."""
    loss = rederive("cross_entropy", [[7.0] * 5], [2], label_smoothing=1.0, format="binary64")

    assert doubles(loss)[0] == float(mpmath.log(5))


# Special values


@pytest.mark.parametrize("format", NAN)
def test_nan_is_the_canonical_pattern(format):
    """The positive quiet nan with only the top fraction bit set; all ones in e4m3fn."""
    assert rederive("softmax", [np.nan, 0.0], format=format).tolist() == [NAN[format]] * 2


@pytest.mark.parametrize(
    ("function", "row", "expected"),
    [
        ("softmax", [0.0, np.inf], [np.nan, np.nan]),
        ("softmax", [0.0, -np.inf], [1.0, 0.0]),
        ("softmax", [-np.inf, -np.inf], [np.nan, np.nan]),
        ("log_softmax", [0.0, -np.inf], [0.0, -np.inf]),
        ("log_softmax", [0.0, np.inf], [np.nan, np.nan]),
        ("logsumexp", [0.0, np.inf], np.inf),
        ("logsumexp", [np.nan, np.inf], np.nan),
        ("logsumexp", [-np.inf, -np.inf], -np.inf),
        ("logsumexp", [-np.inf, 2.0], 2.0),
        ("logsumexp", [], -np.inf),
        ("logistic", [-np.inf, 0.0, np.inf, np.nan], [0.0, 0.5, 1.0, np.nan]),
        ("log_logistic", [-np.inf, np.inf, np.nan], [-np.inf, 0.0, np.nan]),
        ("softplus", [-np.inf, np.inf, np.nan], [0.0, np.inf, np.nan]),
    ],
)
def test_special_values_follow_the_table(function, row, expected):
    """Infinities and nan answer as the design's table says; zeros are +0.0."""
    assert rederive(function, row, format="binary64").tolist() == np.where(
        np.isnan(expected), NAN["binary64"], np.asarray(expected).view(np.uint64)
    ).tolist()


def test_zero_coldness_is_uniform_above_minus_infinity():
    """The limit beta -> 0+ leaves -inf without mass."""
    p = rederive("softmax", [3.0, -np.inf, 900.0], beta=0.0, format="binary64")

    assert doubles(p).tolist() == [0.5, 0.0, 0.5]


def test_negative_coldness_turns_the_logits_round():
    """softmax(z, -b) is softmax(-b z): +inf loses all mass, -inf leaves no distribution."""
    turned = rederive("softmax", [-2.0, -4.0], format="binary64")

    assert rederive("softmax", [1.0, 2.0, np.inf], beta=-2.0, format="binary64").tolist() == [*turned.tolist(), 0]
    assert rederive("softmax", [1.0, -np.inf], beta=-2.0, format="binary16").tolist() == [0x7E00] * 2


@pytest.mark.parametrize("beta", [1.0, 0.0, -1.0])
def test_masked_slots_are_not_looked_at(beta):
    """A masked nan has probability 0 and does no harm."""
    p = rederive("softmax", [1.0, np.nan, 1.0], beta=beta, where=[True, False, True], format="binary64")

    assert doubles(p).tolist() == [0.5, 0.0, 0.5]


def test_the_loss_is_infinite_at_an_impossible_label():
    """Without smoothing only the label's logit matters; with smoothing any -inf does."""
    z = [[0.0, -np.inf]] * 2

    assert doubles(rederive("cross_entropy", z, [0, 1], format="binary64")).tolist() == [0.0, np.inf]
    assert np.isinf(doubles(rederive("cross_entropy", z, [0, 1], label_smoothing=0.5, format="binary64"))).all()


def test_impossible_classes_pass_the_cotangent_of_log_softmax():
    """p_i = 0 leaves g_i of g_i - p_i sum(g)."""
    g = rederive("log_softmax_vjp", [0.0, -np.inf], [1.0, 3.0], format="binary64")

    assert doubles(g).tolist() == [-3.0, 3.0]


def test_one_infinite_argument_takes_the_whole_cotangent_of_logaddexp():
    """The limit exists for one +inf; two equal infinities, or nan, have none."""
    x, y = [np.inf, np.inf, -np.inf, -np.inf, np.inf], [0.0, np.inf, 0.0, -np.inf, np.nan]
    gx, gy = doubles(rederive("logaddexp_vjp", x, y, 3.0, format="binary64"))

    assert np.array_equal(gx, [3.0, np.nan, 0.0, np.nan, np.nan], equal_nan=True)
    assert np.array_equal(gy, [0.0, np.nan, 3.0, np.nan, np.nan], equal_nan=True)


# Shapes


def test_the_axis_does_not_change_the_values():
    """A (3, 2) matrix along axis 0 is its transpose along axis 1; probes are flat indices into the result."""
    z = np.array([[1.0, 2.0], [3.0, 5.0], [8.0, 13.0]])
    down = rederive("softmax", z, axis=0, format="binary32")

    assert down.tolist() == rederive("softmax", z.T, format="binary32").T.tolist()
    assert rederive("softmax", z, axis=0, format="binary32", at=[5, 2]).tolist() == down.ravel()[[5, 2]].tolist()
    assert rederive("softmax", z, axis=0, format="binary32", at=[[5], [2]]).shape == (2, 1)
    whole = rederive("logsumexp", z, axis=(0, 1), format="binary64")
    assert whole == rederive("logsumexp", z.ravel(), format="binary64")


def test_a_scalar_is_a_row_of_one():
    """0-d in, 0-d out."""
    assert doubles(rederive("softmax", 3.0, format="binary64")).item() == 1.0
    assert doubles(rederive("logsumexp", 3.0, format="binary64")).item() == 3.0


@pytest.mark.parametrize(
    ("error", "match", "call", "parameters"),
    [
        (ValueError, "softmax: format must be one of", ("softmax", [1.0]), {"format": "half"}),
        (ValueError, r"softmax: z needs at least one entry .* got shape \(0,\)", ("softmax", []), {}),
        (ValueError, "softmaxx: is no function of the family", ("softmaxx", [1.0]), {}),
        (ValueError, "logistic_vjp: g must be finite, got inf", ("logistic_vjp", 0.0, np.inf), {}),
        (ValueError, r"cross_entropy: labels must lie in \[0, 2\), got", ("cross_entropy", [1.0, 2], 2), {}),
        (TypeError, "cross_entropy: labels must be integers, got", ("cross_entropy", [1.0, 2], 1.0), {}),
        (TypeError, "logistic: takes no parameter of this name, got 'beta'", ("logistic", 1.0), {"beta": 2.0}),
        (ValueError, "softmax: beta must be finite, got nan", ("softmax", [1.0]), {"beta": np.nan}),
        (ValueError, "label_smoothing must lie in", ("cross_entropy", [1.0], 0), {"label_smoothing": 2.0}),
        (ValueError, r"softmax: integers must not exceed 2\^53, got", ("softmax", [2**53 + 1]), {}),
        (TypeError, "softmax: needs arrays of real numbers, got complex128", ("softmax", [1j]), {}),
        (TypeError, "softmax_vjp: takes 2 arrays, got 3", ("softmax_vjp", [1.0], [1.0], [1.0]), {}),
        (TypeError, "logaddexp_vjp: takes 3 arrays, got 2", ("logaddexp_vjp", 1.0, 1.0), {}),
        (TypeError, "logistic: takes 1 arrays, got 2", ("logistic", 1.0, 1.0), {}),
        (TypeError, "softmax: takes at least one array, got none", ("softmax",), {}),
        (ValueError, r"softmax: at must lie in \[0, 1\), got", ("softmax", [1.0]), {"at": [1]}),
        (ValueError, "softmax: axis is out of range for 1 dimensions, got 1", ("softmax", [1.0]), {"axis": 1}),
    ],
)
def test_wrong_arguments_are_named(error, match, call, parameters):
    """The message gives the function, the rule and the value received."""
    with pytest.raises(error, match=match):
        rederive(*call, **{"format": "binary16"} | parameters)


def test_the_engine_imports_nothing_of_the_first():
    """Only the standard library, NumPy and itself: no formats, no functions, no ball arithmetic."""
    folder = Path(second_engine.__file__).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    absolute = {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.level == 0}
    absolute |= {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}

    assert len(trees) >= 7
    assert absolute - sys.stdlib_module_names <= {"numpy"}
    assert {n.level for n in nodes if isinstance(n, ast.ImportFrom)} == {0, 1}


# A third way: mpmath at 2000 bits, rounded by mpmath or the processor


def third(function, z, g):
    """Evaluate by floats of 2000 bits, shifted nowhere."""
    w = [mpmath.exp(x) for x in z]
    total = mpmath.fsum(w)
    p = [x / total for x in w]
    mean = mpmath.fsum(a * b for a, b in zip(p, g, strict=True))
    return {
        "softmax": lambda: p,
        "log_softmax": lambda: [x - mpmath.log(total) for x in z],
        "logsumexp": lambda: [mpmath.log(total)],
        "softmax_vjp": lambda: [a * (b - mean) for a, b in zip(p, g, strict=True)],
        "log_softmax_vjp": lambda: [b - a * mpmath.fsum(g) for a, b in zip(p, g, strict=True)],
        "log_softmax_jvp": lambda: [b - mean for b in g],
        "logsumexp_jvp": lambda: [mean],
    }[function]()


logits = st.one_of(st.floats(-300, 300), st.integers(-3, 3).map(float), st.floats(-1e-9, 1e-9))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["softmax", "log_softmax", "logsumexp", "softmax_vjp", "log_softmax_vjp", "logsumexp_jvp"]),
    st.lists(st.tuples(logits, st.integers(-50, 50).map(lambda n: n / 8)), min_size=2, max_size=6),
)
def test_binary64_agrees_with_2000_bits_of_mpmath(function, pairs):
    """Away from the exact cases, rounding 2000 bits to 53 gives the certified value."""
    z, g = zip(*pairs, strict=True)
    beside = [g] if function.endswith(("_vjp", "_jvp")) else []
    derived = np.atleast_1d(doubles(rederive(function, z, *beside, format="binary64")))

    with mpmath.workprec(2000):
        expected = third(function, [mpmath.mpf(x) for x in z], [mpmath.mpf(x) for x in g])
        for ours, theirs in zip(derived, expected, strict=True):
            if abs(theirs) > mpmath.mpf(2) ** -1000:  # mpmath rounds to normal floats only
                assert ours == float(theirs)
