"""The command that judges an implementation."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from softmax_ref.cli.shared import CallError, import_target
from softmax_ref.corpus import CORPUS_FUNCTIONS
from softmax_ref.corpus.loader import ALIASES

__all__ = ["check"]


@click.command()
@click.argument("target")
@click.option("--function", help="What the target computes; default: its own name, else softmax.")
@click.option("--format", "formats", multiple=True, help="A format, or 'integer'; may be repeated. Default: all.")
@click.option("--require", default="standard", show_default=True, help="The level to reach: standard or tight.")
@click.option("--smoke", is_flag=True, help="Only the few cases that catch nearly every known fault.")
@click.option("--policy", "policies", multiple=True, metavar="NAME=ANSWER", help="A declared policy; may be repeated.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report here."
)
def check(target, function, formats, require, smoke, policies, json_file) -> None:
    """Judge TARGET, a Python callable given as module:name."""
    from softmax_ref.conformance import check as judge

    fn = import_target(target)
    name = target.partition(":")[2].rpartition(".")[2]
    function = function or (name if name in (*CORPUS_FUNCTIONS, *ALIASES) else "softmax")
    declared = dict(_pair(policy) for policy in policies)
    try:
        report = judge(fn, function, list(formats) or None, require, declared, name=target, smoke=smoke)
    except ValueError as error:
        raise CallError(str(error)) from None
    click.echo(str(report))
    if json_file:
        json_file.write_text(json.dumps(report.to_dict(), indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if report.conforms else 1)


def _pair(policy: str) -> tuple[str, str]:
    name, equals, answer = policy.partition("=")
    if not equals:
        raise CallError(f"--policy needs NAME=ANSWER, got {policy!r}")
    return name, answer
