"""A declared domain: read in a small grammar, never evaluated; what is outside is not judged and never passed."""

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance.domain import parse_domain
from softmax_ref.corpus import load


def textbook(z, axis=-1):
    weight = np.exp(z - z.max(axis=axis, keepdims=True))
    return weight / weight.sum(axis=axis, keepdims=True)


def no_shift(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("abs(z) <= 88", [("abs", "z", 88.0)]),
        (" abs ( z )<=8.8e1", [("abs", "z", 88.0)]),
        ("z >= -1 and z <= .5", [("least", "z", -1.0), ("most", "z", 0.5)]),
        ("max(z) - min(z) <= 20", [("spread", "z", 20.0)]),
        ("K <= 1024", [("most", "K", 1024.0)]),
    ],
)
def test_each_form_is_read(text, clauses):
    """Spaces make no difference, and conditions are joined by and."""
    assert [(c.kind, c.name, c.number) for c in parse_domain(text).clauses] == clauses


@pytest.mark.parametrize(
    "text",
    [
        *("", "z", "z < 3", "abs(z) <= 8 8", "abs(z) <= nan", "abs(z) <= 88 or K <= 4", "max(z) - min(x) <= 3"),
        *("__import__('os').system('true')", "abs(z) <= 2**3", "z >= 0 and", "finite()", "abs(z)) <= 3", "1 <= z"),
    ],
)
def test_what_is_no_condition_is_refused_by_itself(text):
    """The message lists the forms there are."""
    with pytest.raises(ValueError, match=r"^check: domain needs conditions joined by 'and', each one of abs\(NAME\)"):
        parse_domain(text)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("abs(z) <= 88", "textbook/article-row", "shift/three-near-1000"),
        ("K <= 3", "shift/three-near-1000", "textbook/article-row"),
        ("K <= 2", "axes/rows", "axes/columns"),
        ("finite(z)", "shift/whole-range", "all-masked/three"),
        ("max(z) - min(z) <= 20", "shift/three-near-1000", "shift/whole-range"),
        ("max(z) - min(z) <= 5", "axes/rows", "axes/columns"),
        ("max(z) - min(z) <= 1", "shift/two-largest", "all-masked/three"),
        ("z >= 0", "textbook/zero-ten", "shift/three-near-minus-1000"),
        ("z <= 10", "textbook/zero-ten", "shift/three-near-1000"),
    ],
)
def test_condition_divides_the_cases(text, inside, outside):
    """A nan satisfies no bound, a difference is taken in each slice, and K is the length of a slice."""
    cases = {case.id.split("/", 2)[2]: case for case in load("softmax", "binary64")}
    domain = parse_domain(text)

    assert domain.holds(cases[inside])
    assert not domain.holds(cases[outside])


def test_parameter_that_a_case_leaves_out_has_its_default():
    """Coldness is 1 where nothing is said."""
    cases = load("softmax_beta", "binary64")
    plain = next(case for case in cases if not case.parameters)
    cold = next(case for case in cases if case.parameters.get("beta", 0) > 2)

    assert parse_domain("beta <= 1").holds(plain)
    assert not parse_domain("beta >= 2").holds(plain)
    assert parse_domain("beta >= 2").holds(cold)


def test_implementation_is_judged_inside_of_its_domain():
    """Without a shift softmax is right up to 88, and the first line says that it was judged there alone."""
    report = check(no_shift, formats=["binary32"], domain="abs(z) <= 80", select=["softmax/*"])

    assert report.conforms
    assert 0 < report.skipped < len(load("softmax", "binary32"))
    assert "declared domain abs(z) <= 80: CONFORMS" in str(report).splitlines()[0]
    assert f"outside the declared domain ({report.skipped} cases)" in str(report)
    assert not check(no_shift, formats=["binary32"], domain="abs(z) <= 2000", select=["softmax/*"]).conforms


def test_wrong_inside_of_the_domain_is_wrong():
    """A domain excuses nothing inside of it."""

    def less(z, axis=-1):
        return textbook(z, axis) * z.dtype.type(0.999)

    assert not check(less, formats=["binary32"], domain="abs(z) <= 80").conforms


def test_domain_without_a_case_judges_nothing():
    """An empty domain is no way to conform."""
    report = check(textbook, formats=["binary32"], domain="z >= 1 and z <= 0")

    assert not report.conforms
    assert "NOTHING WAS JUDGED" in str(report).splitlines()[0]


def test_array_contract_stays_inside_of_the_domain():
    """A function that refuses what lies outside keeps every promise that is asked."""

    def strict(z, axis=-1):
        if not (np.abs(z.astype(np.float64)) <= 100).all():
            raise ValueError("outside")
        return textbook(z, axis)

    report = check(strict, formats=["binary64"], domain="abs(z) <= 100")

    assert report.conforms, str(report)
    assert len(report.results[0].findings) > 20
    assert not any(f.name.startswith("beside ") for f in report.results[0].findings)


def test_name_that_a_function_does_not_have_is_refused():
    """The message lists the names there are."""
    with pytest.raises(ValueError, match="check: domain needs names of logistic: x, K, got 'z'"):
        check(lambda x: x, "logistic", domain="abs(z) <= 88")


def test_domain_is_a_text():
    """A number is no domain."""
    with pytest.raises(TypeError, match="check: domain needs a text, got 88"):
        check(textbook, domain=88)
