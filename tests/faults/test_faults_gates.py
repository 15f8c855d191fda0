"""Every fault is caught in every format that it names, and no control is failed."""

import pytest

from softmax_ref.faults import controls, faults
from softmax_ref.faults.gates import alarms, catch


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.name)
def test_corpus_catches_the_fault_and_names_it(fault):
    """In each format, a failed case or a broken promise carries the flag of the fault."""
    for fmt in fault.formats:
        found = catch(fault, fmt)

        assert found.sure, f"{fault.name} passes in {fmt}"
        assert found.named, f"{fault.name} in {fmt} fails at {found.cases}, none of which carries {fault.flag}"


@pytest.mark.parametrize("control", controls(), ids=lambda control: control.name)
def test_right_implementation_raises_no_alarm(control):
    """A control passes every case and keeps every promise in every format that it names."""
    assert alarms(control) == []
