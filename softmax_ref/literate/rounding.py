"""Rounding errors as symbols: the model of floating-point arithmetic, first order, the triangle inequality.

A computed quantity is the exact one with a factor (1 + t e) for every operation, where e is the operation's relative
error. At t = 0 it is exact, at t = 1 it is what the machine holds, and its derivative at t = 0 is the error to first
order: a form that is linear in the errors.

============  =========================================  ======
symbol        error of                                   limit
============  =========================================  ======
delta[j]      the difference z_j - m                     u
epsilon[j]    exp of it                                  E u
rho[j, r]     addition r that term j takes part in       u
tau           a whole sum                                of the sum's own theorem
eta           log or log1p                               E u
nu            the difference d_i - log s, or m + log s   u
kappa         the last exp                               E u
mu            the division                               u
phi[j]        probability j                              P[j]
omega[j]      a product and the S additions of its sum   (S+1) u
============  =========================================  ======

Claims: C56 and every tolerance of the corpus (notebooks/13_rounding.ipynb, notebooks/18_rounding_relatives.ipynb).
"""

from __future__ import annotations

from sympy import Abs, Add, Dummy, Expr, Function, Indexed, IndexedBase, Integer, Pow, Symbol, exp, log, sympify

from softmax_ref.literate.sums import canonical, normal, same
from softmax_ref.literate.symbols import d, t, total
from softmax_ref.literate.terms import admit, require_smooth

__all__ = [
    "LIMITS", "E", "P", "S", "delta", "epsilon", "eta", "first_order", "kappa", "mu", "nu", "omega", "phi", "rho",
    "rounded_exp", "rounded_sum", "tau", "triangle", "u",
]  # fmt: skip

E, u = Symbol("E", positive=True), Symbol("u", positive=True)  # error of exp and log in units of u; unit roundoff
S = Symbol("S", integer=True, positive=True)  # additions that a term takes part in
P = IndexedBase("P", nonnegative=True)  # relative bounds of the probabilities
delta, epsilon, rho = (IndexedBase(name, real=True) for name in ("delta", "epsilon", "rho"))
omega, phi = (IndexedBase(name, real=True) for name in ("omega", "phi"))
eta, kappa, mu, nu, tau = (Symbol(name, real=True) for name in ("eta", "kappa", "mu", "nu", "tau"))
LIMITS = {
    delta: u, epsilon: E * u, rho: u, eta: E * u, kappa: E * u, mu: u, nu: u, omega: (S + 1) * u, phi: P
}  # fmt: skip


def rounded_exp(j) -> Expr:
    """Return exp(z_j - m) as computed; d[j] = m - z_j."""
    return exp(-d[j] * (1 + t * delta[j])) * (1 + t * epsilon[j])


def rounded_sum() -> Expr:
    """Return the sum of the exponentials as computed: each term goes through S additions, in any order."""
    additions = lambda j: exp(total(lambda r: log(1 + t * rho[j, r]), S))  # the product of S factors
    return total(lambda j: rounded_exp(j) * additions(j))


def first_order(computed, /, *, given=()) -> Expr:
    """Return the derivative with respect to t at t = 0, in normal form; `given` are hypotheses as for `prove`."""
    computed = admit(computed)
    require_smooth(computed, t)
    # Put t = 0 first: the normal form would write out every product of errors, and drop it again.
    return normal(computed.diff(t).xreplace({t: Integer(0)}), given=given)


def triangle(form, /, *, limits=LIMITS, nonnegative=()) -> Expr:
    """Return the bound that the triangle inequality gives: every term of a linear form replaced by its largest size.

    Parameters
    ----------
    form : Expr
        Linear in the errors.
        Its coefficients may hold components of either sign: abs of each takes their place.
    limits : dict
        The largest size of each error; of a family of errors either one size or a family of sizes.
    nonnegative : sequence of Expr
        Expressions whose sign SymPy does not know, taken to be >= 0.

    Raises
    ------
    ValueError
        A term is not linear in one error, or the sign of its coefficient is not known.
    """
    known = {canonical(e): Dummy("c", nonnegative=True) for e in map(sympify, nonnegative)}
    back = {c: e for e, c in known.items()}
    sizes = [_size(term.xreplace(known), limits) for term in Add.make_args(canonical(form))]
    return normal(Add(*sizes).xreplace(back))


def _size(term, limits):
    scale = Dummy("scale", positive=True)
    errors = {e: _limit(e, limits) for e in term.atoms(Indexed, Symbol) if _family(e) in limits}
    if not same(term.xreplace({e: scale * e for e in errors}), scale * term):
        raise ValueError(f"triangle: a term must be linear in one error, got {term}")
    sign, rest = term.as_coeff_Mul()
    size = abs(sign) * rest.xreplace(errors | {e: Abs(e) for e in _factors(term) - errors.keys()})
    if not size.is_nonnegative:
        raise ValueError(f"triangle: the sign of a coefficient must be known, got {term}")
    return size


def _limit(e, limits):
    limit = limits[_family(e)]
    return limit[e.indices] if isinstance(limit, IndexedBase) else limit


def _factors(term):
    """Return the components that stand in products and sums only: abs of such a product is that of its factors."""
    inside = {e for f in term.atoms(Function, Pow) for e in f.atoms(Indexed)}
    return {e for e in term.atoms(Indexed) if not e.is_nonnegative} - inside


def _family(e):
    return e.base if isinstance(e, Indexed) else e
