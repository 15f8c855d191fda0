"""What the numbers are: ball arithmetic gives the correctly rounded value in any format."""

from softmax_ref.certified.certificate import Certificate, certify
from softmax_ref.certified.rounding import CertificationError

__all__ = ["CertificationError", "Certificate", "certify"]
