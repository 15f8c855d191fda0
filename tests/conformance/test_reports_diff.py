"""softmax-ref diff: what passed and does not pass any more is named, whatever stands in its place."""

import copy
import json

import pytest
from click.testing import CliRunner

from softmax_ref.cli import main
from softmax_ref.conformance.reports import to_json
from softmax_ref.conformance.reports.comparing import ReportError, compare, read_report


@pytest.fixture
def plain(rendered):
    """Return a document of its own for each call."""
    return lambda kind: json.loads(rendered(kind, "json"))


@pytest.fixture
def diff(tmp_path):
    """Run the command on two documents, or on two texts."""

    def run(old, new, *options):
        for name, content in (("old.json", old), ("new.json", new)):
            text = content if isinstance(content, str) else to_json(content)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return CliRunner().invoke(main, ["diff", str(tmp_path / "old.json"), str(tmp_path / "new.json"), *options])

    return run


def cases(document, result="passed"):
    return [case for case in document["reports"][0]["cases"] if case["result"] == result]


def test_equal_reports_have_no_difference(diff, plain):
    """Status 0, nothing named."""
    result = diff(plain("wrong"), plain("wrong"))

    assert (result.exit_code, result.output) == (0, "worse: 0\nbetter: 0\nchanged: 0\n")


def test_what_fails_now_is_a_regression(diff, plain):
    """Status 1; the case, what came, what is right, how far off."""
    result = diff(plain("right"), plain("wrong"))

    assert result.exit_code == 1
    line = "softmax/binary32/shift/three-near-1000: failed, was passed: got nan for 0.09003057330846786, off by inf ulp"
    assert line in result.output
    assert "changed: " in result.output


def test_what_passes_now_is_fixed(diff, plain):
    """The same two reports in the other order: named as better, and no case fails that passed."""
    found = compare(plain("wrong"), plain("right"))

    assert "softmax/binary32/shift/three-near-1000: passed, was failed" in found.fixed
    assert not any("failed, was passed" in line for line in found.regressions)


@pytest.mark.parametrize("place", ["skipped", "expected"])
def test_passing_by_not_being_judged_is_a_regression(plain, place):
    """A case that passed and is skipped, or expected to fail, is not shown to pass; the reasons are grouped."""
    old, new = plain("right"), plain("right")
    for case in cases(new)[:7]:
        case.update(result=place, reason="not today")

    found = compare(old, new)

    assert found.regressions == [f"softmax/binary32: 7 cases and promises {place}, was good: not today"]


def test_a_format_that_is_not_offered_any_more_is_one_line(plain):
    """How many cases it had, and the reason."""
    old, new = plain("right"), plain("right")
    count = len(cases(new)) + len(new["reports"][0]["promises"])
    new["reports"][0].update(cases=[], promises=[])
    new["reports"][0]["formats"] = [{"format": "binary32", "verdict": "not offered", "reason": "gone"}]

    found = compare(old, new)

    kept = sum(promise["state"] == "refused" for promise in old["reports"][0]["promises"])
    assert found.regressions == [
        f"softmax/binary32: {count - kept} cases and promises not offered any more: gone",
    ]


def test_a_run_that_ended_early_has_regressions(plain):
    """What was not reached is not shown to pass."""
    [line] = [line for line in compare(plain("right"), plain("incomplete")).regressions if "not judged" in line]

    assert line.endswith("not judged any more: interrupted")


def test_what_the_corpus_left_out_is_no_regression(plain):
    """With another corpus version, a case that is gone although its format was judged was left out there."""
    old, new = plain("right"), plain("right")
    new["header"]["corpus_version"] = "9.9.9"
    del new["reports"][0]["cases"][3]

    found = compare(old, new)

    assert found.regressions == []
    assert "softmax/binary32: 1 case or promise left out of the corpus" in found.news
    assert any(line.startswith("header corpus version: 9.9.9, was ") for line in found.news)


def test_a_selection_is_no_reason_to_miss_a_case(plain):
    """With the same corpus, or a part of another, a case that is gone was not judged."""
    for change in ({"header": {"corpus_version": "9.9.9"}, "selection": "smoke set only"}, {}):
        old, new = plain("right"), plain("right")
        new["header"].update(change.get("header", {}))
        new["reports"][0]["selection"] = change.get("selection")
        del new["reports"][0]["cases"][3]

        assert compare(old, new).regressions == ["softmax/binary32: 1 case or promise not judged any more"]


def test_a_case_that_is_new_is_no_regression(plain):
    """Also where it fails: nothing was lost."""
    old, new = plain("right"), plain("wrong")
    failed = {case["id"] for case in cases(new, "failed")}
    old["reports"][0]["cases"] = [case for case in old["reports"][0]["cases"] if case["id"] not in failed]

    found = compare(old, new)

    assert f"softmax/binary32: {len(failed)} cases and promises new in this report, failed" in found.news
    assert not any("failed" in line for line in found.regressions)


def test_a_skipped_case_that_fails_now_is_told(plain):
    """It never passed, so it is news and no regression."""
    old, new = plain("skipped"), plain("right")
    first = old["reports"][0]["cases"][0]["id"]
    new["reports"][0]["cases"][0]["result"] = "failed"

    found = compare(old, new)

    assert any(line.startswith(f"{first}: failed, was skipped") for line in found.news)
    assert found.regressions == []
    assert sum("passed, was skipped" in line for line in found.fixed) == 4


@pytest.mark.parametrize(("growth", "slack", "lines"), [(0.4, 0.5, 0), (0.6, 0.5, 1), (0.6, 1, 0), (5, 1, 1)])
def test_an_error_may_grow_by_the_slack(diff, plain, growth, slack, lines):
    """A case that still passes, further off by more than the slack, is a regression."""
    old, new = plain("right"), plain("right")
    case = next(case for case in cases(new) if isinstance(case.get("error"), float))
    case["error"] += growth

    result = diff(old, new, "--slack", str(slack))

    assert result.exit_code == lines
    assert result.output.startswith(f"worse: {lines}\n")
    assert (f"{case['id']}: off by" in result.output) == bool(lines)


def test_changed_policies_and_levels_are_told(plain):
    """They are no regressions by themselves."""
    old, new = plain("right"), plain("right")
    new["reports"][0]["policies"][0]["observed"] = ["zero"]
    new["reports"][0]["formats"][0]["level"] = "standard"

    found = compare(old, new)

    assert found.news == [
        "softmax, policy all_neg_inf: zero, was nan",
        "softmax binary32: conforms standard, was conforms tight",
    ]
    assert found.regressions == []


def test_reports_of_other_functions_are_not_compared(diff, plain):
    """Status 2, one line."""
    result = diff(plain("right"), plain("no picture"))

    assert result.exit_code == 2
    assert result.output == "softmax-ref: the reports are of different functions: softmax and logsumexp\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[: len(text) // 2], "is no whole JSON file, so it is truncated"),
        (lambda text: text[:-300], "is no whole JSON file, so it is truncated"),
        (lambda text: "", "is no whole JSON file"),
        (lambda text: "[]", "is no report"),
        (lambda text: "{}", "is no report"),
        (lambda text: json.dumps({"header": json.loads(text)["header"]}), "has no footer: it is truncated"),
        (lambda text: text.replace('"schema_version": 1', '"schema_version": 2'), "has schema version 2"),
        (lambda text: text.replace('"result"', '"verdict"'), "is no report"),
    ],
)
def test_a_truncated_or_foreign_file_is_recognised(diff, rendered, change, message):
    """Status 2, one line that names the file."""
    text = rendered("right", "json")

    for old, new, name in ((text, change(text), "new.json"), (change(text), text, "old.json")):
        result = diff(old, new)
        assert result.exit_code == 2
        assert message in result.output
        assert name in result.output
        assert result.output.count("\n") == 1


@pytest.mark.parametrize("name", ["cases", "promises", "failures"])
def test_a_footer_that_counts_otherwise_is_recognised(tmp_path, plain, name):
    """A report of which lines were taken out is damaged."""
    damaged = copy.deepcopy(plain("wrong"))
    damaged["reports"][0][name].pop()
    path = tmp_path / "damaged.json"
    path.write_text(to_json(damaged), encoding="utf-8")

    with pytest.raises(ReportError, match=f"{name}, and its footer counts .*it is damaged"):
        read_report(path)


def test_a_missing_file_is_one_line(tmp_path):
    """Status 2."""
    result = CliRunner().invoke(main, ["diff", str(tmp_path / "none"), str(tmp_path / "none")])

    assert result.exit_code == 2
    assert result.output.endswith("none cannot be read: No such file or directory\n")


def test_a_hostile_report_is_shown_as_text(diff, plain):
    """No escape sequence of a file reaches the terminal."""
    old, new = plain("right"), plain("right")
    cases(new)[0].update(result="skipped", reason="\x1b[2J gone")

    assert "\x1b" not in diff(old, new).output
