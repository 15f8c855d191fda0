"""The searches for hard-to-round inputs: nothing is missed, nothing depends on where a search stops."""

import json
from fractions import Fraction
from itertools import islice

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_ref import certify
from softmax_ref.certified.rounding import scientific
from softmax_ref.conformance.judge import judge
from softmax_ref.corpus import load
from softmax_ref.corpus.hard import lines, record, scan, searching
from softmax_ref.corpus.hard.distance import midpoint_distance, result_distance
from softmax_ref.corpus.hard.lines import Line, first_inside
from softmax_ref.corpus.hard.record import TASKS, fresh, read
from softmax_ref.corpus.hard.searching import advance, search
from softmax_ref.formats import get_format

RECORD = read()
FUNCTIONS = ("logistic", "log_logistic", "softplus", "softmax", "log_softmax", "logsumexp")
BY_THEORY = {"logistic": "/cube", "softmax": "/cube", "log_softmax": "/speck"}
KEPT = [(state, kept) for state in RECORD for kept in state["kept"]]


def end(states):
    """The last state of a search."""
    *_, last = states
    return last


def name(state):
    """A search in a word."""
    return f"{state['function']}-{state['format']}-{state['classes']}"


def inputs(state, kept):
    """The kept inputs as numbers."""
    return [float(get_format(state["format"]).decode(int(bits, 16))) for bits in kept["bits"]]


# The pieces.


@given(st.integers(1, 400), st.data())
def test_euclid_finds_the_first_multiple_in_an_interval(m, data):
    """The same k as trying them one by one, for every interval, also one that passes the modulus."""
    a, low = data.draw(st.integers(0, m - 1)), data.draw(st.integers(0, m - 1))
    high = low + data.draw(st.integers(0, m))
    slow = next((k for k in range(m) if low <= a * k % m <= high or a * k % m + m <= high), None)

    assert first_inside(a, m, low, high) == slow


@pytest.mark.parametrize(("function", "classes"), [(f, k) for f, fmt, k in TASKS if fmt == "binary64"])
def test_a_line_misses_no_float(function, classes):
    """Of 2048 neighbours on each of four lines, those near a midpoint are the ones that certified values show."""
    form, within, half, seen = get_format("binary64"), 1 << lines.SCALE - 6, 1 << 10, 0
    for line in (Line(function, classes, 1, n) for n in range(4)):
        c = line.coefficients()
        quick = {k for k in lines._linear(c, half, within) if lines._from_midpoint(c, k) <= within}
        seen += len(quick)

        for k in {*range(-half, half, 32), *islice(quick, 16)}:
            distance = result_distance(function, line.inputs(k), line.component, form)
            assert (distance <= Fraction(1, 64)) == (k in quick)
            assert abs(distance - Fraction(lines._from_midpoint(c, k), 1 << lines.SCALE)) < Fraction(1, 10**12)
    assert seen > 50


@pytest.mark.parametrize(("function", "classes"), [(f, k) for f, fmt, k in TASKS if fmt == "binary32"])
def test_the_filter_of_a_scan_is_right_to_its_margin(function, classes):
    """What binary64 says of the distance of 200 results is off by less than half of what the filter lets through."""
    z, form = scan.rows(function, classes, 1, 40_000_000, 40_000_200), get_format("binary32")
    y = scan._values(function, z)[-1]
    dropped = (y.view(np.int64) & ((1 << 29) - 1)) - (1 << 28)
    component = len(scan._values(function, z)) - 1

    for column, estimate in enumerate(np.abs(dropped).tolist()):
        exact = result_distance(function, tuple(z[:classes, column].tolist()), component, form)
        assert abs(float(exact) * 2**29 - estimate) <= 2.0**29 * scan.WITHIN / 2


def test_a_distance_is_counted_in_the_spacing_around_the_value():
    """Below a power of two and in the subnormal range too; a midpoint itself is 0 away, a float 1/2."""
    half = get_format("binary16")

    assert midpoint_distance(Fraction(half.tiny) / 2, half) == 0
    assert midpoint_distance(-Fraction(3), half) == Fraction(1, 2)
    assert midpoint_distance(1 - Fraction(1, 2**12) + Fraction(1, 2**14), half) == Fraction(1, 8)


# Searching.


@pytest.mark.parametrize("task", [task for task in TASKS if task[1] == "binary64"][::3])
def test_an_interrupted_search_ends_where_one_run_does(task, tmp_path):
    """Three lines, then seven, by way of the record file, is ten lines."""
    path, (function, fmt, classes) = tmp_path / "record.json", task
    for count in (3, 7):
        assert [left for _, left in search(count, path, function, fmt)][-1] == 0
    found = next(state for state in read(path) if name(state) == f"{function}-{fmt}-{classes}")

    assert found == end(advance(fresh(*task), 10))
    assert found["done"] == 10
    assert len(found["kept"]) == searching._places(found)


def test_a_search_that_is_stopped_leaves_its_record(tmp_path, monkeypatch):
    """What was done until then is written, and only whole batches count."""
    monkeypatch.setattr(searching, "LINES", 2)
    path = tmp_path / "record.json"
    running = search(100, path, "softplus", "binary64")
    list(islice(running, 3))
    running.close()
    state = next(state for state in read(path) if name(state) == "softplus-binary64-1")

    assert state == end(advance(fresh("softplus", "binary64", 1), 6))
    assert [other.name for other in tmp_path.iterdir()] == ["record.json"]


def test_a_scan_ends_with_its_arguments():
    """A stream of single arguments of binary32 has an end, and no search goes past it."""
    state = fresh("logistic", "binary32", 1)
    state |= {"done": searching.limit(state) - 10}

    assert end(advance(state, 1000))["done"] == searching.limit(state)
    assert list(advance(state | {"done": searching.limit(state)}, 1000)) == []


# The record.


def test_the_record_is_what_the_search_writes(tmp_path):
    """Reading and writing it again changes no byte."""
    record.write(RECORD, tmp_path / "record.json")

    assert (tmp_path / "record.json").read_bytes() == record.RECORD.read_bytes()
    assert [(state["function"], state["format"], state["classes"]) for state in RECORD] == list(TASKS)


@pytest.mark.parametrize("state", RECORD, ids=name)
def test_kept_inputs_are_found_again_where_they_were(state):
    """Each comes out of its counter again, with its distance; no two are the same, and the nearest comes first."""
    distances = []
    for kept in state["kept"]:
        again = end(advance(state | {"done": kept["counter"], "kept": []}, 1))
        assert kept in again["kept"]
        distances.append(Fraction(kept["distance"]))

    assert len(distances) == searching._places(state)
    assert distances == sorted(distances)
    assert all(kept["counter"] < state["done"] for kept in state["kept"])


@pytest.mark.parametrize("state", RECORD, ids=name)
def test_recorded_distances_are_those_of_another_evaluation(state):
    """The definition at 60 digits in mpmath, the spacing by counting digits."""
    precision = get_format(state["format"]).precision
    with mpmath.workdps(60):
        for kept in state["kept"]:
            x = [mpmath.mpf(v) for v in inputs(state, kept)]
            total = mpmath.fsum(map(mpmath.exp, x if len(x) > 1 else [*x, mpmath.mpf(0)]))
            mine = x[kept["component"]]
            value = {
                "softmax": mpmath.exp(mine) / total,
                "logistic": mpmath.exp(mine) / total,
                "log_softmax": mpmath.log(total) - mine,
            }.get(state["function"], mpmath.log(total))
            in_spacings = mpmath.ldexp(value, precision - mpmath.frexp(value)[1])
            distance = abs(in_spacings - mpmath.floor(in_spacings) - mpmath.mpf(1) / 2)
            assert abs(distance / mpmath.mpf(kept["distance"]) - 1) < mpmath.mpf("0.005")


def test_every_argument_of_binary32_was_looked_at():
    """Both functions of one argument, to the end of their streams."""
    scanned = [state for state in RECORD if searching.limit(state)]

    assert [state["done"] for state in scanned] == [searching.limit(state) for state in scanned]
    assert len(scanned) == 2


def test_the_kept_distances_are_what_so_many_results_give():
    """The nearest of n random results is about 1/(2n) away: nothing is missed, nothing is made up."""
    for state in RECORD:
        nearest, last = (float(state["kept"][n]["distance"]) * 2 * state["results"] for n in (0, -1))
        places = searching._places(state)
        assert nearest < 9
        assert places / 9 < last < 4 * places, name(state)


def test_the_record_is_plain_json():
    """Bits and decimals are strings; counters are integers."""
    content = json.loads(record.RECORD.read_text(encoding="utf-8"))

    assert list(content) == ["searches"]
    assert all(list(kept) == ["counter", "bits", "component", "distance"] for _, kept in KEPT)


# The cases.


def hard_cases(function, fmt):
    """The stored cases of the family."""
    return [case for case in load(function, fmt) if case.id.split("/")[2] == "hard-to-round"]


@pytest.mark.parametrize("fmt", ["binary32", "binary64"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_eight_cases_were_searched_for(function, fmt):
    """In each format, and each says how far its result is from a midpoint."""
    searched = [case for case in hard_cases(function, fmt) if "ulp" in case.comment]

    assert len(searched) == 8
    for case in searched:
        component = int(case.comment.split()[1]) if case.comment.startswith("class") else 0
        point = tuple(next(iter(case.inputs.values())).tolist())
        distance = result_distance(function, point, component, case.format)
        assert f"is {scientific(distance, 3)} ulp from the midpoint of two floats" in case.comment


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f in BY_THEORY])
@pytest.mark.parametrize("fmt", ["binary64", "binary32", "binary16", "bfloat16"])
def test_beside_an_exact_midpoint_rounding_twice_is_wrong_in_every_format(function, fmt):
    """The midpoint goes to the even neighbour, the exact value to the odd one; no level minds."""
    (case,) = (case for case in hard_cases(function, fmt) if case.id.endswith(BY_THEORY[function]))
    twice = rounded_twice(case)

    error = case.format.error(twice, case.values, case.offsets)
    assert (twice != case.values).any()
    assert (error[twice != case.values] > 0.4999).all()
    assert (error <= case.tolerances["tight"]).all()


def rounded_twice(case):
    """The exact results, rounded to twice the precision, then to that of the format."""
    exact = np.ravel(certify(case.function, *case.inputs.values()).decimal(90)).tolist()
    units = (Fraction(x) * Fraction(case.format.unit_roundoff) for x in case.format.ulp(case.values).tolist())
    wide = (round(Fraction(text) / unit) * unit for text, unit in zip(exact, units, strict=True))
    return case.format.decode([case.format.round(x) for x in wide])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_binary32_by_way_of_binary64_loses_the_label_exact(function):
    """The best that a computation in binary64 can do, rounded again, is wrong in the last bit of a searched case."""
    wrong = 0
    for case in hard_cases(function, "binary32"):
        wide = certify(function, *case.inputs.values(), format="binary64").values
        verdict = judge(lambda *_, wide=wide, **__: wide.astype(np.float32), case, np.float32)
        wrong += not np.array_equal(verdict.got, case.values)
        assert verdict.passes("tight")

    assert wrong >= 1
