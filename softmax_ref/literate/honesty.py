"""What would let a stored notebook pass without being checked."""

import ast
import re

from nbformat import NotebookNode

__all__ = ["faults"]

CLAIM = re.compile(r"C\d+")
# Everything by which nbval can be told to look away.
BANNED_TAG = re.compile(r"nbval-.*|skip-execution", re.IGNORECASE)
BANNED_COMMENT = re.compile(r"#.*\b(NBVAL_\w+|PYTEST_VALIDATE_IGNORE_OUTPUT)")


def faults(nb: NotebookNode) -> list[str]:
    """List what would let a stored notebook pass without being checked, or checks nothing."""
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    cells = (f"{cell.id}: {fault}" for cell in code for fault in _cell(cell))
    return [*_order(nb.cells, code), *cells, *_pictures(code), *_balance(nb.cells, code)]


def _order(cells, code):
    if not code:
        yield "no code cell: nothing is executed"
        return
    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        yield f"execution counts are {counts}, not 1 to {len(code)}: nbval does not compare a cell without a count"
    if not any(cell.outputs for cell in code):
        yield "no cell stores an output: there is nothing to compare"
    if not cells[0].cell_type == cells[-1].cell_type == "markdown":
        yield "the first and the last cell are text"


def _cell(cell):
    tags = cell.metadata.get("tags", [])
    yield from (f"the tag {tag!r} switches a check off" for tag in tags if BANNED_TAG.fullmatch(tag))
    yield from (f"the comment {found[1]} changes a check" for found in BANNED_COMMENT.finditer(cell.source))
    if "raises-exception" in tags and not any(output.output_type == "error" for output in cell.outputs):
        yield "has the tag raises-exception, but stores no error"
    if not cell.outputs and _calls(cell, r"print|show|display"):
        yield "prints or shows something, but stores no output"
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in tags:
            yield f"stores an error without the tag raises-exception: {output.ename}: {output.evalue}"
        if output.output_type == "stream" and output.name == "stderr":
            yield f"writes to stderr: {output.text.strip()[:80]}"
        if "image/png" in output.get("data", {}) and not _has_digest(output.data):
            yield "a picture without a digest of its data: draw it with softmax_ref.literate.figures.show"


def _has_digest(data):
    return data.get("text/plain", "<").strip()[:1] not in ("", "<")


def _pictures(code):
    """A picture's numbers are asserted in its cell, or in the code cell before or after it."""
    for n, cell in enumerate(code):
        drawn = any("image/png" in output.get("data", {}) for output in cell.outputs)
        if drawn and not any(_asserts(near) for near in code[max(n - 1, 0) : n + 2]):
            yield f"{cell.id}: a picture, and no assertion on its numbers in this cell or its neighbours"


def _balance(cells, code):
    claims = {tag for cell in cells for tag in cell.metadata.get("tags", []) if CLAIM.fullmatch(tag)}
    asserted = sum(_asserts(cell) for cell in code)
    if asserted < len(claims):
        yield f"{len(claims)} claims and only {asserted} assertions"


def _asserts(cell) -> int:
    """Count the statements of a cell that can fail: assert, prove(...) and NumPy's assert_... functions."""
    nodes = ast.walk(_tree(cell))
    return sum(isinstance(node, ast.Assert) for node in nodes) + _calls(cell, r"prove|assert_\w+")


def _calls(cell, pattern) -> int:
    called = (node.func for node in ast.walk(_tree(cell)) if isinstance(node, ast.Call))
    names = (getattr(function, "attr", getattr(function, "id", "")) for function in called)
    return sum(re.fullmatch(pattern, name) is not None for name in names)


def _tree(cell):
    """Parse the Python of a cell; lines of magic are IPython's, not Python's."""
    return ast.parse("\n".join(line for line in cell.source.splitlines() if not line.startswith(("%", "!"))))
