"""Of faults that most cases do not see, the report's first flags name the kind."""

import pytest

from softmax_ref.faults import faults

CATALOGUE = {fault.name: fault for fault in faults()}
SPECIFIC = [
    *("softmax/no-shift", "softmax/shift-upwards", "softmax/max-from-0", "softmax/shift-above-80"),
    *("softmax/global-shift", "softmax/running-shift", "softmax/shift-by-first"),
    *("softmax/max-of-full-blocks-of-32", "softmax/max-without-the-last"),
    *("softmax/flushed-below-2^-20", "softmax/flushed-in-short-rows", "softmax/flushed-every-other"),
    *("log_softmax/no-shift", "log_softmax/global-shift", "log_softmax/log-of-softmax"),
    *("logsumexp/no-shift", "logsumexp/shift-by-mean", "logsumexp/global-shift", "logsumexp/nan-at-infinity"),
    *("softplus/log1p-exp", "softplus/x-above-10", "softplus/x-above-20"),
    *("softplus/exp-below-15", "softplus/up-to-50", "logistic/reciprocal", "logistic/quotient"),
    *("logistic/within-15", "logistic/zero-below-40", "logistic/flushed-every-other"),
    *("softmax_vjp/flushed-below-1e-7", "softmax_vjp/no-shift", "softmax_vjp/global-shift"),
    *("softmax_vjp/mean-of-full-blocks", "softmax_jacobian/no-shift", "softmax_jacobian/global-shift"),
]


@pytest.mark.parametrize("name", SPECIFIC)
def test_the_first_flags_name_a_specific_fault(name):
    """The flag of the fault is among the three most telling of the report, in the first of its formats."""
    fault = CATALOGUE[name]

    report = fault.check(fault.formats[0])

    assert fault.flag in {flag for flag, _, _ in report.flag_counts()[:3]}
