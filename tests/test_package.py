"""The house: imports point one way, start is fast, the lists agree, the wheel works."""

import ast
import doctest
import hashlib
import json
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import softmax_ref
from softmax_ref import functions
from softmax_ref.certified.definitions import DEFINITIONS
from softmax_ref.conformance.templates import TEMPLATES

ROOT = Path(softmax_ref.__file__).parents[1]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "softmax_ref").rglob("*.py"))
}
JUPYTER = {"nbformat", "nbclient", "ipykernel", "jupyter_client"}
MAY_IMPORT = {
    # the first matching prefix holds: what of softmax_ref and which packages a module may import
    "softmax_ref.formats": ((), {"numpy"}),
    "softmax_ref.replacing": ((), set()),
    "softmax_ref.functions.logistic_regression": (("softmax_ref.functions",), {"numpy", "scipy"}),
    "softmax_ref.functions": (("softmax_ref.functions",), {"numpy"}),
    "softmax_ref.literate": (
        ("softmax_ref.literate", "softmax_ref.formats", "softmax_ref.replacing"),
        {"sympy", "mpmath", "numpy", "matplotlib", "IPython", "rich", *JUPYTER},
    ),
    "softmax_ref.certified.second_engine": (("softmax_ref.certified.second_engine",), {"numpy"}),
    "softmax_ref.certified": (("softmax_ref.certified", "softmax_ref.formats"), {"numpy", "flint"}),
    "softmax_ref.corpus.exhaustive": (
        ("softmax_ref.corpus", "softmax_ref.formats", "softmax_ref.certified"),
        {"numpy", "ml_dtypes"},
    ),
    "softmax_ref.corpus.hard": (
        ("softmax_ref.corpus.hard", "softmax_ref.certified", "softmax_ref.formats", "softmax_ref.replacing"),
        {"numpy", "flint"},
    ),
    "softmax_ref.corpus.overflows": (("softmax_ref.certified",), {"numpy"}),
    "softmax_ref.corpus.records": (("softmax_ref.corpus", "softmax_ref.formats", "softmax_ref.certified"), {"numpy"}),
    "softmax_ref.corpus.theorems_tempered": (
        ("softmax_ref.corpus", "softmax_ref.certified"),
        {"numpy"},
    ),
    "softmax_ref.corpus.tolerances": (
        ("softmax_ref.corpus", "softmax_ref.formats", "softmax_ref.certified"),
        {"numpy"},
    ),
    "softmax_ref.corpus.validation": (("softmax_ref.corpus", "softmax_ref.formats"), {"jsonschema"}),
    "softmax_ref.corpus.verify": (
        ("softmax_ref.corpus", "softmax_ref.certified.second_engine", "softmax_ref.formats"),
        {"numpy"},
    ),
    "softmax_ref.corpus": (("softmax_ref.corpus", "softmax_ref.formats", "softmax_ref.replacing"), {"numpy"}),
    "softmax_ref.conformance.reports.templating": ((), {"jinja2"}),
    "softmax_ref.conformance.targets": (
        ("softmax_ref.conformance", "softmax_ref.corpus", "softmax_ref.formats"),
        {"numpy", "torch", "jax", "onnx", "onnxruntime"},
    ),
    "softmax_ref.conformance": (
        ("softmax_ref.conformance", "softmax_ref.corpus", "softmax_ref.formats"),
        {"numpy", "rich", "ml_dtypes"},
    ),
    "softmax_ref.faults": (
        (*(f"softmax_ref.{name}" for name in ("faults", "conformance", "corpus", "formats", "replacing")),),
        {"numpy", "scipy", "ml_dtypes"},
    ),
    "softmax_ref.scoreboard": (
        (*(f"softmax_ref.{name}" for name in ("scoreboard", "conformance", "corpus", "formats", "replacing")),),
        {"numpy", "onnx", "onnxruntime", "tensorflow", "tinygrad", "ml_dtypes"},
    ),
    "softmax_ref.cli": (("softmax_ref",), {"click"}),
    "softmax_ref.demo": (("softmax_ref",), {"numpy", "scipy"}),
    "softmax_ref.pytest_items": (("softmax_ref",), {"pytest"}),
    "softmax_ref.pytest_plugin": (("softmax_ref",), {"pytest"}),
    "softmax_ref": (("softmax_ref",), set()),
}
BUILDERS = {
    "softmax_ref.corpus.builder",
    "softmax_ref.corpus.exhaustive",
    "softmax_ref.corpus.hard.distance",
    "softmax_ref.corpus.hard.lines",
    "softmax_ref.corpus.hard.searching",
    "softmax_ref.corpus.native_build",
    "softmax_ref.corpus.overflows",
    "softmax_ref.corpus.records",
    "softmax_ref.corpus.theorems",
    "softmax_ref.corpus.theorems_tempered",
    "softmax_ref.corpus.tolerances",
    "softmax_ref.corpus.validation",
    "softmax_ref.corpus.verify",
}
UNCERTIFIED = {
    # public function: why there is no certified value of it
    "balanced_tree": "integers",
    "class_probabilities": "the certified softmax of an affine map",
    "differentiated_softmax": "the certified softmax of affine maps",
    "expected_depth": "a mean of integers",
    "fit_logistic_regression": "a minimum, bounded by its gradient",
    "gaussian_naive_bayes_logits": "logits of a model; their softmax is certified",
    "gumbel_noise": "random",
    "hierarchical_softmax": "products of certified logistics",
    "huffman_tree": "integers",
    "importance_sampled_gradient": "an estimate from a sample",
    "importance_sampled_partition": "an estimate from a sample",
    "lda_logits": "logits of a model; their softmax is certified",
    "log_loss": "the mean of certified losses",
    "multinomial_naive_bayes_logits": "logits of a model; their softmax is certified",
    "sample_categorical": "random",
    "sample_dirichlet": "random",
    "sample_gumbel_max": "random",
    "target_sampled_softmax": "the certified softmax with where",
    "tree_logits": "differences of certified logarithms of sums",
}


CALLING_FORMS = {
    # function of the corpus: the function of the reference that it is another call of
    "masked_softmax": "softmax",
    "softmax_beta": "softmax",
    "softmax_beta_vjp": "softmax_vjp",
    "softmax_temperature": "softmax",
    "softmax_temperature_vjp": "softmax_vjp",
}


def _imports(path):
    """Every module that a file imports, at its top or inside a function; relative names resolved."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join((*base, *(node.module or "").split("."))).rstrip(".")


def _forbidden(name, imported):
    ours, others = next(MAY_IMPORT[prefix] for prefix in MAY_IMPORT if name == prefix or name.startswith(prefix + "."))
    top = imported.partition(".")[0]
    if top != "softmax_ref":
        return top not in others and top not in sys.stdlib_module_names
    if name.startswith("softmax_ref.conformance") and imported in BUILDERS:
        return True
    return not any(imported == prefix or imported.startswith(prefix + ".") for prefix in ours)


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_one_way(name):
    """functions and certified know nothing of each other; whoever validates needs neither."""
    backwards = [imported for imported in _imports(MODULES[name]) if _forbidden(name, imported)]

    assert backwards == []


def test_an_arrow_back_is_found():
    """The oracle that imports the code it judges, the judge that imports the oracle."""
    assert _forbidden("softmax_ref.certified.rows", "softmax_ref.functions.probabilities")
    assert _forbidden("softmax_ref.conformance.judge", "softmax_ref.certified")
    assert _forbidden("softmax_ref.conformance.judge", "softmax_ref.corpus.builder")
    assert _forbidden("softmax_ref.functions.loss", "scipy")
    assert not _forbidden("softmax_ref.functions.logistic_regression", "scipy.optimize")
    assert not _forbidden("softmax_ref.corpus.records", "softmax_ref.certified")


@pytest.mark.parametrize(
    "start",
    [
        "import softmax_ref",
        "from softmax_ref.cli import main; main(['--help'], standalone_mode=False)",
        "from softmax_ref.cli import main; main(['claims'], standalone_mode=False)",
        "from softmax_ref.cli import main; main(['claims', 'C70'], standalone_mode=False)",
        "import softmax_ref.conformance",
    ],
)
def test_starting_loads_nothing_heavy(start):
    """Neither SymPy nor matplotlib, flint, SciPy or mpmath: they come when they are needed."""
    heavy = ["sympy", "matplotlib", "flint", "scipy", "mpmath", "IPython"]
    code = f"{start}\nimport sys; loaded = [m for m in {heavy} if m in sys.modules]; assert not loaded, loaded"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_package_alone_loads_not_even_numpy():
    """pytest loads the plugins of every installed package, and this is what it pays for ours; the names are there."""
    code = (
        "import sys, softmax_ref; assert 'numpy' not in sys.modules; "
        "from softmax_ref import *; assert 'softmax' in dir(softmax_ref); softmax([0.0]), check, softmax_ref.functions"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_public_surface_is_exactly_all():
    """Every name of __all__ exists; the functions of the reference are all there."""
    assert set(functions.__all__) | {"certify", "check", "load"} == set(softmax_ref.__all__)
    assert all(callable(getattr(softmax_ref, name)) for name in softmax_ref.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'hardmax'"):
        softmax_ref.hardmax  # noqa: B018


def test_the_oracle_certifies_every_function_of_the_reference():
    """The same names on both sides, but for those that are random or made of certified parts, listed with reasons."""
    assert set(DEFINITIONS) - set(CALLING_FORMS) | set(UNCERTIFIED) == set(functions.__all__)
    assert not set(DEFINITIONS) & set(UNCERTIFIED)
    assert set(CALLING_FORMS) <= set(DEFINITIONS) - set(functions.__all__)
    assert set(CALLING_FORMS.values()) <= set(functions.__all__)


def test_every_public_function_is_documented():
    """A docstring for each public function and class of the package; the catalogue's entries have their texts."""
    bare = [
        f"{name}:{node.name}"
        for name, path in MODULES.items()
        if not name.startswith(("softmax_ref.faults.wrong", "softmax_ref.faults.right"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert bare == []


def _project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _requirements():
    """Return what a reader and a developer need; the peers are pinned, and live in an environment of their own."""
    project = _project()
    extras = {name: listed for name, listed in project["optional-dependencies"].items() if name != "peers"}
    return _specifiers([*project["dependencies"], *(r for listed in extras.values() for r in listed)])


def _specifiers(listed):
    return {_canonical(Requirement(r).name): Requirement(r).specifier for r in listed}


def _canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


CONDA_NAMES = {"matplotlib-base": "matplotlib"}


def _environment(text):
    """Return the requirements of an environment file and its Python range; refuse what it should not hold."""
    content = yaml.safe_load(text)
    assert content["channels"] == ["conda-forge"]
    *lines, pip = content["dependencies"]
    assert pip == {"pip": ["-e ."]}
    split = dict(re.fullmatch(r"([a-z0-9_-]+)(.*)", line).groups() for line in lines)
    found = {_canonical(CONDA_NAMES.get(name, name)): SpecifierSet(range_) for name, range_ in split.items()}
    found.pop("pip")
    return found, found.pop("python")


def test_environment_yml_says_what_pyproject_says():
    """The same packages with the same ranges, and the same Python."""
    found, python = _environment((ROOT / "environment.yml").read_text(encoding="utf-8"))

    assert found == _requirements()
    assert python == SpecifierSet(_project()["requires-python"])


def test_a_disagreement_of_environment_yml_is_found():
    """Another range is another requirement."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8").replace("numpy>=2.0", "numpy>=2.1")

    assert _environment(text)[0] != _requirements()


@pytest.mark.parametrize("lock", ["requirements.lock", "softmax_ref/scoreboard/peers.lock"])
def test_the_lock_satisfies_every_range(lock):
    """Each requirement is pinned, with hashes, inside its range; so is each peer in the peers' lock."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE)
    peers = _specifiers(_project()["optional-dependencies"]["peers"])

    for name, range_ in (_requirements() if lock == "requirements.lock" else peers).items():
        versions = [version for other, version in pinned if _canonical(other) == name]
        assert versions, f"{name} is not in {lock}: run make lock"
        assert all(range_.contains(version) for version in versions)
    assert len(re.findall("--hash=sha256:", text)) >= len(pinned)


def test_nothing_visible_stands_at_the_top_but_the_house():
    """Three folders, and the files that a project has."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.partition("/")[0] for line in listed.stdout.splitlines()}

    assert {name for name in top if not name.startswith(".")} == {
        *("notebooks", "softmax_ref", "tests"),
        *("README.md", "Makefile", "environment.yml", "pyproject.toml", "requirements.lock"),
        *("LICENSE", "CHANGELOG.md", "CITATION.cff"),
    }


def test_the_readme_is_short_and_its_commands_exist():
    """At most 120 lines; every make target and every softmax-ref command it names is there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    from softmax_ref.cli import main

    assert len(readme.splitlines()) <= 120
    assert {"demo", "test", "lab"} <= set(re.findall(r"make ([a-z]+)", readme)) <= targets
    assert set(re.findall(r"(?<![-/])softmax-ref ([a-z-]+)", readme)) <= set(main.commands)


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(f"notebooks/{p.name}" for p in (ROOT / "notebooks").glob("*.ipynb"))]
)
def test_every_relative_link_leads_somewhere(page):
    """Links of the README and of the notebooks name files of this checkout."""
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    links = re.findall(r"\]\((?!https?:|#)([^)\s#]+)", text)

    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_readme_s_examples_give_what_they_say():
    """Each example is run as a doctest."""
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)

    assert (failed, tried > 8) == (0, True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from this checkout without network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_is_small_and_holds_the_corpus(wheel):
    """Below 5 MB, most of it vectors; every file of their manifest is inside, unchanged; the ledger, the templates."""
    packed = zipfile.ZipFile(wheel)
    vectors = "softmax_ref/corpus/vectors/"
    manifest = json.loads(packed.read(f"{vectors}manifest.json"))["files"]
    size = sum(entry.compress_size for entry in packed.infolist() if entry.filename.startswith(vectors))

    assert wheel.stat().st_size < 5_000_000, f"{wheel.stat().st_size} bytes, {size} of them vectors"
    assert {"schema.json", "notes.json", "READING.md", "LICENSE-CC0", "softmax-binary64.json"} < set(manifest)
    assert {name for name in packed.namelist() if name.startswith(vectors)} == {
        vectors + name for name in ("manifest.json", *manifest)
    }
    for name, entry in manifest.items():
        assert hashlib.sha256(packed.read(vectors + name)).hexdigest() == entry["sha256"], name
    assert "softmax_ref/literate/claims.toml" in packed.namelist()
    templates = [f"softmax_ref/conformance/templates/{t.name}/{t.file}" for t in TEMPLATES.values()]
    assert set(templates) <= set(packed.namelist())


def test_the_wheel_checks_implementations_outside_the_clone(wheel, tmp_path):
    """In an empty environment, with what the core needs, softmax-ref judges a file of one's own (needs the package index)."""
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    scripts = environment / ("Scripts" if sys.platform == "win32" else "bin")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = tmp_path / "pins.txt"
    pins.write_text("\n".join(re.findall(r"^[a-z0-9._-]+==[^ \\]+(?: ; [^\\\n]+)?", lock, re.MULTILINE)))
    subprocess.run([scripts / "pip", "install", "--quiet", "-c", pins, wheel], check=True, cwd=tmp_path)
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n"
        "def naive(z, axis=-1):\n    e = np.exp(z)\n    return e / e.sum(axis=axis, keepdims=True)\n"
        "def stable(z, axis=-1):\n    return naive(z - z.max(axis=axis, keepdims=True), axis)\n"
    )

    def check(target):
        command = [scripts / "softmax-ref", "check", target, "--format", "binary64"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    naive, stable = check("mine:naive"), check("mine:stable")
    assert (naive.returncode, stable.returncode) == (1, 0), naive.stdout + naive.stderr + stable.stdout + stable.stderr
    assert "DOES NOT CONFORM" in naive.stdout


def test_the_wheel_knows_the_claims_without_the_notebooks(wheel, tmp_path):
    """softmax-ref claims C70 tells notebook and cell from the ledger alone, unpacked outside the clone."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "from softmax_ref.cli import main; main(['claims', 'C70'])"

    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "geometry-the-image-is-the-inside-of-the-simplex-not-its" in done.stdout
