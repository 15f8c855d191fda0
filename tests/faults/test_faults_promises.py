"""Every promise of the array contract is broken by a fault of the catalogue: none is kept by everything."""

from softmax_ref import check
from softmax_ref.faults.sound import SOUND
from softmax_ref.faults.table import read_table

ASKED = ("softmax", "logsumexp", "softmax_vjp", "gumbel_softmax", "masked_softmax", "cross_entropy")


def test_every_promise_is_broken_by_some_fault():
    """The published table names a fault that breaks each promise that is asked of sound functions."""
    findings = [f for name in ASKED for r in check(SOUND[name], name).judged for f in r.findings]
    broken = {place for row in read_table().values() for places in row.values() for place in places}

    unbroken = sorted({f"contract/{f.name}" for f in findings} - broken)

    assert unbroken == []
