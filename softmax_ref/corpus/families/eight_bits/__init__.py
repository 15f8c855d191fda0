"""Families of the 8-bit formats, by function."""

from softmax_ref.corpus.families.eight_bits import energies, gradients, points, rows, shares, weights

__all__ = ["EIGHT_BITS"]

EIGHT_BITS = {
    "softmax": [*rows.LOGITS, rows.SWEEP],
    "log_softmax": rows.LOGITS,
    "logsumexp": rows.LOGITS,
    "softmax_vjp": gradients.VJP,
    "softmax_jacobian": gradients.JACOBIAN,
    "logistic": points.SCALARS,
    "softplus": points.SCALARS,
    "argmax_one_hot": shares.ARGMAX,
    "sparsemax": shares.sparse_rows(1),
    "sparsemax_vjp": gradients.sparse_vjp(1),
    "entmax15": shares.sparse_rows(2),
    "entmax15_vjp": gradients.sparse_vjp(2),
    "entmax": shares.ENTMAX,
    "entmax_vjp": gradients.ENTMAX_VJP,
    "entropy": rows.ENTROPY,
    "mean_energy": energies.ENERGY,
    "heat_capacity": energies.CAPACITY,
    "boltzmann_operator": energies.OPERATOR,
    "clr": weights.CLR,
    "boltzmann": energies.BOLTZMANN,
    "partition_function": energies.PARTITION,
    "free_energy": energies.FREE_ENERGY,
    "boltzmann_policy": energies.POLICY,
    "gumbel_softmax": weights.GUMBEL,
    "exponential_tilting": weights.TILTING,
    "log_semiring_add": points.ADD,
    "log_semiring_multiply": points.MULTIPLY,
    "log_semiring_sum": energies.SUM,
}
"""The families of each function that has files in eight bits."""
