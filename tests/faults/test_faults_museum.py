"""The museum accounts for every bug: with a fault that re-creates it, or with the reason why none can."""

import re

import pytest

from softmax_ref.corpus import CORPUS_FUNCTIONS
from softmax_ref.corpus.notes import CONTRACT_NOTES, NOTES
from softmax_ref.faults import faults
from softmax_ref.faults.museum import bugs

RECREATED = {bug for fault in faults() for bug in fault.bugs}


@pytest.mark.parametrize("bug", bugs().values(), ids=lambda bug: bug.id)
def test_bug_is_accounted_for(bug):
    """Its flag is explained, and faults re-create it; or the reason why none can stands beside cases for its effect."""
    assert bug.flag in NOTES | CONTRACT_NOTES
    assert set(bug.functions) <= set(CORPUS_FUNCTIONS)
    assert re.fullmatch(r"(verified|unverified) \d{4}-\d\d-\d\d", bug.thread)
    assert bug.link.startswith("https://")
    assert (bug.id in RECREATED) != bool(bug.why_not)


def test_faults_name_only_bugs_of_the_museum():
    """A bug that a fault names has an entry."""
    assert RECREATED - set(bugs()) == set()
