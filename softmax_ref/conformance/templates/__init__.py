"""A program to start from in each language: one file, which speaks the protocol around the function to replace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TEMPLATES", "Template", "find_template", "write_template"]

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Template:
    """A program in one language.

    Attributes
    ----------
    name, title : str
        The language as an argument and as a word.
    file : str
        The name of the one source file.
    tools : tuple of str
        The programs that compile and run it.
    aliases : tuple of str
        Other names of the language.
    """

    name: str
    title: str
    file: str
    tools: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The source."""
        return (FOLDER / self.name / self.file).read_text(encoding="utf-8")

    @property
    def build(self) -> str | None:
        """The command that compiles the file, as its first lines have it; None where there is nothing to compile."""
        return self._command("build")

    @property
    def check(self) -> str:
        """The command that judges it, as the first lines of the file have it."""
        return self._command("check")

    def _command(self, label: str) -> str | None:
        found = re.search(rf"^\W*{label}: (.*?)(?: \*/)?$", self.text, re.MULTILINE)
        return found and found[1]


TEMPLATES = {
    template.name: template
    for template in (
        Template("c", "C", "mine.c", ("cc",)),
        Template("cpp", "C++", "mine.cpp", ("g++",), ("c++", "cxx")),
        Template("java", "Java", "Mine.java", ("javac", "java")),
        Template("javascript", "JavaScript", "mine.mjs", ("node",), ("js", "node")),
        Template("octave", "Octave", "mine.m", ("octave-cli",)),
        Template("perl", "Perl", "mine.pl", ("perl",)),
        Template("r", "R", "mine.R", ("Rscript",)),
        Template("rust", "Rust", "mine.rs", ("rustc",), ("rs",)),
    )
}
"""The languages by name."""


def find_template(language: str) -> Template:
    """Return the template of a language, by its name or another one, in any case.

    Raises
    ------
    ValueError
        There is none; the message lists those there are.

    Examples
    --------
    >>> find_template("C++").build
    'g++ -std=c++17 -O2 -o mine mine.cpp'
    """
    for template in TEMPLATES.values():
        if language.lower() in (template.name, *template.aliases):
            return template
    raise ValueError(f"init: language needs to be one of {', '.join(TEMPLATES)}, got {language!r}")


def write_template(language: str, directory: Path, *, force: bool = False) -> Path:
    """Write the program of a language into a folder, which is made if need be, and return its path.

    Parameters
    ----------
    language : str
        A name of the language.
    directory : Path
        Where to.
    force : bool
        Replace a file of that name.

    Raises
    ------
    ValueError
        The language is unknown.
    FileExistsError
        The file is there already.
    OSError
        The folder cannot be made, or the file not be written.
    """
    template = find_template(language)
    path = directory / template.file
    if path.exists() and not force:
        raise FileExistsError(f"init: {path} is there already; choose another folder, or --force to replace it")
    directory.mkdir(parents=True, exist_ok=True)
    path.write_text(template.text, encoding="utf-8")
    return path
