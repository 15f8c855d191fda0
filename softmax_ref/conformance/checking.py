"""check: judge a Python implementation against the corpus and the array contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from os import PathLike

from softmax_ref.conformance.adapters import dtype_of
from softmax_ref.conformance.contract import Finding, array_contract, empty_axis, integer_contract
from softmax_ref.conformance.declared import declare
from softmax_ref.conformance.judge import LEVELS, Verdict, judge
from softmax_ref.conformance.memory import first_call
from softmax_ref.conformance.promises import asking
from softmax_ref.conformance.report import FormatResult, Report
from softmax_ref.conformance.selection import Scope
from softmax_ref.conformance.xfails import read_xfails
from softmax_ref.corpus import ALIASES, CORPUS_FUNCTIONS, formats_of
from softmax_ref.corpus.policies import check_policies
from softmax_ref.formats import get_format

__all__ = ["check"]


def check(
    fn: Callable,
    function: str = "softmax",
    formats: Sequence[str] | str | None = None,
    require: str = "standard",
    policies: dict[str, str] | None = None,
    name: str | None = None,
    smoke: bool = False,
    working_format: str | None = None,
    domain: str | None = None,
    select: Sequence[str] | str = (),
    xfails: str | PathLike | None = None,
) -> Report:
    """Judge an implementation: every stored case, and the array contract.

    Parameters
    ----------
    fn : callable
        The implementation, in NumPy's calling form: ``softmax(z, axis=-1)``, ``log_softmax(z, axis=-1)``,
        ``logsumexp(z, axis=-1)``, ``softmax_vjp(z, g, axis=-1)``, ``softmax_jacobian(z)``,
        ``logistic(x)``, ``softplus(x)``, ``argmax_one_hot(z, axis=-1)``, ``sparsemax(z, axis=-1)``,
        ``sparsemax_vjp(z, g, axis=-1)``, ``entmax15(z, axis=-1)``, ``entmax15_vjp(z, g, axis=-1)``,
        ``entmax(z, alpha=1.5, axis=-1)``, ``entmax_vjp(z, g, alpha=1.5, axis=-1)``,
        ``entropy(z, axis=-1)``, ``mean_energy(energies, beta=1.0, axis=-1)``,
        ``heat_capacity(energies, beta=1.0, axis=-1)``, ``boltzmann_operator(z, beta=1.0, axis=-1)``,
        ``clr(p, axis=-1)``, ``boltzmann(energies, beta=1.0, axis=-1)``, ``partition_function`` and ``free_energy``
        alike, ``boltzmann_policy(values, tau=1.0, axis=-1)``, ``gumbel_softmax(z, noise, temperature=1.0, axis=-1)``,
        ``exponential_tilting(p, x, theta=1.0, axis=-1)``, ``log_semiring_add(x, y, beta=1.0)``,
        ``log_semiring_multiply(x, y)``, ``log_semiring_sum(z, beta=1.0, axis=-1)``,
        ``softmax_beta(z, beta=1.0, axis=-1)``, ``softmax_beta_vjp(z, g, beta=1.0, axis=-1)``,
        ``softmax_temperature(z, temperature=1.0, axis=-1)``, ``softmax_temperature_vjp(z, g, temperature=1.0, axis=-1)``,
        ``masked_softmax(z, mask, axis=-1)`` with a mask of bool that is True where an entry is kept,
        ``cross_entropy(z, labels, label_smoothing=0.0)`` with an int64 label and a loss for each row,
        ``cross_entropy_vjp(z, labels, g, label_smoothing=0.0)``, ``cross_entropy_jvp(z, labels, v, label_smoothing=0.0)``;
        ``log_softmax_vjp(z, g, axis=-1)``, ``log_softmax_jvp(z, v, axis=-1)``, ``logsumexp_vjp`` (g without the axis)
        and ``logsumexp_jvp`` alike; ``logaddexp(x, y)``, ``logaddexp_vjp(x, y, g)`` with two results,
        ``logaddexp_jvp(x, y, vx, vy)``, ``log_logistic(x)``, ``logistic_vjp(x, g)``, ``log_logistic_vjp(x, g)``,
        ``softplus_vjp(x, g)``.
    function : str
        What it computes: a function of the corpus or one of `softmax_ref.corpus.ALIASES`.
    formats : sequence of str or str, optional
        Formats to judge, and ``"integer"`` for what integer arrays give. Default: all that the
        implementation takes, and integers.
    require : {"standard", "tight"}
        The level that every component has to reach.
    policies : dict of str to str, optional
        Declared answers to the questions of `softmax_ref.corpus.policies.POLICIES`, or for one format as
        ``"binary32/subnormal"``. Undeclared: any listed answer, the same one everywhere.
    name : str, optional
        What the report calls the implementation.
    smoke : bool
        Only the few cases that catch nearly every fault of the catalogue: a first look within a second.
    working_format : {"binary64", "binary32", "binary16", "bfloat16"}, optional
        A declaration: the format that everything is computed in. The bounds are those of this format, and cases
        whose numbers it does not have are not judged. Default: the format of the inputs, or binary32 if that is
        narrower.
    domain : str, optional
        A declaration: the inputs that it is made for, such as ``"abs(z) <= 88 and K <= 1024"``. Cases outside are
        not judged. The forms are ``abs(NAME) <= NUMBER``, ``NAME >= NUMBER``, ``NAME <= NUMBER``,
        ``max(NAME) - min(NAME) <= NUMBER``, ``finite(NAME)`` and ``K <= NUMBER``, joined by ``and``.
    select : sequence of str or str
        Globs over ids of cases and over ``contract/format/promise``; one that starts with "!" leaves out.
        Default: everything.
    xfails : path, optional
        A file in TOML with what is expected to fail: ``[[xfail]]`` entries with ``id`` (or a glob), ``reason`` and
        maybe ``link``.

    Returns
    -------
    Report
        ``conforms``, ``failures``, ``str(report)``.

    Raises
    ------
    TypeError
        fn is not callable.
    ValueError
        An unknown function, format, level, policy or outcome; a domain, a glob or a file that is not as it
        needs to be.

    Examples
    --------
    >>> import numpy as np
    >>> def no_shift(z, axis=-1):
    ...     return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)
    >>> report = check(no_shift, formats=["binary64"])
    >>> report.conforms, report.failures[0].flags
    (False, ('exp-overflow',))
    """
    if not callable(fn):
        raise TypeError(f"check: fn needs to be callable, got {type(fn).__name__}")
    _known("function", function, (*CORPUS_FUNCTIONS, *ALIASES))
    stored = ALIASES.get(function, function)
    _known("require", require, LEVELS)
    formats = [formats] if isinstance(formats, str) else formats
    for wanted in formats or ():
        _known("formats", wanted, (*formats_of(stored), "integer"))
    declared = check_policies(policies or {})
    asked = [f for f in formats_of(stored) if formats is None or f in formats]
    globs = (select,) if isinstance(select, str) else tuple(select)
    scope = Scope(globs, smoke, declare(working_format, domain))
    scope.refuse_unknown([stored], asked)
    expected = read_xfails(xfails) if xfails is not None else ()
    results = [_format_result(fn, stored, f, require, formats is None, scope) for f in asked]
    integers = list(_integers(fn, stored, scope)) if formats is None or "integer" in formats else []
    report = Report(
        name or _name(fn),
        function,
        require,
        results,
        integers,
        declared,
        declaration=scope.declaration.text,
        selection=scope.text,
        xfails=expected,
    )
    scope.refuse_unmatched([report])
    return report


def _known(argument: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ValueError(f"check: {argument} needs to be one of {', '.join(known)}, got {value!r}")


def _name(fn: Callable) -> str:
    return f"{getattr(fn, '__module__', None) or ''}:{getattr(fn, '__qualname__', None) or repr(fn)}".lstrip(":")


def _format_result(fn: Callable, function: str, name: str, level: str, optional: bool, scope: Scope) -> FormatResult:
    """Judge one format, or say why it is not offered."""
    fmt = get_format(name)
    cases, dtype = scope.cases(function, name), dtype_of(fmt)
    chosen = scope.chosen(cases)
    if not chosen and not scope.may_ask(function, name):
        return FormatResult(fmt, not_offered=f"not judged: {scope.text} has nothing in this format")
    if dtype is None:
        return FormatResult(fmt, not_offered=f"needs the package ml_dtypes for arrays of {name}")
    inside = scope.inside(cases)
    if not inside:
        return FormatResult(fmt, scope.outside(chosen))
    first = judge(fn, inside[0], dtype)
    if optional and (refusal := _refusal(first)):
        return FormatResult(fmt, not_offered=refusal)
    verdicts = [first if c.id == first.case.id else judge(fn, c, dtype) for c in scope.inside(chosen)]
    verdicts += scope.outside(chosen)
    if not scope.may_ask(function, name):
        return FormatResult(fmt, verdicts)
    wanted = scope.asks(function, name)
    with asking(wanted):
        findings = [
            f for f in (first_call(fn, first, dtype), *array_contract(fn, inside, dtype, level)) if wanted(f.name)
        ]
    return FormatResult(fmt, verdicts, findings, empty_axis(fn, function, dtype))


def _integers(fn: Callable, function: str, scope: Scope) -> Iterator[Finding]:
    """Ask what integers give; their cases are those of no working format and of no domain."""
    if scope.declaration.text and scope.may_ask(function, "integer"):
        yield Finding("integers", "integer-input", "refused", "not asked: a working format or a domain is declared")
    elif scope.may_ask(function, "integer"):
        with asking(scope.asks(function, "integer")):
            yield from integer_contract(fn, function)


def _refusal(first: Verdict) -> str | None:
    """Return the message of a TypeError for a plain array: the format is not offered then."""
    return next((text for flag, text in first.problems if flag == "raises" and text.startswith("TypeError:")), None)
