"""Parameters of a case, such as beta: stored as bits, and handed to whoever computes."""

import json

import jsonschema
import numpy as np
import pytest

from softmax_ref import certify
from softmax_ref.conformance.judge import judge
from softmax_ref.corpus import Case, load
from softmax_ref.corpus.families.drafts import draft
from softmax_ref.corpus.loader import VECTORS
from softmax_ref.corpus.records import record
from softmax_ref.corpus.verify import _differences
from softmax_ref.formats import get_format

BETA = {"beta": {"bits": "0x40000000", "decimal": "2"}}


@pytest.fixture
def case():
    """A stored case of binary32, with a parameter added."""
    plain = load("softmax", "binary32")[0]
    return Case(
        **{name: getattr(plain, name) for name in ("id", "comment", "function", "format", "flags", "axis", "policy")},
        record=plain.record | {"parameters": BETA},
    )


def test_a_case_gives_its_parameters_as_floats(case):
    """The bits are decoded in the case's format; most cases have none."""
    assert case.parameters == {"beta": 2.0}
    assert load("softmax", "binary32")[0].parameters == {}


def test_the_implementation_gets_the_parameters_by_keyword(case):
    """Beside the axis."""
    seen = []

    def implementation(z, **keywords):
        seen.append(keywords)
        return z

    judge(implementation, case, np.dtype(np.float32))

    assert seen == [{"axis": -1, "beta": 2.0}]


def test_the_schema_knows_the_parameters(case):
    """beta is one of them; a misspelt name or a JSON number is none."""
    schema = json.loads((VECTORS / "schema.json").read_text())
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/case", "$defs": schema["$defs"]})

    validator.validate(case.record)
    for wrong in ({"betas": BETA["beta"]}, {"beta": 2.0}, {"beta": {"bits": "0x40000000", "decimal": "nan"}}):
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(case.record | {"parameters": wrong})


def test_a_parameter_outside_the_format_is_a_bug_of_the_corpus():
    """1/10 is no number of binary32, and nobody would know which one is meant."""
    wrong = draft("tenth", "a coldness of one tenth", "ties", [0.0, 1.0], parameters={"beta": 0.1})

    with pytest.raises(ValueError, match=r"^corpus bug: the parameter beta = 0\.1 is no number of binary32$"):
        record("softmax", get_format("binary32"), "beta", wrong)


def test_a_parameter_is_stored_beside_what_it_gives():
    """Bits and shortest decimal; the certified values are those at that coldness."""
    hot = draft("third", "a coldness of three eighths", "ties", [0.0, 1.0], parameters={"beta": 0.375})

    stored = record("softmax", get_format("binary16"), "beta", hot)

    assert stored["parameters"] == {"beta": {"bits": "0x3600", "decimal": "0.375"}}
    assert stored["expected"]["bits"] == [
        f"0x{b:04x}" for b in certify("softmax", [0, 1], beta=0.375, format="binary16").bits
    ]


def test_the_second_engine_gets_the_parameters_too(case):
    """A case whose stored values belong to coldness 1 is found out at coldness 2."""
    assert len(_differences(case)) == len(case.at)
