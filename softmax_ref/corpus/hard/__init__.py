"""Hard-to-round inputs: where the exact result comes closest to the midpoint of two floats.

draws       integers from a seed and a counter, the same everywhere
scan        binary32: evaluate in binary64 and look at the bits that rounding drops
lines       binary64: a line of neighbouring floats at a time, by Euclid's algorithm
distance    how far a result is from a midpoint, certified
record      the searches, how far they came and what they kept: ``record.json``
searching   how to go on with them
"""
