"""Writing an export: a file or a folder, complete or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from softmax_ref.corpus.export import c_header, mem, npz, tables
from softmax_ref.corpus.export.chosen import Chosen
from softmax_ref.replacing import replace_file

__all__ = ["FORMS", "write"]

FORMS: dict[str, Callable[[Chosen], dict[str, bytes]]] = {
    "c-header": c_header.files,
    "npz": npz.files,
    "csv": tables.files,
    "mem": mem.files,
}


def write(form: str, chosen: Chosen, output: Path) -> list[Path]:
    """Write cases in a form, and return the files.

    Parameters
    ----------
    form : str
        One of `FORMS`.
    chosen : Chosen
        The cases.
    output : Path
        A file, or for ``mem`` a folder.
    """
    written = []
    for name, content in FORMS[form](chosen).items():
        path = output / name if name else output
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
        written.append(path)
    return written
