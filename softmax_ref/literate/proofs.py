"""prove(): a symbolic proof that brings its own negative controls and an independent numerical check."""

from __future__ import annotations

import mpmath
from sympy import Add, Derivative, Eq, Expr, Ge, Gt, Mul, Product, Sum, Symbol, sympify

from softmax_ref.literate import numeric
from softmax_ref.literate.sums import normal, same
from softmax_ref.literate.terms import opened

__all__ = ["ProofError", "assuming", "at", "derivative", "gap", "prove", "prove_sign"]

_AGREE = mpmath.mpf(10) ** -25  # relative; the evaluator works with 40 digits, its difference quotients with 30
_DIFFER = mpmath.mpf(10) ** -6  # relative; a control nearer than this tests nothing
_SIZES = (1, 2, 3)
_WORLDS = 5  # sets of values at which a sign is looked at


class ProofError(AssertionError):
    """Raised when a claim is not proved, or when a control shows that the proof proves too much."""


def prove(lhs, rhs, /, *, controls, given=()) -> Eq:
    """Prove lhs = rhs for every K, and show that the proof can fail.

    Parameters
    ----------
    lhs, rhs : Expr
        The two sides; unevaluated derivatives are carried out.
    controls : sequence of Expr, at least one
        Wrong right sides that a reader might believe: a sign, an index, a dropped term, a missing beta.
    given : sequence of pairs (lhs, rhs)
        Hypotheses, such as ``(total(p), 1)`` for a distribution.

    Returns
    -------
    Eq
        The identity as written, to be shown.

    Raises
    ------
    ProofError
        The rules do not prove the identity, or they prove a control, or there is no control, or a numerical
        evaluation at K = 1, 2, 3 contradicts the identity or cannot tell a control from it.

    Notes
    -----
    Claims: C03 (notebooks/00_proofs.ipynb).
    The rules and their one hypothesis are those of `softmax_ref.literate.sums`.
    """
    lhs, rhs, controls, given = _read("prove", lhs, rhs, controls, given)
    if not same(lhs, rhs, given=given):
        raise ProofError(f"prove: the identity is not proved, got {lhs} = {rhs}")
    for wrong in controls:
        if same(lhs, wrong, given=given):
            raise ProofError(f"prove: a control is proved, got {lhs} = {wrong}")
    _agree(lhs, rhs, controls, given)
    return Eq(lhs, rhs, evaluate=False)


def prove_sign(e, kind, /, *, controls):
    """Prove e > 0 ("positive") or e >= 0 ("nonnegative") by SymPy's assumption engine, with controls.

    Parameters
    ----------
    e : Expr
        An expression in finite sums; it is judged as written, so write it as a sum of squares or of products.
    kind : {"positive", "nonnegative"}
        The sign claimed.
    controls : sequence of Expr, at least one
        Expressions that are somewhere of the other sign, and for which the claim must fail.

    Returns
    -------
    Relational
        The inequality as written, to be shown.
    """
    e, _, controls, _ = _read("prove_sign", e, 0, controls, ())
    sign = {"positive": (lambda f: f.is_positive, lambda u: u > 0, Gt),
            "nonnegative": (lambda f: f.is_nonnegative, lambda u: u >= 0, Ge)}  # fmt: skip
    if kind not in sign:
        raise ValueError(f"prove_sign: kind must be 'positive' or 'nonnegative', got {kind!r}")
    proved, holds, relation = sign[kind]
    if proved(e) is not True or not all(map(holds, _numbers(e))):
        raise ProofError(f"prove_sign: not proved {kind}, got {e}")
    for wrong in controls:
        if proved(wrong) or all(map(holds, _numbers(wrong))):
            raise ProofError(f"prove_sign: a control is {kind} as far as can be seen, got {wrong}")
    return relation(e, 0, evaluate=False)


def derivative(e, /, *variables) -> Expr:
    """Return the derivative with respect to each variable in turn, in normal form.

    Parameters
    ----------
    e : Expr
        An expression in finite sums, smooth in the variables.
    *variables : Symbol or Indexed
        For instance ``beta`` or ``z[k]``; k is an index of its own, whatever the sums of `e` call theirs.
    """
    for v in variables:
        e = normal(Derivative(normal(e), v, evaluate=False))
    return e


def assuming(e, /, *facts) -> Expr:
    """Return the normal form of `e` under hypotheses, each a pair (lhs, rhs)."""
    return normal(e, given=facts)


def at(e, size, /, **indices) -> Expr:
    """Return `e` at K = size and at the named indices, its sums written out: the cross-check at a fixed size."""
    e = sympify(e)
    known = {"K": size, **indices}
    return _unroll(e, {s: sympify(known[s.name]) for s in e.atoms(Symbol) if s.name in known})


def gap(a, b, size, /, *, given=()):
    """Return how far two expressions are apart at K = size: the largest abs(a - b)/(1 + abs(a)), or None.

    The values of the symbols follow from their names, the free indices run over 1..K, and nothing of the rules is used.
    """
    a, b = sympify(a), sympify(b)
    pairs = [(_number(a, point), _number(b, point)) for point in _points(size, a, b, given=given)]
    apart = [abs(u - w) / (1 + abs(u)) for u, w in pairs if u is not None and w is not None]
    return max(apart, default=None)


def _unroll(e, known):
    """Write sums and products out; an empty range gives 0 and 1 (SymPy's doit counts it backwards)."""
    if not e.has(Sum, Product):
        return e.xreplace(known).doit()
    if not isinstance(e, (Sum, Product)):
        return e.func(*[_unroll(a, known) for a in e.args]).doit()
    body, v, a, b = opened(e)
    ends = [int(end.xreplace(known)) for end in (a, b)]
    terms = [_unroll(body, {**known, v: sympify(n)}) for n in range(ends[0], ends[1] + 1)]
    return Add(*terms) if isinstance(e, Sum) else Mul(*terms)


def _read(name, lhs, rhs, controls, given):
    controls = [sympify(wrong, strict=True) for wrong in controls]
    if not controls:
        raise ProofError(f"{name}: at least one control is needed, got none; write a wrong statement one could believe")
    facts = [(sympify(a, strict=True), sympify(b, strict=True)) for a, b in given]
    return sympify(lhs, strict=True), sympify(rhs, strict=True), controls, facts


def _agree(lhs, rhs, controls, given):
    """Evaluate both sides, and every control, at K = 1, 2, 3."""
    sizes = {size: gap(lhs, rhs, size, given=given) for size in _SIZES}
    if set(sizes.values()) == {None}:
        raise ProofError(f"prove: the two sides are not defined together at K = 1, 2, 3, got {lhs} = {rhs}")
    for size, apart in sizes.items():
        if apart is not None and apart > _AGREE:
            raise ProofError(f"prove: the two sides differ at K = {size}, got {lhs} = {rhs}")
    for wrong in controls:
        if not any((gap(lhs, wrong, size, given=given) or 0) > _DIFFER for size in _SIZES):
            raise ProofError(f"prove: a control does not differ from the truth at K = 1, 2, 3, got {lhs} = {wrong}")


def _numbers(e):
    points = (point for world in range(_WORLDS) for size in _SIZES for point in _points(size, e, world=world))
    return [u for u in (_number(e, point) for point in points) if u is not None]


def _points(size, *expressions, given=(), world=0):
    with mpmath.workdps(numeric.DIGITS):
        yield from numeric.points(size, *expressions, given=given, world=world)


def _number(e, point):
    """Return the value, or None where the expression is not defined."""
    try:
        return numeric.value(e, point)
    except ZeroDivisionError:
        return None
