"""Re-execute the notebooks and store them in one canonical form.

``python -m softmax_ref.literate.notebooks [--check] [NAME ...]``

Running it twice changes nothing. With ``--check`` nothing is written, and the exit status is 1 if a stored notebook
differs from what its code gives now.
"""

import argparse
import ast
import asyncio
import os
import platform
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import ipykernel.kernelspec
import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from rich.console import Console
from rich.progress import track

__all__ = ["CellFailed", "canonical", "difference", "execute", "faults", "main", "pictures_compare", "refresh", "text"]

FOLDER = Path(__file__).parents[2] / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_SECONDS = 120
CLAIM = re.compile(r"C\d+")
# Everything by which nbval can be told to look away.
BANNED_TAG = re.compile(r"nbval-.*|skip-execution", re.IGNORECASE)
BANNED_COMMENT = re.compile(r"#.*\b(NBVAL_\w+|PYTEST_VALIDATE_IGNORE_OUTPUT)")


# The canonical form ---------------------------------------------------------------------------------------------


def canonical(nb: NotebookNode, stem: str) -> NotebookNode:
    """Return a copy in canonical form: nothing in it depends on who ran it, when, or how often."""
    nb = nbformat.from_dict(dict(nb, metadata=METADATA, nbformat=4, nbformat_minor=5))
    count = 0
    for cell, name in zip(nb.cells, _ids(nb.cells, stem), strict=True):
        tags = cell.metadata.get("tags")
        cell.id, cell.source = name, cell.source.rstrip()
        cell.metadata = nbformat.from_dict({"tags": list(tags)} if tags else {})
        if cell.cell_type == "code" and cell.execution_count is not None:
            count += 1
            _renumber(cell, count)
    nbformat.validate(nb)
    return nb


def _renumber(cell, count):
    cell.execution_count = count
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = count
        if output.output_type == "error":
            # The frames of a traceback name files of this machine; the error itself is what the reader needs.
            output.traceback = [f"{output.ename}: {output.evalue}"]


def _ids(cells, stem) -> Iterator[str]:
    """Name each cell after its section, so that a new section leaves the names of the others alone."""
    prefix, seen = _slug(stem.lstrip("0123456789_")), {}
    section = prefix
    for cell in cells:
        heading = re.match(r"#+\s+(.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            section = f"{prefix}-{_slug(heading[1])}"[:56].rstrip("-")
        seen[section] = seen.get(section, 0) + 1
        yield section if seen[section] == 1 else f"{section}-{seen[section]}"


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "cell"


def text(nb: NotebookNode) -> str:
    """Return the notebook as it is stored."""
    return nbformat.writes(nb) + "\n"


# Execution ------------------------------------------------------------------------------------------------------


class _ThisInterpreter(KernelSpecManager):
    """Every kernel is the interpreter that runs this module, whatever is registered on the machine."""

    def get_kernel_spec(self, kernel_name):
        return KernelSpec(resource_dir=ipykernel.kernelspec.RESOURCES, **ipykernel.kernelspec.get_kernel_dict())


class _Kernel(AsyncKernelManager):
    def _kernel_spec_manager_default(self):
        return _ThisInterpreter(parent=self)


class CellFailed(RuntimeError):
    """A cell raised without announcing it, took too long, or lost its kernel."""


def execute(path: Path) -> NotebookNode:
    """Run a notebook in a fresh kernel, in its own folder, and return it in canonical form; the file stays as it is."""
    nb = _unexecuted(nbformat.read(path, as_version=4))
    client = NotebookClient(
        nb,
        timeout=CELL_SECONDS,
        kernel_manager_class=_Kernel,
        extra_arguments=["--log-level=ERROR"],
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        # client.execute would leave an open event loop behind in every thread.
        asyncio.run(client.async_execute(env={**os.environ, "PYTHONHASHSEED": "0"}))
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise CellFailed(_where_it_stopped(canonical(nb, path.stem), error)) from error
    return canonical(nb, path.stem)


def _unexecuted(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.update(execution_count=None, outputs=[])
    return nb


def _where_it_stopped(nb, error):
    reached = [(n, cell) for n, cell in enumerate(nb.cells) if cell.get("execution_count")]
    n, cell = reached[-1] if reached else (0, nb.cells[0])
    raised = isinstance(error, CellExecutionError)
    what = f"{error.ename}: {error.evalue}" if raised else f"{type(error).__name__}: {error}"
    return f"cell {n} ({cell.id}) fails: {what}"


def _build_font_cache():
    """Build matplotlib's font cache here: built in a kernel, it may warn on stderr and end up in the notebook."""
    import matplotlib.font_manager  # noqa: F401


# Comparison -----------------------------------------------------------------------------------------------------


def difference(stored: NotebookNode, fresh: NotebookNode, *, pictures: bool = True) -> str | None:
    """Say where two notebooks first differ, or return None.

    With ``pictures=False`` the bytes of the PNGs are not compared; their digests always are.
    """
    if stored.metadata != fresh.metadata:
        return "the notebook's metadata"
    if len(stored.cells) != len(fresh.cells):
        return f"{len(stored.cells)} cells stored, {len(fresh.cells)} fresh"
    for n, (old, new) in enumerate(zip(stored.cells, fresh.cells, strict=True)):
        old, new = (cell if pictures else _without_pictures(cell) for cell in (old, new))
        fields = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        if fields:
            return f"cell {n} ({new.id}): {', '.join(fields)}"
    return None


def _without_pictures(cell):
    cell = nbformat.from_dict(cell)
    for output in cell.get("outputs", []):
        if "image/png" in output.get("data", {}):
            output.data["image/png"] = ""
    return cell


def pictures_compare(lock: Path = FOLDER.parent / "requirements.lock") -> bool:
    """Tell whether this machine draws the stored bytes: x86-64 Linux with the packages of the lock."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64") or not lock.exists():
        return False
    pins = re.findall(r"^(contourpy|matplotlib|pillow)==([^\s;\\]+)", lock.read_text("utf-8"), re.MULTILINE)
    return {name for name, pin in pins if _installed(name) == pin} == {"contourpy", "matplotlib", "pillow"}


def _installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


# Honesty --------------------------------------------------------------------------------------------------------


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


# The command ----------------------------------------------------------------------------------------------------


def refresh(path: Path, *, check: bool = False) -> str | None:
    """Re-execute one notebook and store it if it changed; with ``check`` only say how it changed."""
    before = path.read_text("utf-8")
    fresh = execute(path)
    stored = nbformat.reads(before, as_version=4)
    where = difference(stored, fresh, pictures=pictures_compare())
    if where is None and text(stored) != before:
        where = "not in canonical form"
    if where and not check:
        _replace(path, text(fresh))
    return where


def _replace(path, content):
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(content, encoding="utf-8", newline="\n")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _attempt(path, check):
    """Refresh one notebook; return what is to be said about it, and whether that is a failure."""
    try:
        where = refresh(path, check=check)
    except CellFailed as error:
        return f"{path.name}: {error}", True
    if where is None:
        return None, False
    return f"{path.name}: {'stale' if check else 'written'}: {where}", check


def _find(folder, names):
    paths = sorted(folder.glob("*.ipynb"))
    if not names:
        return paths
    known = {key: path for path in paths for key in (path.stem, path.name)}
    return [known[Path(name).name] for name in names]


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status: 0 fine, 1 stale or failing, 2 called wrongly, 130 interrupted."""
    parser = argparse.ArgumentParser("python -m softmax_ref.literate.notebooks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="notebooks, by name or file (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a stored notebook is stale")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the notebooks are")
    options = parser.parse_args(argv)
    try:
        paths = _find(options.folder, options.names)
    except KeyError as error:
        parser.error(f"no notebook {error} in {options.folder}")
    if not paths:
        parser.error(f"no notebooks in {options.folder}")
    _build_font_cache()
    try:
        return int(_report(_attempts(paths, options.check), len(paths)))
    except KeyboardInterrupt:
        print("interrupted: what is stored is whole", file=sys.stderr)
        return 130


def _attempts(paths, check):
    """Run the notebooks side by side, as many as there are processors; an interrupt lets only the running ones end."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            yield from pool.map(lambda path: _attempt(path, check), paths)
        finally:
            pool.shutdown(cancel_futures=True)


def _report(attempts, total) -> bool:
    """Print what is to be said, and return whether anything failed."""
    terminal = Console(stderr=True)
    shown = track(attempts, "notebooks", total, console=terminal, transient=True, disable=not terminal.is_terminal)
    failed = False
    for message, bad in shown:
        failed |= bad
        if message:
            print(message, file=sys.stderr if bad else sys.stdout)
    return failed


if __name__ == "__main__":
    sys.exit(main())
