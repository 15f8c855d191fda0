"""The command that writes a program to start from."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from softmax_ref.cli.shared import CallError

__all__ = ["init"]


@click.command()
@click.argument("language", required=False, metavar="LANGUAGE")
@click.argument("directory", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--list", "listed", is_flag=True, help="List the languages.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def init(language, directory, listed, force) -> None:
    """Write a program in LANGUAGE to start from, and how to judge it.

    One file goes into DIRECTORY, the current one by default. Put your own softmax where it says so; the rest of it
    speaks the protocol.
    """
    from softmax_ref.conformance.templates import TEMPLATES, find_template, write_template

    if listed:
        click.echo("\n".join(_line(template) for template in TEMPLATES.values()))
        return
    if language is None:
        raise CallError(f"init: a language is missing, one of {', '.join(TEMPLATES)}")
    try:
        path = write_template(language, directory, force=force)
    except (ValueError, FileExistsError) as error:
        raise CallError(str(error)) from None
    except OSError as error:
        raise CallError(f"init: {directory} cannot be written: {error.strerror}") from None
    click.echo("\n".join(_steps(find_template(language), path)))


def _steps(template, path: Path) -> list[str]:
    folder = [] if path.parent == Path() else [f"cd {shlex.quote(str(path.parent))}"]
    steps = [*folder, *filter(None, [template.build]), template.check]
    return [f"wrote {path}; put your softmax where it says so, then:", *(f"  {step}" for step in steps)]


def _line(template) -> str:
    return f"{template.name:10}  {template.title:10}  {template.file:9}  needs {', '.join(template.tools)}"
