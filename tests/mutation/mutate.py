"""Does a test turn red when one operator is wrong? ``python tests/mutation/mutate.py [--places N] [--seed S]``

One operator is changed in a copy of the tree, and only the tests that belong to the changed file run. The sample is
seeded and takes its places from the numerical reference, the proof kit and the derivations of the notebooks. A place
that stays green is a survivor: it is killed by a better test, or harmless.toml says why no test can tell.
Exit status 0: at least 95 % turned red and every survivor has its reason.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import io
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import tokenize
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import nbformat
from rich.console import Console
from rich.progress import track

ROOT = Path(__file__).parents[2]
HARMLESS = Path(__file__).with_name("harmless.toml")
SHARE_RED = 0.95
SECONDS = 180  # a mutant that loops is as red as one that fails
SWAPS = {
    "+": "-", "-": "+", "*": "/", "/": "*", "//": "*", "%": "*", "**": "*", "@": "+", "<<": ">>", ">>": "<<",
    "&": "|", "|": "&", "^": "&", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==",
    "and": "or", "or": "and", "is": "is not", "in": "not in",
    "is not": "is", "not in": "in",
}  # fmt: skip
NOTEBOOK_TESTS = (
    *(f"tests/notebooks/test_notebooks_{name}.py" for name in ("figures", "fresh", "honest", "nbval")),
    # These two run every notebook again.
    "--deselect=tests/notebooks/test_notebooks_fresh.py::test_every_stored_notebook_is_fresh",
    "--deselect=tests/notebooks/test_notebooks_nbval.py::test_outputs_do_not_depend_on_the_processor",
)
STRATA = {"functions": 0.45, "literate": 0.2, "notebooks": 0.35}


@dataclass(frozen=True)
class Place:
    """One operator: where it stands, and what takes its place.

    Attributes
    ----------
    file : str
        Path below the root.
    cell : int or None
        Which cell of a notebook.
    line, start, end : int
        Its line, from 0, and its columns there.
    text : str
        The line itself: with the operators it names a place for as long as the line stays the same.
    old, new : str
        The operators.
    """

    file: str
    cell: int | None
    line: int
    start: int
    end: int
    text: str
    old: str
    new: str

    def __str__(self) -> str:
        where = f"cell {self.cell}, " if self.cell is not None else ""
        return f"{self.file}: {where}line {self.line + 1}: {self.text.strip()}: {self.old} -> {self.new or 'nothing'}"


def places(source: str, file: str, cell: int | None = None) -> Iterator[Place]:
    """Yield every operator of a source text that may be changed."""
    lines = source.splitlines()
    tokens = list(_written(source))
    for node, left, right in _operators(ast.parse(source)):
        for old, start, end in tokens:
            line = lines[start[0] - 1]
            # The syntax tree counts bytes and the tokens count characters: a line where they differ is left out.
            if left <= start and end <= right and line.isascii():
                new = "" if isinstance(node, ast.UnaryOp) else SWAPS[old]
                yield Place(file, cell, start[0] - 1, start[1], end[1], line, old, new)


def _written(source: str) -> Iterator[tuple[str, tuple, tuple]]:
    """Yield each operator with its ends; the two words of `is not` and of `not in` are one."""
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    second = False
    for token, after in itertools.pairwise(tokens):
        both = f"{token.string} {after.string}"
        if both in SWAPS and token.end[0] == after.start[0]:
            yield both, token.start, after.end
        elif token.string in SWAPS and not second:
            yield token.string, token.start, token.end
        second = both in SWAPS


def _operators(tree: ast.AST) -> Iterator[tuple[ast.AST, tuple, tuple]]:
    """Yield each operator's node and the gap between its operands."""
    if isinstance(tree, ast.keyword) and tree.arg == "controls":
        return  # a control is wrong on purpose, and a wrong control that is wrong in another way is as good
    if isinstance(tree, ast.BinOp):
        yield tree, _end(tree.left), _start(tree.right)
    elif isinstance(tree, (ast.BoolOp, ast.Compare)):
        operands = tree.values if isinstance(tree, ast.BoolOp) else [tree.left, *tree.comparators]
        yield from ((tree, _end(a), _start(b)) for a, b in itertools.pairwise(operands))
    elif isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        yield tree, _start(tree), _start(tree.operand)
    for name, value in ast.iter_fields(tree):
        if name not in ("annotation", "returns"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _operators(child)


def _start(node):
    return node.lineno, node.col_offset


def _end(node):
    return node.end_lineno, node.end_col_offset


def mutated(source: str, place: Place) -> str:
    """Return the source with the operator changed."""
    lines = source.splitlines(keepends=True)
    line = lines[place.line]
    lines[place.line] = line[: place.start] + place.new + line[place.end :]
    return "".join(lines)


def all_places(root: Path = ROOT) -> dict[str, list[Place]]:
    """Return every place of the reference, of the proof kit, and of the cells that derive."""
    found = {}
    for part in ("functions", "literate"):
        files = sorted((root / "softmax_ref" / part).glob("*.py"))
        found[part] = [p for path in files for p in places(path.read_text("utf-8"), path.relative_to(root).as_posix())]
    found["notebooks"] = []
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for n, cell in enumerate(nbformat.read(path, as_version=4).cells):
            if cell.cell_type == "code" and ("prove(" in cell.source or "prove_sign(" in cell.source):
                found["notebooks"] += places(cell.source, f"notebooks/{path.name}", n)
    return found


def sample(count: int, seed: int, root: Path = ROOT) -> list[Place]:
    """Draw places, so many of each part; a line that changes moves no other line into the sample or out of it."""

    def lot(place):
        drawn = f"{seed} {place.file} {place.text} {place.start} {place.new}"
        return hashlib.sha256(drawn.encode()).digest()

    return [
        place
        for part, found in all_places(root).items()
        for place in sorted(found, key=lot)[: round(STRATA[part] * count)]
    ]


def tests_of(place: Place) -> list[list[str]]:
    """Return the tests of a file, those that are its own first."""
    path = Path(place.file)
    if path.suffix == ".ipynb":
        return [[place.file]]
    part = path.parent.name
    own = f"tests/{part}/test_{part}_{path.stem}.py"
    rest = [f"tests/{part}", place.file]
    if part == "literate":
        rest += [f"notebooks/{name}.ipynb" for name in ("00_proofs", "13_rounding", "18_rounding_relatives")]
        rest += NOTEBOOK_TESTS
    return [[own], rest] if (ROOT / own).exists() else [rest]


def verdict(place: Place, copy: Path) -> str:
    """Change the place in a copy of the tree, run its tests, and undo the change: "red", "slow" or "green"."""
    file = copy / place.file
    before = file.read_text("utf-8")
    file.write_text(_with(before, place), "utf-8")
    try:
        return next((v for v in (_run(tests, copy) for tests in tests_of(place)) if v != "green"), "green")
    finally:
        file.write_text(before, "utf-8")


def _with(text: str, place: Place) -> str:
    if place.cell is None:
        return mutated(text, place)
    notebook = nbformat.reads(text, as_version=4)
    notebook.cells[place.cell].source = mutated(notebook.cells[place.cell].source, place)
    return nbformat.writes(notebook)


def _run(tests: list[str], copy: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "slow"
    unloaded = b"while loading conftest" in done.stderr  # a conftest imports the changed file
    if done.returncode not in (0, 1, 2) and not unloaded:  # 2: what no longer imports
        raise RuntimeError(f"mutate: the tests {tests} did not run, got status {done.returncode}: {done.stdout[-500:]}")
    return "red" if done.returncode else "green"


def harmless() -> dict[tuple[str, str, str], str]:
    """Return the survivors that no test can tell from the truth, with the reason of each."""
    entries = tomllib.loads(HARMLESS.read_text("utf-8")).get("survivor", [])
    return {(e["file"], e["line"], e["change"]): e["why"] for e in entries}


def _key(place: Place) -> tuple[str, str, str]:
    return place.file, place.text.strip(), f"{place.old} -> {place.new}"


def judge(drawn: list[Place], verdicts: list[str], console: Console) -> bool:
    """Print the survivors and the share that turned red; say whether both are as they must be."""
    known = harmless()
    survivors = [place for place, v in zip(drawn, verdicts, strict=True) if v == "green"]
    for place in survivors:
        console.print(f"survived: {place}", markup=False, highlight=False, soft_wrap=True)
        console.print(f"  {known.get(_key(place), 'no reason is known: kill it')}", markup=False, soft_wrap=True)
    red = len(drawn) - len(survivors)
    console.print(f"{red} of {len(drawn)} turned red ({red / len(drawn):.1%}), {len(survivors)} survived")
    return red >= SHARE_RED * len(drawn) and all(_key(place) in known for place in survivors)


def main(arguments: list[str] | None = None) -> int:
    """Draw, change, run, judge."""
    parser = argparse.ArgumentParser(description="Change one operator at a time and see whether a test turns red.")
    parser.add_argument("--places", type=int, default=64, help="size of the sample, default 64")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--match", default="", help="only places of files whose path contains this")
    asked = parser.parse_args(arguments)
    drawn = [place for place in sample(asked.places, asked.seed) if asked.match in place.file]
    console = Console()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(asked.jobs) as pool:
        copies: SimpleQueue = SimpleQueue()
        for n in range(asked.jobs):
            copies.put(_copy(Path(folder) / f"{n}"))

        def work(place):
            copy = copies.get()
            try:
                return verdict(place, copy)
            finally:
                copies.put(copy)

        results = pool.map(work, drawn)
        verdicts = list(track(results, "changing", len(drawn), console=console, disable=not console.is_terminal))
    return 0 if judge(drawn, verdicts, console) else 1


def _copy(target: Path) -> Path:
    ignored = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(ROOT, target, ignore=ignored)
    return target


if __name__ == "__main__":
    sys.exit(main())
