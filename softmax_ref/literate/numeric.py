"""Independent numerical evaluation of expressions in finite sums, to 40 digits or more.

Nothing here is shared with `sums`: sums are loops, a Kronecker delta is a comparison, a derivative is a difference
quotient.
The values of symbols are rational numbers that follow from their names.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import islice, product

import mpmath
import sympy
from sympy import Indexed, Symbol

DIGITS = 40
_STEP = mpmath.mpf(10) ** -15  # of difference quotients, which are taken with _DIFFERENCE_DIGITS
_DIFFERENCE_DIGITS = 90  # three nested quotients keep 90 - 3 * 15 = 45 digits; truncation is about 1e-30
_ASSIGNMENTS = 12  # of the free indices, at each K
_FUNCTIONS = {
    name: getattr(mpmath, name.lower())
    for name in ["exp", "tanh", "sinh", "cosh", "loggamma", "gamma", "digamma", "erf", "sqrt", "sin", "cos", "atan", "LambertW"]
} | {"log": mpmath.log, "Abs": abs, "Max": max, "Min": min, "sign": mpmath.sign}
_FUNCTIONS |= dict.fromkeys(["UnevaluatedExpr", "Whole"], lambda x: x)


class Point:
    """Numbers for K, for the free indices and for every symbol; `fixed` holds the values solved for."""

    def __init__(self, K, indices, world=0, fixed=None):
        self.K, self.indices, self.world, self.fixed = K, indices, world, dict(fixed or {})

    def moved(self, leaf, to):
        """Return the same point with one leaf changed."""
        return type(self)(self.K, self.indices, self.world, {**self.fixed, leaf: to})

    def leaf(self, e, index):
        """Return the number of symbol or component `e` with evaluated indices."""
        name = str(e.base) if isinstance(e, Indexed) else e.name
        if (name, index) in self.fixed:
            return self.fixed[name, index]
        size, negative, whole = _draw(name, index, self.world)
        if e.is_integer:
            return self._whole(e, name, whole)
        down = e.is_negative or negative and not e.is_nonnegative
        return (-1 if down else 1) * mpmath.mpf(size) / 577

    def _whole(self, e, name, whole):
        if name in self.indices:
            return self.indices[name]
        if e.is_positive and isinstance(e, Symbol):  # a size other than K that holds every index of 1..K
            return self.K if name == "K" else self.K + 1 + whole % 2
        return 1 + whole % self.K


@cache
def _draw(name, index, world):
    """Numbers that follow from the name alone: in 1..1200, a sign, and a whole number."""
    draw = random.Random(f"{name}{index}{world}")
    return draw.randint(1, 1200), draw.random() < 0.5, draw.randrange(6**9)


def points(K, *expressions, given=(), world=0):
    """Yield points at which the hypotheses hold, at most 12 assignments of the free indices."""
    names = sorted({s.name for e in expressions for s in e.free_symbols if _is_index(s)})
    assignments = list(product(range(1, K + 1), repeat=len(names)))
    random.Random(K).shuffle(assignments)
    for chosen in islice(assignments, _ASSIGNMENTS):
        yield _satisfy(Point(K, dict(zip(names, chosen)), world), given)


def value(e, point, env=None):
    """Return the number of the expression at a point; `env` holds the bound indices."""
    env = env or {}
    if isinstance(e, (sympy.Sum, sympy.Product)):
        return _loop(e, point, env)
    if isinstance(e, sympy.Derivative):
        return _quotient(e, point, env)
    if isinstance(e, Indexed):
        return point.leaf(e, tuple(int(value(n, point, env)) for n in e.indices))
    if e.is_Symbol:
        return env[e] if e in env else point.leaf(e, ())
    if e.is_Rational:
        return mpmath.mpf(e.p) / e.q
    if e.is_NumberSymbol or e.is_number and not e.args:
        return {"E": mpmath.e, "pi": mpmath.pi, "EulerGamma": mpmath.euler}[str(e)] + 0
    return _apply(e, [value(a, point, env) for a in e.args])


def _apply(e, a):
    if e.is_Add:
        return mpmath.fsum(a)
    if e.is_Mul:
        return mpmath.fprod(a)
    if e.is_Pow:
        return a[0] ** a[1]
    if isinstance(e, sympy.KroneckerDelta):
        return mpmath.mpf(a[0] == a[1])
    if isinstance(e, sympy.Heaviside):
        return a[1] if a[0] == 0 else mpmath.mpf(a[0] > 0)
    name = type(e).__name__
    if name not in _FUNCTIONS:
        raise TypeError(f"value: a function with a numerical rule is needed, got {name}")
    return _FUNCTIONS[name](*a)


def _loop(e, point, env):
    *inner, (v, a, b) = e.limits
    body = e.func(e.function, *inner) if inner else e.function
    ends = int(value(a, point, env)), int(value(b, point, env))
    terms = [value(body, point, {**env, v: n}) for n in range(ends[0], ends[1] + 1)]
    return mpmath.fsum(terms) if isinstance(e, sympy.Sum) else mpmath.fprod(terms)


def _quotient(e, point, env):
    *rest, v = e.variables
    f = sympy.Derivative(e.expr, *rest, evaluate=False) if rest else e.expr
    index = tuple(int(value(n, point, env)) for n in v.indices) if isinstance(v, Indexed) else ()
    leaf, at = (str(v.base) if isinstance(v, Indexed) else v.name, index), point.leaf(v, index)
    with mpmath.workdps(_DIFFERENCE_DIGITS):
        up, down = (value(f, point.moved(leaf, at + h), env) for h in (_STEP, -_STEP))
        return (up - down) / (2 * _STEP)


def _is_index(s):
    return isinstance(s, Symbol) and s.is_integer and s.is_positive is None


def _satisfy(point, given):
    """Solve each hypothesis for one leaf that no earlier one mentions."""
    taken = set()
    for lhs, rhs in given:
        leaves = _leaves(lhs - rhs, point)
        free = sorted(leaves - taken - set(point.fixed), key=str)
        if free:
            point = _solve(lhs - rhs, free[-1], point)
        if abs(value(lhs - rhs, point)) > mpmath.mpf(10) ** -30:
            raise ValueError(f"points: the hypotheses must hold somewhere, got {lhs} = {rhs}")
        taken |= leaves
    return point


def _solve(e, leaf, point):
    at = [value(e, point.moved(leaf, mpmath.mpf(n))) for n in (0, 1)]
    root = at[0] / (at[0] - at[1]) if at[0] != at[1] else mpmath.mpf(0)
    if abs(value(e, point.moved(leaf, root))) > mpmath.mpf(10) ** -30:  # not linear in this leaf
        root = mpmath.findroot(lambda u: value(e, point.moved(leaf, u)), root, verify=False)
    return point.moved(leaf, root)


def _leaves(e, point):
    """Return every (name, index) of which the value of `e` is made."""
    seen = set()

    class Recorder(Point):
        def leaf(self, e, index):
            if not e.is_integer:
                seen.add((str(e.base) if isinstance(e, Indexed) else e.name, index))
            return super().leaf(e, index)

    value(e, Recorder(point.K, point.indices, point.world, point.fixed))
    return seen
