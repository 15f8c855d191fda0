"""The array contract: what it asks, of which cases, and that it says kept, broken and refused where each is due."""

import numpy as np
import pytest

from softmax_ref.conformance.adapters import Ledger, dtype_of
from softmax_ref.conformance.bench import Bench, row_case, wide_case
from softmax_ref.conformance.contract import array_contract, integer_contract
from softmax_ref.conformance.layouts import LAYOUTS, byte_swapped
from softmax_ref.conformance.promises import Problem, promise
from softmax_ref.corpus import CORPUS_FUNCTIONS, formats_of, load
from softmax_ref.faults.sound import SOUND
from softmax_ref.formats import get_format

FILES = [(function, fmt) for function in CORPUS_FUNCTIONS for fmt in formats_of(function)]
CALLS = 420
"""What the contract may cost: calls of one implementation in one format."""


def softmax(z, axis=-1):
    return SOUND["softmax"](z, axis=axis)


def bench(fn=softmax, function="softmax", fmt="binary64"):
    case = row_case(load(function, fmt))
    return Bench(fn, case, dtype_of(get_format(fmt)), "standard", Ledger())


def findings(fn, function="softmax", fmt="binary64"):
    return list(array_contract(fn, load(function, fmt), dtype_of(get_format(fmt)), "standard"))


@pytest.mark.parametrize(("function", "fmt"), FILES)
def test_every_file_has_a_case_whose_rows_can_be_rearranged(function, fmt):
    """Without one, no layout and no batch is asked about."""
    case = row_case(load(function, fmt))

    assert case is not None
    assert np.isfinite(case.values).all()


@pytest.mark.parametrize("function", sorted(SOUND))
def test_sound_implementations_keep_every_promise(function):
    """Nothing is broken in any format; what is refused is refused by NumPy itself."""
    for fmt in formats_of(function):
        broken = [f for f in findings(SOUND[function], function, fmt) if f.state == "broken"]

        assert broken == []


@pytest.mark.parametrize("function", ["softmax", "softmax_vjp", "gumbel_softmax", "cross_entropy"])
@pytest.mark.parametrize("fmt", ["binary64", "binary32", "binary16"])
def test_contract_costs_a_bounded_number_of_calls(function, fmt):
    """Promises share one short case and one wide one."""
    calls = []

    def counted(*arrays, **keywords):
        calls.append(1)
        return SOUND[function](*arrays, **keywords)

    findings(counted, function, fmt)

    assert 100 < len(calls) < CALLS


def test_names_of_promises_differ():
    """A failure is found by function, format and promise."""
    names = [finding.name for finding in findings(softmax)]

    assert len(set(names)) == len(names) > 50


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("shape", [(4,), (3, 2), (2, 3, 2)])
def test_layout_holds_the_numbers_it_was_given(name, shape):
    """A layout changes where entries lie, not what they are."""
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)

    held = LAYOUTS[name](x.copy())

    assert held.dtype == x.dtype
    assert np.array_equal(held, x)
    plain = held.flags.c_contiguous and held.flags.writeable and held.flags.aligned
    assert not plain or x.ndim == 1


def test_swapped_bytes_hold_the_same_numbers():
    """The dtype says which order it is."""
    x = np.array([1.0, -2.5], np.float32)

    held = byte_swapped(x)

    assert np.array_equal(held, x)
    assert not held.dtype.isnative
    assert held.tobytes() != x.tobytes()


@pytest.mark.parametrize("rows", [1, [2], [0, 0, 1], [[2, 1], [0, 2]], np.zeros((2, 0), int)])
def test_bench_judges_rows_in_any_arrangement(rows):
    """A right implementation has no problem, one that is off by a thousandth has one wherever there are entries."""
    off = bench(lambda z, axis=-1: softmax(z, axis) * 1.001)

    assert bench().problem(rows) is None
    assert bench().problem(rows, axis=0) is None
    assert (off.problem(rows) is None) == (np.size(rows) == 0)


def test_bench_tells_rows_apart():
    """Rows in another order than asked for are wrong, though each is right."""
    reversed_rows = bench(lambda z, axis=-1: softmax(z, axis)[::-1] if z.ndim > 1 else softmax(z, axis))

    problem = reversed_rows.problem((0, 1, 2))

    assert problem is not None
    assert problem.flag is None
    assert "axes/rows: got" in problem.text


def test_wide_case_is_judged_at_its_stored_positions():
    """Of long rows eight positions are stored; a wrong entry at one of them is seen in any layout."""
    case = wide_case(load("softmax", "binary64"))
    wide = Bench(lambda z, axis=-1: softmax(z, axis) * 1.001, case, np.dtype(np.float64), "standard", Ledger())

    assert wide.width > 128
    assert wide.problem((1, 0)) is not None


@pytest.mark.parametrize(
    ("problems", "refusable", "state", "flag"),
    [
        ([None, None], False, "kept", "axis"),
        ([None, Problem(None, "values")], False, "broken", "axis"),
        ([Problem("shape-changed", "shape")], False, "broken", "shape-changed"),
        ([Problem("raises", "no")], False, "broken", "axis"),
        ([Problem("raises", "no"), None], True, "refused", "axis"),
        ([Problem("raises", "no"), Problem(None, "values")], True, "broken", "axis"),
        ([], True, "kept", "axis"),
    ],
)
def test_promise_is_kept_broken_or_refused(problems, refusable, state, flag):
    """An exception is a refusal where that is allowed; wrong values are never excused by one."""
    (finding,) = promise("a promise", "axis", problems, refusable=refusable)

    assert (finding.state, finding.flag) == (state, flag)


def test_nothing_is_called_after_the_first_problem():
    """Problems are computed as they are asked for."""
    seen = []

    def problems():
        for n in range(3):
            seen.append(n)
            yield Problem(None, str(n))

    list(promise("a promise", "axis", problems()))

    assert seen == [0]


def test_wrong_values_are_not_asked_about_layouts():
    """Where the plain matrix fails, strides tell nothing more."""
    names = [finding.name for finding in findings(lambda z, axis=-1: softmax(z, axis) * 1.001)]

    assert "Fortran order" not in names
    assert "no rows" in names


@pytest.mark.parametrize("function", CORPUS_FUNCTIONS)
def test_integers_are_asked_of_every_function(function):
    """Each has stored cases whose first argument is whole, in signed and unsigned types of any width."""
    asked = {finding.name.split()[0] for finding in integer_contract(SOUND.get(function, softmax), function)}

    assert {"int8", "int64", "uint8", "uint64"} <= asked


def test_complex_result_for_complex_numbers_is_left_alone():
    """NumPy's textbook continues to complex numbers; only a real result drops something."""

    def real(z, axis=-1):
        return softmax(z.real.copy() if np.iscomplexobj(z) else z, axis)

    states = [{f.name: f.state for f in findings(fn)}["complex numbers"] for fn in (softmax, real)]

    assert states == ["kept", "broken"]
