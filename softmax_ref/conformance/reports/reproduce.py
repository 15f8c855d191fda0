"""Three lines of Python that show a failure again: what an implementation gives, and what is right."""

from __future__ import annotations

import json
import re

import numpy as np

from softmax_ref.conformance.programs.protocol import run_request, start_request
from softmax_ref.conformance.report import Report
from softmax_ref.conformance.reports.legible import legible
from softmax_ref.conformance.targets.known import KNOWN
from softmax_ref.corpus import Case

__all__ = ["promise_snippet", "snippet"]

TYPED = 24
"""Inputs of at most so many entries are written out; longer ones are loaded."""
TARGETS = "softmax_ref.conformance.targets"
MODULES = {"binary64": "np.float64", "binary32": "np.float32", "binary16": "np.float16"}
LIBRARIES = ("torch", "jax", "cupy")
"""Packages with arrays of their own, which are called through the form of NumPy."""


def snippet(report: Report, case: Case, component: tuple[int, ...] | None = None) -> str:
    """Return three lines of Python for a failed case.

    Parameters
    ----------
    report : Report
        Its name is that of a Python callable, ``module:name`` or ``file.py:name``, or it has a command.
    case : Case
        Its inputs are written out where they are few.
    component : tuple of int, optional
        Which component of the result is printed. Default: all of it, and the arguments after the call, where the call
        itself was at fault.
    """
    imported = _imported(report)
    if imported is None:
        return _of_program(report, case, component)
    return _of_callable(imported, case, component)


def promise_snippet(report: Report, name: str) -> str | None:
    """Return three lines of Python that ask for one promise again; None where they would ask another question.

    Parameters
    ----------
    report : Report
        As in `snippet`; a program is asked for promises as it likes, and a declaration changes what is asked.
    name : str
        ``contract/format/promise``.
    """
    imported = _imported(report)
    if imported is None or report.declaration:
        return None
    asked = f"{report.function!r}, {name.split('/')[1]!r}, {report.require!r}, select={name!r}"
    return (
        f"from softmax_ref import check; {imported}\nreport = check(f, {asked})\n"
        'print(*(failure.reason for failure in report.failures), sep="\\n")'
    )


def _of_callable(imported: str, case: Case, component: tuple[int, ...] | None) -> str:
    dtype = MODULES.get(case.format.name, f"ml_dtypes.{case.format.name}")
    modules = "numpy as np" if case.format.name in MODULES else "ml_dtypes, numpy as np"
    keywords = ({} if case.axis is None else {"axis": case.axis}) | case.parameters
    given = "".join(f", {name}={_numbers(repr(value))}" for name, value in keywords.items())
    if _is_short(case):
        arrays = ", ".join(_typed(x, dtype) for x in case.inputs.values())
    else:
        imported = f"from softmax_ref import load; {imported}"
        arrays = f"*[x.astype({dtype}) if x.dtype.kind == 'f' else x for x in {_loaded(case)}.inputs.values()]"
    if component is None:
        called = f"x = [{arrays}]; y = f(*x{given})"
        shown = f'print("got", repr(y), "right shape", {case.shape}, "arguments after the call", x)'
    else:
        called = f"y = f({arrays}{given})"
        right = _numbers(repr(float(case.values[_stored(case, component)])))
        shown = f'print("got", np.asarray(y)[{", ".join(map(str, component)) or "()"}], "right", {right})'
    return f"import {modules}; {imported}\n{called}\n{shown}"


def _of_program(report: Report, case: Case, component: tuple[int, ...] | None) -> str:
    """Ask a program as the protocol says; its whole answer is printed, as it may be no result at all."""
    run = f"p = subprocess.run({list(report.command)!r}, input=lines, text=True, capture_output=True)"
    shown = f'{run}; print("status", p.returncode, "answer", p.stdout.splitlines()[1:]'
    if component is not None:
        at = int(np.ravel_multi_index(component, case.shape))
        shown += f', "right at {at}", {case.record["expected"]["bits"][_stored(case, component)]!r}'
    shown += ")"
    if _is_short(case):
        requests = (start_request(), run_request(case, 1, report.function), {"op": "stop"})
        return f"import subprocess\nlines = {chr(10).join(map(json.dumps, requests)) + chr(10)!r}\n{shown}"
    modules = (
        "import json, subprocess; from softmax_ref import load; from softmax_ref.conformance.programs import protocol"
    )
    asked = f"protocol.run_request({_loaded(case)}, 1, {report.function!r})"
    lines = f'"".join(json.dumps(r) + "\\n" for r in (protocol.start_request(), {asked}, {{"op": "stop"}}))'
    return f"{modules}\nlines = {lines}\n{shown}"


def _imported(report: Report) -> str | None:
    """Return what imports a Python target as f, or None if a program is judged."""
    target, options = _asked(report)
    place, colon, path = target.rpartition(":")
    whole = [*place.removesuffix(".py").replace("/", ".").split("."), *path.split(".")]
    if target.endswith(".onnx") or place == "onnx" or (place.endswith(".py") and path.isidentifier()):
        return _found(target, report, options)
    if not colon or not all(part.isidentifier() for part in whole):
        return None if report.command else f"f = ...  # what was judged: {legible(report.name)}"
    if target in KNOWN or whole[0] in LIBRARIES or options:
        return _found(target, report, options)
    name, *attributes = path.split(".")
    return f"import {place}; f = {place}.{path}" if attributes else f"from {place} import {name} as f"


def _asked(report: Report) -> tuple[str, dict[str, str]]:
    """Return the target, and the options that say how it is called."""
    if report.command[1:3] != ("-m", TARGETS):
        return report.name.partition(" ")[0], {}
    target, *rest = report.command[3:]
    options = zip(rest[::2], rest[1::2], strict=True)
    return target, {name[2:]: value for name, value in options if name != "--function"}


def _found(target: str, report: Report, options: dict[str, str]) -> str:
    """Return what finds a target as the check does."""
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    call = f"find_target({target!r}, {report.function!r}{given}).call"
    return f"from {TARGETS}.finding import find_target; f = {call}"


def _stored(case: Case, component: tuple[int, ...]) -> int:
    return case.at.tolist().index(int(np.ravel_multi_index(component, case.shape)))


def _is_short(case: Case) -> bool:
    return sum(x.size for x in case.inputs.values()) <= TYPED


def _loaded(case: Case) -> str:
    return f'next(c for c in load("{case.function}", "{case.format.name}") if c.id == "{case.id}")'


def _typed(x: np.ndarray, dtype: str) -> str:
    kind = {"f": dtype, "b": "bool"}.get(x.dtype.kind, "np.int64")
    return f"np.array({_numbers(str(x.tolist()))}, {kind})"


def _numbers(text: str) -> str:
    return re.sub(r"\b(nan|inf)\b", r"np.\1", text)
