"""How it is proved: sums with symbolic K for SymPy, and prove().

``sums``     the normal form by seven rules: normal, same
``proofs``   prove, prove_sign, derivative, assuming, at, gap
``symbols``  K, i, j, z, p, beta, ... and sigma, partition, lse, expectation, variance, entropy_of
``numeric``  the independent evaluator that checks every proof
"""

from softmax_ref.literate.proofs import ProofError, assuming, at, derivative, gap, prove, prove_sign
from softmax_ref.literate.sums import normal, same

__all__ = ["ProofError", "assuming", "at", "derivative", "gap", "normal", "prove", "prove_sign", "same"]
