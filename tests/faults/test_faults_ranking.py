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
    *(
        "softmax/always-the-last-axis",
        "softmax/mask-by-product",
        "softmax/odd-widths-misaligned",
        "softmax/stops-at-64",
    ),
    *("softmax/stops-at-65536", "softmax/nan-left-out", "softmax/nan-to-zero", "softmax/nan-spreads"),
    *("softmax/ties-to-the-first", "softmax/stagnates-at-2048"),
    *(f"softmax/{what}-without-the-tail-of-{n}" for what in ("sum", "results") for n in (4, 8, 32, 128)),
    *("argmax_one_hot/by-bits", "argmax_one_hot/within-1e-8", "argmax_one_hot/compared-in-float32"),
    *("argmax_one_hot/ties-counted-over-all", "argmax_one_hot/max-from-0", "argmax_one_hot/nan-is-largest"),
    *("sparsemax/no-shift", "sparsemax/ties-dropped", "sparsemax/sums-times-mask", "sparsemax/largest-64"),
    *("sparsemax/below-1e-6-is-zero", "sparsemax/sentinel-1e4", "sparsemax/differences-clipped"),
    *("entmax15/no-shift", "entmax15/below-1e-6-is-zero", "entmax/no-shift-at-one", "entmax/mask-at-one"),
    *("entmax/tail-at-the-middle", "entmax/nan-at-two", "sparsemax_vjp/no-shift", "sparsemax_vjp/size-of-all-rows"),
    *("entmax15_vjp/mean-without-the-tail", "entmax15_vjp/cotangent-transposed"),
    *("boltzmann/zero-times-infinity", "boltzmann/beta-in-float16", "boltzmann/shift-by-the-lowest"),
    *("partition_function/exponents-to-50", "partition_function/coarse-subnormals"),
    *("free_energy/log-plus-1e-6", "free_energy/beta-in-float16", "free_energy/no-shift"),
    *("boltzmann_policy/shift-by-the-first", "boltzmann_policy/coarse-subnormals"),
    *("gumbel_softmax/shift-by-the-logits", "gumbel_softmax/noise-within-4", "gumbel_softmax/noise-masks-nothing"),
    *("exponential_tilting/shift-outside-the-support", "exponential_tilting/weights-below-1e-3-dropped"),
    *("log_semiring_add/ties-left-out", "log_semiring_add/no-guard", "log_semiring_add/always-the-larger"),
    *("log_semiring_multiply/in-float16", "log_semiring_multiply/nan-left-out"),
    *("log_semiring_sum/no-shift", "log_semiring_sum/shift-by-the-first", "log_semiring_sum/nan-left-out"),
    *("entropy/nan-at-zero", "entropy/minus-the-mean-logit", "entropy/float16-sum", "entropy/below-1e-7-is-zero"),
    *("mean_energy/nan-at-weight-zero", "mean_energy/no-shift", "boltzmann_operator/zero-is-none"),
    *("heat_capacity/beta-once", "heat_capacity/nan-at-weight-zero", "heat_capacity/below-1e-7-is-zero"),
    *("clr/mean-without-the-tail", "clr/mean-of-all-rows", "clr/shares-first", "clr/floor-1e-30"),
]


@pytest.mark.parametrize("name", SPECIFIC)
def test_the_first_flags_name_a_specific_fault(name):
    """The flag of the fault is among the three most telling of the report, in the first of its formats."""
    fault = CATALOGUE[name]

    report = fault.check(fault.formats[0])

    assert fault.flag in {flag for flag, _, _ in report.flag_counts()[:3]}
