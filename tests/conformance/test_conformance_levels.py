"""The sound forms that the faults are made from conform, and which level a style reaches."""

import numpy as np
import pytest

from softmax_ref import check, functions
from softmax_ref.corpus import CORPUS_FUNCTIONS
from softmax_ref.faults.averages_parts import entropy
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.thermal_parts import boltzmann, free_energy, noisy, policy, semiring_sum, tilted

WIDE = ("binary64", "binary32")
TEMPERED = {
    "boltzmann": boltzmann,
    "free_energy": free_energy,
    "boltzmann_policy": policy,
    "gumbel_softmax": noisy,
    "exponential_tilting": tilted,
    "log_semiring_sum": semiring_sum,
}
RELATIVES = [
    name
    for name in CORPUS_FUNCTIONS
    if name.startswith(("argmax", "sparsemax", "entmax", "boltzmann", "log_semiring"))
    or name in ("partition_function", "free_energy", "gumbel_softmax", "exponential_tilting")
    or name in ("entropy", "mean_energy", "heat_capacity", "clr")
]


@pytest.mark.parametrize("function", RELATIVES)
def test_the_reference_reaches_tight(function):
    """In all formats, integers included."""
    report = check(getattr(functions, function), function=function, require="tight")

    assert report.conforms, str(report)


@pytest.mark.parametrize("fmt", (*WIDE, "binary16", "bfloat16"))
def test_the_form_with_no_fault_passes(fmt):
    """What the faults of softmax are made from conforms: they fail for their fault."""
    assert check(in_float32(textbook), formats=[fmt]).conforms


@pytest.mark.parametrize("fmt", WIDE)
def test_log_s_without_log1p_is_standard_and_not_tight(fmt):
    """The textbook entropy loses what lies below a unit roundoff of 1; the level tight asks for it."""
    assert check(in_float32(entropy), "entropy", formats=[fmt]).conforms
    assert not check(in_float32(entropy), "entropy", formats=[fmt], require="tight").conforms


@pytest.mark.parametrize("function", TEMPERED)
def test_a_computation_in_float32_is_no_binary64(function):
    """Half the digits fail in binary64."""

    def narrow(*arrays, **k):
        return np.asarray(TEMPERED[function](*(x.astype(np.float32) for x in arrays), **k)).astype(arrays[0].dtype)

    report = check(narrow, function=function, formats=["binary64"])

    assert any("working-precision" in failure.flags for failure in report.failures)


LEFT_OUT = {
    "boltzmann": (boltzmann, "beta"),
    "free_energy": (free_energy, "beta"),
    "boltzmann_policy": (policy, "tau"),
    "gumbel_softmax": (noisy, "temperature"),
    "exponential_tilting": (tilted, "theta"),
    "log_semiring_sum": (semiring_sum, "beta"),
}


@pytest.mark.parametrize("function", LEFT_OUT)
def test_a_parameter_left_out_fails_only_where_there_is_one(function):
    """Cases at the default coldness or temperature pass."""
    fn, name = LEFT_OUT[function]

    report = check(
        in_float32(lambda *arrays, **k: fn(*arrays, **(k | {name: 1}))), function=function, formats=["binary32"]
    )

    failed = {failure.case for failure in report.failures}
    plain = {v.case.id for v in report.results[0].verdicts if not v.case.parameters}
    assert plain
    assert failed
    assert not failed & plain
