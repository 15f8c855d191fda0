"""Implementations in any language: the protocol, the process that is contained, the judge beside it."""
