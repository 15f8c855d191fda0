"""How it is proved: sums with symbolic K for SymPy, and prove().

``sums``     the normal form by seven rules: normal, same
``proofs``   prove, prove_sign, derivative, assuming, at, gap
``symbols``  K, i, j, z, p, beta, ... and sigma, partition, lse, expectation, variance, entropy_of
``numeric``  the independent evaluator that checks every proof
``ledger``   the claims, where each is derived and what checks it: claims, errata
"""

from importlib import import_module

# Loaded on first use: whoever reads the ledger does not need SymPy.
_LATER = {
    **dict.fromkeys(["ProofError", "assuming", "at", "derivative", "gap", "prove", "prove_sign"], "proofs"),
    **dict.fromkeys(["normal", "same"], "sums"),
    **dict.fromkeys(["claims", "errata"], "ledger"),
}

__all__ = [
    "ProofError",
    "assuming",
    "at",
    "claims",
    "derivative",
    "errata",
    "gap",
    "normal",
    "prove",
    "prove_sign",
    "same",
]


def __getattr__(name: str):
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LATER])
