"""Finite sums over a symbolic range: a normal form by seven rules.

SymPy does not know that two sums with renamed indices are equal, and cannot simplify the derivative of a
quotient of sums.
This module brings such expressions to a normal form.
Each rule is a theorem about finite sums, and nothing else is assumed.

=====  =============================================  ===========================================
rule   statement                                      side condition
=====  =============================================  ===========================================
R1     Sum(f + g) = Sum(f) + Sum(g)                   none
R2     Sum(c f(j)) = c Sum(f(j)); Sum(1) = b - a + 1  c is free of j; b - a + 1 >= 0
R3     Sum(delta(i, j) f(j)) = f(i)                   a <= i <= b
R4     Sum(f(j), j) = Sum(f(i), i)                    the new name occurs nowhere in f
R5     exp(x + y) = exp(x) exp(y), log(xy)            the arguments of log are positive
R6     f(i) delta(i, k) = f(k) delta(i, k)            none
R7     Sum_i Sum_j f = Sum_j Sum_i f                  neither range depends on the other index
=====  =============================================  ===========================================

The condition of R3 is proved where it can be, from the range of an enclosing sum.
A free index, such as i in z[i], is taken to lie in the range it is compared with: this is the one hypothesis of every
theorem proved here.
A quotient of two expressions is meant wherever its denominator is not 0.
A sum whose upper end lies below its lower end is empty and equals 0.

Claims: every claim with a derivation rests on this module (notebooks/00_proofs.ipynb).
"""

from __future__ import annotations

import re
from itertools import product

from sympy import (
    Abs,
    Add,
    Derivative,
    Dummy,
    Expr,
    Float,
    Heaviside,
    Indexed,
    KroneckerDelta,
    Lambda,
    Limit,
    Max,
    Min,
    Mul,
    Piecewise,
    Product,
    Subs,
    Sum,
    Symbol,
    ceiling,
    default_sort_key,
    expand,
    floor,
    fraction,
    nan,
    oo,
    sign,
    sympify,
    together,
    zoo,
)
from sympy.concrete.expr_with_limits import ExprWithLimits

_RESERVED = re.compile(r"_b\d+")  # names of bound variables in the normal form, never free
_LETTERS = "jklmnrsabcdefgh"
_KINKED = (Abs, Heaviside, Max, Min, Piecewise, Product, ceiling, floor, sign)


def normal(e, /, *, given=()) -> Expr:
    """Return the normal form of an expression in finite sums, with letters for the bound indices.

    Parameters
    ----------
    e : Expr
        Built from exact numbers, symbols, indexed symbols, sums, products, derivatives and functions.
    given : sequence of pairs (lhs, rhs)
        Hypotheses: each left side is replaced by its right side.

    Returns
    -------
    Expr
        Equal to `e` for every K and all indices in range.

    Raises
    ------
    TypeError
        `e` holds something that the rules do not cover: floats, text, integrals, matrices.
    ValueError
        A range or an index is not an integer, or a derivative does not exist everywhere.
    """
    return _with_letters(canonical(e, given=given))


def same(a, b, /, *, given=()) -> bool:
    """Tell whether the seven rules prove a = b; False means "not proved", never "false"."""
    difference = canonical(_admit(a) - _admit(b), given=given)
    numerator, _ = fraction(together(difference))
    return _merge_deltas(canonical(numerator)) == 0


def canonical(e, /, *, given=()) -> Expr:
    """Return the normal form with bound variables named _b0, _b1, ... (unique, for comparison)."""
    e = _normalise(_admit(e))
    for lhs, rhs in given:
        e = _normalise(e.subs(_normalise(_admit(lhs)), _admit(rhs)))
    return e


def _normalise(e):
    return _expand(_walk(e, {}))


def _walk(e, scope):
    """Normalise from the inside out; `scope` maps each index seen so far to its range."""
    if isinstance(e, (Sum, Product)):
        *inner, (v, a, b) = e.limits  # SymPy writes the innermost range first
        body = e.func(e.function, *inner) if inner else e.function
        return (_sum if isinstance(e, Sum) else _product)(body, v, a, b, scope)
    if isinstance(e, Derivative):
        f = e.expr
        for v in e.variables:
            f = _differentiate(f, v, scope)
        return _walk(f, scope)
    if e.args and e.has(Sum, Product, Derivative, KroneckerDelta):
        return e.func(*[_walk(a, scope) for a in e.args])
    return e


def _sum(f, v, a, b, scope):
    """R1: the sum of each term of the body on its own."""
    w = _enter(v, a, b, scope)
    body = _expand(_walk(f.xreplace({v: w}), scope))
    return Add(*[_sum_term(t, w, a, b, scope) for t in Add.make_args(body)])


def _product(f, v, a, b, scope):
    w = _enter(v, a, b, scope)
    return _bind(Product, w, _expand(_walk(f.xreplace({v: w}), scope)), a, b)


def _enter(v, a, b, scope):
    """Return a fresh variable for v and note its range."""
    plain = Dummy("w", integer=True)
    if v.assumptions0 != plain.assumptions0:
        raise ValueError(f"normal: a bound index must be a symbol with integer=True and nothing else, got {v}")
    if not (a.is_integer and b.is_integer):
        raise ValueError(f"normal: a range must have finite integer ends, got ({v}, {a}, {b})")
    scope[plain] = (a, b)
    return plain


def _sum_term(t, w, a, b, scope):
    for delta in Mul.make_args(t):
        i = _partner(delta, w)
        if i is not None and _inside(i, a, b, scope):
            return _walk((t / delta).xreplace({w: i}), scope)  # R3
    c, f = t.as_independent(w, as_Add=False)  # R2
    if f == 1 and _nonnegative(b - a + 1, scope):
        return c * (b - a + 1)
    return c * _bound_sum(f, w, a, b)


def _partner(delta, w):
    """Return i when the factor is delta(i, w) with an integer i that does not depend on w, else None."""
    if not isinstance(delta, KroneckerDelta) or len(delta.args) != 2 or w not in delta.args:
        return None
    i = delta.args[0] if delta.args[1] == w else delta.args[1]
    return i if i.is_integer and w not in i.free_symbols else None


def _inside(i, a, b, scope):
    """The side condition of R3, proved, or assumed for a free index in a range that is free as well."""
    if _nonnegative(i - a, scope) and _nonnegative(b - i, scope):
        return True
    index = i.base if isinstance(i, Indexed) else i
    moving = any(isinstance(s, Dummy) for s in (b - a).free_symbols)
    if moving or isinstance(index, Dummy) or not isinstance(i, (Symbol, Indexed)):
        return False
    return scope.setdefault(index, (a, b)) == (a, b)


def _nonnegative(e, scope):
    """Prove e >= 0, writing each index as its lower end plus, or its upper end minus, something nonnegative."""
    known = [s for s in sorted(e.free_symbols, key=default_sort_key) if s in scope]
    for ends in product((0, 1), repeat=len(known)):
        slack = {s: scope[s][n] + (-1) ** n * Dummy(integer=True, nonnegative=True) for s, n in zip(known, ends)}
        if e.xreplace(slack).expand().is_nonnegative:
            return True
    return False


def _bound_sum(f, w, a, b):
    """R7: of the two orders of a double sum keep the one that sorts first."""
    outer = _bind(Sum, w, f, a, b)
    inner = [s for s in Mul.make_args(f) if isinstance(s, Sum) and w in s.free_symbols]
    if len(inner) != 1 or any(w in end.free_symbols for end in inner[0].limits[0][1:]):
        return outer
    (v, lower, upper), u = inner[0].limits[0], Dummy("u", integer=True)
    c, rest = (f / inner[0] * inner[0].function.xreplace({v: u})).as_independent(w, as_Add=False)
    swapped = _bind(Sum, u, c * _bind(Sum, w, rest, a, b), lower, upper)
    return min(outer, swapped, key=default_sort_key)


def _bind(head, w, body, a, b):
    """R4: bind w under the first reserved name above all that occur; nothing can be captured."""
    used = [int(s.name[2:]) for s in (body + a + b).atoms(Symbol) if _RESERVED.fullmatch(s.name)]
    name = Symbol(f"_b{max(used, default=-1) + 1}", integer=True)
    return head(body.xreplace({w: name}), (name, a, b))


def _expand(e):
    """R5 and the distributive law; sums stay closed, because expand turns exp(Sum) into Product(exp)."""
    closed = {}

    def close(x):
        if isinstance(x, (Sum, Product)):
            facts = {"positive": True} if x.is_positive else {"real": True} if x.is_real else {}
            return closed.setdefault(x, Dummy("S", **facts))
        return x.func(*map(close, x.args)) if x.has(Sum, Product) else x

    return expand(close(e)).xreplace({s: x for x, s in closed.items()})


def _merge_deltas(e):
    """R6: in every term write one index instead of two that a delta makes equal."""
    terms = []
    for t in Add.make_args(_expand(e)):
        for delta in sorted(t.atoms(KroneckerDelta), key=default_sort_key):
            if delta in Mul.make_args(t) and all(isinstance(i, Symbol) for i in delta.args):
                i, k = sorted(delta.args, key=default_sort_key)
                t = delta * (t / delta).xreplace({k: i})
        terms.append(t)
    return _expand(Add(*terms))


def _differentiate(e, v, scope):
    """Differentiate after the bound indices are renamed: SymPy confuses them with a free index of v."""
    if not (isinstance(v, Indexed) or isinstance(v, Symbol) and v.is_integer is not True):
        raise ValueError(f"derivative: the variable must be a real symbol or an indexed one, got {v}")
    e = _expand(_walk(e, scope))
    variable = v.base if isinstance(v, Indexed) else v
    kinks = [x for x in e.atoms(*_KINKED) if variable in x.free_symbols | {b.base for b in x.atoms(Indexed)}]
    if kinks:
        raise ValueError(f"derivative: the expression must be smooth in {v}, got {kinks[0]}")
    return e.diff(v)


def _with_letters(e):
    """R4 for the reader: j, k, l, ... instead of _b0, _b1, ..., avoiding the letters that occur."""
    names = {s.name for s in e.atoms(Symbol)} | {str(b.base) for b in e.atoms(Indexed)}
    letters = (c for c in _LETTERS if c not in names)
    bound = sorted(s for s in names if _RESERVED.fullmatch(s))
    return e.xreplace({Symbol(s, integer=True): Symbol(next(letters), integer=True) for s in bound})


def _admit(e):
    """Refuse what the rules do not cover."""
    e = sympify(e, strict=True)
    if not isinstance(e, Expr) or not e.is_commutative:
        raise TypeError(f"normal: a commutative scalar expression is needed, got {e!r}")
    foreign = [x for x in e.atoms(ExprWithLimits, Float, Lambda, Limit, Subs) if not isinstance(x, (Sum, Product))]
    if foreign or e.has(oo, -oo, zoo, nan):
        raise TypeError(f"normal: sums, products, derivatives and exact finite numbers only, got {e}")
    if any(len(limit) != 3 for x in e.atoms(Sum, Product) for limit in x.limits):
        raise ValueError(f"normal: every sum needs a range (index, lower, upper), got {e}")
    if any(_RESERVED.fullmatch(s.name) for s in e.free_symbols if isinstance(s, Symbol)):
        raise ValueError(f"normal: names like _b0 are reserved for bound indices, got {e}")
    return e
