"""make demo: three softmaxes against the corpus, one report.

Exit status 0 when the verdicts are the expected ones: the textbook formula fails, SciPy conforms on every
float case and breaks the contract of integers, our own conforms at the strict level.
"""

import sys

import numpy as np
from scipy.special import softmax as scipy_softmax

from softmax_ref import check, softmax
from softmax_ref.conformance import Report

__all__ = ["main", "textbook"]

FLOATS = ("binary64", "binary32")


def textbook(z, axis=-1):
    """Return e^z / sum e^z as the textbooks write it, without subtracting a maximum.

    Examples
    --------
    >>> textbook(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    weights = np.exp(z)
    return weights / weights.sum(axis=axis, keepdims=True)


def main() -> int:
    """Print the reports and say whether each verdict is the expected one; return the exit status."""
    verdicts = [
        ("the textbook formula fails, for want of a shift", *_textbook()),
        ("SciPy conforms on every float case, its uint8 is a broken contract", *_scipy()),
        ("our own softmax conforms at the strict level", *_own()),
    ]
    for number, (_, report, _) in enumerate(verdicts, 1):
        print(f"{number}. {report}\n")
    for number, (expected, _, seen) in enumerate(verdicts, 1):
        print(f"{number}. {'as expected' if seen else 'NOT AS EXPECTED'}: {expected}")
    return 0 if all(seen for *_, seen in verdicts) else 1


def _textbook() -> tuple[Report, bool]:
    report = check(textbook, formats=FLOATS, name="textbook formula, no maximum shift")
    leading = [flag for flag, *_ in report.flag_counts()[:3]]
    return report, not report.conforms and "exp-overflow" in leading


def _scipy() -> tuple[Report, bool]:
    report = check(scipy_softmax, formats=(*FLOATS, "integer"), name="scipy.special.softmax")
    broken = {f.case for f in report.failures}
    only_integers = all(case.startswith("contract/integer/") for case in broken)
    return report, only_integers and any(case.startswith("contract/integer/uint8 ") for case in broken)


def _own() -> tuple[Report, bool]:
    report = check(softmax, formats=(*FLOATS, "binary16", "integer"), require="tight", name="softmax_ref.softmax")
    return report, report.conforms


if __name__ == "__main__":
    sys.exit(main())
