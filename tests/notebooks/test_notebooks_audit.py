"""The audit: every identity that a notebook proves holds by other numbers, and none of its mutants can be proved.

The cells that the proofs rest on are run here, with prove() replaced by a recorder, so that nothing of its own checks
is relied on.
"""

import ast
import operator
import random
from dataclasses import dataclass
from itertools import islice

import matplotlib.pyplot as plt
import mpmath
import nbformat
import pytest
from sympy import Add, Derivative, Eq, Indexed, Integer, KroneckerDelta, Product, Rational, Sum, Symbol, sympify

from softmax_ref.literate import figures, numeric, proofs, sums
from softmax_ref.literate.notebooks import FOLDER
from softmax_ref.literate.symbols import K, beta, c, delta, i, k, p, partition, sigma, tempered, total, z

STORED = sorted(FOLDER.glob("*.ipynb"))
DIGITS = 40
AGREE = mpmath.mpf(10) ** -20
DIFFER = mpmath.mpf(10) ** -6
WORLD = 3571  # values of the symbols that prove() never uses
MANY = {3: 3, 2: 2, 1: 1}  # points at each K; the largest K, which tells most apart, first
LEAST = 2  # false mutants that an identity must have
TRIES = 4  # places where a part is changed, until the change shows
WHOLE = {"sign flipped", "factor 8/7", "1/7 added"}


@dataclass(frozen=True)
class Identity:
    """Two sides, the hypotheses and the controls, as handed to prove()."""

    lhs: object
    rhs: object
    given: tuple
    controls: tuple = ()

    def proved(self, lhs, rhs):
        return sums.same(lhs, rhs, given=self.given)

    def believable(self):
        """Whether a control is more than the truth and a number added."""
        return any(not sums.normal(wrong - self.rhs, given=self.given).is_number for wrong in self.controls)


# What the notebooks prove ----------------------------------------------------------------------------------------


def recorded(nb, monkeypatch):
    """Run the cells that proofs rest on, and return every identity."""
    found = []

    def recorder(lhs, rhs, /, *, controls, given=()):
        facts = tuple((sympify(a), sympify(b)) for a, b in given)
        found.append(Identity(sympify(lhs), sympify(rhs), facts, tuple(map(sympify, controls))))
        return Eq(found[-1].lhs, found[-1].rhs, evaluate=False)

    monkeypatch.setattr(proofs, "prove", recorder)
    monkeypatch.setattr(figures, "show", plt.close)
    monkeypatch.chdir(FOLDER)
    plt.switch_backend("agg")
    names = {"__name__": "__main__"}
    for cell in rested_on(nb):
        exec(compile(cell, "<cell>", "exec"), names)  # noqa: S102  what a kernel does
    return found


def rested_on(nb):
    """Return the cells with a proof, and those that make or import a name that one of them needs."""
    cells = [_parsed(cell) for cell in nb.cells if cell.cell_type == "code" and _runs(cell)]
    needed, kept = {"prove"}, []
    for cell in reversed(cells):
        names = [node for node in ast.walk(cell) if isinstance(node, ast.Name)]
        made = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        made |= {node.name for node in ast.walk(cell) if isinstance(node, ast.FunctionDef)}
        imports = any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in cell.body)
        if proof_calls(cell) or made & needed or imports:
            kept.append(cell)
            needed |= {node.id for node in names} - {"_"}
    return kept[::-1]


def _runs(cell):
    """A cell that is there to fail proves nothing."""
    return "raises-exception" not in cell.metadata.get("tags", [])


def _parsed(cell):
    return ast.parse("\n".join(line for line in cell.source.splitlines() if not line.startswith(("%", "!"))))


def proof_calls(cell):
    calls = [node for node in ast.walk(cell) if isinstance(node, ast.Call)]
    return sum(getattr(call.func, "id", "") == "prove" for call in calls)


# Numbers ---------------------------------------------------------------------------------------------------------


class Evaluator:
    """The number of an expression at a point: sums are loops, derivatives are mpmath's."""

    def __init__(self, point):
        self.point, self.known = point, {}

    def value(self, e, env):
        """Return the number; ``env`` holds the bound indices."""
        if isinstance(e, (Sum, Product)):
            return self._once(e, env)
        if isinstance(e, Derivative):
            return self._slope(e, env)
        if isinstance(e, Indexed):
            return self.point.leaf(e, self._index(e, env))
        if isinstance(e, Symbol):
            return env[e] if e in env else self.point.leaf(e, ())
        if e.is_Rational:
            return mpmath.mpf(e.p) / e.q
        if e.is_finite is False:
            raise ZeroDivisionError(f"value: a number is needed, got {e}")
        parts = [self.value(a, env) for a in e.args]
        if isinstance(e, KroneckerDelta):
            return mpmath.mpf(parts[0] == parts[1])
        return _function(type(e).__name__)(*parts)

    def _index(self, leaf, env):
        return tuple(int(self.value(n, env)) for n in getattr(leaf, "indices", ()))

    def _once(self, e, env):
        """A sum is the same wherever it stands, if it has no bound index."""
        key = (e, tuple((v, env[v]) for v in sorted(e.free_symbols & env.keys(), key=str)))
        if key not in self.known:
            self.known[key] = self._loop(e, list(e.limits), env)
        return self.known[key]

    def _loop(self, e, limits, env):
        if not limits:
            return self.value(e.function, env)
        v, a, b = limits[-1]  # the last limit is the outermost
        ends = range(int(self.value(a, env)), int(self.value(b, env)) + 1)
        terms = [self._loop(e, limits[:-1], {**env, v: n}) for n in ends]
        return mpmath.fsum(terms) if isinstance(e, Sum) else mpmath.fprod(terms)

    def _slope(self, e, env):
        leaves = [(str(getattr(v, "base", v)), self._index(v, env)) for v in e.variables]
        here = {leaf: self.point.leaf(v, leaf[1]) for leaf, v in zip(leaves, e.variables, strict=True)}

        def moved(*values):
            point = self.point
            for leaf, to in zip(here, values, strict=True):
                point = point.moved(leaf, to)
            return Evaluator(point).value(e.expr, env)

        return mpmath.diff(moved, tuple(here.values()), tuple(map(leaves.count, here)))


def _function(name):
    known = {"Add": lambda *a: mpmath.fsum(a), "Mul": lambda *a: mpmath.fprod(a), "Pow": mpmath.power,
             "UnevaluatedExpr": mpmath.mpf, "Whole": mpmath.mpf, "Exp1": lambda: +mpmath.e, "Pi": lambda: +mpmath.pi, "Abs": mpmath.fabs,
             "EulerGamma": lambda: +mpmath.euler}  # fmt: skip
    return known[name] if name in known else getattr(mpmath, name.lower())


def points(identity, *more):
    """Yield points at which the hypotheses hold, none of which prove() has looked at."""
    for size, many in MANY.items():
        yield from islice(
            numeric.points(size, identity.lhs, identity.rhs, *more, given=identity.given, world=WORLD), many
        )


def number(e, point):
    """Return the value, or None where the expression is not defined."""
    try:
        return Evaluator(point).value(e, {})
    except ZeroDivisionError:
        return None


def gaps(identity, lhs, rhs):
    """Yield how far apart the two sides are, relative to the left one, at point after point."""
    for point in points(identity, lhs, rhs):
        a, b = number(lhs, point), number(rhs, point)
        if a is not None and b is not None:
            yield abs(a - b) / (1 + abs(a))


# Mutants ---------------------------------------------------------------------------------------------------------


def mutants(e, indices, draw):
    """Yield wrong expressions with their kind: first those that change a part of `e`, then those that change all."""
    for kind, change in (("term dropped", _drop), ("index exchanged", _exchange), ("parameter dropped", _forget)):
        options = [(path, new) for path, node in _nodes(e) for new in change(node, indices)]
        yield from ((kind, _put(e, *option)) for option in draw.sample(options, min(TRIES, len(options))))
    whole = {"sign flipped": -e, "factor 8/7": e * Rational(8, 7), "1/7 added": e + Rational(1, 7)}
    yield from draw.sample([*whole.items()], len(whole))


def _drop(node, indices):
    if isinstance(node, Add):
        yield from (Add(*[a for a in node.args if a is not term]) for term in node.args)


def _exchange(node, indices):
    if isinstance(node, (Indexed, KroneckerDelta)):
        at = 1 if isinstance(node, Indexed) else 0
        for n, old in enumerate(node.args[at:], start=at):
            for new in sorted(indices - {old}, key=str) if old in indices else ():
                yield node.func(*node.args[:n], new, *node.args[n + 1 :])


def _forget(node, indices):
    if isinstance(node, Symbol) and node.is_positive and not node.is_integer:
        yield Integer(1)


def _nodes(e, path=()):
    """Yield every part of an expression with its place; names of bases and ranges of sums are no parts."""
    yield path, e
    parts = e.args[:1] if isinstance(e, (Sum, Product, Derivative)) else () if isinstance(e, Indexed) else e.args
    for n, part in enumerate(parts):
        yield from _nodes(part, (*path, n))


def _put(e, path, new):
    if not path:
        return new
    parts = list(e.args)
    parts[path[0]] = _put(parts[path[0]], path[1:], new)
    return e.func(*parts)


def audit(identity, whole=1):
    """List what is wrong with an identity: not proved, false by other numbers, or provable when mutated."""
    if not identity.proved(identity.lhs, identity.rhs):
        yield "it is not proved"
    with mpmath.workdps(DIGITS):
        apart = list(gaps(identity, identity.lhs, identity.rhs))
        if not apart or max(apart) > AGREE:
            yield f"its sides differ by {mpmath.nstr(max(apart), 3) if apart else 'an undefined number'}"
        different = list(_different(identity, whole))
    left = sums.normal(identity.lhs, given=identity.given)  # once: derivatives are dear
    for kind, lhs, rhs in different:
        if identity.proved(left if lhs is identity.lhs else lhs, rhs):
            yield f"a mutant is proved: {kind}"
    if len(different) < LEAST:
        yield f"only {len(different)} of its mutants are false"


def _different(identity, whole):
    """Return false mutants, one of a kind: every kind that changes a part, and some that change all of a side."""
    draw = random.Random(str(identity))
    symbols = identity.lhs.atoms(Symbol) | identity.rhs.atoms(Symbol)
    indices = {s for s in symbols if s.is_integer and not s.is_positive}
    found = {}
    for left, side in ((False, identity.rhs), (True, identity.lhs)):
        if len(found) < LEAST:
            for kind, wrong in mutants(side, indices, draw):
                enough = kind in WHOLE and len(found) >= LEAST and len(WHOLE & found.keys()) >= whole
                sides = (wrong, identity.rhs) if left else (identity.lhs, wrong)
                if kind not in found and not enough and any(apart > DIFFER for apart in gaps(identity, *sides)):
                    found[kind] = (kind, *sides)
    return list(found.values())


# The tests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STORED, ids=operator.attrgetter("stem"))
def test_every_identity_holds_and_no_mutant_is_proved(path, monkeypatch):
    """Both sides agree at K = 1, 2, 3 by an evaluator of its own, and at least two false mutants stay unproved."""
    nb = nbformat.read(path, as_version=4)
    found = recorded(nb, monkeypatch)

    assert len(found) >= sum(proof_calls(cell) for cell in rested_on(nb))
    faults = [f"{identity.lhs} = {identity.rhs}: {fault}" for identity in found for fault in audit(identity)]
    assert faults == []
    assert [identity for identity in found if not identity.believable()] == []


def test_a_control_that_only_adds_a_number_is_not_believable():
    """Neither 1/7 more nor 1 less is a mistake that someone makes; a forgotten factor is."""
    truth = total(p), Integer(1), ()

    assert not Identity(*truth, (Rational(8, 7), Integer(0))).believable()
    assert not Identity(total(p), total(p), (), (total(p) - 1,)).believable()
    assert Identity(*truth, (Rational(8, 7), partition())).believable()


JACOBIAN = Identity(
    Derivative(sigma(i, tempered), z[k]), beta * sigma(i, tempered) * (delta(i, k) - sigma(k, tempered)), ()
)
TERMS = (beta * sigma(i, tempered) * delta(i, k), -beta * sigma(i, tempered) * sigma(k, tempered))
REAL = sums.same


def _with(change):
    return lambda a, b, given=(): REAL(change(a), change(b), given=given)


def _alike(e):
    """Take every logit for the same, and every index."""
    return e.replace(Indexed, lambda *_: c).replace(KroneckerDelta, lambda *_: Integer(1))


UNSOUND = {
    "1/7 added": lambda a, b, given=(): sums.normal(a - b, given=given).is_Rational,
    "factor 8/7": lambda a, b, given=(): any(REAL(a, n * b, given=given) for n in (1, Rational(7, 8))),
    "sign flipped": lambda a, b, given=(): any(REAL(a, n * b, given=given) for n in (1, -1)),
    "term dropped": lambda a, b, given=(): any(REAL(a, b + term, given=given) for term in (0, *TERMS)),
    "index exchanged": _with(lambda e: _alike(sums.normal(e))),
    "parameter dropped": _with(lambda e: e.doit().xreplace({beta: Integer(1)})),
}


def test_a_true_identity_passes_the_audit():
    """The Jacobian of softmax(beta z), with all six kinds of mutants."""
    assert list(audit(JACOBIAN, whole=3)) == []
    assert {kind for kind, *_ in _different(JACOBIAN, 3)} == set(UNSOUND)


@pytest.mark.parametrize("kind", UNSOUND)
def test_an_unsound_rule_is_caught_by_its_mutant(kind, monkeypatch):
    """Rules that are blind to a sign, a factor, a constant, a delta, an index or beta."""
    monkeypatch.setattr(sums, "same", UNSOUND[kind])

    assert f"a mutant is proved: {kind}" in list(audit(JACOBIAN, whole=3))


def test_rules_that_prove_everything_are_caught(monkeypatch):
    """Every mutant of every kind goes through, also those drawn for a short identity."""
    monkeypatch.setattr(sums, "same", lambda a, b, given=(): True)

    assert len(list(audit(JACOBIAN, whole=3))) == 6
    assert list(audit(Identity(total(p), Integer(1), ((total(p), Integer(1)),))))


@pytest.mark.parametrize(
    ("lhs", "rhs", "fault"),
    [
        (total(z), total(z) + 1, "it is not proved"),
        (total(z), K * z[i], "its sides differ by"),
        (Integer(0), Integer(0), "only 1 of its"),
    ],
)
def test_a_spoiled_identity_is_noticed(lhs, rhs, fault):
    """Not proved; false from K = 2 on; nothing in it that could be wrong."""
    assert any(found.startswith(fault) for found in audit(Identity(lhs, rhs, ())))


def test_only_the_cells_that_proofs_rest_on_are_run(monkeypatch):
    """Imports, the words of a proof and the proof; not the numbers, and not what is there to fail."""
    sources = [
        "from sympy import exp",
        "from softmax_ref.literate import prove\nfrom softmax_ref.literate.symbols import *",
        "f = lambda n: exp(z[n])",
        "raise RuntimeError('numbers')",
        "prove(total(f), partition(), controls=[K])",
    ]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nb.cells.append(nbformat.v4.new_code_cell("prove(1, 2, controls=[])", metadata={"tags": ["raises-exception"]}))

    found = recorded(nb, monkeypatch)

    assert [(identity.lhs, identity.rhs) for identity in found] == [(partition(), partition())]
