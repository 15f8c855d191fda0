"""A file is there whole or not at all."""

import os
from pathlib import Path

import pytest

from softmax_ref.replacing import replace_file


def test_bytes_and_text_are_written_as_they_are(tmp_path):
    """Lines end as they end in the text, on every system; the file before is gone, and nothing stands beside."""
    path = tmp_path / "one.json"

    for content in ("é\r\na\n", b"b\n"):
        replace_file(path, content)
        assert path.read_bytes() == (content if isinstance(content, bytes) else content.encode())
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_what_was_there(tmp_path, monkeypatch):
    """The old file stands, and nothing beside it."""
    path = tmp_path / "one.json"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", lambda *paths: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        replace_file(path, "new")

    assert [(p, p.read_text()) for p in tmp_path.iterdir()] == [(path, "old")]


def test_a_link_goes_on_to_lead_to_its_file(tmp_path):
    """The file that it leads to is replaced."""
    path, link = tmp_path / "one.json", tmp_path / "link"
    path.write_text("old")
    link.symlink_to(path)

    replace_file(link, "new")

    assert (link.is_symlink(), path.read_text()) == (True, "new")


def test_a_pipe_is_written_to():
    """A device or a pipe would be gone if a file took its place."""
    read, write = os.pipe()

    with open(read, "rb") as reader, open(write, "wb"):
        replace_file(Path(f"/dev/fd/{write}"), "new")
        got = reader.read(3)

    assert got == b"new"
