"""Ledger and notebooks together: each claim has one home, is derived there and checked there."""

import ast
import re
from dataclasses import dataclass

import nbformat
import pytest

from softmax_ref.literate.ledger import claims, errata, home_cells
from softmax_ref.literate.notebooks import FOLDER

PROVED = ("machine", "machine + human step")
NOTEBOOKS = sorted({claim.notebook for claim in claims().values()})
LINKED = "15_errata"


@dataclass
class Section:
    """The home of a claim: from its heading to the next of the same level."""

    text: str
    code: list[ast.Module]
    made_of: list[set[str]]  # for each cell: every name and string in it, and what they were assigned from

    @property
    def proofs(self):
        """Calls of prove and prove_sign that bring controls."""
        calls = [node for cell in self.code for node in ast.walk(cell) if isinstance(node, ast.Call)]
        return [call for call in calls if _name(call) in ("prove", "prove_sign") and _has_controls(call)]

    @property
    def asserting(self):
        """The cells that assert something."""
        return [n for n, cell in enumerate(self.code) if any(isinstance(node, ast.Assert) for node in ast.walk(cell))]

    @property
    def checked(self):
        """What those are made of."""
        return set().union(*(self.made_of[n] for n in self.asserting))


def _name(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _has_controls(call):
    controls = [keyword.value for keyword in call.keywords if keyword.arg == "controls"]
    return bool(controls) and not (isinstance(controls[0], ast.List) and not controls[0].elts)


def section(cells, start):
    """Return the section that starts at the tagged cell."""
    level = _level(cells[start])
    ends = (n for n in range(start + 1, len(cells)) if 0 < _level(cells[n]) <= level)
    end = next(ends, len(cells))
    text = "\n".join(cell["source"] for cell in cells[start:end] if cell["cell_type"] == "markdown")
    code = [(n, _parsed(cell)) for n, cell in enumerate(cells[:end]) if cell["cell_type"] == "code"]
    made_of = origins([tree for _, tree in code])
    inside = [at for at, (n, _) in enumerate(code) if n > start]
    return Section(text, [code[at][1] for at in inside], [made_of[at] for at in inside])


def origins(trees):
    """Return what each cell is made of; a name stands for what its latest assignment is made of."""
    known, result = {}, []
    for tree in trees:
        parts = [_statement(node, known) for node in tree.body]
        result.append(set().union(*parts))
    return result


def _statement(node, known):
    """Note what a statement assigns, and return all that it is made of."""
    for inner in getattr(node, "body", []):
        if isinstance(inner, ast.stmt):
            _statement(inner, known)
    targets = [*getattr(node, "targets", []), *([node.target] if hasattr(node, "target") else [])]
    source = getattr(node, "iter", getattr(node, "value", None)) if targets else node
    names = {name for target in targets for name in _words(target)}
    for name in names | ({node.name} if isinstance(node, ast.FunctionDef) else set()):
        known[name] = _resolved(source, known)
    return _resolved(node, known)


def _resolved(tree, known):
    return {word for name in _words(tree) for word in (name, *known.get(name, ()))} if tree else set()


def _words(tree):
    """Return every name and every string, but no label of a picture."""
    labels = {id(k.value) for call in ast.walk(tree) if isinstance(call, ast.Call) for k in call.keywords}
    nodes = [node for node in ast.walk(tree) if id(node) not in labels or not isinstance(node, ast.Constant)]
    strings = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return (strings | {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}) - {"", "_"}


def _level(cell):
    heading = re.match(r"(#+) ", cell["source"]) if cell["cell_type"] == "markdown" else None
    return len(heading[1]) if heading else 0


def _parsed(cell):
    return ast.parse("\n".join(line for line in cell["source"].splitlines() if not line.startswith(("%", "!"))))


def home_faults(claim, cells):
    """List what a claim's home lacks."""
    starts = [n for n, cell in enumerate(cells) if claim.id in cell["metadata"].get("tags", [])]
    if not starts or not _level(cells[starts[0]]):
        yield "the tagged cell is a heading"
        return
    home = section(cells, starts[0])
    if claim.level in PROVED and not home.proofs:
        yield "prove or prove_sign with controls derives it"
    if not home.proofs and not home.asserting:
        yield "an assertion derives it"
    if not home.checked & {"certify", *claim.functions}:
        yield "an assertion on numbers of the reference checks it"
    missing = set(claim.functions) - home.checked
    if missing:
        yield f"it names {', '.join(sorted(missing))}"
    if claim.human and "human step" not in home.text.lower():
        yield "the text says which step is human"
    unnamed = [name for name in claim.errata if name not in home.text]
    if unnamed:
        yield f"the text names {', '.join(unnamed)}"


def read(name):
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells


def of(notebook):
    return [claim for claim in claims().values() if claim.notebook == notebook]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_claim_has_its_home_here(notebook):
    """Exactly one cell of all notebooks carries its tag: the one that the ledger stores."""
    homes = home_cells()

    assert [(claim.id, homes.get(claim.id)) for claim in of(notebook)] == [
        (claim.id, [(notebook, claim.cell)]) for claim in of(notebook)
    ]


def test_no_tag_is_without_a_claim():
    """Every tag of this form is an id of the ledger."""
    assert set(home_cells()) <= set(claims())


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_claim_is_derived_and_checked_at_home(notebook):
    """A derivation with controls where the level is machine, and an assertion on numbers of the reference."""
    cells = read(notebook)

    assert [f"{claim.id}: {fault}" for claim in of(notebook) for fault in home_faults(claim, cells)] == []


@pytest.mark.parametrize("erratum", errata())
def test_every_erratum_is_in_the_notebook_on_errata(erratum):
    """It is named there, with what the article says and what is true."""
    text = "\n".join(cell.source for cell in read(LINKED) if cell.cell_type == "markdown")

    assert re.search(rf"\b{erratum}\b", text)


def honest():
    """A small home of C04, derived and checked."""
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("## Order is kept", metadata={"tags": ["C04"]}),
            nbformat.v4.new_code_cell("prove(sigma(i) - sigma(k), 0, controls=[K])"),
            nbformat.v4.new_markdown_cell("### A wrong guess"),
            nbformat.v4.new_code_cell("assert (softmax(z) == certify('softmax', z).values).all()"),
            nbformat.v4.new_markdown_cell("## The next claim"),
            nbformat.v4.new_code_cell("prove(1, 1, controls=[2])\nassert softmax(0) == 1"),
        ]
    ).cells


def test_an_honest_home_has_no_faults():
    """A subsection belongs to it, the next section does not."""
    assert list(home_faults(claims()["C04"], honest())) == []


@pytest.mark.parametrize(
    ("cell", "source", "fault"),
    [
        (0, "Order is kept", "the tagged cell is a heading"),
        (1, "prove(sigma(i) - sigma(k), 0)", "with controls derives it"),
        (1, "prove(sigma(i) - sigma(k), 0, controls=[])", "with controls derives it"),
        (1, "same(sigma(i) - sigma(k), 0)", "with controls derives it"),
        (3, "softmax(z)", "an assertion on numbers"),
        (3, "assert numpy.exp(0) == 1", "an assertion on numbers"),
        (3, "assert certify('logistic', z)", "it names softmax"),
        (2, "## Another claim", "an assertion on numbers"),
    ],
)
def test_a_spoiled_home_is_noticed(cell, source, fault):
    """No heading, no control, no proof, no assertion, none on our numbers, another function, a section cut short."""
    cells = honest()
    cells[cell].source = source

    assert any(fault in found for found in home_faults(claims()["C04"], cells))


def test_a_home_without_its_human_step_or_erratum_is_noticed():
    """C14 has both, and the small home names neither."""
    cells = honest()
    cells[0].metadata["tags"] = ["C14"]

    assert list(home_faults(claims()["C14"], cells)) == ["the text says which step is human", "the text names E06"]
