"""Two answers to one question: the cases that are named, of two formats or of one, and the component that tells."""

import numpy as np
from scipy import special

from softmax_ref import check
from softmax_ref.scoreboard.differing import differing, empty_axes

FORMATS = ("binary32", "binary64")


def report(function, fn, *select):
    return check(fn, function, FORMATS, select=["!contract/*", *select])


def slot_or_nan(z, axis=-1):
    """With +inf in a slice, SciPy's log_softmax is nan in that slot; in binary64 the whole slice is made so."""
    poisoned = np.isposinf(z).any(axis, keepdims=True) & (z.dtype == "d")
    return np.where(poisoned, z.dtype.type(np.nan), special.log_softmax(z, axis=axis))


def flushing_some(z, axis=-1):
    """In binary32 subnormal results of slices of two become 0, and those of other slices are kept."""
    y = special.softmax(z, axis=axis)
    return np.where((y.dtype == "f") & (z.shape[axis] == 2) & (y < np.finfo(y.dtype).tiny), 0 * y, y)


def test_the_cases_of_a_pair_are_of_two_formats_and_their_components_differ():
    """Where nan is what both give, nothing is shown."""
    pairs = differing(report("log_softmax", slot_or_nan), apart=True)["pos_inf"]

    assert all(one.case.format != other.case.format for one, other in pairs)
    assert all(np.isnan(one.got) != np.isnan(other.got) for one, other in pairs)
    assert {len(answer.case.values) for answer in pairs[0]} == {2}


def test_the_component_is_the_first_in_which_the_answers_differ():
    """The slot of +inf is nan by either answer; the entry behind it tells."""
    found = report("log_softmax", slot_or_nan, "*/infinity-places/first")
    [(one, other)] = differing(found, apart=True)["pos_inf"]

    assert one.case.inputs["z"].tolist() == [np.inf, 0, 1]
    assert (one.component, other.component) == ((1,), (1,))
    assert (str(one.got), other.got) == ("nan", -np.inf)


def test_one_format_with_two_answers_is_not_held_against_another():
    """It fails by itself; the other format has no quarrel with it."""
    found = report("softmax", flushing_some)

    assert found.policies["subnormal"] == ("flushed", "gradual")
    assert differing(found, apart=True) == {}


def test_of_one_format_only_pairs_within_it_are_named():
    """Formats that each keep to one answer do not contradict themselves."""
    found = report("log_softmax", slot_or_nan)

    assert differing(found, apart=False) == {}
    assert empty_axes(found) == {}
