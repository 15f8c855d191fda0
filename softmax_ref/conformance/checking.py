"""check: judge a Python implementation against the corpus and the array contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from softmax_ref.conformance.adapters import dtype_of
from softmax_ref.conformance.contract import array_contract, empty_axis, integer_contract
from softmax_ref.conformance.judge import LEVELS, Verdict, judge
from softmax_ref.conformance.memory import first_call
from softmax_ref.conformance.promises import asking
from softmax_ref.conformance.report import FormatResult, Report
from softmax_ref.corpus import ALIASES, CORPUS_FUNCTIONS, formats_of, load
from softmax_ref.corpus.policies import check_policies
from softmax_ref.corpus.smoke import smoke_set
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
        Declared answers to the questions of `softmax_ref.corpus.policies.POLICIES`. Undeclared: any
        listed answer, the same one everywhere.
    name : str, optional
        What the report calls the implementation.
    smoke : bool
        Only the few cases that catch nearly every fault of the catalogue: a first look within a second.

    Returns
    -------
    Report
        ``conforms``, ``failures``, ``str(report)``.

    Raises
    ------
    TypeError
        fn is not callable.
    ValueError
        An unknown function, format, level, policy or outcome.

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
    chosen = smoke_set() if smoke else None
    results = [_format_result(fn, stored, f, require, formats is None, chosen) for f in asked]
    findings = []
    if (formats is None or "integer" in formats) and _any_chosen(chosen, f"{stored}/integer/contract/"):
        with asking(_chosen(chosen, stored, "integer")):
            findings = list(integer_contract(fn, stored))
    return Report((name or _name(fn)) + " (smoke set only)" * smoke, function, require, results, findings, declared)


def _known(argument: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ValueError(f"check: {argument} needs to be one of {', '.join(known)}, got {value!r}")


def _name(fn: Callable) -> str:
    return f"{getattr(fn, '__module__', None) or ''}:{getattr(fn, '__qualname__', None) or repr(fn)}".lstrip(":")


def _format_result(
    fn: Callable, function: str, name: str, level: str, optional: bool, chosen: frozenset[str] | None
) -> FormatResult:
    """Judge one format, or say why it is not offered."""
    fmt = get_format(name)
    if not _any_chosen(chosen, f"{function}/{name}/"):
        return FormatResult(fmt, not_offered="not judged: the smoke set has nothing in this format")
    cases, dtype = load(function, name), dtype_of(fmt)
    if dtype is None:
        return FormatResult(fmt, not_offered=f"needs the package ml_dtypes for arrays of {name}")
    first = judge(fn, cases[0], dtype)
    if optional and (refusal := _refusal(first)):
        return FormatResult(fmt, not_offered=refusal)
    verdicts = [
        first if case is cases[0] else judge(fn, case, dtype) for case in cases if chosen is None or case.id in chosen
    ]
    wanted = _chosen(chosen, function, name)
    if not _any_chosen(chosen, f"{function}/{name}/contract/"):
        return FormatResult(fmt, verdicts)
    with asking(wanted):
        findings = [
            f for f in (first_call(fn, first, dtype), *array_contract(fn, cases, dtype, level)) if wanted(f.name)
        ]
    return FormatResult(fmt, verdicts, findings, empty_axis(fn, function, dtype))


def _any_chosen(chosen: frozenset[str] | None, prefix: str) -> bool:
    return chosen is None or any(member.startswith(prefix) for member in chosen)


def _chosen(chosen: frozenset[str] | None, function: str, name: str) -> Callable[[str], bool]:
    """Return what says of a promise whether it is in the smoke set, if that is asked for."""
    return lambda promise: chosen is None or f"{function}/{name}/contract/{promise}" in chosen


def _refusal(first: Verdict) -> str | None:
    """Return the message of a TypeError for a plain array: the format is not offered then."""
    return next((text for flag, text in first.problems if flag == "raises" and text.startswith("TypeError:")), None)
