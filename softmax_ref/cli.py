"""softmax-ref: check implementations, look at cases, evaluate with certainty, maintain the corpus.

Exit status: 0 conforms, 1 does not, 2 the call or the harness is at fault.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from shutil import get_terminal_size

import click

from softmax_ref import __version__
from softmax_ref.corpus import CORPUS_FORMATS, CORPUS_FUNCTIONS, CORPUS_VERSION

__all__ = ["main"]

EXIT_FAULT = 2


class Fault(click.ClickException):
    """One line on standard error, exit status 2."""

    exit_code = EXIT_FAULT

    def show(self, file=None) -> None:
        """Write the line."""
        click.echo(f"softmax-ref: {self.message}", err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message=f"softmax-ref %(version)s, corpus {CORPUS_VERSION}")
def main() -> None:
    """Certified reference values for the softmax family, and the judge that uses them."""


@main.command()
@click.argument("target")
@click.option("--function", help="What the target computes; default: its own name, else softmax.")
@click.option("--format", "formats", multiple=True, help="A format, or 'integer'; may be repeated. Default: all.")
@click.option("--require", default="standard", show_default=True, help="The level to reach: standard or tight.")
@click.option("--policy", "policies", multiple=True, metavar="NAME=ANSWER", help="A declared policy; may be repeated.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report here."
)
def check(target, function, formats, require, policies, json_file) -> None:
    """Judge TARGET, a Python callable given as module:name."""
    from softmax_ref.conformance import check as judge

    fn = _import(target)
    name = target.partition(":")[2].rpartition(".")[2]
    function = function or (name if name in CORPUS_FUNCTIONS else "softmax")
    declared = dict(_pair(policy) for policy in policies)
    try:
        report = judge(fn, function, list(formats) or None, require, declared, name=target)
    except ValueError as error:
        raise Fault(str(error)) from None
    click.echo(str(report))
    if json_file:
        json_file.write_text(json.dumps(report.to_dict(), indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if report.conforms else 1)


def _pair(policy: str) -> tuple[str, str]:
    name, equals, answer = policy.partition("=")
    if not equals:
        raise Fault(f"--policy needs NAME=ANSWER, got {policy!r}")
    return name, answer


def _import(target: str):
    """Return the callable of module:name; the current folder is searched first, as python -m does."""
    module_name, colon, path = target.partition(":")
    if not colon or not module_name or not path:
        raise Fault(f"a target needs the form module:name, got {target!r}")
    sys.path.insert(0, "")
    try:
        found = import_module(module_name)
    except Exception as error:  # whatever a module raises on import, it is the target's fault
        raise Fault(f"{target!r} cannot be imported: {type(error).__name__}: {error}".splitlines()[0]) from None
    for part in path.split("."):
        if not hasattr(found, part):
            raise Fault(f"{target!r} needs a name of {module_name}, which has no {part!r}")
        found = getattr(found, part)
    if not callable(found):
        raise Fault(f"{target!r} needs to be callable, got {type(found).__name__}")
    return found


def _cases(function: str | None, fmt: str | None):
    from softmax_ref.corpus import CorpusError, load

    try:
        return load(function, fmt)
    except CorpusError as error:
        raise Fault(f"corpus bug: {error}") from None
    except ValueError as error:
        raise Fault(str(error)) from None


@main.command("list")
@click.option("--function", help="Only cases of this function.")
@click.option("--format", "fmt", help="Only cases of this format.")
@click.option("--flag", help="Only cases with this flag.")
def list_cases(function, fmt, flag) -> None:
    """List the stored cases: id and comment."""
    for case in _cases(function, fmt):
        if flag is None or flag in case.flags:
            click.echo(f"{case.id:60} {case.comment}")


@main.command()
@click.argument("case_id", metavar="CASE")
def show(case_id) -> None:
    """Show one case: what it tests, inputs, certified results, tolerances, flags."""
    from softmax_ref.corpus.loader import read_notes

    function, _, rest = case_id.partition("/")
    fmt = rest.partition("/")[0]
    if function not in CORPUS_FUNCTIONS or fmt not in CORPUS_FORMATS:
        raise Fault(f"a case is named function/format/family/slug, got {case_id!r}; see 'softmax-ref list'")
    found = next((case for case in _cases(function, fmt) if case.id == case_id), None)
    if found is None:
        raise Fault(f"there is no case {case_id!r}; see 'softmax-ref list --function {function} --format {fmt}'")
    click.echo(f"{found.id}\n{found.comment}\n")
    for name in ("axis", "parameters", "inputs", "expected", "tol", "policy", "accepted", "source"):
        if name in found.record:
            click.echo(f"{name}: {json.dumps(found.record[name])}")
    notes = read_notes()["notes"]
    for flag in found.flags:
        click.echo(f"\n{flag}: {notes[flag]['bug']}. Effect: {notes[flag]['effect']}.")
        for link in notes[flag]["links"]:
            click.echo(f"  {link}")


@main.command("eval", context_settings={"ignore_unknown_options": True})
@click.argument("function")
@click.argument("numbers", nargs=-1, required=True)
@click.option("--digits", default=20, show_default=True, type=click.IntRange(1, 10000), help="Significant digits.")
@click.option("--format", "fmt", help="Also give the correctly rounded bits in this format.")
def evaluate(function, numbers, digits, fmt) -> None:
    """Evaluate FUNCTION at decimal NUMBERS, exactly as given, with certified digits.

    A row function takes the numbers as one row; an elementwise one takes each by itself.
    """
    certify = _certify()
    try:
        exact = [_exact(number) for number in numbers]
        certificate = certify(function, exact, format=fmt or "binary64")
        texts = certificate.decimal(digits)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise Fault(str(error)) from None
    flat = [texts] if isinstance(texts, str) else texts.ravel().tolist()
    for text, bits in zip(flat, certificate.bits.ravel().tolist(), strict=True):
        click.echo(f"{text}  0x{bits:0{certificate.format.width // 4}x}" if fmt else text)


def _exact(number: str):
    from decimal import Decimal, InvalidOperation
    from fractions import Fraction

    try:
        value = Decimal(number)
    except InvalidOperation:
        raise ValueError(f"eval: a number is needed, got {number!r}") from None
    if value.is_finite() and abs(value.adjusted()) > 10_000:
        raise ValueError(f"eval: numbers need at most 10000 digits before and after the point, got {number!r}")
    return Fraction(value) if value.is_finite() else float(value)


def _certify():
    try:
        from softmax_ref.certified import certify
    except ImportError:
        raise Fault("certified values need python-flint: pip install 'softmax_ref[certify]'") from None
    return certify


@main.command()
@click.argument("name", metavar="[CLAIM]", required=False)
@click.option("--notebook", help="Only claims of this notebook, by name or number.")
@click.option("--level", help="Only claims proved at this level.")
@click.option("--verdict", help="Only claims on which the article is right, imprecise or wrong.")
@click.option("--function", help="Only claims that this function of the reference checks.")
def claims(name, notebook, level, verdict, function) -> None:
    """List the claims of the article; with CLAIM show one (C70), or an erratum (E01)."""
    from softmax_ref.literate import ledger, ledger_text

    width = _columns()
    sys.stdout.reconfigure(errors="replace")  # statements hold Greek letters, which not every code page has
    if name is None:
        chosen = _filtered(ledger, {"notebook": notebook, "level": level, "verdict": verdict, "functions": function})
        click.echo(ledger_text.table_text(chosen, width))
    elif name.upper() in ledger.claims():
        click.echo(ledger_text.claim_text(ledger.claims()[name.upper()], _stored_cases, width))
    elif name.upper() in ledger.errata():
        click.echo(ledger_text.erratum_text(ledger.errata()[name.upper()], width))
    else:
        ends = (next(reversed(table)) for table in (ledger.claims(), ledger.errata()))
        raise Fault("there is no claim or erratum {!r}; claims are C01 to {}, errata E01 to {}".format(name, *ends))


def _filtered(ledger, wanted: dict[str, str | None]):
    """Return the claims with every wanted property; refuse one that no claim has."""
    chosen = list(ledger.claims().values())
    for field, value in wanted.items():
        if value is None:
            continue
        known = {word for claim in ledger.claims().values() for word in _words(claim, field)}
        if value not in known:
            listed = sorted(word for word in known if not word.isdigit())
            raise Fault(f"--{field.removesuffix('s')} needs to be one of {', '.join(listed)}, got {value!r}")
        chosen = [claim for claim in chosen if value in _words(claim, field)]
    return chosen


def _words(claim, field: str) -> tuple[str, ...]:
    value = getattr(claim, field)
    if field == "notebook":
        return value, value.partition("_")[0]
    return (value,) if isinstance(value, str) else value


def _stored_cases(family: str) -> int:
    function, _, name = family.partition("/")
    return sum(case.id.split("/")[2] == name for case in _cases(function, None))


def _columns() -> int | None:
    """Return the width of the terminal, or None where the output goes elsewhere."""
    return get_terminal_size().columns if sys.stdout.isatty() else None


@main.group()
def corpus() -> None:
    """Build and verify the stored cases."""


@corpus.command()
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), help="Write here, not into the package.")
def build(directory) -> None:
    """Certify every case and write the files; a second run changes nothing."""
    _certify()
    from softmax_ref.corpus.builder import build as build_files
    from softmax_ref.corpus.loader import VECTORS

    target = directory or VECTORS
    target.mkdir(parents=True, exist_ok=True)
    total = sum(count for _, count in _progress(build_files(target), "building"))
    click.echo(f"{total} cases in {len(CORPUS_FUNCTIONS) * len(CORPUS_FORMATS)} files, {target}")


@corpus.command()
def verify() -> None:
    """Derive every stored value again with the second engine, which shares no code with the first."""
    _certify()
    from softmax_ref.corpus.verify import verify as verify_files

    values, faults = 0, []
    for _, checked, found in _progress(verify_files(), "verifying"):
        values += checked
        faults += found
    for fault in faults:
        click.echo(fault)
    click.echo(f"{values} values derived again, {len(faults)} differ")
    sys.exit(1 if faults else 0)


def _progress(steps, label: str):
    """Show progress on a terminal, and only there."""
    total = len(CORPUS_FUNCTIONS) * len(CORPUS_FORMATS)
    with click.progressbar(steps, length=total, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield from bar
