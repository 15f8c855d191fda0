"""Wrong gradients of entmax: weights and orders that are exchanged, or the same at every alpha."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, fault
from softmax_ref.faults.parts import textbook
from softmax_ref.faults.sparse_parts import at_alpha, gradient, on_rows, sorted_entmax15, sorted_sparsemax

SOFT, MIDDLE = gradient(textbook, 1), gradient(sorted_entmax15, 1.5)
SPARSE = gradient(sorted_sparsemax, 2)


def _enter_order(slug, text, fn, flag="wrong-order"):
    fault("entmax_vjp", flag, text, formats=ALL, name=slug)(on_rows(fn))


_enter_order(
    "weights-p-at-every-alpha",
    "the shares are the weights at every alpha",
    at_alpha(SOFT, gradient(sorted_entmax15, 1), gradient(sorted_sparsemax, 1)),
)
_enter_order(
    "weights-to-alpha-minus-one",
    "weights are p^(alpha - 1)",
    at_alpha(gradient(textbook, 2), MIDDLE, gradient(sorted_sparsemax, 1)),
)
_enter_order("softmax-at-every-alpha", "the gradient of softmax at every alpha", lambda z, g, alpha=1.5: SOFT(z, g))
_enter_order(
    "middle-at-every-alpha", "the gradient at alpha = 1.5 at every alpha", lambda z, g, alpha=1.5: MIDDLE(z, g)
)
_enter_order(
    "sparsemax-at-every-alpha", "the gradient of sparsemax at every alpha", lambda z, g, alpha=1.5: SPARSE(z, g)
)
_enter_order("orders-exchanged", "alpha and 3 - alpha are exchanged", at_alpha(SPARSE, MIDDLE, SOFT))
_enter_order(
    "zero-to-the-zero",
    "at alpha = 2 a share of 0 has weight 0^0 = 1",
    at_alpha(SOFT, MIDDLE, lambda z, g: g - g.mean(axis=-1, keepdims=True) + 0 * sorted_sparsemax(z)),
    "gradient-support",
)
_enter_order(
    "nan-at-one", "the general formula gives nan at alpha = 1", at_alpha(lambda z, g: np.nan * g, MIDDLE, SPARSE)
)
_enter_order(
    "sign-at-two", "the sign is lost at alpha = 2", at_alpha(SOFT, MIDDLE, lambda z, g: -SPARSE(z, g)), "gradient-sign"
)
