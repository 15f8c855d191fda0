"""Literate reference and certified test corpus for the softmax family."""

__version__ = "0.1.0"
