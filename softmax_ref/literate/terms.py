"""Rules within one term, and what an expression may hold (R4 to R6 of `softmax_ref.literate.sums`)."""

from __future__ import annotations

import re

from sympy import (
    Abs,
    Add,
    Dummy,
    E,
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
    Pow,
    Product,
    Subs,
    Sum,
    Symbol,
    UnevaluatedExpr,
    ceiling,
    default_sort_key,
    exp,
    expand,
    floor,
    log,
    nan,
    oo,
    sign,
    sympify,
    zoo,
)
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef

_RESERVED = re.compile(r"_b\d+")  # names of bound indices in the normal form, never free
_LETTERS = "jklmnrsabcdefgh"
_UNSMOOTH = (Abs, AppliedUndef, Heaviside, Max, Min, Piecewise, Product, ceiling, floor, sign)


def admit(e):
    """Refuse what the rules do not cover, and open what was written unevaluated."""
    e = sympify(e, strict=True).replace(UnevaluatedExpr, lambda x: x)
    if not isinstance(e, Expr) or not e.is_commutative:
        raise TypeError(f"normal: a commutative scalar expression is needed, got {e!r}")
    foreign = [x for x in e.atoms(ExprWithLimits, Float, Lambda, Limit, Subs) if not isinstance(x, (Sum, Product))]
    if foreign or e.has(oo, -oo, zoo, nan):
        raise TypeError(f"normal: sums, products, derivatives and exact finite numbers only, got {e}")
    if any(_RESERVED.fullmatch(s.name) for s in e.free_symbols if isinstance(s, Symbol)):
        raise ValueError(f"normal: names like _b0 are reserved for bound indices, got {e}")
    return e


def require_smooth(e, v):
    """Refuse what may have a kink or a jump in v, a symbol or an indexed one."""
    variable = v.base if isinstance(v, Indexed) else v
    kinks = [x for x in e.atoms(*_UNSMOOTH) if variable in x.free_symbols | {b.base for b in x.atoms(Indexed)}]
    if kinks:
        raise ValueError(f"derivative: the expression must be smooth in {v}, got {kinks[0]}")


def opened(e):
    """Return the body of a sum or product, and its outermost index and range (SymPy writes the innermost first)."""
    *inner, (v, a, b) = e.limits
    return (e.func(e.function, *inner) if inner else e.function), v, a, b


def bind(head, w, body, a, b):
    """R4: bind w under the first reserved name above all that occur; nothing can be captured."""
    used = [int(s.name[2:]) for s in (body + a + b).atoms(Symbol) if _RESERVED.fullmatch(s.name)]
    name = Symbol(f"_b{max(used, default=-1) + 1}", integer=True)
    return head(body.xreplace({w: name}), (name, a, b))


def expand_term(e):
    """R5 and the distributive law; sums stay closed, because expand turns exp(Sum) into Product(exp)."""
    closed = {}

    def close(x):
        if isinstance(x, (Sum, Product)):
            facts = {"positive": True} if x.is_positive else {"real": True} if x.is_real else {}
            return closed.setdefault(x, Dummy("S", **facts))
        return x.func(*map(close, x.args)) if x.has(Sum, Product) else x

    return expand(_powers_of_e(close(e))).xreplace({s: x for x, s in closed.items()})


def _powers_of_e(e):
    """Write b**x as exp(x log b) for a positive base and an exponent that is not a number."""

    def general(x):
        return x.is_Pow and x.base.is_positive and x.base != E and not x.exp.is_number

    if not any(map(general, e.atoms(Pow))):
        return e
    return e.replace(general, lambda x: exp(x.exp * log(x.base)))


def merge_deltas(e):
    """R6: in every term write one index instead of two that a delta makes equal."""
    terms = []
    for t in Add.make_args(expand_term(e)):
        for delta in sorted(t.atoms(KroneckerDelta), key=default_sort_key):
            if delta in Mul.make_args(t) and all(isinstance(i, Symbol) for i in delta.args):
                i, k = sorted(delta.args, key=default_sort_key)
                t = delta * (t / delta).xreplace({k: i})
        terms.append(t)
    return expand_term(Add(*terms))


def with_letters(e):
    """R4 for the reader: j, k, l, ... instead of _b0, _b1, ..., avoiding the letters that occur."""
    names = {s.name for s in e.atoms(Symbol)} | {str(b.base) for b in e.atoms(Indexed)}
    letters = (c for c in _LETTERS if c not in names)
    bound = sorted(s for s in names if _RESERVED.fullmatch(s))
    return e.xreplace({Symbol(s, integer=True): Symbol(next(letters), integer=True) for s in bound})
