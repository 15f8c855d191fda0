"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["replace_file"]


def replace_file(path: Path, content: str | bytes) -> None:
    r"""Write a file beside its place, then in its place: whoever reads it sees the old one or the new one.

    Parameters
    ----------
    path : Path
        The file. What is no file, as a pipe, is written to.
    content : str or bytes
        All of it; text in UTF-8, each line ended as it is here.

    Raises
    ------
    OSError
        It cannot be written; what stood there before still does, and nothing stands beside it.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "one"
    >>> replace_file(path, "é\n")
    >>> path.read_bytes()
    b'\xc3\xa9\n'
    """
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = path.resolve()  # a link goes on to lead there
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
