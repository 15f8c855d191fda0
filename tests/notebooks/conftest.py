"""A small honest notebook, for the tests to spoil one thing at a time."""

import nbformat
import pytest

from softmax_ref.literate import notebooks

CODE = nbformat.v4.new_code_cell
TEXT = nbformat.v4.new_markdown_cell
PICTURE = """
import matplotlib.pyplot as plt
from softmax_ref.literate.figures import show
fig, ax = plt.subplots()
heights = [0.25, 0.75]
_ = ax.bar([1, 2], heights)
assert sum(heights) == 1
show(fig)
"""


def cells():
    return [
        TEXT("# Halves add up to one"),
        CODE("total = 0.5 + 0.5"),
        TEXT("## Two halves are one", metadata={"tags": ["C01"]}),
        CODE("assert total == 1\nprint(total)"),
        CODE(PICTURE.strip()),
        CODE("1 / 0", metadata={"tags": ["raises-exception"]}),
        TEXT("## What was settled"),
    ]


@pytest.fixture(scope="session")
def executed(tmp_path_factory):
    """The text of the small notebook, executed and stored."""
    path = tmp_path_factory.mktemp("honest") / "01_halves.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells()), path)
    assert notebooks.main(["--folder", str(path.parent)]) == 0
    return path.read_text("utf-8")


@pytest.fixture
def honest(executed):
    """A copy that a test may spoil."""
    return nbformat.reads(executed, as_version=4)
