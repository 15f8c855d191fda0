"""Implementations with one fault each, one class of causes a module."""
