"""JUnit XML: a suite for each function and format, a test for each case and each promise."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

__all__ = ["to_junit"]

Test = tuple[str, str | None, str]
"""Name, what became of it (None: passed), and the text."""


def to_junit(plain: dict) -> str:
    """Return a document of `reports.document` as JUnit XML."""
    root = ElementTree.Element("testsuites", name=plain["header"]["implementation"])
    for part in plain["reports"]:
        for name, tests in _suites(part):
            root.append(_suite(name, tests))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count)) for suite in root)))
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suites(part: dict) -> Iterator[tuple[str, list[Test]]]:
    failures = {}
    for failure in part["failures"]:
        failures.setdefault(failure["case"], []).append(_told(failure))
    for entry in part["formats"]:
        name = entry["format"]
        tests = [_case(case, failures) for case in part["cases"] if case["id"].split("/")[1] == name]
        tests += [_promise(promise, failures) for promise in part["promises"] if promise["format"] == name]
        yield f"{part['function']}/{name}", tests or [("offered", "skipped", entry.get("reason", "no case"))]
    yield f"{part['function']}/run", [*_run(part), *_policies(part, failures)]


def _case(case: dict, failures: dict[str, list[str]]) -> Test:
    told = failures.pop(case["id"], [])
    outcome = {"passed": None, "failed": "failure"}.get(case["result"], "skipped")
    return case["id"], outcome, "; ".join(told) or case.get("reason", "")


def _promise(promise: dict, failures: dict[str, list[str]]) -> Test:
    name = f"contract/{promise['format']}/{promise['name']}"
    failures.pop(name, None)
    return name, {"kept": None, "broken": "failure"}.get(promise["state"], "skipped"), promise["text"]


def _policies(part: dict, failures: dict[str, list[str]]) -> Iterator[Test]:
    """Yield the policies, and whatever failed without being a case or a promise."""
    for policy in part["policies"]:
        name = f"policy/{policy['policy']}"
        told = failures.pop(name, [])
        yield name, "failure" if told else None, "; ".join(told) or " or ".join(policy["observed"])
    for name, told in failures.items():
        yield name, "failure", "; ".join(told)


def _run(part: dict) -> Iterator[Test]:
    if part["incomplete"]:
        yield "judged to the end", "error", part["incomplete"]
    elif not part["conforms"] and not part["failures"]:
        yield "something is judged", "error", "nothing was judged"
    else:
        yield "judged to the end", None, ""


def _told(failure: dict) -> str:
    if failure["error"] is None:
        return failure["reason"]
    at = ",".join(map(str, failure["component"]))
    values = "at [{}]: got {got!r}, right is {expected!r}, off by {error:.6g} ulp, allowed {allowed:.6g}"
    numbers = {name: float(failure[name]) for name in ("got", "expected", "error", "allowed")}
    text = values.format(at, **numbers) + f"; flags: {', '.join(failure['flags'])}"
    return f"{failure['reason']}; {text}" if failure["reason"] else text


def _suite(name: str, tests: list[Test]) -> ElementTree.Element:
    outcomes = [outcome for _, outcome, _ in tests]
    counts = {plural: str(outcomes.count(one)) for plural, one in (("failures", "failure"), ("errors", "error"))}
    suite = ElementTree.Element(
        "testsuite", name=name, tests=str(len(tests)), **counts, skipped=str(outcomes.count("skipped")), time="0"
    )
    for test, outcome, text in tests:
        case = ElementTree.SubElement(suite, "testcase", classname=name.replace("/", "."), name=test, time="0")
        if outcome == "skipped":
            ElementTree.SubElement(case, outcome, message=text)
        elif outcome:
            ElementTree.SubElement(case, outcome, message=text, type=outcome).text = text
    return suite
