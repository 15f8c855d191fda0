"""Does an implementation agree: adapters, the judge, the array contract, the reports."""

from softmax_ref.conformance.checking import check
from softmax_ref.conformance.report import Failure, Report

__all__ = ["Failure", "Report", "check"]
