"""Random expressions, normalised by the rules and evaluated by an evaluator that shares nothing with them."""

import random
from itertools import islice

import mpmath
import pytest
from sympy import Derivative, IndexedBase, Integer, KroneckerDelta, Product, Sum, Symbol, exp, log, symbols

from softmax_ref.literate import numeric
from softmax_ref.literate.sums import canonical, normal

K = Symbol("K", integer=True, positive=True)
I, K_INDEX = symbols("i k", integer=True)
BOUND = symbols("i j k l", integer=True)  # i and k shadow the free ones
z, v = (IndexedBase(name, real=True) for name in "zv")
p, A = IndexedBase("p", positive=True), IndexedBase("A", real=True)
BETA = Symbol("beta", real=True)
CASES, BATCHES = 50, 4


def leaf(r, indices):
    a, b = r.choice(indices), r.choice(indices)
    return r.choice([z[a], v[a], p[a], A[a, b], exp(BETA * z[a]), exp(z[a] - v[b]), log(p[a] * p[b]), BETA, a,
                     KroneckerDelta(a, b), KroneckerDelta(a, b), KroneckerDelta(a, 1), Integer(r.randint(1, 3))])  # fmt: skip


def expression(r, depth, indices):
    kind = r.random() if depth > 0 else 0
    if kind < 0.18:
        return leaf(r, indices)
    if kind < 0.43:
        return expression(r, depth - 1, indices) + expression(r, depth - 1, indices)
    if kind < 0.68:
        return expression(r, depth - 1, indices) * expression(r, depth - 1, indices)
    if kind < 0.94:
        w = r.choice(BOUND)
        head = Product if r.random() < 0.1 else Sum
        return head(expression(r, depth - 1, [*indices, w]), (w, *r.choice(ranges(r.choice(indices), w))))
    return exp(expression(r, max(depth - 2, 0), indices) / 8)


def ranges(outer, w):
    """Half of them 1..K, the others shorter or ending at an index in sight; an end never holds the bound index."""
    moving = [] if outer == w else [(1, outer), (outer, K)]
    return [(1, K)] * 4 + [(1, K - 1), (2, K), *moving]


def sums(batch):
    """Yield random expressions with a sum in them; the same ones on every machine."""
    r = random.Random(batch)
    found = 0
    while found < CASES:
        e = expression(r, 4, [I, K_INDEX])
        if e.has(Sum):
            found += 1
            yield e


def agree(left, right, size):
    """Compare at four assignments of the two free indices."""
    with mpmath.workdps(numeric.DIGITS):
        for point in islice(numeric.points(size, I + K_INDEX), 4):
            a, b = numeric.value(left, point), numeric.value(right, point)
            assert abs(a - b) <= mpmath.mpf(10) ** -25 * (1 + abs(a)), f"{left} -> {right} at K = {size}"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_normal_form_keeps_the_value(batch):
    """The canonical form and the lettered one evaluate to the same number at K = 2 and 3."""
    for e in sums(batch):
        agree(e, canonical(e), 2)
        agree(e, normal(e), 3)


@pytest.mark.parametrize("batch", range(BATCHES, BATCHES + 1))
def test_derivatives_agree_with_difference_quotients(batch):
    """A derivative found by the rules equals a central difference, also where a sum calls its index k."""
    for e in (e for e in sums(batch) if not e.has(Product)):
        slope = Derivative(e, z[K_INDEX], evaluate=False)
        agree(slope, normal(slope), 3)
