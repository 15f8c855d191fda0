"""Results past the largest number of a format without infinities: nan, or that number. Which is a policy."""

from __future__ import annotations

import numpy as np

from softmax_ref.certified import Certificate

__all__ = ["overflowed", "saturated"]


def overflowed(certificate: Certificate) -> np.ndarray:
    """Say of which components the exact value is a number, and the rounded one nan."""
    lost = np.isnan(certificate.values)
    return lost & np.isfinite(_exact(certificate)) if lost.any() else lost


def saturated(certificate: Certificate) -> np.ndarray:
    """Return the rounded values, the largest number of either sign in place of what overflows."""
    lost, values = overflowed(certificate), certificate.values
    return np.where(lost, np.copysign(certificate.format.max, _exact(certificate)), values) if lost.any() else values


def _exact(certificate: Certificate) -> np.ndarray:
    return np.asarray(certificate.decimal(2), np.float64)
