"""What styles of right implementations reach: levels, formats, subnormal results.

The implementations are the controls of the catalogue, which gates keep free of false alarms.
"""

import numpy as np
import pytest
from scipy import special

from softmax_ref import check
from softmax_ref.faults import controls

WIDE = ("binary64", "binary32")
RIGHT = {control.name: control for control in controls()}


def excess(report, level):
    """Return the largest error in units of the allowed error, flushed results and policy cases aside."""
    plain = [v for r in report.judged for v in r.verdicts if v.case.policy is None]
    return max(float(np.where(v.flushed, 0, v.excess(level)).max()) for v in plain)


def judged(name, **keywords):
    """Check a control by its name."""
    return check(RIGHT[name].make(), function=RIGHT[name].function, **keywords)


@pytest.mark.parametrize("name", ["softmax/sum-sequential", "softmax/log-domain", "softmax/sum-backwards"])
def test_no_right_implementation_needs_luck(name):
    """The least careful right softmax uses less than 0.8 of what is allowed in binary64."""
    assert excess(judged(name, formats=["binary64"]), "standard") < 0.8


TIGHT = [
    *("softmax/textbook", "softmax/base-two-wider", "softmax/blocks-of-64"),
    *("softmax/sum-pairwise", "softmax/sum-compensated", "softmax/sum-exact"),
    *("log_softmax/log1p", "log_softmax/log1p-wider", "logsumexp/log1p", "logsumexp/log1p-wider"),
    *("softmax_vjp/centred", "softmax_jacobian/rest"),
    *("logistic/two-sided", "logistic/wider", "softplus/logaddexp", "softplus/two-sided"),
]


@pytest.mark.parametrize("name", TIGHT)
def test_a_careful_implementation_is_tight(name):
    """Pairwise or compensated sums, log1p and centred cotangents stay within the bound of the best algorithm."""
    report = judged(name, require="tight")

    assert report.conforms, str(report)
    assert {r.format.name for r in report.judged} >= set(WIDE)


@pytest.mark.parametrize(
    "name",
    [
        *("log_softmax/log-textbook", "logsumexp/lse-textbook", "softmax_vjp/textbook", "softmax_jacobian/outer"),
        "softmax/sum-sequential",
    ],
)
def test_the_textbook_is_not_tight(name):
    """The textbook form loses what the tight bound keeps: small results, or the end of a long sum."""
    report = judged(name, formats=["binary64"], require="tight")

    assert not report.conforms
    assert judged(name, formats=["binary64"]).conforms


def test_scipys_expit_flushes_what_is_subnormal():
    """expit gives 0 where its value is subnormal in binary64 and exp(-x) overflows, and only there."""
    report = check(special.expit, function="logistic", formats=["binary64"])

    failed = [failure for failure in report.failures if failure.component is not None]
    assert failed
    assert all(f.got == 0 and 0 < f.expected < 2.0**-1022 for f in failed)
    assert "subnormal-result" in [flag for flag, _, _ in report.flag_counts()[:3]]


@pytest.mark.parametrize("function", ["softmax", "log_softmax"])
def test_scipys_native_float16_is_outside_the_model(function):
    """Narrow formats are judged as computed in binary32: a sum of float16 stagnates."""
    report = check(getattr(special, function), function=function, formats=["binary16"])

    assert not report.conforms
    assert "low-precision-sum" in {flag for failure in report.failures for flag in failure.flags}
