"""The page: one file, nothing from elsewhere, nothing of the implementation as markup, right numbers in its pictures."""

import html
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from softmax_ref import check
from softmax_ref.conformance import reports
from softmax_ref.conformance.judge import Verdict
from softmax_ref.conformance.report import FormatResult
from softmax_ref.conformance.reports import charts, render
from softmax_ref.conformance.reports.whole import whole
from softmax_ref.conformance.smallest import smallest_failure
from softmax_ref.corpus import load

FOLDER = Path(reports.__file__).parent
KINDS = ["right", "wrong", "skipped", "expected", "incomplete", "nothing", "hostile", "no picture"]
VOID = {"meta", "input", "br"}
DRAWN = {"path", "rect"}


class Page(HTMLParser):
    """Reads a page: its elements, its text, and whether its tags are balanced."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.text, self.scripts = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        assert tag in DRAWN
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        (self.scripts if self.open and self.open[-1] in ("script", "style") else self.text).append(data)

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="session")
def pages(rendered):
    """The page of each report, read."""
    return {kind: Page(rendered(kind, "html")) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_loads_nothing(pages, kind):
    """No element that loads, no address but places on the page, no import or url in its style."""
    page = pages[kind]

    assert not page.all("link", "img", "iframe", "object", "embed", "base", "form", "image", "use", "audio", "video")
    assert not [a for _, a in page.elements if {"src", "srcset", "xlink:href", "action", "style"} & set(a)]
    assert all(a["href"].startswith("#") for _, a in page.elements if "href" in a)
    assert not re.search(r"https?:|url\(|@import|fetch|XMLHttpRequest", "".join(page.scripts))


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_balanced_and_its_places_are_there(pages, kind):
    """Every tag is closed, every id stands once, every link leads to one."""
    page = pages[kind]

    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert page.open == []
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for _, a in page.elements if "href" in a} <= set(ids)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_reader_who_does_not_see_needs_is_there(pages, kind):
    """A language, a title, one h1, names for pictures and regions, scopes for the heads of tables."""
    page = pages[kind]

    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1
    assert all(a.get("role") == "img" and a["aria-label"] or a.get("aria-hidden") == "true" for a in page.all("svg"))
    assert all(a["scope"] in ("row", "col") for a in page.all("th"))
    assert all(a["aria-label"] and a["tabindex"] == "0" for a in page.all("div") if a.get("role") == "region")
    assert page.elements[[tag for tag, _ in page.elements].index("body") + 1] == (
        "a",
        {"class": "skip", "href": "#main"},
    )


def test_hostile_text_is_text(pages, judged):
    """The one script of the page is ours; the name and the message are read as they are."""
    page = pages["hostile"]

    assert len(page.all("script")) == 1
    assert page.scripts[-1].strip() == (FOLDER / "page.js").read_text(encoding="utf-8").strip()
    assert r"</script><script>alert(1)</script> ]]> | `x` **b** \x1b[31m \x00 \ud800" in "".join(page.text)


def test_a_page_is_small(rendered):
    """A format with many failures takes less than a sixth of a megabyte."""
    assert len(rendered("wrong", "html").encode()) < 160_000


def test_a_page_without_jinja2_says_what_to_install(judged, monkeypatch):
    """One line with the extra."""
    monkeypatch.setitem(sys.modules, "jinja2", None)

    with pytest.raises(ModuleNotFoundError, match=r"needs the package jinja2: pip install 'softmax_ref\[report\]'"):
        render([judged["right"]], "html")


def test_a_page_says_what_was_not_looked_at(pages):
    """Declaration, selection, skipped cases with reasons, formats that are not offered."""
    text = " ".join("".join(pages["skipped"].text).split())

    assert "Judged as it is declared: abs(z) <= 88." in text
    assert "Only a part of the corpus was looked at: smoke set only." in text
    assert "5 cases, none of which counts as passed" in text
    assert "not offered: only in binary32" in text


def test_a_page_of_an_interrupted_run_says_so(pages):
    """In words, beside the verdict."""
    text = " ".join("".join(pages["incomplete"].text).split())

    assert "not judged to the end" in text
    assert "Incomplete: interrupted" in text


def test_the_worst_failure_can_be_seen_again_at_once(pages):
    """Its snippet is open, the others are not; on paper those that are closed are left out, and the page says so."""
    snippets = [a for a in pages["wrong"].all("details") if "id" in a]
    around = [a for a in pages["wrong"].all("div") if a.get("aria-label") == "softmax: how to see the failures again"]

    assert ["open" in a for a in snippets] == [True] + [False] * (len(snippets) - 1)
    assert [a["class"] for a in around] == ["scroll tall closed"]
    assert pages["wrong"].all("p").count({"class": "paper"}) == 1


def cells(page, first):
    """The texts of the row that starts so."""
    [row] = [row for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL) if f">{first}</code>" in row]
    return [html.unescape(re.sub("<.*?>", "", cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]


def test_every_failure_has_a_row(judged, rendered):
    """Those with numbers show them, and the others what was seen; each in the one table where it belongs."""
    failures, page = judged["wrong"].failures, rendered("wrong", "html")
    worst = next(f for f in failures if f.case.endswith("shift/two-largest"))
    seen = [f for f in failures if f.component is None]

    assert cells(page, "shift/two-largest") == [
        *("shift/two-largest", "binary32", "0", "nan", "0.5", "inf", f"{worst.allowed:.4g}", "inf"),
        ", ".join(worst.flags),
    ]
    assert [cells(page, f.case) for f in seen] == [[f.case, ", ".join(f.flags), f.reason] for f in seen]
    assert any(f.case.startswith("policy/") for f in seen)


def test_the_smallest_failing_case_is_whole(pages, judged):
    """Its arguments with their bits, its results beside the right ones, which of them are outside."""
    verdict, text = smallest_failure(judged["wrong"]), "".join(pages["wrong"].text)

    case = verdict.case
    assert case.id in text
    assert ", ".join(case.record["inputs"]["z"]["bits"]) in text
    assert all(decimal in text for decimal in case.record["expected"]["decimal"])
    assert [row[-1] for row in whole(verdict, "standard").rows] == (verdict.excess("standard") <= 1).tolist()


def hex_luminance(colour):
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", range(3), ids=["light", "dark", "paper"])
def test_colours_can_be_told_from_the_ground(theme):
    """Text has a contrast of 7, all else that is read or drawn 4.5, as the WCAG define it."""
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    roots = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colour = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", roots[theme]))

    def contrast(name, ground):
        high, low = sorted((hex_luminance(colour[name]), hex_luminance(colour[ground])), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for ground in ("ground", "raised"):
        assert contrast("text", ground) > 7
        assert min(contrast(name, ground) for name in ("soft", "link", "right", "wrong", "bound")) > 4.4


@pytest.mark.parametrize("kind", ["right", "wrong", "no picture"])
def test_a_histogram_counts_every_component(judged, kind):
    """As many as the cases store, and as many outside as are outside."""
    [result] = judged[kind].judged
    verdicts = [v for v in result.verdicts if v.case.policy is None and len(v.error)]

    bins = charts.histogram(result, "standard")

    outside = sum(((v.excess("standard") > 1) & ~v.flushed).sum() for v in verdicts)
    assert sum(a + b for _, a, b in bins) == sum(len(v.error) for v in verdicts)
    assert sum(b for _, _, b in bins) == outside
    assert bins[-1][1:] == (0, sum(np.isinf(v.error).sum() for v in verdicts))
    assert bins[0][1] + bins[0][2] == sum((v.error <= 0.5).sum() for v in verdicts)


def test_a_bin_ends_with_its_upper_end(stored):
    """An error of half an ulp is a correct rounding; what has no finite error has a bin of its own."""
    case = stored("textbook/article-row")
    error = np.array([0.5, 1, 1.5, 256, 2.0**16, 2.0**17, np.inf])
    result = FormatResult(case.format, [Verdict(case, got=np.zeros(7), error=error, flushed=np.zeros(7, bool))])

    counts = {label: within + outside for label, within, outside in charts.histogram(result, "standard")}

    assert [label for label, count in counts.items() if count] == [
        *("at most 0.5", "at most 1", "at most 2", "at most 256", "at most 65536", "more than 65536", "nan or infinite")
    ]


def test_a_flushed_result_is_not_outside():
    """Where subnormal results become 0 everywhere, that is a policy and no failure, in the pictures too."""

    def flushes(z, axis=-1):
        weight = np.exp(z - z.max(axis=axis, keepdims=True))
        p = weight / weight.sum(axis=axis, keepdims=True)
        return np.where(p < np.finfo(p.dtype).tiny, p.dtype.type(0), p)

    report = check(flushes, formats=["binary32"])

    assert report.policies["subnormal"] == ("flushed",)
    assert sum(outside for _, _, outside in charts.histogram(report.judged[0], "standard")) == 0
    assert charts.cloud(report.judged[0], "standard").outside == []


def test_a_cloud_counts_every_component(judged):
    """By distance, with the largest error; points that coincide are drawn once."""
    [result] = judged["wrong"].judged

    found = charts.cloud(result, "standard")

    bins = charts.histogram(result, "standard")
    assert sum(row[1] for row in found.counts) == sum(a for _, a, _ in bins)
    assert sum(row[2] for row in found.counts) == sum(b for _, _, b in bins)
    assert max(row[3] for row in found.counts) == np.inf
    assert len(set(found.outside)) == len(found.outside) > 5
    assert all(0 <= x <= charts.WIDTH and 0 <= y <= charts.HEIGHT for x, y in found.within + found.outside)


def test_a_function_of_slices_has_no_cloud(judged):
    """One number for a row belongs to no single logit."""
    assert charts.cloud(judged["no picture"].judged[0], "standard") is None


@pytest.mark.parametrize(
    ("function", "name", "distances"),
    [
        ("softmax", "textbook/article-row", [3, 2, 1, 0, 3, 2, 1]),
        ("softmax", "shift/three-near-minus-1000", None),
        ("logistic", "", None),
    ],
)
def test_distances_are_those_from_the_maximum(function, name, distances):
    """Of the slice; for an elementwise function those from 0."""
    case = next(c for c in load(function, "binary32") if name in c.id)
    z = case.inputs[next(iter(case.inputs))]

    want = distances or (np.abs(z) if case.axis is None else z.max(axis=case.axis, keepdims=True) - z).ravel()
    assert charts._distances(case).tolist() == list(want)


def test_a_masked_maximum_does_not_count():
    """The distance is from the largest logit that is kept, also where a larger one is not."""
    cases = [c for c in load("masked_softmax", "binary32") if c.policy is None and c.inputs["z"].ndim == 1]
    larger = [c for c in cases if (m := c.inputs["mask"]).any() and np.max(z := c.inputs["z"]) > z[m].max()]

    for case in larger:
        z, mask = case.inputs["z"], case.inputs["mask"]
        stored = mask[case.at]
        want = z[mask].max() - z[case.at][stored]
        assert charts._distances(case)[stored].tolist() == want.tolist()
    assert larger


def test_axes_run_from_end_to_end():
    """0 is at the left, 1000 and more at the right; nan and infinity at the top, small errors at the bottom."""
    assert charts.across([0, 1000, np.inf]).tolist() == [0, charts.WIDTH, charts.WIDTH]
    assert charts.up([np.inf, np.nan, 0]).tolist() == [0, 0, charts.HEIGHT]
    assert (np.diff(charts.up([0.1, 0.5, 1, 1000, 2.0**20, np.inf])) < 0).all()
