"""Arrays of other libraries: every bit there and back, and a target on them judged as one on NumPy's."""

import sys
from types import ModuleType

import numpy as np
import pytest

from softmax_ref.conformance.adapters import attempt, dtype_of
from softmax_ref.conformance.programs.checking import check_program
from softmax_ref.conformance.targets import command_of
from softmax_ref.conformance.targets.arrays import NotOffered, find_library, in_numpy
from softmax_ref.conformance.targets.finding import find_target
from softmax_ref.conformance.targets.importing import TargetError
from softmax_ref.conformance.targets.known import form_of, in_form
from softmax_ref.formats import FORMATS

BOXED = '''
"""A small library of the array API standard: NumPy in a box, which NumPy itself cannot look into."""

import numpy as np

class Box:
    def __init__(self, held):
        self.held = held

    def __dlpack__(self, **options):
        return self.held.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.held.__dlpack_device__()

    def __array__(self, *arguments, **options):
        raise RuntimeError("a box is no array of NumPy")

    def __sub__(self, other):
        return Box(self.held - other.held)

    def __isub__(self, other):
        self.held -= other.held
        return self

    def __truediv__(self, other):
        return Box(self.held / other.held)

def from_dlpack(x):
    if x.dtype.isbuiltin != 1 or min(x.strides, default=0) < 0:
        raise BufferError("DLPack has no such dtype, a box no such strides")
    return Box(np.asarray(x))

def exp(x):
    return Box(np.exp(x.held))

def max(x, *, axis=None, keepdims=False):
    return Box(x.held.max(axis=axis, keepdims=keepdims))

def sum(x, *, axis=None, keepdims=False):
    return Box(x.held.sum(axis=axis, keepdims=keepdims))
'''
MINE = """
import boxed as xp

array = "boxed"

def softmax(x, axis=-1):
    weight = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return weight / xp.sum(weight, axis=axis, keepdims=True)

def in_place(x, axis=-1):
    x -= xp.max(x, axis=axis, keepdims=True)
    return softmax(x, axis)

def one_maximum(x, axis=-1):
    weight = xp.exp(x - xp.max(x))
    return weight / xp.sum(weight, axis=axis, keepdims=True)

def unboxed(x, axis=-1):
    return softmax(x, axis).held
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """A file with targets on boxes, beside the library of boxes."""
    folder = tmp_path_factory.mktemp("boxes")
    (folder / "boxed.py").write_text(BOXED)
    (folder / "mine_boxed.py").write_text(MINE)
    return folder / "mine_boxed.py"


def judged(mine, name, *formats, select=("softmax/*/axes/*",)):
    """Return the report on a target in a process of its own."""
    return check_program(command_of(f"{mine}:{name}", "softmax"), "softmax", formats, name=name, select=select)[0]


def test_a_target_on_another_library_s_arrays_is_judged(mine):
    """A right softmax conforms, and keeps the array contract; what its library has no arrays for is refused."""
    found = judged(mine, "softmax", "binary64", select=("softmax/*/axes/*", "contract/*"))

    assert found.conforms, str(found)
    states = {finding.name: finding.state for finding in found.results[0].findings}
    assert (states["rows alone"], states["read-only"], states["negative strides"]) == ("kept", "kept", "refused")


def test_a_target_on_another_library_s_arrays_breaks_the_array_contract(mine):
    """The maximum of all rows is wrong beside the largest number; a difference of bytes wraps."""
    globs = ("softmax/*/axes/*", "contract/*/beside *", "contract/integer/uint8 *")
    found = judged(mine, "one_maximum", "binary32", "integer", select=globs)

    broken = {failure.case: failure.flags for failure in found.failures}
    assert broken["contract/binary32/beside the largest number"] == ("row-mixing",)
    assert broken["contract/integer/uint8 [0, 255, 3]"] == ("integer-input",)


def test_a_dtype_that_a_library_lacks_is_not_offered(mine):
    """The standard knows floats of 32 and 64 bits; the reason names the library."""
    (result,) = judged(mine, "softmax", "bfloat16").results

    assert result.not_offered.startswith("boxed has no arrays of bfloat16: BufferError")


def test_a_library_s_array_that_is_written_into_is_an_input_overwritten(mine):
    """The box shares its memory with the array of the request."""
    found = judged(mine, "in_place", "binary32")

    flags = {flag for result in found.results for verdict in result.verdicts for flag, _ in verdict.problems}
    assert flags == {"input-overwritten"}


def test_a_result_of_another_library_is_refused(mine):
    """A function of boxes gives boxes."""
    found = judged(mine, "unboxed", "binary32")

    texts = {text for verdict in found.results[0].verdicts for _, text in verdict.problems}
    assert texts == {"ValueError: the result needs to be an array of boxed, got ndarray"}


def test_a_library_s_missing_operation_is_skipped():
    """NotImplementedError says that there is none for this dtype; other exceptions are the target's."""

    def missing(x, axis):
        raise NotImplementedError("no softmax of bfloat16")

    library = find_library("numpy")

    with pytest.raises(NotOffered, match="NotImplementedError: no softmax of bfloat16"):
        in_numpy(missing, library)(np.zeros(2), axis=-1)


def test_cupy_arrays_come_from_the_device(monkeypatch):
    """cupy.asarray there and cupy.asnumpy back, both copies; a dtype that only ml_dtypes has is not offered."""
    cupy = ModuleType("cupy")
    cupy.ndarray, cupy.asarray, cupy.asnumpy = np.ndarray, np.copy, np.copy
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    negative = in_numpy(np.negative, find_library("cupy"))
    target = find_target("math:exp", array="cupy")

    assert not target.contract
    assert negative(np.ones(2)).tolist() == [-1, -1]
    with pytest.raises(NotOffered, match="cupy has no arrays of bfloat16"):
        negative(np.ones(2, dtype_of(FORMATS["bfloat16"])))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "arrays of nowhere need the package nowhere: "),
        ("math", "--array needs a module with from_dlpack, as the array API standard has, got 'math'"),
    ],
)
def test_a_library_that_is_not_there_is_named(name, message):
    """Before anything is called."""
    with pytest.raises(TargetError, match=message):
        find_library(name)


def test_an_axis_that_is_called_dim_is_handed_over_as_dim(monkeypatch):
    """Where the signature has no axis."""
    module = ModuleType("mine_dim")
    module.softmax = lambda z, dim: np.exp(z) / np.exp(z).sum(dim, keepdims=True)
    monkeypatch.setitem(sys.modules, "mine_dim", module)

    assert find_target("mine_dim:softmax").call(np.zeros((2, 4)), axis=0).tolist() == [[0.5] * 4] * 2


def test_well_known_callables_are_called_in_their_own_form():
    """What torch calls dim, what JAX takes as where, and whose arrays a package without a name of its own takes."""
    torch, jax = form_of("torch:softmax", print, None), form_of("jax.nn:softmax", print, "masked_softmax")
    entmax = form_of("entmax:entmax_bisect", print, None)
    masked = in_form(lambda z, axis, where: (axis, where), jax)

    assert (torch.function, torch.axis, entmax.function, entmax.array) == ("softmax", "dim", "entmax", "torch")
    assert form_of("torch:softmax", print, None, vjp=True).function == "softmax_vjp"
    assert masked("z", "mask", axis=0) == (0, "mask")


@pytest.fixture(params=["torch", "jax", "array_api_strict"])
def library(request):
    """A library that is not among the packages of the tests."""
    pytest.importorskip(request.param, reason=f"{request.param} is among the peers, not in the lock")
    return find_library(request.param)


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_every_bit_comes_back(library, fmt):
    """All numbers of narrow formats, and the ends of wide ones, with infinities, zeros of both signs and subnormals."""
    codes = (
        np.arange(2**fmt.width) if fmt.width <= 16 else np.array([0, 1, fmt.sign_bit, fmt.max_bits, fmt.max_bits + 1])
    )
    values = fmt.decode(codes).astype(dtype_of(fmt))
    try:
        found = in_numpy(lambda x: x, library)(values)
    except NotOffered:
        assert library.name == "array_api_strict"
        return

    assert found.dtype == values.dtype
    assert np.array_equal(fmt.encode(found.astype(float)), fmt.encode(values.astype(float)))


def test_labels_masks_and_rows_without_axes_come_back(library):
    """Integers, booleans, no entries and no axes."""
    for x in (np.array([[3, -1]]), np.array([True, False]), np.zeros((2, 0)), np.array(0.5)):
        found = in_numpy(lambda x: x, library)(x)

        assert found.dtype == x.dtype
        assert np.array_equal(found, x)


@pytest.mark.parametrize("name", ["torch:softmax", "torch.nn.functional:softmax", "jax.nn:softmax"])
def test_a_well_known_softmax_conforms(name):
    """Its arrays and its name of the axis are known, and it keeps the array contract."""
    pytest.importorskip(name.partition(".")[0].partition(":")[0], reason="among the peers, not in the lock")

    globs = ["softmax/*/axes/*", "contract/*/beside *", "contract/*/negative strides", "contract/*/* order"]
    (found,) = check_program(command_of(name), formats=["binary32"], select=globs)

    states = {finding.name: finding.state for finding in found.results[0].findings}
    assert found.function == "softmax"
    assert found.conforms, str(found)
    assert states["negative strides"] == ("refused" if "torch" in name else "kept")
    assert states["beside nan"] == states["Fortran order"] == "kept"


def test_torch_shares_memory_and_tells_dtypes():
    """An input that is written into, and a result of another dtype, in torch's own terms."""
    torch = pytest.importorskip("torch", reason="torch is among the peers, not in the lock")
    library, x = find_library("torch"), np.ones(3, dtype_of(FORMATS["bfloat16"]))

    written = attempt(in_numpy(lambda z: z.sub_(1) + 1, library), [x], None, {}, (3,))
    wide = attempt(in_numpy(torch.Tensor.float, library), [x], None, {}, (3,))

    assert written.problems == (("input-overwritten", "the input is not what it was before the call"),)
    assert wide.problems == (("dtype-changed", "got float32 for bfloat16"),)
