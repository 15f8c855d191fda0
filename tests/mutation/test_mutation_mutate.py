"""The mutation check itself: what it changes, what it leaves alone, when it is red."""

import importlib.util
import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

_spec = importlib.util.spec_from_file_location("mutate", Path(__file__).with_name("mutate.py"))
mutate = importlib.util.module_from_spec(_spec)
sys.modules["mutate"] = mutate  # dataclasses look their module up
_spec.loader.exec_module(mutate)


def changes(source):
    return [mutate.mutated(source, place) for place in mutate.places(source, "a.py")]


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("a + b * c", ["a - b * c", "a + b / c"]),
        ("(a) - (b)", ["(a) + (b)"]),
        ("-x", ["x"]),
        ("a < b <= c", ["a >= b <= c", "a < b > c"]),
        ("a and b and c", ["a or b and c", "a and b or c"]),
        ("a is None", ["a is not None"]),
        ("a is not None and b", ["a is not None or b", "a is None and b"]),
        ("a not in b or c in d", ["a not in b and c in d", "a in b or c in d", "a not in b or c not in d"]),
        ("x ** 2", ["x * 2"]),
    ],
)
def test_one_operator_changes_and_nothing_else(source, changed):
    """Each operator gives one mutant; parentheses and spaces stay."""
    assert changes(source) == changed


@pytest.mark.parametrize(
    "source", ["prove(a, b, controls=[a + b])", "x: A | B = 1", "def f(x: A | B) -> A | B: ...", "'a + b'"]
)
def test_controls_annotations_and_texts_are_left_alone(source):
    """A wrong control that is wrong in another way is as good; annotations and texts compute nothing."""
    assert changes(source) == []


def test_every_part_of_the_sample_is_drawn_and_the_seed_decides():
    """At least 60 places over the reference, the proof kit and the notebooks; the same seed, the same places."""
    drawn = mutate.sample(80, 1)

    assert len(drawn) >= 60
    assert {place.file.split("/")[-2] for place in drawn} == {"functions", "literate", "notebooks"}
    assert drawn == mutate.sample(80, 1)
    assert drawn != mutate.sample(80, 2)


def test_every_place_changes_its_file():
    """The operator is where the place says."""
    for place in mutate.sample(40, 3):
        assert place.text[place.start : place.end] == place.old


def some_place():
    return next(mutate.places("return a + b", "f.py"))


def judged(verdicts, known, monkeypatch):
    monkeypatch.setattr(mutate, "harmless", lambda: known)
    out = io.StringIO()
    ok = mutate.judge([some_place()] * len(verdicts), verdicts, Console(file=out, width=200))
    return ok, out.getvalue()


def test_a_survivor_without_a_reason_fails(monkeypatch):
    """It is printed with its place."""
    ok, text = judged(["red"] * 99 + ["green"], {}, monkeypatch)

    assert not ok
    assert "survived: f.py: line 1: return a + b: + -> -" in text
    assert "99 of 100 turned red (99.0%), 1 survived" in text


def test_a_survivor_with_a_reason_passes_unless_there_are_too_many(monkeypatch):
    """Reasons excuse single survivors, not a suite that sees nothing."""
    known = {("f.py", "return a + b", "+ -> -"): "b is always 0 here"}

    assert judged(["red"] * 95 + ["green"] * 5, known, monkeypatch)[0]
    assert not judged(["red"] * 94 + ["green"] * 6, known, monkeypatch)[0]


def test_a_test_that_fails_is_red_and_one_that_passes_is_green(tmp_path):
    """The verdict is pytest's exit status; a path without tests is an error of the harness."""
    (tmp_path / "test_a.py").write_text("def test_a():\n    assert 1 + 1 == 2\n")
    (tmp_path / "test_b.py").write_text("def test_b():\n    assert 1 + 1 == 3\n")

    assert mutate._run(["test_a.py"], tmp_path) == "green"
    assert mutate._run(["test_b.py"], tmp_path) == "red"
    with pytest.raises(RuntimeError, match="did not run"):
        mutate._run(["test_c.py"], tmp_path)


def test_a_conftest_that_no_longer_loads_is_red(tmp_path):
    """It imports the changed file: a fault of the mutant, not of the harness."""
    (tmp_path / "conftest.py").write_text("import math\nmath.pi * 'notebooks'\n")
    (tmp_path / "test_a.py").write_text("def test_a():\n    assert 1 + 1 == 2\n")

    assert mutate._run(["test_a.py"], tmp_path) == "red"


def test_every_excused_line_is_still_there():
    """A reason goes when its line changes."""
    known = {(p.file, p.text.strip(), f"{p.old} -> {p.new}") for found in mutate.all_places().values() for p in found}

    assert set(mutate.harmless()) <= known
    assert all(mutate.harmless().values())
