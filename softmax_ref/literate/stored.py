"""The form in which a notebook is stored, and what tells two of them apart."""

import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from softmax_ref.literate.cell_ids import cell_ids

__all__ = ["FOLDER", "canonical", "difference", "pictures_compare", "text"]

FOLDER = Path(__file__).parents[2] / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def canonical(nb: NotebookNode, stem: str) -> NotebookNode:
    """Return a copy in canonical form: nothing in it depends on who ran it, when, or how often."""
    nb = nbformat.from_dict(dict(nb, metadata=METADATA, nbformat=4, nbformat_minor=5))
    count = 0
    names = cell_ids([(cell.cell_type, cell.source) for cell in nb.cells], stem)
    for cell, name in zip(nb.cells, names, strict=True):
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


def text(nb: NotebookNode) -> str:
    """Return the notebook as it is stored."""
    return nbformat.writes(nb) + "\n"


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
