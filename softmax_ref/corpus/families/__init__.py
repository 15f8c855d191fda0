"""Families of cases: each a short function that yields drafts for a format; the builder certifies them."""

from softmax_ref.corpus.families.argmax import ARGMAX
from softmax_ref.corpus.families.averages import ENTROPY
from softmax_ref.corpus.families.coldness import BETA
from softmax_ref.corpus.families.drafts import Draft, Family, Range
from softmax_ref.corpus.families.eight_bits import EIGHT_BITS
from softmax_ref.corpus.families.eight_bits.parts import each_exactly
from softmax_ref.corpus.families.energies import CAPACITY, ENERGY, OPERATOR
from softmax_ref.corpus.families.entmax import ENTMAX, ENTMAX_VJP
from softmax_ref.corpus.families.gradients import JACOBIAN, VJP
from softmax_ref.corpus.families.hard import hard_to_round
from softmax_ref.corpus.families.log_gradients import LOG_VJP
from softmax_ref.corpus.families.log_ratios import CLR
from softmax_ref.corpus.families.log_tangents import LOG_JVP, SUM_JVP
from softmax_ref.corpus.families.logits import LOGITS, SWEEP
from softmax_ref.corpus.families.loss_gradients import LOSS_JVP, LOSS_VJP
from softmax_ref.corpus.families.losses import LOSS
from softmax_ref.corpus.families.masked import MASKED
from softmax_ref.corpus.families.pairs import PAIR_JVP, PAIR_VJP, PAIRS
from softmax_ref.corpus.families.partition_gradients import SUM_VJP
from softmax_ref.corpus.families.perturbed import GUMBEL, TILTING
from softmax_ref.corpus.families.placed import PLACED
from softmax_ref.corpus.families.policies import POLICY
from softmax_ref.corpus.families.ranges import RANGES, SCALAR_RANGES
from softmax_ref.corpus.families.scalars import SCALARS
from softmax_ref.corpus.families.scaled_gradients import BETA_VJP, TEMPERATURE_VJP
from softmax_ref.corpus.families.semirings import ADD, MULTIPLY, SUM
from softmax_ref.corpus.families.slopes import LOG_LOGISTIC, SLOPES
from softmax_ref.corpus.families.sparse import SPARSE, spread_by
from softmax_ref.corpus.families.sparse_gradients import SPARSE_VJP
from softmax_ref.corpus.families.specials import SPECIALS
from softmax_ref.corpus.families.streams import STREAMS
from softmax_ref.corpus.families.temperatures import TEMPERATURE
from softmax_ref.corpus.families.tempered import BOLTZMANN, FREE_ENERGY, PARTITION
from softmax_ref.formats import Format

__all__ = ["FAMILIES", "Draft", "Range", "families_of"]

FAMILIES = {
    "softmax": [*LOGITS, SWEEP, *RANGES, *STREAMS, *SPECIALS, hard_to_round("softmax")],
    "log_softmax": [*LOGITS, *RANGES, *STREAMS, *SPECIALS, hard_to_round("log_softmax")],
    "logsumexp": [*LOGITS, *RANGES, *STREAMS, *SPECIALS, hard_to_round("logsumexp")],
    "softmax_vjp": VJP,
    "softmax_jacobian": JACOBIAN,
    "logistic": [*SCALARS, *SCALAR_RANGES, hard_to_round("logistic")],
    "softplus": [*SCALARS, *SCALAR_RANGES, hard_to_round("softplus")],
    "argmax_one_hot": ARGMAX,
    "entmax": ENTMAX,
    "entmax_vjp": ENTMAX_VJP,
    "sparsemax": spread_by(1, SPARSE),
    "sparsemax_vjp": spread_by(1, SPARSE_VJP),
    "entmax15": spread_by(2, SPARSE),
    "entmax15_vjp": spread_by(2, SPARSE_VJP),
    "entropy": ENTROPY,
    "mean_energy": ENERGY,
    "heat_capacity": CAPACITY,
    "boltzmann_operator": OPERATOR,
    "clr": CLR,
    "boltzmann": BOLTZMANN,
    "partition_function": PARTITION,
    "free_energy": FREE_ENERGY,
    "boltzmann_policy": POLICY,
    "gumbel_softmax": GUMBEL,
    "exponential_tilting": TILTING,
    "log_semiring_add": ADD,
    "log_semiring_multiply": MULTIPLY,
    "log_semiring_sum": SUM,
    "softmax_beta": BETA,
    "softmax_temperature": TEMPERATURE,
    "softmax_beta_vjp": BETA_VJP,
    "softmax_temperature_vjp": TEMPERATURE_VJP,
    "masked_softmax": MASKED,
    "cross_entropy": LOSS,
    "cross_entropy_vjp": LOSS_VJP,
    "cross_entropy_jvp": LOSS_JVP,
    "log_softmax_vjp": LOG_VJP,
    "log_softmax_jvp": LOG_JVP,
    "logsumexp_vjp": SUM_VJP,
    "logsumexp_jvp": SUM_JVP,
    "logaddexp": PAIRS,
    "logaddexp_vjp": PAIR_VJP,
    "logaddexp_jvp": PAIR_JVP,
    "log_logistic": [*LOG_LOGISTIC, hard_to_round("log_logistic")],
    "logistic_vjp": SLOPES,
    "log_logistic_vjp": SLOPES,
    "softplus_vjp": SLOPES,
}
"""The families of each function of the corpus in the formats of 16 bits and more, its questions of policy aside."""


def families_of(function: str, fmt: Format) -> list[Family]:
    """Return the families of a function in a format."""
    placed = PLACED.get(function, [])
    return [*EIGHT_BITS[function], *each_exactly(placed)] if fmt.width == 8 else [*FAMILIES[function], *placed]
