"""The second engine: every stored value again, by a way that shares nothing with the first.

The first engine encloses the value in a ball and rounds both ends. This one never rounds an enclosure. It asks on
which side of a midpoint of the format the value lies, and turns the question into the sign of a sum of exponentials
with rational exponents:

    p_i > q            exactly when  exp(z_i) - q sum_j exp(z_j) > 0
    LSE(z) > q         exactly when  sum_j exp(z_j) - exp(q) > 0
    log p_i > q        exactly when  exp(z_i - q) - sum_j exp(z_j) > 0

By the theorem of Lindemann and Weierstrass such a sum, with equal exponents collected, is 0 only when every
coefficient is 0. So a tie is an identity between integers, every other sign appears at some finite precision, and a
perturbation of size exp(-1e38) decides as easily as one of size 1: what cancels beside it has cancelled exactly.
Everything is plain integers; exponents are of any size, so the unshifted definition never overflows.

    exponentials  enclosures of exp, sums of exponentials and their exact signs
    quantities    quotients and logarithms of such sums, compared with rationals
    rounding      the formats, and rounding by comparison with midpoints
    slices        one row of logits, equal ones grouped
    formulas      the functions
    averages      means, variances, entropies and log-ratios, with the quantities that these need
    surds         numbers a + b sqrt(c), compared with rationals
    thresholds    the arg max, sparsemax and entmax: no exponentials, but the same comparison with midpoints
    layout        axes, shapes and arguments
"""

from .layout import rederive

__all__ = ["rederive"]
