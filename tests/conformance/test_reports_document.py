"""The JSON document: its schema holds, its counts are right, and it says no less than the report."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from softmax_ref.conformance import reports
from softmax_ref.conformance.reports import render
from softmax_ref.corpus import CORPUS_VERSION, load

SCHEMA = json.loads((Path(reports.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))
KINDS = ["right", "wrong", "skipped", "expected", "incomplete", "nothing", "hostile"]


@pytest.fixture
def document(rendered):
    """Return the document of a report, read from its text."""
    return lambda kind: json.loads(rendered(kind, "json"))


def faults(plain):
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(plain)]


def test_the_schema_is_one():
    """It keeps the rules of JSON Schema 2020-12."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("kind", KINDS)
def test_every_report_fits_the_schema(document, kind):
    """Right, wrong, skipped, expected to fail, interrupted, nothing judged, hostile text."""
    assert faults(document(kind)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_footer_counts_what_is_there(document, judged, kind):
    """Every verdict is one of four, every failure of the report is listed."""
    plain = document(kind)

    [part] = plain["reports"]
    results = [case["result"] for case in part["cases"]]
    assert plain["footer"] == {
        "reports": 1,
        "cases": sum(len(r.verdicts) for r in judged[kind].judged),
        **{name: results.count(name) for name in ("passed", "failed", "skipped", "expected")},
        "promises": len(part["promises"]),
        "failures": len(judged[kind].failures),
    }
    assert plain["conforms"] == judged[kind].conforms


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: plain.pop("footer"),
        lambda plain: plain["reports"][0]["cases"][0].update(result="nice"),
        lambda plain: plain["reports"][0]["cases"][0].update(got=0.5),
        lambda plain: plain["reports"][0]["failures"][0].pop("case"),
        lambda plain: plain["header"].update(host="here"),
        lambda plain: plain["reports"][0]["formats"][0].pop("promises"),
    ],
)
def test_the_schema_refuses_what_it_does_not_know(document, change):
    """A missing footer, another result, a number for bits, an unknown name."""
    plain = document("wrong")
    change(plain)

    assert len(faults(plain)) == 1


def test_a_line_of_text_is_a_case_a_promise_or_a_failure(rendered, document):
    """So that a comparison of lines, as git shows it, names what has changed."""
    plain, lines = document("wrong")["reports"][0], rendered("wrong", "json").split("\n")

    whole = [json.loads(line.strip(" ,")) for line in lines if line.lstrip().startswith('{"')]
    assert [entry for entry in whole if "id" in entry] == plain["cases"]
    assert [entry for entry in whole if "state" in entry] == plain["promises"]
    assert [entry for entry in whole if "case" in entry] == plain["failures"]


def test_a_format_says_how_it_fared(judged, document):
    """The largest error is that of the cases with one right value; of integers there are no cases."""
    floats, integers = document("wrong")["reports"][0]["formats"]
    [right] = document("right")["reports"][0]["formats"]
    errors = [v.error.max() for v in judged["right"].judged[0].judged if v.case.policy is None and len(v.error)]

    assert (floats["verdict"], floats["level"], floats["largest_error"]) == ("fails", None, "inf")
    assert (integers["verdict"], integers["level"], integers["largest_error"]) == ("fails", None, None)
    assert (right["verdict"], right["level"], right["largest_error"]) == ("conforms", "tight", max(errors))


def test_a_format_of_which_all_is_skipped_is_not_judged(judged):
    """Neither passed nor failed; one promise that is kept is something."""
    [result] = judged["right"].results
    skipped = [replace(v, skipped="no time") for v in result.verdicts]

    for findings, verdict in ((result.findings, "conforms"), ([], "not judged")):
        report = replace(judged["right"], results=[replace(result, verdicts=skipped, findings=findings)])
        assert reports.document([report])["reports"][0]["formats"][0]["verdict"] == verdict


def test_several_functions_stand_in_one_document(judged):
    """One part for each, and a footer over all."""
    plain = json.loads(render([judged["right"], judged["no picture"]], "json"))

    assert plain["header"]["functions"] == ["softmax", "logsumexp"]
    assert plain["header"]["implementation"] == "mine:textbook, l"
    assert [part["conforms"] for part in plain["reports"]] == [True, False]
    assert plain["conforms"] is False
    assert plain["footer"]["cases"] == len(load("softmax", "binary32")) + len(load("logsumexp", "binary32"))
    assert faults(plain) == []


def test_the_header_says_what_judged(document):
    """Corpus and package version, the machine; the date only if it is told, so that equal runs are equal bytes."""
    header = document("right")["header"]

    assert header["corpus_version"] == CORPUS_VERSION
    assert header["machine"]["numpy"] == np.__version__
    assert header["date"] is None


def test_a_date_is_written_if_told(judged):
    """It is the caller's, not the clock's."""
    assert json.loads(render([judged["right"]], "json", date="2026-11-22"))["header"]["date"] == "2026-11-22"


def test_the_same_report_is_the_same_bytes(judged, rendered):
    """Each of the forms."""
    for form in reports.REPORT_FORMATS:
        assert render([judged["wrong"]], form) == rendered("wrong", form), form


def test_a_case_has_the_bits_of_its_worst_component(document, stored):
    """exp overflows in the first entry: nan for 0.09."""
    case = stored("shift/three-near-1000")

    [found] = [c for c in document("wrong")["reports"][0]["cases"] if c["id"] == case.id]

    assert found == {
        "id": case.id,
        "result": "failed",
        "component": [0],
        "got": "0x7fc00000",
        "expected": case.record["expected"]["bits"][0],
        "error": "inf",
        "allowed": case.tolerances["standard"][0],
    }


def test_a_case_tells_the_component_that_its_failure_tells(document):
    """The one furthest past its bound."""
    [part] = document("wrong")["reports"]

    found = {c["id"]: c["component"] for c in part["cases"] if "component" in c}
    failed = {f["case"]: f["component"] for f in part["failures"] if f["component"] is not None}
    assert {name: found[name] for name in failed} == failed
    assert any(any(component) for component in failed.values())


def test_a_number_that_the_format_has_not_has_no_bits():
    """A binary64 result for a binary32 case is shown without bits, and fails as another dtype."""
    from softmax_ref import check

    report = check(lambda z, axis=-1: np.full(z.shape, 0.1), formats=["binary32"])

    [part] = reports.document([report])["reports"]
    assert part["cases"][0]["result"] == "failed"
    assert part["cases"][0]["got"] is None


def test_what_is_declared_of_one_format_stands_beside_what_is_declared_of_all(judged):
    """One entry for each question, in every form of the report."""
    said = {"binary32/subnormal": "flushed", "subnormal": "gradual", "binary16/gradient_all_neg_inf": "nan"}
    report = replace(judged["right"], declared=said)

    plain = json.loads(render([report], "json"))

    declared = {entry["policy"]: entry["declared"] for entry in plain["reports"][0]["policies"]}
    assert declared["subnormal"] == "gradual, flushed in binary32"
    assert declared["gradient_all_neg_inf"] == "nan in binary16"
    assert declared["all_neg_inf"] is None
    assert faults(plain) == []
    assert all("flushed in binary32" in render([report], form) for form in ("markdown", "html"))
    assert "policy/binary32/subnormal" in render([report], "junit")


def test_skipped_is_no_pass(document):
    """Skipped cases have a reason and a count of their own; a format that is not offered has one too."""
    [part] = document("skipped")["reports"]

    first, second = part["formats"]
    assert (first["cases"]["skipped"], first["cases"]["passed"]) == (5, len(load("softmax", "binary32")) - 5)
    assert second == {"format": "binary16", "verdict": "not offered", "reason": "only in binary32"}
    assert (part["selection"], part["declaration"]) == ("smoke set only", "abs(z) <= 88")


def test_an_expected_failure_is_told_apart(document):
    """It is neither passed nor failed, and its reason and link are there."""
    [part] = document("expected")["reports"]

    expected = [case for case in part["cases"] if case["result"] == "expected"]
    assert len(expected) == len(part["expected"]) > 3
    assert {case["reason"] for case in expected} == {"no shift yet"}
    assert part["expected"][0]["link"] == "https://example.org/1"
    assert not {case["id"] for case in expected} & {failure["case"] for failure in part["failures"]}


def test_an_interrupted_run_says_so(document):
    """Complete as a file, incomplete as a run, and it does not conform."""
    plain = document("incomplete")

    assert plain["reports"][0]["incomplete"] == "interrupted"
    assert plain["conforms"] is False


def test_text_of_the_implementation_is_legible(document):
    """No control character, half of a pair or change of direction leaves the document; long texts are cut."""
    [part] = document("hostile")["reports"]

    assert r"\x1b[31m \x00 \ud800" in part["implementation"]
    assert part["implementation"].endswith(r"é\nnext")
    assert all(" " <= c for c in part["failures"][0]["reason"])


def test_an_unknown_form_is_refused(judged):
    """The message lists those there are."""
    with pytest.raises(ValueError, match="render: format needs to be one of terminal, json, .*got 'yaml'"):
        render([judged["right"]], "yaml")
