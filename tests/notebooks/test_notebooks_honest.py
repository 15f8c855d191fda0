"""The stored notebooks can fail: each has something to compare, and nothing that looks away."""

import nbformat
import pytest

from softmax_ref.literate.notebooks import FOLDER, canonical, faults, text

STORED = sorted(FOLDER.glob("*.ipynb"))


def by_name(path):
    return path.stem


def code(nb, n):
    return [cell for cell in nb.cells if cell.cell_type == "code"][n]


def test_there_are_notebooks():
    """An empty folder is not a green one."""
    assert STORED


@pytest.mark.parametrize("path", STORED, ids=by_name)
def test_stored_notebook_is_honest(path):
    """Nothing in the stored notebook lets it pass unchecked."""
    assert faults(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", STORED, ids=by_name)
def test_stored_notebook_is_canonical(path):
    """The file is what the canonical form of its contents writes."""
    stored = path.read_bytes().decode("utf-8")

    assert stored == text(canonical(nbformat.reads(stored, as_version=4), path.stem))


@pytest.mark.parametrize("path", STORED, ids=by_name)
def test_stored_notebook_names_no_file_of_a_machine(path):
    """Sources and outputs are the same wherever the notebook runs."""
    stored = path.read_text("utf-8")

    assert not [root for root in ("/home/", "/root/", "/tmp/", "/Users/", "\\\\Users\\\\") if root in stored]


def test_honest_notebook_has_no_faults(honest):
    """The small notebook that the tests below spoil is clean."""
    assert faults(honest) == []


def test_never_executed_is_a_fault(honest):
    """nbval runs a cell without a count, but does not compare it."""
    for cell in honest.cells:
        if cell.cell_type == "code":
            cell.update(execution_count=None, outputs=[])

    assert any("execution counts are [None" in fault for fault in faults(honest))
    assert any("no cell stores an output" in fault for fault in faults(honest))


def test_stripped_is_a_fault(honest):
    """Without outputs nothing is compared, whatever the counts say."""
    for cell in honest.cells:
        if cell.cell_type == "code":
            cell.outputs = []

    assert any("no cell stores an output" in fault for fault in faults(honest))
    assert any("prints or shows something, but stores no output" in fault for fault in faults(honest))


def test_one_lost_output_is_a_fault(honest):
    """A cell that prints has stored what it printed."""
    code(honest, 1).outputs = []

    assert faults(honest) == [
        "halves-two-halves-are-one-2: prints or shows something, but stores no output"
    ]


def test_gap_in_the_counts_is_a_fault(honest):
    """A gap shows cells run out of order, or again."""
    code(honest, 2).execution_count = 7

    assert faults(honest) == [
        "execution counts are [1, 2, 7, 4], not 1 to 4: nbval does not compare a cell without a count"
    ]


def test_unannounced_error_is_a_fault(honest):
    """A stored error is wanted only where a tag says so."""
    code(honest, 3).metadata = {}

    assert faults(honest) == [
        "halves-two-halves-are-one-4: stores an error without the tag raises-exception: "
        "ZeroDivisionError: division by zero"
    ]


def test_announced_error_that_does_not_come_is_a_fault(honest):
    """The tag raises-exception is a claim too."""
    code(honest, 3).outputs = []

    assert faults(honest) == ["halves-two-halves-are-one-4: has the tag raises-exception, but stores no error"]


@pytest.mark.parametrize("plain", [None, "", "<Figure size 640x360 with 1 Axes>"])
def test_picture_without_digest_is_a_fault(honest, plain):
    """nbval never compares the bytes of a picture, so the numbers stand beside it."""
    data = code(honest, 2).outputs[0].data
    data.pop("text/plain") if plain is None else data.update({"text/plain": plain})

    assert [fault.split(": ")[1] for fault in faults(honest)] == ["a picture without a digest of its data"]


def test_picture_without_assertion_is_a_fault(honest):
    """Some number of each picture is asserted, in its cell or beside it."""
    for n in (1, 2):
        code(honest, n).source = code(honest, n).source.replace("assert ", "")

    assert "halves-two-halves-are-one-3: a picture, and no assertion on its numbers in this cell or its neighbours" in (
        faults(honest)
    )


@pytest.mark.parametrize(
    "comment", ["# NBVAL_IGNORE_OUTPUT", "#NBVAL_SKIP", "# NBVAL_RAISES_EXCEPTION", "# PYTEST_VALIDATE_IGNORE_OUTPUT"]
)
def test_comment_that_looks_away_is_a_fault(honest, comment):
    """No comment may switch a comparison off."""
    code(honest, 1).source += f"\n{comment}"

    assert [fault for fault in faults(honest) if comment.strip("# ") in fault]


@pytest.mark.parametrize("tag", ["nbval-ignore-output", "nbval-skip", "nbval-raises-exception", "skip-execution"])
def test_tag_that_looks_away_is_a_fault(honest, tag):
    """No tag may switch a comparison off."""
    code(honest, 1).metadata.tags = [tag]

    assert faults(honest) == [f"halves-two-halves-are-one-2: the tag {tag!r} switches a check off"]


def test_stderr_is_a_fault(honest):
    """A warning in a notebook is either wanted, and then shown as text, or a mistake."""
    code(honest, 1).outputs.append(nbformat.v4.new_output("stream", name="stderr", text="a warning"))

    assert faults(honest) == ["halves-two-halves-are-one-2: writes to stderr: a warning"]


def test_fewer_assertions_than_claims_is_a_fault(honest):
    """A claim that nothing asserts is prose."""
    honest.cells[2].metadata.tags = ["C01", "C02", "C03"]

    assert faults(honest) == ["3 claims and only 2 assertions"]


@pytest.mark.parametrize("n", [0, -1])
def test_code_at_either_end_is_a_fault(honest, n):
    """A notebook opens with what it promises and closes with what it settled."""
    del honest.cells[n]

    assert "the first and the last cell are text" in faults(honest)


def test_text_alone_is_a_fault(honest):
    """nbval collects nothing from a notebook without code, and says nothing."""
    honest.cells = honest.cells[:1]

    assert faults(honest) == ["no code cell: nothing is executed"]


def test_canonical_form_forgets_the_machine(honest):
    """Random ids, timings, versions, collapsed states and traceback paths do not survive."""
    spoiled = nbformat.from_dict(honest)
    spoiled.metadata = {"language_info": {"name": "python", "version": "3.11.7"}, "widgets": {"state": {}}}
    for n, cell in enumerate(spoiled.cells):
        cell.id = f"{n:08x}"
        cell.metadata.update(execution={"iopub.busy": "2026-01-01"}, collapsed=True)
    code(spoiled, 3).outputs[0].traceback = ["File /somewhere/else.py"]

    assert text(canonical(spoiled, "01_halves")) == text(honest)


def test_ids_of_other_sections_survive_a_new_section(honest):
    """A cell is named after its section, not after its place."""
    before = [cell.id for cell in honest.cells]
    honest.cells.insert(2, nbformat.v4.new_markdown_cell("## A section more"))

    after = [cell.id for cell in canonical(honest, "01_halves").cells]

    assert after[:2] + after[3:] == before
