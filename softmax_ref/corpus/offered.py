"""In which formats the corpus has which function, and why some have no file in eight bits."""

from __future__ import annotations

__all__ = ["CORPUS_FORMATS", "EIGHT_BITS", "IN_EIGHT_BITS", "NOT_IN_EIGHT_BITS", "formats_of"]

EIGHT_BITS = ("float8_e4m3fn", "float8_e5m2")
CORPUS_FORMATS = ("binary64", "binary32", "binary16", "bfloat16", *EIGHT_BITS)

IN_EIGHT_BITS = (
    *("softmax", "log_softmax", "logsumexp", "softmax_vjp", "softmax_jacobian", "logistic", "softplus"),
    *("argmax_one_hot", "sparsemax", "sparsemax_vjp", "entmax15", "entmax15_vjp", "entmax", "entmax_vjp"),
    *("entropy", "mean_energy", "heat_capacity", "boltzmann_operator", "clr"),
    *("boltzmann", "partition_function", "free_energy", "boltzmann_policy", "gumbel_softmax", "exponential_tilting"),
    *("log_semiring_add", "log_semiring_multiply", "log_semiring_sum"),
    *("softmax_beta", "softmax_temperature", "softmax_beta_vjp", "softmax_temperature_vjp", "masked_softmax"),
    *("cross_entropy", "cross_entropy_vjp", "cross_entropy_jvp"),
    *("log_softmax_vjp", "log_softmax_jvp", "logsumexp_vjp", "logsumexp_jvp"),
    *("logaddexp", "logaddexp_vjp", "logaddexp_jvp"),
    *("log_logistic", "logistic_vjp", "log_logistic_vjp", "softplus_vjp"),
)
"""Functions with families for the 8-bit formats, in `softmax_ref.corpus.families.eight_bits`."""

NOT_IN_EIGHT_BITS: dict[str, str] = {}
"""Functions that make no sense in eight bits, with the reason."""


def formats_of(function: str) -> tuple[str, ...]:
    """Return the formats in which a function has a file.

    Examples
    --------
    >>> formats_of("softmax")[-2:]
    ('float8_e4m3fn', 'float8_e5m2')
    """
    return CORPUS_FORMATS if function in IN_EIGHT_BITS else CORPUS_FORMATS[: -len(EIGHT_BITS)]
