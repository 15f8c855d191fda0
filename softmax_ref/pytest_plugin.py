"""pytest --softmax-ref mypkg:softmax: one test for each case; and the cases for tests of one's own.

Every pytest on a machine imports this module, so it imports nothing that takes time.

Examples
--------
A test of one's own, with the cases that a softmax without a shift by the maximum fails::

    import pytest
    from softmax_ref.pytest_plugin import arguments, assert_conforms, cases

    @pytest.mark.parametrize("case", cases("softmax", "binary32", flags=["exp-overflow"]))
    def test_large_logits(case):
        assert_conforms(mypkg.softmax(*arguments(case), axis=case.axis), case)
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

__all__ = ["arguments", "assert_conforms", "cases"]


def cases(function: str, format: str | None = None, *, flags: Sequence[str] = (), select: str = "*") -> list:
    """Return stored cases as parameters for ``@pytest.mark.parametrize("case", ...)``, named by their ids.

    Parameters
    ----------
    function, format : str
        As in `softmax_ref.load`; without a format, all.
    flags : sequence of str
        Only cases with one of these flags; without any, all.
    select : str
        A glob that the id matches, as in `softmax_ref.check`.

    Raises
    ------
    ValueError
        There is no such function or format, or no such case: a test without cases would tell nothing.

    Examples
    --------
    >>> [p.id for p in cases("softmax", "binary32", select="*/shift/three-near-1000")]
    ['softmax/binary32/shift/three-near-1000']
    """
    from softmax_ref.conformance.selection import matches
    from softmax_ref.corpus import load

    stored = [case for case in load(function, format) if matches(case.id, [select])]
    found = [case for case in stored if not flags or set(flags) & set(case.flags)]
    if not found:
        raise ValueError(f"cases: nothing matches function, format, flags and select, got {flags!r} and {select!r}")
    return [pytest.param(case, id=case.id) for case in found]


def arguments(case) -> list:
    """Return fresh arrays to call an implementation with: numbers in the dtype of the format, labels, masks.

    Raises
    ------
    ValueError
        NumPy has no such dtype, and ml_dtypes is not installed.

    Examples
    --------
    >>> (param,) = cases("softmax", "binary32", select="*/shift/three-near-1000")
    >>> arguments(param.values[0])
    [array([1000., 1001., 1002.], dtype=float32)]
    """
    from softmax_ref.conformance import adapters

    dtype = adapters.dtype_of(case.format)
    if dtype is None:
        raise ValueError(f"arguments: {case.format.name} needs the package ml_dtypes")
    return adapters.arguments(case, dtype)


def assert_conforms(result, case, level: str = "standard") -> None:
    """Assert that a result is within the bound of a case, or one of the accepted answers where it asks a policy.

    Parameters
    ----------
    result : array_like
        What an implementation gave, in the dtype of the format.
    case : Case
        The case.
    level : {"standard", "tight"}
        Which bound.

    Raises
    ------
    AssertionError
        It is not; the message shows the input, what is right, and what may be wrong.

    Examples
    --------
    >>> (param,) = cases("softmax", "binary64", select="*/textbook/zero-ten")
    >>> assert_conforms([4.5397868702434395e-05, 0.9999546021312976], param.values[0])
    """
    __tracebackhide__ = True
    from softmax_ref.conformance.explained import failure_of

    text = failure_of(result, case, level)
    if text:
        raise AssertionError(text)


OPTIONS = {
    "function": (None, "What it computes; default: its own name, else softmax."),
    "formats": (
        None,
        "Formats to judge, with commas between; 'integer' for what integers give. Default: all it takes.",
    ),
    "require": ("standard", "The level to reach: standard or tight."),
    "policies": (None, "Declared policies, NAME=ANSWER or FORMAT/NAME=ANSWER, with commas between."),
    "working-format": (None, "The float format that it computes in."),
    "domain": (None, "The inputs that it is made for, such as 'abs(z) <= 88'."),
    "array": ("auto", "The arrays that it takes: numpy, torch, jax, cupy, or a module."),
    "vjp": (None, "'auto': it is a function whose gradient torch or JAX takes."),
    "xfails": (
        None,
        "A TOML file of ids that are known to fail, with reasons; one that passes, or matches nothing, fails.",
    ),
}
"""What else may be said of a target: default, and help."""


def pytest_addoption(parser) -> None:
    """Add the options."""
    group = parser.getgroup("softmax-ref", "softmax_ref: certified cases of the softmax family")
    group.addoption(
        "--softmax-ref",
        action="append",
        dest="softmax_ref_targets",
        default=[],
        metavar="TARGET",
        help="Add one test for each stored case, and one for each kind of promise about arrays, of a function given as "
        "module:name or file.py:name, or of an ONNX model; may be repeated. It runs in this process, which a crash ends: "
        "'softmax-ref check' contains crashes and hangs.",
    )
    group.addoption(
        "--softmax-ref-select",
        action="append",
        default=[],
        metavar="GLOB",
        help="Only cases and promises whose id matches, as '*/shift/*' or 'contract/binary32/*'; '!GLOB' leaves out; "
        "may be repeated.",
    )
    for name, (default, text) in OPTIONS.items():
        group.addoption(f"--softmax-ref-{name}", default=default, metavar=name.upper(), help=text)


def pytest_configure(config) -> None:
    """Load the rest of the plugin if there is something to judge."""
    config.addinivalue_line("markers", "softmax_ref: a stored case or a promise, added by --softmax-ref")
    if config.option.softmax_ref_targets:
        from softmax_ref import pytest_items

        config.pluginmanager.register(pytest_items, "softmax_ref_items")
        return
    for name, default in {"select": [], **{name: default for name, (default, _) in OPTIONS.items()}}.items():
        if config.getoption(f"--softmax-ref-{name}") != default:
            raise pytest.UsageError(f"softmax-ref: --softmax-ref-{name} needs a --softmax-ref to speak of")
