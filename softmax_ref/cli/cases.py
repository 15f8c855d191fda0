"""The commands that look at cases and values."""

from __future__ import annotations

import json

import click

from softmax_ref.cli.shared import CallError, certifier, find_case, stored_cases

__all__ = ["evaluate", "list_cases", "show"]


@click.command("list")
@click.option("--function", help="Only cases of this function.")
@click.option("--format", "fmt", help="Only cases of this format.")
@click.option("--flag", help="Only cases with this flag.")
def list_cases(function, fmt, flag) -> None:
    """List the stored cases: id and comment."""
    for case in stored_cases(function, fmt):
        if flag is None or flag in case.flags:
            click.echo(f"{case.id:60} {case.comment}")


@click.command()
@click.argument("case_id", metavar="CASE")
def show(case_id) -> None:
    """Show one case: what it tests, inputs, certified results, tolerances, flags."""
    from softmax_ref.corpus.loader import read_notes

    found = find_case(case_id)
    click.echo(f"{found.id}\n{found.comment}\n")
    for name in ("axis", "parameters", "inputs", "expected", "tol", "policy", "accepted", "source"):
        if name in found.record:
            click.echo(f"{name}: {json.dumps(found.record[name])}")
    notes = read_notes()["notes"]
    for flag in found.flags:
        click.echo(f"\n{flag}: {notes[flag]['bug']}. Effect: {notes[flag]['effect']}.")
        for link in notes[flag]["links"]:
            click.echo(f"  {link}")


@click.command("eval", context_settings={"ignore_unknown_options": True})
@click.argument("function")
@click.argument("numbers", nargs=-1, required=True)
@click.option("--digits", default=20, show_default=True, type=click.IntRange(1, 10000), help="Significant digits.")
@click.option("--format", "fmt", help="Also give the correctly rounded bits in this format.")
def evaluate(function, numbers, digits, fmt) -> None:
    """Evaluate FUNCTION at decimal NUMBERS, exactly as given, with certified digits.

    A row function takes the numbers as one row; an elementwise one takes each by itself.
    """
    certify = certifier()
    try:
        exact = [_exact(number) for number in numbers]
        certificate = certify(function, exact, format=fmt or "binary64")
        texts = certificate.decimal(digits)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise CallError(str(error)) from None
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
