"""Every fault is caught in every format that it names, and no control is failed; the record of it is up to date."""

import numpy as np
import pytest

from softmax_ref.faults import controls, faults
from softmax_ref.faults.catalogue import Control, Fault, control, fault
from softmax_ref.faults.gates import Catch, alarms, catch, in_parallel, place, witnessed
from softmax_ref.faults.parts import textbook
from softmax_ref.faults.score import summary
from softmax_ref.faults.table import read_table


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.name)
def test_corpus_catches_the_fault_and_names_it(fault):
    """In each format, a failed case or a broken promise carries its flag; in the first one all that fails is in the table."""
    recorded = read_table().get(fault.name, {})
    first, *others = fault.formats
    for fmt in [first, *(fmt for fmt in others if not witnessed(fault, fmt, recorded.get(fmt, ())))]:
        found = catch(fault, fmt)

        assert found.sure, f"{fault.name} passes in {fmt}"
        assert found.named, f"{fault.name} in {fmt} fails at {found.sure}, none of which carries {fault.flag}"
        assert found.agrees(recorded.get(fmt, ())), f"{fault.name} in {fmt}: run 'softmax-ref faults --record'"


@pytest.mark.parametrize("control", controls(), ids=lambda control: control.name)
def test_right_implementation_raises_no_alarm(control):
    """A control passes every case and keeps every promise in every format that it names."""
    assert alarms(control) == []


def unregistered(kind, make, **more):
    return kind("softmax/planted", "softmax", "a plant", ("binary32",), "standard", make, **more)


def planted(fn):
    return unregistered(Fault, lambda: fn, flag="ties")


def test_fault_that_nothing_catches_turns_the_gate_red():
    """A right implementation, entered as a fault, is missed, and the score says so."""
    found = catch(planted(textbook), "binary32")

    lines, passed = summary([found], {}, 0)

    assert not passed
    assert "passes in binary32: softmax/planted" in lines
    assert "0/1 faults caught, in 1 different ways" in lines


def test_fault_that_is_caught_for_another_reason_turns_the_gate_red():
    """The corpus has to name what is wrong: results of 0 fail everywhere but at a case of +inf logits."""
    zeros = unregistered(Fault, lambda: lambda z, axis=-1: 0 * textbook(z, axis), flag="integer-input")
    found = catch(zeros, "binary32")

    lines, passed = summary([found], {}, 0)

    assert found.sure
    assert not passed
    assert "is not named in binary32: softmax/planted (integer-input)" in lines


def test_witness_is_a_recorded_case_that_fails_and_carries_the_flag():
    """Nothing is taken on the word of the table: a right implementation has no witness, nor has a fault at other cases."""
    zeros = unregistered(Fault, lambda: lambda z, axis=-1: 0 * textbook(z, axis), flag="ties")

    assert witnessed(zeros, "binary32", ("ties/two-equal",))
    assert not witnessed(zeros, "binary32", ("textbook/article-row",))
    assert not witnessed(zeros, "binary32", ())
    assert not witnessed(zeros, "integer", ("ties/two-equal",))
    assert not witnessed(planted(textbook), "binary32", ("ties/two-equal",))


def test_false_alarm_turns_the_gate_red():
    """A faulty implementation, entered as a control, fails and is listed."""
    wrong = unregistered(Control, lambda: lambda z, axis=-1: np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True))
    found = alarms(wrong)

    lines, passed = summary([], {"softmax/planted": found}, 1)

    assert "binary32: softmax/binary32/shift/three-near-1000" in found
    assert not passed
    assert "1/1 false alarms" in lines


def test_control_that_is_never_judged_is_an_alarm():
    """Refusing every array passes nothing."""

    def refuses(z, axis=-1):
        raise TypeError("no arrays today")

    assert alarms(unregistered(Control, lambda: refuses)) != []


def test_record_may_differ_where_the_error_is_near_the_bound():
    """What fails by 1.5 is recorded; what fails by 3 has to be; what does not fail must not be."""
    found = Catch(faults()[0], "binary32", {"a": 1.2, "b": 2.0, "c": 9.0}, True)

    assert found.sure == ("b", "c")
    assert found.agrees(("b", "c")) and found.agrees(("a", "c"))
    assert not found.agrees(("a", "b"))
    assert not found.agrees(("c", "d"))


def test_several_processes_judge_as_one_does():
    """The results come in the order of the entries, faults and controls mixed."""
    entries = [*faults()[:3], *controls()[:1]]

    assert list(in_parallel(entries, 2)) == [
        [catch(entry, fmt) for fmt in entry.formats] if isinstance(entry, Fault) else alarms(entry) for entry in entries
    ]


def test_place_leaves_out_function_and_format():
    """A case, a promise and a policy are named by what they share over the formats."""
    assert place("softmax/binary32/shift/two-largest") == "shift/two-largest"
    assert place("contract/binary32/rows alone") == "contract/rows alone"
    assert place("policy/empty_axis") == "policy/empty_axis"


def test_catalogue_is_large_enough_to_mean_something():
    """At least 250 faults, of which 120 differ in what catches them, and 60 controls."""
    rows = {(f.function, *sorted(read_table()[f.name].items())) for f in faults()}

    assert len(faults()) >= 250
    assert len(rows) >= 120
    assert len(controls()) >= 60


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (fault("softmax", "ties", "again", name="no-shift"), "'softmax/no-shift' is taken"),
        (fault("softmax", "ties", "nowhere", formats=["binary31"], name="new"), "'binary31', which is unknown"),
        (control("softmax", "nowhere", formats=["binary31"], name="new"), "'binary31', which is unknown"),
    ],
)
def test_entry_that_cannot_be_judged_is_refused(entry, message):
    """A name that is taken or a format that nobody knows is an error of the catalogue."""
    with pytest.raises(ValueError, match=message):
        entry(textbook)


def test_flag_without_a_note_is_refused():
    """A cause has to be explained before a fault may have it."""
    with pytest.raises(ValueError, match="names the flag 'bad-luck', which has no note"):
        fault("softmax", "bad-luck", "by chance")
