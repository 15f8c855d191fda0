"""ONNX: operators and model files, run through onnxruntime, which is among the peers."""

import sys

import numpy as np
import pytest

from softmax_ref.conformance.judge import judge
from softmax_ref.conformance.programs.checking import check_program
from softmax_ref.conformance.targets import command_of
from softmax_ref.conformance.targets.arrays import NotOffered
from softmax_ref.conformance.targets.finding import find_target
from softmax_ref.conformance.targets.importing import TargetError
from softmax_ref.conformance.targets.onnx_models import OPERATORS
from softmax_ref.corpus import load

WHY = "among the peers, not in the lock"


@pytest.mark.parametrize(("text", "package"), [("onnx:Softmax", "onnx"), ("mine.onnx", "onnxruntime")])
def test_a_missing_package_is_named(monkeypatch, text, package):
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(TargetError, match=f"ONNX needs the package {package}: pip install {package}"):
        find_target(text)


def test_an_unknown_operator_is_refused():
    """The message lists the known ones."""
    with pytest.raises(TargetError, match="an operator needs to be one of Softmax, .*got 'Softermax'"):
        find_target("onnx:Softermax")


@pytest.mark.parametrize("more", [{"vjp": "auto"}, {"array": "torch"}])
def test_a_gradient_of_a_model_is_refused(more):
    """Nothing would take it, and the model itself would be judged in its place; nor does it take other arrays."""
    with pytest.raises(
        TargetError, match="a model of ONNX has no gradient and takes NumPy's arrays, got 'onnx:Softmax'"
    ):
        find_target("onnx:Softmax", **more)


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_is_a_function(name):
    """Of one-node models along every axis, in the format that the processor has for all of them."""
    pytest.importorskip("onnx", reason=WHY)
    pytest.importorskip("onnxruntime", reason=WHY)
    target = find_target(f"onnx:{name}")
    families = ("axes", "textbook", "identity")

    cases = [case for case in load(target.function, "binary32") if case.id.split("/")[2] in families]
    verdicts = [judge(target.call, case, np.dtype(np.float32)) for case in cases]

    assert len(verdicts) > 2
    assert [(v.case.id, v.problems) for v in verdicts if not v.passes("standard")] == []


def test_a_dtype_that_onnxruntime_lacks_is_not_offered():
    """It says so when it loads the model."""
    pytest.importorskip("onnx", reason=WHY)
    pytest.importorskip("onnxruntime", reason=WHY)
    ml_dtypes = pytest.importorskip("ml_dtypes")

    with pytest.raises(NotOffered):
        find_target("onnx:Softmax").call(np.zeros(2, ml_dtypes.float8_e5m2), axis=-1)


def test_a_model_file_is_judged_in_its_own_format_and_shape(tmp_path):
    """A model of matrices in binary32: other formats are not offered, other ranks and axes are skipped."""
    helper = pytest.importorskip("onnx", reason=WHY).helper
    pytest.importorskip("onnxruntime", reason=WHY)
    values = [helper.make_tensor_value_info(name, 1, ["rows", "classes"]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Softmax", ["x"], ["y"])], "mine", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (tmp_path / "mine.onnx").write_bytes(model.SerializeToString())

    (found,) = check_program(
        command_of(str(tmp_path / "mine.onnx")), select=["softmax/*/axes/*", "softmax/*/textbook/*"]
    )

    assert found.conforms, str(found)
    assert [result.format.name for result in found.judged] == ["binary32"]
    reasons = {verdict.skipped for verdict in found.judged[0].verdicts} - {None}
    assert reasons == {
        "a model file is asked along the last axis only",
        "the model takes the shape ['rows', 'classes'] as x",
    }
