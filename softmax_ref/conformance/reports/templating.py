"""Where pages come from: templates beside the code, filled in by jinja2."""

from __future__ import annotations

from pathlib import Path

__all__ = ["environment"]

FOLDER = Path(__file__).parent


def environment(*folders: Path):
    """Return an environment that finds templates in these folders, then here.

    Raises
    ------
    ModuleNotFoundError
        There is no jinja2.
    """
    try:
        import jinja2
    except ImportError:
        raise ModuleNotFoundError("a page needs the package jinja2: pip install 'softmax_ref[report]'") from None
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, FOLDER]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
