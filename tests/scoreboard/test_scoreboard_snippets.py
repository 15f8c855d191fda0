"""Snippets: three lines in the words of each library, numbers that become the case's own, nothing of ours in them."""

import ast
import re
from dataclasses import replace

import numpy as np
import pytest

from softmax_ref import load
from softmax_ref.formats import FORMATS, get_format
from softmax_ref.scoreboard import libraries, library, stored_case
from softmax_ref.scoreboard.calling import callable_of
from softmax_ref.scoreboard.foreign import foreign_snippet
from softmax_ref.scoreboard.languages import PROGRAMS
from softmax_ref.scoreboard.libraries import signature
from softmax_ref.scoreboard.promised import empty_snippets, promise_snippets
from softmax_ref.scoreboard.snippets import agrees, decimal, integer_snippet, run, snippet

PYTHON = [of for of in libraries() if of.kind not in PROGRAMS]


def first(function):
    return load(function, "binary64")[0]


@pytest.mark.parametrize("of", PYTHON, ids=lambda of: of.id)
def test_every_call_becomes_three_lines_of_python(of):
    """They parse, and no parameter of the call is left open."""
    for function in of.calls:
        case = first(function)
        text = snippet(of, function, case, (0,) * len(case.shape))
        names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        assert len(text.splitlines()) == 3
        assert not names & {"axis", "alpha", "label_smoothing"}, text


@pytest.mark.parametrize("of", libraries(), ids=lambda of: of.id)
def test_the_arrays_of_a_call_are_those_of_the_corpus(of):
    """As many names as a case has inputs, and each is in the call."""
    for function, call in of.calls.items():
        assert len(signature(function)) == len(first(function).inputs)
        assert all(re.search(rf"\b{name}\b", call) for name in signature(function)), call


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_decimal_is_short_and_becomes_the_value(fmt):
    """One third, the smallest number, the largest, the infinities, both zeros."""
    form = get_format(fmt)
    values = [float(form.cast(1 / 3)), form.tiny, form.max, -0.0, np.inf if form.infinity else form.max]

    assert [float(form.cast(float(decimal(x, form)))) for x in values] == values
    assert len(decimal(values[0], form)) <= 20


def test_a_snippet_of_numpy_prints_what_the_call_gives():
    """The same number that the judge was given; another one does not agree."""
    of, case = library("numpy"), stored_case("softmax/binary32/textbook/article-row")
    got = callable_of(of, "softmax")(case.inputs["z"].astype(np.float32), axis=-1)
    text = snippet(of, "softmax", case, (3,))

    assert agrees(run(text), float(got[3]), case.format)
    assert not agrees(run(text), float(np.nextafter(got[3], 1)), case.format)
    assert not agrees("TypeError: no", float(got[3]), case.format)


def test_a_call_may_begin_with_a_statement():
    """As forward differentiation does in TensorFlow: the judge runs both parts, the snippet prints the second."""
    of = replace(library("numpy"), calls={"softmax": "with np.errstate() as e: y = np.exp(z); y / y.sum(axis=axis)"})
    case = stored_case("softmax/binary64/textbook/article-row")
    text = snippet(of, "softmax", case, (3,))

    assert text.endswith("with np.errstate() as e: y = np.exp(z); print((y / y.sum(axis=-1))[3])")
    assert float(run(text)) == callable_of(of, "softmax")(case.inputs["z"])[3]


def test_bits_printed_in_hexadecimal_agree_with_their_value():
    """JavaScript has no numbers of sixteen bits."""
    half = get_format("binary16")

    assert agrees("0x3c00", 1.0, half)
    assert agrees("NaN", np.nan, half)
    assert not agrees("0x3c01", 1.0, half)


def test_long_rows_are_taken_from_the_corpus_and_constant_ones_written():
    """No snippet has a thousand numbers in it."""
    constant = snippet(library("numpy"), "softmax", stored_case("softmax/binary16/long/70000-equal"), (0,))
    ramp = snippet(library("torch"), "softmax", stored_case("softmax/binary32/widths/127"), (0, 0))

    assert "np.full((70000,), 0.375, np.float16)" in constant
    assert "torch.tensor(stored_case('softmax/binary32/widths/127').inputs['z'], dtype=torch.float32)" in ramp


def test_an_integer_snippet_has_the_dtype_that_was_asked():
    """The other arrays stay floats."""
    whole = (c for c in load("softmax_vjp", "binary64") if (c.inputs["z"] == c.inputs["z"].round()).all())
    case = next(whole)
    text = integer_snippet(library("numpy"), "softmax_vjp", case, "uint8", (0, 0))

    assert "np.uint8)" in text
    assert "g = np.array(" in text
    assert text.count("np.float64)") == 1


def test_a_promise_has_a_snippet_where_one_is_known():
    """Bytes in the other order, labels that are no class; of a promise that no library breaks alone there is none."""
    seen = "softmax/binary64/axes/rows: got 0.5 for 0.01798621"
    of = library("onnxruntime")
    texts = [text for _, text, _ in promise_snippets(of, "softmax", "binary64", "the other byte order", seen)]
    labels = list(promise_snippets(library("tinygrad"), "cross_entropy", "binary32", "labels out of range", ""))

    assert len(texts) == 6
    assert all("'>f8')" in text for text in texts)
    assert [("Tensor([4, 4]" in text, right) for _, text, right in labels] == [
        (True, "nan or an error"),
        (False, "nan or an error"),
    ]
    assert list(promise_snippets(of, "softmax", "binary64", "no rows", seen)) == []


def test_an_axis_without_entries_is_written_by_its_shape():
    """Nothing is left of it in a list of numbers; the result is shown by its shape, or ends in an error."""
    texts = list(empty_snippets(library("scipy"), "softmax", "binary32"))

    assert "z = np.full((2, 3, 0), 0, np.float32)\nprint(special.softmax(z, axis=-1).shape)" in texts[2]
    assert run(texts[0]).startswith("ValueError: ")
    assert run(texts[3].replace("special.softmax", "np.cumsum")) == "(0, 3)"


@pytest.mark.parametrize(
    "of", [of for of in libraries() if of.kind in PROGRAMS and of.id != "onnxruntime-web"], ids=lambda of: of.id
)
def test_another_language_has_its_own_three_lines(of):
    """The row that fails, and its entry, counted as the language counts."""
    case = stored_case("softmax/binary32/axes/rows" if of.id != "r" else "softmax/binary64/axes/rows")
    text = foreign_snippet(of, "softmax", case, (2, 1))

    assert len(text.splitlines()) <= 3
    assert {"r": "[2]", "octave": "(2)", "eigen": "(1)", "tfjs": "[5]"}[of.id] in text
