"""What all functions of the reference have in common."""

import ast
import inspect
import json
import re
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from softmax_ref import functions
from softmax_ref.certified.definitions import DEFINITIONS

SLICED = {
    "softmax": lambda z, **k: functions.softmax(z, **k),
    "log_softmax": lambda z, **k: functions.log_softmax(z, **k),
    "logsumexp": lambda z, **k: functions.logsumexp(z, **k),
    "softmax_vjp": lambda z, **k: functions.softmax_vjp(z, np.ones(np.shape(z), np.asarray(z).dtype), **k),
    "log_softmax_vjp": lambda z, **k: functions.log_softmax_vjp(z, np.ones(np.shape(z), np.asarray(z).dtype), **k),
    "log_softmax_jvp": lambda z, **k: functions.log_softmax_jvp(z, np.ones(np.shape(z), np.asarray(z).dtype), **k),
    "logsumexp_jvp": lambda z, **k: functions.logsumexp_jvp(z, np.ones(np.shape(z), np.asarray(z).dtype), **k),
    "entropy": lambda z, **k: functions.entropy(z, **k),
    "mean_energy": lambda z, **k: functions.mean_energy(z, **k),
    "heat_capacity": lambda z, **k: functions.heat_capacity(z, **k),
    "boltzmann_operator": lambda z, **k: functions.boltzmann_operator(z, **k),
    "argmax_one_hot": lambda z, **k: functions.argmax_one_hot(z, **k),
    "sparsemax": lambda z, **k: functions.sparsemax(z, **k),
    "entmax15": lambda z, **k: functions.entmax15(z, **k),
    "entmax": lambda z, **k: functions.entmax(z, alpha=1.25, **k),
    "sparsemax_vjp": lambda z, **k: functions.sparsemax_vjp(z, z, **k),
    "entmax15_vjp": lambda z, **k: functions.entmax15_vjp(z, z, **k),
    "entmax_vjp": lambda z, **k: functions.entmax_vjp(z, z, alpha=1.25, **k),
    "boltzmann": lambda z, **k: functions.boltzmann(z, beta=0.75, **k),
    "partition_function": lambda z, **k: functions.partition_function(z, **k),
    "free_energy": lambda z, **k: functions.free_energy(z, beta=-0.75, **k),
    "boltzmann_policy": lambda z, **k: functions.boltzmann_policy(z, tau=3.0, **k),
    "gumbel_softmax": lambda z, **k: functions.gumbel_softmax(z, z, temperature=3.0, **k),
    "exponential_tilting": lambda z, **k: functions.exponential_tilting(
        np.ones(np.shape(z), np.asarray(z).dtype), z, **k
    ),
    "log_semiring_sum": lambda z, **k: functions.log_semiring_sum(z, beta=0.75, **k),
}
LAST_AXIS = {
    "softmax_jacobian": lambda z: functions.softmax_jacobian(z),
    "cross_entropy": lambda z: functions.cross_entropy(z, np.zeros(np.shape(z)[:-1], int)),
    "cross_entropy_vjp": lambda z: functions.cross_entropy_vjp(
        z, np.zeros(np.shape(z)[:-1], int), np.ones(np.shape(z)[:-1], np.asarray(z).dtype)
    ),
    "cross_entropy_jvp": lambda z: functions.cross_entropy_jvp(
        z, np.zeros(np.shape(z)[:-1], int), np.ones(np.shape(z), np.asarray(z).dtype)
    ),
}
ELEMENTWISE = {
    "logistic": lambda x: functions.logistic(x),
    "log_logistic": lambda x: functions.log_logistic(x),
    "softplus": lambda x: functions.softplus(x),
    "logaddexp": lambda x: functions.logaddexp(x, x),
    "log_semiring_add": lambda x: functions.log_semiring_add(x, x, beta=0.75),
    "log_semiring_multiply": lambda x: functions.log_semiring_multiply(x, x),
    "logistic_vjp": lambda x: functions.logistic_vjp(x, x),
    "log_logistic_vjp": lambda x: functions.log_logistic_vjp(x, x),
    "softplus_vjp": lambda x: functions.softplus_vjp(x, x),
    "logaddexp_vjp": lambda x: functions.logaddexp_vjp(x, x, x)[0],
    "logaddexp_jvp": lambda x: functions.logaddexp_jvp(x, x, x, x),
}
EVERY = SLICED | LAST_AXIS | ELEMENTWISE
NARROW = [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2]
FORMATS = [np.float64, np.float32, np.float16, np.longdouble, *NARROW]


def public():
    return [getattr(functions, name) for name in functions.__all__]


def some_logits(dtype):
    return np.array([[1, 3, -2], [0.5, -4, 2]]).astype(dtype)


def same(a, b):
    """Compare bit for bit, nan included."""
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def test_the_public_names_are_exactly_the_functions():
    """__all__ lists every public function of the package, in alphabetical order, and nothing else."""
    exported = {name for name, value in vars(functions).items() if inspect.isfunction(value)}

    assert exported == set(functions.__all__)
    assert functions.__all__ == sorted(functions.__all__)


def packages(node, function=None):
    """Yield each package imported below a node with the function around it; refuse a way out of the folder."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name.split(".")[0], function) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level < 2
            if child.level == 0:
                yield child.module.split(".")[0], function
        yield from packages(child, child.name if isinstance(child, ast.FunctionDef) else function)


def test_the_reference_imports_numpy_and_nothing_else():
    """No file imports another part of softmax_ref, or a package but NumPy; one function asks SciPy to minimise."""
    imported = {
        found
        for path in Path(functions.__file__).parent.glob("*.py")
        for found in packages(ast.parse(path.read_text(encoding="utf-8")))
        if found[0] not in sys.stdlib_module_names
    }

    assert imported == {("numpy", None), ("scipy", "fit_logistic_regression")}


def test_an_import_in_another_place_is_found():
    """At the top, in another function, and out of the package."""
    assert set(packages(ast.parse("import scipy\ndef f():\n    from scipy.special import expit"))) == {
        ("scipy", None),
        ("scipy", "f"),
    }
    with pytest.raises(AssertionError):
        list(packages(ast.parse("from ..certified import certify")))


@pytest.mark.parametrize("section", ["Parameters", "Returns", "Raises", "Notes", "References", "Examples"])
def test_every_docstring_has_every_section(section):
    """A reader finds shapes, units, errors, claims, source and an example at every function."""
    assert [f.__name__ for f in public() if f"\n{section}\n{'-' * len(section)}\n" not in inspect.getdoc(f)] == []


def derived_bounds():
    """Return which notebook derives the error bound of which function, from the tables "Where each bound is derived"."""
    found = {}
    for path in sorted((Path(__file__).parents[2] / "notebooks").glob("*_rounding*.ipynb")):
        cells = ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]
        table = next(text for text in cells if text.startswith("## Where each bound is derived"))
        first_column = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))
        found |= {name: [*found.get(name, []), path.stem] for name in set(re.findall(r"\w+", first_column))}
    return found


def test_every_docstring_names_claims_and_bound():
    """The claims of a function are one line away, and of a certified one the one notebook with its error bound too."""
    where = derived_bounds()

    for f in public():
        assert "\nClaims: C" in inspect.getdoc(f)
        if f.__name__ in DEFINITIONS:
            named = re.findall(r"Error bound:\s+notebooks/(\w+)\.ipynb\.", f.__doc__)
            assert named == where.get(f.__name__), f.__name__
        assert "\nPossible issues: " in inspect.getdoc(f)
        assert "\n.. math::" in inspect.getdoc(f)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", FORMATS)
def test_the_result_has_the_dtype_of_the_input(name, dtype):
    """Any floating format in, the same format out."""
    assert EVERY[name](some_logits(dtype)).dtype == np.dtype(dtype)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.uint8, np.int32, np.uint16, np.int64, np.uint64])
def test_integers_and_booleans_count_as_float64(name, dtype):
    """An integer array gives what the float64 array of the same numbers gives."""
    z = np.array([[1, 0, 1], [0, 0, 1]]).astype(dtype)

    assert same(EVERY[name](z), EVERY[name](z.astype(np.float64)))


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "z", [np.array([1j, 2]), np.array([1, None]), np.array(["1", "2"]), np.array([1, 2], "M8[s]"), np.zeros(2, "V4")]
)
def test_what_is_no_real_number_is_refused(name, z):
    """Complex, object, string, time and void arrays are a TypeError that names the function and the dtype."""
    with pytest.raises(TypeError, match=rf"^{name}: (z|x|p|energies|values) must hold real numbers, got dtype "):
        EVERY[name](z)


@pytest.mark.parametrize("name", EVERY)
def test_the_layout_in_memory_makes_no_difference(name):
    """Fortran order, strides, byte order and write protection change no bit of the result."""
    z = np.random.default_rng(4).normal(size=(5, 300))
    strided = np.full((10, 600), np.nan)
    strided[::2, ::2] = z
    protected = z.copy()
    protected.flags.writeable = False
    swapped = z.astype(z.dtype.newbyteorder())

    for other in (np.asfortranarray(z), strided[::2, ::2], z[::-1, ::-1].copy()[::-1, ::-1], protected, swapped):
        assert same(np.asarray(EVERY[name](other)), np.asarray(EVERY[name](z)))


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_inputs_stay_as_they_are_and_results_are_fresh(name, dtype):
    """The function neither writes to its argument nor returns memory of it, K = 1 included."""
    for z in (some_logits(dtype), some_logits(dtype)[:, :1]):
        before = z.copy()
        y = EVERY[name](z)

        assert same(z, before)
        assert not np.shares_memory(y, z)


@pytest.mark.parametrize("name", EVERY)
def test_rows_do_not_depend_on_their_neighbours(name):
    """A row gives the same bits alone, in a small batch and in one that is cut into blocks."""
    rng = np.random.default_rng(1)
    z = rng.normal(size=(2000, 33))
    many = EVERY[name](z)

    for i in (0, 7, 991, 992, 993, 1999):
        assert same(EVERY[name](z[i : i + 1]), many[i : i + 1])


@pytest.mark.parametrize("name", EVERY)
def test_neither_nan_nor_overflow_nor_underflow_warns(name):
    """Special values are results: NumPy's error state of the caller does not matter."""
    z = np.array([[np.nan, 1, 2], [np.inf, 0, -np.inf], [1.7e308, -1.7e308, 0], [-np.inf] * 3, [0, -745, -1e-320]])

    half = np.array([[65504, -65504, 6e-8], [0, -17, -np.inf]], np.float16)

    with np.errstate(all="raise"):
        EVERY[name](z)
        EVERY[name](half)


@pytest.mark.parametrize("name", SLICED)
def test_a_scalar_is_a_row_of_one(name):
    """A 0-d array has one slice of one entry; its result is 0-d."""
    y = SLICED[name](np.float64(3.0))

    assert np.shape(y) == ()
    assert y == SLICED[name](np.array([3.0])).reshape(())


@pytest.mark.parametrize("name", EVERY)
def test_results_are_contiguous_and_numbers_are_scalars(name):
    """As with NumPy's own functions: C order whatever the axis, and a NumPy scalar where the shape is ()."""
    z = some_logits(float)

    assert EVERY[name](z).flags.c_contiguous
    assert EVERY[name](np.asfortranarray(z)).flags.c_contiguous
    if name in SLICED:
        assert SLICED[name](z, axis=0).flags.c_contiguous
    if name not in LAST_AXIS:
        assert isinstance(EVERY[name](np.array(1.0)), np.float64)


@pytest.mark.parametrize("name", SLICED)
def test_any_axis_means_the_slices_along_it(name):
    """Every axis, counted from either end, gives what the last axis of the moved array gives."""
    z = np.random.default_rng(2).normal(size=(2, 3, 4))
    reduced = SLICED[name](z).ndim == 2

    for axis in (0, 1, 2, -1, -2, -3):
        want = SLICED[name](np.moveaxis(z, axis, -1))
        assert same(SLICED[name](z, axis=axis), want if reduced else np.moveaxis(want, -1, axis).copy())


@pytest.mark.parametrize("name", SLICED)
def test_several_axes_are_one_long_axis(name):
    """A tuple of axes gives what the flattened axis gives; None means all axes."""
    z = np.random.default_rng(3).normal(size=(2, 3, 4))
    reduced = SLICED[name](z).ndim == 2

    pair = SLICED[name](z.reshape(2, 12))
    whole = SLICED[name](z.reshape(24))
    assert same(SLICED[name](z, axis=(1, 2)), pair if reduced else pair.reshape(z.shape))
    assert same(np.asarray(SLICED[name](z, axis=None)), np.asarray(whole if reduced else whole.reshape(z.shape)))
    assert same(np.asarray(SLICED[name](z, axis=(0, 1, -1))), np.asarray(SLICED[name](z, axis=None)))


@pytest.mark.parametrize("name", SLICED)
@pytest.mark.parametrize("axis", [2, -3, (0, 5)])
def test_an_axis_out_of_range_is_refused(name, axis):
    """The message gives the shape and the axis."""
    message = f"{name}: axis is out of range for shape (2, 3), got {axis}"

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        SLICED[name](some_logits(float), axis=axis)


@pytest.mark.parametrize("name", [n for n in EVERY if n not in ELEMENTWISE and n != "logsumexp"])
@pytest.mark.parametrize("shape", [(3, 0), (0, 0)])
def test_an_empty_axis_is_refused(name, shape):
    """Without an entry there is no distribution; the message gives the shape."""
    message = f"needs at least one entry along axis -1, got shape {shape}"

    with pytest.raises(ValueError, match=f"^{name}: (z|energies|values|p) {re.escape(message)}$"):
        EVERY[name](np.zeros(shape))


@pytest.mark.parametrize("name", EVERY)
def test_no_slices_give_an_empty_result(name):
    """An array without slices, but with an axis that is not empty, is no error."""
    assert EVERY[name](np.zeros((0, 3), np.float32)).size == 0
    assert EVERY[name](np.zeros((0, 3), np.float32)).dtype == np.float32
