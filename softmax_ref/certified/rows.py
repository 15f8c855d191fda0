"""What follows from one row of logits, enclosed.

With m the largest logit, n how often it occurs and t = sum of e^(z_j - m) over the smaller ones, every
function of the family is made of p_i, log(n + t) and means under p. Each is returned as rational + ball:
p_top = 1/n - t/(n (n + t)), the mean of v as (mean over the top group) + remainder. A ball is exactly 0
only where the value is rational, which happens for equal logits and for means that all groups share.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from flint import arb, ctx

from softmax_ref.certified.near import Near, ball

__all__ = ["Row", "per_precision"]


Number = Fraction | float


def per_precision(enclose: Callable) -> Callable:
    """Remember what a function of no arguments returned at each working precision."""
    memory: dict[int, object] = {}

    def remembered():
        if ctx.prec not in memory:
            memory[ctx.prec] = enclose()
        return memory[ctx.prec]

    return remembered


class Row:
    """A row of logits with at least one finite entry and no nan or +inf; equal logits are grouped.

    Parameters
    ----------
    counts : dict of Fraction or float to int or Fraction
        How often each finite logit occurs, or how much it weighs; all these numbers are exact. Entries of -inf
        weigh nothing and are left out.
    """

    def __init__(self, counts: dict[Number, int]):
        self.counts = counts
        self.top = max(counts)
        self.tail = per_precision(self._tail)

    def weight(self, logit: Number) -> arb:
        """Return e^(logit - m) at the current precision."""
        return (ball(logit) - ball(self.top)).exp()

    def _tail(self) -> arb:
        """Return t, the sum of the weights below the maximum; exactly 0 when all logits are equal."""
        terms = (ball(n) * self.weight(z) for z, n in self.counts.items() if z != self.top)
        return sum(terms, arb(0))

    def total(self) -> arb:
        """Return n + t, the sum of all weights."""
        return ball(self.counts[self.top]) + self.tail()

    def log_total(self) -> Near:
        """Return log(n + t) >= 0."""
        if self.counts[self.top] == 1:
            return Near(Fraction(0), self.tail().log1p() if len(self.counts) > 1 else arb(0))
        return Near(Fraction(0), self.total().log())

    def probability(self, logit: Number | None) -> Near:
        """Return p at a logit; None stands for -inf."""
        if logit is None:
            return Near(Fraction(0))
        if logit != self.top:
            return Near(Fraction(0), self.weight(logit) / self.total())
        n = self.counts[self.top]
        return Near(1 / Fraction(n), -self.tail() / (ball(n) * self.total()))

    def log_probability(self, logit: Number) -> Near:
        """Return log p at a finite logit."""
        return Near(Fraction(logit) - Fraction(self.top)) - self.log_total()

    def logsumexp(self) -> Near:
        """Return m + log(n + t)."""
        return self.log_total() + Fraction(self.top)

    def mean(self, logits: Sequence[Number | None], v: Sequence[Fraction]) -> Callable[[], Near]:
        """Return a function that encloses sum_j p_j v_j at the current precision.

        The value is exact where every group of equal logits has the same mean of v.
        """
        sums = dict.fromkeys(self.counts, Fraction(0))
        for logit, value in zip(logits, v, strict=True):
            if logit is not None:
                sums[logit] += value
        center = sums[self.top] / self.counts[self.top]
        excess = {z: sums[z] - n * center for z, n in self.counts.items() if sums[z] != n * center}

        def enclose() -> Near:
            terms = (ball(x) * self.weight(z) for z, x in excess.items())
            return Near(center, sum(terms, arb(0)) / self.total() if excess else arb(0))

        return per_precision(enclose)
