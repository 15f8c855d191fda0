"""The commands of the fault catalogue and of the museum."""

from __future__ import annotations

import sys

import click

from softmax_ref.cli.shared import CallError, find_case, progress
from softmax_ref.corpus import CORPUS_FUNCTIONS

__all__ = ["bug", "explain", "faults", "score_suite"]


@click.command()
@click.argument("name", metavar="[FAULT]", required=False)
@click.option("--function", help="Only faults and controls of this function.")
@click.option("--list", "listed", is_flag=True, help="List the faults and where the published table has them.")
@click.option("--record", is_flag=True, help="Write the table, the smoke set and the page.")
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
    from softmax_ref.faults import page, score, smoke, table
    from softmax_ref.faults.gates import in_parallel

    results = list(progress(in_parallel([*wrong, *right], jobs), "judging", len(wrong) + len(right)))
    catches = [catch for found in results[: len(wrong)] for catch in found]
    if record:
        table.write_table(catches)
        smoke.write_smoke(table.read_table(), wrong)
        page.write_page()
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


@click.command("score-suite", context_settings={"ignore_unknown_options": True})
@click.option("--inject", "target", required=True, metavar="MODULE:FUNCTION", help="The function that the tests test.")
@click.option("--function", help="What it computes; default: its own name, else softmax.")
@click.option("--fault", "names", multiple=True, help="Only this fault of the catalogue; may be repeated.")
@click.option("--jobs", type=click.IntRange(1), help="Runs at a time; default: one for each processor.")
@click.option("--timeout", default=300.0, show_default=True, help="Seconds after which a run is stopped.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def score_suite(target, function, names, jobs, timeout, command) -> None:
    """Run COMMAND, somebody's tests, with each fault in the place of a function: which faults do they let through?

    The exit status is 1 if any is let through, 2 if the tests fail as they are or never call the function.
    """
    from softmax_ref.faults import catalogue, stories, suite

    function = _function_of(target, function)
    chosen = [
        fault for fault in catalogue.faults() if fault.function == function and (not names or fault.name in names)
    ]
    for name in {*names} - {fault.name for fault in chosen}:
        raise CallError(f"the catalogue has no fault {name!r} of {function}; see 'softmax-ref faults --list'")
    if not chosen:
        raise CallError(f"the catalogue has no fault of {function}; see 'softmax-ref faults --list'")
    tests = suite.Suite(command, target, timeout)
    try:
        tests.make_sure()
    except (suite.SuiteError, OSError) as error:
        raise CallError(str(error)) from None
    outcomes = list(progress(tests.score(chosen, jobs), "running", len(chosen)))
    click.echo(stories.suite_story(outcomes))
    sys.exit(0 if all(outcome.state in ("noticed", "hung") for outcome in outcomes) else 1)


def _function_of(target: str, function: str | None) -> str:
    module, colon, name = target.partition(":")
    if not (module and colon and name.isidentifier()):
        raise CallError(f"--inject needs the form module:function, got {target!r}")
    if function is not None and function not in CORPUS_FUNCTIONS:
        raise CallError(f"--function needs to be one of {', '.join(CORPUS_FUNCTIONS)}, got {function!r}")
    return function or (name if name in CORPUS_FUNCTIONS else "softmax")
