"""The commands of the fault catalogue and of the museum."""

from __future__ import annotations

import sys

import click

from softmax_ref.cli.shared import CallError, find_case, progress

__all__ = ["bug", "explain", "faults"]


@click.command()
@click.argument("name", metavar="[FAULT]", required=False)
@click.option("--function", help="Only faults and controls of this function.")
@click.option("--list", "listed", is_flag=True, help="List the faults and where the published table has them.")
@click.option("--record", is_flag=True, help="Write the table and the smoke set anew.")
@click.option("--jobs", type=click.IntRange(1), help="Number of processes; default: one for each processor.")
def faults(name, function, listed, record, jobs) -> None:
    """Run the corpus on every faulty implementation and every right one; with FAULT show one."""
    from softmax_ref.faults import catalogue, stories

    if name is not None or listed:
        chosen = _chosen(catalogue.faults(), name, function)
        click.echo(stories.fault_story(chosen[0]) if name else "\n".join(map(stories.fault_line, chosen)))
        return
    wrong = _chosen(catalogue.faults(), None, function)
    right = [control for control in catalogue.controls() if function in (None, control.function)]
    lines, passed = _run_gates(wrong, right, jobs, record)
    click.echo("\n".join(lines))
    sys.exit(0 if passed else 1)


def _chosen(entries, name: str | None, function: str | None) -> list:
    found = [e for e in entries if name in (None, e.name) and function in (None, e.function)]
    if not found and (name or function):
        wanted = f"named {name!r}" if name else f"of {function!r}"
        raise CallError(f"the catalogue has no entry {wanted}; see 'softmax-ref faults --list'")
    return found


def _run_gates(wrong, right, jobs: int | None, record: bool) -> tuple[list[str], bool]:
    """Judge everything; return what to print, and whether all gates are passed."""
    from softmax_ref.faults import score, table
    from softmax_ref.faults.gates import in_parallel

    results = list(progress(in_parallel([*wrong, *right], jobs), "judging", len(wrong) + len(right)))
    catches = [catch for found in results[: len(wrong)] for catch in found]
    if record:
        table.write_table(catches)
    alarms = {entry.name: found for entry, found in zip(right, results[len(wrong) :], strict=True) if found}
    return score.summary(catches, alarms, len(right))


@click.command()
@click.argument("case_id", metavar="CASE")
def explain(case_id) -> None:
    """Tell the story of a CASE: what goes wrong, on which input, who hit it, how it was fixed, how to fix yours."""
    from softmax_ref.faults import stories

    click.echo(stories.case_story(find_case(case_id)))


@click.command()
@click.argument("name", metavar="[ID]", required=False)
def bug(name) -> None:
    """Tell the story of a real bug; without ID list the museum."""
    from softmax_ref.faults import museum, stories

    bugs = museum.bugs()
    if name is None:
        click.echo("\n".join(f"{bug.id:32} {bug.what}" for bug in bugs.values()))
    elif name in bugs:
        click.echo(stories.bug_story(bugs[name]))
    else:
        raise CallError(f"the museum has no bug {name!r}; 'softmax-ref bug' lists the {len(bugs)} there are")
