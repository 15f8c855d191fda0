"""Wrong on purpose: faulty implementations that prove that the corpus bites, and right ones that it lets pass."""

from softmax_ref.faults.catalogue import Control, Fault, controls, faults

__all__ = ["Control", "Fault", "controls", "faults"]
