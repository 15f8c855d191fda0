"""Does an implementation agree: adapters, the judge, the array contract, the reports."""

from softmax_ref.conformance.checking import check
from softmax_ref.conformance.failures import Failure
from softmax_ref.conformance.report import Report

__all__ = ["Failure", "Report", "check"]
