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
R5     exp(x + y) = exp(x) exp(y), log(xy), b**x      the arguments of log, and b, are positive
R6     f(i) delta(i, k) = f(k) delta(i, k)            none
R7     Sum_i Sum_j f = Sum_j Sum_i f                  neither range depends on the other index
=====  =============================================  ===========================================

The condition of R3 is proved where it can be, from the range of an enclosing sum.
A free index, such as i in z[i], is taken to lie in the range 1..K that it is compared with, and in one such range only:
this is the one hypothesis of every theorem proved here.
A quotient of two expressions is meant wherever its denominator is not 0.
A sum whose upper end lies below its lower end is empty and equals 0.

Claims: every claim with a derivation rests on this module (notebooks/00_proofs.ipynb).
"""

from __future__ import annotations

from itertools import product

from sympy import (
    Add,
    Derivative,
    Dummy,
    Expr,
    Indexed,
    KroneckerDelta,
    Mul,
    Product,
    Sum,
    Symbol,
    default_sort_key,
    fraction,
    together,
)

from softmax_ref.literate.terms import admit, bind, expand_term, merge_deltas, opened, require_smooth, with_letters

_PLAIN = Dummy(integer=True).assumptions0  # what an index is known to be


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
    return with_letters(canonical(e, given=given))


def same(a, b, /, *, given=()) -> bool:
    """Tell whether the seven rules prove a = b; False means "not proved", never "false"."""
    scope = {}  # one for the whole proof: a free index is taken to lie in one range only
    difference = _canonical(admit(a) - admit(b), given, scope)
    numerator, _ = fraction(together(difference))
    return merge_deltas(_normalise(numerator, scope)) == 0


def canonical(e, /, *, given=()) -> Expr:
    """Return the normal form with bound indices named _b0, _b1, ... (unique, for comparison)."""
    return _canonical(admit(e), given, {})


def _canonical(e, given, scope):
    e = _normalise(e, scope)
    for lhs, rhs in given:
        e = _normalise(e.subs(_normalise(admit(lhs), scope), admit(rhs)), scope)
    return e


def _normalise(e, scope):
    return expand_term(_walk(e, scope))


def _walk(e, scope):
    """Normalise from the inside out; `scope` maps each index seen so far to its range."""
    if isinstance(e, (Sum, Product)):
        body, v, a, b = opened(e)
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
    body = _normalise(f.xreplace({v: w}), scope)
    return Add(*[_sum_term(t, w, a, b, scope) for t in Add.make_args(body)])


def _product(f, v, a, b, scope):
    w = _enter(v, a, b, scope)
    return bind(Product, w, _normalise(f.xreplace({v: w}), scope), a, b)


def _enter(v, a, b, scope):
    """Return a fresh variable for v and note its range."""
    if v.assumptions0 != _PLAIN:
        raise ValueError(f"normal: a bound index must be a symbol with integer=True and nothing else, got {v}")
    if not (a.is_integer and b.is_integer):
        raise ValueError(f"normal: a range must have finite integer ends, got ({v}, {a}, {b})")
    w = Dummy("w", integer=True)
    scope[w] = (a, b)
    return w


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
    """The side condition of R3: proved, or assumed for a free index and a range 1..K whose end is a symbol."""
    if _nonnegative(i - a, scope) and _nonnegative(b - i, scope):
        return True
    free = isinstance(i, Indexed) or i.assumptions0 == _PLAIN and isinstance(i, Symbol) and not isinstance(i, Dummy)
    if not (free and a == 1 and isinstance(b, Symbol) and b.is_positive):
        return False
    return scope.setdefault(i.base if isinstance(i, Indexed) else i, (a, b)) == (a, b)


def _nonnegative(e, scope):
    """Prove e >= 0, writing each index as its lower end plus, or its upper end minus, something nonnegative."""
    known = [s for s in sorted(e.atoms(Symbol), key=default_sort_key) if s in scope]
    for ends in product((0, 1), repeat=len(known)):
        slack = {s: scope[s][n] + (-1) ** n * Dummy(integer=True, nonnegative=True) for s, n in zip(known, ends)}
        if e.xreplace(slack).expand().is_nonnegative:
            return True
    return False


def _bound_sum(f, w, a, b):
    """R7: of the two orders of a double sum keep the one that sorts first."""
    outer = bind(Sum, w, f, a, b)
    inner = [s for s in Mul.make_args(f) if isinstance(s, Sum) and w in s.free_symbols]
    if len(inner) != 1:
        return outer
    body, v, lower, upper = opened(inner[0])
    if w in lower.free_symbols | upper.free_symbols:
        return outer
    u = Dummy("u", integer=True)
    c, rest = (f / inner[0] * body.xreplace({v: u})).as_independent(w, as_Add=False)
    swapped = bind(Sum, u, c * bind(Sum, w, rest, a, b), lower, upper)
    return min(outer, swapped, key=default_sort_key)


def _differentiate(e, v, scope):
    """Differentiate after the bound indices are renamed: SymPy confuses them with a free index of v."""
    if not (isinstance(v, Indexed) or isinstance(v, Symbol) and v.is_integer is not True):
        raise ValueError(f"derivative: the variable must be a real symbol or an indexed one, got {v}")
    e = _normalise(e, scope)
    require_smooth(e, v)
    return e.diff(v)
