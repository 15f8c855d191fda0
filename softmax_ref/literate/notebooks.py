"""Re-execute the notebooks and store them in one canonical form.

``python -m softmax_ref.literate.notebooks [--check] [NAME ...]``

Running it twice changes nothing. With ``--check`` nothing is written, and the exit status is 1 if a stored notebook
differs from what its code gives now.
"""

import argparse
import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
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

from softmax_ref.literate.honesty import faults
from softmax_ref.literate.stored import FOLDER, canonical, difference, pictures_compare, text
from softmax_ref.replacing import replace_file

__all__ = ["CellFailed", "canonical", "difference", "execute", "faults", "main", "pictures_compare", "refresh", "text"]

CELL_SECONDS = 120


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
        replace_file(path, text(fresh))
    return where


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
