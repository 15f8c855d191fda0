"""The stored notebooks are what their code gives now, byte for byte."""

import base64
from importlib.metadata import version

import nbformat
import pytest

from softmax_ref.literate import notebooks


@pytest.fixture
def stored(tmp_path, executed):
    path = tmp_path / "01_halves.ipynb"
    path.write_text(executed, "utf-8")
    return path


@pytest.fixture
def check(stored, capfd):
    """Change the stored notebook, check it, and return the exit status and the complaint."""

    def spoil_and_check(edit):
        nb = nbformat.read(stored, as_version=4)
        edit(nb)
        nbformat.write(nb, stored)
        return notebooks.main(["--check", "--folder", str(stored.parent)]), capfd.readouterr().err.strip()

    return spoil_and_check


@pytest.fixture
def unchanged_code(monkeypatch, honest):
    """Spare the kernel where only outputs are spoiled: the code still gives the honest notebook."""
    monkeypatch.setattr(notebooks, "execute", lambda path: honest)


def test_every_stored_notebook_is_fresh(capfd):
    """Executing every notebook again changes nothing."""
    status = notebooks.main(["--check"])

    assert (status, capfd.readouterr().err) == (0, "")


def test_refreshing_a_fresh_notebook_writes_nothing(stored):
    """A second execution leaves the file alone."""
    before = stored.stat()

    assert notebooks.main(["--folder", str(stored.parent)]) == 0
    assert (stored.stat().st_ino, stored.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_changed_digit_is_stale(check, unchanged_code):
    """A stored output that the code no longer gives is named with its cell."""
    status, complaint = check(lambda nb: nb.cells[3].outputs[0].update(text="1.1\n"))

    assert status == 1
    assert complaint == "01_halves.ipynb: stale: cell 3 (halves-two-halves-are-one-2): outputs"


def test_changed_picture_byte_is_stale(check, unchanged_code, monkeypatch):
    """Where the bytes of pictures are compared, one byte is enough."""
    monkeypatch.setattr(notebooks, "pictures_compare", lambda: True)

    status, complaint = check(flip_a_byte)

    assert status == 1
    assert complaint == "01_halves.ipynb: stale: cell 4 (halves-two-halves-are-one-3): outputs"


def test_changed_picture_byte_is_overlooked_elsewhere(check, unchanged_code, monkeypatch):
    """On other machines pictures differ in their bytes, and the digest decides."""
    monkeypatch.setattr(notebooks, "pictures_compare", lambda: False)

    assert check(flip_a_byte) == (0, "")


def flip_a_byte(nb):
    data = nb.cells[4].outputs[0].data
    png = bytearray(base64.b64decode(data["image/png"]))
    png[len(png) // 2] ^= 1
    data["image/png"] = base64.b64encode(png).decode()


def test_edited_source_is_stale(check):
    """A cell edited and not run again is found by its outputs."""
    status, complaint = check(lambda nb: nb.cells[3].update(source="assert total == 1\nprint(2 * total)"))

    assert (status, complaint) == (1, "01_halves.ipynb: stale: cell 3 (halves-two-halves-are-one-2): outputs")


def test_foreign_metadata_is_stale(check, unchanged_code):
    """What an editor leaves in the file is no part of the notebook."""
    status, complaint = check(lambda nb: nb.cells[1].metadata.update(collapsed=True))

    assert (status, complaint) == (1, "01_halves.ipynb: stale: cell 1 (halves-halves-add-up-to-one-2): metadata")


def test_failing_cell_is_named(stored, capfd):
    """An unannounced error stops the notebook, is reported with its cell, and writes nothing."""
    nb = nbformat.read(stored, as_version=4)
    nb.cells[1].source = "total = 0.25"
    nbformat.write(nb, stored)
    before = stored.read_bytes()

    assert notebooks.main(["--folder", str(stored.parent)]) == 1
    assert capfd.readouterr().err == (
        "01_halves.ipynb: cell 3 (halves-two-halves-are-one-2) fails: AssertionError: \n"
    )
    assert stored.read_bytes() == before


def test_unknown_name_is_a_wrong_call(stored, capfd):
    """A misspelt name does not pass as nothing to do."""
    with pytest.raises(SystemExit, match="2"):
        notebooks.main(["--folder", str(stored.parent), "01_halfs"])

    assert "no notebook '01_halfs'" in capfd.readouterr().err


def test_pictures_compare_only_under_the_lock(tmp_path):
    """Another matplotlib draws other pixels."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("contourpy==0.0.1\nmatplotlib==0.0.1\npillow==0.0.1\n")

    assert not notebooks.pictures_compare(lock)
    assert not notebooks.pictures_compare(tmp_path / "missing")


def test_pictures_compare_only_on_the_machine_that_drew_them(tmp_path, monkeypatch):
    """With the packages of the lock, x86-64 Linux draws the stored pixels, and no other processor does."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("".join(f"{name}=={version(name)}\n" for name in ("contourpy", "matplotlib", "pillow")))

    for system, machine, drawn in (("linux", "x86_64", True), ("linux", "aarch64", False), ("darwin", "x86_64", False)):
        monkeypatch.setattr("sys.platform", system)
        monkeypatch.setattr("platform.machine", lambda machine=machine: machine)
        assert notebooks.pictures_compare(lock) is drawn
