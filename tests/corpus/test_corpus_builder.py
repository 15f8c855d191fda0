"""The builder: the same bytes every time, lint before certification, partial builds."""

import pytest

from softmax_ref.corpus import CorpusError, builder
from softmax_ref.corpus.loader import VECTORS

NAME = "logistic-bfloat16.json"


def test_building_again_gives_the_stored_bytes(tmp_path):
    """Every file of the package is what the builder writes today, byte for byte."""
    for _ in builder.build(tmp_path):
        pass

    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == sorted(path.name for path in VECTORS.iterdir())
    for name in written:
        assert (tmp_path / name).read_bytes() == (VECTORS / name).read_bytes(), f"{name} is stale: run make corpus"


def test_the_builder_lints_comments(monkeypatch, tmp_path):
    """A family with a comment in the past is a fault of the corpus, named with its case."""
    real = builder.families_of

    def families_of(function, fmt):
        def family(range_):
            draft = next(iter(real(function, fmt)[0](range_)))
            yield draft.__class__(**{**vars(draft), "comment": "the past was better"})

        return (family,)

    monkeypatch.setattr(builder, "families_of", families_of)

    with pytest.raises(
        ValueError, match=r"^corpus bug: logistic/bfloat16/family/halves: the comment 'the past was better' n"
    ):
        list(builder.build(tmp_path, ("logistic",), ("bfloat16",)))


def test_a_partial_build_keeps_the_other_files(tmp_path):
    """Two functions built one after the other are the same files as built together; each build seals all."""
    together, apart = tmp_path / "together", tmp_path / "apart"
    together.mkdir()
    apart.mkdir()
    list(builder.build(together, ("logistic", "softplus"), ("bfloat16",)))

    list(builder.build(apart, ("logistic",), ("bfloat16",)))
    list(builder.build(apart, ("softplus",), ("bfloat16",)))

    assert {path.name: path.read_bytes() for path in apart.iterdir()} == {
        path.name: path.read_bytes() for path in together.iterdir()
    }


def test_a_partial_build_seals_no_edited_file(tmp_path):
    """A file that is kept has to be what its manifest says."""
    list(builder.build(tmp_path, ("logistic",), ("bfloat16",)))
    path = tmp_path / NAME
    path.write_text(path.read_text().replace('"0.575"', '"9.575"'))

    with pytest.raises(CorpusError, match=r"logistic-bfloat16\.json:2: .* was changed"):
        list(builder.build(tmp_path, ("softplus",), ("bfloat16",)))


def test_a_partial_build_keeps_no_older_version(tmp_path, monkeypatch):
    """All files of a folder are of one version."""
    list(builder.build(tmp_path, ("logistic",), ("bfloat16",)))
    monkeypatch.setattr(builder, "CORPUS_VERSION", "7.0.0")

    with pytest.raises(
        ValueError, match=r"^corpus bug: logistic-bfloat16\.json is of an earlier version than 7\.0\.0; build"
    ):
        list(builder.build(tmp_path, ("softplus",), ("bfloat16",)))
