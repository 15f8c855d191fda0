"""binary64 results, a line of neighbouring floats at a time.

Along a line of floats x + k ulp(x) the result, counted in its own ulp, is a polynomial in k with a tiny second
coefficient. Its linear part comes within delta of a midpoint where (a k + b) mod 1 comes within delta of 1/2, and
Euclid's algorithm finds those k without looking at the others [1]_. They are few; the whole polynomial, then a
certified value, decide.

References
----------
.. [1] Lefevre, Muller (2001), Worst cases for correct rounding of the elementary functions in double precision.
"""

from collections.abc import Iterator
from fractions import Fraction

from flint import arb, arb_series, ctx

from softmax_ref.certified.near import ball
from softmax_ref.corpus.hard.draws import draw

__all__ = ["WITHIN", "Line", "first_inside"]

WITHIN = 2.0**-20
SCALE = 128  # bits after the point of the polynomial's coefficients
MODULUS = 1 << 64
LONGEST = 20  # a line has at most 2^21 floats

Coefficients = tuple[int, int, int, int]


class Line:
    """The floats around x in the first logit, the others fixed; what counter n of a stream stands for.

    Attributes
    ----------
    row : tuple of Fraction
        The logits, with x first and, for a single argument, 0 after it.
    step : Fraction
        The spacing at x; x is a multiple of 2^21 steps, so that the line has one spacing.
    component : int
        Whose result is looked at.
    """

    def __init__(self, function: str, classes: int, seed: int, n: int):
        self.function, self.classes = function, classes
        first, *others = (draw(seed, n, j) for j in range(max(classes, 2)))
        self.step = Fraction(2) ** (first % 10 - 6 - 52)
        size = (1 << 52) + (first >> 12 & -(2 << LONGEST)) + (1 << LONGEST)
        sign = -1 if classes == 1 and first >> 8 & 1 else 1
        fixed = [Fraction(0)] if classes == 1 else [Fraction(n >> 11, 1 << 49) for n in others]
        self.row = (sign * size * self.step, *fixed)
        self.component = (first >> 9 & 7) % classes if function in ("softmax", "log_softmax") else 0

    def inputs(self, k: int) -> tuple[float, ...]:
        """Return the logits k steps from x."""
        return (float(self.row[0] + k * self.step), *map(float, self.row[1 : self.classes]))

    def near_midpoints(self, within: float) -> tuple[int, list[int]]:
        """Return how many floats the line has, and the k of those whose result may lie within of a midpoint."""
        coefficients = self.coefficients()
        if coefficients is None:
            return 0, []
        half = 1 << max(0, min(LONGEST, (SCALE + 1 - abs(coefficients[2]).bit_length()) // 3))
        wanted = int(within * (1 << SCALE)) + (1 << SCALE - 48)
        found = [k for k in _linear(coefficients, half, wanted) if _from_midpoint(coefficients, k) <= wanted]
        return 2 * half, found

    def coefficients(self) -> Coefficients | None:
        """Return the result in units of its spacing as a polynomial in k, times 2^128; None beside a power of two."""
        with ctx.workprec(320):
            y = _value(self.function, self.component, [arb_series([ball(self.row[0]), 1], 4), *map(ball, self.row[1:])])
            # y / 2^e lies in [1/2, 1)
            mantissa, exponent = (int(n) for n in abs(y[0]).mid().man_exp())
            unit = mantissa.bit_length() + exponent - 53
            scaled = [_integer(y[i] * ball(self.step**i), SCALE - unit) for i in range(4)]
        margin = (abs(scaled[1]) + (1 << SCALE)) << LONGEST + 1
        inside = (1 << SCALE + 52) + margin < abs(scaled[0]) < (1 << SCALE + 53) - margin
        return tuple(scaled) if inside else None


def _value(function: str, i: int, z: list[arb | arb_series]) -> arb_series:
    """Return the result as a series in the step of the first logit, by the definition and without a shift."""
    total = sum(((x - z[i]).exp() if j != i else arb(1) for j, x in enumerate(z)), arb_series([0], 4))
    if function in ("softmax", "logistic"):
        return 1 / total
    return z[i] + total.log() if function in ("logsumexp", "softplus") else -total.log()


def _integer(x: arb, shift: int) -> int:
    """Return x 2^shift as an integer, off by less than 2."""
    mantissa, exponent = (int(n) for n in x.mid().man_exp())
    exponent += shift
    return mantissa << exponent if exponent >= 0 else mantissa >> -exponent


def _from_midpoint(c: Coefficients, k: int) -> int:
    value = ((c[3] * k + c[2]) * k + c[1]) * k + c[0]
    return abs(value % (1 << SCALE) - (1 << SCALE - 1))


def _linear(c: Coefficients, half: int, wanted: int) -> Iterator[int]:
    """Yield the k in -half..half - 1 where the linear part lies near a midpoint, give or take the other terms."""
    delta = (wanted + abs(c[2]) * half**2 + abs(c[3]) * half**3 >> SCALE - 64) + 2 * half
    slope, start = c[1] >> SCALE - 64, c[0] - c[1] * half >> SCALE - 64
    k = 0
    while k < 2 * half:
        low = (MODULUS // 2 - delta - start - slope * k) % MODULUS
        step = first_inside(slope % MODULUS, MODULUS, low, low + 2 * delta)
        if step is None or k + step >= 2 * half:
            return
        yield k + step - half
        k += step + 1


def first_inside(a: int, m: int, low: int, high: int) -> int | None:
    """Return the least k >= 0 with low <= a k <= high modulo m, or None; 0 <= low < m, high may pass m.

    Examples
    --------
    >>> first_inside(7, 100, 2, 4)  # 7 * 29 = 203
    29
    """
    if low == 0 or high >= m:
        return 0
    if 2 * a > m:
        a, low, high = m - a, m - high, m - low
    if a == 0:
        return None
    k = -(-low // a)
    if a * k <= high:
        return k
    turns = first_inside(m % a, a, -high % a, -low % a)
    return None if turns is None else -(-(low + m * turns) // a)
