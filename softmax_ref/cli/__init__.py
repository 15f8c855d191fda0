"""softmax-ref: check implementations, look at cases, evaluate with certainty, maintain the corpus.

Exit status: 0 conforms, 1 does not, 2 the call or the harness is at fault.
"""

from __future__ import annotations

import errno
import sys
import traceback

import click

from softmax_ref import __version__
from softmax_ref.cli.cases import evaluate, list_cases, show
from softmax_ref.cli.catalogue import bug, explain, faults, score_suite
from softmax_ref.cli.checking import check
from softmax_ref.cli.diffing import diff
from softmax_ref.cli.exporting import export
from softmax_ref.cli.files import corpus
from softmax_ref.cli.init import init
from softmax_ref.cli.ledger import claims
from softmax_ref.cli.offline import judge, requests
from softmax_ref.cli.scoring import scoreboard
from softmax_ref.corpus import CORPUS_VERSION

__all__ = ["main"]


class Commands(click.Group):
    """A fault of ours ends with status 2: 1 would be a verdict on the work of somebody else."""

    def invoke(self, ctx: click.Context):
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise
            traceback.print_exc()
            click.echo("softmax-ref: this is a fault of softmax-ref, not of what was judged", err=True)
            sys.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message=f"softmax-ref %(version)s, corpus {CORPUS_VERSION}")
def main() -> None:
    """Certified reference values for the softmax family, and the judge that uses them."""


for command in (
    check,
    diff,
    list_cases,
    show,
    evaluate,
    export,
    explain,
    bug,
    faults,
    score_suite,
    claims,
    corpus,
    init,
    requests,
    judge,
    scoreboard,
):
    main.add_command(command)
